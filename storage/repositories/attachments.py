"""Files of dialogs and filings; each has a data key of its own (security S25)."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.errors import Erased, SealError
from storage.models import attachments
from storage.models.filings import TODO
from storage.unit import Unit

_c = attachments.c
todo = sa.text(TODO)  # an index of those few rows: this is asked each second (security S18)
ORIGINAL, CLEAN = "attachments.blob", "attachments.clean_blob"


@dataclass(frozen=True, slots=True)
class Attachment:
    """`ref` is what dialogs and filings call it; `name` is the sender's, for auditors only."""

    id: int
    sid: bytes
    filing_id: int | None
    peer_id: int | None
    blob: str
    clean_blob: str
    kind: str
    size: int
    mime: str
    name: str
    status: str  # waiting, stored, clean, no_preview, failed, found, quarantined
    scan: str  # clean, found, away, "" (nobody looked)
    created_at: datetime

    @property
    def ref(self) -> str:
        return self.sid.hex()


def add(
    unit: Unit,
    *,
    kind: str,
    now: datetime,
    peer_id: int | None = None,
    filing_id: int | None = None,
    name: str = "",
    mime: str = "",
    size: int = 0,
    locator: str = "",
    sid: bytes | None = None,
) -> Attachment:
    """Write a file that is still to be fetched (`locator`) or stored (`store`)."""
    sid = unit.sid() if sid is None else sid
    row = {
        "sid": sid,
        "kind": kind,
        "peer_id": peer_id,
        "filing_id": filing_id,
        "mime": mime,
        "size": size,
        "name": unit.keys.seal("attachments.name", sid, name.encode()) if name else None,
        "locator": _locator(unit, sid, locator),
        "created_at": now,
    }
    made = sa.insert(attachments).values(row).returning(attachments)
    return _file(unit, unit.conn.execute(made).mappings().one())


def store(unit: Unit, file: Attachment, content: bytes) -> str:
    """Seal and store the original; the blob is on the disk before the row is written."""
    blob = unit.blobs.put(unit.keys.seal(ORIGINAL, file.sid, content))
    mac = unit.keys.mac(ORIGINAL, file.sid, content)
    values = {"blob": blob, "mac": mac, "size": len(content), "status": "stored"}
    unit.conn.execute(_of(file).values(locator=None, **values))
    return blob


def store_clean(unit: Unit, file: Attachment, content: bytes) -> str:
    """Seal and store the copy that everybody else sees."""
    blob = unit.blobs.put(unit.keys.seal(CLEAN, file.sid, content))
    mac = unit.keys.mac(CLEAN, file.sid, content)
    unit.conn.execute(_of(file).values(clean_blob=blob, clean_mac=mac, status="clean"))
    return blob


def set_status(unit: Unit, file: Attachment, status: str, mime: str | None = None) -> None:
    values = {"status": status} if mime is None else {"status": status, "mime": mime}
    unit.conn.execute(_of(file).values(values))


def set_scan(unit: Unit, file: Attachment, scan: str) -> None:
    """Note what the scanner said; of what it found nobody is shown anything any more."""
    values = {"scan": scan} | ({"status": "found"} if scan == "found" else {})
    unit.conn.execute(_of(file).values(values))


def drop_clean(unit: Unit, file: Attachment) -> str:
    """Forget the clean copy of a file; gives its blob, to be deleted after the commit."""
    unit.conn.execute(_of(file).values(clean_blob="", clean_mac=None))
    return file.clean_blob


def original(unit: Unit, file: Attachment) -> bytes:
    """Open the original; raises SealError if it is not what was stored."""
    return _content(unit, file, ORIGINAL, file.blob, "mac")


def clean(unit: Unit, file: Attachment) -> bytes:
    """Open the clean copy."""
    return _content(unit, file, CLEAN, file.clean_blob, "clean_mac")


def locator(unit: Unit, file: Attachment) -> str:
    """Say where a file still lies at the messenger; "" once it was fetched."""
    sealed = unit.conn.execute(sa.select(_c.locator).where(_c.id == file.id)).scalar_one()
    return (
        "" if sealed is None else unit.keys.open("attachments.locator", file.sid, sealed).decode()
    )


def by_ref(unit: Unit, ref: str) -> Attachment | None:
    """Find a file by its ref; None for what is none."""
    try:
        sid = bytes.fromhex(ref)
    except ValueError:
        return None
    row = unit.conn.execute(sa.select(attachments).where(_c.sid == sid)).mappings().one_or_none()
    return None if row is None else _file(unit, row)


