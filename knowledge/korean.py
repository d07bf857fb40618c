"""Small things about Korean: letters taken apart, particles, numbers and dates as people say."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import datetime

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


def has_hangul(text: str) -> bool:
    """Tell whether there is a Korean syllable in it."""
    return any(_FIRST <= ord(sign) <= _LAST for sign in text)


def jamo(text: str) -> str:
    """Take syllables apart into letters: 길 → ㄱㅣㄹ; everything else stays."""
    return text.translate(_LETTERS)


class _Letters(dict[int, str]):
    """What each sign is made of, worked out when it is first met: 20 times as fast as asking."""

    def __missing__(self, code: int) -> str:
        made = self[code] = _apart(chr(code))
        return made


_LETTERS = _Letters()


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


# NFKC turns a letter that stands alone (ㅇㅇ, ㄷㄹㄱ) into one that wants to be composed.
ALONE = {
    **{0x1100 + place: sign for place, sign in enumerate(INITIALS)},
    **{0x1161 + place: sign for place, sign in enumerate(MEDIALS)},
    **{0x11A7 + place: sign for place, sign in enumerate(FINALS) if place},
}


def fold(text: str) -> str:
    """Make words comparable: NFKC, lower case, only letters and digits, no spaces."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(ALONE)
    return "".join(sign for sign in plain if sign.isalnum())


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


def date_text(day: date) -> str:
    """Write a day that may be of any year as `2026년 12월 1일(화)`."""
    return f"{day.year}년 {day_text(day)}"


def record_text(day: date) -> str:
    """Write a day as official papers do, `2026. 12. 1.` (행정업무의 운영 및 혁신에 관한 규정 제7조)."""
    return f"{day.year}. {day.month}. {day.day}."


def month_text(day: date) -> str:
    """Write a month as `2026년 12월`."""
    return f"{day.year}년 {day.month}월"


def moment_text(at: datetime) -> str:
    """Write a time as `11월 23일(월) 오전 10시 12분`, in the zone it is given in.

    The hour after midnight is 오전 0시: 오전 12시 may be read as noon.
    """
    half = "오전" if at.hour < 12 else "오후"
    hour = at.hour if at.hour < 12 else at.hour % 12 or 12
    minute = f" {at.minute}분" if at.minute else ""
    return f"{day_text(at)} {half} {hour}시{minute}"


# What a bidi control or a zero-width sign can do in a line: reorder it, or hide in it.
_EMBEDDING = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}
_UNSEEN = {*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0xAD}
_CONTROL = {*range(0x20), *range(0x7F, 0xA0)}
_NOT_IN_LINES = dict.fromkeys(_EMBEDDING | _UNSEEN)
_NOT_IN_TEXTS = dict.fromkeys((_EMBEDDING | _CONTROL) - {0x0A})


def clean_line(text: str) -> str:
    """Give one line: composed, without control, bidi and zero-width signs, spaces single."""
    spaced = text.translate(dict.fromkeys(_CONTROL, " ")).translate(_NOT_IN_LINES)
    return " ".join(unicodedata.normalize("NFC", spaced).split())


def clean_text(text: str) -> str:
    """Give a text of several lines: composed, without control and reordering signs."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return unicodedata.normalize("NFC", lines.translate(_NOT_IN_TEXTS)).strip()


_ORDINALS = {
    word: number
    for number, words in enumerate(
        (
            "첫째 첫번째 첫번 하나 일번 처음거 맨위 맨처음",
            "둘째 두번째 둘 이번거 두번 중간거",
            "셋째 세번째 셋 삼번 세번",
            "넷째 네번째 넷 사번 네번",
            "다섯째 다섯번째 다섯 오번",
            "여섯째 여섯번째 여섯 육번",
        ),
        start=1,
    )
    for word in words.split()
}
_NUMBERED = re.compile(
    r"(?:제|no\.?|#)?(\d{1,2})(?:번|번째|째|\)|\.)?(?:이요|요|이에요|예요|으로|로|거|것|째)*"
)


def ordinal(text: str) -> int | None:
    """Read "2", "2번", "②" or "둘째" as a place in a list, from 1; None if it is none."""
    said = unicodedata.normalize("NFKC", text).casefold().replace(" ", "").strip(".!~,")
    numbered = _NUMBERED.fullmatch(said)
    if numbered:
        return int(numbered[1]) or None
    for ending in ("", "요", "이요", "거", "것", "거요", "이에요", "예요"):
        if ending and not said.endswith(ending):
            continue
        number = _ORDINALS.get(said.removesuffix(ending))
        if number:
            return number
    return None


_DAYS_AWAY = {
    "그저께": -2,
    "그제": -2,
    "엊그제": -2,
    "어제": -1,
    "오늘": 0,
    "내일": 1,
    "모레": 2,
    "글피": 3,
}
_ISO = re.compile(r"(\d{4})\s*[-./년]\s*(\d{1,2})\s*[-./월]\s*(\d{1,2})\s*[일.]?(?!\d)")
_MONTH_DAY = re.compile(r"(?<!\d)(\d{1,2})\s*(?:월|[-./])\s*(\d{1,2})\s*일?(?!\d)")
_AGO = re.compile(r"(\d{1,3}|하루|이틀|사흘|나흘|일주일)\s*(일|주일?|주|)\s*(전|뒤|후)")
_WEEK = re.compile(r"(지지난|지난|저번|이번|다음)\s*주\s*([월화수목금토일])")
_COUNTED = {"하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "일주일": 7}
_WEEKS = {"지지난": -2, "지난": -1, "저번": -1, "이번": 0, "다음": 1}


_MEANT = (date(1900, 1, 1), date(2999, 12, 31))


def meant_day(text: str) -> date | None:
    """Read a day as a field for days sends it (`2026-12-01`).

    None for nothing, for no day, and for a year that nobody means: who types 26 for the year
    sends 0026, and the day after the last of all days is none.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _MEANT[0] <= day <= _MEANT[1] else None


def read_day(text: str, today: date, *, past: bool = True) -> date | None:
    """Read a day as people write it; without a year the nearest one (`past`: not after today)."""
    said = unicodedata.normalize("NFKC", text).strip()
    try:
        if full := _ISO.search(said):
            return meant_day(f"{full[1]}-{int(full[2]):02}-{int(full[3]):02}")
        if short := _MONTH_DAY.search(said):
            return _with_year(int(short[1]), int(short[2]), today, past=past)
    except ValueError:
        return None
    return _relative_day(said, today)


def _relative_day(said: str, today: date) -> date | None:
    if week := _WEEK.search(said):
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=_WEEKS[week[1]])
        return monday + timedelta(days=_WEEKDAYS.index(week[2]))
    if ago := _AGO.search(said):
        count = _COUNTED.get(ago[1]) or int(ago[1])
        days = count * 7 if ago[2].startswith("주") else count
        return today + timedelta(days=-days if ago[3] == "전" else days)
    for word, away in _DAYS_AWAY.items():
        if word in said:
            return today + timedelta(days=away)
    return None


def _with_year(month: int, day: int, today: date, *, past: bool) -> date:
    this = date(today.year, month, day)
    if past and this > today:
        return this.replace(year=today.year - 1)
    if not past and this < today:
        return this.replace(year=today.year + 1)
    return this
