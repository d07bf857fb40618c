"""Days off that the agency added to the national ones."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from storage.models import days_off
from storage.unit import Unit
from storage.upsert import NewRow

_c = days_off.c
_new = NewRow(days_off)
_listed = sa.select(days_off).order_by(_c.day)


def add(unit: Unit, day: date, name: str, source: str, now: datetime) -> bool:
    """Add a day off; False: it was there already."""
    unit.days_off = None
    row = {"day": day, "name": name, "source": source, "added_at": now}
    return _new(unit.conn, row)


def remove(unit: Unit, day: date) -> bool:
    unit.days_off = None
    return unit.conn.execute(sa.delete(days_off).where(_c.day == day)).rowcount == 1


def listed(unit: Unit) -> list[sa.Row[Any]]:
    """List all of them in order; (count, last added) names a version of the calendar."""
    if unit.days_off is None:
        unit.days_off = list(unit.conn.execute(_listed))
    return unit.days_off
