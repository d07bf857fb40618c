"""What one host carries: `serve` processes on one PostgreSQL, loaded by citizens who report.

Everything is real and stands on this one machine: the processes as `jeokgeuk serve` starts them,
with their accounts and keys, PostgreSQL with every promise kept (fsync), HTTP, and the citizens
too, whose cost is told beside the rest. Closed loop (everybody speaks at once when answered) finds
where it saturates, open loop (people come whatever became of the others) how long an answer takes.
"""

import asyncio
import itertools
import os
import platform
import random
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

from bot.bench import citizens, fleet
from bot.bench.citizens import REPORT, Call, Citizen
from bot.bench.fleet import Fleet, Process, Server
from bot.bench.loopback import run
from bot.bench.watching import Watch, watching

PEER = Path(__file__).parent / "peers" / "psycopg_turns.py"
POSTGRES = {
    "shared_buffers": "'1GB'",
    "max_connections": "200",
    "max_wal_size": "'4GB'",
    "track_wal_io_timing": "on",
}
"""What docs/operate.md advises for a host of this size; the rest is as PostgreSQL comes."""

FULL = 0.9
"""The share of the cores from which on they are what is missing."""


NOT_OURS = frozenset({"machine", "others", "generator"})
"""Whose CPU is not the service's: all together, the neighbours', and that of who measures."""


@dataclass(frozen=True, slots=True)
class Size:
    """`at_once` citizens in the closed loop; `think` is the mean of what an open one takes."""

    processes: tuple[int, ...] = (1, 2, 4, 8)
    at_once: int = 24
    warm: float = 5.0
    seconds: float = 15.0
    think: float = 0.5
    loads: tuple[float, ...] = (0.5, 0.9)
    peer: float = 5.0


QUICK = Size((1,), 4, 0.2, 0.6, 0.02, (0.5,), 0.3)


class Town:
    """Citizens without number, each from an address of his own."""

    def __init__(self, http: aiohttp.ClientSession, chance: random.Random) -> None:
        self._http = http
        self._chance = chance
        self._numbers = itertools.count()
        self.calls: list[Call] = []

    def citizen(self, bases: Sequence[str]) -> Citizen:
        number = next(self._numbers)
        return Citizen(self._http, bases[number % len(bases)], number, self.calls.append)

    async def pressing(self, bases: Sequence[str], at_once: int, until: float) -> None:
        """Keep so many reports going, each answer followed by the next line, until a moment."""

        async def one() -> None:
            while (now := time.monotonic()) < until:
                await self.citizen(bases).talk(now, lambda: 0.0, until=until)

        await asyncio.gather(*(one() for _ in range(at_once)))

    async def coming(self, bases: Sequence[str], rate: float, think: float, until: float) -> None:
        """Let people begin at random moments so that `rate` lines a second are said."""
        going: list[asyncio.Task[None]] = []
        due = time.monotonic()
        while (due := due + self._chance.expovariate(rate / len(REPORT))) < until:
            await asyncio.sleep(due - time.monotonic())
            talk = self.citizen(bases).talk(due, self._wait(think), until=until)
            going.append(asyncio.create_task(talk))
        await asyncio.gather(*going)

    def _wait(self, think: float) -> Callable[[], float]:
        return lambda: self._chance.expovariate(1 / think)


def measure(size: Size, seed: int = 1) -> dict[str, Any]:
    """Measure every number of processes on one database, and the floor beside them."""
    found: dict[str, Any] = {"machine": machine(), "script": len(REPORT)}
    with fleet.postgres(POSTGRES) as server, tempfile.TemporaryDirectory() as folder:
        found["machine"]["postgresql"] = server.ask("SHOW server_version")[0]["server_version"]
        found["machine"]["settings"] = POSTGRES
        with fleet.fleet(server, own(folder)) as made:
            working = made.start("work", "work0")
            rows = []
            for many in size.processes:
                serving = [made.start("public", f"serve{n}") for n in range(many)]
                rows.append(asyncio.run(_town(server, serving, working, size, seed)))
                made.stop(*serving)
            found["by_processes"] = rows
            statements = rows[0]["a_turn"].get("statements", 20)
            found["floor"] = _floor(made, max(4, round(statements)), size.peer)
    for row in found["by_processes"]:
        row["ratio_to_floor"] = round(row["turns_per_s"] / found["floor"]["turns_per_s"], 3)
    found["best"] = max(found["by_processes"], key=lambda row: row["turns_per_s"])["processes"]
    found["machine"]["load_after"] = _load()
    found["whole"] = all(row["faults"] == 0 for row in found["by_processes"])
    return found


