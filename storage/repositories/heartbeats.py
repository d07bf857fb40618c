"""Signs of life: rows, because the process that asks is not the one that lives."""

import sqlalchemy as sa

from storage.columns import db_now
from storage.models import heartbeats
from storage.unit import Unit
from storage.upsert import NewRow, Upsert

TICK, BACKUP, ROOM = "tick", "backup", "office_room"
POLL, SOCKET = "telegram.poll", "slack.socket"
PRESSED = "pressed"
AWAY = "away."
"""Before a channel's name: since when nothing could be sent there."""
MORE = "more."
"""Before the name of a sweep: there is more to be swept than it takes at once."""

_c = heartbeats.c
_beat = Upsert(
    heartbeats,
    lambda made: made.values(at=db_now()).on_conflict_do_update(
        index_elements=[_c.name], set_={"at": db_now()}
    ),
)
_begin = NewRow(heartbeats, at=db_now())
_one = sa.select(_c.at, db_now().label("now")).where(_c.name == sa.bindparam("of"))


def begin(unit: Unit, name: str) -> None:
    """Note since when it is so, unless it was so before."""
    _begin(unit.conn, {"name": name})


def beat(unit: Unit, name: str) -> None:
    """Note that it happened just now, by the database's clock."""
    _beat(unit.conn, {"name": name})


def stop(unit: Unit, *names: str) -> None:
    """Forget them: what they stood for is so no more."""
    unit.conn.execute(sa.delete(heartbeats).where(_c.name.in_(names)))


def begun(unit: Unit, before: str) -> list[str]:
    """List what stands behind such a beginning of a name."""
    found = sa.select(_c.name).where(_c.name.startswith(before, autoescape=True)).order_by(_c.name)
    return [name.removeprefix(before) for name in unit.conn.scalars(found)]


def age(unit: Unit, name: str) -> float | None:
    """Tell how many seconds ago it happened; None: it has not."""
    found = unit.conn.execute(_one, {"of": name}).one_or_none()
    return None if found is None else float((found.now - found.at).total_seconds())


def ages(unit: Unit) -> dict[str, float]:
    """Tell how many seconds ago each last happened."""
    found = unit.conn.execute(sa.select(_c.name, _c.at, db_now().label("now")))
    return {row.name: (row.now - row.at).total_seconds() for row in found}
