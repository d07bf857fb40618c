"""Everything outside of our hosts, in a thread of its own: citizens, the messenger, who watches."""

import asyncio
import threading
import time
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

import aiohttp

from tests.hosts.citizens import PATIENCE, Crowd, Street
from tests.hosts.fleet import Member
from tests.hosts.netns import Host
from tests.hosts.vendor import Telegram

T = TypeVar("T")
API = 8443
LOOKS = 0.5
"""Seconds between two looks at everybody's `/readyz`."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a process said of itself: `faults` None where it did not answer."""

    at: float
    faults: tuple[str, ...] | None

    @property
    def well(self) -> bool:
        """Tell whether it serves; that its clock is wrong it says, and serves all the same."""
        return self.faults is not None and not set(self.faults) - {"clock"}


@dataclass
class Outside:
    """Runs until `close`; the other methods are called from the test's thread."""

    host: Host
    members: Mapping[str, Member]
    seed: int
    street: Street = field(default_factory=Street)
    telegram: Telegram = field(default_factory=Telegram)
    looks: dict[str, list[Look]] = field(default_factory=dict)
    _ready: threading.Event = field(default_factory=threading.Event)
    _errors: list[BaseException] = field(default_factory=list)

    def open(self) -> None:
        self._thread = threading.Thread(target=self._run, name="outside", daemon=True)
        self._thread.start()
        if not self._ready.wait(60):
            raise RuntimeError("the outside does not begin")

    def close(self) -> None:
        """End everything out there; raises what went wrong there."""
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(60)
        if self._errors:
            raise self._errors[0]

    def come(self, doors: Sequence[str], web: int, telegram: int) -> None:
        """Let so many citizens come at a time, until `last`."""

        async def begin() -> None:
            self._crowd = Crowd(self.street, self._session, self.telegram, doors, self._chance)
            for channel, many in (("web", web), ("telegram", telegram)):
                self._tasks += [
                    asyncio.create_task(self._crowd.come(channel)) for _ in range(many)
                ]

        self._call(begin())

    def last(self, patience: float) -> bool:
        """Let nobody come any more; tells whether all who are there have finished in time."""

        async def end() -> bool:
            self._crowd.closed.set()
            done, late = await asyncio.wait(self._tasks, timeout=patience)
            self._crowd.over.set()
            for task in done:
                task.result()
            return not late

        return self._call(end())

    def ill(self, times: int) -> None:
        """Let the vendor treat the next messages badly."""
        self._loop.call_soon_threadsafe(self.telegram.be_ill, self._chance, times)

    def well(self) -> None:
        self._loop.call_soon_threadsafe(self.telegram.be_well)

    def all_well(self) -> bool:
        """Tell whether everybody's last look was a good one, of the process that is there now."""
        return all(
            looks[-1].well and looks[-1].at > one.since
            for one in self.members.values()
            for looks in [self.looks.get(one.name) or [Look(0.0, None)]]
        )

    def silent(self, begin: float, end: float) -> float:
        """Give the longest time in which nothing was taken although a public host said it is well."""
        longest = 0.0
        for earlier, later in self.street.gaps(begin, end):
            for name, looks in self.looks.items():
                since = None
                for look in looks if name.startswith("public") else ():
                    if not earlier <= look.at <= later or not look.well:
                        since = None
                        continue
                    since = look.at if since is None else since
                    longest = max(longest, look.at - since)
        return longest

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _run(self) -> None:
        try:
            self.host.inside(lambda: asyncio.run(self._live()))
        except BaseException as error:  # noqa: BLE001 - told by `close`
            self._errors.append(error)
            self._ready.set()

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        self._chance = Random(self.seed)
        self._tasks: list[asyncio.Task[None]] = []
        patience = aiohttp.ClientTimeout(total=PATIENCE, sock_connect=3.0)
        # A connection for each call: a balancer's idle ones would hide who is dead.
        wires = aiohttp.TCPConnector(limit=0, force_close=True)
        runner = await self.telegram.open(self.host.address, API)
        async with aiohttp.ClientSession(connector=wires, timeout=patience) as self._session:
            watching = [asyncio.create_task(self._watch(one)) for one in self.members.values()]
            self._ready.set()
            await self._end.wait()
            for task in (*watching, *self._tasks):
                task.cancel()
            await asyncio.gather(*watching, *self._tasks, return_exceptions=True)
        self.telegram.stopping.set()
        await runner.cleanup()

    async def _watch(self, member: Member) -> None:
        """Ask a process how it is, again and again."""
        seen = self.looks.setdefault(member.name, [])
        patience = aiohttp.ClientTimeout(total=8.0, sock_connect=2.0)
        while True:
            faults: tuple[str, ...] | None = None
            try:
                async with self._session.get(
                    f"{member.address}/readyz", timeout=patience, headers={"Host": "probe"}
                ) as answer:
                    given = await answer.json()
                    faults = tuple(given["faults"])
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
                pass
            seen.append(Look(time.monotonic(), faults))
            await asyncio.sleep(LOOKS)
