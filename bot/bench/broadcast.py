"""A broadcast measured: fan-out, sending, rates, memory, and the large kill test.

Vendors are processes on this machine that accept everything at once (`bot.bench.vendors`). What is
measured with a peer is measured beside it in the same run: read the ratios.
"""

import os
import tempfile
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

from bot.bench import crash, fanning, five, kills, ours, readers, sending, whole
from bot.bench.loopback import Vendors, run, vendors
from bot.bench.reckoning import over_rate
from bot.bench.sending import Given

PEER = Path(__file__).parent / "peers" / "ptb_sending.py"
PARTS = ("fan", "send", "rate", "memory", "kill")
FIVE = "five"
"""One rate over five processes; like the whole it takes minutes: when it is asked for."""
LARGE = "whole"
"""Takes a quarter of an hour at its full size, so it is only done when it is asked for."""
FIRST = 1_000_000
STEADY = 5.0
"""Seconds at the beginning that are not looked at: a burst and the canaries come first."""
BIG = (LARGE, FIVE)


@dataclass(frozen=True, slots=True)
class Size:
    """How much of each; `quick` is for a look, not for figures to be told."""

    fan: int = 100_000
    rounds: int = 5
    send: int = 20_000
    peer: int = 2_000
    slow: float = 60.0
    fast: float = 20.0
    memory: int = 1_000_000
    stretch: float = 60.0
    chats: int = 20_000
    mailboxes: int = 5_000
    kills: int = 10
    recipients: int = 1_000_000
    replies: int = 10_000


QUICK = Size(10_000, 2, 2_000, 300, 12.0, 10.0, 20_000, 10.0, 1_500, 400, 3, 20_000, 900)


def measure(size: Size, seed: int, parts: Collection[str] = PARTS) -> dict[str, Any]:
    """Measure what is asked for; `within` says whether every target is kept."""
    work: Mapping[str, Callable[[Size, int, Progress], dict[str, Any]]] = {
        "fan": _fan, "send": _send, "rate": _rates, "memory": _memory, "kill": _kill,
        LARGE: _whole, FIVE: _five,
    }  # fmt: skip
    found: dict[str, Any] = {"seed": seed, "load_before": round(os.getloadavg()[0], 2)}
    with Progress(console=Console(stderr=True)) as progress:
        for part in (*PARTS, *BIG):
            if part in parts:
                found[part] = work[part](size, seed, progress)
    found["load_after"] = round(os.getloadavg()[0], 2)
    found["within"] = all(found[part]["within"] for part in parts)
    return found


def databases() -> Iterator[tuple[str, Given]]:
    """Give an empty installation on each database that is here."""
    for name, urls in (("sqlite", iter([""])), ("postgresql", crash.postgres())):
        for url in urls:
            with tempfile.TemporaryDirectory() as folder:
                yield name, Given(Path(folder), database=url, shift=sending.daytime())


def _people(given: Given, count: int, progress: Progress) -> None:
    """Let so many ask for news on Telegram."""
    app = sending.opened(given)
    try:
        bar = progress.add_task(f"readers {count:,}", total=count)
        addresses = [str(FIRST + n) for n in range(count)]
        for done in readers.subscribe(app, "telegram", ours.ACCOUNT, addresses):
            progress.update(bar, completed=done)
    finally:
        app.close()


def _fan(size: Size, _seed: int, progress: Progress) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, given in databases():
        _people(given, size.fan, progress)
        bar = progress.add_task(f"fan-out {name}", total=size.rounds + 1)
        app = sending.opened(given)
        try:
            found[name] = fanning.measure(
                app, size.fan, size.rounds, partial(progress.advance, bar)
            )
        finally:
            app.close()
    return {**found, "within": all(one["within"] for one in found.values())}


def _issued(given: Given) -> int:
    app = sending.opened(given)
    try:
        return readers.issue(app)
    finally:
        app.close()


