"""Numbers, hashes and confirmations of the files that cross: one transaction a file (S13, S21)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.services import relay, relay_apply, relay_records
from bot.services.base import Desk
from storage import crossing
from storage.crossing import Direction, Letter, Own, Peer
from storage.repositories import attachments, filings, relays
from storage.repositories.relays import ACKED, DONE, MADE, SKIPPED, File
from storage.unit import Unit

MARGIN = 1000
"""Events that are looked at again: a lower number may be committed after a higher one."""
ROOM = 8 * 1024
"""Bytes of a file that are no records: seal, signature, numbers."""
KEPT = timedelta(hours=48)
"""So long what has arrived is kept, for an inside that is restored from yesterday's backup (S36)."""
AGAIN = timedelta(minutes=10)
"""Not more often is a missing number asked for, or written anew."""
ROWS = timedelta(days=90)
EACH = 500


@dataclass(frozen=True, slots=True)
class Ends:
    """Who we are and who the other side is; `most` bytes a file may have."""

    own: Own = field(repr=False)
    peer: Peer
    writes: Direction
    most: int
    kind: str = "service"

    @property
    def reads(self) -> Direction:
        return "out" if self.writes == "in" else "in"


def next_file(svc: Desk, unit: Unit, ends: Ends, missing: Sequence[int]) -> int | None:
    """Make the next file if there is anything to say; gives its number.

    The row, the items it takes and the very bytes are one commit; it is put into its folder after.
    """
    last = relays.last(unit, ends.writes)
    if svc.relay == relay.INSIDE:
        cursor = _changes(unit, last.cursor if last is not None else 0, svc.now())
    else:
        cursor = 0
        relay.gather_tasks(svc, unit)
    number = (last.number or 0) + 1 if last is not None else 1
    records, begun = _fill(svc, unit, number, ends.most - ROOM)
    unsaid = relays.unsaid(unit, ends.reads)
    asks = missing and (last is None or last.at < svc.now() - AGAIN)
    if not begun and not any(one.items for one in unsaid) and not asks:
        return None
    have = relays.last(unit, ends.reads)
    letter = Letter(
        direction=ends.writes,
        number=number,
        prev=last.digest if last is not None else crossing.START,
        have=have.number or 0 if have is not None else 0,
        have_digest=have.digest if have is not None else crossing.START,
        missing=tuple(missing[:100]),
        kind=ends.kind,
        at=svc.now(),
        records=tuple(records),
    )
    content = crossing.write(ends.own, ends.peer, letter)
    sid = unit.sid()
    relays.made(
        unit,
        sid=sid,
        direction=ends.writes,
        number=number,
        status=MADE,
        digest=crossing.digest(content),
        blob=unit.blobs.put(unit.keys.seal(relays.FILE, sid, content)),
        size=len(content),
        items=len(records),
        cursor=cursor,
        at=svc.now(),
    )
    for one in unsaid:
        relays.change(unit, one, acked_at=svc.now())
    return number


def _changes(unit: Unit, since: int, now: datetime) -> int:
    """Let every filing on both sides cross whose journal has gone on; gives the newest event."""
    newest = relays.last_event(unit)
    found = relays.changed(unit, max(0, since - MARGIN), EACH)
    for filing_id in found:
        waits = relays.of_kind(unit, relay.STATE, filing_id=filing_id)
        if not any(one.file_number is None for one in waits):
            seq = relays.seq(unit, filing_id) or 0
            relays.put(unit, relay.STATE, now, filing_id=filing_id, done=seq)
    return newest if len(found) < EACH else since  # the others are found once these have gone


def _fill(
    svc: Desk, unit: Unit, number: int, room: int
) -> tuple[list[relay_records.Record], bool]:
    """Take what waits, in its order, as far as there is room; a big file goes in pieces."""
    records: list[relay_records.Record] = []
    begun = False
    for item in relays.waiting(unit, EACH):
        if records and item.kind == relay.FILE and room < relay_records.LEAST * 2:
            break
        made = relay_records.make(svc, unit, item, room)
        if made is None:
            continue
        size = crossing.size_of(made.record) if made.record is not None else 0
        if records and size > room:
            if item.kind == relay.STATE and item.filing_id is not None:
                relays.set_seq(unit, item.filing_id, item.done)  # it goes with the next one
            break
        begun = True
        relays.sent(unit, item, number if made.whole else None, made.done)
        if made.record is not None:
            records.append(made.record)
            room -= size
        if not made.whole:
            break
    return records, begun


