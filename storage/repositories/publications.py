"""The figures for everybody: one row, of the newest months."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from storage.models import publications
from storage.unit import Unit

_c = publications.c


@dataclass(frozen=True, slots=True)
class Publication:
    """`figures` is JSON in which small numbers are hidden already."""

    month: date
    figures: str
    made_at: datetime


def latest(unit: Unit) -> Publication | None:
    row = unit.conn.execute(sa.select(publications).order_by(_c.month.desc()).limit(1)).first()
    return None if row is None else Publication(row.month, row.figures, row.made_at)


def put(unit: Unit, month: date, figures: str, now: datetime) -> None:
    """Take the place of what was published before: two of them side by side tell a difference."""
    unit.conn.execute(sa.delete(publications))
    unit.conn.execute(sa.insert(publications).values(month=month, figures=figures, made_at=now))
