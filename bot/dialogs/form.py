"""A form is a value: a pydantic model and a tuple of steps; everything else is derived from it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol, TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError

from bot.dialogs.replies import Phrase
from bot.errors import BadStart
from knowledge.identity import mask_numbers
from knowledge.korean import SEOUL, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from bot.dialogs.events import Json, Raw
    from bot.dialogs.replies import Block, Input, Param, Reply, Words
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
    exact: bool = False  # the query was its name, its code or an alias

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
    def find(self, name: str, query: str) -> Sequence[Found]:  # noqa: ARG002
        return ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What the channel at hand can carry.

    `day_bytes`: what this person may still send today, where files are fetched later.
    """

    file_bytes: int = 20 * 1024 * 1024
    day_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """All that a turn may know beside its state: the engine has no clock and no I/O.

    `now` is aware of its zone. `aside` is the ready answer if the words at hand could be a side
    question. `messenger` names the messenger ("telegram"), "" on the agency's own page.
    `personal`: yes = personal steps may be asked here; offer = only after the offer of the
    agency's page (recorded consent); no = never. `site` holds what `site.toml` says, `filed` what
    the filing says whose move this is, `opens` the words that open a procedure and its command.
    """

    now: datetime
    texts: Texts
    lang: str = "ko"
    lookups: Lookups = field(default_factory=NoLookups)
    personal: Literal["yes", "offer", "no"] = "yes"
    limits: Limits = field(default_factory=Limits)
    aside: tuple[Reply, ...] | None = None
    prefill: Answers = field(default_factory=lambda: MappingProxyType({}))
    filed: Answers = field(default_factory=lambda: MappingProxyType({}))
    pages: bool = False
    messenger: str = ""
    site: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    opens: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def today(self) -> date:
        """The day it is in Seoul, wherever the machine stands."""
        return self.now.astimezone(SEOUL).date()


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


@dataclass(slots=True)  # not frozen: made by the dozen in every turn, and never changed
class Pick:
    """One thing to choose: the value it stands for and what is written on it."""

    value: Json
    label: Words
    hint: Words | None = None
    act: str = "answer"  # or done, skip, open, retry, toggle, command, show: see engine.py
    word: Literal["", "yes", "no"] = ""  # a plain yes or no means it too
    url: str | None = None  # it only leads out


@dataclass(slots=True)
class Shown:
    """How a question stands now: its words and what can be pressed.

    `closed`: what is typed is looked for among the picks first, by number too. `blocks` are words
    to take away, and `file` what they are called together.
    """

    text: Words
    picks: tuple[Pick, ...] = ()
    hint: bool = True
    closed: bool = False
    blocks: tuple[Block, ...] = ()
    file: Words = ""


