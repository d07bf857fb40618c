"""A fair brake for repeated petitions (민원처리법 제23조): what the same person filed before.

Of the same peer, or named alike with the same contact; nobody else's. Two answers must have been
given before a third report may be closed, and a person decides (`bot.services.comparing`).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from bot.services import sight
from bot.services.base import ANONYMOUS, Actor
from bot.services.history import History
from knowledge.calendar import seoul_day
from knowledge.korean import fold
from storage.models import peers
from storage.repositories import filings, finders
from storage.repositories.filings import Filing
from storage.unit import Unit

NOT_ANSWERED = {"", "withdrawn", "returned"}
ANSWERS = ("result", "close_excluded", "close_repeat", "transfer", "refer", "conclude")
"""Moves by which a matter was answered: each was a notice to the reporter."""


def before(unit: Unit, filing: Filing, actor: Actor) -> tuple[Filing, ...]:
    """Give what the same person filed before: same peer, or same name and contact.

    Also what others handle, but nothing that is guarded against whoever asks: a number tells too.
    """
    if filing.mode == ANONYMOUS:
        return ()
    seen = sight.not_kept_from(actor)
    c = seen.selected_columns
    identity = filings.identity(unit, filing)
    ids = finders.filings_of(unit, finders.values_of(identity))
    same = [c.id.in_(ids)]
    if filing.peer_id is not None:
        same.append(c.peer_id.in_(_peers(filing.peer_id)))
    earlier = seen.where(c.id < filing.id, c.mode != ANONYMOUS, sa.or_(*same)).order_by(c.id)
    own = set(unit.conn.scalars(_peers(filing.peer_id))) if filing.peer_id is not None else set()
    return tuple(
        one
        for one in sight.several(unit, earlier)
        if one.peer_id in own or _same(identity, filings.identity(unit, one))
    )


def answered(unit: Unit, filing: Filing, actor: Actor) -> tuple[Filing, ...]:
    """Give the earlier reports of the same person that were answered."""
    return tuple(one for one in before(unit, filing, actor) if one.outcome not in NOT_ANSWERED)


def answered_on(unit: Unit, filing: Filing) -> date | None:
    """Give the day on which a report was answered; None if it was not."""
    last = History(unit, filing.sid).last(*ANSWERS) if filing.outcome not in NOT_ANSWERED else None
    return None if last is None else seoul_day(last.at)


def proposal(unit: Unit, filing: Filing, actor: Actor) -> Mapping[str, Any]:
    """Give what the form of 반복 종결 knows: how often, and when it was answered."""
    days = [
        day for one in answered(unit, filing, actor) if (day := answered_on(unit, one)) is not None
    ]
    if not days:
        return {}
    return {
        "count": str(max(3, len(days) + 1)),
        "dates": ", ".join(f"{day.year}. {day.month}. {day.day}." for day in days),
    }


def _peers(peer_id: int) -> sa.Select[Any]:
    """Select a peer with those known to be the same person."""
    p = peers.c
    person = sa.select(p.person_id).where(p.id == peer_id, p.person_id.is_not(None))
    return sa.select(p.id).where(sa.or_(p.id == peer_id, p.person_id.in_(person)))


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two are one person: the whole contact, not its last four digits alone."""
    if fold(str(one.get("name") or "")) != fold(str(other.get("name") or "")):
        return False
    contacts = [(fold(str(a.get(kind) or "")) for a in (one, other)) for kind in finders.KINDS]
    return any(a == b != "" for a, b in contacts)
