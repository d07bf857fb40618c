"""Days that the agency wants to be reminded of."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from storage.models import agency_dates
from storage.unit import Unit

_c = agency_dates.c

COLUMNS = ("id", "kind", "title", "day", "repeats", "ahead", "role")
"""What is read of a day: not who put it there."""


def add(
    unit: Unit,
    *,
    kind: str,
    title: str,
    day: date,
    repeats: str,
    ahead: str,
    role: str,
    user_id: int | None,
    now: datetime,
) -> int:
    """Add one; `ahead` are numbers of days with commas."""
    row = {"kind": kind, "title": title, "day": day, "repeats": repeats, "ahead": ahead}
    made = sa.insert(agency_dates).values(role=role, made_by_id=user_id, made_at=now, **row)
    return int(unit.conn.execute(made.returning(_c.id)).scalar_one())


def running(unit: Unit) -> list[sa.Row[Any]]:
    """List those that nobody has ended, in order."""
    columns = [_c[name] for name in COLUMNS]
    found = sa.select(*columns).where(_c.ended_at.is_(None)).order_by(_c.day, _c.id)
    return list(unit.conn.execute(found))


def get(unit: Unit, date_id: int) -> sa.Row[Any] | None:
    found = sa.select(agency_dates).where(_c.id == date_id)
    return unit.conn.execute(found).one_or_none()


def end(unit: Unit, date_id: int, now: datetime) -> bool:
    """End one; False: it is over, or there is none."""
    still = sa.update(agency_dates).where(_c.id == date_id, _c.ended_at.is_(None))
    return unit.conn.execute(still.values(ended_at=now)).rowcount == 1
