"""Who serves where, from when to when; `users.unit_id` follows the present posting."""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from storage.models import postings
from storage.unit import Unit

_c = postings.c


def on(day: date) -> sa.ColumnElement[bool]:
    """Tell in SQL that a posting stands on a day; both of its days count."""
    return sa.and_(_c.first_day <= day, sa.or_(_c.last_day.is_(None), _c.last_day >= day))


def begin(unit: Unit, user_id: int, unit_id: int, day: date, *, head: bool = False) -> None:
    row = {"user_id": user_id, "unit_id": unit_id, "head": head, "first_day": day}
    unit.conn.execute(sa.insert(postings).values(row))


def end(unit: Unit, user_id: int, last_day: date) -> int:
    """End what still runs; one that began after `last_day` never was."""
    mine = sa.and_(_c.user_id == user_id, sa.or_(_c.last_day.is_(None), _c.last_day > last_day))
    unit.conn.execute(sa.delete(postings).where(mine, _c.first_day > last_day))
    return unit.conn.execute(sa.update(postings).where(mine).values(last_day=last_day)).rowcount


def move(unit: Unit, user_id: int, unit_id: int, day: date, *, head: bool = False) -> None:
    """Begin a posting on `day`, the one before ends the day before."""
    end(unit, user_id, day - timedelta(days=1))
    begin(unit, user_id, unit_id, day, head=head)


def of(unit: Unit, user_id: int) -> list[sa.Row[Any]]:
    """List where somebody served, the present first."""
    found = sa.select(postings).where(_c.user_id == user_id).order_by(_c.first_day.desc())
    return list(unit.conn.execute(found))


def present(unit: Unit, user_id: int, day: date) -> sa.Row[Any] | None:
    found = sa.select(postings).where(_c.user_id == user_id, on(day)).order_by(_c.id.desc())
    return unit.conn.execute(found.limit(1)).one_or_none()


def heads(unit: Unit, unit_id: int, day: date) -> frozenset[int]:
    """Name the accounts of who heads a unit on a day."""
    found = sa.select(_c.user_id).where(_c.unit_id == unit_id, _c.head, on(day))
    return frozenset(unit.conn.scalars(found))


def serving(unit: Unit, unit_id: int, day: date) -> frozenset[int]:
    """Name the accounts of everybody who serves in a unit on a day."""
    return frozenset(
        unit.conn.scalars(sa.select(_c.user_id).where(_c.unit_id == unit_id, on(day)))
    )


def since(unit: Unit, unit_id: int, day: date) -> frozenset[int]:
    """Name the accounts of everybody who served in a unit on a day or later (S8)."""
    still = sa.or_(_c.last_day.is_(None), _c.last_day >= day)
    found = sa.select(_c.user_id).where(_c.unit_id == unit_id, still)
    return frozenset(unit.conn.scalars(found))
