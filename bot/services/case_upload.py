"""Cases uploaded at the desk: kept as they were read, looked at anew before they are carried out."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.documents.reading import Line
from bot.services import case_import, uploads
from bot.services.case_files import good, refused
from bot.services.rights import Right
from bot.services.uploads import Given, Sheet
from knowledge import importing, tables
from knowledge.calendar import seoul_day
from knowledge.importing import LABELS, Checker, Mistake, Row
from knowledge.tables import Record, Table, Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.services.base import Actor, Desk
    from bot.services.case_import import How
    from storage.unit import Unit

SHOWN = 200
"""So many of what would change, and of what was told before, stand on the page."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an uploaded file would do."""

    now: case_import.Plan
    rows: tuple[Row, ...]
    mistakes: tuple[uploads.Mistake, ...]
    unknown: tuple[str, ...]
    file: str

    @property
    def mark(self) -> str:
        return uploads.mark(self)

    @property
    def ready(self) -> bool:
        return not self.mistakes and not self.now.undecided and self.now.stirs

    @property
    def left(self) -> int:
        return 0

    @property
    def counts(self) -> Mapping[str, int]:
        return self.now.counts

    @property
    def changes(self) -> tuple[tuple[case_import.Change, str], ...]:
        """Give the first of the changes, each with the names of its columns."""
        return tuple((one, ", ".join(LABELS[name] for name in one.columns))
                     for one in self.now.changes[:SHOWN])  # fmt: skip

    @property
    def twins(self) -> tuple[case_import.Twin, ...]:
        return self.now.twins[:SHOWN]


def take(content: bytes, how: str) -> Given:
    """Read what was uploaded, whatever its format. Raises `Refused`."""
    try:
        table = tables.read(io.BytesIO(content), importing.known, tables.UPLOAD)
        records = [_line(one) for one in table.records]
    except Unreadable as error:
        raise refused(error) from None
    head = json.dumps([table.format, table.letters, list(table.unknown)], ensure_ascii=False)
    lines = (Line(0, (head,), frozenset()), *records)
    return Given(lines, how, hashlib.sha256(content).hexdigest())


def plan(svc: Desk, unit: Unit, actor: Actor, given: Given) -> Plan:  # noqa: ARG001 - a sheet's
    """Say what an uploaded file would do. Raises `Refused`."""
    format_, letters, unknown = json.loads(given.lines[0].cells[0])
    records = (_record(line) for line in given.lines[1:])
    table = Table(format_, records, letters, dict.fromkeys(unknown))
    checker = Checker(table, seoul_day(svc.now()))
    rows = tuple(good(checker))
    how: How = next((one for one in case_import.HOWS if one == given.how), "show")
    now = case_import.compare(svc, unit, rows, how)
    wrong = sorted((*checker.mistakes, *now.mistakes), key=lambda one: one.number)
    return Plan(now, rows, tuple(map(_mistake, wrong)), tuple(table.unknown), given.file)


def carry_out(svc: Desk, unit: Unit, actor: Actor, now: Plan) -> Plan:
    """Do what a plan says, all or nothing."""
    case_import.carry_out(svc, unit, actor, now.rows, now.now, file=now.file)
    return now


SHEET = Sheet("cases", Right.CASES, plan, carry_out)


def _line(one: Record) -> Line:
    told = [one.values, sorted(one.formulas), one.wide, one.broken]
    return Line(one.number, (json.dumps(told, ensure_ascii=False, default=_day),), frozenset())


def _day(value: Any) -> str:
    """Give what only a sheet has, a date, as JSON takes it."""
    return str(value)[:10]


def _record(line: Line) -> Record:
    values, formulas, wide, broken = json.loads(line.cells[0])
    return Record(line.number, values, frozenset(formulas), wide, broken)


def _mistake(one: Mistake) -> uploads.Mistake:
    label = LABELS.get(one.column, "")
    return uploads.Mistake(one.number, label, f"desk.case_import.wrong.{one.what}", one.value)
