"""What crosses between two networks that may not touch: rows of its files, items and cases."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import attachments, events, filings, heads, relay_cases, relay_files, sketches
from storage.models import relay_items as items
from storage.models.relay import WAITING
from storage.unit import Unit
from storage.upsert import insert

_f, _i, _c = relay_files.c, items.c, relay_cases.c
MADE, ACKED, SKIPPED, DONE = "made", "acked", "skipped", "done"
CONTENT, FILE, MIRROR = "relay_items.content", "relay_files.blob", "relay_cases.mirror"


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is known here; `cursor` is the last event looked at when it was made."""

    id: int
    sid: bytes
    direction: str
    number: int | None
    status: str
    digest: bytes
    blob: str
    size: int
    items: int
    cursor: int
    name: str
    at: datetime
    placed_at: datetime | None
    acked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is to cross; its words by `content`."""

    id: int
    sid: bytes
    kind: str
    filing_id: int | None
    ref: str
    done: int
    blob: str
    file_number: int | None
    at: datetime


_file = tuple(_f[name] for name in File.__dataclass_fields__)
_item = tuple(_i[name] for name in Item.__dataclass_fields__)


def put(
    unit: Unit,
    kind: str,
    at: datetime,
    *,
    filing_id: int | None = None,
    ref: str = "",
    content: Mapping[str, Any] | None = None,
    done: int = 0,
    blob: str = "",
    file_number: int | None = None,
) -> bytes:
    """Let something cross with the next file; gives its own name."""
    sid = unit.sid()
    words = None if content is None else json.dumps(content, ensure_ascii=False).encode()
    row = {
        "sid": sid, "kind": kind, "filing_id": filing_id, "ref": ref, "done": done, "blob": blob,
        "file_number": file_number, "at": at,
        "content": None if words is None else unit.keys.seal(CONTENT, sid, words),
    }  # fmt: skip
    unit.conn.execute(sa.insert(items).values(row))
    return sid


def content(unit: Unit, item: Item) -> dict[str, Any]:
    """Open the words of an item; {} without any."""
    sealed = unit.conn.execute(sa.select(_i.content).where(_i.id == item.id)).scalar_one()
    found: dict[str, Any] = (
        {} if sealed is None else json.loads(unit.keys.open(CONTENT, item.sid, sealed))
    )
    return found


def waiting(unit: Unit, limit: int = 500) -> list[Item]:
    """List what is to cross, in the order in which it came."""
    return _items(unit, sa.text(WAITING), limit)


def of_file(unit: Unit, number: int) -> list[Item]:
    return _items(unit, _i.file_number == number)


def of_kind(unit: Unit, kind: str, *, filing_id: int | None = None, ref: str = "") -> list[Item]:
    """List items of a kind, of one filing or of one name."""
    which = [_i.kind == kind]
    if filing_id is not None:
        which.append(_i.filing_id == filing_id)
    if ref:
        which.append(_i.ref == ref)
    return _items(unit, sa.and_(*which))


def by_sid(unit: Unit, sid: bytes) -> Item | None:
    return next(iter(_items(unit, _i.sid == sid)), None)


def sent(unit: Unit, item: Item, number: int | None, done: int) -> None:
    """Note with which file an item goes; without a number it has gone in part."""
    unit.conn.execute(
        sa.update(items).where(_i.id == item.id).values(file_number=number, done=done)
    )


def again(unit: Unit, after: int) -> None:
    """Let cross once more what went with files after a number: they are not to be (S13)."""
    gone = sa.update(items).where(_i.file_number > after)
    unit.conn.execute(gone.where(_i.kind == "file").values(file_number=None, done=0))
    unit.conn.execute(gone.values(file_number=None))
    mine = sa.update(items).where(_i.kind == "file", sa.text(WAITING))
    unit.conn.execute(mine.values(done=0))  # a piece may have gone with one of them


def drop(unit: Unit, item: Item) -> None:
    """Forget an item, and the key of its words."""
    unit.keys.destroy(item.sid)
    unit.conn.execute(sa.delete(items).where(_i.id == item.id))


def begin(unit: Unit, filing_id: int, seq: int = 0) -> None:
    """Note that a filing stands on both sides."""
    made = insert(unit.conn, relay_cases).values(filing_id=filing_id, seq=seq)
    unit.conn.execute(made.on_conflict_do_nothing(index_elements=[_c.filing_id]))


def seq(unit: Unit, filing_id: int) -> int | None:
    """Give the last event that has crossed; None for a filing that stands here alone."""
    return unit.conn.execute(sa.select(_c.seq).where(_c.filing_id == filing_id)).scalar()


def set_seq(unit: Unit, filing_id: int, seq: int) -> None:
    unit.conn.execute(sa.update(relay_cases).where(_c.filing_id == filing_id).values(seq=seq))


def last_event(unit: Unit) -> int:
    return int(
        unit.conn.execute(sa.select(sa.func.coalesce(sa.func.max(events.c.id), 0))).scalar_one()
    )


def changed(unit: Unit, since: int, limit: int = 500) -> list[int]:
    """List filings on both sides whose journal has gone on, among the events after `since`."""
    lately = sa.select(events.c.subject).where(events.c.id > since).distinct()
    found = (
        sa.select(_c.filing_id)
        .join(filings, filings.c.id == _c.filing_id)
        .join(heads, heads.c.subject == filings.c.sid)
        .where(filings.c.sid.in_(lately), heads.c.seq > _c.seq, filings.c.erased_at.is_(None))
        .order_by(_c.filing_id)
        .limit(limit)
    )
    return list(unit.conn.scalars(found))


def mirror(unit: Unit, filing_id: int, sid: bytes) -> dict[str, Any] | None:
    """Open what the inside last said of a filing; None before it has said anything."""
    sealed = unit.conn.execute(sa.select(_c.mirror).where(_c.filing_id == filing_id)).scalar()
    if sealed is None:
        return None
    found: dict[str, Any] = json.loads(unit.keys.open(MIRROR, sid, sealed))
    return found


def set_mirror(unit: Unit, filing_id: int, sid: bytes, said: Mapping[str, Any]) -> None:
    begin(unit, filing_id)
    sealed = unit.keys.seal(MIRROR, sid, json.dumps(said, ensure_ascii=False).encode())
    unit.conn.execute(
        sa.update(relay_cases).where(_c.filing_id == filing_id).values(mirror=sealed)
    )


def reflect(unit: Unit, filing_id: int, values: Mapping[str, Any]) -> None:
    """Write the open columns of a filing as the other side has them."""
    unit.conn.execute(sa.update(filings).where(filings.c.id == filing_id).values(**values))


def strip(unit: Unit, filing_id: int, sid: bytes) -> None:
    """Take away what was filed and what it is like: it has arrived, and is not shown here."""
    empty = unit.keys.seal("filings.answers", sid, b"{}")
    unit.conn.execute(sa.update(filings).where(filings.c.id == filing_id).values(answers=empty))
    unit.conn.execute(sa.delete(sketches).where(sketches.c.filing_id == filing_id))


def files_here(unit: Unit, filing_id: int) -> list[Any]:
    """List the files of a filing by their names here."""
    found = sa.select(attachments.c.sid).where(attachments.c.filing_id == filing_id)
    return list(unit.conn.scalars(found.order_by(attachments.c.id)))


def made(unit: Unit, **values: Any) -> None:
    """Write the row of a file; a number that is taken is an integrity error, and tried again."""
    unit.conn.execute(
        sa.insert(relay_files).values(sid=values.pop("sid", None) or unit.sid(), **values)
    )


def get(unit: Unit, direction: str, number: int) -> File | None:
    found = sa.select(*_file).where(_f.direction == direction, _f.number == number)
    return next(iter(_files(unit, found)), None)


def last(unit: Unit, direction: str) -> File | None:
    """Give the newest file of a direction."""
    found = sa.select(*_file).where(_f.direction == direction, _f.number.is_not(None))
    return next(iter(_files(unit, found.order_by(_f.number.desc()).limit(1))), None)


def in_status(unit: Unit, direction: str, *status: str, limit: int = 1000) -> list[File]:
    found = sa.select(*_file).where(_f.direction == direction, _f.status.in_(status))
    return _files(unit, found.order_by(_f.number, _f.id).limit(limit))


def unsaid(unit: Unit, direction: str) -> list[File]:
    """List files that were read and that the other side has not been told of."""
    found = sa.select(*_file).where(_f.direction == direction, _f.status == DONE)
    return _files(unit, found.where(_f.acked_at.is_(None)).order_by(_f.number))


def kept(unit: Unit, direction: str) -> list[File]:
    """List files that have arrived and whose bytes are still here."""
    found = sa.select(*_file).where(_f.direction == direction, _f.status == ACKED)
    return _files(unit, found.where(_f.blob != "").order_by(_f.number))


def sure(unit: Unit, direction: str) -> int:
    """Give the highest number that the other side has confirmed, 0 without one."""
    done = (_f.direction == direction, _f.status.in_((ACKED, SKIPPED)))
    highest = sa.select(sa.func.coalesce(sa.func.max(_f.number), 0)).where(*done)
    return int(unit.conn.execute(highest).scalar_one())


def refused(unit: Unit, direction: str, limit: int = 200) -> list[File]:
    """List what was refused, the newest first."""
    found = sa.select(*_file).where(_f.direction == direction, _f.number.is_(None))
    return _files(unit, found.order_by(_f.id.desc()).limit(limit))


def refused_before(unit: Unit, direction: str, digest: bytes) -> bool:
    same = (_f.direction == direction, _f.number.is_(None), _f.digest == digest)
    return unit.conn.execute(sa.select(_f.id).where(*same).limit(1)).first() is not None


def change(unit: Unit, file: File, **values: Any) -> None:
    unit.conn.execute(sa.update(relay_files).where(_f.id == file.id).values(**values))


def remove(unit: Unit, file: File) -> None:
    unit.keys.destroy(file.sid)
    unit.conn.execute(sa.delete(relay_files).where(_f.id == file.id))


def named(unit: Unit, blobs: Sequence[str]) -> set[str]:
    """Tell which of these files a row of ours names."""
    found: set[str] = set()
    for column in (_f.blob, _i.blob):
        found |= (
            set(unit.conn.scalars(sa.select(column).where(column.in_(blobs)))) if blobs else set()
        )
    return found


def sweep(unit: Unit, before: datetime, keep: Collection[str], limit: int = 1000) -> int:
    """Forget rows of files that were read, or refused, long ago; the newest of a direction stays."""
    newest = sa.select(sa.func.max(_f.id)).where(_f.number.is_not(None)).group_by(_f.direction)
    old = (
        sa.select(_f.id)
        .where(_f.at < before, _f.status.not_in(keep), _f.blob == "", _f.id.not_in(newest))
        .limit(limit)
    )
    return unit.conn.execute(sa.delete(relay_files).where(_f.id.in_(old))).rowcount


def _files(unit: Unit, found: sa.Select[Any]) -> list[File]:
    return [File(**row) for row in unit.conn.execute(found).mappings()]


def _items(
    unit: Unit, which: sa.ColumnElement[bool] | sa.TextClause, limit: int = 500
) -> list[Item]:
    found = sa.select(*_item).where(which).order_by(_i.id).limit(limit)
    return [Item(**row) for row in unit.conn.execute(found).mappings()]
