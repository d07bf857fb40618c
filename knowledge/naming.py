"""Who and since when, as a report's own words tell it: proposals for a person to look at.

Nothing here decides. A name found is shown to whoever receives the report, never acted upon.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_SURNAMES = (
    "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진지엄채원천방"
    "공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"
)
_RANK = (
    "주무관|사무관|서기관|주사보?|서기보?|팀장|과장|계장|국장|실장|소장|센터장|담당관|본부장|부장"
    "|동장|면장|읍장|구청장|군수|시장|부시장|단장|반장"
)
_PLAIN = "직원|공무원|담당자|담당|씨"
_NAMED = re.compile(
    rf"(?<![가-힣])(?P<name>[{_SURNAMES}][가-힣]{{1,2}}) ?(?P<title>{_RANK}|{_PLAIN})(?:님|께서)?"
    rf"|(?<![가-힣])(?P<sur>[{_SURNAMES}]) ?(?P<rank>{_RANK})(?:님|께서)?"
)
_NOBODY = re.compile(
    r"^(?:이[런런번]?|그[런]?|한[두번]?|전[에]?|모든?|하는|지[난금]|주[무민]|도로|공사|구청|시청|군청|도청|성실|민원|소속"
    r"|안전|주차|공원|교통|건축|하수|상수|환경|위생|문화|복지|인사|기획|정보|여권|방역|어느|어떤|우리|저희|해당|다른|여러|현재|이전|전임|후임|신임)$"
)
"""What stands before a title and is nobody's name: 이 과장, 한 직원, 주차 담당."""

_UNIT = re.compile(r"(?:과|팀|국|실|센터)$")
_PLACE = re.compile(r"(?:동|면|읍|리|관|소)$")  # 신촌동 직원
FURTHEST = 40  # years; what is older is somebody's age or the age of a building


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Somebody whom the words name: `name` may be a surname alone, `said` is how it stands."""

    name: str
    said: str


def people(text: str) -> tuple[Mentioned, ...]:
    """Find who is named with a title: 김철수 주무관, 박 팀장님, 이영희 씨."""
    found: dict[str, Mentioned] = {}
    for hit in _NAMED.finditer(text):
        name = hit["name"] or hit["sur"]
        lone = hit["name"] is None
        plain = hit["title"] is not None and re.fullmatch(_PLAIN, hit["title"])
        if _NOBODY.match(name) or _UNIT.search(name) or (plain and _PLACE.search(name)):
            continue
        if lone and name in "이그저한전모":
            continue
        found.setdefault(hit[0], Mentioned(name, hit[0]))
    return tuple(found.values())


def known(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Give the full names out of `names` that stand in the text, of three letters or more."""
    close = "".join(text.split())
    return tuple(name for name in names if len(name) > 2 and "".join(name.split()) in close)


_COUNT = {
    "한": 1, "두": 2, "세": 3, "석": 3, "네": 4, "넉": 4, "다섯": 5, "여섯": 6, "일곱": 7,
    "여덟": 8, "아홉": 9, "열": 10,
}  # fmt: skip
_DAYS = {"년": 365, "해": 365, "개월": 30, "달": 30, "주": 7, "주일": 7, "일": 1}
_FULL = re.compile(
    r"(?P<y>(?:19|20)\d\d)\s*[년./-]\s*(?:(?P<m>\d{1,2})\s*[월./-]?)?(?:\s*(?P<d>\d{1,2})\s*일?)?"
)
_MONTH = re.compile(r"(?<![\d년])\s*(?P<m>\d{1,2})월(?:\s*(?P<d>\d{1,2})일)?")
_AGO = re.compile(
    r"(?P<n>\d{1,3}|한|두|세|석|네|넉|다섯|여섯|일곱|여덟|아홉|열)\s*(?P<unit>년|해|개월|달|주일?|일)"
    r"\s*(?:전|째|동안|넘게|이상|가까이|내내)"
)
_WORDS = (("재작년", 2), ("작년", 1), ("지난해", 1), ("올해", 0))


def since(text: str, filed: date) -> date | None:
    """Give the earliest day that the words tell, None where they tell none; never after `filed`.

    A month without a day is its first day, a month without a year the last one that has come.
    """
    floor = date(filed.year - FURTHEST, 1, 1)
    return min((day for day in _days(text, filed) if floor <= day <= filed), default=None)


def _days(text: str, filed: date) -> Iterator[date]:
    for hit in _FULL.finditer(text):
        yield from _day(int(hit["y"]), int(hit["m"] or 1), int(hit["d"] or 1))
    for hit in _MONTH.finditer(text):
        month, day = int(hit["m"]), int(hit["d"] or 1)
        for year in (filed.year, filed.year - 1):
            found = next(_day(year, month, day), None)
            if found is not None and found <= filed:
                yield found
                break
    for hit in _AGO.finditer(text):
        count = int(hit["n"]) if hit["n"].isdecimal() else _COUNT[hit["n"]]
        yield filed - timedelta(days=min(count * _DAYS[hit["unit"]], 40000))
    for word, years in _WORDS:
        if word in text:
            yield date(filed.year - years, 1, 1)
            break
    if "지난달" in text or "지난 달" in text:
        yield (filed.replace(day=1) - timedelta(days=1)).replace(day=1)


def _day(year: int, month: int, day: int) -> Iterator[date]:
    try:
        yield date(year, month, day)
    except ValueError:
        return
