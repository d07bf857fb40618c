"""Personal data in what everybody may read: told where it stands, so that a person takes it out.

개인정보 보호법 제2조 제1호: a name, a number or an address by which one person can be told. Names
stand in no list; they are found beside what people are called by (홍길동 주무관, 김○○ 씨). A row of a
file is refused for what is found here, so only what is hardly anything else is (`naming` proposes
more, for a person to look at). What is not found is not proved absent: a second person reads every
case before it is published.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from knowledge.identity import mask_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

What = Literal["number", "phone", "email", "account", "name"]
"""주민등록번호 and its like; telephone; e-mail; bank account or card; a person's name."""
WHATS: tuple[What, ...] = get_args(What)

_SEP = r"[-.\s·‐–—－~)]{0,3}"
# 080 is nobody's: who is called pays. 15xx and 16xx begin without a nought.
_PHONE = re.compile(
    rf"(?<![\d.])(?:\+?82{_SEP}\(?0?|\(?0)(?!80)\d{{1,3}}\)?{_SEP}\d{{3,4}}{_SEP}\d{{4}}(?!\d)"
)
_EMAIL = re.compile(r"[\w.+%-]+\s?@\s?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_BANK = "계좌|입금|송금|예금|은행|농협|수협|신협|새마을금고|우체국|뱅크"
_ACCOUNT = re.compile(
    rf"(?:{_BANK})[^\d\n]{{0,20}}(\d(?:[- ]?\d){{9,15}})(?![\d,]|\s*[원만억명건년])"
)
_CARD = re.compile(r"(?<![\d-])\d{4}([- ])\d{4}\1\d{4}\1\d{4}(?![\d-])")
_SHORTEST = 9  # digits of a telephone: 02-123-4567
_URL = re.compile(r"https?://\S+")

# 통계청 2015: these sixty are the names of 99 of a hundred people.
_FAMILY = (
    "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구"
    "민진지엄채원천방공현함변염여추도소석선설마길"
)
_DOUBLE = "남궁|황보|제갈|사공|선우|서문|독고"
_TITLE = (
    "씨|주무관|사무관|서기관|주사보|주사|서기보|서기|팀장|과장|계장|국장|실장|소장|면장|동장|읍장|"
    "담당관|연구사|지도사|할머니|할아버지|어르신|선생님|대표"
)
_AFTER = r"(?=$|[^가-힣]|이|가|은|는|을|를|의|에|께|과|와|도|만|으로|로|님|들|처럼|보다)"
_AGE = r"(?:\s?\(?\d{1,3}(?:세|살)?\)?)?"
_NAME = re.compile(
    rf"(?<![가-힣])((?:{_DOUBLE})[가-힣]{{1,2}}|[{_FAMILY}][가-힣]{{2}}){_AGE}\s?(?:{_TITLE}){_AFTER}"
)
_HIDDEN_NAME = re.compile(
    rf"(?<![가-힣])[{_FAMILY}](?:[○〇◯OoXx×*△□ㅇ]{{1,3}}|[가-힣][○〇◯OX×*△□]|[○〇◯OX×*△□][가-힣]|모)"
    rf"{_AGE}\s?(?:{_TITLE}){_AFTER}"
)
_BARE = re.compile(rf"(?<![가-힣])[{_FAMILY}][○〇◯]{{2}}{_AFTER}")
# What stands before a title and is no name: units, places, verbs, "of", people in general.
_NO_NAME = re.compile(
    r".*[과팀의청처계측별시군및]|.*(?:지역|마을|기관|민원실|상황실|주민들|기획실)|하[시였는던려면지고].|도와준"
)
_WORDS = (
    "신청자 신청인 이용자 이용인 노동자 민원인 주민인 민간인 임차인 임대인 장애인 고령자 전문가 공무원 "
    "유공자 조합원 정규직 소상공 소비자 한부모 유가족 현직인 전담자 하급자 강남구 강동구 강북구 강서구 "
    "노원구 도봉구 마포구 서초구 성동구 성북구 송파구 양천구 유성구 장안구 권선구 서원구 성산구 남동구 "
    "신임인 전임인 우수한 주요한 여러분 이러한 유능한 성실한 정당한 고마운 이웃집 오래된 선임인 지자체 "
    "공기업 유치원 구청장 도지사 소방서 조사관 "
)
_PEOPLE = frozenset(_WORDS.split())


@dataclass(frozen=True, slots=True)
class Personal:
    """What was found: what it is, and where it stands in the text that was given."""

    what: What
    start: int
    end: int


def find(text: str, today: date | None = None) -> tuple[Personal, ...]:
    """Find personal data in a text, in the order in which it stands there.

    `today` as in `identity.mask_numbers`; identity numbers are told without their place (0, 0).
    """
    shape = unicodedata.normalize("NFKC", text)
    plain = shape if len(shape) == len(text) else text
    bare = _URL.sub(lambda link: " " * len(link[0]), plain)
    found = [Personal("number", 0, 0)] if mask_numbers(bare, today).found else []
    firsts = {(one.what, one.start): one for one in _marked(plain, bare)}
    return (*found, *sorted(firsts.values(), key=lambda one: one.start))


def _marked(plain: str, bare: str) -> Iterator[Personal]:
    if "@" in plain:
        yield from (Personal("email", *one.span()) for one in _EMAIL.finditer(plain))
    if sum(map(str.isdigit, bare)) >= _SHORTEST:
        yield from (Personal("phone", *one.span()) for one in _PHONE.finditer(bare))
        yield from (Personal("account", *one.span(1)) for one in _ACCOUNT.finditer(bare))
        yield from (Personal("account", *one.span()) for one in _CARD.finditer(bare))
    for names in (_BARE, _HIDDEN_NAME):
        yield from (Personal("name", *one.span()) for one in names.finditer(bare))
    for one in _NAME.finditer(bare):
        if one[1] not in _PEOPLE and not _NO_NAME.fullmatch(one[1]):
            yield Personal("name", *one.span())
