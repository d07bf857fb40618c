"""Identity numbers inside free text: found in every disguise, hidden before they are kept.

개인정보 보호법 제24조의2: a resident number may not be processed without a law that says so, and
no procedure of this service needs one. No check digit: numbers given since October 2020 have a
random tail, so a checksum would miss nine in ten of them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HANGUL = dict(zip("공영일이삼사오육륙칠팔구", "001234566789", strict=True))
_HANJA = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))
_SOFT = " .,·_*'\"\n\t\u00a0\u3000"
_HARD = "-‐‑‒–—―−－~/:"
_HIDDEN = "".join(chr(code) for code in (*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0xAD))


def _plain_signs() -> dict[int, str]:
    """Map every sign that reads as a digit or stands between digits to one plain sign."""
    table = {
        code: str(digit)
        for code in (*range(0x80, 0x10000), *range(0x1D7CE, 0x1D800))
        if (digit := unicodedata.digit(chr(code), None)) is not None
    }
    table |= dict.fromkeys(map(ord, _HARD), "-")
    table |= dict.fromkeys(map(ord, _SOFT + _HIDDEN), " ")
    return table


_SIGNS = _plain_signs()
_SPOKEN = _SIGNS | {ord(sign): digit for sign, digit in (_HANGUL | _HANJA).items()}
# 이, 일 and 구 end a number or begin an ending: "…567이에요", "…567일 거예요".
_ENDING = re.compile("이(?=에|고|라|네|야|다|며)|일(?=까|거|겁|걸)|구(?=요)")
_DIGIT_SIGNS = "".join(chr(code) for code, plain in _SPOKEN.items() if plain.isdigit())
# Most texts hold nothing of the kind and are told apart in one look.
_MAYBE = re.compile(
    rf"(?:[0-9{_DIGIT_SIGNS}][^가-힣A-Za-z0-9]{{0,4}}){{6}}|[A-Za-z][0-9０-９]{{3}}"
)
_RUN = re.compile(r"[0-9](?:[ -]{0,4}[0-9]){5,}")
_GROUP = re.compile(r"[0-9]+")
_MONEY = re.compile(r"\s*(?:원|건|명|개|번지|호|㎡|m2|kg|km)")
_PASSPORT = re.compile(
    r"(?<![0-9A-Za-z])[MSRGDmsrgd](?:[0-9]{8}|[0-9]{3}[A-Za-z][0-9]{4})(?![0-9A-Za-z])"
)
_ANY_PASSPORT = re.compile(
    r"((?:여권|passport)[^0-9A-Za-z]{0,12}(?:(?:번호|number|no\.?)[^0-9A-Za-z]{0,6})?)"
    r"([A-Za-z]{0,3}[0-9][0-9A-Za-z]{5,9})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
# Licences begin with the number of the issuing office: 11 Seoul to 28 Sejong and Gangwon North.
_LICENCE = re.compile(r"(?<![0-9-])(?:1[1-9]|2[0-8])-[0-9]{2}-[0-9]{6}-[0-9]{2}(?![0-9-])")
_ANY_LICENCE = re.compile(r"(면허[^0-9]{0,12})((?:1[1-9]|2[0-8])(?: ?[0-9]){10})(?![0-9])")


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without identity numbers.

    `found` are the numbers as they may be shown. `tail` is the end of the text if it may be the
    first half of a number; `halves` says that the tail of the message before was one.
    """

    text: str
    found: tuple[str, ...] = ()
    tail: str = ""
    halves: bool = False


def mask_numbers(text: str, today: date | None = None, tail: str = "") -> Masked:
    """Hide resident, foreigner, passport and driving licence numbers.

    `tail` is `Masked.tail` of the message before. With `today` a birth date in the future is
    no birth date.
    """
    if not tail and not _MAYBE.search(text):
        return Masked(text)
    plain = text.translate(_SIGNS)
    spoken = _ENDING.sub("말", text).translate(_SPOKEN)
    numbers = {*_residents(plain, text, today), *_residents(spoken, text, today)}
    spans = sorted([*numbers, *_documents(plain, text)], key=lambda span: (span[0], -span[1]))
    half = _second_half(plain, tail, today) or _second_half(spoken, tail, today)
    if half and not (spans and spans[0][0] < half):
        spans.insert(0, (0, half, "*" * 7))
    pieces, found, place = [], [], 0
    for begin, end, shown in spans:
        if begin >= place:
            pieces += [text[place:begin], shown]
            found.append(shown)
            place = end
    pieces.append(text[place:])
    rest = "" if place == len(text) else _first_half(plain, text, today)
    rest = rest or _first_half(spoken, text, today)
    return Masked("".join(pieces), tuple(found), rest, bool(half))


