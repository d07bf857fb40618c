"""Who takes over, in order, when nobody of a unit may handle a report."""

from collections.abc import Sequence

import sqlalchemy as sa

from storage.models import stand_ins
from storage.unit import Unit

_c = stand_ins.c
_places = sa.select(_c.id).where(_c.user_id == sa.bindparam("who")).limit(1)


def of(unit: Unit, unit_id: int) -> tuple[int, ...]:
    """Give the accounts of a unit's chain, the first first."""
    found = sa.select(_c.user_id).where(_c.unit_id == unit_id).order_by(_c.place)
    return tuple(unit.conn.scalars(found))


def every(unit: Unit) -> dict[int, tuple[int, ...]]:
    """Give all chains by unit."""
    found = sa.select(_c.unit_id, _c.user_id).order_by(_c.unit_id, _c.place)
    chains: dict[int, tuple[int, ...]] = {}
    for row in unit.conn.execute(found):
        chains[row.unit_id] = (*chains.get(row.unit_id, ()), row.user_id)
    return chains


def put(unit: Unit, unit_id: int, user_ids: Sequence[int]) -> None:
    """Write a unit's chain anew."""
    unit.conn.execute(sa.delete(stand_ins).where(_c.unit_id == unit_id))
    for place, user_id in enumerate(user_ids, 1):
        row = {"unit_id": unit_id, "place": place, "user_id": user_id}
        unit.conn.execute(sa.insert(stand_ins).values(row))


def stands(unit: Unit, user_id: int) -> bool:
    """Tell whether an account is in any chain."""
    return unit.conn.execute(_places, {"who": user_id}).first() is not None
