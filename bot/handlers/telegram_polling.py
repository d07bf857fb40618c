"""Fetching updates ourselves, where no public address leads to us (an office behind a firewall).

PTB's own loop confirms an update before it is handled; ours raises the offset only over updates
that are committed. What comes twice is known by the inbox.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from telegram.error import TelegramError

from bot import log
from bot.errors import Overloaded
from bot.handlers.ladder import Load
from bot.handlers.telegram_inbound import ALLOWED
from bot.handlers.telegram_intake import Intake
from bot.handlers.telegram_request import AioRequest, Refusal, TooMany

_log = log.get(__name__)

LONGEST: Final = 60.0  # seconds between two tries while the vendor is away
STUCK: Final = 5.0  # seconds that everybody waits for an update that meets a bug
BATCH: Final = 100  # `limit` of getUpdates, its highest
FULL: Final = 1.0  # seconds until we look again whether there is room


@dataclass(slots=True)
class Polling:
    """One loop, the only poller of its token (the vendor answers a second one with 409).

    `seconds` is how long the vendor holds an empty answer back. `pause` waits that many seconds,
    or less when the process stops. `heard` is told of each answer, even of an empty one. No more
    is fetched than `load` has room for: what the vendor keeps is not lost, and does not pile up
    here (security S20).
    """

    intake: Intake
    request: AioRequest = field(default_factory=lambda: AioRequest(connections=1))
    seconds: int = 30
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    heard: Callable[[], Awaitable[None]] | None = None
    load: Load = field(default_factory=lambda: Load(BATCH))
    _offset: int = 0
    _taken: set[int] = field(default_factory=set)
    _misses: int = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Fetch and take updates until `stop`; what is being taken then is taken to its end."""
        stopped = asyncio.ensure_future(stop.wait())
        try:
            while not stop.is_set():
                try:
                    batch = await self._unless(stopped, self._fetch())
                    wait = await self._take(batch) if batch else 0.0
                except Exception as error:  # noqa: BLE001 - a loop that ended would go unnoticed
                    _log.error("telegram_poll_broken", exc_info=error)
                    wait = STUCK
                if wait:
                    await self._unless(stopped, self.pause(wait))
        finally:
            stopped.cancel()
            await self.request.shutdown()

    async def _unless(self, stopped: "asyncio.Future[Any]", work: Awaitable[Any]) -> Any:
        """Wait for some work, but not longer than for the stop."""
        task = asyncio.ensure_future(work)
        await asyncio.wait((task, stopped), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return None

    async def _fetch(self) -> Sequence[Mapping[str, Any]]:
        room = min(BATCH, self.load.room("running"))
        if not room:
            await self.pause(FULL)
            return ()
        params = {
            "offset": str(self._offset),
            "limit": str(room),
            "timeout": str(self.seconds),
            "allowed_updates": json.dumps(ALLOWED),
        }
        try:
            found = await self._call("getUpdates", params, answer=self.seconds + 10.0)
        except TelegramError as error:
            await self._failed(error)
            return ()
        self._misses = 0
        if self.heard is not None:
            await self.heard()
        return [update for update in found if isinstance(update.get("update_id"), int)]

    async def _failed(self, error: TelegramError) -> None:
        self._misses += 1
        wait = min(LONGEST, 2.0 ** min(self._misses, 6))
        if isinstance(error, TooMany):
            wait = float(error.seconds)
        if isinstance(error, Refusal) and error.code == 409:
            # Another poller, or a webhook that somebody set: ours is the road of this set-up.
            _log.warning("telegram_poll_conflict", misses=self._misses)
            try:
                await self._call("deleteWebhook", {}, answer=10.0)
            except TelegramError:
                _log.info("telegram_call_failed", what="delete_webhook")
        else:
            _log.warning("telegram_poll_failed", kind=type(error).__name__, misses=self._misses)
        await self.pause(wait)

    async def _call(self, method: str, params: Mapping[str, str], *, answer: float) -> Any:
        return await self.request.ask(
            f"{self.intake.bot.base_url}/{method}", params, answer=answer
        )

    async def _take(self, batch: Sequence[Mapping[str, Any]]) -> float:
        """Take a batch: people side by side, each one's updates in their order.

        Gives the seconds to wait before the next fetch, 0 if all is taken. The offset is raised
        up to the first update that is not committed; behind it we remember what is.
        """
        lines: dict[str, list[Mapping[str, Any]]] = {}
        for update in batch:
            if update["update_id"] not in self._taken:
                lines.setdefault(_whose(update), []).append(update)
        waits = [w for w in await asyncio.gather(*map(self._line, lines.values())) if w]
        ids = [int(update["update_id"]) for update in batch]
        for number in ids:
            if number not in self._taken:
                break
            self._offset = number + 1
        self._taken = {number for number in self._taken if number >= self._offset}
        return max(waits, default=0.0)

    async def _line(self, updates: Sequence[Mapping[str, Any]]) -> float:
        """Take one person's updates; the first that fails keeps the later ones waiting."""
        for update in updates:
            try:
                with self.load.visit():
                    await self.intake.take(update)
            except Overloaded as busy:
                return float(busy.retry_after)
            except Exception as error:  # noqa: BLE001 - whatever it is, the loop goes on
                _log.error("telegram_update_failed", exc_info=error)
                return STUCK
            self._taken.add(int(update["update_id"]))
        return 0.0


def _whose(update: Mapping[str, Any]) -> str:
    """Name the person of an update; who cannot be told stands in a line alone."""
    for content in update.values():
        if isinstance(content, dict) and isinstance(content.get("from"), dict):
            return str(content["from"].get("id"))
    return f"update {update['update_id']}"
