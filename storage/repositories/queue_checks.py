"""The monthly checks of how cases stand."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import queue_checks
from storage.unit import Unit
from storage.upsert import NewRow

PLACE = "queue_checks.found"
_c = queue_checks.c
_new = NewRow(queue_checks)


def add(unit: Unit, month: str, now: datetime) -> bool:
    """Open the check of a month (`2026-11`); False: it is there."""
    return _new(unit.conn, {"month": month, "sid": unit.sid(), "made_at": now})


def get(unit: Unit, month: str) -> sa.Row[Any] | None:
    found = sa.select(queue_checks).where(_c.month == month)
    return unit.conn.execute(found).one_or_none()


def listed(unit: Unit, limit: int = 36) -> list[sa.Row[Any]]:
    """List the checks, the newest first."""
    newest = sa.select(queue_checks).order_by(_c.month.desc()).limit(limit)
    return list(unit.conn.execute(newest))


def open_(unit: Unit, limit: int = 24) -> list[str]:
    """List the months that wait, the oldest first."""
    waits = sa.select(_c.month).where(_c.checked_at.is_(None)).order_by(_c.month)
    return list(unit.conn.scalars(waits.limit(limit)))


def close(unit: Unit, row: sa.Row[Any], user_id: int, found: bytes, now: datetime) -> bool:
    """Keep what was found; False: somebody has."""
    sealed = unit.keys.seal(PLACE, row.sid, found)
    still = sa.update(queue_checks).where(_c.month == row.month, _c.checked_at.is_(None))
    done = still.values(user_id=user_id, found=sealed, checked_at=now)
    return unit.conn.execute(done).rowcount == 1


def found(unit: Unit, row: sa.Row[Any]) -> bytes:
    return unit.keys.open(PLACE, row.sid, row.found) if row.found else b""