def bytes_of(unit: Unit, file: File) -> bytes:
    """Give the very bytes of a file of ours."""
    return unit.keys.open(relays.FILE, file.sid, unit.blobs.get(file.blob))


def take(svc: Desk, unit: Unit, ends: Ends, letter: Letter, content: bytes) -> tuple[str, ...]:
    """Do everything that a file says and claim its number, in one commit; gives blobs to delete.

    Raises Refuse "newer". The caller has seen that it is the next one, and of its chain.
    """
    blobs: list[str] = []
    for record in letter.records:
        blobs += relay_apply.apply(svc, unit, record)
    relays.made(
        unit,
        direction=ends.reads,
        number=letter.number,
        status=DONE,
        digest=crossing.digest(content),
        size=len(content),
        items=len(letter.records),
        at=svc.now(),
    )
    _confirmed(svc, unit, ends, letter)
    return tuple(blobs)


def _confirmed(svc: Desk, unit: Unit, ends: Ends, letter: Letter) -> None:
    """Note what the other side has read; what it lacks is put into the folder once more."""
    now = svc.now()
    known = relays.get(unit, ends.writes, letter.have) if letter.have else None
    if letter.have and (known is None or known.digest != letter.have_digest):
        _we_were_restored(unit, ends, letter, now)
        return
    for one in relays.in_status(unit, ends.writes, MADE):
        if (one.number or 0) <= letter.have:
            relays.change(unit, one, status=ACKED, acked_at=now)
        elif one.number in letter.missing and one.placed_at and one.placed_at < now - AGAIN:
            relays.change(unit, one, placed_at=None)
    give_again(unit, ends, letter)


def give_again(unit: Unit, ends: Ends, letter: Letter) -> None:
    """Put out once more what the other side has not any more: it was restored (S13).

    It says so also in a file that cannot be read, because its number was given before that.
    """
    for one in relays.kept(unit, ends.writes):
        if (one.number or 0) > letter.have:
            relays.change(unit, one, status=MADE, acked_at=None, placed_at=None)


def _we_were_restored(unit: Unit, ends: Ends, letter: Letter, now: datetime) -> None:
    """Go on behind what the other side has: it read files that a restore has taken from us (S13).

    What we wrote since under numbers that are given goes again under new ones.
    """
    sure = relays.sure(unit, ends.writes)
    relays.again(unit, sure)
    for one in relays.in_status(unit, ends.writes, MADE):
        if (one.number or 0) > sure:
            relays.remove(unit, one)
    last = relays.last(unit, ends.writes)
    if last is not None and (last.number or 0) >= letter.have:
        return
    relays.made(
        unit,
        direction=ends.writes,
        number=letter.have,
        status=SKIPPED,
        digest=letter.have_digest,
        cursor=last.cursor if last is not None else 0,
        at=now,
        acked_at=now,
    )


def sweep(svc: Desk, unit: Unit, ends: Ends) -> tuple[str, ...]:
    """Let go what has arrived two days ago: the bytes, and outside the words and the files."""
    before = svc.now() - KEPT
    blobs: list[str] = []
    for file in relays.kept(unit, ends.writes):
        if file.acked_at is None or file.acked_at > before:
            continue
        for item in relays.of_file(unit, file.number or 0):
            blobs += _arrived(unit, item)
        blobs.append(file.blob)
        unit.keys.destroy(file.sid)
        relays.change(unit, file, blob="")
    relays.sweep(unit, svc.now() - ROWS, keep=(MADE,))
    return tuple(blobs)


def _arrived(unit: Unit, item: relays.Item) -> list[str]:
    """Forget what an item was of; what a reporter did stays until the inside has answered."""
    if item.kind == relay.ACT:
        return []
    gone: list[str] = []
    filing = filings.get(unit, item.filing_id) if item.filing_id is not None else None
    if item.kind == relay.FILING and filing is not None and not filing.erased_at:
        relays.strip(unit, filing.id, filing.sid)
        who = filings.identity(unit, filing)
        if who:
            stays: dict[str, Any] = {
                name: who[name] for name in ("reply_by", "email") if name in who
            }
            filings.set_identity(unit, filing, stays)
    if item.kind == relay.FILE:
        file = attachments.by_ref(unit, item.ref)
        gone = attachments.remove(unit, file) if file is not None else []
    relays.drop(unit, item)
    return gone
