"""The news for an official, chosen at the desk: by mail to the account's address, at the messenger.

Both addresses are known to be his own, so nothing is asked back. What is said at the messenger
itself is `office_news`.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bot.services import officials, roads, subscriptions
from bot.services.base import Actor, Desk
from bot.services.subscriptions import Wanted
from storage.repositories import official_links, peers
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Mine:
    """By which channels an official can get the news, by which he does, and what about."""

    channels: tuple[str, ...]
    on: frozenset[str]
    wish: Wanted


def mine(svc: Desk, unit: Unit, actor: Actor) -> Mine:
    """Tell how it stands."""
    found = dict(_peers(svc, unit, actor.user_id or 0))
    known = {
        channel: one
        for channel, peer in found.items()
        if peer and (one := subscriptions.of_peer(unit, peer)) is not None
    }
    wish = next((subscriptions.wanted(one) for one in known.values()), Wanted())
    return Mine(tuple(found), frozenset(known), wish)


def save(svc: Desk, unit: Unit, actor: Actor, channels: Collection[str], wish: Wanted) -> None:
    """Begin, change or end it, so that it comes by these channels and no other."""
    for channel, known in _peers(svc, unit, actor.user_id or 0):
        if channel in channels:
            peer = known or _mailbox(svc, unit, actor)
            one = subscriptions.of_peer(unit, peer)
            if one is None:
                text = subscriptions.version(svc, channel, "ko")
                subscriptions.subscribe(svc, unit, peer, wish, text)
            else:
                subscriptions.change(unit, one.id, wish)
        elif known:
            subscriptions.stop_peer(svc, unit, known)


def ended(svc: Desk, unit: Unit, user_id: int) -> None:
    """End what goes to somebody who does not work here any more, while his link is known."""
    who = officials.official(unit, user_id)
    if who is not None and not who.active:
        for _, peer in _peers(svc, unit, user_id):
            if peer:
                subscriptions.stop_peer(svc, unit, peer, "gone")


def _mailbox(svc: Desk, unit: Unit, actor: Actor) -> int:
    who = officials.official(unit, actor.user_id or 0)
    assert who is not None
    return peers.ensure(unit, roads.MAIL, roads.MAIL_DESK, who.email, "ko", svc.now()).id


def _peers(svc: Desk, unit: Unit, user_id: int) -> Iterator[tuple[str, int]]:
    """Give the channels of an official, with the peer of each; 0: there is none yet."""
    who = officials.official(unit, user_id)
    if who is not None and who.email:
        peer = peers.find(unit, roads.MAIL, roads.MAIL_DESK, who.email)
        yield roads.MAIL, peer.id if peer is not None else 0
    known = official_links.of_user(unit, user_id) if svc.office.on else None
    if known is not None:
        yield svc.office.channel, known.peer_id
