"""Questions to a unit in the auditor's own words, sealed to the filing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import fact_requests, filings
from storage.unit import Unit

_c = fact_requests.c


@dataclass(frozen=True, slots=True)
class FactRequest:
    id: int
    filing_id: int
    unit_id: int
    by_user_id: int | None
    asked: bytes
    reply: bytes
    state: str  # open, answered, closed
    due_at: datetime
    created_at: datetime
    replied_at: datetime | None


def add(
    unit: Unit,
    filing_id: int,
    sid: bytes,
    unit_id: int,
    asked: bytes,
    now: datetime,
    due_at: datetime,
    by_user_id: int | None = None,
) -> int:
    """Write a request; `sid` is the filing's."""
    row = {
        "filing_id": filing_id,
        "unit_id": unit_id,
        "by_user_id": by_user_id,
        "asked": unit.keys.seal("fact_requests.asked", sid, asked),
        "due_at": due_at,
        "created_at": now,
    }
    made = sa.insert(fact_requests).values(row).returning(_c.id)
    return int(unit.conn.execute(made).scalar_one())


def reply(unit: Unit, request_id: int, words: bytes, now: datetime) -> bool:
    """Write the unit's reply; False: the request is not open."""
    found = sa.select(filings.c.sid).join(fact_requests, _c.filing_id == filings.c.id)
    sid = unit.conn.execute(found.where(_c.id == request_id)).scalar_one()
    values = {"reply": unit.keys.seal("fact_requests.reply", sid, words), "replied_at": now}
    done = sa.update(fact_requests).where(_c.id == request_id, _c.state == "open")
    return unit.conn.execute(done.values(state="answered", **values)).rowcount == 1


def close(unit: Unit, request_id: int) -> None:
    """Take a request back."""
    still = sa.update(fact_requests).where(_c.id == request_id, _c.state == "open")
    unit.conn.execute(still.values(state="closed"))


def close_all(unit: Unit, filing_id: int) -> None:
    """Take back what no unit has answered yet."""
    still = sa.update(fact_requests).where(_c.filing_id == filing_id, _c.state == "open")
    unit.conn.execute(still.values(state="closed"))


def get(unit: Unit, request_id: int) -> FactRequest | None:
    return next(iter(_read(unit, _c.id == request_id)), None)


def asked_of(unit: Unit, request_id: int, unit_ids: Collection[int]) -> FactRequest | None:
    """Read a request made to one of these units; another's is like none."""
    return next(iter(_read(unit, sa.and_(_c.id == request_id, _c.unit_id.in_(unit_ids)))), None)


def of(unit: Unit, filing_id: int) -> list[FactRequest]:
    return _read(unit, _c.filing_id == filing_id)


def for_unit(unit: Unit, unit_id: int) -> list[FactRequest]:
    """List what a unit was asked: all that it ever sees."""
    return _read(unit, _c.unit_id == unit_id)


def silent(unit: Unit, before: datetime) -> list[FactRequest]:
    """List open requests that were due before a time."""
    return _read(unit, sa.and_(_c.state == "open", _c.due_at < before))


def _read(unit: Unit, which: sa.ColumnElement[bool]) -> list[FactRequest]:
    found = (
        sa.select(fact_requests, filings.c.sid)
        .join(filings, filings.c.id == _c.filing_id)
        .where(which)
        .order_by(_c.id)
    )
    return [_request(unit, row) for row in unit.conn.execute(found).mappings()]


def _request(unit: Unit, row: sa.RowMapping) -> FactRequest:
    values: dict[str, Any] = dict(row)
    sid = values.pop("sid")
    for name in ("asked", "reply"):
        sealed = values[name]
        place = f"fact_requests.{name}"
        values[name] = b"" if sealed is None else unit.keys.open(place, sid, sealed)
    return FactRequest(**values)
