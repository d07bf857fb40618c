"""What the pages of the news do, on the store: sign up, and what the links in a letter open."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeVar

from bot.dialogs.replies import Phrase
from bot.errors import Overloaded
from bot.services import news_links, roads, sign_ups, subscriptions
from bot.services.base import Desk
from bot.services.subscriptions import Wanted
from storage.errors import Busy
from storage.repositories import subscriptions as rows
from storage.repositories.subscriptions import OFF, ON
from storage.store import Store
from storage.unit import Unit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody chose on a page, by the names of `knowledge.subjects`; not looked at yet."""

    kinds: Collection[str]
    fields: Collection[str]
    regions: Collection[str]
    lang: str


@dataclass(frozen=True, slots=True)
class Reader:
    """What a link opens: nothing of whose it is. `asked`: whether he wants to go on."""

    state: str  # asked, on, off
    wish: Wanted
    asked: bool


class Readers:
    """Every method may raise `Overloaded`; those with a token give None for what we never made."""

    def __init__(self, store: Store, svc: Desk) -> None:
        self._store = store
        self._svc = svc

    def consent(self) -> Phrase:
        """Give the text that is agreed to on the page."""
        return subscriptions.consent(self._svc, roads.MAIL)

    def sign_up(self, address: str, typed: Typed, network: str, read_in: str) -> None:
        """Keep an address for `work`; `read_in` is the language of the page. Raises `Refused` subscribing.email, .nothing, .often."""
        wish = self._wish(typed)
        self._do(lambda unit: sign_ups.ask(self._svc, unit, address, wish, network, read_in))

    def look(self, token: str) -> Reader | None:
        """Read what a link opens, changing nothing."""
        return self._read(lambda unit: _opened(unit, token, lambda _one: None))

    def confirm(self, token: str) -> Reader | None:
        """Begin what was asked for, as the letter's link says."""
        return self._act(token, lambda unit, one: subscriptions.confirm(self._svc, unit, one))

    def stop(self, token: str) -> Reader | None:
        """End it at once."""
        return self._act(token, lambda unit, one: subscriptions.stop(self._svc, unit, one))

    def stop_here(self, peer_id: int) -> None:
        """End what a conversation of this page gets."""
        self._do(lambda unit: subscriptions.stop_peer(self._svc, unit, peer_id))

    def renew(self, token: str) -> Reader | None:
        """Go on with it."""
        return self._act(token, lambda unit, one: subscriptions.renew(self._svc, unit, one))

    def choose(self, token: str, typed: Typed) -> Reader | None:
        """Let it ask for something else. Raises `Refused` subscribing.nothing, .over."""
        wish = self._wish(typed)
        return self._act(token, lambda unit, one: subscriptions.change(unit, one, wish))

    def _wish(self, typed: Typed) -> Wanted:
        return subscriptions.read(self._svc, typed.kinds, typed.fields, typed.regions, typed.lang)

    def _act(self, token: str, act: Callable[[Unit, int], object]) -> Reader | None:
        return self._do(lambda unit: _opened(unit, token, lambda one: act(unit, one)))

    def _read(self, work: Callable[[Unit], T]) -> T:
        try:
            return self._store.read(work)
        except Busy as busy:
            raise Overloaded from busy

    def _do(self, work: Callable[[Unit], T]) -> T:
        try:
            return self._store.transact(work, None)
        except Busy as busy:
            raise Overloaded from busy


def _opened(unit: Unit, token: str, act: Callable[[int], object]) -> Reader | None:
    """Do something with what a token opens; what was ours once and is forgotten has ended."""
    found = news_links.read(unit, token)
    if found is None:
        return None
    if rows.get(unit, found) is not None:
        act(found)
    one = rows.get(unit, found)
    if one is None:
        return Reader(OFF, Wanted(), asked=False)
    asked = one.state == ON and one.renew_asked_at is not None
    return Reader(one.state, subscriptions.wanted(one), asked)
