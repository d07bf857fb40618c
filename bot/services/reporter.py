"""Who reported: opened only by an auditor who says why, and taken out of everything printed."""

from collections.abc import Mapping
from typing import Any

from bot.errors import Refused
from bot.services import sight
from bot.services.base import ANONYMOUS, Actor, Desk
from storage import journal
from storage.repositories import filings
from storage.repositories.filings import Filing
from storage.unit import Unit

OPENERS = ("auditor", "audit_head")
LEAST = 5  # signs: "확인" is no reason
VEIL = "▇▇▇"
_TELLING = ("name", "address", "phone", "email")


def may_open(actor: Actor) -> bool:
    """Tell whether this official may ask to see who reported."""
    return actor.may(*OPENERS)


def reveal(svc: Desk, unit: Unit, actor: Actor, number: str, reason: str) -> Mapping[str, Any]:
    """Open the reporter's identity; the journal has who and why before anybody reads it.

    Raises `Refused` filing.unknown, access.not_allowed, reporter.reason, reporter.nobody.
    """
    filing = sight.find(unit, actor, number, lock=True)
    if not may_open(actor):
        raise Refused("access.not_allowed")
    if len(reason.strip()) < LEAST:
        raise Refused("reporter.reason")
    if filing.mode == ANONYMOUS:
        raise Refused("reporter.nobody")
    detail = {"reason": reason.strip()}
    journal.append(unit, filing.sid, svc.now(), actor.mark, "identity_opened", detail)
    return filings.identity(unit, filing)


def veiled(unit: Unit, filing: Filing, text: str) -> str:
    """Take the reporter's name, address, telephone and e-mail out of a text."""
    who = filings.identity(unit, filing)
    for name in _TELLING:
        value = str(who.get(name) or "").strip()
        if len(value) > 1:
            text = text.replace(value, VEIL).replace(value.replace("-", ""), VEIL)
    return text
