"""Small things about Korean: letters taken apart, particles, numbers and dates as people say."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import date, datetime

SEOUL = ZoneInfo("Asia/Seoul")

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
MEDIALS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_FIRST, _LAST = 0xAC00, 0xD7A3
_WEEKDAYS = "월화수목금토일"

# How a digit is read aloud decides the particle after it: 1 일, 3 삼, 6 육, 7 칠, 8 팔, 0 영/공.
_DIGIT_FINALS = {"0": "ㅇ", "1": "ㄹ", "3": "ㅁ", "6": "ㄱ", "7": "ㄹ", "8": "ㄹ"}
# The same for Latin letters by their Korean names: L 엘, M 엠, N 엔, R 알.
_LATIN_FINALS = {"l": "ㄹ", "m": "ㅁ", "n": "ㄴ", "r": "ㄹ"}


def jamo(text: str) -> str:
    """Take syllables apart into letters: 길 → ㄱㅣㄹ; everything else stays."""
    return "".join(map(_apart, text))


def _apart(sign: str) -> str:
    code = ord(sign)
    if not _FIRST <= code <= _LAST:
        return sign
    initial, rest = divmod(code - _FIRST, 588)
    medial, final = divmod(rest, 28)
    return INITIALS[initial] + MEDIALS[medial] + (FINALS[final] if final else "")


def initials(text: str) -> str:
    """Give the first letter of every syllable: 도로과 → ㄷㄹㄱ."""
    return "".join(
        INITIALS[(ord(sign) - _FIRST) // 588] if _FIRST <= ord(sign) <= _LAST else sign
        for sign in text
    )


def fold(text: str) -> str:
    """Make words comparable: NFKC, lower case, only letters and digits, no spaces."""
    return "".join(
        sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum()
    )


def final_of(text: str) -> str:
    """Give the final consonant of the last sign that is read aloud, "" if it ends open."""
    for sign in reversed(text):
        code = ord(sign)
        if _FIRST <= code <= _LAST:
            return FINALS[(code - _FIRST) % 28].strip()
        if sign.isalnum():
            return _DIGIT_FINALS.get(sign, _LATIN_FINALS.get(sign.lower(), ""))
    return ""


def with_josa(text: str, pair: str) -> str:
    """Add the particle that fits: `pair` is 을/를, 이/가, 은/는, 과/와, 으로/로, 이에요/예요, …."""
    closed, opened = pair.split("/", 1)
    final = final_of(text)
    # 으로/로 alone takes the open form after ㄹ: 서울로, 길로.
    takes_open = not final or (final == "ㄹ" and closed == "으로")
    return text + (opened if takes_open else closed)


def day_text(day: date) -> str:
    """Write a day as `12월 1일(화)`."""
    return f"{day.month}월 {day.day}일({_WEEKDAYS[day.weekday()]})"


def moment_text(at: datetime) -> str:
    """Write a time as `11월 23일(월) 오전 10시 12분`, in the zone it is given in."""
    half = "오전" if at.hour < 12 else "오후"
    hour = at.hour % 12 or 12
    minute = f" {at.minute}분" if at.minute else ""
    return f"{day_text(at)} {half} {hour}시{minute}"
