"""A receiver that commits to a list, and a web server for our route: for the tests of the roads."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

import uvicorn
from starlette.types import ASGIApp

from bot.channel import Gone, Inbound, Parcel
from bot.dialogs.events import Answer
from bot.dialogs.replies import Reply, Say
from bot.handlers.telegram import TelegramChannel
from bot.receive import Born, Received


@dataclass
class Ledger:
    """Takes an update once, as the real receiver does; `trouble` is raised before the commit."""

    taken: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    left: list[tuple[str, bool]] = field(default_factory=list)
    trouble: dict[str, list[Exception]] = field(default_factory=dict)
    say: Callable[[Inbound], Reply | None] = lambda inbound: Say("네.")

    async def receive(self, inbound: Inbound) -> Received:
        text = inbound.event.text if isinstance(inbound.event, Answer) else repr(inbound.event)
        self.seen.append(text)
        if self.trouble.get(text):
            raise self.trouble[text].pop(0)
        if inbound.update_id in self.taken:
            return Received((), "ko", 1, 1, repeated=True)
        self.taken.append(inbound.update_id)
        reply = self.say(inbound)
        rows = (_born(inbound, reply),) if reply else ()
        return Received((), "ko", 1, 1, rows=rows)

    async def gone(self, gone: Gone) -> None:
        self.left.append((gone.address, gone.gone))


def _born(inbound: Inbound, reply: Reply) -> Born:
    return Born(1, b"", 0, "telegram", inbound.account, inbound.address, "ko", 1, reply)


def flusher(channel: TelegramChannel) -> Callable[[Sequence[Born]], Awaitable[None]]:
    async def flush(rows: Sequence[Born]) -> None:
        for row in rows:
            assert row.reply is not None
            await channel.deliver(Parcel(row.address, row.reply, row.lang))

    return flush


@asynccontextmanager
async def served(
    app: ASGIApp, *, lifespan: Literal["on", "off"] = "off", port: int = 0
) -> AsyncIterator[str]:
    """Serve an application on 127.0.0.1 by the server that serves it in earnest."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan=lifespan)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[sock])
    assert not server.should_exit, "the application did not start"
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        await server.lifespan.shutdown()
        assert not server.lifespan.should_exit, "the application did not end well"
        server.force_exit = True
        await server.shutdown(sockets=[sock])
