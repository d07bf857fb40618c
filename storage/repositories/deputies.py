"""Who acts for whom, from day to day."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from storage.models import deputies
from storage.unit import Unit

_c = deputies.c


def on(day: date | sa.BindParameter[date]) -> sa.ColumnElement[bool]:
    """Tell in SQL that somebody acts for another on a day; both days count."""
    return sa.and_(_c.first_day <= day, _c.last_day >= day, _c.ended_at.is_(None))


_today = on(sa.bindparam("day", type_=sa.Date))
_who = sa.bindparam("who", type_=sa.Integer)
_persons = sa.select(_c.person_id).where(_c.deputy_id == _who, _today)
_deputies = sa.select(_c.deputy_id).where(_c.person_id == _who, _today)


def add(
    unit: Unit, person_id: int, deputy_id: int, first: date, last: date, by: int | None,
    now: datetime,
) -> int:  # fmt: skip
    row = {
        "person_id": person_id,
        "deputy_id": deputy_id,
        "first_day": first,
        "last_day": last,
        "set_by_id": by,
        "set_at": now,
    }
    made = sa.insert(deputies).values(row).returning(_c.id)
    return int(unit.conn.execute(made).scalar_one())


def get(unit: Unit, deputy_row: int) -> sa.Row[Any] | None:
    return unit.conn.execute(sa.select(deputies).where(_c.id == deputy_row)).one_or_none()


def end(unit: Unit, deputy_row: int, now: datetime) -> bool:
    """End it now, before its last day; False: it has ended."""
    mine = sa.update(deputies).where(_c.id == deputy_row, _c.ended_at.is_(None))
    return unit.conn.execute(mine.values(ended_at=now)).rowcount == 1


def end_of(unit: Unit, user_id: int, day: date, now: datetime) -> int:
    """End everything that somebody who leaves has part in."""
    part = sa.or_(_c.person_id == user_id, _c.deputy_id == user_id)
    mine = sa.update(deputies).where(part, _c.ended_at.is_(None), _c.last_day >= day)
    return unit.conn.execute(mine.values(ended_at=now)).rowcount


def standing_for(unit: Unit, user_id: int, day: date) -> frozenset[int]:
    """Name the accounts for whom this one acts on a day."""
    return frozenset(unit.conn.scalars(_persons, {"who": user_id, "day": day}))


def of(unit: Unit, person_id: int, day: date) -> frozenset[int]:
    """Name the accounts that act for this one on a day."""
    return frozenset(unit.conn.scalars(_deputies, {"who": person_id, "day": day}))


def running(unit: Unit, day: date) -> list[sa.Row[Any]]:
    """List what stands on a day or is to come, by its first day."""
    found = sa.select(deputies).where(_c.last_day >= day, _c.ended_at.is_(None))
    return list(unit.conn.execute(found.order_by(_c.first_day, _c.id)))
