"""What came with a file that crossed is done here, each record in the file's one transaction."""

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.dialogs import replies
from bot.dialogs.replies import Param, Phrase, Say
from bot.errors import Refused
from bot.services import filings, moves, notices, relay
from bot.services.base import ANONYMOUS, Desk, citizen, stamp
from bot.services.relay_records import MIRRORED, Record
from storage import journal
from storage.crossing import Refuse
from storage.repositories import attachments, calls, erasing, relays, sent_keys, tasks
from storage.repositories import filings as rows
from storage.repositories.filings import Filing
from storage.unit import Unit

MOMENTS = tuple(name for name in MIRRORED if name.endswith("_at"))
PIECE = "attachments.blob"
Blobs = tuple[str, ...]


def apply(svc: Desk, unit: Unit, record: Record) -> Blobs:
    """Do one record; gives blobs to delete after the commit.

    Raises Refuse "newer" for a record that only a newer version knows: its file waits.
    """
    known = _INSIDE if svc.relay == relay.INSIDE else _OUTSIDE
    do = known.get(str(record.get("kind")))
    if do is None:
        raise Refuse("newer")
    return do(svc, unit, record) or ()


def _at(record: Record) -> datetime:
    return datetime.fromisoformat(record["at"])


def _then(svc: Desk, at: datetime) -> Desk:
    """Give the parts with the clock at the moment when the outside took something.

    A report and an answer count from when the citizen brought them, however long the road was.
    """
    return replace(svc, now=lambda: at)


def _filing(svc: Desk, unit: Unit, record: Record) -> None:
    """Take a report as of when the outside took it, under the number that it has there."""
    number, at = str(record["number"]), _at(record)
    known = rows.by_number(unit, number)
    if known is not None:  # the outside was restored, and a receipt brought it again
        relays.begin(unit, known.id)
        relays.put(unit, relay.STATE, stamp(known.mode, at), filing_id=known.id)
        return
    try:
        svc.procedures.version(record["procedure"], record["version"])
    except KeyError:
        raise Refuse("newer") from None
    prefs = filings.Prefs(
        channel=record["channel"],
        account=relay.ROAD,
        lang=record["lang"],
        at=at,
        by=relay.ROAD,
        number=number,
    )
    values = record["values"]
    filed = filings.file(_then(svc, at), unit, record["procedure"], values, None, prefs)
    filing = rows.get(unit, filed.filing_id)
    assert filing is not None
    head = journal.head(unit, filing.sid)
    assert head is not None
    # What it was told so far the outside has told it already.
    relays.set_seq(unit, filing.id, head.seq)
    relays.put(unit, relay.STATE, stamp(filing.mode, at), filing_id=filing.id, done=head.seq)


def _act(svc: Desk, unit: Unit, record: Record) -> None:
    """Do what the reporter did; what cannot be done any more is put before a person."""
    filing = rows.by_number(unit, str(record["number"]))
    if filing is None:
        return
    there = _then(svc, _at(record))
    action, values = str(record["action"]), dict(record["values"])
    actor = citizen(None, filing.id)
    inner = unit.conn.begin_nested()
    try:
        moves.perform(there, unit, actor, filing.number, None, action, values, confirmed=True)
        inner.commit()
    except Refused as why:
        inner.rollback()
        unit.taken_back()
        _too_late(there, unit, filing, action, values, why)
    at = stamp(filing.mode, _at(record))
    relays.put(unit, relay.ACTED, at, filing_id=filing.id, ref=str(record["id"]))
    relays.put(unit, relay.STATE, at, filing_id=filing.id, done=relays.seq(unit, filing.id) or 0)


def _too_late(
    svc: Desk, unit: Unit, filing: Filing, action: str, values: Mapping[str, Any], why: Refused
) -> None:
    """Keep the words, put it on the desk, and say to the reporter that a person looks at it."""
    at = stamp(filing.mode, svc.now())
    by = ANONYMOUS if filing.mode == ANONYMOUS else "citizen"
    said = "\n".join(one for one in values.values() if isinstance(one, str) and one.strip())
    journal.append(unit, filing.sid, at, by, "message", {"text": said, "why": why.key})
    notices.tell_officials(svc, unit, filing, "handler", "notice.desk.relay_late")
    params: dict[str, Param] = {"number": filing.number, "what": Phrase(f"move.{action}.name")}
    notices.tell(svc, unit, filing, notices.Message("notice.relay_late", params))


