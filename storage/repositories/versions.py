"""How often something changed that every process keeps in memory."""

import sqlalchemy as sa

from storage.models import versions
from storage.unit import Unit
from storage.upsert import insert

_c = versions.c
_read = sa.select(_c.number).where(_c.name == sa.bindparam("of"))


def get(unit: Unit, name: str) -> int:
    """Tell the number; 0 while nothing was ever changed."""
    return unit.conn.execute(_read, {"of": name}).scalar() or 0


def move(unit: Unit, name: str) -> None:
    """Say, with this commit, that something changed."""
    made = insert(unit.conn, versions).values(name=name, number=1)
    unit.conn.execute(
        made.on_conflict_do_update(index_elements=[_c.name], set_={"number": _c.number + 1})
    )
