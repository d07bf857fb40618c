"""Rates that hold over all processes: GCRA rows on the database's clock (security S18)."""

import sqlalchemy as sa

from storage.columns import db_micros
from storage.models import rates
from storage.unit import Unit
from storage.upsert import insert

_c = rates.c


def take(unit: Unit, name: str, *, every: float, burst: int = 1, count: int = 1) -> float:
    """Take `count` turns of a rate of one in `every` seconds with so much `burst`.

    Gives 0.0 when they were granted, else the seconds after which it is worth asking again;
    then nothing was taken. `count` must not be greater than `burst`.
    """
    step = round(every * 1_000_000)
    now = db_micros()
    ahead = sa.case((_c.tat > now, _c.tat), else_=now) + count * step
    table = insert(unit.conn, rates).values(name=name, tat=now + count * step)
    granted = table.on_conflict_do_update(
        index_elements=[_c.name], set_={"tat": ahead}, where=ahead <= now + burst * step
    ).returning(_c.tat)
    if unit.conn.execute(granted).first() is not None:
        return 0.0
    wait = sa.select(_c.tat + (count - burst) * step - now).where(_c.name == name)
    return max(int(unit.conn.execute(wait).scalar_one()), 1) / 1_000_000


def sweep(unit: Unit, limit: int = 1000) -> int:
    """Delete rates that nobody has used for a day: they would be full again anyway."""
    old = sa.select(_c.name).where(_c.tat < db_micros() - 86_400_000_000).limit(limit)
    return unit.conn.execute(sa.delete(rates).where(_c.name.in_(old))).rowcount
