"""Import of many cases with bad rows among them: how long, how much memory, and nothing by halves.

Cases are made of the words of the shipped ones; one of a hundred is bad in a way that is known,
one of a thousand tells an earlier one again with a slip.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.app import App, build
from bot.bench.ours import settings
from bot.services import case_files
from knowledge import personal
from knowledge.calendar import seoul_day
from knowledge.cases import Case, shipped
from storage.models import cases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.services.case_files import Result
    from bot.services.case_import import How
    from knowledge.importing import Row
    from knowledge.tables import Format

SEED = 20261123
EVERY, AGAIN = 100, 1000
"""Of so many rows one is bad, one tells another again."""
MEMORY = 500 * 1024 * 1024
BAD: tuple[tuple[str, str, Any], ...] = (
    ("title", "empty", ""),
    ("title", "long", "가" * 101),
    ("title", "name", "홍길동 주무관의 순찰"),
    ("year", "year", 1800),
    ("lang", "lang", "fr"),
    ("ref", "ref", "나-1"),
    ("problem", "phone", "문의는 010-1234-5678로 왔다."),
    ("action", "email", "hong@example.com으로 받았다."),
    ("effect", "number", "900101-1234567로 적혀 있었다."),
    ("effect", "account", "농협 352-0123-4567-83으로 돌려주었다."),
)
"""What is wrong with a bad row: the column, how it is called, and what stands there."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One import. Seconds to read and check, to compare, to write; what became of the rows."""

    read: float
    compare: float
    write: float
    rows: int
    kept: int
    counts: dict[str, int]
    mistakes: int
    doubles: int
    done: bool

    @property
    def seconds(self) -> float:
        return self.read + self.compare + self.write


