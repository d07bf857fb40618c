"""Where the work of a unit went, and where that of its predecessors came from."""

from datetime import date

import sqlalchemy as sa

from storage.models import unit_successors
from storage.unit import Unit
from storage.upsert import NewRow

_c = unit_successors.c
_new = NewRow(unit_successors)


def add(unit: Unit, unit_id: int, successor_id: int, day: date) -> bool:
    """Write down a successor; False: it was known."""
    row = {"unit_id": unit_id, "successor_id": successor_id, "from_day": day}
    return _new(unit.conn, row)


def after(unit: Unit, unit_id: int) -> frozenset[int]:
    """Name everything that took over from a unit, itself included."""
    return _walk(unit, unit_id, forward=True)


def before(unit: Unit, unit_id: int) -> frozenset[int]:
    """Name everything that a unit took over from, itself included."""
    return _walk(unit, unit_id, forward=False)


def _walk(unit: Unit, start: int, *, forward: bool) -> frozenset[int]:
    pairs = unit.conn.execute(sa.select(_c.unit_id, _c.successor_id)).all()
    found, layer = {start}, {start}
    while layer:
        steps = ((a, b) if forward else (b, a) for a, b in pairs)
        layer = {to for at, to in steps if at in layer} - found
        found |= layer
    return frozenset(found)
