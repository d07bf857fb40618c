"""Hours of load in one sitting: whether memory, connections and tables stay what they are.

Citizens come at a share of what was carried. What has done its time is swept as always, only
sooner: each minute the marks and answers of some minutes ago are made nine days older, and their
sweep, else an hour's, is asked for: so `work` has to keep up with what comes in.
"""

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.bench import citizens, fleet, scale
from bot.bench.fleet import Process, Server
from bot.bench.scale import Size, Town
from bot.bench.watching import Watch, memory, watching

LOAD = 0.7
PART = 0.35
"""The part of the time that is not judged: caches fill, pools and sweeps begin."""

STEADY = 0.10
"""What may have grown by the end of what is judged, of where its line begins; less is flat."""

SWEPT = ("inbox", "outbox")
KEPT = ("filings", "events", "dialogs", "peers", "keys", "deadlines", "sent_keys", "tasks")
_OLDER = """
UPDATE inbox SET at = at - interval '9 days'
WHERE at < now() - interval '3 minutes' AND at > now() - interval '1 day'
"""
_DUE = """
INSERT INTO heartbeats (name, at) VALUES ('more.inbox', clock_timestamp()) ON CONFLICT DO NOTHING
"""
_TABLES = """
SELECT relname, sum(total) AS total, sum(live) AS live, sum(dead) AS dead FROM (
  SELECT coalesce(parent.relname, t.relname) AS relname, pg_total_relation_size(t.relid) AS total,
         t.n_live_tup AS live, t.n_dead_tup AS dead
  FROM pg_stat_user_tables t LEFT JOIN pg_inherits i ON i.inhrelid = t.relid
  LEFT JOIN pg_class parent ON parent.oid = i.inhparent
) one GROUP BY relname
"""
_SESSIONS = """
SELECT count(*) AS many FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend'
AND pid <> pg_backend_pid()
"""
_WAL = "SELECT wal_bytes FROM pg_stat_wal"


@dataclass(frozen=True, slots=True)
class Look:
    """One look, `at` seconds after the beginning."""

    at: float
    memory: Mapping[str, tuple[float, float]]
    sessions: int
    tables: Mapping[str, Mapping[str, float]]
    wal: float
    cores: Mapping[str, float]
    p95_ms: float
    turns_per_s: float
    refused: int
    load: float


def measure(minutes: float, size: Size, *, many: int = 2, seed: int = 1) -> dict[str, Any]:
    """Find what is carried, then let people come at 70 % of it for so long."""
    every = max(1.0, min(15.0, minutes * 60 / 40))
    with (
        fleet.postgres(scale.POSTGRES) as server,
        tempfile.TemporaryDirectory() as folder,
        fleet.fleet(server, scale.own(folder)) as made,
    ):
        working = made.start("work", "work0")
        serving = [made.start("public", f"serve{n}") for n in range(many)]
        about = scale.machine()
        carried, looks = asyncio.run(
            _sat(server, serving, working, replace(size, loads=()), minutes * 60, every, seed)
        )
    return {
        "machine": {**about, "load_after": round(os.getloadavg()[0], 2)},
        "minutes": minutes,
        "processes": many,
        "carried_per_s": carried,
        "asked_per_s": round(carried * LOAD, 1),
        **judged(looks),
    }


async def _sat(
    server: Server,
    serving: Sequence[Process],
    working: Process,
    size: Size,
    seconds: float,
    every: float,
    seed: int,
) -> tuple[float, list[Look]]:
    bases = [one.url for one in serving]
    everybody = (*serving, working)
    async with citizens.session() as http:
        town = Town(http, random.Random(seed))
        row = await scale.loaded(server, serving, working, size, town)
        begun = time.monotonic()
        rate, until = row["turns_per_s"] * LOAD, begun + seconds
        coming = asyncio.create_task(town.coming(bases, rate, size.think, until))
        looks: list[Look] = []
        older = begun
        while time.monotonic() < until:
            with watching(server, everybody) as watch:
                await asyncio.sleep(every)
            calls, town.calls = town.calls, []
            looks.append(_look(server, everybody, watch, calls, time.monotonic() - begun))
            if time.monotonic() - older >= min(60.0, seconds / 10):
                older = time.monotonic()
                for sooner in (_OLDER, _DUE):
                    await asyncio.to_thread(server.ask, sooner)
        await coming
    return row["turns_per_s"], looks


