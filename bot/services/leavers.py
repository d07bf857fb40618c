"""Open reports of who has left or is closed: the list from which somebody hands them over."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.services.base import CLOCK, Actor, Desk
from bot.services.sight import visible_filings
from storage import models
from storage.repositories import tasks
from storage.unit import Unit

TASK = "desk.handover"
_u = models.users.c


@dataclass(frozen=True, slots=True)
class Left:
    """A report whose handler is not here any more: what the queue shows of it, and who it was."""

    number: str
    version: int
    state: str
    due_at: datetime | None
    who: str


def handover_list(_svc: Desk, unit: Unit, actor: Actor) -> tuple[Left, ...]:
    """List the open reports that this official may know of and whose handler is closed.

    One that has nobody is in the queue already; `bulk.assign` gives these to somebody.
    """
    f = visible_filings(actor).subquery("f").c
    found = (
        sa.select(f.number, f.version, f.state, f.due_at, _u.name)
        .select_from(f.id.table)
        .join(models.users, _u.id == f.assignee_id)
        .where(f.closed_at.is_(None), _u.active.is_(False))
        .order_by(f.due_at.is_(None), f.due_at, f.id)
    )
    return tuple(
        Left(row.number, row.version, row.state, row.due_at, row.name)
        for row in unit.conn.execute(found)
    )


def remind(svc: Desk, unit: Unit) -> bool:
    """Put one task on the desks of who assigns, while there is something to hand over."""
    if not handover_list(svc, unit, CLOCK):
        return False
    waiting = {(one.kind, one.reason) for one in tasks.open_(unit, limit=1000)}
    for role in ("intake", "audit_head"):
        if (TASK, role) not in waiting:
            tasks.add(unit, TASK, svc.now(), reason=role)
    return True
