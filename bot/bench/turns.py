"""Committed turns per second beside the peers, interleaved in one run: read the ratios."""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.errors import BadStart

HERE = Path(__file__).parent
PEERS = HERE / "peers"
ROOT = HERE.parent.parent
PEER_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
OURS = "적극톡"
OPEN = 10_000


@dataclass(frozen=True, slots=True)
class Program:
    """One measured program with its options."""

    name: str
    command: tuple[str, ...]
    options: tuple[str, ...] = ()


def programs(durability: str, at_once: int) -> tuple[Program, ...]:
    """Give the programs at one durability; pickle knows none, so it runs in both its ways."""
    ours = (sys.executable, "-m", "bot.bench.ours")
    ptb = (str(PEER_PYTHON), str(PEERS / "ptb_conversation.py"))
    aiogram = (str(PEER_PYTHON), str(PEERS / "aiogram_sqlite.py"))
    shared = ("--durability", durability, "--at-once", str(at_once))
    return (
        Program(OURS, ours, shared),
        Program("aiogram FSM + SQLite", aiogram, shared),
        Program("PTB pickle, each turn", ptb, (*shared, "--flush", "turn")),
        Program("PTB pickle, each minute", ptb, (*shared, "--flush", "minute")),
    )


def once(program: Program, turns: int, extra: tuple[str, ...] = ()) -> dict[str, float]:
    """Run one program in a folder of its own and read its figures."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [
                *program.command,
                "--folder",
                folder,
                "--turns",
                str(turns),
                *program.options,
                *extra,
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            timeout=600,
        )
    if done.returncode:
        raise RuntimeError(f"{program.name}: {done.stderr[-800:]}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


Run = tuple[str, int, Program]


def plan(rounds: int) -> Iterator[Run]:
    """Give the runs interleaved, so that a neighbour's load meets all programs alike."""
    for _ in range(rounds):
        for durability in ("FULL", "NORMAL"):
            for at_once in (1, 8):
                for program in programs(durability, at_once):
                    yield durability, at_once, program


def measure(turns: int, rounds: int) -> dict[str, object]:
    """Measure everything; gives medians by program, durability and concurrency."""
    if not PEER_PYTHON.is_file():
        raise BadStart("bench", ".venv-bench", "`make bench-peers`로 견줄 상대를 설치해 주세요")
    runs = list(plan(rounds))
    found: dict[tuple[str, str, int], list[dict[str, float]]] = {}
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("turns", total=len(runs) + 2 * rounds + 3)
        for durability, at_once, program in runs:
            key = (program.name, durability, at_once)
            found.setdefault(key, []).append(once(program, turns))
            progress.advance(bar)
        ours = programs("FULL", 1)[0]
        alone, opened = [], []
        for _ in range(rounds):
            alone.append(once(ours, turns))
            progress.advance(bar)
            opened.append(once(ours, turns, ("--opened", str(OPEN))))
            progress.advance(bar)
        # What is kept ready at most (keys, pages) is full long before: the next as many count.
        twice = once(ours, turns, ("--opened", str(2 * OPEN)))
        progress.advance(bar)
        paced = once(ours, 1000, ("--rate", "100"))
        progress.advance(bar)
        dirty = once(programs("FULL", 1)[3], 500, ("--opened", "1000"))
        progress.advance(bar)
    rows = [
        {"program": name, "durability": durability, "at_once": at_once, **_medians(figures)}
        for (name, durability, at_once), figures in found.items()
    ]
    return {
        "rows": rows,
        "ratio_to_aiogram": _ratios(rows),
        "open_dialogs_10000": {
            "turns_per_s": _medians(opened)["turns_per_s"],
            "turns_per_s_without": _medians(alone)["turns_per_s"],
            "memory_mb": round(_medians(opened)["rss_mb"] - _medians(alone)["rss_mb"], 2),
            "memory_mb_of_10000_more": round(twice["rss_mb"] - _medians(opened)["rss_mb"], 2),
        },
        "at_100_per_s": paced,
        "ptb_flush_of_1000_ms": dirty["flush_ms"],
    }


def _medians(figures: list[dict[str, float]]) -> dict[str, float]:
    return {key: round(statistics.median(f[key] for f in figures), 3) for key in figures[0]}


def _ratios(rows: list[dict[str, object]]) -> dict[str, float]:
    speed = {
        (str(r["program"]), f"{r['durability']}/{r['at_once']}"): float(str(r["turns_per_s"]))
        for r in rows
    }
    ways = sorted({way for _, way in speed})
    return {w: round(speed[OURS, w] / speed["aiogram FSM + SQLite", w], 2) for w in ways}


def show(found: Mapping[str, object]) -> None:
    """Print the figures as a table for people."""
    console = Console()
    table = Table(title="committed turns: parsed update → commit → rendered reply")
    for column in ("program", "durability", "at once", "turns/s", "CPU µs", "p50", "p95", "stall"):
        table.add_column(column, justify="left" if column == "program" else "right")
    for row in found["rows"]:  # type: ignore[attr-defined]
        table.add_row(
            row["program"], row["durability"], str(row["at_once"]), f"{row['turns_per_s']:,.0f}",
            f"{row['cpu_us']:,.0f}", f"{row['p50_ms']:.2f}", f"{row['p95_ms']:.2f}",
            f"{row['stall_ms']:.1f}",
        )  # fmt: skip
    console.print(table)
    for key in ("ratio_to_aiogram", "open_dialogs_10000", "at_100_per_s", "ptb_flush_of_1000_ms"):
        console.print(key, found[key])
