"""A form as the fields of a page: what `templates/form.html` draws, and what a page sends back.

The steps of a form stay the only place that knows what is asked and what is accepted; here they
only get names, values and errors as a page needs them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from bot.dialogs.events import Json, Raw
from bot.dialogs.form import Context, Form, Found, Is, Pick, Step, wanted
from bot.dialogs.lookup import Lookup
from bot.dialogs.replies import Input, Phrase, Words

Say = Callable[[Words], str]


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field, its words finished. `values` is what is chosen, `value` what is written."""

    name: str
    input: Input
    label: str
    hint: str = ""
    error: str = ""
    optional: bool = False
    values: tuple[str, ...] = ()
    options: tuple[Choice, ...] = ()
    most: int | None = None
    max: int | None = None
    lines: bool = False
    accept: str = ""
    when: tuple[str, tuple[str, ...]] | None = None

    @property
    def id(self) -> str:
        return f"f-{self.name}"

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def grouped(self) -> bool:
        return self.input in {"choice", "many", "consent"}

    @property
    def rows(self) -> int:
        return 6 if self.input == "long" else 3 if self.lines else 1


def fields(
    form: Form[Any],
    values: Mapping[str, Json],
    ctx: Context,
    say: Say,
    errors: Mapping[str, Words] | None = None,
) -> tuple[Field, ...]:
    """Give every step of a form as a field, with what was typed and what was wrong with it."""
    wrong = errors or {}
    return tuple(
        _field(form, step, values, ctx, say, wrong.get(step.name))
        for step in form.steps
        if not step.of or wanted(step, ctx)
    )


def _field(
    form: Form[Any],
    step: Step,
    values: Mapping[str, Json],
    ctx: Context,
    say: Say,
    error: Words | None,
) -> Field:
    base = form.base(step)
    picks = [pick for pick in step.options(base, values, ctx) if pick.act == "answer"]
    options = tuple(
        Choice(_value(step, pick), say(pick.label), say(pick.hint) if pick.hint else "")
        for pick in picks
    )
    options += tuple(Choice(one.value, one.label) for one in _whole_list(step, ctx))
    most = getattr(step, "most", None)
    return Field(
        name=step.name,
        input=step.input,
        label=say(step.ask_words(base, values, ctx)),
        hint=say(Phrase(f"{base}.hint")) if ctx.texts.has(f"{base}.hint") else "",
        error=say(error) if error is not None else "",
        optional=step.optional,
        values=_written(values.get(step.name)),
        options=options,
        most=most if step.input == "files" else None,
        max=most if step.input == "text" else None,  # a browser cuts what is pasted, unasked
        lines=bool(getattr(step, "lines", False)),
        when=(step.when.name, step.when.values) if isinstance(step.when, Is) else None,
    )


def _value(step: Step, pick: Pick) -> str:
    """Give the value of an option; a consent that is refused is an answer too."""
    return _plain(pick.value) or ("no" if step.input == "consent" else "")


@runtime_checkable
class _Listed(Protocol):
    """Lists short enough to be shown as a whole."""

    def all(self, name: str) -> Sequence[Found]: ...


def _whole_list(step: Step, ctx: Context) -> Sequence[Found]:
    """Give everything a lookup may find, for a page that shows it as a choice."""
    if isinstance(step, Lookup) and isinstance(ctx.lookups, _Listed):
        return ctx.lookups.all(step.list)
    return ()


def _written(value: Json) -> tuple[str, ...]:
    if value is None or value is False:
        return ()
    if isinstance(value, list):
        return tuple(_plain(one) for one in value if not isinstance(one, dict))
    if isinstance(value, dict):  # something looked up, or a place
        return (_plain(value.get("value") or value.get("label") or value.get("text")),)
    return (_plain(value),)


def _plain(value: Json) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)


def sent(form: Form[Any], words: Callable[[str], Sequence[str]]) -> dict[str, Raw]:
    """Give what a page sent as the raw answers of the form: a list where several may be chosen.

    Files are not here: whoever took them in adds them under their step's name.
    """
    raw: dict[str, Raw] = {}
    for step in form.steps:
        given = [word for word in words(step.name) if word.strip()]
        if step.input == "many":
            raw[step.name] = list(given)
        elif given and step.input != "files":
            raw[step.name] = given[-1]
    return raw
