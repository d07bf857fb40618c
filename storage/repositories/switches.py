"""What an official has said of the world outside: a name, whether it is so, since when."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import switches
from storage.unit import Unit

_c = switches.c


def get(unit: Unit, name: str) -> sa.Row[Any] | None:
    """Read a switch; None while nobody has ever turned it."""
    return unit.conn.execute(sa.select(switches).where(_c.name == name)).one_or_none()


def put(unit: Unit, name: str, now: datetime, by_id: int | None, *, on: bool) -> None:
    """Turn a switch."""
    values = {"on": on, "at": now, "by_id": by_id}
    turned = sa.update(switches).where(_c.name == name).values(values)
    if unit.conn.execute(turned).rowcount == 0:
        unit.conn.execute(sa.insert(switches).values(name=name, **values))
