"""Slack as a channel: what goes out to officials, and the files that they may send."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from bot.channel import Delivery, Limits, Parcel, Preview
from bot.dialogs.replies import Words, dump
from bot.handlers.fetching import Fetcher
from bot.handlers.slack.blocks import Speak
from bot.handlers.slack.client import FILES, Client
from bot.handlers.slack.render import Message, render, words_only
from bot.handlers.slack.sending import Sender
from bot.locale import Span, Texts

NAME: Final = "slack"
VENDOR: Final = "slack.com"

LIMITS: Final = Limits(
    text=4000,
    file_bytes=10 * 2**20,  # of a `file_input` (docs.slack.dev, file-input-element)
    # docs.slack.dev/apis/web-api/rate-limits: one a second for a room, "several hundred" a minute
    # for a workspace; what it really bears it says by 429.
    per_second=4.0,
    per_chat=1.0,
    personal="no",  # officials only: nobody is asked here who he is
)


class SlackChannel:
    """The road to Slack. `site` are the parameters that every sentence may use.

    An address is `U…` (an official) or `C…` (a room); a message is `<room>:<ts>`, several are
    joined by a comma. `picture` gives the bytes of a picture of ours by its name; `clock` is
    monotonic.
    """

    name = NAME
    limits = LIMITS

    def __init__(
        self,
        client: Client,
        texts: Texts,
        site: Mapping[str, str],
        *,
        picture: Callable[[str], bytes] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.client = client
        self._texts = texts
        self._site = site
        self._fetcher = make_fetcher(client.token or "", client.base_url)
        self._sender = Sender(client, picture or _no_picture, clock)

    def speak(self, lang: str) -> Speak:
        """Bind language and site to the words of a reply, for whoever draws one."""
        return partial(_spoken, self._texts, self._site, lang)

    def preview(self, parcel: Parcel) -> Preview:
        """Give exactly the words and buttons that `deliver` sends."""
        messages = render(parcel.reply, self.speak(parcel.lang), again=parcel.again)
        pieces = tuple(piece for message in messages for piece in message.pieces)
        words = "\n\n".join(message.words for message in messages)
        return Preview(words, _labels(messages), pieces=pieces)

    async def deliver(self, parcel: Parcel) -> Delivery:
        """Post a reply, edit what it replaces, or delete a message.

        Raises `ValueError` or `TypeError` if it cannot be laid out.
        """
        if parcel.delete is not None:
            return await self._sender.delete(_ids(parcel.delete))
        # An edit that was made before is the same edit: nobody reads it twice.
        again = parcel.again and not parcel.replaces
        messages = render(parcel.reply, self.speak(parcel.lang), again=again)
        return await self._sender.send(
            parcel.address,
            words_only(messages) if parcel.plain else messages,
            old=_ids(parcel.replaces or ""),
            thread=next(iter(_ids(parcel.thread or "")), None),
            name=lambda: parcel.lang.encode() + dump(parcel.reply),
        )

    async def fetch(self, locator: str, most: int) -> bytes:
        """Get a file of Slack's own by its `url_private` (S26).

        Raises `Refused` where trying again is no use, `NotFetched` where it is.
        """
        return await self._fetcher.fetch(locator, most)

    async def close(self) -> None:
        """Close the connections."""
        await self.client.close()


def make_fetcher(token: str, api_url: str) -> Fetcher:
    """Fetch from Slack's own host, or from the configured one and nowhere else.

    The token goes to exactly that host: an external file would be given it (S26).
    """
    bearer = f"Bearer {token}"
    host = urlsplit(api_url).hostname or ""
    if host == VENDOR:
        return Fetcher(hosts=frozenset({FILES}), authorization={FILES: bearer})
    return Fetcher(own=api_url, authorization={host: bearer})


def _ids(ids: str) -> tuple[str, ...]:
    return tuple(filter(None, ids.split(",")))


def _labels(messages: tuple[Message, ...]) -> tuple[tuple[str, ...], ...]:
    blocks = [block for message in messages for block in message.blocks]
    rows = [block.get("elements", ()) for block in blocks if block["type"] == "actions"]
    beside = [[block["accessory"]] for block in blocks if "accessory" in block]
    return tuple(tuple(button["text"]["text"] for button in row) for row in (*beside, *rows))


def _spoken(texts: Texts, site: Mapping[str, str], lang: str, words: Words) -> tuple[Span, ...]:
    return texts.spans(words, lang, site)


def _no_picture(name: str) -> bytes:
    raise LookupError(name)