def _ran(given: Given, at: Vendors, **more: Any) -> dict[str, Any]:
    """Let one process of its own send the issue; gives what it took."""
    chosen = {name: getattr(given, name) for name in Given.__dataclass_fields__} | more
    return run("-m", "bot.bench.sending", *sending.words(Given(**{**chosen, "api": at.api})))


def _send(size: Size, _seed: int, progress: Progress) -> dict[str, Any]:
    """Send as fast as one process can, and beside it PTB alone, before and after."""
    found: dict[str, Any] = {}
    peers: list[dict[str, Any]] = []
    for name, given in databases():
        _people(given, size.send, progress)
        with vendors() as at:
            peers += _peer(at, size.peer)
        with vendors() as at:
            took = _ran(given, at, broadcast=_issued(given))
            times = at.ledger()["times"]
        found[name] = {
            "sends": took["sent"],
            "sends_per_s": round((len(times) - 1) / (times[-1] - times[0])),
            "cpu_us_per_send": round(took["cpu_s"] / took["sent"] * 1e6),
            "seconds_from_start_to_done": round(took["seconds"], 2),
            "left": took["left"],
        }
    best = max(peers, key=lambda one: one["sends_per_s"])
    least = min(one["cpu_us"] for one in peers)
    for one in found.values():
        one["ratio"] = round(one["sends_per_s"] / best["sends_per_s"], 2)
        one["cpu_ratio"] = round(least / one["cpu_us_per_send"], 2)
        one["within"] = one["sends_per_s"] >= 2000 and one["ratio"] >= 3 and not one["left"]
    return {**found, "peers": peers, "within": all(one["within"] for one in found.values())}


def _peer(at: Vendors, count: int) -> list[dict[str, Any]]:
    """Run PTB's own loop, one after the other and eight at once."""
    found = []
    for at_once in (1, 8):
        words = ("--api", at.api, "--count", str(count), "--at-once", str(at_once))
        found.append(run(str(PEER), *words, given=readers.text()))
    return found


def _rates(size: Size, _seed: int, progress: Progress) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for rate, seconds, talk, least in (
        (30.0, size.slow, 3.0, 0.98), (1000.0, size.fast, 20.0, 0.95),
    ):  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            given = Given(
                Path(folder), shift=sending.daytime(), telegram=rate, talk=talk, whole=True,
                seconds=seconds + STEADY,
            )  # fmt: skip
            _people(given, int(rate * (seconds + 2 * STEADY)), progress)
            _met(given, int(talk * given.seconds) + 1)
            bar = progress.add_task(f"rate {rate:.0f}/s", total=None)
            with vendors() as at:
                took = _ran(given, at, broadcast=_issued(given))
                found[f"{rate:.0f}"] = _judged(took, at.ledger(), rate, seconds, least)
            progress.update(bar, total=1, completed=1)
    return {**found, "within": all(one["within"] for one in found.values())}


