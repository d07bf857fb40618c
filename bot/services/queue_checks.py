"""The monthly check of how cases stand (민원처리법 시행령 제22조: 매월 1회 이상)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.errors import Refused
from bot.services import house, listing, officials, rights
from bot.services.base import Actor, Desk
from bot.services.listing import Row, Wanted
from bot.services.rights import Right
from storage.repositories import queue_checks, tasks
from storage.unit import Unit

KIND = "queue_check"
MOST, REMARK, LEAST = 50, 2000, 5
"""Rows that are shown; signs of a remark at most and at least."""
COUNTED: Mapping[str, Wanted] = {
    "open": Wanted(show="open"),
    "overdue": Wanted(show="open", due="overdue"),
    "three": Wanted(show="open", due="three"),
    "none": Wanted(show="open", due="none"),
    "new": Wanted(show="new"),
}
"""What is counted, each a page of the queue."""


@dataclass(frozen=True, slots=True)
class Check:
    """One month's check; `figures` and `remark` as they were when it was made."""

    month: str
    made_at: datetime
    checked_at: datetime | None
    by: str = ""
    figures: Mapping[str, int] = field(default_factory=dict)
    remark: str = ""


def listed(unit: Unit, actor: Actor) -> tuple[Check, ...]:
    """List the checks, the newest first. Raises `Refused` access.not_allowed."""
    _may(actor)
    names = {who.id: who.name for who in officials.everybody(unit)}
    found = []
    for row in queue_checks.listed(unit):
        kept = json.loads(queue_checks.found(unit, row) or b"{}")
        by = names.get(row.user_id or 0, "")
        known = kept.get("figures", {}), kept.get("remark", "")
        found.append(Check(row.month, row.made_at, row.checked_at, by, *known))
    return tuple(found)


def figures(svc: Desk, unit: Unit, actor: Actor) -> Mapping[str, int]:
    """Count how cases stand now, as far as this official may know of them."""
    _may(actor)
    return {name: listing.count(svc, unit, actor, one) for name, one in COUNTED.items()}


def late(svc: Desk, unit: Unit, actor: Actor) -> tuple[Row, ...]:
    """List what is late, the longest first."""
    return listing.rows(svc, unit, actor, COUNTED["overdue"], limit=MOST)


def begin(svc: Desk, unit: Unit, month: str) -> bool:
    """Put a month's check on the desk; False: it is there."""
    if not queue_checks.add(unit, month, svc.now()):
        return False
    tasks.ensure(unit, KIND, svc.now(), reason="audit_head")
    return True


def close(svc: Desk, unit: Unit, actor: Actor, month: str, remark: str) -> None:
    """Keep how cases stood and what was found, and take the task off the desk.

    Raises `Refused` access.not_allowed, queue_check.month, .remark, .done.
    """
    _may(actor)
    row = queue_checks.get(unit, month)
    if row is None or actor.user_id is None:
        raise Refused("queue_check.month")
    remark = remark.strip()
    if len(remark) < LEAST:
        raise Refused("queue_check.remark", least=LEAST)
    found = {"figures": dict(figures(svc, unit, actor)), "remark": remark[:REMARK]}
    said = json.dumps(found, ensure_ascii=False).encode()
    if not queue_checks.close(unit, row, actor.user_id, said, svc.now()):
        raise Refused("queue_check.done")
    if not queue_checks.open_(unit):
        tasks.end(unit, KIND, actor.user_id, svc.now())
    house.note(svc, unit, actor, "queue_checked", {"month": month})


def _may(actor: Actor) -> None:
    if not rights.may(actor, Right.CHECKS):
        raise Refused("access.not_allowed")
