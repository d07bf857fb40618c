"""Who does not want to hear of a filing until when."""

from datetime import datetime

import sqlalchemy as sa

from storage.models import snoozes
from storage.unit import Unit
from storage.upsert import insert

_c = snoozes.c


def put(unit: Unit, user_id: int, filing_id: int, until: datetime) -> None:
    """Put a filing off for an official; once more is a new time."""
    values = {"until": until, "told_at": None}
    made = insert(unit.conn, snoozes).values(user_id=user_id, filing_id=filing_id, **values)
    unit.conn.execute(
        made.on_conflict_do_update(index_elements=[_c.user_id, _c.filing_id], set_=values)
    )


def until(unit: Unit, user_id: int, filing_id: int) -> datetime | None:
    """Tell until when an official has put a filing off, whether that is over or not."""
    found = sa.select(_c.until).where(_c.user_id == user_id, _c.filing_id == filing_id)
    return unit.conn.execute(found).scalar_one_or_none()


def of(unit: Unit, user_id: int, now: datetime) -> list[tuple[int, datetime]]:
    """List what an official has put off until later, the nearest first: filing, until when."""
    his = (_c.user_id == user_id, _c.until > now)
    found = sa.select(_c.filing_id, _c.until).where(*his).order_by(_c.until)
    return [(row[0], row[1]) for row in unit.conn.execute(found)]


def over(unit: Unit, now: datetime, limit: int) -> list[tuple[int, int, datetime]]:
    """Give whose time is over and who has not been told: user, filing, since when."""
    told = (_c.until <= now, _c.told_at.is_(None))
    found = sa.select(_c.user_id, _c.filing_id, _c.until).where(*told).order_by(_c.until)
    return [(row[0], row[1], row[2]) for row in unit.conn.execute(found.limit(limit))]


def told(unit: Unit, user_id: int, filing_id: int, now: datetime) -> None:
    """Note that the official has heard of it again."""
    row = sa.update(snoozes).where(_c.user_id == user_id, _c.filing_id == filing_id)
    unit.conn.execute(row.values(told_at=now))
