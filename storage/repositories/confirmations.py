"""Which values somebody of the agency has confirmed, and on what ground."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import confirmations
from storage.unit import Unit
from storage.upsert import insert

PLACE = "confirmations.basis"
_c = confirmations.c


def put(unit: Unit, name: str, mark: str, user_id: int, basis: str, now: datetime) -> None:
    """Confirm a value; once more is a new confirmation in place of the old."""
    sid = unit.sid()
    values = {
        "sid": sid,
        "mark": mark,
        "user_id": user_id,
        "at": now,
        "basis": unit.keys.seal(PLACE, sid, basis.encode()),
    }
    made = insert(unit.conn, confirmations).values(name=name, **values)
    unit.conn.execute(made.on_conflict_do_update(index_elements=[_c.name], set_=values))


def all_(unit: Unit) -> Mapping[str, sa.Row[Any]]:
    """Give every confirmation by name."""
    return {row.name: row for row in unit.conn.execute(sa.select(confirmations))}


def get(unit: Unit, name: str) -> sa.Row[Any] | None:
    found = sa.select(confirmations).where(_c.name == name)
    return unit.conn.execute(found).one_or_none()


def basis(unit: Unit, row: sa.Row[Any]) -> str:
    return unit.keys.open(PLACE, row.sid, row.basis).decode()
