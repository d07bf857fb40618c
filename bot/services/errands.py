"""Errands: the public part cannot open who reported, so `work` carries what it told (S7).

The e-mail, the letter, the call that the reporter chose beside the page stand in the sealed
identity; where one process does everything nothing is left here.
"""

from functools import partial

from bot.errors import Refused
from bot.services import case_returns, notices, sight
from bot.services.base import Desk
from bot.services.reminders import Due
from storage.repositories import errands
from storage.repositories.errands import Errand
from storage.unit import Unit

KINDS = ("beside", case_returns.ERRAND, "news", "told")
"""What can be carried here; anything else waits for a later release (S23)."""


def due(svc: Desk, unit: Unit) -> tuple[Due, ...]:
    """Give what waits to be carried, where this process can open who reported."""
    if not unit.keys.may_open("filings.identity"):
        return ()
    return tuple(
        Due(f"errand:{one.id}", partial(_carry, svc, one)) for one in errands.waiting(unit, KINDS)
    )


def _carry(svc: Desk, errand: Errand, unit: Unit) -> tuple[str, ...]:
    if errands.take(unit, errand.id):
        try:
            filing = sight.get(unit, errand.filing_id)
        except Refused:
            return ()  # erased since
        if errand.kind == case_returns.ERRAND:
            case_returns.look(svc, unit, filing)
        else:
            notices.carry(svc, unit, filing, errand)
    return ()
