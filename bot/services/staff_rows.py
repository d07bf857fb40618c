"""The staff list as rows: which column is which, and what is wrong with a single row."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.documents.reading import Line
from bot.errors import Refused
from bot.services.uploads import Mistake

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "staff_no": ("사번", "직원번호", "공무원번호", "행정번호"),
    "name": ("이름", "성명"),
    "unit_code": ("부서코드", "부서번호", "조직코드"),
    "unit": ("부서", "부서명", "소속"),
    "title": ("직위", "직급", "직책"),
    "head": ("부서장", "부서장여부"),
    "phone": ("행정전화", "전화", "전화번호", "사무실전화"),
    "email": ("전자우편", "이메일", "메일"),
    "login": ("아이디", "계정", "id"),
}
"""What a column may be called; blanks and brackets do not count. The first is the template's."""
HEAD = tuple(names[0] for names in COLUMNS.values())
NEEDED = ("staff_no", "name")
YES = frozenset({"예", "y", "yes", "o", "○", "1", "부서장", "true", "네"})
NO = frozenset({"", "아니오", "아니요", "n", "no", "x", "0", "-", "false"})
MOST_ROWS, MOST_COLUMNS = 5000, 40
LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,39}")
STAFF_NO = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,19}")
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One person as the list says."""

    number: int
    staff_no: str
    name: str
    unit_code: str
    unit: str
    title: str
    head: bool
    phone: str
    email: str
    login: str


@dataclass(frozen=True, slots=True)
class Read:
    rows: tuple[Row, ...]
    mistakes: tuple[Mistake, ...]


def read(lines: Sequence[Line]) -> Read:
    """Tell the columns by their names and read every row.

    Raises `Refused` staff.empty, staff.columns (with those that are missing).
    """
    if not lines:
        raise Refused("staff.empty")
    places = _places(lines[0].cells)
    missing = [COLUMNS[name][0] for name in NEEDED if name not in places]
    if not places.keys() & {"unit", "unit_code"}:
        missing.append("부서코드")
    if missing:
        raise Refused("staff.columns", names=", ".join(missing))
    rows: list[Row] = []
    mistakes: list[Mistake] = []
    for line in lines[1:]:
        row = _row(line, places)
        mistakes += _mistakes(line, row, places)
        rows.append(row)
    if not rows:
        raise Refused("staff.empty")
    return Read(tuple(rows), (*mistakes, *_twice(rows)))


def _places(cells: Sequence[str]) -> dict[str, int]:
    known = {bare(name): key for key, names in COLUMNS.items() for name in names}
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        key = known.get(bare(cell))
        if key is not None:
            found.setdefault(key, place)
    return found


def bare(name: str) -> str:
    return re.sub(r"\(.*?\)|[\s_*]", "", name).lower()


def _row(line: Line, places: Mapping[str, int]) -> Row:
    def cell(name: str) -> str:
        place = places.get(name)
        return line.cells[place] if place is not None and place < len(line.cells) else ""

    return Row(
        line.number,
        cell("staff_no"),
        cell("name"),
        cell("unit_code"),
        cell("unit"),
        cell("title"),
        cell("head").lower() in YES,
        cell("phone"),
        cell("email"),
        cell("login").lower(),
    )


def _mistakes(line: Line, row: Row, places: Mapping[str, int]) -> Iterable[Mistake]:
    names = {place: COLUMNS[key][0] for key, place in places.items()}
    for place in sorted(line.formulas):
        if place in names:
            yield Mistake(row.number, names[place], "staff.wrong.formula")
    head = line.cells[places["head"]].lower() if "head" in places else ""
    checks = (
        ("staff_no", not row.staff_no, "staff.wrong.empty", ""),
        ("staff_no", bool(row.staff_no) and not STAFF_NO.fullmatch(row.staff_no),
         "staff.wrong.staff_no", row.staff_no),
        ("name", not row.name, "staff.wrong.empty", ""),
        ("unit_code", not (row.unit_code or row.unit), "staff.wrong.empty", ""),
        ("head", head not in YES | NO, "staff.wrong.head", head),
        ("email", bool(row.email) and not EMAIL.fullmatch(row.email), "staff.wrong.email",
         row.email),
        ("login", bool(row.login) and not LOGIN.fullmatch(row.login), "staff.wrong.login",
         row.login),
    )  # fmt: skip
    for name, bad, key, value in checks:
        if bad and places.get(name) not in line.formulas:
            yield Mistake(row.number, COLUMNS[name][0], key, value)


def _twice(rows: Sequence[Row]) -> Iterable[Mistake]:
    for name in ("staff_no", "login"):
        seen: dict[str, int] = {}
        for row in rows:
            value = str(getattr(row, name))
            if value and value in seen:
                column = COLUMNS[name][0]
                yield Mistake(row.number, column, "staff.wrong.twice", f"{value}({seen[value]})")
            seen.setdefault(value, row.number)