def line_of(raw: Raw) -> str:
    """Give a raw answer as one clean line; anything but words and numbers is no answer."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise Reject("text")
    return clean_line(str(raw))


@dataclass(frozen=True, slots=True)
class Step:
    """One question. The words are found by convention: `<form>.<name>.ask`, `.hint`, `.error.…`.

    `when` sees only the answers of earlier, visible steps. `ask`: always; if_unknown = not asked
    once `known` (or an answer) says so; edit = only from the summary. `on` keeps a step to
    messengers, `unless` leaves it out where the site's setting has that value, `of` where the
    filing that a move is about has no such answer (its words are given as `{of}`). `shown` says when it stands in the summary. `infos` are buttons that show a text
    (`.info.<name>` and `.info.<name>_text`). A `transient` step leaves no answer in the result.
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
    unless: tuple[str, str] | None = None
    of: str = ""
    text: str | None = None
    shown: Literal["always", "answered", "never"] = "answered"
    remarks: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()

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

    def ask_words(self, base: str, answers: Answers, ctx: Context) -> Words:  # noqa: ARG002
        """Give the question as a page of the whole form asks it."""
        return Phrase(f"{base}.ask", {"of": str(ctx.filed.get(self.of) or "")} if self.of else {})

    def present(self, base: str, draft: Json, answers: Answers, ctx: Context) -> Shown:  # noqa: ARG002
        """Give the question as it stands now; `draft` is what was begun."""
        return Shown(Phrase(f"{base}.ask"), tuple(self.options(base, answers, ctx)))

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
    """The typed result and the steps that lead to it; checked against each other when made.

    `summary` False: done with its last answer, without a last look. `carries`: own step →
    "other_form.step" that means the same. `reads`: what first words tell beyond doubt, to be shown.
    """

    id: str
    version: int
    answers: type[A]
    steps: tuple[Step, ...]
    summary: bool = True
    carries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reads: Callable[[str], Mapping[str, Json]] | None = None
    _by: dict[str, Step] = field(init=False, repr=False, compare=False, default_factory=dict)
    # The steps as `walk` needs them, several times a turn: what is always asked anywhere is not
    # asked about, and the commonest condition is looked at without a call.
    _plan: list[tuple[Step, Callable[[Answers], bool] | None, Is | None, bool]] = field(
        init=False, repr=False, compare=False, default_factory=list
    )

    def __post_init__(self) -> None:
        for step in self.steps:
            if step.name in self._by:
                raise BadStart(self.id, step.name, "두 번 있습니다")
            self._by[step.name] = step
            self._check(step)
            when = None if step.when is always else step.when
            hangs_on = when if isinstance(when, Is) else None
            bound = step.on != "any" or step.unless is not None or bool(step.of)
            self._plan.append((step, when, hangs_on, bound))
        for name in set(self.answers.model_fields) - set(self._by):
            raise BadStart(self.id, name, "물음이 없는 칸입니다")
        for name in self.carries.keys() - self._by.keys():
            raise BadStart(self.id, f"carries.{name}", "그런 물음이 없습니다")

    def _check(self, step: Step) -> None:
        found = self.answers.model_fields.get(step.name)
        if (found is None) != step.transient:
            raise BadStart(
                self.id,
                step.name,
                "답을 둘 칸이 없습니다" if found is None else "답을 두지 않는 물음입니다",
            )
        sure = step.when is always and step.ask == "always" and step.on == "any"
        sure = sure and step.unless is None and not step.of
        if found is not None and found.is_required() and (step.optional or not sure):
            raise BadStart(self.id, step.name, "답이 없을 수 있어 기본값이 있어야 합니다")

    def base(self, step: Step) -> str:
        """Give the key under which the step's texts stand."""
        return step.text or f"{self.id}.{step.name}"

    def step(self, name: str) -> Step | None:
        return self._by.get(name)

    def walk(self, answers: Answers, ctx: Context) -> tuple[list[Step], dict[str, Json]]:
        """Give the visible steps and their answers; what hangs on a hidden step is hidden."""
        visible: list[Step] = []
        known: dict[str, Json] = {}
        for step, when, hangs_on, bound in self._plan:
            if hangs_on is not None:
                if known.get(hangs_on.name) not in hangs_on.values:
                    continue
            elif when is not None and not when(known):
                continue
            if bound and not wanted(step, ctx):
                continue
            visible.append(step)
            if step.name in answers:
                known[step.name] = answers[step.name]
        return visible, known

    def visible(self, answers: Answers, ctx: Context) -> tuple[Step, ...]:
        """Give the steps that these answers lead to."""
        return tuple(self.walk(answers, ctx)[0])

    def reject(self, step: Step, why: Reject, texts: Texts) -> Phrase:
        """Give the sentence of an error: the step's own, or the one all forms share."""
        key = f"{self.base(step)}.error.{why.key}"
        return Phrase(key if texts.has(key) else f"error.{why.key}", why.params)

    def validate(self, raw: Mapping[str, Raw], ctx: Context) -> A | Errors:
        """Check the whole form at once and give its result, or all errors by step."""
        values: dict[str, Json] = {}
        errors: dict[str, Phrase] = {}
        for step in self.steps:
            if not step.transient and step.when(values) and wanted(step, ctx):
                try:
                    values[step.name] = self.take(step, raw.get(step.name), values, ctx)
                except Reject as why:
                    errors[step.name] = self.reject(step, why, ctx.texts)
        for name in self._by.keys() - values.keys() - errors.keys():
            found = self.answers.model_fields.get(name)
            if found is not None and found.is_required():  # emptied by a consent refused
                errors[name] = self.reject(self._by[name], Reject("required"), ctx.texts)
        return Errors(errors) if errors else self._checked(values, ctx)

    def _checked(self, values: dict[str, Json], ctx: Context) -> A | Errors:
        """Give the result; what the model alone refuses is an error of its field."""
        try:
            return self.result(values, ctx)
        except ValidationError as bad:
            names = {str(error["loc"][0]) for error in bad.errors() if error["loc"]}
            steps = [step for step in self.steps if step.name in names]
            return Errors({s.name: self.reject(s, Reject("text"), ctx.texts) for s in steps})

    def take(self, step: Step, raw: Raw, values: dict[str, Json], ctx: Context) -> Json:
        """Parse one answer of a page; an empty one is a skip where that is allowed."""
        if raw is None or raw in ("", []):
            if default := getattr(step, "default", ""):
                return str(default)
            if step.optional or step.ask != "always":
                return None
            raise Reject("required")
        most = getattr(step, "most", None)
        if step.input == "long" and isinstance(raw, str) and most is not None and len(raw) > most:
            # In a chat the beginning is kept and the rest asked for; here nobody would be told.
            raise Reject("long_whole", most=f"{most:,}", have=f"{len(raw):,}")
        try:
            value = step.parse(hide_numbers(raw, ctx.today), ctx)
        except Choose as several:
            if not getattr(step, "free", False):
                raise
            value = Found("", several.said).json()  # a page cannot ask which; words are enough
        step.settle(value, values)
        return value

    def result(self, answers: Answers, ctx: Context) -> A:
        """Give the typed result of parsed answers; hidden and skipped ones are left out.

        What was not asked has the value that a page would have sent untouched.
        """
        visible, known = self.walk(answers, ctx)
        values: dict[str, Json] = {}
        for step in visible:
            value = known.get(step.name)
            if value is None and step.name not in known:
                value = getattr(step, "default", None) or None
            if value is not None and not step.transient:
                values[step.name] = value
        return self.answers.model_validate(values)


AnyForm: TypeAlias = Form[Any]


def said(ctx: Context, base: str, name: str, shared: str, **params: Param) -> Phrase:
    """Give a step's own words, or the ones that all forms share."""
    own = f"{base}.{name}"
    return Phrase(own if ctx.texts.has(own) else shared, params)


def wanted(step: Step, ctx: Context) -> bool:
    """Tell whether channel, site and the filing at hand want a step at all."""
    if step.on == "messenger" and not ctx.messenger:
        return False
    if step.of and not ctx.filed.get(step.of):
        return False
    return step.unless is None or ctx.site.get(step.unless[0]) != step.unless[1]


def hide_numbers(raw: Raw, today: date) -> Raw:
    """Hide identity numbers in an answer of any shape (S27)."""
    if isinstance(raw, str):
        return mask_numbers(raw, today).text
    if isinstance(raw, list):
        return [hide_numbers(item, today) for item in raw]
    if isinstance(raw, dict):
        return {key: hide_numbers(item, today) for key, item in raw.items()}
    return raw
