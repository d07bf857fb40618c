"""Settling in batches: 30 rows or 50 ms, whichever comes first; one commit for all of them."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence

from bot import log
from bot.worker.verdict import Settled
from storage.errors import Busy

_log = log.get(__name__)

BATCH = 30
PAUSE = 0.05
TRIES = 3
KEEPS = 75.0
"""Seconds for which verdicts wait for a database that is away (a failover): nearly as long as the
leases of their rows, which until then nobody else sends again."""
LAST, REST = 10.0, 1.0
"""Seconds that a process which ends still waits; seconds between two tries, at most."""


class Settler:
    """Collects verdicts and writes them together.

    A batch that cannot be written is tried again, a few times or as long as the database is away,
    and then let go: the leases end and the rows are sent again, which is the promise ("at least
    once"), not a loss.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Settled]], Awaitable[None]],
        *,
        pause: float = PAUSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write = write
        self._pause = pause
        self._clock = clock
        self._keeps = KEEPS
        self._waiting: list[Settled] = []
        self._full = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def put(self, settled: Settled) -> None:
        """Take a verdict; it is written soon."""
        self._waiting.append(settled)
        if len(self._waiting) >= BATCH:
            self._full.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def drain(self, keeps: float = KEEPS) -> None:
        """Write everything that was taken; a database that is away is waited for so long."""
        self._keeps = keeps
        self._full.set()
        while self._task is not None and not self._task.done():
            await self._task

    async def _run(self) -> None:
        while self._waiting:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause):
                    await self._full.wait()
            self._full.clear()
            batch, self._waiting = self._waiting, []
            await self._keep(batch)

    async def _keep(self, batch: Sequence[Settled]) -> None:
        began, tried = self._clock(), 0
        while True:
            try:
                await self._write(batch)
            except Exception as error:  # noqa: BLE001 - the next batch must not wait for this one
                tried += 1
                _log.warning("settle_failed", rows=len(batch), attempt=tried, exc_info=error)
                away = isinstance(error, Busy) and self._clock() - began < self._keeps
                if tried >= TRIES and not away:
                    break
                await asyncio.sleep(min(self._pause * tried, REST))
            else:
                return
        _log.error("settle_given_up", rows=len(batch))
