"""Who reported: opened only by an auditor who says why, and taken out of everything printed."""

from collections.abc import Mapping
from typing import Any

from bot.errors import Refused
from bot.services import accesses, rights, sight, veil
from bot.services.base import ANONYMOUS, Actor, Desk
from bot.services.rights import Right
from storage import journal
from storage.repositories import filings
from storage.unit import Unit

LEAST = 5  # signs: "확인" is no reason


WHY = ("reply", "contact", "same", "safety", "asked", "other")
"""What an identity may be opened for; a few words say more, sealed in the journal."""


def reveal(
    svc: Desk, unit: Unit, actor: Actor, number: str, reason: str, *, code: str = "other"
) -> Mapping[str, Any]:
    """Open the reporter's identity; the journal has who and why before anybody reads it.

    `code` is one of `WHY`. Raises `Refused` filing.unknown, access.not_allowed, reporter.code,
    reporter.reason, reporter.nobody.
    """
    filing = sight.find(unit, actor, number, lock=True)
    if not rights.may(sight.acting(actor, filing), Right.IDENTITY):
        raise Refused("access.not_allowed")
    if code not in WHY:
        raise Refused("reporter.code")
    if len(reason.strip()) < LEAST:
        raise Refused("reporter.reason")
    if filing.mode == ANONYMOUS:
        raise Refused("reporter.nobody")
    detail = {"reason": reason.strip(), "code": code}
    journal.append(unit, filing.sid, svc.now(), actor.mark, "identity_opened", detail)
    accesses.note(svc, unit, actor, "identity", filing, reason=reason.strip())
    return filings.identity(unit, filing)


def printed(svc: Desk, unit: Unit, actor: Actor, number: str) -> veil.Veil:
    """Note that a report is printed, and give what takes the reporter out of it."""
    filing = sight.find(unit, actor, number, lock=True)
    journal.append(unit, filing.sid, svc.now(), actor.mark, "printed", {})
    accesses.note(svc, unit, actor, "printed", filing)
    return veil.of(svc, unit, filing)
