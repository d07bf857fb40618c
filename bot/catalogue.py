"""What can be done here, derived from the procedure files: command → form → use case.

Nothing is listed twice: a procedure names its form and commands, a move's `fields` become a
`Form` like any other. Guards, effects and texts are checked once, at the start.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as slot
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError, create_model

from bot.dialogs import contacts, fields
from bot.dialogs.commands import COMMANDS
from bot.dialogs.events import Json, Raw
from bot.dialogs.form import Answers, Context, Form, Is, Pick, Reject, Step, always, line_of
from bot.dialogs.lookup import Lookup
from bot.dialogs.replies import Phrase
from bot.dialogs.wording import check
from bot.errors import BadStart, no_toml
from bot.locale import Texts
from bot.services.effects import EFFECTS
from bot.services.guards import GUARDS
from bot.settings_values import first_mistake
from knowledge.korean import fold
from knowledge.procedures import (
    SHIPPED,
    Field,
    Filing,
    Move,
    Procedure,
    ProcedureError,
    Procedures,
    load_procedures,
)

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Number(fields.Text):
    """A whole number between two others; `numbers` are offered as buttons."""

    least: int = 0
    greatest: int = 0
    numbers: tuple[str, ...] = ()

    def parse(self, raw: Raw, ctx: Context) -> Json:  # noqa: ARG002
        text = line_of(raw).removesuffix("일").strip()
        if not text.isdecimal() or not self.least <= int(text) <= self.greatest:
            raise Reject("number_range", least=self.least, greatest=self.greatest)
        return int(text)

    def options(self, base: str, answers: Answers, ctx: Context) -> Sequence[Pick]:  # noqa: ARG002
        return [Pick(int(one), Phrase(f"{base}.options.{one}")) for one in self.numbers]


@dataclass(frozen=True, slots=True)
class Book:
    """The forms of all procedures, and which command opens which.

    `opens`: the command of each word (folded) by which people call a procedure.
    """

    procedures: Procedures
    forms: Mapping[str, Form[Any]]
    commands: Mapping[str, str]
    moves: Mapping[tuple[str, int, str], Form[Any]]
    opens: Mapping[str, str] = slot(default_factory=dict)

    def command(self, name: str) -> str | None:
        """Give the procedure that a command opens."""
        return self.commands.get(name)

    def form(self, procedure: str) -> Form[Any]:
        """Give the form of a procedure's filing; raises KeyError."""
        return self.forms[procedure]

    def move_form(self, procedure: str, version: int, action: str) -> Form[Any] | None:
        """Give the form of a move's fields; None when the move asks nothing."""
        return self.moves.get((procedure, version, action))


def load(texts: Texts, dirs: Sequence[Path] = (SHIPPED,)) -> Book:
    """Read and check the procedures; raises `BadStart` naming file, key and reason."""
    try:
        procedures = load_procedures(dirs, guards=GUARDS, effects=EFFECTS)
    except ProcedureError as bad:
        raise BadStart(bad.file, bad.key, _reason(bad)) from bad
    commands: dict[str, str] = {}
    opens: dict[str, str] = {}
    forms: dict[str, Form[Any]] = {}
    moves: dict[tuple[str, int, str], Form[Any]] = {}
    for procedure in procedures.values():
        forms[procedure.id] = _filing_form(procedure.id, procedure.filing)
        check(forms[procedure.id], texts)
        for command in procedure.filing.commands:
            if command in commands:
                raise BadStart(
                    procedure.id, f"filing.commands.{command}", "다른 절차를 여는 명령입니다"
                )
            commands[command] = procedure.id
        _opens(texts, procedure, opens)
    for procedure in procedures.every():
        _speaks(texts, procedure)
        for move in procedure.moves.values():
            if move.fields:
                _of_what(procedure.id, move, forms[procedure.id])
                form = move_form(move, texts, procedure.version)
                moves[procedure.id, procedure.version, move.action] = form
    return Book(procedures, forms, commands, moves, opens)


def _reason(bad: ProcedureError) -> str:
    """Put our words for Python's and pydantic's."""
    match bad.__cause__:
        case tomllib.TOMLDecodeError() | UnicodeDecodeError() as why:
            return no_toml(why)
        case ValidationError() as why:
            return first_mistake(why)[1]
    return bad.reason


def move_form(move: Move, texts: Texts, version: int = 1) -> Form[Any]:
    """Make the form of a move's fields; its texts are `move.<action>.<field>`, or `field.…`."""
    steps = tuple(_step(move, field, texts) for field in move.fields)
    answers = create_model(
        f"Move_{move.action}",
        __base__=BaseModel,
        **{field.name: _slot(field) for field in move.fields},
    )
    return Form(f"move.{move.action}", version, answers, steps, summary=False)


