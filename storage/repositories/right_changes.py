"""Given, changed and taken rights of access; rows are only added, and swept after years."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import right_changes
from storage.unit import Unit

_c = right_changes.c
_old = sa.select(_c.id).where(_c.at < sa.bindparam("before", type_=_c.at.type))
_sweep = sa.delete(right_changes).where(
    _c.id.in_(_old.limit(sa.bindparam("most", type_=sa.Integer)))
)


def add(
    unit: Unit, user_id: int, what: str, now: datetime, *, role: str = "", by: int | None = None,
    approval: int | None = None,
) -> None:  # fmt: skip
    row = {"user_id": user_id, "what": what, "role": role, "by_id": by, "approval_id": approval}
    unit.conn.execute(sa.insert(right_changes).values(at=now, **row))


def listed(
    unit: Unit, since: datetime, until: datetime, *, after: int | None = None, limit: int = 100
) -> list[sa.Row[Any]]:
    """List the changes of a span, the newest first; `after` is the last number shown before."""
    found = sa.select(right_changes).where(_c.at >= since, _c.at < until)
    if after is not None:
        found = found.where(_c.id < after)
    return list(unit.conn.execute(found.order_by(_c.id.desc()).limit(limit)))


def sweep(unit: Unit, before: datetime, limit: int = 1000) -> int:
    return unit.conn.execute(_sweep, {"before": before, "most": limit}).rowcount
