"""독촉장: what an examiner sees of a report before pressing for it (민원처리법 시행령 제28조).

It is the line of the queue and what was sent before; the move `urge` does the rest.
"""

from dataclasses import dataclass

from bot.dialogs.replies import Words
from bot.errors import Refused
from bot.services import listing, moves, rights, sight
from bot.services.base import Actor, Desk
from bot.services.history import Happened, History
from bot.services.listing import Row
from bot.services.rights import Right
from storage.unit import Unit

URGE = "urge"


@dataclass(frozen=True, slots=True)
class Sheet:
    """`before` are the 독촉장 of this report, the newest first; `blocked` why none may go now."""

    row: Row
    before: tuple[Happened, ...]
    blocked: tuple[Words, ...]
    open: bool  # in a state in which one presses at all


def sheet(svc: Desk, unit: Unit, actor: Actor, number: str) -> Sheet:
    """Give what there is to see. Raises `Refused` filing.unknown, also for who may not press."""
    if not rights.may(actor, Right.URGE):
        raise Refused("filing.unknown")
    filing = sight.find(unit, actor, number)
    found = moves.available(svc, unit, actor, number)
    move = next((one for one in found if one.action == URGE), None)
    sent = [one for one in History(unit, filing.sid).all if one.kind == URGE]
    return Sheet(
        listing.row_of(svc, unit, actor, number),
        tuple(reversed(sent)),
        move.blocked if move is not None else (),
        move is not None,
    )
