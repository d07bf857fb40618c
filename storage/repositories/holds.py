"""Legal holds: who said that a filing has to stay, why, and when that ended (security S35)."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import holds
from storage.unit import Unit

_c = holds.c


def add(unit: Unit, filing_id: int, reason: str, user_id: int | None, now: datetime) -> int:
    sid = unit.sid()
    row = {
        "sid": sid,
        "filing_id": filing_id,
        "reason": unit.keys.seal("holds.reason", sid, reason.encode()),
        "set_by_id": user_id,
        "set_at": now,
    }
    return int(unit.conn.execute(sa.insert(holds).values(row).returning(_c.id)).scalar_one())


def end(unit: Unit, row: sa.Row[Any], reason: str, user_id: int | None, now: datetime) -> bool:
    """End a hold; False: it had ended."""
    sealed = unit.keys.seal("holds.end_reason", row.sid, reason.encode())
    ended = sa.update(holds).where(_c.id == row.id, _c.ended_at.is_(None))
    values = {"end_reason": sealed, "ended_by_id": user_id, "ended_at": now}
    return unit.conn.execute(ended.values(values)).rowcount == 1


def get(unit: Unit, hold_id: int) -> sa.Row[Any] | None:
    return unit.conn.execute(sa.select(holds).where(_c.id == hold_id)).one_or_none()


def standing(filing_id: sa.ColumnElement[int]) -> sa.Exists:
    """Give the condition that a filing is held now."""
    held = sa.select(_c.id).where(_c.filing_id == filing_id, _c.ended_at.is_(None))
    return held.exists()


def held(unit: Unit, filing_id: int) -> bool:
    """Tell whether a filing is held; locks nothing, so ask in the transaction that destroys."""
    now = sa.select(_c.id).where(_c.filing_id == filing_id, _c.ended_at.is_(None)).limit(1)
    return unit.conn.execute(now).first() is not None


def of(unit: Unit, filing_id: int) -> list[sa.Row[Any]]:
    """List the holds of a filing, those that ended too, the newest first."""
    found = sa.select(holds).where(_c.filing_id == filing_id).order_by(_c.id.desc())
    return list(unit.conn.execute(found))


def reason(unit: Unit, row: sa.Row[Any]) -> str:
    return unit.keys.open("holds.reason", row.sid, row.reason).decode()
