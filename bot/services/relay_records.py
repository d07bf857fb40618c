"""What stands in a file that crosses: a record for each thing, made from what stands here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.dialogs.replies import Words
from bot.errors import Refused
from bot.services import clocks, letters, moves, notices, relay, sight, status
from bot.services.base import ANONYMOUS, Desk, citizen
from storage import crossing, journal
from storage.errors import Erased
from storage.repositories import attachments, filings, relays
from storage.repositories.filings import Filing
from storage.repositories.relays import Item
from storage.unit import Unit

LEAST = 16 * 1024
"""Bytes of a file that are worth a piece of their own."""

MIRRORED = (
    "received_at", "due_at", "result_at", "first_read_at", "closed_at", "overdue_noticed_at",
    "state", "calendar_version", "derivation", "outcome", "survey", "transfers",
)  # fmt: skip
"""Columns of a filing that its reporter sees, and that only the inside writes."""

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """A record, or none where there is nothing to say; how far the item is, and whether at its end."""

    record: Record | None
    done: int = 0
    whole: bool = True


def make(svc: Desk, unit: Unit, item: Item, room: int) -> Made | None:
    """Make the record of an item in `room` bytes; None: it waits for its file to be fetched."""
    if item.kind == relay.FILE:
        return _file(unit, item, room)
    if item.kind == relay.STATE:
        return _state(svc, unit, item)
    return Made(_whole(unit, item))


def _whole(unit: Unit, item: Item) -> Record | None:
    """Make the record of what is never cut."""
    match item.kind:
        case relay.FILING:
            return _filing(unit, item)
        case relay.ACT:
            return _act(unit, item)
        case relay.ACTED:
            return {"kind": relay.ACTED, "id": item.ref}
        case relay.GONE:
            return {"kind": relay.GONE, "number": item.ref}
    return {"kind": item.kind, **relays.content(unit, item)}


def _of(unit: Unit, item: Item) -> Filing | None:
    """Give the filing of an item; None where it was destroyed since."""
    try:
        return sight.get(unit, item.filing_id or 0)
    except Refused:
        return None


def _filing(unit: Unit, item: Item) -> Record | None:
    filing = _of(unit, item)
    if filing is None:
        return None
    exact = filings.exact(unit, filing) if filing.mode == ANONYMOUS else {}
    return {
        "kind": relay.FILING,
        "number": filing.number,
        "procedure": filing.procedure,
        "version": filing.procedure_version,
        "lang": filing.lang,
        "channel": filing.channel,
        "at": exact.get("arrived_at") or filing.arrived_at.isoformat(),
        "values": {**filings.answers(unit, filing), **filings.identity(unit, filing)},
    }


def _act(unit: Unit, item: Item) -> Record | None:
    filing = _of(unit, item)
    if filing is None:
        return None
    said = relays.content(unit, item)
    return {"kind": relay.ACT, "id": item.sid.hex(), "number": filing.number, **said}


def _file(unit: Unit, item: Item, room: int) -> Made | None:
    filing, file = _of(unit, item), attachments.by_ref(unit, item.ref)
    if filing is None or file is None or file.status == "failed":
        return Made(None)
    if file.status == "waiting":
        return None
    try:
        data = attachments.original(unit, file)
    except Erased:
        return Made(None)
    fits = max(LEAST, (room - LEAST) * 3 // 4)  # base64 makes four of three
    piece = data[item.done : item.done + fits]
    record = {
        "kind": relay.FILE,
        "number": filing.number,
        "ref": item.ref,
        "shape": file.kind,
        "mime": file.mime,
        "name": file.name,
        "size": len(data),
        "at": item.done,
        "data": crossing.encoded(piece),
    }
    done = item.done + len(piece)
    return Made(record, done, whole=done >= len(data))


def _state(svc: Desk, unit: Unit, item: Item) -> Made:
    """Say where a filing is, and everything that was told of it since it was last said.

    Of the item `done` is the last event that had crossed before, so that it can be said again.
    """
    filing = _of(unit, item)
    head = journal.head(unit, filing.sid) if filing is not None else None
    if filing is None or head is None:
        return Made(None, item.done)
    record = {
        "kind": relay.STATE,
        "number": filing.number,
        "columns": {name: _plain(getattr(filing, name)) for name in MIRRORED},
        "told": _told(unit, filing, item.done),
        "mirror": _mirror(svc, unit, filing),
    }
    relays.set_seq(unit, filing.id, head.seq)
    return Made(record, item.done)


def _told(unit: Unit, filing: Filing, since: int) -> list[Record]:
    ends = journal.ends(unit, filing.sid)
    found: list[Record] = []
    for event in journal.history(unit, filing.sid):
        if event.seq <= since or event.kind != notices.TOLD or not event.detail:
            continue
        doc_no, signed = letters.paper(unit, filing, at_seq=event.seq)
        found.append({**event.detail, "id": ends[event.seq].short, "paper": [doc_no, signed]})
    return found


def _mirror(svc: Desk, unit: Unit, filing: Filing) -> Record:
    actor = citizen(None, filing.id)
    running = clocks.running(unit, filing.id)
    main = running.get(moves.procedure_of(svc, filing).filing.deadline)
    now, then, read = status.standing(svc, unit, filing, running)
    may = moves.available(svc, unit, actor, filing.number)
    return {
        "now": relay.words(now),
        "then": relay.words(then),
        "read": relay.words(read),
        "runs": main is not None and main.open(),
        "moves": {one.action: [keyed(why) for why in one.blocked] for one in may},
    }


def keyed(why: Words) -> str:
    return why if isinstance(why, str) else why.key


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
