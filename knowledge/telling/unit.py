"""Which units a message is about, by what they are called; places inside a building are none."""

from __future__ import annotations

import re

from knowledge.telling.lists import words

_FIELDS = words("unit_fields")
_STEM = rf"[가-힣0-9·]{{0,8}}(?:{_FIELDS})"
_BEHIND = r"(?=$|[ ,.?!\n'\"”’)(·~]|에|의|은|이|가|는|로|으로|도|와|과|랑|하고|을|를|만|라|직원|담당|공무원|팀장|과장|주무관|사람|쪽|인데|한테|서)"
_UNIT = re.compile(
    r"(?<![가-힣])(?:"
    rf"[가-힣]{{1,4}}(?:동|읍|면|리) ?(?:행정복지센터|주민센터|주민자치센터){_BEHIND}"
    rf"|{_STEM}(?:담당관실|담당관|사업소|지원센터|센터|과|팀|국|실|소){_BEHIND}"
    # 남편과, 사진과: only what never follows "and" tells that it is a unit.
    r"|[가-힣]{2,8}(?:과|국)(?=에 |에서|에다|으로 |로 |에게|[ ]?(?:직원|담당|공무원|팀장|과장|주무관))"
    rf"|[가-힣]{{2,8}}(?:팀|담당관|사업소){_BEHIND}"
    rf"|보건소{_BEHIND}|보건지소{_BEHIND})"
)
_NONE = re.compile(
    r"(?:결과|효과|성과|사과|학과|불과|초과|통과|경과|다과|간과|부과|투과|전과|교과|백과|여과|과과|안과|치과|내과|외과|정형외과|피부과|소아과|산부인과|이비인후과"
    r"|약국|결국|전국|한국|중국|미국|외국|천국|각국|사실|현실|진실|확실|성실|부실|과실|상실|손실|절실|내실|구청|센터|담당관|몇과|무슨과|주민센터|행정복지센터"
    r"|(?:담당|해당|어느|다른|관련|우리|이|그|저|같은|모든|각|타) ?(?:과|팀|국|실))"
)
_NONE_ENDS = re.compile(
    r"(?:\d[만천백]*원과|우체국|방송국|약국|편의국|[학수]급실|화장실|교실|병실|사무실|경비실|관리실|휴게실|상담실|민원실|감사실|비서실|대기실|탈의실|샤워실|지하실|열람실|급식실"
    r"|보일러실|응급실|입원실|숙직실|전산실|방재실|콜센터|서비스센터|정비센터|쇼핑센터|스포츠센터|문화센터|안전센터|고객센터|공사팀|응원팀|야구팀|축구팀|시공팀)$"
)
_FAR = re.compile(
    r"(?:다른|옆|이웃|인근|예전|전) ?(?:구|시|군|동네|도시|지역|기관)(?:의|는|에서)? ?$"
)


def find(text: str) -> tuple[tuple[int, int], ...]:
    """Give where units stand in a text, each name once."""
    found: dict[str, tuple[int, int]] = {}
    for hit in _UNIT.finditer(text):
        name = hit[0]
        if (
            len(name) < 2 or _NONE.fullmatch(name) or _NONE_ENDS.search(name)
        ) and not _named_centre(name):
            continue
        if _FAR.search(text[max(0, hit.start() - 8) : hit.start()]):
            continue
        found.setdefault(name, hit.span())
    return tuple(found.values())


def _named_centre(name: str) -> bool:
    """Tell 햇살동 행정복지센터 from any 행정복지센터."""
    return " " in name or bool(
        re.fullmatch(r"[가-힣]{2,4}(?:동|읍|면)(?:행정복지센터|주민센터)", name)
    )