def _filing_form(procedure: str, filing: Filing) -> Form[Any]:
    name = filing.form
    try:
        form = import_module(f"bot.dialogs.{name}").FORM
    except (ImportError, AttributeError) as error:
        raise BadStart(procedure, "filing.form", f"그런 서식이 없습니다: {name}") from error
    assert isinstance(form, Form)
    if form.id != procedure:
        raise BadStart(procedure, "filing.form", f"다른 절차의 서식입니다: {form.id}")
    if filing.only is not None and form.step(filing.only.field) is None:
        raise BadStart(procedure, "filing.only", f"그런 물음이 없습니다: {filing.only.field}")
    return form


def _of_what(procedure: str, move: Move, filed: Form[Any]) -> None:
    """Stop at a field that hangs on an answer which the form never has."""
    for at, field in enumerate(move.fields):
        if field.of and filed.step(field.of) is None:
            key = f"moves.{move.action}.fields.{at}.of"
            raise BadStart(procedure, key, f"서식에 없는 칸입니다: {field.of}")


def _opens(texts: Texts, procedure: Procedure, opens: dict[str, str]) -> None:
    """Note the words that open what the menu offers, in every language."""
    filing = procedure.filing
    if filing.only is not None:
        _said(texts, procedure.id, f"{procedure.id}.not_filed")
    if filing.menu:
        _said(texts, procedure.id, f"{procedure.id}.menu")
    if not filing.menu or "citizen" not in filing.by:
        return
    _said(texts, procedure.id, f"{procedure.id}.words")
    key = f"{procedure.id}.words"
    for lang in texts.languages:
        for word in texts.raw(key, lang).split() if key in texts.keys(lang) else ():
            if opens.setdefault(fold(word), filing.command) != filing.command or (
                fold(word) in COMMANDS
            ):
                raise BadStart(procedure.id, key, f"다른 일을 여는 말입니다: {word}")


def _speaks(texts: Texts, procedure: Procedure) -> None:
    """Check that a procedure has its sentences: states, stops, notices, moves."""
    states = [f"{table}.{name}" for name in procedure.states for table in ("state", "next")]
    moves = [f"move.{action}.name" for action in procedure.moves]
    for key in (*procedure.text_keys(), *states, *moves):
        _said(texts, procedure.id, key)


def _said(texts: Texts, procedure: str, key: str) -> None:
    """Refuse a key without a text; a procedure's own words (`<key>_<procedure>`) are enough."""
    if not texts.has(key) and not texts.has(f"{key}_{procedure}"):
        raise BadStart(procedure, key, "이 이름의 문장이 없습니다")


def _step(move: Move, field: Field, texts: Texts) -> Step:
    own = f"move.{move.action}.{field.name}"
    text = own if texts.has(f"{own}.ask") else f"field.{field.name}"
    for key in ("ask", *(f"options.{value}" for value in field.options)):
        _said(texts, move.action, f"{text}.{key}")
    shared: dict[str, Any] = {
        "optional": field.optional,
        "when": Is(field.when.field, field.when.values) if field.when else always,
        "text": text,
        "of": field.of,
    }
    return _kind(field, shared)


def _kind(field: Field, shared: dict[str, Any]) -> Step:
    if field.number is not None:
        least, greatest = field.number
        shared |= {"least": least, "greatest": greatest, "numbers": field.options}
        return Number(field.name, **shared)
    if field.kind == "lookup":
        return Lookup(field.name, list=field.lookup, **shared)
    own: Mapping[str, dict[str, Any]] = {
        "choice": {"values": field.options},
        "many": {"values": field.options},
        "files": {"most": field.most or 5},
        "long": {"most": field.most or 4000},
        "text": {"most": field.most or 200},
        "day": {"past": field.days != "future", "future": field.days != "past"},
    }
    return _STEPS[field.kind](field.name, **own.get(field.kind, {}), **shared)


_STEPS: Mapping[str, type[Step]] = {
    "text": fields.Text,
    "long": fields.LongText,
    "choice": fields.Choice,
    "many": fields.Many,
    "day": fields.Day,
    "place": fields.Place,
    "phone": contacts.Phone,
    "email": contacts.Email,
    "address": contacts.Address,
    "files": fields.Files,
    "consent": fields.Consent,
    "notice": fields.Notice,
}
_TYPES: Mapping[str, Any] = {
    "many": list[str],
    "day": date,
    "place": Document,
    "lookup": Document,
    "files": list[Document],
    "consent": bool,
}


def _slot(field: Field) -> Any:
    kind = int if field.number is not None else _TYPES.get(field.kind, str)
    if field.optional or field.when is not None or field.of:
        return (kind | None, None)
    return (kind, ...)
