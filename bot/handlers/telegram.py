"""Telegram as a channel: what goes out and what is fetched.

What comes in is `telegram_intake` (one update), `telegram_webhook` and `telegram_polling` (how
updates reach us). Of PTB we use `Bot`, its constants and its errors; no Application, so nothing
hangs on `getMe` and no state lives in its memory (design §6).
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.channel import Delivery, Limits, Parcel, Preview, Shown
from bot.dialogs.replies import News, Words, dump
from bot.errors import Refused
from bot.handlers.fetching import Fetcher, NotFetched
from bot.handlers.telegram_delivery import Sender
from bot.handlers.telegram_news import Issues, arriving
from bot.handlers.telegram_render import Speak, render
from bot.handlers.telegram_request import AioRequest
from bot.locale import Span, Texts

NAME: Final = "telegram"
CLOUD: Final = "api.telegram.org"

LIMITS: Final = Limits(
    text=4096,
    file_bytes=20 * 2**20,  # getFile of the cloud API (`telegram.constants.FileSizeLimit`)
    per_second=30.0,  # core.telegram.org/bots/faq, "My bot is hitting limits"
    per_chat=1.0,
    personal="offer",  # only with the recorded consent (three doors)
)


def make_bot(
    token: str,
    api_url: str,
    *,
    local: bool = False,
    dated: Callable[[str | None], None] = lambda _date: None,
) -> Bot:
    """Make the client. `local`: the server runs with `--local` and names files by their path.

    `dated` is told the Date of each answer.
    """
    request = AioRequest(dated=dated)
    return Bot(
        token,
        base_url=f"{api_url}/bot",
        base_file_url=f"{api_url}/file/bot",
        request=request,
        get_updates_request=request,  # never used: the polling loop has a connection of its own
        local_mode=local,
    )


def account_of(token: str) -> str:
    """Give the bot's own id: the part of a token that is no secret."""
    return token.partition(":")[0]


class TelegramChannel:
    """The road to Telegram. `site` are the parameters that every sentence may use.

    `files` is the folder that a local Bot API server shares with us; without it every file comes
    by HTTP. `picture` gives the bytes of a picture of ours by its name.
    """

    name = NAME
    limits = LIMITS

    def __init__(
        self,
        bot: Bot,
        texts: Texts,
        site: Mapping[str, str],
        *,
        fetcher: Fetcher,
        picture: Callable[[str], bytes] | None = None,
        files: Path | None = None,
    ) -> None:
        self.bot = bot
        self._texts = texts
        self._site = site
        self._fetcher = fetcher
        self._files = files.resolve() if files else None
        self._sender = Sender(bot, picture or _no_picture)
        self._issues = Issues(bot, self._sender, self._speak)

    def preview(self, parcel: Parcel) -> Preview:
        """Give exactly the words, pictures and buttons that `deliver` sends."""
        messages = render(parcel.reply, self._speak(parcel.lang), again=parcel.again)
        messages = arriving(messages, parcel)
        news = isinstance(parcel.reply, News)
        return Preview(
            "\n\n".join(message.part.text for message in messages if message.part.text),
            tuple(tuple(key.label for key in row) for row in messages[-1].keys),
            pieces=tuple(Shown(one.part.text, one.pictures) for one in messages) if news else (),
        )

    async def deliver(self, parcel: Parcel) -> Delivery:
        """Send one reply, or delete a message; raises `ValueError` if it cannot be laid out."""
        if parcel.delete is not None:
            return await self._sender.delete(parcel.address, parcel.delete)
        if isinstance(parcel.reply, News):
            return await self._issues.deliver(parcel, parcel.reply)
        messages = render(parcel.reply, self._speak(parcel.lang), again=parcel.again)
        return await self._sender.send(
            parcel.address,
            messages,
            plain=parcel.plain,
            name=lambda: parcel.lang.encode() + dump(parcel.reply),
        )

    async def fetch(self, locator: str, most: int) -> bytes:
        """Get a person's file by its `file_id`.

        Raises `Refused` where trying again is no use, `NotFetched` where it is.
        """
        try:
            file = await self.bot.get_file(locator)
        except BadRequest as error:
            big = "file is too big" in error.message.lower()
            raise Refused("fetch.too_large" if big else "fetch.missing", max=_mb(most)) from None
        except TelegramError:
            raise NotFetched("no file path") from None
        if (file.file_size or 0) > most:
            raise Refused("fetch.too_large", max=_mb(most))
        path = file.file_path or ""
        if self._files is not None and path.startswith("/"):
            return await asyncio.to_thread(self._shared, self._files, path, most)
        return await self._fetcher.fetch(path, most)

    async def close(self) -> None:
        """Close the connections."""
        await self.bot.request.shutdown()

    def _speak(self, lang: str) -> Speak:
        return partial(_spoken, self._texts, self._site, lang)

    @staticmethod
    def _shared(folder: Path, path: str, most: int) -> bytes:
        """Read a file that a local server put down: only inside the folder shared with it."""
        found = Path(path).resolve()
        if not found.is_relative_to(folder):
            raise Refused("fetch.not_allowed")
        try:
            with found.open("rb") as stream:
                data = stream.read(most + 1)
        except OSError:
            raise Refused("fetch.missing") from None
        if len(data) > most:
            raise Refused("fetch.too_large", max=_mb(most))
        return data


def make_fetcher(api_url: str) -> Fetcher:
    """Fetch from Telegram's own host, or from the configured Bot API server and nowhere else."""
    host = urlsplit(api_url).hostname
    return Fetcher(hosts=frozenset({CLOUD})) if host == CLOUD else Fetcher(own=api_url)


def _spoken(texts: Texts, site: Mapping[str, str], lang: str, words: Words) -> tuple[Span, ...]:
    return texts.spans(words, lang, site)


def _no_picture(name: str) -> bytes:
    raise LookupError(name)


def _mb(most: int) -> int:
    return most // 2**20
