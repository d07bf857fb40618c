"""What happens to the town: faults by chance (seeded), each for some seconds, two at a time."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

from tests.hosts.fleet import Member
from tests.hosts.outside import Look
from tests.hosts.town import Town
from tests.hosts.waiting import pause, until

AT_ONCE = 2
GAP = (1.0, 5.0)
"""Seconds between the beginnings of two faults."""

CLOCKS = (-90, 0, 90)
BACK = 120.0
"""Seconds in which everybody has to be well when nothing happens any more."""

LONG = 100.0
"""Seconds for which one process is frozen once: longer than any lease of a row (90)."""


@dataclass
class Fault:
    """One of them: from when to when (monotonic), and whom it strikes."""

    kind: str
    whom: str
    members: tuple[str, ...]
    begin: float
    end: float
    heal: Callable[[], None] = lambda: None


@dataclass
class Weather:
    """Makes faults until it is told to be calm."""

    town: Town
    chance: Random
    past: list[Fault] = field(default_factory=list)
    _now: list[Fault] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def blow(self, seconds: float) -> None:
        """Let faults happen for so long."""
        until = time.monotonic() + seconds
        freeze = time.monotonic() + seconds * 0.3 if seconds > 3 * LONG else float("inf")
        following = 0.0
        while (now := time.monotonic()) < until:
            self._look_after(now)
            if now > freeze:
                freeze = float("inf")
                self._begin("freeze_long", self.chance.choice(self._hosts()), LONG)
            elif now > following and len(self._now) < AT_ONCE:
                self._strike()
                following = now + self.chance.uniform(*GAP)
            pause()

    def calm(self) -> None:
        """End everything that goes on, and start again whoever is dead."""
        for fault in self._now:
            fault.end = time.monotonic()
            fault.heal()
        self._now.clear()
        until(self._everybody_well, BACK)

    def _everybody_well(self) -> bool:
        self.ended += self.town.fleet.keep()
        members = self.town.fleet.members.values()
        return all(one.alive for one in members) and self.town.outside.all_well()

    def _look_after(self, now: float) -> None:
        for fault in [one for one in self._now if one.end <= now]:
            fault.end = now
            fault.heal()
            self._now.remove(fault)
        self.ended += self.town.fleet.keep()

    def _hosts(self) -> list[str]:
        taken = {one.whom for one in self._now}
        return [name for name in self.town.links if name not in taken]

    def _strike(self) -> None:
        names = list(KINDS)
        kind = self.chance.choices(names, [KINDS[name] for name in names])[0]
        everybody = kind.startswith("server")
        if everybody or kind == "vendor_ill":
            whom = "server" if everybody else "vendor"
            if any(one.whom == whom for one in self._now):
                return
        else:
            whom = self.chance.choice(self._hosts())
        self._begin(kind, whom, self.chance.uniform(*LASTS.get(kind, (1.0, 12.0))))

    def _begin(self, kind: str, whom: str, seconds: float) -> None:
        now = time.monotonic()
        struck = self._struck(kind, whom)
        fault = Fault(kind, whom, tuple(one.name for one in struck), now, now + seconds)
        doing = getattr(self, f"_{kind}", None)
        if doing is not None:
            fault.heal = doing(whom, struck, fault) or fault.heal
        else:
            road, how = kind.split("_")
            fault.heal = self._road(whom, road, how)
        self.past.append(fault)
        self._now.append(fault)

    def _struck(self, kind: str, whom: str) -> list[Member]:
        members = self.town.fleet.members.values()
        if whom == "server":
            return list(members)
        here = [one for one in members if one.host.name.endswith(f"-{whom}")]
        one_of_them = kind in {"kill", "freeze", "freeze_long"}
        return [self.chance.choice(here)] if one_of_them and here else here

    # ---- what each kind does; gives what ends it

    def _road(self, whom: str, road: str, how: str) -> Callable[[], None]:
        link = self.town.links[whom]
        link.become(road, how, {"delay": 0.4, "lossy": 0.05, "lose": 1.0}.get(how, 0.0))
        return lambda: link.become(road, "well")

    def _kill(self, _whom: str, struck: list[Member], fault: Fault) -> None:
        pause = self.chance.uniform(0.2, 2.0)
        self.town.fleet.kill(struck[0], pause, self.chance.choice(CLOCKS))
        fault.end = fault.begin + pause

    def _freeze(self, _whom: str, struck: list[Member], _fault: Fault) -> Callable[[], None]:
        process = struck[0].process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        return lambda: process.send_signal(signal.SIGCONT)

    _freeze_long = _freeze

    def _cable(self, _whom: str, struck: list[Member], _fault: Fault) -> Callable[[], None]:
        host = struck[0].host
        host.down()
        return host.up

    def _server_cable(self, *_: object) -> Callable[[], None]:
        self.town.server.host.down()
        return self.town.server.host.up

    def _server_power(self, *_: object) -> Callable[[], None]:
        self.town.server.kill()
        return self.town.server.start

    def _server_lines(self, *_: object) -> None:
        """Let the server end every session of ours, as an administrator might."""
        self.town.server.do(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'jt%'"
        )

    def _vendor_ill(self, *_: object) -> Callable[[], None]:
        self.town.outside.ill(self.chance.randrange(1, 6))
        return self.town.outside.well


KINDS = {
    "kill": 5,
    "freeze": 2,
    "cable": 3,
    "db_delay": 2,
    "db_stall": 2,
    "db_hole": 3,
    "db_cut": 2,
    "db_lossy": 2,
    "db_lose": 4,
    "vendor_delay": 1,
    "vendor_stall": 1,
    "vendor_hole": 2,
    "vendor_cut": 1,
    "vendor_lossy": 2,
    "vendor_ill": 3,
    "server_power": 1,
    "server_cable": 1,
    "server_lines": 1,
}
"""How often each happens, beside the others."""

LASTS = {"server_power": (1.0, 3.0), "server_cable": (1.0, 8.0), "server_lines": (0.1, 0.1)}


def recoveries(faults: Iterable[Fault], looks: dict[str, list[Look]]) -> dict[str, list[float]]:
    """Give by kind how many seconds it took, from the end of a fault, until a process was well.

    Where another fault struck the same process before that, the time is that one's.
    """
    faults = list(faults)
    found: dict[str, list[float]] = {}
    for fault in faults:
        for name in fault.members:
            well = next((one.at for one in looks[name] if one.at >= fault.end and one.well), None)
            if well is None:
                continue
            others = (one for one in faults if one is not fault and name in one.members)
            if not any(one.begin < well and one.end > fault.end for one in others):
                found.setdefault(fault.kind, []).append(well - fault.end)
    return found


def counted(faults: Iterable[Fault]) -> Counter[str]:
    return Counter(one.kind for one in faults)
