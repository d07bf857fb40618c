"""Whose CPU it was, and what PostgreSQL waited for: from /proc and its own statistics."""

import os
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.bench.fleet import Process, Server

EACH = 0.1
"""Seconds between two looks at what the connections wait for."""

_TICK = os.sysconf("SC_CLK_TCK")
_BUSY = (0, 1, 2, 5, 6)  # user, nice, system, irq, softirq of /proc/stat
_ACTIVITY = sa.text(
    "SELECT coalesce(wait_event_type || ':' || wait_event, state) AS doing, count(*) AS many "
    "FROM pg_stat_activity WHERE datname = current_database() "
    "AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle' GROUP BY 1"
)
_COUNTS = (
    "SELECT xact_commit, xact_rollback, deadlocks, blks_read, temp_bytes, "
    "wal_bytes, wal_sync, wal_sync_time "
    "FROM pg_stat_database, pg_stat_wal WHERE datname = current_database()"
)
_CALLS = (
    "SELECT coalesce(sum(calls), 0) AS calls FROM pg_stat_statements "
    "WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def processor(pid: int, *, children: bool = False) -> float:
    """Give the seconds of CPU of a process, with those of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has just ended; whoever waits for it counts it
        return 0.0
    return sum(map(int, fields[11 : 15 if children else 13])) / _TICK


def family(pid: int) -> list[int]:
    """Give the processes that a process has started."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for one in found]


def machine() -> float:
    """Give the seconds for which the cores of this machine were busy, with whatever."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    return sum(int(fields[n]) for n in _BUSY) / _TICK


def memory(pid: int) -> tuple[float, float]:
    """Give what a process holds and what of it is its own alone, in MB."""
    found = {"Rss": 0, "Private_Clean": 0, "Private_Dirty": 0}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, value = line.partition(":")
        if name in found:
            found[name] = int(value.split()[0])
    own = found["Private_Clean"] + found["Private_Dirty"]
    return found["Rss"] / 1024, own / 1024


@dataclass
class Watch:
    """What happened between the beginning and the end of `watching`."""

    seconds: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    counts: dict[str, float] = field(default_factory=dict)
    waits: Counter[str] = field(default_factory=Counter)
    looks: int = 0

    def shares(self) -> dict[str, float]:
        """Give how many cores each kept busy."""
        return {name: round(spent / self.seconds, 3) for name, spent in self.cpu.items()}

    def waiting(self) -> dict[str, float]:
        """Give how many connections were at what, on average, the most first."""
        return {name: round(many / self.looks, 2) for name, many in self.waits.most_common(8)}


@contextmanager
def watching(server: Server, processes: Sequence[Process]) -> Generator[Watch]:
    """Look at the machine, these processes and the database until the end of the block."""
    found, stop = Watch(), threading.Event()
    looking = threading.Thread(target=_look, args=(server, found, stop))
    counts, cpu, begun = _counts(server), _cpu(server, processes), time.monotonic()
    looking.start()
    try:
        yield found
    finally:
        stop.set()
        looking.join()
    after, found.seconds = _cpu(server, processes), time.monotonic() - begun
    found.cpu = {name: after[name] - cpu[name] for name in after}
    known = sum(spent for name, spent in found.cpu.items() if name != "machine")
    found.cpu["others"] = max(0.0, found.cpu["machine"] - known)
    found.counts = _less(_counts(server), counts)


def _cpu(server: Server, processes: Iterable[Process]) -> dict[str, float]:
    """Give the seconds so far of each kind; the generator is this very process."""
    spent = defaultdict(float, {"machine": machine(), "generator": time.process_time()})
    for one in processes:
        spent[one.name.rstrip("0123456789")] += processor(one.popen.pid)
    pid = server.process.pid
    spent["postgresql"] = processor(pid, children=True) + sum(map(processor, family(pid)))
    return dict(spent)


def _counts(server: Server) -> dict[str, float]:
    (found,) = server.ask(_COUNTS)
    if server.statements:
        found |= server.ask(_CALLS)[0]
    return {name: float(value) for name, value in found.items()}


def _less(after: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    return {name: value - before[name] for name, value in after.items()}


def _look(server: Server, found: Watch, stop: threading.Event) -> None:
    engine = sa.create_engine(server.url(), isolation_level="AUTOCOMMIT", poolclass=sa.StaticPool)
    with engine.connect() as conn:
        while not stop.wait(EACH):
            rows: Sequence[Any] = conn.execute(_ACTIVITY).all()
            found.looks += 1
            for row in rows:
                found.waits[row.doing] += row.many
    engine.dispose()
