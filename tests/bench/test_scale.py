"""What the bench concludes from what it saw; what it sees is asked for by `bench scale`."""

import os
from collections import Counter

import pytest

from bot.bench.citizens import Call
from bot.bench.scale import alone, came, judged
from bot.bench.soak import Look, fitted
from bot.bench.soak import judged as sat
from bot.bench.watching import Watch, family, machine, memory, processor

CORES = os.cpu_count() or 1


def watched(cpu, waits=(), looks=10):
    return Watch(10.0, dict(cpu), {}, Counter(dict(waits)), looks)


def test_full_cores_are_named_with_who_of_ours_had_most_of_them():
    full = {"machine": 10.0 * CORES, "others": 9.0, "serve": 4.0, "postgresql": 6.0}
    assert judged(watched(full)) == "cpu:postgresql"


def test_where_cores_are_idle_it_is_locks_or_the_disk_or_one_core_that_is_missing():
    idle = {"machine": 10.0 * CORES * 0.5, "serve": 1.0}
    waits = {"Lock:transactionid": 30, "LWLock:WALWrite": 5, "Client:ClientRead": 99}
    assert judged(watched(idle, waits)) == "locks"
    assert judged(watched(idle, {"IO:WALSync": 40})) == "wal"
    assert judged(watched({**idle, "serve": 9.5})) == "one_core:serve"
    assert judged(watched(idle)) == "waiting"


def test_what_the_cores_would_carry_alone_leaves_out_neighbours_and_who_measures():
    cpu = {"machine": 20.0, "others": 9.0, "generator": 1.0, "serve": 6.0, "postgresql": 4.0}
    assert alone(watched(cpu), 1000) == pytest.approx(100 * CORES)


def test_a_wait_counts_from_when_somebody_meant_to_speak():
    calls = [Call(n, 0, 1, due=1.0, sent=3.0, done=3.5, status=200, after=0.0) for n in range(9)]
    calls.append(Call(9, 0, 1, due=1.0, sent=1.0, done=1.1, status=503, after=9.0))
    found = came(calls, watched({"machine": 1.0}), 5.0, 10.0)
    assert (found["p50_ms"], found["generator_late_p95_ms"]) == (2500.0, 2000.0)
    assert (found["turns_per_s"], found["refused"]) == (0.9, 1)


def look(number, *, memory=200.0, inbox=50.0, filings=100.0, dead=0.05):
    rows = 1000.0 * (number + 1)
    tables = {
        "inbox": {"total": inbox * 2**20, "live": 1e4, "dead": 1e4 * dead},
        "outbox": {"total": 2.0**20, "live": 10.0, "dead": 0.0},
        "filings": {"total": filings * rows, "live": rows, "dead": 0.0},
    }
    return Look(
        at=number * 10.0, memory={"serve0": (memory, memory)}, sessions=12, tables=tables,
        wal=number * 2.0**20, cores={"machine": 1.0}, p95_ms=20.0, turns_per_s=50.0,
        refused=0, load=1.0,
    )  # fmt: skip


def test_tables_that_grow_with_what_they_keep_are_flat_in_bytes_for_each_row():
    found = sat([look(n) for n in range(20)])
    assert found["flat"]
    assert found["lines"]["bytes_per_row.filings"]["begins"] == pytest.approx(100)
    assert found["wal_mb_per_s"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("name", "grown"),
    [
        ("memory_mb.serve0", [look(n, memory=200.0 + 3 * n) for n in range(20)]),
        ("table_mb.inbox", [look(n, inbox=50.0 + n) for n in range(20)]),
        ("bytes_per_row.filings", [look(n, filings=100.0 + 2 * n) for n in range(20)]),
        ("dead_share", [look(n, dead=n / 10) for n in range(20)]),
    ],
)
def test_what_leans_is_not_flat_and_is_named(name, grown):
    found = sat(grown)
    assert not found["flat"]
    assert [one for one, line in found["lines"].items() if not line["flat"]] == [name]


def test_a_line_is_fitted_through_what_scatters():
    first, last = fitted([0.0, 1.0, 2.0, 3.0], [1.1, 1.9, 3.1, 3.9])
    assert (first, last) == (pytest.approx(1.06), pytest.approx(3.94))


def test_the_figures_of_this_machine_are_read_from_where_they_stand():
    mine = os.getpid()
    held, own = memory(mine)
    assert held >= own > 0
    assert machine() >= processor(mine) > 0
    assert isinstance(family(mine), list)
    assert processor(2**22 + 1) == 0.0
