"""Words and pictures of the broadcasts that are on their way: read once, the same for everybody."""

from dataclasses import dataclass, field, replace

from bot import log
from bot.channel import Carried
from bot.dialogs.replies import News
from bot.services import broadcasts, news_links
from bot.services.base import Desk
from knowledge.procedures import NotKnown
from knowledge.subjects import KINDS
from storage.repositories import broadcasts as repository
from storage.repositories.broadcasts import Open
from storage.repositories.sendings import Claimed
from storage.unit import Unit

_log = log.get(__name__)

KEPT = 4
"""Broadcasts whose words and pictures are held."""
LETTERS = "mail"
"""The channel whose readers get links of their own, and the pictures themselves."""


@dataclass
class Held:
    """Words and pictures of a broadcast: the very same objects for everybody.

    A channel lays them out once and knows them again by being the same.
    """

    news: News
    pictures: tuple[bytes, ...]
    carried: dict[str, Carried] = field(default_factory=dict)


@dataclass
class Shelf:
    """What is held, by broadcast and version."""

    _held: dict[tuple[int, int], Held] = field(default_factory=dict)
    _known: dict[tuple[int, int], bool] = field(default_factory=dict)

    def hold(self, svc: Desk, unit: Unit, one: Open) -> Held:
        """Give the words and pictures of a broadcast."""
        key = (one.id, one.version)
        held = self._held.get(key)
        if held is None:
            whole = repository.get(unit, one.id)
            assert whole is not None
            pictures = tuple(made.png for made in repository.pictures(unit, one.id))
            held = self._held[key] = Held(broadcasts.news(svc, unit, whole), pictures)
            while len(self._held) > KEPT:
                del self._held[next(iter(self._held))]
        return held

    def open_ones(self, svc: Desk, unit: Unit) -> tuple[Open, ...]:
        """List what is open and what this release can lay out: the rest is a later one's (S23)."""
        return tuple(one for one in repository.open_ones(unit) if self._ours(svc, unit, one))

    def _ours(self, svc: Desk, unit: Unit, one: Open) -> bool:
        key = (one.id, one.version)
        if key not in self._known:
            self._known[key] = one.kind in KINDS and self._readable(svc, unit, one)
            if not self._known[key]:
                _log.warning("broadcast_of_a_later_release", broadcast=one.id)
        return self._known[key]

    def _readable(self, svc: Desk, unit: Unit, one: Open) -> bool:
        try:
            self.hold(svc, unit, one)
        except NotKnown:
            return False
        return True

    def forget(self, broadcast_id: int, channel: str) -> None:
        """Read the vendor's names of pictures anew: they have just gone up."""
        for (of, _version), held in self._held.items():
            if of == broadcast_id:
                held.carried.pop(channel, None)

    def shared(self, unit: Unit, channel: str, one: Open, held: Held) -> Carried:
        """Give what goes along for everybody; asked anew until all pictures have gone up."""
        known = held.carried.get(channel)
        if known is not None and (channel == LETTERS or None not in known.uploaded):
            return known
        ids = repository.uploads(unit, one.id, channel) if held.pictures else {}
        uploaded = tuple(ids.get(n) for n in range(len(held.pictures)))
        if known is None or known.uploaded != uploaded:
            known = held.carried[channel] = Carried(held.pictures, uploaded)
        return known


def own(svc: Desk, unit: Unit, shared: Carried, row: Claimed) -> Carried:
    """Give what goes along in a letter: the reader's own links besides."""
    token = news_links.token(unit, row.subscription_id)
    return replace(
        shared,
        stop=news_links.stop(svc.public_url, token),
        prefer=news_links.choose(svc.public_url, token),
        bounce=token,
    )