def measure(rows: int, format_: Format) -> dict[str, Any]:
    """Import a file with bad rows, a good one, and that again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = {bad: folder / f"{bad}.{format_}" for bad in (True, False)}
        for bad, path in made.items():
            with path.open("wb") as out:
                case_files.write(_numbered(_made(rows, bad=bad)), format_, out)
        app = build(settings(folder))
        try:
            return _measured(app, rows, format_, made[True], made[False])
        finally:
            app.close()


def _measured(app: App, rows: int, format_: Format, bad: Path, good: Path) -> dict[str, Any]:
    wrong, found = _bring(app, bad, "show")
    head = 1 if format_ in {"xlsx", "csv"} else 0  # the line of names
    told = {(one.number - head, one.column, one.what) for one in found.mistakes}
    expected = {(number, column, what) for number, column, what in _bad(rows)}
    shown, _ = _bring(app, good, "show")
    first, found = _bring(app, good, "skip")
    planted = set(_planted(rows))
    doubles = {one.number - head for one in found.plan.twins}
    again, _ = _bring(app, good, "skip")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak *= 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes here
    passes = {"bad": wrong, "show": shown, "first": first, "again": again}
    ok = {
        "all_named": told == expected,
        "nothing_by_halves": wrong.kept == 0 and not wrong.done and shown.kept == 0,
        "doubles_found": planted <= doubles,
        "imported": first.done and first.kept == rows - len(doubles),
        "again_unchanged": not again.done and again.counts["changed"] == again.counts["new"] == 0,
        "memory": peak < MEMORY,
    }
    return {
        "rows": rows,
        "format": format_,
        "megabytes": round(good.stat().st_size / 1024 / 1024, 1),
        "bad_rows": len(expected),
        "planted_doubles": len(planted),
        "false_doubles": len(doubles - planted),
        "peak_megabytes": round(peak / 1024 / 1024),
        "passes": {name: {**asdict(one), "seconds": one.seconds} for name, one in passes.items()},
        "ok": ok,
    }


def _bring(app: App, path: Path, how: How) -> tuple[Pass, Result]:
    times = {"begin": time.perf_counter()}

    def watch(stretch: str, rows: Iterable[Row]) -> Iterator[Row]:
        times.setdefault(f"{stretch}_begin", time.perf_counter())
        yield from rows
        times[stretch] = time.perf_counter()

    with path.open("rb") as file:
        checker = case_files.open_file(file, seoul_day(app.svc.now()))
        found = case_files.bring(app.svc, app.store, checker, how, watch=watch)
    end = time.perf_counter()
    compared = times.get("write_begin", end)
    kept = app.store.read(
        lambda unit: unit.conn.execute(sa.select(sa.func.count()).select_from(cases)).scalar_one()
    )
    return Pass(
        round(times["read"] - times["begin"], 2),
        round(compared - times["read"], 2),
        round(end - compared, 2),
        checker.total,
        kept,
        dict(found.plan.counts),
        len(found.mistakes),
        len(found.plan.twins),
        found.done,
    ), found


def _numbered(found: Iterable[tuple[int, Case]]) -> Iterator[Case]:
    return (case for _, case in found)


def _bad(rows: int) -> Iterator[tuple[int, str, str]]:
    """Give the places of the bad rows, counted from 1, and what is wrong with them."""
    for place, number in enumerate(range(EVERY, rows + 1, EVERY)):
        column, what, _ = BAD[place % len(BAD)]
        yield number, column, what


def _planted(rows: int) -> range:
    """Give the places of those that tell another again."""
    return range(AGAIN + 1, rows + 1, AGAIN)


def _made(rows: int, *, bad: bool) -> Iterator[tuple[int, Case]]:
    """Make cases, each with its place from 1; the same ones every time."""
    draw = random.Random(SEED)
    known = [one for one in shipped().values() if one.lang == "ko"]
    words = sorted({word for one in known for word in f"{one.title} {one.body}".split()})
    wrong = {number: place for place, (number, _, _) in enumerate(_bad(rows))} if bad else {}
    planted, last = set(_planted(rows)), Case("", "")
    for number in range(1, rows + 1):
        one = _case(draw, words, known)
        if number in planted:
            one = replace(last, title=_slip(draw, last.title))
        last = one
        if number in wrong:
            column, _, value = BAD[wrong[number] % len(BAD)]
            one = replace(one, **{column: value})
        yield number, one


def _case(draw: random.Random, words: Sequence[str], known: Sequence[Case]) -> Case:
    while True:
        like = draw.choice(known)
        made = Case(
            "",
            " ".join(draw.choices(words, k=5))[:100],
            agency=like.agency,
            region=like.region,
            year=draw.randint(2015, 2026),
            field=like.field,
            problem=" ".join(draw.choices(words, k=20)),
            action=" ".join(draw.choices(words, k=20)),
            effect=" ".join(draw.choices(words, k=15)),
            keywords=tuple(dict.fromkeys(draw.choices(like.keywords or ("말",), k=3))),
            source="https://www.gaon.example/cases",
        )
        if not personal.find(f"{made.title}\n{made.body}\n{made.agency}"):
            return made


def _slip(draw: random.Random, title: str) -> str:
    place = draw.randrange(len(title))
    return title[:place] + draw.choice("가나다라마") + title[place + 1 :]


def words(found: dict[str, Any]) -> str:
    """Say the figures in a few lines."""
    head = (
        f"{found['rows']:,}건 {found['format']} {found['megabytes']} MB · "
        f"가장 많이 쓴 메모리 {found['peak_megabytes']} MB"
    )
    lines = [head]
    for name, one in found["passes"].items():
        told = f"읽기 {one['read']}초 · 견주기 {one['compare']}초 · 쓰기 {one['write']}초"
        lines.append(f"{name}: {told} · 고칠 곳 {one['mistakes']} · 닮은 것 {one['doubles']}")
    counted = Counter(found["ok"].values())
    lines.append(f"지킨 것 {counted[True]} / {len(found['ok'])}: {found['ok']}")
    return "\n".join(lines)
