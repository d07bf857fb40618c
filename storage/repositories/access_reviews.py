"""The monthly reviews of the access log."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import access_reviews
from storage.unit import Unit
from storage.upsert import NewRow

PLACE = "access_reviews.remark"
_c = access_reviews.c
_new = NewRow(access_reviews)


def add(unit: Unit, month: str, now: datetime) -> bool:
    """Open the review of a month (`2026-11`); False: it is there."""
    return _new(unit.conn, {"month": month, "sid": unit.sid(), "made_at": now})


def tied(unit: Unit, month: str, task_id: int) -> None:
    """Remember which task asks for it."""
    mine = sa.update(access_reviews).where(_c.month == month)
    unit.conn.execute(mine.values(task_id=task_id))


def get(unit: Unit, month: str) -> sa.Row[Any] | None:
    found = sa.select(access_reviews).where(_c.month == month)
    return unit.conn.execute(found).one_or_none()


def listed(unit: Unit, limit: int = 36) -> list[sa.Row[Any]]:
    """List the reviews, the newest first."""
    newest = sa.select(access_reviews).order_by(_c.month.desc()).limit(limit)
    return list(unit.conn.execute(newest))


def waiting(unit: Unit, limit: int = 24) -> list[str]:
    """List the months that nobody has looked over, the oldest first."""
    open_ = sa.select(_c.month).where(_c.reviewed_at.is_(None)).order_by(_c.month)
    return list(unit.conn.scalars(open_.limit(limit)))


def close(unit: Unit, row: sa.Row[Any], user_id: int, remark: str, now: datetime) -> bool:
    """Keep what the reviewer remarked; False: somebody has."""
    sealed = unit.keys.seal(PLACE, row.sid, remark.encode())
    open_ = sa.update(access_reviews).where(_c.month == row.month, _c.reviewed_at.is_(None))
    done = open_.values(user_id=user_id, remark=sealed, reviewed_at=now)
    return unit.conn.execute(done).rowcount == 1


def remark(unit: Unit, row: sa.Row[Any]) -> str:
    return unit.keys.open(PLACE, row.sid, row.remark).decode() if row.remark else ""
