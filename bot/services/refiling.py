"""Reports that a restore has lost, and whoever still has the receipt (security S13)."""

from bot.services import codes
from bot.services.base import Desk
from storage import receipts
from storage.receipts import Receipt
from storage.repositories import filings
from storage.unit import Unit


def lost(svc: Desk, unit: Unit, typed: str, number: str = "") -> Receipt | None:
    """Give a receipt that we signed for a report that is not here; None for every other.

    `number` is what was typed beside it, if anything. A number that is here is never filed
    anew, and a report filed anew takes its old number: so a receipt is used once.
    """
    receipt = receipts.genuine(unit.keys.ring, typed)
    if receipt is None or receipt.at > svc.now() or filings.taken(unit, receipt.number):
        return None
    return None if number and codes.read_number(number) != receipt.number else receipt
