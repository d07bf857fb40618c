"""Telegram outside of our hosts: keeps who was sent what and when, and pushes what people write.

The strict fake of the other tests, listening to a whole network, with real time in its book. It
refuses nobody for being fast: how fast we were is counted at the end.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import aiohttp
from aiohttp import web

from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_rules import Bad, Call, Cut, Drop, Fault, Flood, Hang, Page

TOKEN = "4711:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawX"
SECRET = "Zq7mXv2LrT9bKc4WnHd8sPf3JyGa6EuR"
AGAIN = "(다시 보냄)"
MOODS: Sequence[Fault] = (
    Bad(429, "Too Many Requests: retry after 2", retry_after=2),
    Bad(500, "Internal Server Error"),
    Page(502),
    Drop(accepted=True),
    Drop(accepted=False),
    Cut(),
    Hang(),
)


@dataclass
class Book(Flood):
    """What was accepted: whose it was and when (monotonic)."""

    sent: list[tuple[float, int]] = field(default_factory=list)

    def take(self, chat: int) -> None:
        self.sent.append((time.monotonic(), chat))


class Telegram(FakeTelegram):
    """One bot at one vendor; `words` is everything that was ever shown in each chat."""

    def __init__(self) -> None:
        super().__init__(TOKEN)
        self.flood = self.book = Book()
        self.words: dict[int, list[str]] = {}
        self.moods: Counter[str] = Counter()

    def _show(self, person: Any, call: Call, text: str, *rest: Any, **more: Any) -> dict[str, Any]:
        shown = super()._show(person, call, text, *rest, **more)
        self.words.setdefault(person.id, []).append(text)
        return shown

    async def _result(self, call: Call, token: str, fault: Fault | None) -> Any:
        self.calls.clear()  # ten minutes of them would only fill the memory
        if fault is not None:
            self.moods[type(fault).__name__.lower()] += 1
        return await super()._result(call, token, fault)

    def be_ill(self, chance: Random, times: int) -> None:
        """Treat the next messages badly."""
        self.fail("sendMessage", *chance.choices(MOODS, k=times))

    def be_well(self) -> None:
        self.faults["sendMessage"].clear()

    async def open(self, host: str, port: int) -> web.AppRunner:
        """Listen; the caller cleans the runner up."""
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/bot{token}/{method}", self.handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, host, port).start()
        return runner


@dataclass
class Push:
    """Gives an update to the webhook until it is taken, as the vendor does; `to` says where."""

    session: aiohttp.ClientSession
    to: Callable[[], str]
    heard: Callable[[str, int | None], None]
    pause: float = 0.5

    async def __call__(self, update: dict[str, Any], *, given_up: Callable[[], bool]) -> bool:
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        while not given_up():
            url = self.to()
            status: int | None = None
            try:
                async with self.session.post(
                    f"{url}/telegram/webhook", json=update, headers=headers
                ) as answer:
                    await answer.read()
                    status = answer.status
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass
            self.heard(url, status)
            if status == 200:
                return True
            await asyncio.sleep(self.pause)
        return False
