"""Pieces of the clock's work, each by its key: done once, begun anew if it died (security S15)."""

import sqlalchemy as sa

from storage.columns import db_later, db_now, read_once
from storage.models import runs
from storage.unit import Unit
from storage.upsert import insert

_c = runs.c
_old = (
    sa.select(_c.run_key)
    .where(_c.finished_at < read_once(db_later(sa.bindparam("since", type_=sa.Float))))
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_sweep = sa.delete(runs).where(_c.run_key.in_(_old))


def begin(unit: Unit, run_key: str, fence: int = 0) -> bool:
    """Begin a run; False: it is finished, or whoever holds the present fence is at it."""
    row = {"run_key": run_key, "started_at": db_now(), "fence": fence}
    begun = insert(unit.conn, runs).values(row)
    begun = begun.on_conflict_do_update(
        index_elements=[_c.run_key],
        set_={"started_at": db_now(), "fence": fence},
        where=sa.and_(_c.finished_at.is_(None), _c.fence < fence),
    )
    return unit.conn.execute(begun.returning(_c.run_key)).first() is not None


def finish(unit: Unit, run_key: str) -> None:
    done = sa.update(runs).where(_c.run_key == run_key)
    unit.conn.execute(done.values(finished_at=db_now()))


def finished(unit: Unit, run_key: str) -> bool:
    found = sa.select(_c.finished_at).where(_c.run_key == run_key)
    return unit.conn.execute(found).scalar_one_or_none() is not None


def sweep(unit: Unit, days: int, limit: int = 1000) -> int:
    """Forget runs that were finished so many days ago."""
    return unit.conn.execute(_sweep, {"since": -days * 86400.0, "most": limit}).rowcount
