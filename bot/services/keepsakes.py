"""What somebody keeps for himself goes when it is over: it was never a record of the office's."""

from datetime import timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from bot.services import sight
from bot.services.base import CLOCK, Desk
from bot.services.disposals import FILING
from storage.repositories import erasing
from storage.unit import Unit

STAYS = timedelta(days=1)  # so long it can still be looked at, and its last words can arrive
AT_ONCE = 200


def sweep(svc: Desk, unit: Unit) -> tuple[str, ...]:
    """Destroy what is over; gives the blobs to delete after the commit."""
    blobs: list[str] = []
    for filing in sight.several(unit, _over(), before=svc.now() - STAYS):
        unit.note_gone(FILING, filing.sid, svc.now())
        gone = erasing.erase(unit, filing.id, filing.sid, svc.now(), "own")
        blobs += gone.blobs
    return tuple(blobs)


@cache
def _over() -> sa.Select[Any]:
    """Build the question once: building it takes longer than asking it."""
    known = sight.visible_filings(CLOCK)
    c = known.selected_columns
    before = sa.bindparam("before", type_=c.closed_at.type)
    found = known.where(c.reach == sight.OWN, c.closed_at < before)
    return found.order_by(c.id).limit(AT_ONCE)
