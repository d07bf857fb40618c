"""국민신문고 is down: who says so, what is said meanwhile, and who wanted to hear when it is back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal

from bot.dialogs.replies import Option, Phrase, Say
from bot.errors import Refused
from bot.services import house, officials, rights, roads
from bot.services.base import Actor, Desk
from bot.services.rights import Right
from bot.settings_values import EPEOPLE
from storage.repositories import consents, peers, switches
from storage.unit import Unit

NAME = "epeople_down"
"""Of the switch, and of the setting that stands while nobody has turned it."""

WAITS = "portal"
"""The consent of those who want to be told."""

AT_ONCE = 200
SHOWN = 1000


@dataclass(frozen=True, slots=True)
class Portal:
    """How it stands; `by` is who turned it and `waiting` how many want to hear, at most `SHOWN`."""

    down: bool
    since: datetime | None
    by: str
    waiting: int


def down(svc: Desk, unit: Unit) -> bool:
    """Tell whether the portal is down, by what was said last."""
    row = switches.get(unit, NAME)
    return svc.site.epeople_down if row is None else bool(row.on)


def state(svc: Desk, unit: Unit) -> Portal:
    """Tell how it stands, for the desk."""
    row = switches.get(unit, NAME)
    who = officials.official(unit, row.by_id) if row is not None and row.by_id else None
    return Portal(
        down(svc, unit),
        row.at if row is not None else None,
        who.name if who is not None else "",
        len(consents.waiting(unit, WAITS, SHOWN)),
    )


def turn(svc: Desk, unit: Unit, actor: Actor, *, is_down: bool) -> None:
    """Say that the portal is down, or back. Raises `Refused` access.not_allowed."""
    if not rights.may(actor, Right.PORTAL):
        raise Refused("access.not_allowed")
    if down(svc, unit) is is_down:
        return
    switches.put(unit, NAME, svc.now(), actor.user_id, on=is_down)
    house.note(svc, unit, actor, "portal_down" if is_down else "portal_up", {})


def wait(
    svc: Desk, unit: Unit, peer_id: int, version: str, lang: str
) -> Literal["open", "already", "asked"]:
    """Note that somebody wants to be told; `version` names the words that he agreed to."""
    if not down(svc, unit):
        return "open"
    if consents.has(unit, peer_id, WAITS):
        return "already"
    consents.give(unit, peer_id, WAITS, version, lang, svc.now())
    return "asked"


def due(svc: Desk, unit: Unit) -> Iterator[tuple[str, None, Callable[[Unit], None]]]:
    """Give whom to tell that the portal is back, each once; nothing while it was never down."""
    row = switches.get(unit, NAME)
    if row is None or row.on:
        return
    for one in consents.waiting(unit, WAITS, AT_ONCE):
        yield f"portal:{one.id}", None, partial(_tell, svc, one.peer_id)


def _tell(svc: Desk, peer_id: int, unit: Unit) -> None:
    """Say it, and end the consent: it was for this alone."""
    if down(svc, unit) or not consents.withdraw(unit, peer_id, WAITS, svc.now()):
        return
    go_on = Option(Phrase("portal.go_on"), command="continue")
    link = Option(Phrase("portal.link"), url=EPEOPLE)
    words = Say(Phrase("portal.back"), (link, go_on))
    peers.lock(unit, peer_id)
    roads.to_peer(svc, unit, peer_id, roads.Parcel(words, roads.BESIDE, None))
