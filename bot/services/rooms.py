"""The audit office's room at the officials' messenger: where it is, and whether it is clean.

Clean is a room that only people of the agency read. Who speaks with the messenger looks, and says
so by a heartbeat; without a fresh one nothing is said there (security S29).
"""

from bot.services.base import Desk
from storage.repositories import heartbeats, outbox, peers, posted
from storage.unit import Unit

GOOD = 26 * 3600.0
"""Seconds for which one look is good: looked at twice a day, one look may fail."""


def peer(svc: Desk, unit: Unit) -> int | None:
    """Give the room's peer, made at need; None without a room."""
    office = svc.office
    if not office.on or not office.room:
        return None
    args = (unit, office.channel, office.account, office.room)
    known = peers.find(*args) or peers.ensure(*args, "ko", svc.now())
    return known.id


def clean(svc: Desk, unit: Unit) -> bool:
    """Tell whether the room was found clean lately."""
    if not svc.office.on or not svc.office.room:
        return False
    age = heartbeats.ages(unit).get(heartbeats.ROOM)
    return age is not None and age < GOOD


def note_clean(svc: Desk, unit: Unit) -> None:
    """Note that the room was looked at and only people of the agency are in it."""
    heartbeats.beat(unit, heartbeats.ROOM)
    known = peer(svc, unit)
    if known is not None:
        peers.set_state(unit, known, "open")


def note_dirty(_svc: Desk, unit: Unit) -> None:
    """Say nothing there until the room is clean again; what waits is judged at its claim."""
    heartbeats.stop(unit, heartbeats.ROOM)


def note_gone(svc: Desk, unit: Unit) -> None:
    """Forget a room that is deleted, archived or closed to us, with its messages."""
    note_dirty(svc, unit)
    known = peer(svc, unit)
    if known is not None:
        outbox.drop_peer(unit, known, "gone")
        posted.forget(unit, known)
        peers.set_state(unit, known, "gone")
