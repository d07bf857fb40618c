"""What a process keeps of the database while it lives, and the signs of life that it gives."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.dialogs.form import Found
from bot.services.lookups import Lists
from storage.errors import Busy
from storage.repositories import heartbeats
from storage.store import Store

LOOKUPS_FOR = 30.0
"""Seconds until a unit that was added on the desk is found in a dialog."""


@dataclass
class Living:
    """Lists for lookups, read anew now and then; the engine itself reads nothing."""

    store: Store
    now: Callable[[], datetime]
    clock: Callable[[], float] = time.monotonic
    _lists: Lists | None = None
    _until: float = field(default=float("-inf"))

    def find(self, name: str, query: str) -> Sequence[Found]:
        """Give what fits, best first."""
        self.refresh()
        assert self._lists is not None
        return self._lists.find(name, query)

    def refresh(self) -> None:
        """Read the lists if they are old; called before a turn takes its lock."""
        if self._lists is None or self.clock() > self._until:
            self._lists = self.store.read(lambda unit: Lists.load(unit, self.now()))
            self._until = self.clock() + LOOKUPS_FOR


def each(*hear: Callable[[float], None]) -> Callable[[float], None]:
    """Tell several of one number."""

    def tell(seconds: float) -> None:
        for one in hear:
            one(seconds)

    return tell


def beating(store: Store, name: str) -> Callable[[], Awaitable[None]]:
    """Give what notes, for every process to see, that a messenger's road is alive."""

    async def beat() -> None:
        with contextlib.suppress(Busy):  # the next answer comes in half a minute
            await asyncio.to_thread(store.transact, lambda unit: heartbeats.beat(unit, name), None)

    return beat
