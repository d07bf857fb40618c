"""Where the matter is: addresses, and what has a name of its own. A place without a name is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from knowledge.telling.lists import words

if TYPE_CHECKING:
    from collections.abc import Collection

_ROAD = (
    r"[가-힣]{1,10}(?:대로|로|길)(?: ?\d+(?:번)?[가나다라]?길)? ?\d{1,4}(?:-\d+)?(?:번지)?"
    r"(?:,? ?(?:지하 ?)?\d{1,4}(?:동|호)(?: ?\d{1,4}호)?|, 지하 ?\d+호)?(?![\d만천원년월일층명대개번%])"
)
_LOT = r"[가-힣]{1,6}(?:동|리|가) (?:산 ?)?\d{1,4}(?:-\d+)?번지"
# What may follow a name, alone or behind a name of its own.
_KINDS = words("place_kinds")
_SHORT = "역|천|재|골|교|산|읍|면|동|리|길|로"
_AFTER = r"(?:정문|후문|쪽문|입구|출구|\d+번 ?출구|앞쪽|앞|옆|뒤편|뒤쪽|뒤|밑|아래쪽|아래|위쪽|위|맞은편|건너편|건너|근처|주변|쪽|안|일대|부근|방면|방향|모퉁이|사이|끝|초입|어귀|출입구|진입로|갓길|[동서남북]쪽|상행선|하행선)"
_THING = r"(?:비탈|비탈길|골목길|샛길|밭|논|공터|골목|도로|인도|언덕|하수구|배수로|공사장|화단|광장|공간|담장|담벼락|산책로|길)"
_SORT = (
    r"(?:어린이|시민|구립|시립|공영|노인|종합|생활|국민|중앙|작은|버스|지하철|실내|야외|공공|공중)"
)
_NAME = r"[가-힣A-Za-z0-9]"
_NAMED = (
    rf"{_NAME}{{2,10}}(?:{_KINDS})"
    rf"|{_NAME}{{2,8}} (?:{_SORT} ?)?(?:\d+단지|{_KINDS})"
    rf"|{_NAME}{{2,6}}(?:{_SHORT})(?= (?:{_KINDS}|{_AFTER}|\d+번 ?출구)(?![가-힣]{{3}}))"
    rf"|{_NAME}{{2,6}}(?:역|천교|대교|고개|재|골|마을)(?=에서|에 |의 |[ ,.]|$)"
    rf"|{_NAME}{{2,6}}(?:초|중|고)(?= (?:{_AFTER}|통학로|교문))"
    r"|[가-힣]{2,6}(?:대로|로|길)(?= (?:변|일대|구간|초입|횡단보도|인도|도로|골목))"
    r"|[가-힣]{2,3}(?:동|리|읍|면)(?=에서|의 |에 있)"
)
_MORE = rf"(?: (?:\d+단지|\d+동(?= |$|에|의)|{_KINDS}))*(?: ?\d+번 ?출구)?(?: {_AFTER}(?![가-힣]*(?:하|되))){{0,2}}(?: (?:{_THING}|{_KINDS})(?![가-힣]{{3}}))?"
_PLACE = re.compile(
    rf"(?<![가-힣0-9])(?:(?P<road>{_ROAD}|{_LOT})|(?P<named>(?:[가-힣]{{1,4}}[시군구동읍면리] )?(?:{_NAMED}){_MORE}))"
)

_NOBODYS = frozenset(words("place_no_names").split("|"))
_ENDS = re.compile(
    r"(?:에서|에는|에도|에게|까지|부터|으로|하고|에|는|은|을|를|의|고|도|던|된|한|할|인|면|서|며|요|다|게|지|만|와|랑|보다|처럼|라고|하러|려고|마다|씩|뿐|째|간|번|대|명|층|원)$"
)
_ROADS_NOT = re.compile(
    r"^(?:[가-힣]*(?:으로|대로|별로|제로|바로|서로|따로|새로|스스로|그대로|이대로|실제로|때로|함부로|억지로|주로|홀로|절로|도로|위로|아래로|뒤로|앞으로|전화로|문자로|앱으로|[가-힣]+씩로))\s*\d"
)
_LIVES = re.compile(r"^(?:에|에서)? ?(?:사는|살고|살아|산 지|거주)")
_NO_NAME = re.compile(
    r"^(?:[가는오]+길|먹거리|볼거리|일거리|길거리|국민[가-힣]*공단|[가-힣]*(?:보험|연금|관리|시설)공단|지름길|골목길|등굣길|하굣길|출근길|퇴근길|밤길|빗길|눈길|갓길|찻길|흙길|산길|오솔길|언덕길|비탈길|뒷길|앞길|큰길|샛길|최초|당초|도중|최고|신고|창고|광고|보고|경고|집중|도로변|행동|운동|자동|활동|이동|변동|노동|감동|공동|작동|소동|충동|아동|부동|지역|구역|전역|병역|방역|용역|교역|권역|하역|이재|부재|현재|존재|소재|문재|학교|타교"
    r"|[가-힣]*(?:관리|처리|정리|수리|소리|자리|머리|다리|유리|우리|빨리|미리|멀리|하면|되면|으면|보면|가면|오면|반면|정면|측면|화면|전면|방면|그대로|새로|따로|바로|서로|실제로|전화로|으로|대로|도로|가로|세로|위로|뒤로|때로|주로))"
    r"(?= |$)"
)


def find(text: str, taken: Collection[tuple[int, int]] = ()) -> tuple[str, ...]:
    """Give the places as they are written, each once; not where something `taken` stands."""
    found: list[str] = []
    for hit in _PLACE.finditer(text):
        start, end = hit.span()
        if any(start < last and first < end for first, last in taken):
            continue
        span = _without_nobody(hit[0].strip(), road=hit["road"] is not None)
        if span and not _LIVES.match(text[end : end + 8]):
            found.append(span)
    return tuple(dict.fromkeys(found))


def _without_nobody(span: str, *, road: bool) -> str:
    """Leave out a first word that is no name; "" where no name is left."""
    if road:
        return "" if _ROADS_NOT.match(span) or span[0].isdigit() else span
    first, _, rest = span.partition(" ")
    if _NO_NAME.match(span):
        return ""
    if first in _NOBODYS or (_ENDS.search(first) and not re.search(rf"(?:{_KINDS})$", first)):
        again = _PLACE.match(rest) if rest else None
        return _without_nobody(again[0], road=False) if again and again["named"] else ""
    if re.fullmatch(rf"(?:{_KINDS})", first) and not rest:
        return ""
    return span
