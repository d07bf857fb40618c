"""Socket Mode: Slack's requests by connections that we open, for a service behind a firewall.

The library reconnects when Slack asks for it every few hours. What it does not survive is an
address that has grown old while the network was away: it asks for none a second time. So each
connection has somebody who looks at it, and makes a new one of everything when it stays broken.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackClientError

from bot import log
from bot.handlers.slack.client import Client, TooMany

_log = log.get(__name__)

HOW_MANY: Final = 2
"""Slack sends each envelope to one connection; with two none is lost while one is renewed
(slackapi/bolt-python #1071)."""

CONNECTING: Final = 20.0
LOOK: Final = 10.0
BROKEN: Final = 4
"""Looks in a row that found no connection, until all is made anew."""
LONGEST: Final = 120.0
TOLD: Final = 3
"""Looks between two signs of life: one in half a minute."""


async def unheard() -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Socket:
    """One connection and its renewal. `web` holds the app-level token.

    `heard` is told now and then that it stands.
    """

    app: AsyncApp
    web: Client
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    heard: Callable[[], Awaitable[None]] = unheard

    async def run(self, stop: asyncio.Event) -> None:
        """Keep a connection until `stop`; the service runs without one as well."""
        tries = 0
        while not stop.is_set():
            handler, rest = self._made(), 0.0
            try:
                await self._connect(handler)
                tries = 0
                _log.info("slack_connected")
                await self._watch(handler, stop)
            except (SlackClientError, TimeoutError) as error:
                tries += 1
                rest = error.seconds if isinstance(error, TooMany) else 2.0 ** min(tries, 7)
                _log.warning("slack_not_connected", kind=type(error).__name__, tries=tries)
            finally:
                await _closed(handler)
            if rest and not stop.is_set():
                await unless(stop, self.pause(min(LONGEST, rest)))

    def _made(self) -> AsyncSocketModeHandler:
        handler = AsyncSocketModeHandler(
            self.app,
            self.web.token,
            logger=self.app.logger,
            web_client=self.web,
            proxy="none",  # else the library takes one from the environment
        )
        handler.client.proxy = None
        return handler

    async def _connect(self, handler: AsyncSocketModeHandler) -> None:
        async with asyncio.timeout(CONNECTING):
            # The address first and by ourselves: the library would ask for one for ever.
            handler.client.wss_uri = await handler.client.issue_new_wss_url()
            await handler.client.connect()  # type: ignore[no-untyped-call]

    async def _watch(self, handler: AsyncSocketModeHandler, stop: asyncio.Event) -> None:
        missing = looks = 0
        while missing < BROKEN:
            if missing == 0 and looks % TOLD == 0:
                await self.heard()
            await unless(stop, self.pause(LOOK))
            if stop.is_set():
                return
            looks += 1
            missing = 0 if await handler.client.is_connected() else missing + 1
        _log.warning("slack_connection_lost")


async def unless(stop: asyncio.Event, waiting: Awaitable[None]) -> None:
    """Wait, but not after `stop`."""
    stopped = asyncio.ensure_future(stop.wait())
    going = asyncio.ensure_future(waiting)
    try:
        await asyncio.wait((going, stopped), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in (going, stopped):
            one.cancel()
        await asyncio.gather(going, stopped, return_exceptions=True)


async def _closed(handler: AsyncSocketModeHandler) -> None:
    client = handler.client
    tasks = [
        one
        for one in (client.message_processor, client.current_session_monitor,
                    client.message_receiver)
        if one is not None
    ]  # fmt: skip
    with contextlib.suppress(Exception):  # a connection that is gone cannot be closed
        await client.close()  # type: ignore[no-untyped-call]
    await client.aiohttp_client_session.close()
    await asyncio.gather(*tasks, return_exceptions=True)
