"""What every process keeps in memory of the database: made beside the turns, swapped whole."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

from bot.log import get
from storage.errors import Busy
from storage.repositories import versions

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.store import Store
    from storage.unit import Unit

_T = TypeVar("_T")
_log = get(__name__)

LOOK = 5.0
"""Seconds until a process notices that something was changed in another."""


def beside(work: Callable[[], None]) -> None:
    """Run it in a thread of its own; it ends with the process."""
    threading.Thread(target=work, name="shelf", daemon=True).start()


class Shelf(Generic[_T]):
    """A thing made of the database. `name` is its version's; `make` reads all that it needs.

    The first who asks waits until it is made. Later ones get the old while the new is made. May
    be asked by several threads at once.
    """

    def __init__(
        self,
        store: Store,
        name: str,
        make: Callable[[Unit], _T],
        *,
        clock: Callable[[], float] = time.monotonic,
        run: Callable[[Callable[[], None]], None] = beside,
    ) -> None:
        self._store = store
        self._name = name
        self._make = make
        self._clock = clock
        self._run = run
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._kept: tuple[int, _T] | None = None
        self._until = float("-inf")

    def get(self) -> _T:
        """Give what is kept; raises `Busy` when nothing is yet and the database is away."""
        if self._kept is None:
            with self._lock:
                if self._kept is None:
                    self._take()
        elif self._clock() >= self._until:
            self._look()
        assert self._kept is not None
        return self._kept[1]

    def _look(self) -> None:
        """Ask for the version; one thread alone makes what has changed."""
        self._until = self._clock() + LOOK
        assert self._kept is not None
        try:
            now = self._store.read(lambda unit: versions.get(unit, self._name))
        except Busy:
            return  # what is kept is better than nothing
        if now != self._kept[0] and self._making.acquire(blocking=False):
            self._run(self._again)

    def _again(self) -> None:
        try:
            self._take()
        except Exception:  # noqa: BLE001 - the next look tries again
            _log.exception("shelf_not_made", name=self._name)
        finally:
            self._making.release()

    def _take(self) -> None:
        """Read it where it does not weigh on anybody; what the replica has not yet, here."""

        def work(unit: Unit) -> tuple[int, _T]:
            return versions.get(unit, self._name), self._make(unit)

        now = self._store.read(lambda unit: versions.get(unit, self._name))
        made = self._store.stale(work)
        self._kept = made if made[0] == now else self._store.read(work)
        self._until = self._clock() + LOOK
