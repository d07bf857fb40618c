"""One message to those who let a broadcast go, edited as it goes on, ending with its result.

It is made when it leaves, from the counters as they are then. Who has no messenger gets a letter
at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.dialogs.replies import Option, Param, Phrase, Say
from bot.services import (
    broadcast_far,
    broadcast_log,
    broadcast_progress,
    broadcast_runs,
    direct,
    officials,
    roads,
)
from bot.services.base import Desk
from storage.repositories import broadcasts, followed, outbox, sent_keys
from storage.repositories.broadcasts import CANCELLED, DONE, PAUSED, SENDING, Broadcast
from storage.unit import Unit

FAR = "news_far"
"""The kind of its rows."""
EVERY = timedelta(seconds=10)
"""A message is edited at most so often (platforms.md §4)."""
LATE = timedelta(hours=1)
"""Nobody is told of the end of what ended longer ago."""
MOST = 10
"""Broadcasts that are looked at; more do not run at once."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What leaves: the words, and the message in whose place they stand."""

    reply: Say
    replaces: str | None


def live(svc: Desk, unit: Unit) -> tuple[Broadcast, ...]:
    """List what somebody follows: what is on its way, and what has just ended."""
    found = broadcasts.listed(unit, (SENDING, PAUSED, DONE, CANCELLED), most=MOST)
    now = svc.now()
    return tuple(
        one
        for one in found
        if one.begun_at and (one.ended_at is None or now - one.ended_at < LATE)
    )


def tell(svc: Desk, unit: Unit) -> int:
    """Tell everybody who follows one how far it is; gives how many messages and letters."""
    return sum(
        _tell(svc, unit, one, user_id)
        for one in live(svc, unit)
        for user_id in _followers(unit, one)
    )


def made(svc: Desk, unit: Unit, peer_id: int, payload: bytes) -> Edit | None:
    """Make the message as it is now. Raises `ValueError` for a payload that cannot be read."""
    one = broadcasts.get(unit, int(payload))
    if one is None:
        return None
    before = followed.last(unit, peer_id, FAR, one.id, sent=True)
    words = Phrase("newsletter.far", {"title": one.title, "far": _line(svc, unit, one)})
    url = f"{svc.desk_url}/newsletters/{one.number}"
    option = Option(Phrase("office.open"), url=url)
    return Edit(Say(words, (option,)), before.message_id if before is not None else None)


def _tell(svc: Desk, unit: Unit, one: Broadcast, user_id: int) -> int:
    peer_id = direct.messenger(svc, unit, user_id)
    if peer_id is None:
        return _letter(svc, unit, one, user_id)
    now, last = svc.now(), followed.last(unit, peer_id, FAR, one.id)
    if last is not None:
        soon = last.waits or now - last.created_at < EVERY
        if soon or last.created_at >= _changed(unit, one):
            return 0
    draft = outbox.Draft(roads.BESIDE, FAR, str(one.id).encode(), now, broadcast_id=one.id)
    outbox.put(unit, peer_id, [draft], now)
    return 1


def _letter(svc: Desk, unit: Unit, one: Broadcast, user_id: int) -> int:
    who = officials.official(unit, user_id)
    over = one.ended_at is not None
    if not over or who is None or not who.active or not who.email:
        return 0
    if not sent_keys.first(unit, f"newsletter-over:{one.id}:{user_id}"):
        return 0
    told: dict[str, Param] = {
        "title": one.title, "far": _line(svc, unit, one),
        "desk_url": f"{svc.desk_url}/newsletters/{one.number}",
    }  # fmt: skip
    direct.mail(svc, unit, who.email, Say(Phrase("official.newsletter_over", told)))
    return 1


def _line(svc: Desk, unit: Unit, one: Broadcast) -> Phrase:
    return broadcast_far.line(broadcast_progress.progress(svc, unit, one))


def _followers(unit: Unit, one: Broadcast) -> Sequence[int]:
    """Name who asked for it, who let it go and who let it go on."""
    asked = {broadcast_log.ASKED, broadcast_runs.RESUMED}
    found = {one.approved_by_id} if one.approved_by_id else set[int | None]()
    for event in broadcast_log.history(unit, one.id):
        if event.kind in asked and event.actor.startswith("user:"):
            found.add(int(event.actor.removeprefix("user:")))
    return sorted(user_id for user_id in found if user_id is not None)


def _changed(unit: Unit, one: Broadcast) -> datetime:
    """Tell when something about it was last otherwise."""
    times = [line.last_at for line in broadcasts.lines(unit, one.id) if line.last_at]
    times += [event.at for event in broadcast_log.history(unit, one.id)]
    return max(times)
