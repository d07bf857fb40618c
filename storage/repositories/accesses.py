"""The access log: written once, read by the inspector, swept after its time."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import accesses
from storage.repositories import users
from storage.unit import Unit

PLACE = "accesses.reason"
_c = accesses.c
_since = sa.bindparam("since", type_=_c.at.type)
_until = sa.bindparam("until", type_=_c.at.type)
_between = sa.and_(_c.at >= _since, _c.at < _until)
_open = (_c.id, _c.at, _c.user_id, _c.network, _c.what, _c.filing_id, _c.sid, _c.count)
_some = sa.select(_c.id).where(_between).limit(1)
_whole = sa.select(*_open, _c.reason).where(_between).order_by(_c.id)
_old = sa.select(_c.id).where(_c.at < sa.bindparam("before", type_=_c.at.type))
_sweep = sa.delete(accesses).where(
    _c.id.in_(_old.order_by(_c.id).limit(sa.bindparam("most", type_=sa.Integer)))
)


def add(
    unit: Unit,
    user_id: int,
    at: datetime,
    what: str,
    *,
    network: str = "",
    filing_id: int | None = None,
    sid: bytes | None = None,
    count: int = 1,
    reason: str = "",
) -> None:
    """Write what an official did with whose data; the reason is sealed to the official."""
    sealed = unit.keys.seal(PLACE, users.sid(unit, user_id), reason.encode()) if reason else None
    row = {"user_id": user_id, "network": network, "filing_id": filing_id, "reason": sealed}
    unit.conn.execute(sa.insert(accesses).values(at=at, what=what, sid=sid, count=count, **row))


def reason(unit: Unit, row: sa.Row[Any]) -> str:
    """Read the reason that was given, "" where none was asked for."""
    if row.reason is None:
        return ""
    return unit.keys.open(PLACE, users.sid(unit, row.user_id), row.reason).decode()


def sweep(unit: Unit, before: datetime, limit: int = 2000) -> int:
    """Delete what has been kept long enough."""
    return unit.conn.execute(_sweep, {"before": before, "most": limit}).rowcount


def any_in(unit: Unit, since: datetime, until: datetime) -> bool:
    """Tell whether there is any line in a span."""
    return unit.conn.execute(_some, {"since": since, "until": until}).first() is not None


def digest(unit: Unit, since: datetime, until: datetime) -> tuple[int, str]:
    """Count the rows of a span and hash them: what the journal keeps, to be compared later."""
    count, hashed = 0, hashlib.sha256()
    for row in _span(unit, since, until):
        count += 1
        hashed.update(repr(tuple(row)).encode())
    return count, hashed.hexdigest()


def _span(unit: Unit, since: datetime, until: datetime) -> Iterator[Any]:
    yield from unit.conn.execute(_whole, {"since": since, "until": until})
