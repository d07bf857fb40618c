"""What can be done here, derived from the procedure files: command → form → use case.

Nothing is listed twice: a procedure names its form and commands, a move's `fields` become a
`Form` like any other. Guards, effects and texts are checked once, at the start.
"""

import stat
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as slot
from datetime import date
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError, create_model

from bot.dialogs import contacts, fields
from bot.dialogs.commands import COMMANDS
from bot.dialogs.events import Json, Raw
from bot.dialogs.form import Answers, Context, Form, Is, Pick, Reject, Step, always, line_of
from bot.dialogs.lookup import Lookup
from bot.dialogs.replies import Phrase
from bot.dialogs.told import Told
from bot.dialogs.wording import check
from bot.errors import BadStart, no_toml
from bot.locale import Texts
from bot.services.effects import ASKS, EFFECTS
from bot.services.guards import GUARDS
from bot.services.lookups import LISTS
from bot.settings import Site
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
KEPT = frozenset(COMMANDS.values())
"""Commands of the service itself."""

OWN_FORMS = "jeokgeuk_forms."
"""What stands before the name of a module that an agency has written."""


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


def load(texts: Texts, dirs: Sequence[Path] = (SHIPPED,), *, forms: Path | None = None) -> Book:
    """Read and check the procedures; raises `BadStart` naming file, key and reason.

    `forms` is the folder with the forms of the procedures that an agency adds.
    """
    try:
        procedures = load_procedures(dirs, guards=GUARDS, effects=EFFECTS)
    except ProcedureError as bad:
        raise BadStart(bad.file, bad.key, _reason(bad)) from bad
    loader = _Loader(texts, procedures, forms)
    for procedure in procedures.values():
        loader.filing(procedure)
    for procedure in procedures.every():
        loader.moves(procedure)
    return loader.book


def check_settings(book: Book, site: Site) -> None:
    """Stop at a setting that `site.toml` does not know; raises `BadStart`."""
    for procedure in book.procedures.every():
        settings = {
            f"deadlines.{name}.setting": rule for name, rule in procedure.deadlines.items()
        }
        wanted = {key: rule.setting for key, rule in settings.items()}
        for key, path in {"filing.needs": procedure.filing.needs, **wanted}.items():
            if path and not _known(site, path, number=key in settings):
                file = book.procedures.file(procedure)
                raise BadStart(file, key, f"site.toml에 그런 설정이 없습니다: {path}")


def _known(site: Site, path: str, *, number: bool) -> bool:
    try:
        value = site.value(path)
    except AttributeError:
        return False
    return not number or value is None or isinstance(value, int)


class _Loader:
    """Checks what the files say against forms and texts, and gathers the book."""

    def __init__(self, texts: Texts, procedures: Procedures, forms: Path | None) -> None:
        self._texts = texts
        self._forms = forms
        self._files = procedures.file
        self.opens: dict[str, str] = {}
        self.commands: dict[str, str] = {}
        self.forms: dict[str, Form[Any]] = {}
        self.asked: dict[tuple[str, int, str], Form[Any]] = {}
        self.book = Book(procedures, self.forms, self.commands, self.asked, self.opens)

    def filing(self, procedure: Procedure) -> None:
        """Take the form, the commands and the words of a procedure."""
        filing = procedure.filing
        form = self._form(procedure)
        self.forms[procedure.id] = form
        check(form, self._texts)
        if form.id != procedure.id:
            raise self._bad(procedure, "filing.form", f"다른 절차의 서식입니다: {form.id}")
        for key, name in _hangs(filing):
            if form.step(name) is None:
                raise self._bad(procedure, key, f"그런 물음이 없습니다: {name}")
        for command in filing.commands:
            if command in self.commands or command in KEPT:
                key = f"filing.commands.{command}"
                raise self._bad(procedure, key, "다른 일을 여는 명령입니다")
            self.commands[command] = procedure.id
        self._said(procedure, f"{procedure.id}.title")
        self._words(procedure)

    def moves(self, procedure: Procedure) -> None:
        """Check that a procedure has its sentences, and make the forms of its moves."""
        own = {f"{at}.{name}" for name in procedure.states for at in ("status", "state", "next")}
        for move in procedure.moves.values():
            own |= {f"notice.{one.key}" for one in move.notify if one.to != "unit"}
        plain = {f"move.{action}.name" for action in procedure.moves}
        for key in sorted({*procedure.text_keys(), *own, *plain}):
            self._said(procedure, key, own=key in own)
        for at, name in enumerate(procedure.replies.by if procedure.replies else ()):
            if self.forms[procedure.id].step(name) is None:
                key = f"replies.by.{at}"
                raise self._bad(procedure, key, f"서식에 없는 칸입니다: {name}")
        for move in procedure.moves.values():
            for where, key, reason in _strange(move, self.forms[procedure.id]):
                raise self._bad(procedure, f"moves.{move.action}.{where}.{key}", reason)
            if move.fields:
                for field in move.fields:
                    for key in _field_keys(move, field, self._texts):
                        self._said(procedure, key)
                made = move_form(move, self._texts, procedure.version)
                self.asked[procedure.id, procedure.version, move.action] = made

    def _form(self, procedure: Procedure) -> Form[Any]:
        name = procedure.filing.form
        own = self._forms / f"{name}.py" if self._forms is not None else None
        ours = find_spec(f"bot.dialogs.{name}") if name.isidentifier() else None
        if own is not None and own.is_file():
            if ours is not None:
                raise BadStart(str(own), "FORM", "이 서비스에 있는 서식의 이름입니다")
            return read_form(own)
        found = getattr(import_module(ours.name), "FORM", None) if ours is not None else None
        if not isinstance(found, Form):
            raise self._bad(procedure, "filing.form", f"그런 서식이 없습니다: {name}")
        return found

    def _words(self, procedure: Procedure) -> None:
        """Note the words that open what the menu offers, in every language."""
        filing, texts = procedure.filing, self._texts
        if filing.only is not None:
            self._said(procedure, f"{procedure.id}.not_filed")
        if filing.menu:
            self._said(procedure, f"{procedure.id}.menu")
        if not filing.menu or "citizen" not in filing.by:
            return
        key = f"{procedure.id}.words"
        self._said(procedure, key)
        for lang in texts.languages:
            for word in texts.raw(key, lang).split() if key in texts.keys(lang) else ():
                opened = self.opens.setdefault(fold(word), filing.command)
                if opened != filing.command or fold(word) in COMMANDS:
                    raise self._bad(procedure, key, f"다른 일을 여는 말입니다: {word}")

    def _said(self, procedure: Procedure, key: str, *, own: bool = False) -> None:
        """Stop at a key without a text; where the procedure may have its own, that is enough."""
        if not self._texts.has(self._texts.own(key, procedure.id) if own else key):
            raise self._bad(procedure, key, "이 이름의 문장이 없습니다")

    def _bad(self, procedure: Procedure, key: str, reason: str) -> BadStart:
        return BadStart(self._files(procedure), key, reason)


