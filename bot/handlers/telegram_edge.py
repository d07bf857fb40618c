"""Telegram as one piece for the process: the channel, the way in, and the start."""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from starlette.routing import Route
from telegram import BotCommand, BotCommandScopeAllPrivateChats
from telegram.error import TelegramError

from bot import log
from bot.channel import Parcel
from bot.dialogs.replies import Phrase, Say
from bot.handlers.ladder import Load
from bot.handlers.telegram import TelegramChannel, account_of
from bot.handlers.telegram_inbound import ALLOWED, COMMANDS, Parser
from bot.handlers.telegram_intake import Intake, Receives
from bot.handlers.telegram_polling import LONGEST, Polling
from bot.handlers.telegram_request import AioRequest
from bot.handlers.telegram_webhook import PATH, webhook
from bot.locale import PREVAILING, Texts
from bot.receive import Born

_log = log.get(__name__)

CONNECTIONS: Final = 40
"""`max_connections` of setWebhook, its default: more than our threads would only wait."""


@dataclass(slots=True)
class TelegramEdge:
    """What `app` puts into the process: `routes` for the hooks, `run` for its life.

    With `hook` (the public address of our route) and `secret` updates are pushed to us; without,
    they are polled. `menu` is what can be begun: its command and the key of its words.
    """

    channel: TelegramChannel
    intake: Intake
    texts: Texts
    site: Mapping[str, str]
    hook: str | None = None
    secret: str | None = None
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    heard: Callable[[], Awaitable[None]] | None = None
    dated: Callable[[str | None], None] = lambda _date: None
    menu: tuple[tuple[str, str], ...] = ()
    load: Load | None = None

    def routes(self) -> tuple[Route, ...]:
        """Give the webhook's route, none where updates are polled."""
        return (webhook(self.intake, self.secret),) if self.hook and self.secret else ()

    async def run(self, stop: asyncio.Event) -> None:
        """Tell the vendor how to reach us and what we can do; poll if that is the way."""
        try:
            await self._introduce(stop)
            if self.hook is None:
                request = AioRequest(connections=1, dated=self.dated)
                polling = Polling(self.intake, request, pause=self.pause, heard=self.heard)
                if self.load is not None:
                    polling.load = self.load
                await polling.run(stop)
            else:
                await stop.wait()
        finally:
            await self.intake.settle()

    async def close(self) -> None:
        """Close the connections; when the worker has sent its last message."""
        await self.channel.close()

    async def _introduce(self, stop: asyncio.Event) -> None:
        """Repeat until the vendor has heard it: a service must start without the vendor."""
        stopped = asyncio.ensure_future(stop.wait())
        tries = 0
        while not stop.is_set():
            try:
                await self._tell()
                break
            except TelegramError as error:
                tries += 1
                _log.warning("telegram_start_failed", kind=type(error).__name__, tries=tries)
            waiting = asyncio.ensure_future(self.pause(min(LONGEST, 2.0 ** min(tries, 6))))
            await asyncio.wait((waiting, stopped), return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
        stopped.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await stopped

    async def _tell(self) -> None:
        bot = self.channel.bot
        if self.hook is not None:
            await bot.set_webhook(
                self.hook,
                secret_token=self.secret,
                allowed_updates=list(ALLOWED),
                max_connections=CONNECTIONS,
                drop_pending_updates=False,
            )
        else:
            await bot.delete_webhook(drop_pending_updates=False)
        scope = BotCommandScopeAllPrivateChats()
        for lang in self.texts.languages:
            await bot.set_my_commands(self._commands(lang), scope=scope, language_code=lang)
        # Apps in other languages show this one.
        other = "en" if "en" in self.texts.languages else PREVAILING
        await bot.set_my_commands(self._commands(other), scope=scope)

    def _commands(self, lang: str) -> list[BotCommand]:
        """Give the menu: the names are ASCII by the vendor's rule, the words are ours."""
        begin = [(name, f"telegram.command.{name}") for name in COMMANDS]
        return [
            BotCommand(name, self.texts.render(Phrase(key), lang, self.site))
            for name, key in (begin[0], *self.menu, *begin[1:])
        ]


def connect(
    channel: TelegramChannel,
    receiver: Receives,
    flush: Callable[[Sequence[Born]], Awaitable[None]],
    texts: Texts,
    site: Mapping[str, str],
    *,
    public_url: str | None = None,
    secret: str | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    heard: Callable[[], Awaitable[None]] | None = None,
    dated: Callable[[str | None], None] = lambda _date: None,
    menu: tuple[tuple[str, str], ...] = (),
    load: Load | None = None,
) -> TelegramEdge:
    """Put the pieces together; `public_url` with `secret` for a webhook, neither for polling.

    `load` is that of the citizens' side: what is polled counts itself there (security S20).
    """
    known = frozenset((*COMMANDS, *(name for name, _ in menu)))
    parser = Parser(
        channel.bot, account_of(channel.bot.token), now, lambda: secrets.token_hex(16), known
    )

    async def apologise(address: str, lang: str) -> None:
        # Not by the outbox: what went wrong is that nothing could be stored.
        await channel.deliver(Parcel(address, Say(Phrase("telegram.failed")), lang))

    intake = Intake(parser, receiver, flush, apologise)
    hook = f"{public_url}{PATH}" if public_url and secret else None
    return TelegramEdge(
        channel, intake, texts, site, hook, secret, pause, heard, dated, menu, load
    )
