"""The Home tab: what an official has before him, made anew whenever he looks or acts."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from slack_sdk.errors import SlackApiError, SlackClientError

from bot import log
from bot.dialogs.replies import Card, Cards, Option, Phrase, Say
from bot.errors import Refused
from bot.handlers.slack.asking import Asker
from bot.handlers.slack.blocks import HEADER, Block, Speak, line, plain
from bot.handlers.slack.client import Client
from bot.handlers.slack.render import render
from bot.handlers.slack.verdicts import error_of
from bot.handlers.slack.work import Work
from bot.services import linking, office
from bot.services.office import Home, Shelf
from knowledge.procedures import NotKnown
from storage.errors import Busy

_log = log.get(__name__)

VIEW: Final = 100  # blocks


@dataclass(frozen=True, slots=True)
class Homes:
    """Publishes what stands on people's Home tab; one after another for each."""

    work: Work
    client: Client
    speak: Speak
    _turns: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def publish(self, asker: Asker, seen: str = "") -> None:
        """Show somebody his cases, or why there are none; `seen` is the view he looks at."""
        svc = self.work.svc
        async with self._turns[asker.user]:
            try:
                home = await self.work.look(
                    lambda unit: office.home(
                        svc, unit, linking.actor(svc, unit, asker.account, asker.user)
                    )
                )
                view = view_of(home, self.speak)
            except Refused as no:
                view = notice(no, self.speak)
            except (Busy, NotKnown):
                _log.info("slack_home_put_off")
                return
            await self._published(asker.user, view, seen)

    async def _published(self, user: str, view: Block, seen: str) -> None:
        try:
            await self.client.views_publish(user_id=user, view=dict(view), hash=seen or None)
        except SlackApiError as error:
            # Somebody else has published what is newer.
            if error_of(error) != "hash_conflict":
                _log.warning("slack_home_failed", kind=error_of(error))
        except SlackClientError as error:
            _log.warning("slack_home_failed", kind=type(error).__name__)


def view_of(home: Home, speak: Speak) -> Block:
    """Lay the tab out: what can be started, and each shelf with its cases.

    Slack shows a hundred blocks: of long shelves the first lines stand here and the rest one press
    away, on the desk.
    """
    begins = [*_laid(Cards("", (), home.options), speak)] if home.options else []
    most = max((len(shelf.lines) for shelf in home.shelves), default=0)
    while True:
        shelves = [block for one in home.shelves for block in _shelf(one, most, speak)]
        if len(begins) + len(shelves) <= VIEW or most == 0:
            return {"type": "home", "blocks": [*begins, *shelves]}
        most -= 1


def notice(no: Refused, speak: Speak) -> Block:
    """Say why nothing stands there, and what to do."""
    url = str(no.params.get("url") or "")
    options = (Option(Phrase("slack.open_desk"), url=url),) if url else ()
    return {"type": "home", "blocks": [*_laid(Say(Phrase(no.key, no.params), options), speak)]}


def _shelf(shelf: Shelf, most: int, speak: Speak) -> Iterator[Block]:
    yield {"type": "header", "text": plain(line(speak(shelf.title)), HEADER)}
    if not shelf.lines:
        yield from _laid(Say(shelf.empty), speak)
    cards = tuple(Card("", one.text, one.options) for one in shelf.lines[:most])
    count = shelf.more + len(shelf.lines) - len(cards)
    more = Option(Phrase("slack.home_more", {"count": count}), url=shelf.url)
    if cards or count:
        yield from _laid(Cards("", cards, (more,) if count else ()), speak)


def _laid(reply: Say | Cards, speak: Speak) -> Iterator[Block]:
    for one in render(reply, speak):
        yield from one.blocks