def _five(size: Size, _seed: int, progress: Progress) -> dict[str, Any]:
    """Let three processes answer and two send, over one rate; on PostgreSQL only."""
    for name, given in databases():
        if name == "postgresql":
            _people(given, size.replies // 2, progress)
            _met(given, size.replies)
            bar = progress.add_task("five processes", total=size.replies)
            with vendors() as at:
                over = replace(given, api=at.api, telegram=five.RATE, broadcast=_issued(given))
                step = partial(_done, progress, bar)
                return five.measure(over, at, size.replies, step)
    return {"within": False, "why": "no PostgreSQL"}


def _done(progress: Progress, bar: TaskID, count: int) -> None:
    progress.update(bar, completed=count)


def _met(given: Given, count: int) -> None:
    app = sending.opened(given)
    try:
        ours.agreed(app, range(sending.CITIZEN, sending.CITIZEN + count))
    finally:
        app.close()


def _judged(
    took: Mapping[str, Any], ledger: Mapping[str, Any], rate: float, seconds: float, least: float
) -> dict[str, Any]:
    """Say how much of a rate was used, whether ever more, and how long a citizen waited."""
    times, begun = ledger["times"], ledger["times"][0] + STEADY
    used = bisect_left(times, begun + seconds - STEADY) - bisect_left(times, begun)
    first: dict[int, float] = {}
    for chat, at in zip(ledger["chats"], times, strict=True):
        if chat < FIRST:
            first.setdefault(chat - sending.CITIZEN, at)
    waits = sorted(first[n] - at for n, at in enumerate(took["taken"]) if n in first)
    share = used / (rate * (seconds - STEADY))
    p95 = waits[int(len(waits) * 0.95)] * 1000 if waits else float("inf")
    over = over_rate(times, rate)
    return {
        "share": round(share, 4),
        "target_share": least,
        "most_over_rate": round(over, 1),
        "burst": rate,
        "replies": len(waits),
        "unanswered": len(took["taken"]) - len(waits),
        "reply_p50_ms": round(waits[len(waits) // 2] * 1000, 1) if waits else None,
        "reply_p95_ms": round(p95, 1),
        "within": share >= least and over <= rate + 1 and p95 < 300,
    }


def _memory(size: Size, _seed: int, progress: Progress) -> dict[str, Any]:
    """Make all rows in the process that sends, and let it send for a while."""
    with tempfile.TemporaryDirectory() as folder:
        given = Given(Path(folder), shift=sending.daytime(), seconds=size.stretch)
        _people(given, size.memory, progress)
        bar = progress.add_task("memory", total=None)
        with vendors() as at:
            took = _ran(given, at, broadcast=_issued(given))
        progress.update(bar, total=1, completed=1)
    return {
        "recipients": took["total"],
        "sent": took["sent"],
        "seconds": round(took["seconds"]),
        "before_mb": round(took["base_mb"], 1),
        "most_mb": round(took["peak_mb"], 1),
        "more_mb": round(took["peak_mb"] - took["base_mb"], 1),
        "target_mb": 150,
        "within": took["peak_mb"] < 150 and took["total"] == size.memory,
    }


def _kill(size: Size, seed: int, progress: Progress) -> dict[str, Any]:
    """Kill who sends, on PostgreSQL; without it there is nothing to show."""
    of = size.chats + size.mailboxes
    bar = progress.add_task("kills", total=of)
    for name, given in databases():
        if name == "sqlite":
            continue
        with vendors(seed, of) as at:
            over = Given(
                given.folder, at.api, at.mail, given.database, given.shift,
                telegram=500.0, smtp=200.0, seconds=kills.LONGEST,
            )  # fmt: skip
            app = sending.opened(over)
            try:
                return kills.measure(
                    app, over, at, chats=size.chats, mailboxes=size.mailboxes,
                    kills=size.kills, seed=seed,
                    step=lambda done: progress.update(bar, completed=done),
                )  # fmt: skip
            finally:
                app.close()
    return {"within": False, "why": "no PostgreSQL"}


def _whole(size: Size, _seed: int, progress: Progress) -> dict[str, Any]:
    """Send to all of them on PostgreSQL, and say what that took."""
    bar = progress.add_task(LARGE, total=size.recipients)

    def step(what: str, done: int) -> None:
        progress.update(bar, completed=done, description=f"{LARGE}: {what}")

    plan = whole.Plan(size.recipients, stretch=size.stretch, first=FIRST)
    return whole.measure(plan, step)


def show(found: Mapping[str, Any]) -> None:
    """Print the figures for people; what misses its target is marked."""
    console = Console()
    for part in (name for name in (*PARTS, *BIG) if name in found):
        table = Table(title=part)
        table.add_column("")
        table.add_column("")
        for name, value in _flat(found[part]):
            table.add_row(name, value, style="red" if value == "False" else None)
        console.print(table)
    console.print(f"load {found['load_before']} → {found['load_after']} · seed {found['seed']}")


def _flat(found: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """Give nested figures as lines."""
    if isinstance(found, Mapping):
        for name, value in found.items():
            yield from _flat(value, f"{before}.{name}" if before else str(name))
    else:
        yield before, str(found)