def owner(ref: str) -> sa.Select[Any]:
    """Select the filing that a file belongs to; of what is no file, nothing, by the same road."""
    try:
        sid = bytes.fromhex(ref)
    except ValueError:
        sid = b""
    return sa.select(_c.filing_id).where(_c.sid == sid, _c.filing_id.is_not(None))


def of_filing(unit: Unit, filing_id: int) -> list[Attachment]:
    return _all(unit, _c.filing_id == filing_id)


def of_peer(unit: Unit, peer_id: int) -> list[Attachment]:
    """List what a peer sent that belongs to no filing yet."""
    return _all(unit, sa.and_(_c.peer_id == peer_id, _c.filing_id.is_(None)))


def in_status(unit: Unit, status: str, limit: int = 20) -> list[Attachment]:
    """List what is to be fetched (`waiting`), cleaned (`stored`), told (`found`), oldest first."""
    return _all(unit, sa.and_(_c.status == status, todo), limit)


def to_fetch(unit: Unit, limit: int) -> list[Attachment]:
    """List what still lies at a messenger: what belongs to a report first, then the oldest."""
    wanted = sa.select(attachments).where(_c.status == "waiting", todo)
    found = wanted.order_by(_c.filing_id.is_(None), _c.id).limit(limit)
    return [_file(unit, row) for row in unit.conn.execute(found).mappings()]


def unscanned(unit: Unit, limit: int = 20) -> list[Attachment]:
    """List what came while the scanner was away."""
    return _all(unit, sa.text("scan = 'away'"), limit)


def attach(unit: Unit, file: Attachment, filing_id: int, *, keep_peer: bool) -> None:
    """Give a file to a filing; without a name the peer is forgotten in the same commit (S1)."""
    values: dict[str, Any] = {"filing_id": filing_id}
    if not keep_peer:
        values["peer_id"] = None
        values["created_at"] = file.created_at.replace(minute=0, second=0, microsecond=0)
    unit.conn.execute(_of(file).values(values))


def bytes_since(unit: Unit, peer_id: int, since: datetime) -> int:
    """Add up what a peer has sent since (security S34), without what never came."""
    total = sa.select(sa.func.coalesce(sa.func.sum(_c.size), 0))
    mine = total.where(_c.peer_id == peer_id, _c.status != "failed")
    return int(unit.conn.execute(mine.where(_c.created_at >= since)).scalar_one())


def remove(unit: Unit, file: Attachment) -> list[str]:
    """Destroy a file's key and row; gives the blobs to delete after the commit."""
    unit.keys.destroy(file.sid)
    unit.conn.execute(sa.delete(attachments).where(_c.id == file.id))
    return [name for name in (file.blob, file.clean_blob) if name]


def orphans(unit: Unit, before: datetime, limit: int = 100) -> list[Attachment]:
    """List files of dialogs that came to nothing."""
    return _all(unit, sa.and_(_c.filing_id.is_(None), _c.created_at < before), limit)


def named(unit: Unit, blobs: Sequence[str]) -> set[str]:
    """Tell which of these files a row names."""
    if not blobs:
        return set()
    found = sa.select(_c.blob, _c.clean_blob).where(
        sa.or_(_c.blob.in_(blobs), _c.clean_blob.in_(blobs))
    )
    return {name for row in unit.conn.execute(found) for name in row if name}


def _of(file: Attachment) -> sa.Update:
    return sa.update(attachments).where(_c.id == file.id)


def _locator(unit: Unit, sid: bytes, where: str) -> bytes | None:
    return unit.keys.seal("attachments.locator", sid, where.encode()) if where else None


def _content(unit: Unit, file: Attachment, place: str, blob: str, mac: str) -> bytes:
    content = unit.keys.open(place, file.sid, unit.blobs.get(blob))
    stored = unit.conn.execute(sa.select(_c[mac]).where(_c.id == file.id)).scalar_one()
    if not unit.keys.mac_holds(place, file.sid, content, stored):
        raise SealError(f"{place}: not the file that was stored")
    return content


def _all(
    unit: Unit, which: sa.ColumnElement[bool] | sa.TextClause, limit: int = 200
) -> list[Attachment]:
    found = sa.select(attachments).where(which).order_by(_c.id).limit(limit)
    return [_file(unit, row) for row in unit.conn.execute(found).mappings()]


def _file(unit: Unit, row: sa.RowMapping) -> Attachment:
    sealed, name = row["name"], ""
    if sealed is not None:
        with contextlib.suppress(Erased):  # a restore brings back what has no key any more
            name = unit.keys.open("attachments.name", row["sid"], sealed).decode()
    values = {key: row[key] for key in Attachment.__dataclass_fields__ if key != "name"}
    return Attachment(name=name, **values)
