"""Claims rows, sends them, settles them; and asks each half minute what is due."""

import asyncio
from collections.abc import Sequence

from bot.receive import Born

__all__ = ["Worker"]


class Worker:
    """The only sender. Any number of processes may run one (on SQLite: one process)."""

    async def run(self, stop: asyncio.Event) -> None:
        """Claim and send until `stop`, then finish what is in flight and settle it."""
        raise NotImplementedError

    async def flush(self, rows: Sequence[Born]) -> None:
        """Send rows that were born leased, now, before anything that waits; never raises."""
        raise NotImplementedError

    def tick(self) -> int:
        """Do what is due, under the lease `tick`; gives how many things were done."""
        raise NotImplementedError
