"""The list of units (XLSX): what would happen, and the same done; no unit is ended by a list."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.documents.reading import Line
from bot.errors import Refused
from bot.services import house, uploads
from bot.services.base import Actor, Desk
from bot.services.rights import Right
from bot.services.staff_list import Change
from bot.services.staff_rows import EMAIL, NO, YES, bare
from bot.services.uploads import Given, Mistake, Sheet, by_row
from knowledge.calendar import seoul_day
from storage.repositories import units
from storage.unit import Unit

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("부서코드", "조직코드"),
    "name": ("부서", "부서명"),
    "parent": ("위부서코드", "상위부서코드", "상위코드"),
    "aliases": ("부르는이름", "별칭"),
    "email": ("전자우편", "이메일"),
    "open": ("시민이고를수있음", "공개"),
}
HEAD = ("부서코드", "부서", "위부서코드", "부르는 이름", "전자우편", "시민이 고를 수 있음")
LABELS = dict(zip(COLUMNS, HEAD, strict=True))
MOST_ROWS, MOST_COLUMNS = 2000, 40
CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Row:
    """One unit as the list says."""

    number: int
    code: str
    name: str
    parent: str
    aliases: tuple[str, ...]
    email: str
    open: bool


@dataclass(frozen=True, slots=True)
class Read:
    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """What the list does to one unit; new without changes."""

    row: Row
    new: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    units: tuple[Item, ...]
    same: int
    absent: tuple[str, ...]
    mistakes: tuple[Mistake, ...]

    @property
    def mark(self) -> str:
        return uploads.mark(self)

    @property
    def ready(self) -> bool:
        return not self.mistakes and bool(self.units)

    @property
    def left(self) -> int:
        return 0


def read(lines: Sequence[Line]) -> Read:
    """Tell the columns by their names. Raises `Refused` staff.columns, units_list.empty."""
    if len(lines) < 2:
        raise Refused("units_list.empty")
    known = {bare(name): key for key, names in COLUMNS.items() for name in names}
    places: dict[str, int] = {}
    for place, cell in enumerate(lines[0].cells):
        if (key := known.get(bare(cell))) is not None:
            places.setdefault(key, place)
    missing = [LABELS[name] for name in ("code", "name") if name not in places]
    if missing:
        raise Refused("staff.columns", names=", ".join(missing))
    rows = tuple(_row(line, places) for line in lines[1:])
    wrong = [one for line, row in zip(lines[1:], rows, strict=True)
             for one in _mistakes(line, row, places)]  # fmt: skip
    return Read(rows, tuple(places), tuple(wrong))


def plan(svc: Desk, unit: Unit, given: Read) -> Plan:
    """Compare the list with the units that stand today."""
    standing = {row.code: row for row in units.standing(unit, seoul_day(svc.now()))}
    ids = {row.id: row.code for row in standing.values()}
    codes = set(standing) | {row.code for row in given.rows}
    mistakes, seen, items = list(given.mistakes), set[str](), []
    over = {code: ids.get(row.parent_id, "") for code, row in standing.items()}
    over |= {row.code: row.parent for row in given.rows if "parent" in given.columns}
    for row in given.rows:
        if row.code in seen:
            mistakes.append(_wrong(row, "code", "staff.wrong.twice", row.code))
        seen.add(row.code)
        if row.parent and row.parent not in codes:
            mistakes.append(_wrong(row, "parent", "staff.wrong.unit", row.parent))
        elif _circles(row.code, over):
            mistakes.append(_wrong(row, "parent", "units_list.circle", row.parent))
        before = standing.get(row.code)
        if before is None and row.code and units.by_code(unit, row.code) is not None:
            mistakes.append(_wrong(row, "code", "units_list.ended", row.code))
        items.append(_item(row, before, ids, given.columns))
    stirred = tuple(one for one in items if one.new or one.changes)
    absent = tuple(sorted(one.name for code, one in standing.items() if code not in seen))
    return Plan(stirred, len(items) - len(stirred), absent, by_row(mistakes))


def carry_out(svc: Desk, unit: Unit, actor: Actor, now: Plan) -> Plan:
    """Do what a plan says, all or nothing."""
    for one in now.units:  # first without what is over them, which may come later in the list
        _put(svc, unit, one, None)
    for one in now.units:
        over = units.by_code(unit, one.row.parent) if one.row.parent else None
        _put(svc, unit, one, over.id if over is not None else None)
    told = {"new": sum(one.new for one in now.units), "all": len(now.units)}
    house.note(svc, unit, actor, "unit_list", told)
    return now


def _looked(svc: Desk, unit: Unit, _actor: Actor, given: Given) -> Plan:
    return plan(svc, unit, read(given.lines))


SHEET = Sheet("unit_list", Right.UNITS, _looked, carry_out)


def _row(line: Line, places: Mapping[str, int]) -> Row:
    def cell(name: str) -> str:
        place = places.get(name)
        return line.cells[place] if place is not None and place < len(line.cells) else ""

    aliases = tuple(part.strip() for part in cell("aliases").split(",") if part.strip())
    shown = cell("open").lower() not in NO - {""}
    code, parent = cell("code").lower(), cell("parent").lower()
    return Row(line.number, code, cell("name"), parent, aliases, cell("email"), shown)


def _mistakes(line: Line, row: Row, places: Mapping[str, int]) -> Iterable[Mistake]:
    for key, place in places.items():
        if place in line.formulas:
            yield _wrong(row, key, "staff.wrong.formula")
    shown = line.cells[places["open"]].lower() if "open" in places else ""
    checks = (
        ("code", not row.code, "staff.wrong.empty", ""),
        ("code", bool(row.code) and not CODE.fullmatch(row.code), "units_list.code", row.code),
        ("name", not row.name, "staff.wrong.empty", ""),
        ("email", bool(row.email) and not EMAIL.fullmatch(row.email), "staff.wrong.email",
         row.email),
        ("open", shown not in YES | NO, "staff.wrong.head", shown),
    )  # fmt: skip
    for key, bad, words, value in checks:
        if bad and places.get(key) not in line.formulas:
            yield _wrong(row, key, words, value)


def _wrong(row: Row, column: str, key: str, value: str = "") -> Mistake:
    return Mistake(row.number, LABELS[column], key, value)


def _circles(code: str, over: Mapping[str, str]) -> bool:
    at, seen = over.get(code, ""), set[str]()
    while at and at not in seen:
        if at == code:
            return True
        seen.add(at)
        at = over.get(at, "")
    return False


def _item(row: Row, before: Any, ids: Mapping[int, str], columns: Sequence[str]) -> Item:
    if before is None:
        return Item(row, new=True, changes=())
    words = {True: "예", False: "아니요"}
    aliases = tuple(part for part in before.aliases.split("\n") if part)
    pairs = (
        ("name", before.name, row.name),
        ("parent", ids.get(before.parent_id, ""), row.parent),
        ("aliases", ", ".join(aliases), ", ".join(row.aliases)),
        ("email", before.email, row.email),
        ("open", words[bool(before.open)], words[row.open]),
    )
    changes = tuple(
        Change(LABELS[key], old, new) for key, old, new in pairs if key in columns and old != new
    )
    kept = {
        "parent": ids.get(before.parent_id, ""),
        "aliases": aliases,
        "email": before.email,
        "open": bool(before.open),
    }
    values = {**asdict(row), **{key: was for key, was in kept.items() if key not in columns}}
    return Item(Row(**{**values, "aliases": tuple(values["aliases"])}), new=False, changes=changes)


def _put(svc: Desk, unit: Unit, one: Item, over: int | None) -> None:
    before = units.by_code(unit, one.row.code)
    units.add(
        unit,
        one.row.code,
        one.row.name,
        valid_from=before.valid_from if before is not None else seoul_day(svc.now()),
        aliases=one.row.aliases,
        parent_id=over,
        kind=before.kind if before is not None else "unit",
        valid_until=before.valid_until if before is not None else None,
        email=one.row.email,
        open_=one.row.open,
    )
