"""Files that still lie at a vendor are fetched; what was fetched gets its clean copy (S25, S26)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from bot import log
from bot.channel import Channel
from bot.documents.scan import Scan
from bot.errors import Refused
from bot.services import attachments
from bot.services.base import Desk
from storage.repositories import leases
from storage.store import Store
from storage.unit import Unit

_log = log.get(__name__)

NAME = "fetch"
LEASE = 180.0
TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches and cleans, one file after the other, in one process at a time."""

    store: Store
    svc: Desk
    channels: Mapping[str, Channel]
    holder: str
    scan: Scan | None = None

    async def work(self) -> int:
        """Do what waits; gives how many files were looked at."""
        if self.store.space().room != "enough":
            return 0  # what the disk has left is for words (S22)
        waiting = await asyncio.to_thread(self._waiting)
        for ref, channel, locator in waiting:
            await self._one(ref, channel, locator)
        cleaned = 0
        while await asyncio.to_thread(attachments.clean_next, self.store, self.scan):
            cleaned += 1
        return len(waiting) + cleaned

    def scan_again(self) -> None:
        """Scan what came while the scanner was away; one question if it still is."""
        if self.scan is None:
            return
        while attachments.scan_again(self.store, self.scan):
            continue

    def _waiting(self) -> tuple[tuple[str, str, str], ...]:
        """Look first: an idle service should not write once a second."""
        found = self.store.read(lambda unit: attachments.waiting(self.svc, unit))
        mine = found and self.store.transact(self._take, None) is not None
        return found if mine else ()

    def _take(self, unit: Unit) -> int | None:
        return leases.take(unit, NAME, self.holder, LEASE)

    async def _one(self, ref: str, name: str, locator: str) -> None:
        """Fetch one file; what is refused is noted, what fails is tried at the next round."""
        channel = self.channels.get(name)
        if channel is None:
            return
        try:
            async with asyncio.timeout(TIMEOUT):
                data = await channel.fetch(locator, channel.limits.file_bytes)
        except Refused as refused:
            _log.info("file_refused", reason=refused.key)
            lost = partial(attachments.lost, self.svc, ref=ref, why=refused)
            await asyncio.to_thread(self.store.transact, lost, None)
        except Exception as error:  # noqa: BLE001 - the other files wait as well
            _log.warning("file_not_fetched", channel=name, exc_info=error)
        else:
            await asyncio.to_thread(
                self.store.transact,
                lambda unit: attachments.arrived(self.svc, unit, ref, data),
                None,
            )