def _look(
    server: Server, processes: Sequence[Process], watch: Watch, calls: Sequence[Any], at: float
) -> Look:
    tables = {
        str(row["relname"]): {name: float(row[name]) for name in ("total", "live", "dead")}
        for row in server.ask(_TABLES)
    }
    good = [one for one in calls if one.status == 200]
    return Look(
        at,
        {one.name: memory(one.popen.pid) for one in processes},
        int(server.ask(_SESSIONS)[0]["many"]),
        tables,
        float(server.ask(_WAL)[0]["wal_bytes"]),
        watch.shares(),
        round(citizens.share([one.seconds for one in good], 0.95) * 1000, 1),
        round(len(good) / watch.seconds, 1),
        len([one for one in calls if one.status == 503]),
        round(os.getloadavg()[0], 2),
    )


def judged(looks: Sequence[Look]) -> dict[str, Any]:
    """Say of each measure where its line begins, how it leans, and whether that is flat."""
    late = [one for one in looks if one.at >= looks[-1].at * PART]
    at = [one.at for one in late]
    lines = {"connections": line(at, [one.sessions for one in late])}
    for name in late[0].memory:
        lines[f"memory_mb.{name}"] = line(at, [one.memory[name][0] for one in late])
    for name in SWEPT:
        lines[f"table_mb.{name}"] = line(at, [one.tables[name]["total"] / 2**20 for one in late])
    for name in KEPT:
        if name in late[0].tables:
            lines[f"bytes_per_row.{name}"] = line(at, [_heavy(one, name) for one in late])
    lines["dead_share"] = _dead(late)
    return {
        "looks": len(looks),
        "turns_per_s": round(sum(one.turns_per_s for one in late) / len(late), 1),
        "p95_ms": sorted(one.p95_ms for one in late)[len(late) // 2],
        "refused": sum(one.refused for one in looks),
        "wal_mb_per_s": round((late[-1].wal - late[0].wal) / _span(late) / 2**20, 2),
        "filed": round(looks[-1].tables["filings"]["live"]),
        "database_mb": round(sum(t["total"] for t in looks[-1].tables.values()) / 2**20, 1),
        "cores": looks[-1].cores,
        "load": [min(one.load for one in looks), max(one.load for one in looks)],
        "lines": lines,
        "flat": all(line["flat"] for line in lines.values()),
    }


def _span(looks: Sequence[Look]) -> float:
    return (looks[-1].at - looks[0].at) or 1.0


def _heavy(one: Look, name: str) -> float:
    """Give the bytes that a row takes on disk with its indexes: bloat makes it grow."""
    return one.tables[name]["total"] / max(one.tables[name]["live"], 1.0)


def line(at: Sequence[float], values: Sequence[float]) -> dict[str, Any]:
    """Fit a straight line; `leans` is its rise over the judged time, as a share of its start."""
    first, last = fitted(at, values)
    leans = (last - first) / abs(first) if first else 0.0
    return {
        "begins": round(first, 2),
        "ends": round(last, 2),
        "leans": round(leans, 4),
        "flat": leans <= STEADY,
    }


def _dead(looks: Sequence[Look]) -> dict[str, Any]:
    """Say which share of all rows is dead: vacuum keeps up, or it does not."""

    def share(one: Look) -> float:
        dead = sum(table["dead"] for table in one.tables.values())
        return dead / max(dead + sum(table["live"] for table in one.tables.values()), 1.0)

    first, last = fitted([one.at for one in looks], [share(one) for one in looks])
    return {"begins": round(first, 4), "ends": round(last, 4), "flat": last <= max(first, 0.2)}


def fitted(at: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """Fit a line by least squares; gives where it begins and where it ends."""
    middle, mean = sum(at) / len(at), sum(values) / len(values)
    wide = sum((one - middle) ** 2 for one in at)
    both = zip(at, values, strict=True)
    slope = sum((x - middle) * (y - mean) for x, y in both) / wide if wide else 0.0
    return mean + slope * (at[0] - middle), mean + slope * (at[-1] - middle)


def show(found: Mapping[str, Any]) -> None:
    """Print the figures for people; what is not flat is marked."""
    console = Console()
    table = Table(title=f"{found['minutes']} minutes at {found['asked_per_s']} turns a second")
    for name in ("", "begins", "ends"):
        table.add_column(name)
    for name, one in found["lines"].items():
        style = None if one["flat"] else "red"
        table.add_row(name, str(one["begins"]), str(one["ends"]), style=style)
    console.print(table)
    console.print({name: value for name, value in found.items() if name != "lines"})
