"""Finding somebody who calls: by name and one contact together, or by number; never by less.

The index is keyed and holds both at once (`storage.repositories.finders`), so nobody can leaf
through names; a report without a name is never in it. Every search is written down before its
findings are read: who, how many, never the words.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import Refused
from bot.services import accesses, house, rights, sight
from bot.services.base import ANONYMOUS, Actor, Desk
from bot.services.rights import Right
from bot.services.sight import visible_filings
from storage import journal
from storage.repositories import finders, rates
from storage.unit import Unit

MOST = 5
AN_HOUR, BURST = 30, 10


@dataclass(frozen=True, slots=True)
class Hit:
    """A report that fits: what the queue shows of it, no word of who or what."""

    number: str
    procedure: str
    state: str
    arrived_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found, the newest first; `more` there is, so ask for the number."""

    hits: tuple[Hit, ...]
    more: bool


def search(svc: Desk, unit: Unit, actor: Actor, name: str, contact: str) -> Hits:
    """Find reports by name and the last four digits, or an e-mail address.

    Raises `Refused` access.not_allowed, desk.callers.both, desk.callers.often.
    """
    if not rights.may(actor, Right.CALLERS):
        raise Refused("access.not_allowed")
    kind = "email" if "@" in contact else "phone"
    value = finders.value_of(kind, name, contact)
    if not value:
        raise Refused("desk.callers.both")
    wait = rates.take(unit, f"callers:{actor.user_id}", every=3600 / AN_HOUR, burst=BURST)
    if wait:
        raise Refused("desk.callers.often", minutes=max(1, round(wait / 60)))
    seen = visible_filings(actor)
    c = seen.selected_columns
    fits = seen.where(c.id.in_(finders.filings_of(unit, {kind: value})), c.mode != ANONYMOUS)
    found = sight.several(unit, fits.order_by(c.arrived_at.desc(), c.id.desc()).limit(MOST + 1))
    shown = found[:MOST]
    house.note(svc, unit, actor, "caller_searched", {"found": len(shown)})
    for filing in shown:
        journal.append(unit, filing.sid, svc.now(), actor.mark, "caller_found", {})
        accesses.note(svc, unit, actor, "caller_searched", filing)
    if not shown:
        accesses.note(svc, unit, actor, "caller_searched", count=0)
    hits = tuple(
        Hit(one.number, one.procedure, one.state, one.arrived_at, one.due_at) for one in shown
    )
    return Hits(hits, len(found) > MOST)
