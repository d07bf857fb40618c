"""Cases in a file: its columns, what each row has to be, and what of it cannot be taken.

Every mistake is told by row and column. Nothing is stored here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from knowledge import personal
from knowledge.cases import DETAILS, KINDS, NAMES, STATUSES, Case, Detail
from knowledge.korean import clean_line, clean_text, fold
from knowledge.tables import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from knowledge.tables import Record, Table

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "ref": ("번호", "사례 번호", "id", "no"),
    "kind": ("종류", "구분"),
    "status": ("상태",),
    "title": ("제목", "사례명", "사례 제목"),
    "agency": ("기관", "기관명", "소속"),
    "unit": ("부서", "부서명", "담당 부서"),
    "region": ("지역", "시도"),
    "year": ("연도", "년도"),
    "field": ("분야", "업무 분야"),
    "problem": ("문제", "문제 상황", "추진 배경", "배경"),
    "action": ("한 일", "추진 내용", "조치", "조치 내용"),
    "effect": ("효과", "성과", "결과"),
    "keywords": ("낱말", "검색어", "핵심어", "키워드", "keyword"),
    "law": ("근거", "근거 법령", "법령"),
    "source": ("출처", "url"),
    "permission": ("이용 조건", "이용조건", "저작권", "license"),
    "programme": ("어디에 실린 사례", "선정 이름", "program"),
    "note": ("덧붙임", "비고", "메모"),
    "detail": ("자세함", "상세", "얼마나 알려진 사례"),
    "lang": ("언어", "쓰인 말", "language"),
}
"""The columns by their names: the Korean one that is written first; the English is the key."""
SHEET = "사례"
HEAD = tuple(names[0] for names in COLUMNS.values())
LABELS = dict(zip(COLUMNS, HEAD, strict=True))
LIMITS: Mapping[str, int] = {
    "ref": 40, "title": 100, "agency": 100, "unit": 100, "region": 30, "field": 30,
    "problem": 4000, "action": 4000, "effect": 4000, "law": 300, "source": 500,
    "permission": 200, "programme": 100, "note": 500,
}  # fmt: skip
"""The most signs of a text; of keywords there are `MOST_KEYWORDS`, each of `LONGEST_KEYWORD`."""
MOST_KEYWORDS, LONGEST_KEYWORD = 20, 30
PAGES = frozenset({"new", "import", "export"})
"""What is no case in the address of a page."""
TEXTS = ("problem", "action", "effect")
"""What may have several lines."""
FIRST_YEAR = 1960
MOST_MISTAKES = 20_000
"""So many are named; a file with more is wrong as a whole."""

KIND_WORDS = dict(zip(KINDS, ("적극행정", "소극행정"), strict=True))
DETAIL_WORDS = dict(zip(DETAILS, ("모두", "일부", "제목만"), strict=True))
STATUS_WORDS = dict(zip(STATUSES, ("작성 중", "검토 마침", "공개", "내림"), strict=True))
_CHOICES: Mapping[str, Mapping[str, str]] = {
    "kind": {
        **{fold(said): one for one, said in KIND_WORDS.items()},
        **{fold(one): one for one in KINDS}, "적극": "active", "소극": "passive",
    },
    "detail": {
        **{fold(said): one for one, said in DETAIL_WORDS.items()},
        **{fold(one): one for one in DETAILS}, "전체": "full", "부분": "partial",
    },
    "lang": {"ko": "ko", "en": "en", "한국어": "ko", "영어": "en", "english": "en"},
}  # fmt: skip
_NAMES = {fold(said): name for name, names in COLUMNS.items() for said in (name, *names)}
_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_YEAR = re.compile(r"(\d{4})(?:\.0|\s*년(?:도)?|[-./]\s?\d{1,2}[-./]\s?\d{1,2}\.?)?")
_BETWEEN = re.compile(r"[,;\n，；、]")
# Half signs that no database keeps, signs that XML forbids, and Excel's way to write a CR.
_NO_SIGN = re.compile("[\ud800-\udfff\ufffe\uffff]|_x000D_")
_FREED = re.compile(r"'+[=+\-@＝＋－＠]")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in one place. `column` is a key of `COLUMNS`, "" for the whole row.

    `what` names the sentence, `value` stands in it: a bound or a place, never what is written.
    """

    number: int
    column: str
    what: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be taken: cleaned values of the columns that the file has."""

    number: int
    values: Mapping[str, Any]

    @property
    def ref(self) -> str:
        ref: str = self.values.get("ref", "")
        return ref

    def onto(self, before: Case | None) -> Case:
        """Make the case; what the file has no column for stays as it is in `before`."""
        given = {
            name: value for name, value in self.values.items() if value or name not in _CHOICES
        }
        made = replace(before, **given) if before is not None else Case(**{"ref": "", **given})
        if not self.values.get("detail") and (before is None or "detail" in self.values):
            made = replace(made, detail=detail_of(made))
        return made


def known(head: str) -> str:
    """Give the column that a name stands for, "" when it is none."""
    return _NAMES.get(fold(head), "")


def detail_of(case: Case) -> Detail:
    """Tell how much a case says by what of it is filled in."""
    told = sum(bool(part) for part in (case.problem, case.action, case.effect))
    return "full" if told == 3 else "partial" if told else "title_only"


def normal(case: Case) -> Case:
    """Give a case as it would come out of a file: what differs only in spaces is the same."""
    plain: dict[str, Any] = {
        name: _clean(name, str(getattr(case, name))) for name in NAMES if name in LIMITS
    }
    return replace(case, **plain, keywords=_apart("\n".join(case.keywords)), status="draft")


class Checker:
    """Takes the rows of a table that can be taken, and keeps what is wrong with the others.

    `today` bounds years and dates of birth. `stopped`: there were more mistakes than are named.
    """

    def __init__(self, table: Table, today: date) -> None:
        self.table = table
        self.mistakes: list[Mistake] = []
        self.refused = 0
        self.total = 0
        self.stopped = False
        self._today = today
        self._sheet = table.format in {"xlsx", "csv"}
        self._refs: dict[str, int] = {}

    def rows(self) -> Iterator[Row]:
        """Give the good ones. Raises `tables.Unreadable`."""
        for record in self.table.records:
            if self._sheet and "title" not in self.table.letters:
                raise Unreadable("no_title")
            self.total += 1
            found = list(self._wrong(record))
            values: dict[str, Any] = {}
            if not found:
                found = list(self._read(record, values))
            if not found:
                yield Row(record.number, values)
                continue
            self.refused += 1
            self.mistakes += found
            if len(self.mistakes) >= MOST_MISTAKES:
                self.stopped = True
                return

    def _wrong(self, record: Record) -> Iterator[Mistake]:
        """Tell what is wrong with a row before its values are looked at."""
        if record.broken:
            yield Mistake(record.number, "", record.broken)
        if record.wide:
            yield Mistake(record.number, "", "wide", f"{record.wide}{record.number}")
        for name in sorted(record.formulas - {"status"}):
            yield Mistake(record.number, name, "formula")

    def _read(self, record: Record, values: dict[str, Any]) -> Iterator[Mistake]:
        """Fill in the values of a row, and tell what is wrong with them."""
        number = record.number
        for name, raw in record.values.items():
            if name == "status":
                continue  # what a file says of it counts for nothing: two persons publish
            try:
                values[name] = self._value(name, raw)
            except _Wrong as wrong:
                yield Mistake(number, name, wrong.what, wrong.value)
        if not values.get("title") and "title" not in record.values:
            yield Mistake(number, "title", "empty")
        if ref := values.get("ref"):
            first = self._refs.setdefault(ref, number)
            if first != number:
                yield Mistake(number, "ref", "ref_twice", str(first))
        yield from self._telling(number, values)

    def _value(self, name: str, raw: Any) -> Any:
        if name == "keywords":
            return self._keywords(raw)
        text = _clean(name, _text(raw), sheet=self._sheet)
        if name in _CHOICES:
            if text and fold(text) not in _CHOICES[name]:
                raise _Wrong(name)
            return _CHOICES[name].get(fold(text), "")
        if name == "year":
            return self._year(text)
        if name == "title" and not text:
            raise _Wrong("empty")
        if name == "ref" and text and (not _REF.fullmatch(text) or text in PAGES):
            raise _Wrong("ref")
        if len(text) > LIMITS[name]:
            raise _Wrong("long", f"{len(text)}/{LIMITS[name]}")
        return text

    def _year(self, text: str) -> int | None:
        if not text:
            return None
        found, last = _YEAR.fullmatch(text), self._today.year
        if not found or not FIRST_YEAR <= int(found[1]) <= last:
            raise _Wrong("year", f"{FIRST_YEAR}~{last}")
        return int(found[1])

    def _keywords(self, raw: Any) -> tuple[str, ...]:
        said = raw if isinstance(raw, list) else [raw]
        words = _apart("\n".join(_clean("problem", _text(one), sheet=self._sheet) for one in said))
        if len(words) > MOST_KEYWORDS:
            raise _Wrong("keywords", f"{len(words)}/{MOST_KEYWORDS}")
        longest = max(map(len, words), default=0)
        if longest > LONGEST_KEYWORD:
            raise _Wrong("long", f"{longest}/{LONGEST_KEYWORD}")
        return words

    def _telling(self, number: int, values: Mapping[str, Any]) -> Iterator[Mistake]:
        """Tell where a person could be told from a row."""
        texts = {
            name: "\n".join(value) if name == "keywords" else value
            for name, value in values.items()
            if value and (name in LIMITS or name == "keywords") and name != "ref"
        }
        if not personal.find("\n".join(texts.values()), self._today):
            return  # nearly every row: one look is enough
        for name, text in texts.items():
            for what in dict.fromkeys(one.what for one in personal.find(text, self._today)):
                yield Mistake(number, name, what)


class _Wrong(Exception):  # noqa: N818 - the way out of one cell
    def __init__(self, what: str, value: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.value = value


def _text(value: Any) -> str:
    """Give a value as a person would write it; raises `_Wrong` for what is none."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise _Wrong("type")


