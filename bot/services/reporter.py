"""Who reported: opened only by an auditor who says why, and taken out of everything printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import Refused
from bot.services import accesses, rights, sight
from bot.services.base import ANONYMOUS, Actor, Desk
from bot.services.rights import Right
from storage import journal
from storage.repositories import filings
from storage.unit import Unit

LEAST = 5  # signs: "확인" is no reason
VEIL = "▇▇▇"
_TELLING = ("name", "address", "phone", "email")


def reveal(svc: Desk, unit: Unit, actor: Actor, number: str, reason: str) -> Mapping[str, Any]:
    """Open the reporter's identity; the journal has who and why before anybody reads it.

    Raises `Refused` filing.unknown, access.not_allowed, reporter.reason, reporter.nobody.
    """
    filing = sight.find(unit, actor, number, lock=True)
    if not rights.may(sight.acting(actor, filing), Right.IDENTITY):
        raise Refused("access.not_allowed")
    if len(reason.strip()) < LEAST:
        raise Refused("reporter.reason")
    if filing.mode == ANONYMOUS:
        raise Refused("reporter.nobody")
    detail = {"reason": reason.strip()}
    journal.append(unit, filing.sid, svc.now(), actor.mark, "identity_opened", detail)
    accesses.note(svc, unit, actor, "identity", filing, reason=reason.strip())
    return filings.identity(unit, filing)


@dataclass(frozen=True, slots=True)
class Veil:
    """Takes what names the reporter out of a text; `telling` is gone with the page."""

    telling: tuple[str, ...]

    def over(self, text: str) -> str:
        for value in self.telling:
            text = text.replace(value, VEIL)
        return text


def printed(svc: Desk, unit: Unit, actor: Actor, number: str) -> Veil:
    """Note that a report is printed, and give what takes the reporter out of it."""
    filing = sight.find(unit, actor, number, lock=True)
    journal.append(unit, filing.sid, svc.now(), actor.mark, "printed", {})
    accesses.note(svc, unit, actor, "printed", filing)
    who = filings.identity(unit, filing)
    found = [str(who.get(name) or "").strip() for name in _TELLING]
    found += [value.replace("-", "") for value in found]
    return Veil(tuple(sorted({value for value in found if len(value) > 1}, key=len)[::-1]))
