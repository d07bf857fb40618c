"""What every measured program shares: the six steps, the people, the clock and the report.

Imports nothing but the standard library, because it also runs where our packages are not.
"""

import argparse
import asyncio
import json
import resource
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

STEPS = ("prior", "what", "where", "wish", "who", "name")
"""Six questions, as many in every program; the seventh message begins the next report."""

WORDS = (
    "/report",
    "네, 답을 들었는데 그대로예요",
    "보도블록이 깨졌는데 세 달째 그대로예요",
    "중앙시장 정문 앞",
    "고쳐 주시고 왜 늦었는지 알고 싶어요",
    "이름을 밝히고 답 받기",
    "홍길동",
)


@dataclass
class Plan:
    turns: int = 2000
    people: int = 200
    at_once: int = 1
    durability: str = "FULL"
    flush: str = "minute"
    opened: int = 0
    rate: float = 0.0  # turns/s offered; 0 = as fast as it goes
    folder: Path = field(default_factory=Path)


def plan() -> Plan:
    """Read the plan from the command line."""
    parser = argparse.ArgumentParser()
    for name, kind in (("turns", int), ("people", int), ("at-once", int), ("opened", int)):
        parser.add_argument(f"--{name}", type=kind, default=getattr(Plan, name.replace("-", "_")))
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--durability", choices=("FULL", "NORMAL"), default="FULL")
    parser.add_argument("--flush", choices=("minute", "turn"), default="minute")
    parser.add_argument("--folder", type=Path, required=True)
    return Plan(**vars(parser.parse_args()))


def rss() -> float:
    """Give the memory of this process in MB, from /proc where there is one."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * resource.getpagesize() / 2**20


Turn = Callable[[int, int, str], Awaitable[None]]
"""Do one turn: person, running number, words."""


class Stall:
    """The longest time for which the event loop did nothing else."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def watch(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.002)
            self.longest = max(self.longest, time.perf_counter() - begun - 0.002)


async def _open(turn: Turn, p: Plan, words: tuple[str, ...], prelude: tuple[str, ...]) -> int:
    """Say what comes before the measured turns; give how many turns that were."""
    number = 0
    for word in (prelude or words)[:4]:
        for person in range(p.opened):
            number += 1
            await turn(10_000_000 + person, number, word)
    for word in prelude:
        for person in range(p.people):
            number += 1
            await turn(1000 + person, number, word)
    return number


async def measure(
    turn: Turn,
    p: Plan,
    flush: Callable[[], Awaitable[None]] | None = None,
    words: tuple[str, ...] = WORDS,
    prelude: tuple[str, ...] = (),
) -> dict[str, float]:
    """Open `opened` dialogs, then time `turns` turns spread over `people`.

    `flush` is what the program does once a minute; it is done once, at the end, and timed.
    `prelude` is said by everybody before anything is timed.
    """
    number = await _open(turn, p, words, prelude)
    before = rss()
    spent: list[float] = []
    stall = Stall()
    watcher = asyncio.create_task(stall.watch())
    todo = iter(range(p.turns))
    base = number
    begun, cpu = time.perf_counter(), time.process_time()

    async def one(i: int) -> None:
        at = time.perf_counter()
        await turn(1000 + i % p.people, base + i + 1, words[(i // p.people) % len(words)])
        spent.append(time.perf_counter() - at)

    async def worker() -> None:
        for i in todo:
            if p.rate:
                wait = begun + i / p.rate - time.perf_counter()
                if wait > 0:
                    await asyncio.sleep(wait)
            await one(i)
            await asyncio.sleep(0)

    await asyncio.gather(*(worker() for _ in range(p.at_once)))
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    at = time.perf_counter()
    if flush:
        await flush()
    flushed = time.perf_counter() - at
    await asyncio.sleep(0.005)
    watcher.cancel()
    cuts = statistics.quantiles(spent, n=100)
    return {
        "turns_per_s": p.turns / seconds,
        "cpu_us": cpu / p.turns * 1e6,
        "p50_ms": cuts[49] * 1e3,
        "p95_ms": cuts[94] * 1e3,
        "p99_ms": cuts[98] * 1e3,
        "stall_ms": stall.longest * 1e3,
        "flush_ms": flushed * 1e3,
        "rss_mb": before,
    }


def report(figures: dict[str, float]) -> None:
    json.dump({k: round(v, 3) for k, v in figures.items()}, sys.stdout)
    sys.stdout.write("\n")


def update(person: int, number: int, text: str) -> dict[str, object]:
    """Make a Telegram update as the vendor would send it."""
    message: dict[str, object] = {
        "message_id": number,
        "date": 1_795_000_000,
        "chat": {"id": person, "type": "private", "first_name": "길동"},
        "from": {"id": person, "is_bot": False, "first_name": "길동", "language_code": "ko"},
        "text": text,
    }
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
    return {"update_id": number, "message": message}


def answer(number: int, person: int) -> bytes:
    """Make the vendor's answer to sendMessage."""
    return json.dumps(
        {
            "ok": True,
            "result": {
                "message_id": number,
                "date": 1_795_000_000,
                "chat": {"id": person, "type": "private", "first_name": "길동"},
                "text": "ok",
            },
        }
    ).encode()
