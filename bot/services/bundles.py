"""Cases in words for a transfer bundle; who reported only where the agency's rule says so."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from bot.dialogs.form import Form
from bot.dialogs.replies import Phrase
from bot.documents.bundle import Case, File, Line, Value
from bot.services import house, newer, officials, views
from bot.services.base import Desk
from bot.services.matter import PERSON
from bot.services.sight import Filing
from knowledge.calendar import seoul_day
from knowledge.korean import SEOUL, moment_text
from storage import journal
from storage.repositories import attachments, filings
from storage.unit import Unit

Read = Callable[[Callable[[Unit], Any]], Any]


def cases(svc: Desk, read: Read, chosen: tuple[Filing, ...]) -> Iterator[Case]:
    """Give the cases one after the other, each read in a transaction of its own (S22)."""
    for filing in chosen:
        yield read(partial(case, svc, filing, read))


def case(
    svc: Desk, filing: Filing, read: Read, unit: Unit, seen: frozenset[int] | None = None
) -> Case:
    """Give one case; with `seen` only those lines of its journal (`seq`), and nobody's identity."""
    rules = svc.procedures.version(filing.procedure, filing.procedure_version)
    named = svc.site.keep.bundle_identity and seen is None
    who = filings.identity(unit, filing) if named else {}
    people = {
        f"user:{who.id}": f"{who.unit} {who.name}".strip() for who in officials.everybody(unit)
    }
    units = {row.code: row.name for row in house.unit_rows(unit)}
    read_line = partial(_line, svc, filing, people, units)
    return Case(
        agency=svc.site.agency,
        title=rules.title,
        number=filing.number,
        issued=seoul_day(svc.now()).isoformat(),
        head=str(journal.head(unit, filing.sid)),
        facts=tuple(_facts(svc, unit, filing)),
        filed=tuple(_values(svc, filing.procedure, filings.answers(unit, filing))),
        person=tuple(_values(svc, filing.procedure, who)),
        journal=tuple(
            read_line(one)
            for one in journal.history(unit, filing.sid)
            if seen is None or one.seq in seen
        ),
        labels=_say(svc, svc.texts.own("desk.bundle.labels", filing.procedure)).split("|"),
        files=tuple(
            File(one.name, _reader(read, one.ref))
            for one in views.files_of(unit, filing)
            if one.status not in {"waiting", "failed"}
        ),
    )


def _facts(svc: Desk, unit: Unit, filing: Filing) -> Iterator[Value]:
    unit_name = officials.unit_named(unit, filing.unit_id) if filing.unit_id else ""
    outcome = f"outcome.{filing.outcome}"
    told = {
        "state": _say(svc, svc.state(filing.procedure, filing.state).key),
        "unit": unit_name,
        "outcome": _say(svc, outcome) if svc.texts.has(outcome) else filing.outcome,
    }
    for name, text in told.items():
        if text:
            yield Value(name, _say(svc, f"desk.bundle.{name}"), text)
    for name, at in (
        ("arrived", filing.arrived_at),
        ("received", filing.received_at),
        ("due", filing.due_at),
        ("closed", filing.closed_at),
    ):
        if at is not None:
            iso = at.astimezone(SEOUL).isoformat(timespec="minutes")
            yield Value(name, _say(svc, f"desk.bundle.{name}"), iso, _moment(at))


def _moment(at: datetime) -> str:
    here = at.astimezone(SEOUL)
    return f"{here.year}년 {moment_text(here)}"


def _values(svc: Desk, procedure: str, values: Mapping[str, Any]) -> Iterator[Value]:
    form = svc.catalogue.form(procedure)
    for name, value in values.items():
        if value in (None, "", [], {}):
            continue
        text = _text(value)
        option = f"{procedure}.{name}.options.{text}"
        told = _say(svc, option) if svc.texts.has(option) else text
        label = f"{procedure}.{name}.label"
        step = form.step(name)
        is_day = step is not None and step.input == "day"
        shown = _say(svc, "desk.papers.day", day=text) if is_day else ""
        yield Value(name, _say(svc, label) if svc.texts.has(label) else name, told, shown)


def _text(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case {"label": str(words)} | {"text": str(words)} | {"ref": str(), "name": str(words)}:
            return words
        case list():
            return "\n".join(_text(one) for one in value)
        case dict():
            return json.dumps(value, ensure_ascii=False)
    return str(value)


def _line(
    svc: Desk,
    filing: Filing,
    people: Mapping[str, str],
    units: Mapping[str, str],
    event: journal.Event,
) -> Line:
    detail = dict(event.detail or {})
    if not svc.site.keep.bundle_identity:
        detail = {name: value for name, value in detail.items() if name not in PERSON}
    did = svc.texts.own(f"desk.did.{event.kind}", filing.procedure)
    keys = (did, f"move.{event.kind}.name")
    label = next((_say(svc, key) for key in keys if svc.texts.has(key)), "")
    version = filing.procedure_version
    form = svc.catalogue.move_form(filing.procedure, version, event.kind)
    named = {
        **detail,
        "unit": {"label": units.get(str(detail.get("unit")), "")},
        "handler": {"label": people.get(f"user:{detail.get('handler')}", "")},
    }
    who = f"desk.who.{event.actor}"
    return Line(
        event.seq,
        event.at.astimezone(SEOUL).isoformat(timespec="seconds"),
        people.get(event.actor, event.actor),
        event.kind,
        label or _say(svc, "desk.did.other"),
        "\n".join(_told(svc, detail) if form is None else _answered(svc, form, named)),
        json.dumps(detail, ensure_ascii=False, sort_keys=True),
        _moment(event.at),
        people.get(event.actor) or (_say(svc, who) if svc.texts.has(who) else ""),
    )


def _told(svc: Desk, detail: Mapping[str, Any]) -> Iterator[str]:
    """Give what was told as it was told, else why something was opened."""
    if isinstance(detail.get("reply"), dict | list):
        said = newer.reply_of(svc.texts, detail["reply"])
        yield svc.texts.render(said.text, "ko", svc.site.words())
    elif detail.get("reason"):
        yield f"{_say(svc, 'desk.head.reason')}: {detail['reason']}"
    elif detail.get("text"):
        yield str(detail["text"])


def _answered(svc: Desk, form: Form[Any], detail: Mapping[str, Any]) -> Iterator[str]:
    """Give what was written in the fields of a move, each after its label."""
    for step in form.steps:
        value, base = detail.get(step.name), form.base(step)
        if step.transient or value in (None, "", [], {}, {"label": ""}):
            continue
        shown = svc.texts.render(step.show(base, value), "ko", svc.site.words())
        own = f"{base}.label"
        label = _say(svc, own if svc.texts.has(own) else f"{base}.ask", of="")
        yield f"{label}: {shown}"


def _reader(read: Read, ref: str) -> Callable[[], bytes]:
    def original(unit: Unit) -> bytes:
        file = attachments.by_ref(unit, ref)
        assert file is not None
        return attachments.original(unit, file)

    return lambda: read(original)


def _say(svc: Desk, key: str, **params: str) -> str:
    return svc.texts.render(Phrase(key, params), "ko", svc.site.words())
