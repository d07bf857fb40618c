"""Reports that came above the budget of their channel and wait together (security S34)."""

from datetime import datetime

import sqlalchemy as sa

from storage.models import crowds
from storage.unit import Unit

_c = crowds.c


def add(unit: Unit, filing_id: int, at: datetime) -> None:
    """Let a filing wait; its working hours run all the same."""
    unit.conn.execute(sa.insert(crowds).values(filing_id=filing_id, at=at))


def waiting() -> sa.Select[tuple[int]]:
    """Select the ids of the filings that wait."""
    return sa.select(_c.filing_id).where(_c.let_in_at.is_(None))


def let_in(unit: Unit, filing_id: int, now: datetime) -> bool:
    """Put a filing among the others; False: somebody has."""
    mine = sa.update(crowds).where(_c.filing_id == filing_id, _c.let_in_at.is_(None))
    return unit.conn.execute(mine.values(let_in_at=now)).rowcount == 1
