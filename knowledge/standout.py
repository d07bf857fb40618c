"""The number in an effect that can stand large: by how much, how long, how many.

A year, the place of an award and how many were chosen are no effect. What weakens a number (약,
최대, 넘게, 예상) is part of it: the large figure says no more than its sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from knowledge.korean import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["change", "share", "money", "people", "time", "count"]
KINDS: tuple[Kind, ...] = ("change", "share", "money", "people", "time", "count")
"""Which number stands large where there are several: the first of these."""

Hedge = Literal["estimated", "expected", "planned"]

READ = 600
"""So many signs of an effect are looked at."""


@dataclass(frozen=True, slots=True)
class Standout:
    """A number as it stands large, in the words of the effect.

    A change is `before` and `said` (4시간 → 3분). `hedge` is what the clause says of a number
    that has not been counted.
    """

    kind: Kind
    said: str
    before: str = ""
    hedge: Hedge | None = None

    @property
    def shown(self) -> str:
        """Give it in one line."""
        return f"{self.before} → {self.said}" if self.before else self.said


_N = r"(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,9})(?:\.\d{1,3})?"
_SCALE = r"(?:천억|백억|십억|천만|백만|십만|[조억만천백])"
_AMOUNT = rf"{_N}(?:\s?{_SCALE}(?:\s?{_N}\s?{_SCALE}){{0,3}}(?:\s?{_N})?)?"
_NUMBER = rf"(?<![\d.,제])(?:{_AMOUNT}\s?[~∼～]\s?)?{_AMOUNT}\s?여?\s?"
_UNITS: dict[Kind, str] = {
    "share": r"%p|%|퍼센트포인트|퍼센트|배(?![가-힣]*[달송치수])",
    "money": r"원(?![룸장])|달러",
    "people": r"명|세대|가구|가정|농가",
    "time": r"시간|개월|주일|주(?=[\s로간만에→-]|$)|일(?=[\s로간만에→-]|$)|분(?!기)|초(?=[\s로간만에→-]|$)|년",
    "count": (
        r"건|곳|개소|개(?![월년소])|대(?=[\s를의에로]|$)|톤|㎡|㎞|km|미터|회|차례|마리|그루|필지|동"
        r"(?=[\s을의에]|$)"
    ),
}
_WEAK = r"(?:(?:약|최대|평균|연간|연평균|연|매년|해마다|총|모두|하루|월|누적|누계)\s)*"
_AFTER = r"(?:\s?(?:이상|이하|넘게|안팎|가까이|미만|만에))?"
_ONCE = r"\s?(?:이던|걸리던|들던|넘던)"  # how it was before
_ANY = "|".join(_UNITS.values())
_BETWEEN = r"(?:에서|→|->|(?:이던|걸리던|들던)\s(?:[가-힣]{1,8}\s){1,3})"
_CHANGE = re.compile(
    rf"({_WEAK}{_NUMBER}(?:{_ANY}))\s?{_BETWEEN}\s?((?:약\s)?{_NUMBER.replace('제', '')}(?:{_ANY}){_AFTER})"
    rf"(?=으?로|이\s?[되됐]|[,.)\s]|$)"
)
_FOUND = {
    kind: re.compile(rf"{_WEAK}{_NUMBER}(?:{unit}){_AFTER}(?!{_ONCE})")
    for kind, unit in _UNITS.items()
}
_DATE = re.compile(
    r"(?:19|20)\d\d\s?년|(?:19|20)\d\d[.-]|\d{1,2}\s?월(?:\s?\d{1,2}\s?일)?|\d{1,2}분기"
)
_AWARD = re.compile(
    r"선정|뽑|수상|표창|훈장|경진대회|대회|본선|최우수|우수상|장려|상을|작소담|실렸|순위|투표"
    r"|가운데|중\s\d|특별교부"
)
_HEDGES: dict[Hedge, re.Pattern[str]] = {
    "estimated": re.compile(r"추정|추산"),
    "expected": re.compile(r"예상|기대|전망|것으로 보"),
    "planned": re.compile(r"계획|목표|예정|방침"),
}
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_CLAUSE = re.compile(r"(?<=[가-힣])(?<![\d조억만천백]여)(?<=[고며아어여해돼져])\s|[,;\n]|\.(?!\d)")
"""Where a sentence goes on with another verb."""


def standout(effect: str) -> Standout | None:
    """Find the number that says most of an effect; None where no number does."""
    text = clean_line(effect[:READ])
    found = [one for clause in _clauses(text) for one in _in_clause(clause)]
    return min(found, key=lambda one: KINDS.index(one.kind), default=None)


def _clauses(text: str) -> Iterator[str]:
    """Take a text apart where it goes on with another verb; a comma of thousands stays."""
    for part in _CLAUSE.split(_THOUSANDS.sub("\0", text)):
        yield part.replace("\0", ",").strip()


def _in_clause(clause: str) -> Iterator[Standout]:
    if _AWARD.search(clause):
        return
    hedge = next((name for name, word in _HEDGES.items() if word.search(clause)), None)
    bare = _DATE.sub(lambda date: " " * len(date[0]), clause)
    if change := _CHANGE.search(bare):
        yield Standout("change", _neat(change[2]), _neat(change[1]), hedge)
        return
    for kind, pattern in _FOUND.items():
        for one in pattern.finditer(bare):
            if said := _neat(one[0]):
                yield Standout(kind, said, "", hedge)


def _neat(said: str) -> str:
    return " ".join(said.split())