def _file(svc: Desk, unit: Unit, record: Record) -> Blobs:
    """Keep a file, or the piece of one that has come; put together once the last is here."""
    filing = rows.by_number(unit, str(record["number"]))
    ref, start = str(record["ref"]), int(record["at"])
    if filing is None or attachments.by_ref(unit, ref) is not None:
        return ()
    pieces = relays.of_kind(unit, relay.PIECE, ref=ref)
    gone: list[str] = []
    if start == 0 and pieces:  # it begins anew: the other side was restored in the middle
        gone = _forget(unit, pieces)
        pieces = []
    if sum(one.done for one in pieces) != start:
        raise Refuse("shape")
    data = b64decode(record["data"])
    if start + len(data) < int(record["size"]):
        sid = bytes.fromhex(ref)
        blob = unit.blobs.put(unit.keys.seal(PIECE, sid, data))
        at = stamp(filing.mode, svc.now())
        relays.put(
            unit, relay.PIECE, at, filing_id=filing.id, ref=ref, done=len(data), blob=blob,
            file_number=0,
        )  # fmt: skip
        return tuple(gone)
    sid = bytes.fromhex(ref)
    whole = b"".join(unit.keys.open(PIECE, sid, unit.blobs.get(one.blob)) for one in pieces) + data
    file = attachments.add(
        unit,
        kind=str(record["shape"]),
        now=stamp(filing.mode, svc.now()),
        filing_id=filing.id,
        name=str(record["name"]),
        mime=str(record["mime"]),
        size=len(whole),
        sid=sid,
    )
    attachments.store(unit, file, whole)
    return (*gone, *_forget(unit, pieces))


def _forget(unit: Unit, pieces: list[relays.Item]) -> list[str]:
    for one in pieces:
        relays.drop(unit, one)
    return [one.blob for one in pieces]


def _task(svc: Desk, unit: Unit, record: Record) -> None:
    filing = rows.by_number(unit, str(record["number"]))
    if filing is not None:
        at = stamp(filing.mode, svc.now())
        tasks.add(unit, record["task"], at, filing_id=filing.id, reason=record["reason"])


def _call(_svc: Desk, unit: Unit, record: Record) -> None:
    """Put a wish to be called on the desk where people call."""
    filing = rows.by_number(unit, str(record.get("number") or ""))
    calls.add(
        unit,
        phone=record["phone"],
        about=record["about"],
        wish=record["wish"],
        lang=record["lang"],
        now=_at(record),
        due_at=datetime.fromisoformat(record["due"]),
        peer_id=None,
        filing_id=filing.id if filing is not None else None,
    )


def _state(svc: Desk, unit: Unit, record: Record) -> None:
    """Show what the inside says of a filing, and tell its reporter what he is told."""
    filing = _here(unit, record)
    if filing is None:
        return
    columns = {
        name: _moment(record["columns"][name]) if name in MOMENTS else record["columns"][name]
        for name in MIRRORED
    }
    relays.reflect(unit, filing.id, {**columns, "version": filing.version + 1})
    relays.set_mirror(unit, filing.id, filing.sid, record["mirror"])
    after = rows.get(unit, filing.id)
    assert after is not None
    for told in record["told"]:
        # By its place and its hash: after a restore the same place may hold something else.
        if sent_keys.first(unit, f"relay:{filing.number}:{told['id']}", filing.id):
            _tell(svc, unit, after, told)


def _tell(svc: Desk, unit: Unit, filing: Filing, told: Mapping[str, Any]) -> None:
    reply = replies.load(json.dumps(told["reply"]).encode())
    assert isinstance(reply, Say)
    way = told.get("way") or {}
    rule = str(way.get("valid") or "")
    message = notices.Message(
        str(told["key"]),
        {},
        rank=int(told["by"]),
        expires_at=_moment(way.get("expires")),
        # The deadlines stand inside; that it is still open is known here too.
        valid="open" if rule.startswith(("runs:", "due:")) else rule,
        hidden=str(told.get("hidden") or ""),
        late=bool(way.get("late")),
    )
    detail = {
        name: told[name] for name in ("key", "reply", "by", "hidden", "paper") if name in told
    }
    notices.retell(svc, unit, filing, reply, detail, message)


def _acted(_svc: Desk, unit: Unit, record: Record) -> None:
    item = relays.by_sid(unit, bytes.fromhex(record["id"]))
    if item is not None and item.kind == relay.ACT:
        relays.drop(unit, item)


def _gone(svc: Desk, unit: Unit, record: Record) -> Blobs:
    """Destroy what the inside has destroyed."""
    filing = _here(unit, record)
    if filing is None:
        return ()
    unit.note_gone("filing", filing.sid, svc.now())
    return erasing.erase(unit, filing.id, filing.sid, svc.now(), relay.ROAD).blobs


def _here(unit: Unit, record: Record) -> Filing | None:
    """Give a filing of ours that the inside works; one that a restore has lost is not there."""
    filing = rows.by_number(unit, str(record["number"]))
    return filing if filing is not None and relay.away(filing) and not filing.erased_at else None


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


Do = Callable[[Desk, Unit, Record], Blobs | None]
_INSIDE: Mapping[str, Do] = {
    relay.FILING: _filing, relay.ACT: _act, relay.FILE: _file, relay.TASK: _task,
    relay.CALL: _call,
}  # fmt: skip
_OUTSIDE: Mapping[str, Do] = {relay.STATE: _state, relay.ACTED: _acted, relay.GONE: _gone}
