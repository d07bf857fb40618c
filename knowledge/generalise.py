"""Words of a report made general: who, where, when, which unit and how much, found by rule.

What is found is proposed for a person to look at; what a rule cannot find (a story that only one
person can tell) is for the two persons who let a case out, and for `knowledge.anonymity`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from knowledge import naming
from knowledge.common_words import (
    ANY_BLOCK,
    COMMON,
    KINDS_OF_PLACE,
    NO_STATION,
    NO_TOWN,
    NO_UNIT,
    SAYS,
    WORDS_OF_GWA,
)
from knowledge.identity import mask_numbers
from knowledge.korean import clean_text, final_of, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Finding", "General", "Known", "copied", "find", "generalise", "half_of", "towns"]

SURE = (
    "identity", "email", "link", "phone", "vehicle", "date", "amount", "number", "person",
    "address", "unit", "town", "place",
)  # fmt: skip
"""Kinds of findings; where two overlap the earlier named is taken."""
SOME = "○○"
"""Stands for the name of a 읍·면·동·리."""
LEAST_NAME = 2  # signs of a place's name that stands apart from its kind
LEAST_DIGITS = 5
"""A number of so many digits is somebody's or something's: shorter ones count and measure."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the words: names to look for, and the day the report was filed.

    `reporter`: name, address, contacts of whoever filed, found as any other person's, so that the
    kind of a finding tells nobody who it was; `people`: names of officials; `units`:
    names of units; `numbers`: of the report itself and of others that lead to it.
    """

    reporter: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    filed: date | None = None


NOTHING = Known()


@dataclass(frozen=True, slots=True)
class Finding:
    """A stretch of a text that tells who, where or when; `instead` is the general word for it."""

    kind: str
    start: int
    end: int
    said: str
    instead: str


@dataclass(frozen=True, slots=True)
class General:
    """A text with the general words in it, and what was found in the text before."""

    text: str
    findings: tuple[Finding, ...]


def generalise(text: str, known: Known = NOTHING) -> General:
    """Put the general word in the place of everything that was found."""
    plain = clean_text(text)
    found = find(plain, known)
    parts, at = [], 0
    for one in found:
        parts += [plain[at : one.start], one.instead]
        at = one.end
    return General("".join((*parts, plain[at:])), found)


def find(text: str, known: Known = NOTHING) -> tuple[Finding, ...]:
    """Find what tells who, where and when in a cleaned text, in the order in which it stands."""
    plain, places = _plain(text)
    every = sorted(
        (SURE.index(kind), start, -end, instead)  # the longest first
        for kind, start, end, instead in _all(plain, known)
        if end > start
    )
    taken: list[tuple[int, int]] = []
    found = []
    for rank, start, before, instead in every:
        end = -before
        if any(start < until and since < end for since, until in taken):
            continue
        taken.append((start, end))
        first, last = places[start], places[end - 1] + 1
        found.append(Finding(SURE[rank], first, last, text[first:last], instead))
    return tuple(sorted(found, key=lambda one: one.start))


def copied(text: str, source: str, most: int) -> tuple[str, ...]:
    """Give every stretch of more than `most` signs (letters and digits) that `source` has too.

    Spaces, case, width and punctuation do not count, so that they cannot hide it.
    """
    plain, places = _letters(text)
    body = _letters(source)[0]
    run = most + 1
    told = {body[at : at + run] for at in range(len(body) - run + 1)}
    found, at = [], 0
    while at + run <= len(plain):
        if plain[at : at + run] not in told:
            at += 1
            continue
        end = at + run
        while end < len(plain) and plain[end - most : end + 1] in told:
            end += 1
        found.append(text[places[at] : places[end - 1] + 1])
        at = end
    return tuple(found)


def half_of(day: date) -> tuple[int, int]:
    """Give the half of a year in which a day lies: (2026, 1) until June, (2026, 2) after."""
    return day.year, 1 if day.month <= 6 else 2


def half_text(year: int, half: int) -> str:
    return f"{year}년 {'상반기' if half == 1 else '하반기'}"


def towns(text: str, known: Known = NOTHING) -> frozenset[str]:
    """Give the 읍·면·동·리 that a text names: the places by which a report can be told apart."""
    found = find(clean_text(text), known)
    return frozenset(one.said for one in found if one.kind == "town")


# ---------------------------------------------------------------- how it is read

_HIDDEN = frozenset(
    chr(code)
    for code in (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF, 0xAD)
)  # fmt: skip


def _plain(text: str) -> tuple[str, list[int]]:
    """Give a text without hidden signs and of one width, and where each of its signs stood."""
    signs, places = [], []
    for place, sign in enumerate(text):
        if sign in _HIDDEN:
            continue
        for one in unicodedata.normalize("NFKC", sign) if ord(sign) > 0x7F else sign:
            signs.append(one)
            places.append(place)
    return "".join(signs), places


def _letters(text: str) -> tuple[str, list[int]]:
    signs, places = [], []
    for place, sign in enumerate(text):
        for one in fold(sign):
            signs.append(one)
            places.append(place)
    return "".join(signs), places


# ---------------------------------------------------------------- what is looked for

_EMAIL = re.compile(r"[\w.+%-]+\s?@\s?[\w-]+(?:\s?\.\s?[\w-]+)*")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_BETWEEN = r"[-.\s·‐–—~)]{0,3}"
_PHONE = re.compile(
    rf"(?<!\d)(?:(?:\+?82{_BETWEEN}\(?0?|\(?0)\d{{1,2}}\)?{_BETWEEN}\d{{3,4}}{_BETWEEN}\d{{4}}"
    rf"|1[568]\d\d{_BETWEEN}\d{{4}}|\d{{3,4}}-\d{{4}})(?!\d)"
)
_VEHICLE = re.compile(
    r"(?:(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주) ?)?(?<!\d)\d{2,3} ?"
    r"[가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주바사아자배하허호] ?\d{4}(?!\d)"
)
_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]+(?:[-/][0-9A-Za-z]+)*")
_PATTERNS = (
    ("email", _EMAIL, "전자우편 주소"),
    ("link", _LINK, "인터넷 주소"),
    ("phone", _PHONE, "전화번호"),
    ("vehicle", _VEHICLE, "한 차량"),
)
_YEARS = re.compile(r"(?:19|20)\d\d(?:[-~/](?:19|20)\d\d)?")
_DAY = re.compile(
    r"(?<![\d.])(?:(?P<y>(?:19|20)\d\d)\s*[년./-]\s*(?P<m>\d{1,2})(?:\s*월(?!요)|\s*[./-]\s*(?=\d))"
    r"(?:\s*(?P<d>\d{1,2})\s*일?\.?)?"
    r"|(?P<lm>\d{1,2})\s*월(?!요)(?:\s*(?P<ld>\d{1,2})\s*일)?"
    r"|(?P<sm>\d{1,2})\.\s+\d{1,2}\."
    r"|(?<=\s)\d{1,2}일(?=에|날))"
)
_TIME = re.compile(
    r"(?:오전|오후|새벽|밤|낮|저녁|아침)?\s?(?<!\d)\d{1,2}\s?시(?:\s?\d{1,2}\s?분|\s?반)?(?=에|쯤|경|부터|까지|[ ,.]|$)"
)
_AMOUNT = re.compile(
    r"(?<![\d.,])(?P<n>\d[\d,.]*)\s*"
    r"(?:(?P<u>억|천만|백만|십만|만|천|백)\s*(?:\d[\d,]*\s*(?:만|천)?\s*)?)?원(?!룸)"
)
_UNITS = {
    "억": 10**8, "천만": 10**7, "백만": 10**6, "십만": 10**5, "만": 10**4, "천": 1000, "백": 100,
}  # fmt: skip
_MUCH = (
    (10**9, "수십억 원"), (10**8, "수억 원"), (10**7, "수천만 원"), (10**6, "수백만 원"),
    (10**5, "수십만 원"), (10**4, "수만 원"), (0, "적은 돈"),
)  # fmt: skip

_ADDRESS = re.compile(
    r"[가-힣]{1,8}\d{0,3}(?:대로|로|길)(?:\s?\d{1,4}(?:번)?길)?\s?(?!(?:19|20)\d\d(?!\d))\d{1,4}(?:-\d{1,4})?(?:번지|호)?(?![\d년월일시분%명건곳층배원만억천주인여위]|\s?(?:년|월|일|시간|분|명|건|곳|,\d|가구|세대|대|퍼센트|차로|차선|개|번|m|미터|km))"
    r"|(?<!\d)(?:산\s?)?\d{1,4}(?:-\d{1,4})?\s?번지(?:\s?\d{1,3}호)?"
    r"|(?<!\d)\d{1,4}\s?동\s?\d{1,4}\s?호|(?<!\d)\d{3,4}\s?호(?=[ ,.에의은는이가]|$)|지하\s?\d층\s?\d+호"
)
_PLACE = re.compile(
    rf"(?<![가-힣])(?P<name>[가-힣0-9]{{1,10}}?)(?P<gap> ?)(?P<kind>{'|'.join(KINDS_OF_PLACE)})"
    r"|(?<![가-힣])(?P<block>[가-힣]{2,8} ?\d{1,2}단지|[가-힣]{2,6}마을(?=\s|$|[,.]|에|의|앞))"
    r"|(?<![가-힣])(?P<station>[가-힣]{2,6}역)(?=\s|$|[,.]|에|앞|의|\d)"
)
_TOWN = re.compile(
    r"(?<![가-힣○])[가-힣]{1,4}(?:\d{1,2}|제\d)?(?:동|읍)(?=\s|$|[,.)]|에서?|의|은|을|이 |과 |으로|쪽|주민|장)"
    r"|(?<![가-힣○])[가-힣]{1,4}면(?=에|의|\s[가-힣]{1,4}리|\s?사무소|장|\s?주민)"
    r"|(?<![가-힣○])[가-힣]{2,4}리(?=에서|의| 마을|\s?이장|\s?주민| \d)"
)
_UNIT = re.compile(
    r"(?<![가-힣])[가-힣]{2,10}(?:담당관|사업소|출장소|사업본부|센터|과|팀|국|실)(?=\s|$|[,.?!)]|에|의|은|이 |가 |는|로 |직원|담당|공무원|장|와|과 |를|을)"
)


def _all(plain: str, known: Known) -> Iterator[tuple[str, int, int, str]]:
    yield from _numbers(plain, known)
    yield from _people(plain, known)
    yield from _times(plain, known)
    yield from _where(plain)
    for hit in _AMOUNT.finditer(plain):
        yield "amount", *hit.span(), _much(hit)
    for name in known.units:
        for start, end in _stands(plain, name):
            yield "unit", start, end, "담당 부서"
    for hit in _UNIT.finditer(plain):
        plain_word = hit[0] in WORDS_OF_GWA or NO_UNIT.search(hit[0]) or _and(hit)
        if not plain_word and not _KIND_ENDS.search(hit[0]):
            yield "unit", *hit.span(), "담당 부서"


def _and(hit: re.Match[str]) -> bool:
    """Tell whether 과 may be "and": after a closed syllable, with a space behind (현장과 서류)."""
    behind = hit.string[hit.end() : hit.end() + 1]
    return hit[0].endswith("과") and bool(final_of(hit[0][:-1])) and not behind.strip()


_KIND_ENDS = re.compile(rf"(?:{'|'.join(KINDS_OF_PLACE)})과?$")
_MARKET = re.compile(r"[가-힣]{2,3}[동읍면리로] ?시장")  # 신촌동 시장 is a market, no mayor
_NO_NAME = frozenset(
    {
        "차량", "주민", "주소", "번호", "민원", "서류", "공문", "전화", "조치", "상반기", "하반기",
        *KINDS_OF_PLACE,
    }
)  # fmt: skip
"""What stands before a title and looks like a name to `naming`: 차량 담당."""


def _numbers(plain: str, known: Known) -> Iterator[tuple[str, int, int, str]]:
    masked = mask_numbers(plain).text
    if len(masked) == len(plain):
        yield from (("identity", *hit, "번호") for hit in _apart(plain, masked))
    elif masked != plain:  # the shape has changed: all of it is looked at again by a person
        yield "identity", 0, len(plain), "번호"
    for kind, pattern, instead in _PATTERNS:
        for hit in pattern.finditer(plain):
            yield kind, *hit.span(), instead
    for hit in _CODE.finditer(plain):
        if sum(map(str.isdigit, hit[0])) >= LEAST_DIGITS and not _YEARS.fullmatch(hit[0]):
            yield "number", *hit.span(), "번호"
    for name in known.numbers:
        for start, end in _stands(plain, name):
            yield "number", start, end, "번호"


def _apart(plain: str, masked: str) -> Iterator[tuple[int, int]]:
    """Give the stretches in which two texts of one length differ, with what touches them."""
    at = 0
    while at < len(plain):
        if plain[at] == masked[at]:
            at += 1
            continue
        end = at
        while end < len(plain) and (plain[end] != masked[end] or not plain[end].isspace()):
            end += 1
        start = at
        while start > 0 and not plain[start - 1].isspace():
            start -= 1
        yield start, end
        at = end


def _people(plain: str, known: Known) -> Iterator[tuple[str, int, int, str]]:
    for name in known.reporter:
        for start, end in _stands(plain, name):
            yield "person", start, end, "한 주민"
    for name in known.people:  # never with spaces: 이 도로 is no 이도로
        for start, end in _stands(plain, name, between="[-·.]*"):
            yield "person", start, end, "담당 직원"
    for one in naming.people(plain):
        if one.name in _NO_NAME or _MARKET.fullmatch(one.said):
            continue
        start = plain.find(one.said)
        while start >= 0:
            yield "person", start, start + len(one.said), "담당 직원"
            start = plain.find(one.said, start + 1)


def _times(plain: str, known: Known) -> Iterator[tuple[str, int, int, str]]:
    for hit in _DAY.finditer(plain):
        yield "date", *hit.span(), _half(hit, known.filed)
    for hit in _TIME.finditer(plain):
        lead = len(hit[0]) - len(hit[0].lstrip())
        yield "date", hit.start() + lead, hit.end(), "어느 때"


def _half(hit: re.Match[str], filed: date | None) -> str:
    """Give the half of the year for a day; without a year the last that had come."""
    month = int(hit["m"] or hit["lm"] or hit["sm"] or 0)
    if not 1 <= month <= 12:
        return "어느 날"
    if hit["y"]:
        return half_text(*half_of(date(int(hit["y"]), month, 1)))
    if filed is None:
        return "상반기" if month <= 6 else "하반기"
    return half_text(*half_of(date(filed.year - (month > filed.month), month, 1)))


def _where(plain: str) -> Iterator[tuple[str, int, int, str]]:
    for hit in _ADDRESS.finditer(plain):
        yield "address", *hit.span(), "한 곳"
    for hit in _TOWN.finditer(plain):
        if not NO_TOWN.match(hit[0]):
            yield "town", *hit.span(), f"{SOME}{hit[0][-1]}"
    for hit in _PLACE.finditer(plain):
        if hit["block"]:
            if not ANY_BLOCK.match(hit[0]):
                yield "place", *hit.span(), f"한 {'마을' if hit[0].endswith('마을') else '단지'}"
        elif hit["station"]:
            if not NO_STATION.search(hit[0]):
                yield "place", *hit.span(), "한 역"
        elif not COMMON.match(hit["name"]) and not (hit["gap"] and _says(hit["name"])):
            yield "place", *hit.span(), f"한 {hit['kind']}"


def _says(name: str) -> bool:
    return len(name) < LEAST_NAME or SAYS.search(name) is not None


def _much(hit: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", hit["n"].split(".")[0]) or "0"
    worth = int(digits[:15]) * _UNITS.get(hit["u"] or "", 1)
    return next(words for least, words in _MUCH if worth >= least)


def _stands(plain: str, name: str, between: str = r"[\s\-·.]*") -> Iterable[tuple[int, int]]:
    """Find a name whatever spaces and dashes stand between its signs; one sign names nobody."""
    signs = [sign for sign in unicodedata.normalize("NFKC", name) if sign.isalnum()]
    if len(signs) < 2:
        return ()
    loose = re.compile(between.join(map(re.escape, signs)), re.IGNORECASE)
    return [hit.span() for hit in loose.finditer(plain)]
