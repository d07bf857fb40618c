"""A filing's clock: stops, extensions, deadlines."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import deadlines, extensions, stops
from storage.quick import Quick
from storage.unit import Unit
from storage.upsert import insert_into

_s, _e, _d = stops.c, extensions.c, deadlines.c


def _setting(dialect: str) -> sa.Executable:
    made = insert_into(dialect, deadlines)
    values = {"due_at": made.excluded.due_at, "done_at": made.excluded.done_at}
    return made.on_conflict_do_update(index_elements=[_d.filing_id, _d.name], set_=values)


_set = Quick(_setting)
_meet = Quick(
    sa.update(deadlines).where(
        _d.filing_id == sa.bindparam("filing"),
        _d.name == sa.bindparam("which"),
        _d.done_at.is_(None),
    )
)


def stop(
    unit: Unit, filing_id: int, kind: str, started_at: datetime, until: datetime | None = None
) -> int:
    """Begin a stop; `until` is what the other side was given."""
    row = {"filing_id": filing_id, "kind": kind, "started_at": started_at, "until": until}
    return int(unit.conn.execute(sa.insert(stops).values(row).returning(_s.id)).scalar_one())


def resume(unit: Unit, filing_id: int, kind: str, ended_at: datetime) -> int:
    """End the open stops of a kind; gives how many there were."""
    standing = (_s.filing_id == filing_id, _s.kind == kind, _s.ended_at.is_(None))
    return unit.conn.execute(sa.update(stops).where(*standing).values(ended_at=ended_at)).rowcount


def end_stop(unit: Unit, stop_id: int, ended_at: datetime) -> None:
    """End one stop at a moment of its own."""
    unit.conn.execute(sa.update(stops).where(_s.id == stop_id).values(ended_at=ended_at))


def prolong(unit: Unit, stop_id: int, until: datetime) -> None:
    """Give the other side more time."""
    unit.conn.execute(sa.update(stops).where(_s.id == stop_id).values(until=until))


def stops_of(unit: Unit, filing_id: int) -> list[sa.Row[Any]]:
    found = sa.select(stops).where(_s.filing_id == filing_id).order_by(_s.id)
    return list(unit.conn.execute(found))


def stops_over(unit: Unit, kind: str, now: datetime) -> list[sa.Row[Any]]:
    """List open stops of a kind whose time is over."""
    over = (_s.kind == kind, _s.ended_at.is_(None), _s.until < now)
    return list(unit.conn.execute(sa.select(stops).where(*over).order_by(_s.id)))


def extend(
    unit: Unit,
    filing_id: int,
    deadline: str,
    kind: str,
    amount: int,
    at: datetime,
    by_user_id: int | None = None,
) -> int:
    """Record an extension."""
    row = {"filing_id": filing_id, "deadline": deadline, "kind": kind, "amount": amount}
    made = sa.insert(extensions).values(at=at, by_user_id=by_user_id, **row).returning(_e.id)
    return int(unit.conn.execute(made).scalar_one())


def extensions_of(unit: Unit, filing_id: int) -> list[sa.Row[Any]]:
    found = sa.select(extensions).where(_e.filing_id == filing_id).order_by(_e.id)
    return list(unit.conn.execute(found))


def set_deadline(
    unit: Unit, filing_id: int, name: str, due_at: datetime | None, done_at: datetime | None = None
) -> None:
    """Write when something is due; None while the clock stands still."""
    values = {"due_at": due_at, "done_at": done_at}
    _set.later(unit.conn, {"filing_id": filing_id, "name": name, **values})


def meet(unit: Unit, filing_id: int, name: str, now: datetime) -> None:
    """Note that something was done in its time, or after."""
    _meet.later(unit.conn, {"filing": filing_id, "which": name, "done_at": now})


def rest(unit: Unit, filing_id: int, now: datetime) -> None:
    """Let no deadline of a filing run here."""
    mine = (_d.filing_id == filing_id, _d.done_at.is_(None))
    unit.conn.execute(sa.update(deadlines).where(*mine).values(done_at=now))


_deadlines = sa.select(deadlines).where(_d.filing_id == sa.bindparam("filing")).order_by(_d.id)


def deadlines_of(unit: Unit, filing_id: int) -> list[sa.Row[Any]]:
    return list(unit.conn.execute(_deadlines, {"filing": filing_id}))