def machine() -> dict[str, Any]:
    """Say what this machine is."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(pages / 2**30, 1),
        "python": platform.python_version(),
        "sqlalchemy": version("sqlalchemy"),
        "load_before": _load(),
    }


def _load() -> float:
    return round(os.getloadavg()[0], 2)


def own(folder: str) -> Path:
    """Give the folder of an installation; made for its processes alone."""
    return Path(folder)


async def _town(
    server: Server, serving: Sequence[Process], working: Process, size: Size, seed: int
) -> dict[str, Any]:
    async with citizens.session() as http:
        town = Town(http, random.Random(seed + len(serving)))
        return await loaded(server, serving, working, size, town)


async def loaded(
    server: Server, serving: Sequence[Process], working: Process, size: Size, town: "Town"
) -> dict[str, Any]:
    """Press as hard as it goes, then let people come at a share of what was carried."""
    bases = [one.url for one in serving]
    everybody = (*serving, working)
    pressed, watch = await staged(
        town, server, everybody, size,
        partial(town.pressing, bases, size.at_once),
    )  # fmt: skip
    row = {"processes": len(serving), **_pressed(pressed, watch, size.seconds)}
    row["memory_mb"] = round(sum(one.rss() for one in serving))
    faults = _faults(pressed)
    for load in size.loads:
        rate = row["turns_per_s"] * load
        calls, watch = await staged(
            town, server, everybody, size,
            partial(town.coming, bases, rate, size.think),
        )  # fmt: skip
        row[f"at_{load * 100:.0f}"] = came(calls, watch, rate, size.seconds)
        faults += _faults(calls)
    return {**row, "faults": faults}


def _faults(calls: Sequence[Call]) -> int:
    """Count the calls that were neither answered nor told to come later."""
    return len([one for one in calls if one.status not in {200, 503}])


async def staged(
    town: Town,
    server: Server,
    processes: Sequence[Process],
    size: Size,
    stage: Callable[[float], Any],
) -> tuple[list[Call], Watch]:
    """Run a stage; gives the calls that were due in its measured part, and what was watched."""
    begun = time.monotonic() + size.warm
    until = begun + size.seconds
    going = asyncio.create_task(stage(until))
    await asyncio.sleep(size.warm)
    with watching(server, processes) as watch:
        await asyncio.sleep(until - time.monotonic())
    await going
    calls, town.calls = [one for one in town.calls if begun <= one.due < until], []
    return calls, watch


def _pressed(calls: Sequence[Call], watch: Watch, seconds: float) -> dict[str, Any]:
    """Say how many turns were carried, what they cost, and what was missing for more."""
    done = len([one for one in calls if one.status == 200])
    shares = watch.shares()
    return {
        "turns_per_s": round(done / seconds, 1),
        "reports_per_s": round(done / seconds / len(REPORT), 2),
        **_waited(calls),
        "cores": shares,
        "turns_per_s_alone": round(alone(watch, done), 1),
        "a_turn": _each(watch, done),
        "connections": watch.waiting(),
        "saturated_on": judged(watch),
    }


def alone(watch: Watch, turns: int) -> float:
    """Give how many turns a second these cores would carry, if they had nothing else to do.

    Reckoned from what a turn costs all processes of the service and PostgreSQL in CPU.
    """
    spent = sum(one for name, one in watch.cpu.items() if name not in NOT_OURS)
    return turns * (os.cpu_count() or 1) / spent if spent else 0.0


def _each(watch: Watch, turns: int) -> dict[str, float]:
    """Give what one turn costs: milliseconds of CPU of each, commits, WAL, statements."""
    turns = max(turns, 1)
    counts = watch.counts
    syncs = counts["wal_sync"]
    return {
        **{
            f"{name}_cpu_ms": round(spent / turns * 1000, 2)
            for name, spent in watch.cpu.items()
            if name not in {"machine", "others"}
        },
        "transactions": round((counts["xact_commit"] + counts["xact_rollback"]) / turns, 2),
        **({"statements": round(counts["calls"] / turns, 1)} if "calls" in counts else {}),
        "wal_bytes": round(counts["wal_bytes"] / turns),
        "wal_syncs": round(syncs / turns, 2),
        "wal_sync_ms": round(counts["wal_sync_time"] / (syncs or 1), 2),
    }


def judged(watch: Watch) -> str:
    """Name what was missing: the cores and who had most of them, locks, the disk, or one core."""
    cores = os.cpu_count() or 1
    shares = watch.shares()
    if shares["machine"] >= cores * FULL:
        ours = {name: spent for name, spent in shares.items() if name not in NOT_OURS}
        return "cpu:" + max(ours, key=lambda name: ours[name])
    waits = {name: many / max(watch.looks, 1) for name, many in watch.waits.items()}
    locks = sum(many for name, many in waits.items() if name.startswith("Lock:"))
    disk = sum(many for name, many in waits.items() if "WAL" in name)
    if max(locks, disk) >= 1:
        return "locks" if locks >= disk else "wal"
    serving = shares.get("serve", 0.0)
    return "one_core:serve" if serving >= FULL else "waiting"


def came(calls: Sequence[Call], watch: Watch, rate: float, seconds: float) -> dict[str, Any]:
    """Say how long those who came had to wait, from the moment they meant to speak."""
    late = [one.sent - one.due for one in calls if one.tries == 1]
    return {
        "asked_per_s": round(rate, 1),
        "turns_per_s": round(len([one for one in calls if one.status == 200]) / seconds, 1),
        **_waited(calls),
        "generator_late_p95_ms": round(citizens.share(late, 0.95) * 1000, 1),
        "cores": watch.shares(),
    }


def _waited(calls: Sequence[Call]) -> dict[str, Any]:
    times = [one.seconds for one in calls if one.status == 200]
    return {
        **{f"p{n}_ms": round(citizens.share(times, n / 100) * 1000, 1) for n in (50, 95, 99)},
        "refused": len([one for one in calls if one.status == 503]),
    }


def _floor(made: Fleet, statements: int, seconds: float) -> dict[str, Any]:
    """Let bare loops commit as many statements on the same PostgreSQL, one and four at once."""
    url = made.server.url().replace("+psycopg", "")
    best: dict[str, Any] = {"turns_per_s": 0.0}
    for at_once in (1, 4):
        words = ("--url", url, "--at-once", str(at_once), "--statements", str(statements),
                 "--seconds", str(seconds))  # fmt: skip
        took = {**run(str(PEER), *words), "at_once": at_once, "statements": statements}
        best = max(best, took, key=lambda one: float(one["turns_per_s"]))
    return best


def show(found: Mapping[str, Any]) -> None:
    """Print the figures for people."""
    console = Console()
    table = Table(title="turns a second by processes of `serve`")
    for name in ("processes", "turns/s", "p95 full", "p95 50 %", "p95 90 %", "cores", "missing"):
        table.add_column(name, justify="right")
    for row in found["by_processes"]:
        at = [f"{row[key]['p95_ms']:.0f}" if key in row else "" for key in ("at_50", "at_90")]
        cores = " ".join(f"{name} {spent:.2f}" for name, spent in row["cores"].items())
        table.add_row(str(row["processes"]), f"{row['turns_per_s']:.0f}", f"{row['p95_ms']:.0f}",
                      *at, cores, row["saturated_on"])  # fmt: skip
    console.print(table)
    console.print("floor", found["floor"], "machine", found["machine"])