def _residents(plain: str, text: str, today: date | None) -> Iterator[tuple[int, int, str]]:
    """Find numbers of thirteen digits whose beginning is a birth date."""
    for run in _RUN.finditer(plain):
        groups = [match.span() for match in _GROUP.finditer(plain, run.start(), run.end())]
        first = 0
        while first < len(groups):
            last = _fits(plain, text, groups[first:], today)
            if last:
                begin, end = groups[first][0], groups[first + last - 1][1]
                digits = _digits(plain[begin:end])[-13:]
                yield begin, end, f"{digits[:2]}****-*******"
            first += last or 1


def _fits(plain: str, text: str, groups: list[tuple[int, int]], today: date | None) -> int:
    """Give how many of the groups, from the first on, make one resident number; 0 if none."""
    sizes = [end - begin for begin, end in groups]
    totals = list(accumulate(sizes))
    for size in (13, 15):
        if size not in totals:
            continue
        count = totals.index(size) + 1
        digits = _digits(plain[groups[0][0] : groups[count - 1][1]])
        if size == 15 and (sizes[:2] != [8, 7] or digits[:2] not in {"18", "19", "20"}):
            continue
        if _is_resident(digits[-13:], today) and (
            size == 15 or _reads_as_one(plain, text, groups[:count])
        ):
            return count
    return 0


def _reads_as_one(plain: str, text: str, groups: list[tuple[int, int]]) -> bool:
    """Tell a number written apart from numbers that only stand beside each other."""
    if not _hyphen_after_birth(plain, groups):
        return False
    sizes = [end - begin for begin, end in groups]
    if sizes in ([13], [6, 7]) or max(sizes) == 1:
        return True
    first = plain[groups[0][0] : groups[0][1]]
    telephone = first in {"010", "011", "016", "017", "018", "019"} and sizes[1] in {3, 4}
    return not telephone and not _MONEY.match(text, groups[-1][1])


def _hyphen_after_birth(plain: str, groups: list[tuple[int, int]]) -> bool:
    """Tell a resident number from accounts and telephones by where its hyphen stands."""
    total = 0
    for (begin, end), (then, _) in pairwise(groups):
        total += end - begin
        if "-" in plain[end:then] and total != 6:
            return False
    return True


def _is_resident(digits: str, today: date | None) -> bool:
    """Check the birth date with the century that the seventh digit says (0-9)."""
    century = {"9": 1800, "0": 1800, "1": 1900, "2": 1900, "5": 1900, "6": 1900}.get(
        digits[6], 2000
    )
    try:
        born = date(century + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        return False
    return today is None or born <= today


def _digits(plain: str) -> str:
    return plain.replace(" ", "").replace("-", "")


def _documents(plain: str, text: str) -> Iterator[tuple[int, int, str]]:
    """Find passports and driving licences."""
    shape = unicodedata.normalize("NFKC", text)
    words = shape if len(shape) == len(text) else text
    for passport in _PASSPORT.finditer(words):
        yield *passport.span(), passport[0][0].upper() + "*" * 8
    for passport in _ANY_PASSPORT.finditer(words):
        if not _PASSPORT.fullmatch(passport[2]):
            yield *passport.span(2), "*" * 9
    for licence in _LICENCE.finditer(plain):
        yield *licence.span(), f"{licence[0][:2]}-**-******-**"
    if "면허" in text:
        for licence in _ANY_LICENCE.finditer(plain):
            yield *licence.span(2), f"{licence[2][:2]}-**-******-**"


def _first_half(plain: str, text: str, today: date | None) -> str:
    """Give the end of a text if it may be the first half of a resident number."""
    runs = list(_RUN.finditer(plain))
    if not runs or plain[runs[-1].end() :].strip(" -"):
        return ""
    groups = [group.span() for group in _GROUP.finditer(plain, runs[-1].start())]
    for first, (begin, _) in enumerate(groups):
        digits = _digits(plain[begin:])
        # The century is not known yet after six digits: 0 and 3 cover both kinds of leap year.
        whole = [f"{digits}{century}000000"[:13] for century in "03"]
        if (
            6 <= len(digits) <= 12
            and any(_is_resident(number, today) for number in whole)
            and _hyphen_after_birth(plain, groups[first:])
        ):
            return text[begin:]
    return ""


def _second_half(plain: str, tail: str, today: date | None) -> int:
    """Give where the second half ends, if the text begins with one that fits `tail`."""
    if not tail:
        return 0
    first = _digits(tail.translate(_SPOKEN))
    begin = re.match(r"[ -]*([0-9](?:[ ]{0,4}[0-9])*)", plain)
    if begin is None or len(first) + len(_digits(begin[1])) != 13:
        return 0
    return begin.end() if _is_resident(first + _digits(begin[1]), today) else 0
