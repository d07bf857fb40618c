"""Settling in batches: 30 rows or 50 ms, whichever comes first; one commit for all of them."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

from bot import log
from bot.worker.verdict import Settled

_log = log.get(__name__)

BATCH = 30
PAUSE = 0.05
TRIES = 3


class Settler:
    """Collects verdicts and writes them together.

    A batch that cannot be written is tried again a few times and then let go: the leases end and
    the rows are sent again, which is the promise ("at least once"), not a loss.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Settled]], Awaitable[None]],
        *,
        pause: float = PAUSE,
    ) -> None:
        self._write = write
        self._pause = pause
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

    async def drain(self) -> None:
        """Write everything that was taken."""
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
        for last in range(TRIES):
            try:
                await self._write(batch)
            except Exception as error:  # noqa: BLE001 - the next batch must not wait for this one
                _log.warning("settle_failed", rows=len(batch), attempt=last + 1, exc_info=error)
                await asyncio.sleep(self._pause * (last + 1))
            else:
                return
        _log.error("settle_given_up", rows=len(batch))
