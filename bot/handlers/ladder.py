"""What waits first when a process is full, and how every process hears of it (security S20).

One table: each step begins at a greater share of the load than the one before, so that newsletters
pause before anybody is turned away, and whoever is in the middle of a report is turned away last.
"""

import asyncio
import contextlib
import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Literal

from bot import log
from bot.services import pressing
from storage.errors import Busy
from storage.store import Store

_log = log.get(__name__)

Step = Literal["newsletters", "rerank", "files", "new", "running"]

LADDER: Final[Mapping[Step, float]] = {
    "newsletters": 0.5,  # of all processes on all hosts: nothing is claimed for a broadcast
    "rerank": 0.55,  # a search of cases leaves out the comparison of letters
    "files": 0.6,  # what carries files is told to come later
    "new": 0.75,  # … and who has not begun yet
    "running": 1.0,  # … and whoever is in the middle of something
}
"""From which share of the load on each step is taken, in this order."""

TURNED_AWAY: Final[tuple[Step, ...]] = ("files", "new", "running")
"""The steps on which somebody is told to come later."""

SLOW = 0.8
"""Seconds a turn may wait for its transaction before newcomers are turned away (S20)."""

LINED_UP = 48
"""Requests of one side inside at once on SQLite, where they go in many together; else twice what
the pool of the side holds (S20)."""

EVERY = 1.0
"""Seconds between looks at our own load."""


@dataclass
class Load:
    """How busy one side of this process is: requests inside, and how long turns wait just now.

    `refused` counts by the step on which somebody was told to come later.
    """

    most: int
    clock: Callable[[], float] = time.monotonic
    inside: int = 0
    refused: Counter[Step] = field(default_factory=Counter)
    _line: dict[int, float] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def enters(self) -> Callable[[], object]:
        """Note that a turn waits for its thread and its transaction; call what is given at its end.

        That may be called from another thread, and more than once.
        """
        number = next(self._numbers)
        self._line[number] = self.clock()
        return partial(self._line.pop, number, None)

    @property
    def wait(self) -> float:
        """Give for how many seconds the oldest waits who waits at this moment."""
        oldest = min(list(self._line.values()), default=None)  # a copy: threads take theirs out
        return 0.0 if oldest is None else self.clock() - oldest

    def share(self) -> float:
        """Give the load as a share of what is let in: 1 and above is full."""
        return max(self.inside / self.most, self.wait / SLOW * LADDER["new"])

    def at(self, step: Step) -> bool:
        """Tell whether this step of the ladder is taken now."""
        return self.share() >= LADDER[step]

    def refuses(self, step: Step) -> bool:
        """Tell whether who comes on this step has to come later, and count it if so."""
        if not self.at(step):
            return False
        self.refused[step] += 1
        return True

    def room(self, step: Step) -> int:
        """Say how many may still come in before this step is taken."""
        left = LADDER[step] * self.most - self.inside
        return 0 if self.at(step) else max(1, int(left))

    @contextlib.contextmanager
    def visit(self) -> Generator[None]:
        """Count somebody who is inside."""
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1


@dataclass
class Alarm:
    """Tells all processes while this one is full, so that newsletters wait everywhere.

    At most once in `EVERY` seconds, one at a time, in a thread of its own and outside of every
    request: what cannot be told now is told at the next look, or is over.
    """

    loads: Sequence[Load]
    tell: Callable[[], None]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop`."""
        stopped = asyncio.ensure_future(stop.wait())
        with ThreadPoolExecutor(1, "pressed") as own:
            while not stop.is_set():
                await self.look(own)
                resting = asyncio.ensure_future(self.pause(EVERY))
                await asyncio.wait((resting, stopped), return_when=asyncio.FIRST_COMPLETED)
                resting.cancel()
        stopped.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await stopped

    async def look(self, own: ThreadPoolExecutor) -> None:
        """Tell it if it is so now."""
        if not any(load.at("newsletters") for load in self.loads):
            return
        try:
            await asyncio.get_running_loop().run_in_executor(own, self.tell)
        except Busy:
            pass  # whoever claims meets the same database
        except Exception as error:  # noqa: BLE001 - an alarm that ends would go unnoticed
            _log.error("not_told_that_full", exc_info=error)


def sides(store: Store) -> dict[str, Load]:
    """Make the load of the citizens' side and that of the desk.

    The desk's people come in by a door of their own: a crowd outside never shuts it, and they are
    the ones who can do something about it.
    """
    most = 2 * store.size if store.parallel else LINED_UP
    return {"public": Load(most), "desk": Load(most)}


def alarm(store: Store, loads: Mapping[str, Load], parts: Collection[str]) -> Alarm:
    """Make who tells that a side is full that these parts of the process serve."""
    served = {"desk"} & set(parts) | ({"public"} if {"public", "hooks"} & set(parts) else set())
    told = [load for side, load in loads.items() if side in served]
    return Alarm(told, partial(store.transact, pressing.note, None, tries=1))
