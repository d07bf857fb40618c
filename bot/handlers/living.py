"""What a process keeps of the database while it lives, and the signs of life that it gives."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.dialogs.form import Found
from bot.services import portal
from bot.services.base import Desk
from bot.services.lookups import Lists
from storage.errors import Busy
from storage.repositories import heartbeats
from storage.store import Store
from storage.unit import Unit

LOOKUPS_FOR = 30.0
"""Seconds until what was changed on the desk, a unit or a switch, is so in a dialog."""


@dataclass
class Living:
    """What dialogs go by, read anew now and then; the engine itself reads nothing.

    Lists for lookups, and `said`: settings that an official has turned meanwhile.
    """

    store: Store
    svc: Desk
    clock: Callable[[], float] = time.monotonic
    said: Mapping[str, str] = field(default_factory=dict)
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
            self._lists, down = self.store.read(self._read)
            self.said = {portal.NAME: "yes" if down else "no"}
            self._until = self.clock() + LOOKUPS_FOR

    def _read(self, unit: Unit) -> tuple[Lists, bool]:
        return Lists.load(unit, self.svc.now()), portal.down(self.svc, unit)


def beating(store: Store, name: str) -> Callable[[], Awaitable[None]]:
    """Give what notes, for every process to see, that a messenger's road is alive."""

    async def beat() -> None:
        with contextlib.suppress(Busy):  # the next answer comes in half a minute
            await asyncio.to_thread(store.transact, lambda unit: heartbeats.beat(unit, name), None)

    return beat
