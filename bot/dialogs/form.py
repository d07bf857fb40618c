"""A form is a value: a pydantic model and a tuple of steps; everything else is derived from it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol, TypeAlias, TypeVar

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from bot.dialogs.events import Json, Raw
    from bot.dialogs.replies import Input, Param, Phrase, Reply, Words
    from bot.locale import Texts

Answers: TypeAlias = "Mapping[str, Json]"
A = TypeVar("A", bound=BaseModel)


class Reject(ValueError):  # noqa: N818 - an answer that cannot be taken is expected
    """Expected bad input: the end of a text key and its parameters, never a sentence."""

    def __init__(self, key: str, **params: Param) -> None:
        super().__init__(key)
        self.key = key
        self.params = params


@dataclass(frozen=True, slots=True)
class Found:
    """One finding of a lookup; `note` is "self" for the unit that would judge itself."""

    value: str
    label: str
    note: str = ""

    def json(self) -> dict[str, Json]:
        return {"value": self.value, "label": self.label, "note": self.note}


class Choose(Reject):
    """Several things fit: the candidates become options."""

    def __init__(self, key: str, said: str, candidates: Sequence[Found]) -> None:
        super().__init__(key)
        self.said = said
        self.candidates = tuple(candidates)


class Lookups(Protocol):
    """What a form may look up while it is filled in; answers from memory."""

    def find(self, name: str, query: str) -> Sequence[Found]:
        """Give what fits `query` in the list `name`, best first."""
        ...


class NoLookups:
    """Finds nothing."""

    def find(self, name: str, query: str) -> Sequence[Found]:  # noqa: ARG002
        return ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What the channel at hand can carry."""

    file_bytes: int = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Context:
    """All that a turn may know beside its state: the engine has no clock and no I/O.

    `now` is aware of its zone. `aside` is the ready answer if the words at hand could be a side
    question. `messenger` names the messenger ("telegram"), "" on the agency's own page.
    `personal`: yes = personal steps may be asked here; offer = only after the offer of the
    agency's page (recorded consent); no = never. `site` holds what `site.toml` says.
    """

    now: datetime
    texts: Texts
    lang: str = "ko"
    lookups: Lookups = field(default_factory=NoLookups)
    personal: Literal["yes", "offer", "no"] = "yes"
    limits: Limits = field(default_factory=Limits)
    aside: tuple[Reply, ...] | None = None
    prefill: Answers = field(default_factory=lambda: MappingProxyType({}))
    pages: bool = False
    messenger: str = ""
    site: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def always(answers: Answers) -> bool:  # noqa: ARG001
    """Ask whatever was said before."""
    return True


@dataclass(frozen=True, slots=True)
class Is:
    """A condition that can be told to a page: the step `name` has one of `values`."""

    name: str
    values: tuple[str, ...]

    def __call__(self, answers: Answers) -> bool:
        return answers.get(self.name) in self.values


@dataclass(frozen=True, slots=True)
class Pick:
    """One thing to choose: the value it stands for and what is written on it."""

    value: Json
    label: Words
    hint: Words | None = None
    command: str | None = None  # leaves the form for a command instead of answering
    show: Words | None = None  # shows these words and asks again


@dataclass(frozen=True, slots=True)
class Step:
    """One question. The words are found by convention: `<form>.<name>.ask`, `.hint`, `.error.…`.

    `when` sees only the answers of earlier, visible steps. `ask`: always; if_unknown = not asked
    once `known` (or an answer) says so; edit = only from the summary. `on` keeps a step to
    messengers. `shown` says when it stands in the summary. A `transient` step leaves no answer.
    """

    name: str
    _: KW_ONLY
    optional: bool = False
    when: Callable[[Answers], bool] = always
    personal: bool = False
    group: str | None = None
    ask: Literal["always", "if_unknown", "edit"] = "always"
    known: Callable[[Answers], bool] | None = None
    on: Literal["any", "messenger"] = "any"
    text: str | None = None
    shown: Literal["always", "answered", "never"] = "answered"
    remarks: tuple[str, ...] = ()

    input: ClassVar[Input] = "none"
    transient: ClassVar[bool] = False
    collects: ClassVar[bool] = False
    closed: ClassVar[bool] = False

    def parse(self, raw: Raw, ctx: Context) -> Json:
        """Give the value of an answer as it arrived; raises `Reject`."""
        raise NotImplementedError

    def options(self, base: str, answers: Answers, ctx: Context) -> Sequence[Pick]:  # noqa: ARG002
        """Give what can be chosen; `base` is where the step's texts stand."""
        return ()

    def show(self, base: str, value: Json) -> Words:  # noqa: ARG002
        """Say a value back in the summary."""
        return str(value)

    def settle(self, value: Json, answers: dict[str, Json]) -> None:
        """Change other answers when this one is given (only a consent to keep words does)."""


@dataclass(frozen=True, slots=True)
class Errors:
    """What is wrong with a whole form, by step."""

    by: Mapping[str, Phrase]


@dataclass(frozen=True, slots=True)
class Form(Generic[A]):
    """The typed result and the steps that lead to it; checked against each other when made."""

    id: str
    version: int
    answers: type[A]
    steps: tuple[Step, ...]
    summary: bool = True
    _by: dict[str, Step] = field(init=False, repr=False, compare=False, default_factory=dict)

    def base(self, step: Step) -> str:
        """Give the key under which the step's texts stand."""
        return step.text or f"{self.id}.{step.name}"

    def step(self, name: str) -> Step | None:
        return self._by.get(name)

    def visible(self, answers: Answers, ctx: Context) -> tuple[Step, ...]:
        """Give the steps that these answers lead to; what hangs on a hidden step is hidden."""
        raise NotImplementedError

    def validate(self, raw: Mapping[str, Raw], ctx: Context) -> A | Errors:
        """Check the whole form at once and give its result, or all errors."""
        raise NotImplementedError

    def result(self, answers: Answers, ctx: Context) -> A:
        """Give the typed result of parsed answers; hidden ones are left out."""
        raise NotImplementedError


AnyForm: TypeAlias = Form[Any]
