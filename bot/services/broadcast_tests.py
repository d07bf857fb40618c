"""A test of a broadcast to the one who asks for it: exactly what everybody would get.

It is made when it leaves, from the version that was tested; who sent one is no second person for
that version (security S9).
"""

import json
from dataclasses import dataclass

from bot.channel import Carried
from bot.dialogs.replies import News
from bot.errors import Refused
from bot.services import broadcast_approvals, broadcasts, direct, officials, rights, roads
from bot.services.base import Actor, Desk
from bot.services.rights import Right
from storage.repositories import broadcasts as repository
from storage.repositories import outbox, peers
from storage.unit import Unit

TEST = "news_test"
"""The kind of its rows."""


@dataclass(frozen=True, slots=True)
class Test:
    """What leaves: the words, and the pictures beside them."""

    __test__ = False

    news: News
    carried: Carried


def send(svc: Desk, unit: Unit, actor: Actor, broadcast_id: int) -> tuple[str, ...]:
    """Send a test to the official's own e-mail and messenger; gives the names of those channels.

    Raises `Refused` access.not_allowed, newsletter.unknown, newsletter.no_road.
    """
    if not rights.may(actor, Right.NEWSLETTERS) or actor.user_id is None:
        raise Refused("access.not_allowed")
    one = repository.get(unit, broadcast_id)
    if one is None:
        raise Refused("newsletter.unknown")
    who, now = officials.official(unit, actor.user_id), svc.now()
    found: dict[str, int] = {}
    if who is not None and who.email:
        peer = peers.ensure(unit, roads.MAIL, roads.MAIL_DESK, who.email, "ko", now)
        found[roads.MAIL] = peer.id
    messenger = direct.messenger(svc, unit, actor.user_id)
    if messenger is not None:
        found[svc.office.channel] = messenger
    if not found:
        raise Refused("newsletter.no_road")
    payload = json.dumps([one.id, one.version]).encode()
    for peer_id in found.values():
        outbox.put(unit, peer_id, [outbox.Draft(roads.BESIDE, TEST, payload, now)], now)
    broadcast_approvals.tested(svc, unit, actor, one.id)
    return tuple(found)


def made(svc: Desk, unit: Unit, payload: bytes) -> Test | None:
    """Make what a test says; None: it was changed since, and would test something else.

    Raises `ValueError` for a payload that cannot be read.
    """
    broadcast_id, version = json.loads(payload)
    one = repository.get(unit, int(broadcast_id))
    if one is None or one.version != version:
        return None
    pictures = tuple(picture.png for picture in repository.pictures(unit, one.id))
    empty = (None,) * len(pictures)
    return Test(broadcasts.news(svc, unit, one), Carried(pictures=pictures, uploaded=empty))
