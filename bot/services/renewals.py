"""The clock and the news: forgotten without a confirmation, asked again, ended without an answer.

Every two years (`newsletter.renewal_years`) a reader is asked whether he wants to go on. He is
reminded once, half way; without an answer it ends, and he is told so (정보통신망법 제50조제8항 asks
it of advertising; public information does as much by courtesy). Nothing of it is said at night.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from bot.dialogs import replies
from bot.dialogs.replies import Option, Phrase, Say
from bot.services import news_links, roads, subscriptions
from bot.services.base import Desk
from bot.services.subscriptions import NEWS
from knowledge.calendar import seoul_day
from storage.repositories import outbox, peers, sent_keys
from storage.repositories import subscriptions as repo
from storage.repositories.subscriptions import ON, Subscription
from storage.unit import Unit

AT_ONCE = 200
YEAR = timedelta(days=365)
LINKED = frozenset({"mail", "slack"})
"""Channels where the answer is a link to our page; the others have buttons of their own."""

Due = tuple[str, None, Callable[[Unit], None]]


def due(svc: Desk, unit: Unit) -> Iterator[Due]:
    """Give what the clock has to do, once an hour and by day."""
    now = svc.now()
    looked = f"news_clock:{now:%Y-%m-%dT%H}"
    if roads.daytime(now) != now or sent_keys.has(unit, looked) or repo.none(unit):
        return
    found = list(_found(svc, unit))
    yield from found
    if len(found) < AT_ONCE:
        yield looked, None, lambda _unit: None


def _found(svc: Desk, unit: Unit) -> Iterator[Due]:
    said, now = svc.site.newsletter, svc.now()
    old = now - timedelta(days=said.unconfirmed_days)
    for one in repo.unconfirmed(unit, old, AT_ONCE):
        yield _due("forgotten", one, partial(_forget, svc, one.id))
    if not said.renewal_years:
        return
    for one in repo.agreed(unit, now - said.renewal_years * YEAR, AT_ONCE):
        yield _due("renewal", one, partial(_ask, svc, one.id, "renew_asked_at"))
    wait = timedelta(days=said.renewal_wait_days)
    for one in repo.over(unit, now - wait, now - wait / 2, AT_ONCE):
        yield _due("renewal_over", one, partial(_over, svc, one.id))
    for one in repo.silent(unit, now - wait / 2, AT_ONCE):
        yield _due("renewal_again", one, partial(_ask, svc, one.id, "renew_reminded_at"))


def _due(what: str, one: Subscription, work: Callable[[Unit], None]) -> Due:
    since = one.renewed_at or one.asked_at
    return f"news_{what}:{one.id}:{since.timestamp():.0f}", None, work


def _forget(svc: Desk, subscription_id: int, unit: Unit) -> None:
    one = repo.get(unit, subscription_id)
    if one is not None and one.state == repo.ASKED:
        subscriptions.stop(svc, unit, one.id, "unconfirmed")


def _ask(svc: Desk, subscription_id: int, column: str, unit: Unit) -> None:
    """Ask whether somebody wants to go on, for the first or the second time."""
    one = repo.get(unit, subscription_id)
    if one is None or one.state != ON:
        return
    repo.change(unit, one.id, {column: svc.now()})
    wait, again = (
        timedelta(days=svc.site.newsletter.renewal_wait_days),
        column == "renew_reminded_at",
    )
    # Where the clock slept through the day of the reminder, what is left of the wait is as long.
    until = max(
        (one.renew_asked_at or svc.now()) + wait, svc.now() + (wait / 2 if again else wait)
    )
    _tell(svc, unit, one, "again" if again else "ask", until=seoul_day(until).isoformat())


def _over(svc: Desk, subscription_id: int, unit: Unit) -> None:
    """End what was not asked for again, and say so once."""
    one = repo.get(unit, subscription_id)
    if one is None or one.state != ON or one.renew_asked_at is None:
        return
    subscriptions.stop(svc, unit, one.id, "renewal")
    _tell(svc, unit, one, "over")


def _tell(svc: Desk, unit: Unit, one: Subscription, what: str, **said: str) -> None:
    peer = peers.lock(unit, one.peer_id)
    if peer.state == "gone":
        return
    options = _options(svc, unit, peer.channel, one.id, what)
    agreed = one.renewed_at or one.asked_at
    words = Phrase(f"subscribing.renewal.{what}", {"date": seoul_day(agreed).isoformat(), **said})
    now = svc.now()
    draft = outbox.Draft(roads.BESIDE, NEWS, replies.dump(Say(words, options)), now)
    outbox.put(unit, peer.id, [draft], now)


def _options(
    svc: Desk, unit: Unit, channel: str, subscription_id: int, what: str
) -> tuple[Option, ...]:
    """Give one press for each answer, and the way back when it is over."""
    if what == "over":
        begin = Phrase("subscribing.begin")
        if channel in LINKED:
            return (Option(begin, url=f"{svc.public_url}/news"),)
        return (Option(begin, command="news"),)
    go_on, stop = Phrase("subscribing.button.renew"), Phrase("subscribing.button.stop")
    if channel not in LINKED:
        return (Option(go_on, command="news_renew"), Option(stop, command="news_stop"))
    token = news_links.token(unit, subscription_id)
    return (
        Option(go_on, url=news_links.choose(svc.public_url, token)),
        Option(stop, url=news_links.stop(svc.public_url, token)),
    )
