"""Notices that have waited for hours, and those of them that arrived after all (security S10)."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from storage.models import outbox
from storage.repositories.outbox import waiting
from storage.unit import Unit

PAGE = "web"
"""The channel whose rows wait until somebody looks at the page."""

_c = outbox.c


def stuck(unit: Unit, rank: int, before: datetime, limit: int = 200) -> list[tuple[int, int]]:
    """List what about a filing has waited for a sender since then: the row, the filing."""
    long = (waiting, _c.rank == rank, _c.since < before, _c.channel != PAGE)
    found = sa.select(_c.id, _c.filing_id).where(*long, _c.filing_id.is_not(None))
    return [
        (row.id, row.filing_id) for row in unit.conn.execute(found.order_by(_c.id).limit(limit))
    ]


def over(unit: Unit, tasks: Mapping[int, int]) -> list[tuple[int, int]]:
    """Give which of these (row to task) wait no more, sent or untrue by now: row and task."""
    ended = sa.select(_c.id).where(_c.id.in_(tasks), _c.status.in_(["sent", "dropped"]))
    return [(row_id, tasks[row_id]) for row_id in unit.conn.scalars(ended.order_by(_c.id))]
