"""Cases in words for a transfer bundle; who reported only where the agency's rule says so."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from bot.dialogs import replies
from bot.dialogs.replies import Phrase, Say
from bot.documents.bundle import Case, File, Line, Value
from bot.services import officials, views
from bot.services.base import Desk
from bot.services.filings import PERSON
from bot.services.sight import Filing
from knowledge.calendar import seoul_day
from knowledge.korean import SEOUL
from storage import journal
from storage.repositories import attachments, filings
from storage.unit import Unit

Read = Callable[[Callable[[Unit], Any]], Any]


def cases(svc: Desk, read: Read, chosen: tuple[Filing, ...]) -> Iterator[Case]:
    """Give the cases one after the other, each read in a transaction of its own (S22)."""
    for filing in chosen:
        yield read(partial(_case, svc, filing, read))


def _case(svc: Desk, filing: Filing, read: Read, unit: Unit) -> Case:
    rules = svc.procedures.version(filing.procedure, filing.procedure_version)
    who = filings.identity(unit, filing) if svc.site.keep.bundle_identity else {}
    named = {
        f"user:{who.id}": f"{who.unit} {who.name}".strip() for who in officials.everybody(unit)
    }
    return Case(
        agency=svc.site.agency,
        title=rules.title,
        number=filing.number,
        issued=seoul_day(svc.now()).isoformat(),
        head=str(journal.head(unit, filing.sid)),
        facts=tuple(_facts(svc, unit, filing)),
        filed=tuple(_values(svc, filing.procedure, filings.answers(unit, filing))),
        person=tuple(_values(svc, filing.procedure, who)),
        journal=tuple(_line(svc, one, named) for one in journal.history(unit, filing.sid)),
        labels=_say(svc, "desk.bundle.labels").split("|"),
        files=tuple(
            File(one.name, _reader(read, one.ref))
            for one in views.files_of(unit, filing)
            if one.status not in {"waiting", "failed"}
        ),
    )


def _facts(svc: Desk, unit: Unit, filing: Filing) -> Iterator[Value]:
    unit_name = officials.unit_named(unit, filing.unit_id) if filing.unit_id else ""
    told = {
        "state": _say(svc, f"state.{filing.state}"),
        "unit": unit_name,
        "outcome": filing.outcome,
        **{
            name: at.astimezone(SEOUL).isoformat(timespec="minutes") if at else ""
            for name, at in (
                ("arrived", filing.arrived_at),
                ("received", filing.received_at),
                ("due", filing.due_at),
                ("closed", filing.closed_at),
            )
        },
    }
    for name, text in told.items():
        if text:
            yield Value(name, _say(svc, f"desk.bundle.{name}"), str(text))


def _values(svc: Desk, procedure: str, values: Mapping[str, Any]) -> Iterator[Value]:
    for name, value in values.items():
        if value in (None, "", [], {}):
            continue
        text = _text(value)
        option = f"{procedure}.{name}.options.{text}"
        shown = _say(svc, option) if svc.texts.has(option) else text
        label = f"{procedure}.{name}.label"
        yield Value(name, _say(svc, label) if svc.texts.has(label) else name, shown)


def _text(value: Any) -> str:
    match value:
        case {"label": str(label)}:
            return label
        case {"text": str(text)}:
            return text
        case list():
            return "\n".join(_text(one) for one in value)
        case dict():
            return json.dumps(value, ensure_ascii=False)
    return str(value)


def _line(svc: Desk, event: journal.Event, named: Mapping[str, str]) -> Line:
    detail = dict(event.detail or {})
    if not svc.site.keep.bundle_identity:
        detail = {name: value for name, value in detail.items() if name not in PERSON}
    keys = (f"desk.did.{event.kind}", f"move.{event.kind}.name")
    label = next((_say(svc, key) for key in keys if svc.texts.has(key)), event.kind)
    at = event.at.astimezone(SEOUL).isoformat(timespec="seconds")
    return Line(
        event.seq,
        at,
        named.get(event.actor, event.actor),
        event.kind,
        label,
        _said(svc, detail),
        json.dumps(detail, ensure_ascii=False, sort_keys=True),
    )


def _said(svc: Desk, detail: Mapping[str, Any]) -> str:
    """Give what was told as it was told, else what was written."""
    if isinstance(detail.get("reply"), dict | list):
        reply = replies.load(json.dumps(detail["reply"]).encode())
        if isinstance(reply, Say):
            return svc.texts.render(reply.text, "ko", svc.site.words())
    return "\n".join(value for value in detail.values() if isinstance(value, str) and value)


def _reader(read: Read, ref: str) -> Callable[[], bytes]:
    def original(unit: Unit) -> bytes:
        file = attachments.by_ref(unit, ref)
        assert file is not None
        return attachments.original(unit, file)

    return lambda: read(original)


def _say(svc: Desk, key: str) -> str:
    return svc.texts.render(Phrase(key), "ko", svc.site.words())
