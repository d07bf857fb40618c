"""What a person must do because the service cannot: a letter, a call, a look."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import tasks
from storage.quick import Quick
from storage.unit import Unit

_c = tasks.c
_add = Quick(sa.insert(tasks).inline())
_moot = Quick(
    sa.update(tasks).where(
        _c.filing_id == sa.bindparam("filing"),
        _c.kind == sa.bindparam("of"),
        _c.done_at.is_(None),
    )
)


def add(
    unit: Unit,
    kind: str,
    now: datetime,
    *,
    filing_id: int | None = None,
    outbox_id: int | None = None,
    reason: str = "",
) -> None:
    """Write a task; `reason` is a code, never somebody's words."""
    row = {"kind": kind, "filing_id": filing_id, "outbox_id": outbox_id, "reason": reason}
    _add.later(unit.conn, {"created_at": now, **row})


def known(unit: Unit, kind: str, now: datetime, *, reason: str) -> int:
    """Write a task about no filing and give its id."""
    made = sa.insert(tasks).values(kind=kind, reason=reason, created_at=now).returning(_c.id)
    return int(unit.conn.execute(made).scalar_one())


def about_rows(unit: Unit, kind: str, reason: str, limit: int = 200) -> dict[int, int]:
    """Give the rows of the outbox that open tasks of a kind and reason are about: row to task."""
    same = (_c.kind == kind, _c.reason == reason, _c.done_at.is_(None), _c.outbox_id.is_not(None))
    found = sa.select(_c.outbox_id, _c.id).where(*same).order_by(_c.id).limit(limit)
    return {row.outbox_id: row.id for row in unit.conn.execute(found)}


def waits(unit: Unit, filing_id: int, kind: str, reason: str) -> bool:
    """Tell whether such a task of a filing is there already."""
    same = (_c.filing_id == filing_id, _c.kind == kind, _c.reason == reason, _c.done_at.is_(None))
    return unit.conn.execute(sa.select(_c.id).where(*same).limit(1)).first() is not None


def ensure(unit: Unit, kind: str, now: datetime, *, reason: str) -> None:
    """Write a task about no filing, where none of its kind and reason is open."""
    same = (_c.filing_id.is_(None), _c.kind == kind, _c.reason == reason, _c.done_at.is_(None))
    if unit.conn.execute(sa.select(_c.id).where(*same).limit(1)).first() is None:
        add(unit, kind, now, reason=reason)


def end(unit: Unit, kind: str, user_id: int | None, now: datetime) -> int:
    """Tick off every task of a kind that is about no filing; gives how many."""
    open_ = (_c.filing_id.is_(None), _c.kind == kind, _c.done_at.is_(None))
    ended = sa.update(tasks).where(*open_).values(done_at=now, done_by_id=user_id)
    return unit.conn.execute(ended).rowcount


def moot(unit: Unit, filing_id: int, kinds: Collection[str], now: datetime) -> None:
    """Take tasks of a filing off the desk that nobody need do any more."""
    for kind in sorted(kinds):
        _moot.later(unit.conn, {"filing": filing_id, "of": kind, "done_at": now})


def count_open(unit: Unit, most: int) -> int:
    """Count what is to be done, up to `most`: an index has those few rows only (security S18)."""
    some = sa.select(_c.id).where(_c.done_at.is_(None)).limit(most).subquery()
    return int(unit.conn.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


def done(unit: Unit, task_id: int, user_id: int | None, now: datetime) -> bool:
    """Tick a task off; False: somebody has."""
    still = sa.update(tasks).where(_c.id == task_id, _c.done_at.is_(None))
    return unit.conn.execute(still.values(done_at=now, done_by_id=user_id)).rowcount == 1


def open_(unit: Unit, *, filing_id: int | None = None, limit: int = 200) -> list[sa.Row[Any]]:
    """List what is to be done, the oldest first."""
    found = sa.select(tasks).where(_c.done_at.is_(None)).order_by(_c.id).limit(limit)
    if filing_id is not None:
        found = found.where(_c.filing_id == filing_id)
    return list(unit.conn.execute(found))
