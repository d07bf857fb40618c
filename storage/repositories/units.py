"""Units of the agency, with their days of validity."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from storage.models import units
from storage.unit import Unit
from storage.upsert import insert

_c = units.c


def add(
    unit: Unit,
    code: str,
    name: str,
    *,
    valid_from: date,
    aliases: Sequence[str] = (),
    parent_id: int | None = None,
    kind: str = "unit",
    valid_until: date | None = None,
    email: str = "",
    open_: bool = True,
) -> int:
    """Add a unit, or bring the one of this code up to date; gives its id."""
    values: dict[str, Any] = {
        "name": name,
        "aliases": "\n".join(aliases),
        "parent_id": parent_id,
        "kind": kind,
        "valid_from": valid_from,
        "valid_until": valid_until,
        "email": email,
        "open": open_,
    }
    made = insert(unit.conn, units).values(code=code, **values)
    made = made.on_conflict_do_update(index_elements=[_c.code], set_=values)
    return int(unit.conn.execute(made.returning(_c.id)).scalar_one())


def get(unit: Unit, unit_id: int) -> sa.Row[Any] | None:
    return unit.conn.execute(sa.select(units).where(_c.id == unit_id)).one_or_none()


def by_code(unit: Unit, code: str) -> sa.Row[Any] | None:
    return unit.conn.execute(sa.select(units).where(_c.code == code)).one_or_none()


def standing(unit: Unit, day: date) -> list[sa.Row[Any]]:
    """List the units that exist on a day, by name."""
    now = sa.and_(_c.valid_from <= day, sa.or_(_c.valid_until.is_(None), _c.valid_until >= day))
    return list(unit.conn.execute(sa.select(units).where(now).order_by(_c.name, _c.id)))


def end(unit: Unit, unit_id: int, last_day: date) -> None:
    """Let a unit end; a day before it began leaves it its first day alone."""
    first = sa.select(_c.valid_from).where(_c.id == unit_id)
    began: date = unit.conn.execute(first).scalar_one()
    values = {"valid_until": max(last_day, began)}
    unit.conn.execute(sa.update(units).where(_c.id == unit_id).values(values))


def move_under(unit: Unit, old_id: int, new_id: int | None) -> list[str]:
    """Put what stands under a unit under another; gives the names."""
    below = sa.and_(_c.parent_id == old_id, _c.id != (new_id or 0))
    names = list(unit.conn.scalars(sa.select(_c.name).where(below).order_by(_c.name)))
    unit.conn.execute(sa.update(units).where(below).values(parent_id=new_id))
    return names


def call(unit: Unit, unit_id: int, aliases: Sequence[str]) -> None:
    """Say what else people call a unit."""
    values = {"aliases": "\n".join(aliases)}
    unit.conn.execute(sa.update(units).where(_c.id == unit_id).values(values))
