"""How cost grows: the same acts beside a thousand, and beside a million, of everything.

Reports are kept in one PostgreSQL that grows from size to size (`bot.bench.seeding`), cases in an
index in memory, readers in a database of their own.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.app import App
from bot.bench import citizens, fanning, fleet, plots, readers, search_speed, seeding, sending
from bot.bench.fleet import Server
from bot.bench.scale import POSTGRES, machine
from bot.bench.sending import Given
from bot.channel import Inbound
from bot.dialogs.events import Answer, Command, Event
from bot.services import accounts, listing, officials, statistics, upkeep
from bot.services.base import Actor
from knowledge.calendar import seoul_day
from storage.migrate import migrate
from storage.repositories import units
from storage.unit import Unit

KINDS = ("filings", "cases", "subscribers")
TEMPLATES = 8
TALKS = 4
"""Reports that are written at each size, fourteen turns each."""
TIMES = 5


def measure(
    sizes: Sequence[int], kinds: Sequence[str], say: Callable[[str], None]
) -> dict[str, Any]:
    """Measure at each size, the small ones first; `say` hears what is done now."""
    work = {"filings": _filings, "cases": _cases, "subscribers": _subscribers}
    found: dict[str, Any] = {"machine": machine(), "sizes": list(sizes)}
    for kind in KINDS:
        if kind in kinds:
            found[kind] = work[kind](sorted(sizes), say)
    found["machine"]["load_after"] = round(os.getloadavg()[0], 2)
    return found


def _filings(sizes: Sequence[int], say: Callable[[str], None]) -> list[dict[str, Any]]:
    with fleet.postgres(POSTGRES) as server, tempfile.TemporaryDirectory() as folder:
        migrate(server.url())
        given = Given(Path(folder), database=server.url(), shift=sending.daytime(), whole=True)
        app = sending.opened(given)
        try:
            head = _staff(app)
            asyncio.run(_reports(app, "first", TEMPLATES))
            return _sizes(app, server, head, sizes, say)
        finally:
            app.close()


def _sizes(
    app: App, server: Server, head: Actor, sizes: Sequence[int], say: Callable[[str], None]
) -> list[dict[str, Any]]:
    empty, first, rows = _size(server), 1, []
    for size in sizes:
        begun = time.monotonic()
        for done in seeding.copied(server, first, size, app.svc.now().isoformat()):
            say(f"filings {done:,}")
        server.ask("VACUUM (ANALYZE)")
        first = max(first, size)
        took = time.monotonic() - begun
        say(f"filings {size:,}: measuring")
        rows.append({
            "size": size,
            "seconds_to_make": round(took, 1),
            **_acts(app, head, size),
            "bytes_each": round((_size(server) - empty) / size),
            "database_mb": round(_size(server) / 2**20),
        })  # fmt: skip
        say(f"filings {rows[-1]}")
    return rows


def _acts(app: App, head: Actor, size: int) -> dict[str, Any]:
    """Do what people and the clock do, some times each; gives milliseconds."""
    turns, filed = asyncio.run(_reports(app, f"at{size}", TALKS))
    year = statistics.Wanted.read(app.svc, lambda _name: "")

    def page(**wanted: str) -> Callable[[Unit], object]:
        return lambda unit: listing.rows(app.svc, unit, head, listing.Wanted(**wanted))

    reads: dict[str, Callable[[Unit], object]] = {
        "queue_ms": page(),
        "queue_closed_ms": page(show="closed", order="newest"),
        "queue_number_ms": page(number=f"X{size // 2}"),
        "count_ms": lambda unit: listing.count(app.svc, unit, head, listing.Wanted()),
        "statistics_ms": lambda unit: statistics.report(app.svc, unit, head, year),
    }
    found: dict[str, Any] = {
        "turn_ms": _ms(turns),
        "turn_p95_ms": round(citizens.share(turns, 0.95) * 1000, 2),
        "filing_ms": _ms(filed),
    }
    for name, act in reads.items():
        found[name] = _timed(partial(app.store.read, act))
    for _ in range(5):  # what the copies have made due is done first
        app.worker.tick()
    found["tick_ms"] = _timed(app.worker.tick)
    hourly = partial(upkeep.upkeep, app.svc)
    return {**found, "upkeep_ms": _timed(partial(app.store.transact, hourly, None))}


def _timed(act: Callable[[], object]) -> float | str:
    """Give the milliseconds of an act, the middle of some; or why it could not be done."""
    took = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        try:
            act()
        except Exception as error:  # noqa: BLE001 - past its limit: that is what is looked for
            return type(error).__name__
        took.append(time.perf_counter() - begun)
    return _ms(took)


def _ms(seconds: Sequence[float]) -> float:
    return round(median(seconds) * 1000, 2)


async def _reports(app: App, name: str, count: int) -> tuple[list[float], list[float]]:
    """Write some reports, one after the other; gives the seconds of each turn, and of the last."""
    turns: list[float] = []
    filed: list[float] = []
    for number in range(count):
        for step, line in enumerate(citizens.REPORT):
            event: Event = Command(line["command"]) if "command" in line else Answer(line["text"])
            said = Inbound(
                channel="web", account="web", address=f"{name}-{number}",
                update_id=f"{number}.{step}", body=repr(event).encode(), event=event,
                at=app.svc.now() - timedelta(seconds=1), lang="ko", message=str(step),
            )  # fmt: skip
            begun = time.perf_counter()
            await app.door.receive(said)
            turns.append(time.perf_counter() - begun)
        filed.append(turns.pop())
    return turns, filed


def _staff(app: App) -> Actor:
    """Settle an office of one who may see every report."""

    def work(unit: Unit) -> Actor:
        units.add(unit, "audit", "감사담당관", valid_from=seoul_day(app.svc.now()), kind="audit")
        who = accounts.Particulars("윤감사", "audit")
        accounts.add(app.svc, unit, None, "bench", who, ["audit_head", "chief"])
        return officials.actor(officials.everybody(unit)[0])

    return app.store.transact(work, None)


def _size(server: Server) -> int:
    (found,) = server.ask("SELECT pg_database_size(current_database()) AS size")
    return int(found["size"])


def _cases(sizes: Sequence[int], say: Callable[[str], None]) -> list[dict[str, Any]]:
    rows = []
    for size in sizes:
        say(f"cases {size:,}")
        rows.append({"size": size, **search_speed.of_size(size, 1)})
    return rows


def _subscribers(sizes: Sequence[int], say: Callable[[str], None]) -> list[dict[str, Any]]:
    with fleet.postgres(POSTGRES) as server, tempfile.TemporaryDirectory() as folder:
        migrate(server.url())
        given = Given(Path(folder), database=server.url(), shift=sending.daytime())
        app = sending.opened(given)
        try:
            rows, empty, there = [], _size(server), 0
            for size in sizes:
                addresses = [str(1_000_000 + n) for n in range(there, size)]
                for done in readers.subscribe(app, "telegram", "1", addresses):
                    say(f"subscribers {there + done:,}")
                there = size
                server.ask("VACUUM (ANALYZE)")
                weight = _size(server) - empty
                rows.append(
                    {"size": size, "bytes_each": round(weight / size), **_fanned(app, server)}
                )
            return rows
        finally:
            app.close()


def _fanned(app: App, server: Server) -> dict[str, Any]:
    """Make the rows of an issue for everybody, twice; and count who would get it."""
    took = []
    for _ in range(2):
        issue = readers.issue(app)
        begun = time.perf_counter()
        made = fanning.fan_out(app.store, issue)
        took.append(time.perf_counter() - begun)
        server.ask("TRUNCATE sendings")
    return {"fan_out_s": round(min(took), 3), "rows_per_s": round(made / min(took))}


DRAWN: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "growth-filings": ("신고가 늘 때 한 번에 드는 시간", "신고", "밀리초", {
        "turn_ms": "대화 한 차례", "filing_ms": "접수", "queue_ms": "직원 목록 한 쪽",
        "queue_number_ms": "번호로 찾기", "tick_ms": "시계 한 번", "statistics_ms": "통계(1년)",
    }),
    "growth-cases": ("사례가 늘 때", "사례", "밀리초, MB", {
        "p50_ms": "찾기(가운데)", "p95_ms": "찾기(p95)", "index_mb": "메모리(MB)",
    }),
    "growth-subscribers": ("받을 분이 늘 때", "받을 분", "초", {"fan_out_s": "줄 만들기(초)"}),
}  # fmt: skip


def show(found: Mapping[str, Any]) -> None:
    """Print the figures for people, one table for each kind."""
    console = Console()
    for kind in (one for one in KINDS if one in found):
        table = Table(title=kind)
        names = list(found[kind][0])
        for name in names:
            table.add_column(name, justify="right")
        for row in found[kind]:
            table.add_row(*(str(row.get(name, "")) for name in names))
        console.print(table)
    console.print("machine", found["machine"])


def draw(found: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write the pictures; gives their files."""
    made = []
    for name, (title, across, up, lines) in DRAWN.items():
        rows = found.get(name.removeprefix("growth-"), ())
        points = {
            said: [
                (row["size"], row[key]) for row in rows if isinstance(row.get(key), int | float)
            ]
            for key, said in lines.items()
        }
        if rows:
            made.append(folder / f"{name}.svg")
            made[-1].write_text(plots.svg(title, across, up, points), encoding="utf-8")
    return made
