"""One run of `bench peak`: its sizes, who takes part in it, what was seen meanwhile."""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.bench.citizens import Call, Crowd
from bot.bench.fleet import Process, Server
from bot.bench.lag import Lag

EVERY = 2.0
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class Size:
    """Times in seconds. `lag` is what each answer of the database comes later in the peak."""

    minutes: float = 10.0
    times: float = 7.0
    lag: float = 0.05
    processes: int = 2
    at_once: int = 12
    press: float = 20.0
    steady: float = 30.0
    calm: float = 90.0
    think: float = 2.0
    gives_up: int = 3
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Look:
    """One look while it runs; memory in MB by process."""

    at: float
    memory: Mapping[str, float]
    news: int
    shares: Sequence[float]


@dataclass
class Town:
    """Everything of one run. `marks` are the moments at which a part of it began."""

    size: Size
    server: Server
    serving: Sequence[Process]
    working: Process
    road: Lag
    crowd: Crowd
    chance: random.Random
    marks: dict[str, float] = field(default_factory=dict)
    looks: list[Look] = field(default_factory=list)

    def think(self) -> float:
        return self.chance.expovariate(1 / self.size.think)

    def begins(self, rate: float, until: float) -> list[float]:
        """Give the moments at which somebody comes, `rate` a second, until then."""
        found = [time.monotonic() + self.chance.expovariate(rate)]
        while found[-1] < until:
            found.append(found[-1] + self.chance.expovariate(rate))
        return found[:-1]

    def mark(self, name: str) -> float:
        self.marks[name] = time.monotonic()
        return self.marks[name]

    def between(self, first: str, last: str = "") -> list[Call]:
        """Give the calls that somebody meant to make between two marks."""
        end = self.marks[last] if last else float("inf")
        return [call for call in self.crowd.calls if self.marks[first] <= call.due < end]


async def watch(town: Town) -> None:
    """Look now and then until it is cancelled."""
    while True:
        look = await asyncio.to_thread(_look, town)
        town.looks.append(look)
        await asyncio.sleep(EVERY)


def _look(town: Town) -> Look:
    everybody = (*town.serving, town.working)
    memory = {one.name: one.rss() for one in everybody}
    news = town.server.ask("SELECT coalesce(sum(sent), 0) AS sent FROM broadcast_lines")
    shares = [one.metrics().get('jt_load_share{side="public"}', 0.0) for one in town.serving]
    return Look(time.monotonic(), memory, int(news[0]["sent"]), shares)
