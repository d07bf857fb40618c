"""News by e-mail: typed on the page, confirmed from the mailbox (double opt-in).

The page's answer is always the same, whoever's address it is: what is known of it is looked at
by `work` alone, which sends a letter to the address and tells the page nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from bot.dialogs import replies
from bot.dialogs.contacts import email_of
from bot.dialogs.replies import Option, Phrase, Say
from bot.errors import Refused
from bot.services import crowd, news_links, roads, subscriptions
from bot.services.base import Desk
from bot.services.subscriptions import NEWS, Wanted
from knowledge.calendar import seoul_day
from storage.repositories import outbox, peers, rates, sign_ups
from storage.repositories.subscriptions import ON
from storage.unit import Unit

HOUR, DAY = 3600.0, 86_400.0  # seconds
A_NETWORK = (20, HOUR / 20)
"""So many at once from one network, and seconds for one more: an office shares one address."""
A_DAY = 3
"""Letters that ask one address back in a day, one an hour: nobody's mailbox is filled by another."""
EVERYBODY = 600
"""Sign-ups an hour that are taken at all."""
AT_ONCE = 200


def ask(
    svc: Desk, unit: Unit, address: str, wish: Wanted, network: str, read_in: str = "ko"
) -> None:
    """Keep what somebody typed, for `work`; nothing is looked up here.

    `read_in` is the language in which the consent was shown.

    Raises `Refused` subscribing.email, subscribing.often.
    """
    typed = email_of(address)
    if typed is None or not typed.isascii():
        raise Refused("subscribing.email")
    burst, every = A_NETWORK
    if rates.take(unit, f"sign_up:{network}", every=every, burst=burst) or crowd.over(
        unit, "sign_ups", EVERYBODY
    ):
        raise Refused("subscribing.often")
    text = subscriptions.version(svc, roads.MAIL, read_in)
    kept = {
        "email": typed,
        "kinds": wish.kinds,
        "fields": wish.fields,
        "regions": wish.regions,
        "lang": wish.lang,
        "text": text,
    }
    sign_ups.put(unit, kept, svc.now())


def due(svc: Desk, unit: Unit) -> Iterator[tuple[str, None, Callable[[Unit], None]]]:
    """Give what was typed and has no letter yet, each once."""
    for one in sign_ups.waiting(unit, AT_ONCE):
        yield f"sign_up:{one.hex()}", None, partial(_answer, svc, one)


def _answer(svc: Desk, sid: bytes, unit: Unit) -> None:
    """Send the letter that asks back, or, to who gets the news already, the way to his choices."""
    typed = sign_ups.take(unit, sid)
    if typed is None or _often(unit, typed["email"]):
        return
    wish = _wish(svc, typed)
    peer = peers.ensure(unit, roads.MAIL, NEWS, typed["email"], wish.lang, svc.now())
    one = subscriptions.of_peer(unit, peer.id)
    peers.set_state(unit, peer.id, "open")  # it was gone once; a letter will tell
    if one is not None and one.state == ON:
        link = news_links.choose(svc.public_url, news_links.token(unit, one.id))
        send(svc, unit, peer.id, "already", (("choose", link),))
        return
    made = subscriptions.subscribe(svc, unit, peer.id, wish, typed["text"], confirmed=False)
    link = news_links.confirm(svc.public_url, news_links.token(unit, made))
    send(
        svc, unit, peer.id, "confirm", (("confirm", link),),
        date=seoul_day(svc.now()).isoformat(), days=svc.site.newsletter.unconfirmed_days,
    )  # fmt: skip


def _wish(svc: Desk, typed: Mapping[str, Any]) -> Wanted:
    return subscriptions.read(
        svc, typed["kinds"], typed["fields"], typed["regions"], typed["lang"]
    )


def _often(unit: Unit, address: str) -> bool:
    """Count a letter against its mailbox, however the address is spelt."""
    name, _, host = address.casefold().rpartition("@")
    box = f"{name.partition('+')[0].replace('.', '')}@{host}"
    mark = unit.keys.ring.blind_index("sign_up", box).hex()
    return bool(
        rates.spent(unit, f"sign_up_hour:{mark}", every=HOUR, burst=1)
        or rates.take(unit, f"sign_up_day:{mark}", every=DAY / A_DAY, burst=A_DAY)
        or rates.take(unit, f"sign_up_hour:{mark}", every=HOUR)
    )


def send(
    svc: Desk, unit: Unit, peer_id: int, what: str, links: tuple[tuple[str, str], ...], **said: Any
) -> None:
    """Write to a mailbox; `links` are (name of the button, address)."""
    made = tuple(Option(Phrase(f"subscribing.button.{name}"), url=url) for name, url in links)
    words = Say(Phrase(f"subscribing.letter.{what}", said), made)
    now = svc.now()
    outbox.put(unit, peer_id, [outbox.Draft(1, NEWS, replies.dump(words), now)], now)
