"""Destroying a filing: its data keys first, then its files, then every column that said anything.

What is left of it is a number and dates (security S35), and the journal's chain, whose details
died with the key.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import journal
from storage.models import attachments, events, filings, metadata
from storage.unit import Unit

STAYS = frozenset({"holds", "disposal_items", "accesses", "filings"})
"""Tables that point at a filing and outlive it.

Who held it, who let it go, who had opened it, and the filings that went on from it.
"""

LEFT = frozenset(
    {
        "id", "sid", "number", "procedure", "procedure_version", "version", "lang", "arrived_at",
        "received_at", "due_at", "first_read_at", "closed_at", "overdue_noticed_at", "erased_at",
    }
)  # fmt: skip
GONE = "erased"  # the state of what was destroyed; no procedure has it

_c = filings.c


@dataclass(frozen=True, slots=True)
class Erased:
    """What went: data keys, files, rows of other tables, details of the journal; 0: it had gone.

    `blobs` are the files to take away after the commit.
    """

    keys: int
    files: int
    rows: int
    events: int
    blobs: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.keys or self.files or self.rows or self.events)

    def counts(self) -> dict[str, int]:
        return {"keys": self.keys, "files": self.files, "rows": self.rows, "events": self.events}


def erase(unit: Unit, filing_id: int, sid: bytes, now: datetime, actor: str) -> Erased:
    """Destroy a filing and write `erased` with the counts; run again, it changes nothing.

    Opens nothing that is sealed: it also finishes what another database had destroyed before.
    """
    keys = unit.keys.destroy(sid) + journal.destroy_words(unit, sid)
    blobs, rows = _children(unit, filing_id)
    details = sa.select(sa.func.count()).select_from(events)
    mine = (events.c.subject == sid, events.c.detail.is_not(None), events.c.kind != journal.ERASED)
    told = int(unit.conn.execute(details.where(*mine)).scalar_one())
    _blank(unit, filing_id, now)
    gone = Erased(keys, len(blobs), rows, told, tuple(blobs))
    if gone:
        journal.erase(unit, sid, now, actor, gone.counts())
    return gone


def children() -> list[sa.Table]:
    """Give the tables whose rows belong to a filing, those first that point at others of them."""
    return [
        table
        for table in reversed(metadata.sorted_tables)
        if table.name not in STAYS and _pointer(table) is not None
    ]


def _pointer(table: sa.Table) -> sa.Column[Any] | None:
    found = [key.parent for key in table.foreign_keys if key.column.table is filings]
    return found[0] if found else None


def _children(unit: Unit, filing_id: int) -> tuple[list[str], int]:
    """Take the rows of other tables away, and first the keys of those that have their own."""
    mine = attachments.c.filing_id == filing_id
    named = unit.conn.execute(sa.select(attachments.c.blob, attachments.c.clean_blob).where(mine))
    blobs = [name for row in named for name in row if name]
    rows = 0
    for table in children():
        pointer = _pointer(table)
        assert pointer is not None
        if "sid" in table.c:
            for sid in list(unit.conn.scalars(sa.select(table.c.sid).where(pointer == filing_id))):
                unit.keys.destroy(sid)
        rows += unit.conn.execute(sa.delete(table).where(pointer == filing_id)).rowcount
    return blobs, rows


def _blank(unit: Unit, filing_id: int, now: datetime) -> None:
    once = sa.func.coalesce(_c.erased_at, sa.literal(now, _c.erased_at.type))
    values: dict[str, Any] = {"erased_at": once, "state": GONE}
    for column in _c:
        if column.name not in LEFT and column.name not in values:
            values[column.name] = None if column.nullable else _nothing(column)
    unit.conn.execute(sa.update(filings).where(_c.id == filing_id).values(values))


def _nothing(column: sa.Column[Any]) -> Any:
    kind = column.type.impl if isinstance(column.type, sa.types.TypeDecorator) else column.type
    if isinstance(kind, sa.Boolean):
        return False
    return 0 if isinstance(kind, sa.Integer) else ""
