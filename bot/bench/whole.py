"""A whole broadcast on PostgreSQL, from approval to the last verdict, however many there are.

First with a vendor that knows no limit, then a stretch of one that takes so many a second.
"""

import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.bench import fleet, readers, sending
from bot.bench.fleet import Server
from bot.bench.loopback import Vendors, run, vendors
from bot.bench.reckoning import over_rate
from bot.bench.scale import POSTGRES
from bot.bench.sending import Given
from bot.bench.watching import Watch, watching
from storage.migrate import migrate

LONGEST = 7200.0
"""Seconds after which a run is given up."""
STEADY = 5.0
TARGET_MB = 150
_SIZES = """
SELECT pg_total_relation_size('sendings') AS total, pg_relation_size('sendings') AS rows,
       pg_database_size(current_database()) AS database
"""
_DEAD = "SELECT n_dead_tup AS dead FROM pg_stat_user_tables WHERE relname = 'sendings'"


@dataclass(frozen=True, slots=True)
class Plan:
    """`declared` messages a second are what the second vendor takes, for so many seconds."""

    recipients: int
    declared: float = 1000.0
    stretch: float = 60.0
    first: int = 1_000_000


def measure(plan: Plan, step: Callable[[str, int], None]) -> dict[str, Any]:
    """Send to all of them, and count afterwards what was accepted; `step` hears how far it is."""
    with fleet.postgres(POSTGRES) as server, tempfile.TemporaryDirectory() as folder:
        migrate(server.url())
        given = Given(
            Path(folder), database=server.url(), shift=sending.daytime(), seconds=LONGEST
        )
        begun = time.monotonic()
        _ask(given, plan, step)
        found: dict[str, Any] = {
            "recipients": plan.recipients,
            "seconds_to_make_the_readers": round(time.monotonic() - begun, 1),
            "free": _whole(server, given, plan, step),
        }
        slow = replace(given, telegram=plan.declared, seconds=plan.stretch + STEADY)
        found["declared"] = _stretch(slow, plan, step)
    found["within"] = found["free"]["within"] and found["declared"]["within"]
    return found


def _ask(given: Given, plan: Plan, step: Callable[[str, int], None]) -> None:
    app = sending.opened(given)
    try:
        addresses = [str(plan.first + n) for n in range(plan.recipients)]
        for done in readers.subscribe(app, "telegram", "1", addresses):
            step("readers", done)
    finally:
        app.close()


def _issued(given: Given) -> int:
    app = sending.opened(given)
    try:
        return readers.issue(app)
    finally:
        app.close()


def _sent(given: Given, at: Vendors, issue: int) -> dict[str, Any]:
    chosen = replace(given, api=at.api, broadcast=issue)
    return run("-m", "bot.bench.sending", *sending.words(chosen), seconds=LONGEST + 300)


def _whole(
    server: Server, given: Given, plan: Plan, step: Callable[[str, int], None]
) -> dict[str, Any]:
    step("free", 0)
    issue = _issued(given)
    with vendors() as at, watching(server, ()) as watch:
        took = _sent(given, at, issue)
        ledger = at.ledger()
    step("free", plan.recipients)
    times, chats = ledger["times"], ledger["chats"]
    doubled = len(chats) - len(set(chats))
    lost = plan.recipients - len(set(chats))
    return {
        "minutes": round(took["seconds"] / 60, 2),
        "fan_out_seconds": round(times[0] - took["begun"], 1),
        "sends_per_s": round((len(times) - 1) / (times[-1] - times[0])),
        "first_minute_per_s": _per_second(times, times[0], 60),
        "last_minute_per_s": _per_second(times, times[-1] - 60, 60),
        "cpu_us_per_send": round(took["cpu_s"] / max(took["sent"], 1) * 1e6),
        "postgresql_cpu_us_per_send": _database(watch, took),
        "wal_mb": round(watch.counts["wal_bytes"] / 2**20),
        **_memory(took),
        "sent": took["sent"],
        "lost": lost,
        "doubled": doubled,
        "left": took["left"],
        **_size(server, plan.recipients),
        "within": not (lost or doubled or took["left"]) and took["peak_mb"] < TARGET_MB,
    }


def _stretch(given: Given, plan: Plan, step: Callable[[str, int], None]) -> dict[str, Any]:
    """Use the declared rate for a while; the rest of the rows stays where it is."""
    step("declared", 0)
    issue = _issued(given)
    with vendors() as at:
        took = _sent(given, at, issue)
        times = at.ledger()["times"]
    begun, seconds = times[0] + STEADY, min(plan.stretch - STEADY, times[-1] - times[0] - STEADY)
    used = bisect_left(times, begun + seconds) - bisect_left(times, begun)
    share = used / (plan.declared * seconds) if seconds > 0 else 0.0
    over = over_rate(times, plan.declared)
    return {
        "per_s": plan.declared,
        "share": round(share, 4),
        "most_over_rate": round(over, 1),
        "minutes_for_all": round(plan.recipients / (plan.declared * share or 1) / 60, 1),
        "hours_for_all_at_30": round(plan.recipients / 30 / 3600, 2),
        **_memory(took),
        "within": over <= plan.declared + 1,
    }


def _memory(took: Mapping[str, Any]) -> dict[str, float]:
    return {
        "memory_before_mb": round(took["base_mb"], 1),
        "memory_most_mb": round(took["peak_mb"], 1),
        "memory_own_mb": round(took["own_mb"], 1),
    }


def _database(watch: Watch, took: Mapping[str, Any]) -> int:
    return int(watch.cpu["postgresql"] * 1e6 / max(took["sent"], 1))


def _per_second(times: list[float], begun: float, seconds: float) -> int:
    seconds = min(seconds, times[-1] - times[0]) or 1.0
    return round((bisect_left(times, begun + seconds) - bisect_left(times, begun)) / seconds)


def _size(server: Server, recipients: int) -> dict[str, Any]:
    (found,) = server.ask(_SIZES)
    return {
        "sendings_mb": round(found["total"] / 2**20),
        "sendings_bytes_per_row": round(found["total"] / recipients),
        "sendings_dead_rows": int(server.ask(_DEAD)[0]["dead"]),
        "database_mb": round(found["database"] / 2**20),
    }
