"""`/civic 소식`: the news in the officials' messenger, with a consent of its own (wording.md §12).

Whoever begins is asked who he is; whoever ends it is not: one press does it, linked or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.replies import Option, Phrase, Say
from bot.services import linking, news_links, subscriptions
from bot.services.subscriptions import Wanted
from storage.repositories import peers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.services.base import Desk
    from storage.unit import Unit

SPOKEN = "ko"
"""The language in which officials are spoken to, and the consent was read."""


def told(svc: Desk, unit: Unit, account: str, address: str, what: str) -> Say:
    """Answer one of `civic.NEWS`. Raises `Refused` office.*."""
    if what != "news_stop":
        linking.actor(svc, unit, account, address)
    linking.ours(svc, account)
    peer = peers.find(unit, svc.office.channel, account, address)
    return _none() if peer is None else _ANSWERS[what](svc, unit, peer.id)


def _show(svc: Desk, unit: Unit, peer_id: int) -> Say:
    one = subscriptions.of_peer(unit, peer_id)
    if one is None:
        return Say(
            subscriptions.consent(svc, svc.office.channel),
            (
                Option(Phrase("subscribe.agree"), command="news_agree"),
                Option(Phrase("subscribe.refuse"), command="news_no"),
            ),
        )
    url = news_links.choose(svc.public_url, news_links.token(unit, one.id))
    return Say(
        Phrase("office.news.on"),
        (
            Option(Phrase("subscribing.button.choose"), url=url),
            Option(Phrase("news.button.stop"), command="news_stop"),
        ),
    )


def _agree(svc: Desk, unit: Unit, peer_id: int) -> Say:
    if subscriptions.of_peer(unit, peer_id) is None:
        text = subscriptions.version(svc, svc.office.channel, SPOKEN)
        subscriptions.subscribe(svc, unit, peer_id, Wanted(lang=SPOKEN), text)
    return _show(svc, unit, peer_id)


def _renew(svc: Desk, unit: Unit, peer_id: int) -> Say:
    one = subscriptions.of_peer(unit, peer_id)
    done = one is not None and subscriptions.renew(svc, unit, one.id)
    return Say(Phrase("subscribing.renewed")) if done else _none()


def _stop(svc: Desk, unit: Unit, peer_id: int) -> Say:
    ended = subscriptions.stop_peer(svc, unit, peer_id)
    return Say(Phrase("office.news.off")) if ended else _none()


def _refuse(_svc: Desk, _unit: Unit, _peer_id: int) -> Say:
    return Say(Phrase("office.news.refused"))


def _none() -> Say:
    return Say(Phrase("office.news.none"))


_ANSWERS: Mapping[str, Callable[[Desk, Unit, int], Say]] = {
    "news": _show,
    "news_agree": _agree,
    "news_no": _refuse,
    "news_renew": _renew,
    "news_stop": _stop,
}
