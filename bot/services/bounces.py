"""What mail servers send back: after it nobody writes to a mailbox that is not there.

No such mailbox ends the subscription at once. What may pass (full, away, our server not liked)
ends it at the third time within thirty days.
"""

from datetime import timedelta
from typing import Literal

from bot.services import news_links, subscriptions
from bot.services.base import Desk
from storage.repositories import subscriptions as repo
from storage.unit import Unit

SOFT = 3
WITHIN = timedelta(days=30)
"""From the first of them on."""

PASSING = frozenset({"mail_refused", "later"})
"""Ends of a sending that say something of the mailbox, and not for good."""

What = Literal["hard", "soft", "stop"]


def hit(svc: Desk, unit: Unit, subscription_id: int, *, hard: bool) -> bool:
    """Note that a letter did not arrive; tells whether that ended the subscription.

    What waits for this peer is dropped with it.
    """
    if not hard:
        now = svc.now()
        times = repo.soft(unit, subscription_id, now, now - WITHIN)
        if times < SOFT:
            return False
    return subscriptions.stop(svc, unit, subscription_id, "bounced")


def refused(svc: Desk, unit: Unit, peer_id: int, code: str, *, gone: bool) -> bool:
    """Note that a mail server would not take a letter for this peer; `code` as its channel has it.

    What is our own trouble (a letter that could not be made) is nobody's. Tells whether it ended
    the subscription.
    """
    one = subscriptions.of_peer(unit, peer_id)
    hard = gone or code == "mail_address"
    if one is None or not (hard or code in PASSING):
        return False
    return hit(svc, unit, one.id, hard=hard)


def told(svc: Desk, unit: Unit, token: str, what: What) -> bool:
    """Note what came back for the reader of this token; tells whether it ended anything.

    "stop": the reader, or his mail client, asked for no more.
    """
    one = news_links.read(unit, token)
    if one is None:
        return False
    if what == "stop":
        return subscriptions.stop(svc, unit, one)
    return hit(svc, unit, one, hard=what == "hard")