def _clean(name: str, text: str, *, sheet: bool = False) -> str:
    """Clean a text; from a sheet the sign is taken that keeps a spreadsheet from running it."""
    if text.isprintable() and "_x000D_" not in text and unicodedata.is_normalized("NFC", text):
        plain = text.strip() if name in TEXTS else " ".join(text.split())  # nothing else to clean
    else:
        bare = _NO_SIGN.sub("", text)
        plain = clean_text(bare) if name in TEXTS else clean_line(bare)
    return plain[1:] if sheet and _FREED.match(plain) else plain


def _apart(words: str) -> tuple[str, ...]:
    """Take keywords apart; each stands once."""
    return tuple(dict.fromkeys(one for part in _BETWEEN.split(words) if (one := clean_line(part))))


def plain_row(case: Case) -> tuple[str | int | None, ...]:
    """Give a case as a row of a sheet, in the order of `HEAD`."""
    words: Mapping[str, str] = {
        "kind": KIND_WORDS[case.kind],
        "detail": DETAIL_WORDS[case.detail],
        "status": STATUS_WORDS[case.status],
        "keywords": ", ".join(case.keywords),
    }
    return tuple(words.get(name, getattr(case, name)) for name in COLUMNS)


def plain_rows(cases: Iterable[Case]) -> Iterator[tuple[str | int | None, ...]]:
    """Give cases as rows of a sheet."""
    return (plain_row(one) for one in cases)
