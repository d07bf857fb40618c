"""The clock's half minute: what is due is asked of the database and done, once (S11, S14, S15)."""

from dataclasses import dataclass

from bot import log
from bot.services import broadcast_telling, errands, reminders
from bot.services.base import Desk
from bot.services.reminders import Due
from storage import instance
from storage.errors import Fenced
from storage.repositories import heartbeats, leases
from storage.store import Store
from storage.unit import Unit

_log = log.get(__name__)

NAME, TELLING = "tick", "tell"
TELLING_LEASE = 30.0
EVERY = 30
LEASE = 120.0
"""Seconds; a tick that takes longer finds its fence gone and stops writing."""


@dataclass(frozen=True, slots=True)
class Ticker:
    """Does what is due, in one process at a time."""

    store: Store
    svc: Desk
    holder: str

    def tick(self) -> int:
        """Do what is due; gives how many things were done, 0 where another process ticks."""
        fence = self.store.transact(self._take, None)
        if fence is None or self.store.hold:
            return 0
        due = self.store.read(self._due)
        return sum(self._do(one, fence) for one in due)

    def tell(self) -> int:
        """Tell how far broadcasts are; in one process at a time, and only where one is."""
        if self.store.hold or not self.store.read(lambda u: broadcast_telling.live(self.svc, u)):
            return 0

        def work(unit: Unit) -> int:
            mine = leases.take(unit, TELLING, self.holder, TELLING_LEASE) is not None
            return broadcast_telling.tell(self.svc, unit) if mine else 0

        return self.store.transact(work, None)

    def _due(self, unit: Unit) -> tuple[Due, ...]:
        return (*errands.due(self.svc, unit), *reminders.due_work(self.svc, unit))

    def _take(self, unit: Unit) -> int | None:
        fence = leases.take(unit, NAME, self.holder, LEASE)
        if fence is not None:
            instance.seen(unit.conn)
            heartbeats.beat(unit, heartbeats.TICK)
        return fence

    def _do(self, due: Due, fence: int) -> int:
        """Do one thing; what fails is told and tried again at the next tick."""

        def work(unit: Unit) -> tuple[str, ...]:
            leases.check(unit, NAME, fence)
            return due.work(unit)

        try:
            blobs = self.store.transact(work, due.run_key, again=lambda _unit: ())
        except Fenced:
            return 0
        except Exception as error:  # noqa: BLE001 - the others are due as well
            _log.error("due_failed", kind=due.run_key.partition(":")[0], exc_info=error)
            return 0
        for name in blobs:
            self.store.blobs.delete(name)
        return 1
