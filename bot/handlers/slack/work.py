"""What a request of Slack does in our database: in a thread, once, and by the service's leave.

The services decide what somebody may do and say so to the second wall (`linking.actor`); until
then a transaction runs for the service itself (security S7).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from bot.handlers.slack.asking import Asker
from bot.services import Desk
from storage.acting import SERVICE, WHO
from storage.store import Store
from storage.unit import Unit

T = TypeVar("T")


@dataclass(slots=True)
class Work:
    """The database for Slack's requests; `after` is what runs on once somebody was answered."""

    store: Store
    svc: Desk
    after: set[asyncio.Future[None]] = field(default_factory=set)

    async def look(self, work: Callable[[Unit], T]) -> T:
        """Look at the database; nothing that `work` writes is kept."""
        return await _thread(lambda: self.store.read(work))

    async def do(
        self,
        work: Callable[[Unit], T],
        name: str | None,
        body: bytes = b"",
        *,
        again: Callable[[Unit], T] | None = None,
    ) -> T:
        """Do something once under its name and commit it, as `Store.transact`."""
        return await _thread(lambda: self.store.transact(work, name, body=body, again=again))

    def later(self, work: Awaitable[None]) -> None:
        """Do what nobody waits for; it says itself what went wrong."""
        task = asyncio.ensure_future(work)
        self.after.add(task)
        task.add_done_callback(self.after.discard)

    async def settle(self) -> None:
        """Wait for all that was begun: at the end of the process, and in tests."""
        while self.after:
            await asyncio.gather(*self.after, return_exceptions=True)


def named(asker: Asker, number: str) -> str:
    """Name what somebody did by Slack's id of it, so that it is done once."""
    return f"slack:{asker.account}:{asker.user}:{number}"


async def _thread(work: Callable[[], T]) -> T:
    token = WHO.set(SERVICE)
    try:
        return await asyncio.to_thread(work)
    finally:
        WHO.reset(token)
