"""Legal holds: a report that has to stay, whatever else is decided about it (security S35).

공공기록물법 제27조의3(폐기 금지), or a law suit, an audit, an inspection: the head of the audit office
sets and ends a hold with a reason. Who asks for his data to be deleted is told that the law keeps it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.errors import Refused
from bot.services import officials, rights, sight
from bot.services.base import Actor, Desk
from bot.services.rights import Right
from storage import journal
from storage.models import holds as table
from storage.repositories import holds
from storage.unit import Unit

LEAST, MOST = 5, 500  # signs of a reason


@dataclass(frozen=True, slots=True)
class Held:
    """One hold; `by` is who set it."""

    id: int
    number: str
    reason: str
    by: str
    at: datetime


def put(svc: Desk, unit: Unit, actor: Actor, number: str, reason: str) -> int:
    """Hold a report. Raises `Refused` access.not_allowed, filing.unknown, desk.hold.reason_length, .held."""
    may(actor)
    why = _reason(reason)
    filing = sight.find(unit, actor, number, lock=True)
    if holds.held(unit, filing.id):
        raise Refused("desk.hold.held")
    made = holds.add(unit, filing.id, why, actor.user_id, svc.now())
    journal.append(unit, filing.sid, svc.now(), actor.mark, "held", {"hold": made, "why": why})
    return made


def end(svc: Desk, unit: Unit, actor: Actor, hold_id: int, reason: str) -> None:
    """End a hold. Raises `Refused` access.not_allowed, filing.unknown, desk.hold.reason_length, .ended."""
    may(actor)
    why = _reason(reason)
    row = holds.get(unit, hold_id)
    if row is None:
        raise Refused("filing.unknown")
    filing = sight.get(unit, row.filing_id, actor, lock=True)
    if not holds.end(unit, row, why, actor.user_id, svc.now()):
        raise Refused("desk.hold.ended")
    told = {"hold": hold_id, "why": why}
    journal.append(unit, filing.sid, svc.now(), actor.mark, "hold_ended", told)


def standing(unit: Unit, actor: Actor) -> tuple[Held, ...]:
    """List the holds that stand on reports this official may know of, the newest first."""
    may(actor)
    seen = sight.visible_filings(actor).subquery()
    found = (
        sa.select(table, seen.c.number)
        .join(seen, seen.c.id == table.c.filing_id)
        .where(table.c.ended_at.is_(None))
        .order_by(table.c.id.desc())
    )
    rows = unit.conn.execute(found).all()
    return tuple(_held(unit, row) for row in rows)


def may(actor: Actor) -> None:
    """Refuse who has no right to records."""
    if not rights.may(actor, Right.RECORDS):
        raise Refused("access.not_allowed")


def _held(unit: Unit, row: Any) -> Held:
    who = officials.official(unit, row.set_by_id) if row.set_by_id else None
    return Held(row.id, row.number, holds.reason(unit, row), who.name if who else "", row.set_at)


def _reason(reason: str) -> str:
    why = reason.strip()
    if not LEAST <= len(why) <= MOST:
        raise Refused("desk.hold.reason_length", least=LEAST, most=MOST)
    return why
