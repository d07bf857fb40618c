"""Reports that a restore has lost, and whoever still has the receipt (security S13)."""

import hashlib

from bot.services import codes
from bot.services.base import Desk
from bot.services.history import History
from storage import journal, receipts
from storage.receipts import Receipt
from storage.repositories import filings, sent_keys
from storage.unit import Unit

KIND = "refiled"


def lost(svc: Desk, unit: Unit, typed: str, number: str = "") -> Receipt | None:
    """Give a receipt that we signed for a report that is not here; None for every other.

    `number` is what was typed beside it, if anything. A receipt is used once. Another report may
    have got its number since the restore: the head of the chain tells them apart (S4).
    """
    receipt = receipts.genuine(unit.keys.ring, typed)
    if receipt is None or receipt.notice or receipt.at > svc.now() or _here(unit, receipt):
        return None
    return None if number and codes.read_number(number) != receipt.number else receipt


def used(unit: Unit, receipt: Receipt, filing_id: int) -> None:
    """Note that a report was filed anew with this receipt, in the same commit."""
    sent_keys.first(unit, _key(receipt), filing_id)


def digest(receipt: Receipt) -> str:
    """Name a receipt in the journal."""
    return hashlib.sha256(receipt.signature).hexdigest()


def _here(unit: Unit, receipt: Receipt) -> bool:
    """Tell whether the report is here after all: it never went, or was filed anew."""
    if sent_keys.has(unit, _key(receipt)):
        return True
    filing = filings.by_number(unit, receipt.number)
    if filing is None:
        return False
    anew = History(unit, filing.sid).last(KIND) is not None  # then, when its key was swept too
    return anew or journal.reaches(unit, filing.sid, receipt.head)


def _key(receipt: Receipt) -> str:
    return f"refiled:{digest(receipt)}"
