"""The number that a filing bears in the office's other system: sealed, found by a blind index."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from knowledge.korean import fold
from storage.models import external_numbers, filings
from storage.repositories.filings import Filing
from storage.unit import Unit
from storage.upsert import insert

_c = external_numbers.c
PLACE = "external_numbers.number"
IMPORT = 0x696D706F7274  # the name of a lock


@dataclass(frozen=True, slots=True)
class External:
    """`due_at` is the end of the day that the other system names, None where it was not noted."""

    system: str
    number: str
    due_at: datetime | None
    at: datetime


def put(
    unit: Unit,
    filing: Filing,
    *,
    system: str,
    number: str,
    due_at: datetime | None,
    by: int | None,
    now: datetime,
) -> None:
    """Note a number, or another in its place; spaces, signs and case do not matter for finding it."""
    values: dict[str, Any] = {
        "system": system,
        **_sealed(unit, filing.sid, number),
        "due_at": due_at,
        "by_user_id": by,
        "at": now,
    }
    made = insert(unit.conn, external_numbers).values(filing_id=filing.id, **values)
    unit.conn.execute(made.on_conflict_do_update(index_elements=[_c.filing_id], set_=values))


def of(unit: Unit, filing: Filing) -> External | None:
    """Read what was noted; raises Erased once the filing's key was destroyed."""
    row = unit.conn.execute(
        sa.select(external_numbers).where(_c.filing_id == filing.id)
    ).one_or_none()
    if row is None or row.number is None:
        return None
    plain = unit.keys.open(PLACE, filing.sid, row.number).decode()
    return External(row.system, plain, row.due_at, row.at)


def due_of(unit: Unit, filing_id: int) -> datetime | None:
    """Read the due date alone: it is open, and all that the public part may see of the row."""
    return unit.conn.scalar(sa.select(_c.due_at).where(_c.filing_id == filing_id))


def alone(unit: Unit) -> None:
    """Let one at a time bring numbers in: two would not see each other's until both are done."""
    if unit.dialect == "postgresql":  # SQLite has one writer anyway
        unit.conn.execute(sa.select(sa.func.pg_advisory_xact_lock(IMPORT)))


def find(unit: Unit, number: str) -> list[int]:
    """Give the filings that bear a number, under any key of the ring."""
    indexes = unit.keys.ring.blind_indexes("external_no", fold(number))
    return list(unit.conn.scalars(sa.select(_c.filing_id).where(_c.number_ix.in_(indexes))))


def reindex(unit: Unit, limit: int = 500) -> int:
    """Make blind indexes anew under the first key; 0: the rotation is complete (security S6)."""
    old = (
        sa.select(_c.filing_id, _c.number, filings.c.sid)
        .join(filings, filings.c.id == _c.filing_id)
        .where(_c.number.is_not(None), _c.ix_key_id != unit.keys.ring.first.hex())
        .limit(limit)
        .with_for_update(skip_locked=True, of=external_numbers)
    )
    rows = unit.conn.execute(old).all()
    for row in rows:
        plain = unit.keys.open(PLACE, row.sid, row.number).decode()
        fresh = sa.update(external_numbers).where(_c.filing_id == row.filing_id)
        unit.conn.execute(fresh.values(_sealed(unit, row.sid, plain)))
    return len(rows)


def _sealed(unit: Unit, sid: bytes, number: str) -> dict[str, Any]:
    ring = unit.keys.ring
    return {
        "number": unit.keys.seal(PLACE, sid, number.encode()),
        "number_ix": ring.blind_index("external_no", fold(number)),
        "ix_key_id": ring.first.hex(),
    }
