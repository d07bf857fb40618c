"""Files of cases: read with every mistake by its place, kept while they are looked at, written."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Literal

from bot.documents import sheets
from bot.errors import Refused
from bot.services import case_import
from knowledge import importing, tables
from knowledge.cases import Case, to_plain
from knowledge.importing import Checker, Row
from knowledge.tables import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from bot.services.base import Actor, Desk
    from bot.services.case_import import How, Plan
    from knowledge.importing import Mistake
    from knowledge.tables import Format
    from storage.store import Store
    from storage.unit import Unit

FORMATS: tuple[Format, ...] = ("xlsx", "csv", "json", "jsonl")
MIMES = {
    "xlsx": sheets.MIME, "csv": sheets.CSV_MIME, "json": "application/json; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
}  # fmt: skip
AT_DESK = 5_000
"""So many cases are made into a file while somebody waits for a page."""
EXAMPLES = (
    Case(
        "", "골목 가로등을 신고 전에 먼저 고치기", agency="가온시", unit="도로과", region="경기",
        year=2026, field="도로·교통", problem="가로등 고장 신고가 밀려 밤길이 어두웠다.",
        action="밤에 돌며 꺼진 등을 그 자리에서 고치는 반을 만들었다.",
        effect="고치는 데 걸리는 날이 이레에서 이틀로 줄었다.", keywords=("가로등", "순찰"),
        law="도로법 제31조", source="https://www.gaon.example/cases/1",
        permission="공공누리 제1유형", programme="적극행정 우수사례",
    ),
    Case(
        "", "제목만 알려진 사례", agency="나래군", year=2025, detail="title_only",
        source="https://www.narae.example/news/2",
    ),
)  # fmt: skip


class Spool:
    """Rows on disk, so that any number can be gone through again without being in memory."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - it is kept
        try:
            for row in rows:
                self._file.write(json.dumps([row.number, row.values], ensure_ascii=False) + "\n")
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[Row]:
        self._file.seek(0)
        for line in self._file:
            number, values = json.loads(line)
            if "keywords" in values:
                values["keywords"] = tuple(values["keywords"])
            yield Row(number, values)

    def close(self) -> None:
        self._file.close()


def open_file(file: IO[bytes], today: date, bounds: tables.Bounds = tables.CONSOLE) -> Checker:
    """Open a file of cases. Raises `Refused` saying why it cannot be read."""
    try:
        return Checker(tables.read(file, importing.known, bounds), today)
    except Unreadable as error:
        raise refused(error) from None


def good(checker: Checker) -> Iterator[Row]:
    """Give the rows that can be taken; the checker keeps the mistakes. Raises `Refused`."""
    try:
        yield from checker.rows()
    except Unreadable as error:
        raise refused(error) from None


@dataclass(frozen=True, slots=True)
class Result:
    """What a file did, or would do. `mistakes` are all there are, by row."""

    checker: Checker
    plan: Plan
    mistakes: tuple[Mistake, ...]
    done: bool


Watch = Callable[[Literal["read", "write"], Iterable[Row]], Iterable[Row]]
"""Is given the rows of a stretch of the work as they go by."""


def bring(
    svc: Desk,
    store: Store,
    checker: Checker,
    how: How,
    *,
    actor: Actor | None = None,
    status: Literal["draft", "reviewed"] = "draft",
    file: str = "",
    dry: bool = False,
    watch: Watch = lambda _stretch, rows: rows,
) -> Result:
    """Bring a whole file in with one transaction, if nothing is wrong with it.

    The file is read, checked and compared before the transaction begins, so that nobody waits for
    it longer than the rows take to be written. Raises `Refused`.
    """
    spool = Spool(watch("read", good(checker)))
    try:
        plan = store.read(lambda unit: case_import.compare(svc, unit, spool, how))
        mistakes = sorted((*checker.mistakes, *plan.mistakes), key=lambda one: one.number)
        fine = not mistakes and not plan.undecided and plan.stirs and not dry

        def work(unit: Unit) -> None:
            rows = watch("write", spool)
            case_import.carry_out(svc, unit, actor, rows, plan, status=status, file=file)

        if fine:
            store.transact(work, f"cases:{svc.random(16).hex()}")
    finally:
        spool.close()
    return Result(checker, plan, tuple(mistakes), fine)


def refused(error: Unreadable) -> Refused:
    return Refused(f"desk.case_import.unreadable.{error.what}", **error.told)


def few(found: Iterable[Case]) -> Iterator[Case]:
    """Give no more than are made into a file while somebody waits. Raises `Refused`."""
    for count, one in enumerate(found):
        if count == AT_DESK:
            raise Refused("desk.case_import.too_many", n=AT_DESK)
        yield one


def write(found: Iterable[Case], format_: Format, out: IO[bytes]) -> None:
    """Write cases so that the file can be read again without a difference."""
    if format_ == "xlsx":
        out.write(sheets.sheet(importing.SHEET, importing.HEAD, importing.plain_rows(found)))
    elif format_ == "csv":
        _csv(found, out)
    elif format_ == "json":
        between = "[\n"
        for one in found:
            out.write((between + _json(one)).encode())
            between = ",\n"
        out.write(b"[]\n" if between == "[\n" else b"\n]\n")
    else:
        for one in found:
            out.write((_json(one) + "\n").encode())


def _json(one: Case) -> str:
    return json.dumps(to_plain(one), ensure_ascii=False)


def _csv(found: Iterable[Case], out: IO[bytes]) -> None:
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(importing.HEAD)
    for row in importing.plain_rows(found):
        writer.writerow([sheets.plain(cell) if isinstance(cell, str) else cell for cell in row])
    text.detach()
