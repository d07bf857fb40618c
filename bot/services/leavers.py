"""Open reports of who has left or lost his role: the list from which somebody hands them over.

The assignment itself ended with the account (`endings`); whose it was, the journal tells.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.services import officials, sight
from bot.services.base import CLOCK, Actor, Desk
from bot.services.hands import HANDLERS, RELEASED
from bot.services.history import History
from bot.services.sight import visible_filings
from storage import models
from storage.repositories import tasks
from storage.unit import Unit

TASK = "desk.handover"
_e = models.events.c


@dataclass(frozen=True, slots=True)
class Left:
    """A report whose handler is not here any more: what the queue shows of it, and who it was."""

    number: str
    version: int
    procedure: str
    state: str
    due_at: datetime | None
    who: str


def handover_list(_svc: Desk, unit: Unit, actor: Actor) -> tuple[Left, ...]:
    """List the open reports that this official may know of and whose handler has gone.

    `bulk.assign` gives them to somebody.
    """
    known = visible_filings(actor)
    c = known.selected_columns
    let_go = sa.select(_e.id).where(_e.subject == c.sid, _e.kind == RELEASED).exists()
    waiting = known.where(c.closed_at.is_(None), c.assignee_id.is_(None), let_go)
    found = []
    for filing in sight.several(unit, waiting.order_by(c.due_at.is_(None), c.due_at, c.id)):
        last = History(unit, filing.sid).last(RELEASED)
        was = last.detail.get("handler") if last is not None else None
        who = officials.official(unit, was) if was is not None else None
        if who is not None and not (who.active and officials.actor(who).may(*HANDLERS)):
            row = (filing.number, filing.version, filing.procedure, filing.state, filing.due_at)
            found.append(Left(*row, who.name))
    return tuple(found)


def remind(svc: Desk, unit: Unit) -> bool:
    """Put one task on the desks of who assigns, while there is something to hand over."""
    if not handover_list(svc, unit, CLOCK):
        return False
    waiting = {(one.kind, one.reason) for one in tasks.open_(unit, limit=1000)}
    for role in ("intake", "audit_head"):
        if (TASK, role) not in waiting:
            tasks.add(unit, TASK, svc.now(), reason=role)
    return True