def _hangs(filing: Filing) -> Iterator[tuple[str, str]]:
    """Give the answers of its form that a filing hangs on, with the keys that name them."""
    if filing.only is not None:
        yield "filing.only", filing.only.field
    if filing.branch is not None:
        yield "filing.branch", filing.branch.field
    for name in filing.keeps:
        yield "filing.keeps", name
    if filing.cases:
        yield "filing.cases", filing.cases


def _strange(move: Move, filed: Form[Any]) -> Iterator[tuple[str, str, str]]:
    """Give what effects and fields name and what there is not: where, the key, the reason."""
    for at, name in enumerate(move.effects):
        for wanted in ASKS.get(name, ()):
            if move.field(wanted) is None:
                yield "effects", str(at), f"이 효과가 읽는 칸이 없습니다: {wanted}"
    for at, field in enumerate(move.fields):
        if field.of and filed.step(field.of) is None:
            yield f"fields.{at}", "of", f"서식에 없는 칸입니다: {field.of}"
        if field.lookup and field.lookup not in LISTS:
            yield f"fields.{at}", "lookup", f"모르는 목록입니다: {field.lookup}"


def read_form(path: Path) -> Form[Any]:
    """Read a form from an agency's own file; raises `BadStart`.

    It is a Python module and runs with the rights of the service, so nobody else may write it.
    """
    if path.stat().st_mode & (stat.S_IWOTH | stat.S_IWGRP):
        raise BadStart(str(path), "FORM", "다른 사람이 쓸 수 있는 파일입니다(chmod go-w)")
    spec = spec_from_file_location(f"{OWN_FORMS}{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # pydantic looks the module of a model up by its name
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever another's file raises, the start says which file it was
        raise BadStart(str(path), "FORM", f"{type(error).__name__}: {error}") from error
    found = getattr(module, "FORM", None)
    if not isinstance(found, Form):
        raise BadStart(str(path), "FORM", "FORM이라는 서식이 없습니다")
    return found


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


def _text(move: Move, field: Field, texts: Texts) -> str:
    """Give where the words of a field stand: the move's own, or those that all moves share."""
    own = f"move.{move.action}.{field.name}"
    return own if texts.has(f"{own}.ask") else f"field.{field.name}"


def _field_keys(move: Move, field: Field, texts: Texts) -> Sequence[str]:
    base = _text(move, field, texts)
    options = ("no", "yes") if field.kind == "consent" else field.options
    return [f"{base}.{key}" for key in ("ask", *(f"options.{one}" for one in options))]


def _step(move: Move, field: Field, texts: Texts) -> Step:
    shared: dict[str, Any] = {
        "optional": field.optional,
        "when": Is(field.when.field, field.when.values) if field.when else always,
        "text": _text(move, field, texts),
        "of": field.of or field.told,
    }
    return _kind(field, shared)


def _kind(field: Field, shared: dict[str, Any]) -> Step:
    if field.number is not None:
        least, greatest = field.number
        shared |= {"least": least, "greatest": greatest, "numbers": field.options}
        return Number(field.name, **shared)
    if field.kind == "lookup":
        return Lookup(field.name, list=field.lookup, **shared)
    if field.told:
        return Told(field.name, **shared)
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
