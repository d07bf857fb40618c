"""Work that one process at a time may do, on the database's clock (security S11)."""

import sqlalchemy as sa

from storage.columns import db_later, db_now
from storage.errors import Fenced
from storage.models import leases
from storage.unit import Unit
from storage.upsert import Upsert

_c = leases.c
_holder: sa.BindParameter[str] = sa.bindparam("who", type_=sa.String)
_until = db_later(sa.bindparam("seconds", type_=sa.Float))
_mine = sa.and_(_c.holder == _holder, _c.until >= db_now())
_take = Upsert(
    leases,
    lambda made: (
        made.values(holder=_holder, fence=1, until=_until)
        .on_conflict_do_update(
            index_elements=[_c.name],
            set_={
                "holder": _holder,
                "fence": sa.case((_mine, _c.fence), else_=_c.fence + 1),
                "until": _until,
            },
            where=sa.or_(_c.until < db_now(), _c.holder == _holder),
        )
        .returning(_c.fence)
    ),
)
_fence = sa.select(_c.fence).where(_c.name == sa.bindparam("of")).with_for_update()
_held = sa.select(_c.name).where(_c.name == sa.bindparam("of"), _c.until > db_now())


def take(unit: Unit, name: str, holder: str, seconds: float) -> int | None:
    """Take or renew a lease; gives its fence, None while another holds it.

    The fence grows whenever the lease was let go of in between, even by the same holder.
    """
    values = {"name": name, "who": holder, "seconds": float(seconds)}
    return _take(unit.conn, values).scalar_one_or_none()


def check(unit: Unit, name: str, fence: int) -> None:
    """Make sure, in the transaction that writes, that the job is still ours; else Fenced."""
    if unit.conn.execute(_fence, {"of": name}).scalar_one_or_none() != fence:
        raise Fenced(name)


def give_back(unit: Unit, name: str, fence: int) -> None:
    """Let go of a lease before its time."""
    mine = sa.update(leases).where(_c.name == name, _c.fence == fence)
    unit.conn.execute(mine.values(until=db_later(-1)))


def release(unit: Unit, holder: str) -> int:
    """Let go of all that a process holds, because it goes down; gives how many there were."""
    mine = sa.update(leases).where(_c.holder == holder, _c.until >= db_now())
    return unit.conn.execute(mine.values(until=db_later(-1))).rowcount


def held(unit: Unit, name: str) -> bool:
    """Tell whether somebody holds a lease now."""
    return unit.conn.execute(_held, {"of": name}).first() is not None
