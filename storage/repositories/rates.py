"""Rates that hold over all processes: GCRA rows on the database's clock (security S18)."""

import sqlalchemy as sa

from storage.columns import db_micros
from storage.models import rates
from storage.unit import Unit
from storage.upsert import Upsert

_c = rates.c
_now = db_micros()
_cost: sa.BindParameter[int] = sa.bindparam("cost", type_=sa.BigInteger)
_room: sa.BindParameter[int] = sa.bindparam("room", type_=sa.BigInteger)
SLIP = 900_000_000
"""Microseconds beyond its burst that no rate reaches: then the clock was set back, and waiting
until it has caught up would keep everybody silent for hours."""

_held = sa.and_(_c.tat > _now, _c.tat <= _now + _room + SLIP)
_ahead = sa.case((_held, _c.tat), else_=_now) + _cost
_take = Upsert(
    rates,
    lambda made: (
        made.values(tat=_now + _cost)
        .on_conflict_do_update(
            index_elements=[_c.name], set_={"tat": _ahead}, where=_ahead <= _now + _room
        )
        .returning(_c.tat)
    ),
)
_most = _now + _room
_use = Upsert(
    rates,
    lambda made: (
        made.values(tat=_now + _cost)
        .on_conflict_do_update(
            index_elements=[_c.name], set_={"tat": sa.case((_ahead <= _most, _ahead), else_=_most)}
        )
        .returning(_c.tat)
    ),
)
_wait = sa.select(_c.tat + _cost - _room - _now).where(_c.name == sa.bindparam("of"))
_old = (
    sa.select(_c.name)
    .where(_c.tat < _now - 86_400_000_000)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_sweep = sa.delete(rates).where(_c.name.in_(_old))
_left = sa.select(_ahead - _room - _now).where(_c.name == sa.bindparam("of"))


def take(unit: Unit, name: str, *, every: float, burst: int = 1, count: int = 1) -> float:
    """Take `count` turns of a rate of one in `every` seconds with so much `burst`.

    Gives 0.0 when they were granted, else the seconds after which it is worth asking again;
    then nothing was taken. `count` must not be greater than `burst`.
    """
    step = round(every * 1_000_000)
    values = {"cost": count * step, "room": burst * step}
    if _take(unit.conn, {"name": name, **values}).first() is not None:
        return 0.0
    wait = unit.conn.execute(_wait, {"of": name, **values}).scalar_one()
    return max(int(wait), 1) / 1_000_000


_there = sa.select(_c.tat, _now.label("now")).where(_c.name == sa.bindparam("of"))
_locked = _there.with_for_update()
_none = Upsert(rates, lambda made: made.values(tat=_now).on_conflict_do_nothing())
_set = sa.update(rates).where(_c.name == sa.bindparam("of")).values(tat=sa.bindparam("to"))


def some(
    unit: Unit, name: str, *, every: float, burst: float, most: int, least: int = 1
) -> tuple[int, float]:
    """Take as many turns as there are, up to `most`; else the seconds until there are `least`.

    A `burst` smaller than that of others who take of the same rate leaves them room at any time.
    Fewer than `least` are left where they are: who asks again for each one asks too often.
    """
    step = round(every * 1_000_000)
    room = max(round(burst * step), step)
    tat, now = _ahead_of(unit, name)
    if tat > now + room + SLIP:
        tat = now  # the clock was set back
    free = (now + room - max(tat, now)) // step
    wanted = min(least, most, room // step)
    if free < wanted:
        return 0, (tat + wanted * step - room - now) / 1_000_000
    granted = min(most, free)
    unit.conn.execute(_set, {"of": name, "to": max(tat, now) + granted * step})
    return granted, 0.0


def hold(unit: Unit, name: str) -> None:
    """Keep others from a rate until the commit: who takes of several takes this one first."""
    _ahead_of(unit, name)


def push(unit: Unit, name: str, *, every: float, count: int) -> None:
    """Take `count` turns whether there are any or not: what was done is done."""
    tat, now = _ahead_of(unit, name)
    step = round(every * 1_000_000)
    unit.conn.execute(_set, {"of": name, "to": max(tat, now) + count * step})


def _ahead_of(unit: Unit, name: str) -> tuple[int, int]:
    row = unit.conn.execute(_locked, {"of": name}).one_or_none()
    if row is None:
        _none(unit.conn, {"name": name})
        row = unit.conn.execute(_locked, {"of": name}).one()
    return int(row.tat), int(row.now)


def use(unit: Unit, name: str, *, every: float, burst: int, count: int) -> None:
    """Take `count` turns (not more than `burst`) of what has happened already, or all there are."""
    step = round(every * 1_000_000)
    _use(unit.conn, {"name": name, "cost": count * step, "room": burst * step})


def spent(unit: Unit, name: str, *, every: float, burst: int, count: int = 1) -> bool:
    """Tell whether not so many turns of a rate are left, and take none."""
    step = round(every * 1_000_000)
    values = {"cost": count * step, "room": burst * step}
    wait = unit.conn.execute(_left, {"of": name, **values}).scalar_one_or_none()
    return wait is not None and int(wait) > 0


def sweep(unit: Unit, limit: int = 1000) -> int:
    """Delete rates that nobody has used for a day: they would be full again anyway."""
    return unit.conn.execute(_sweep, {"most": limit}).rowcount
