"""What can be read from a citizen's own words: dates, places, units, and what needs a word back.

Nothing here decides: it saves a question, or has one sentence said.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from knowledge.identity import Masked, mask_numbers
from knowledge.telling import unit
from knowledge.telling.contact import find_number

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Masked",
    "WhenWhere",
    "abuse",
    "corruption",
    "danger",
    "find_number",
    "find_unit_words",
    "find_when_where",
    "injury",
    "is_question",
    "mask_numbers",
    "self_harm",
    "sensitive",
    "signals",
    "tells_when_or_where",
    "unit_names",
    "without_sensitive",
]

_WORDS = Path(__file__).parent / "data" / "words"

_WHEN = re.compile(
    r"(?:\d{4}년|\d{1,2}월|\d{1,2}일(?!\d)|\d{1,2}[./]\d{1,2}(?!\d)"
    r"|(?:몇|한|두|세|네|석|넉|다섯|여섯|일곱|여덟|아홉|열|\d+) ?(?:년|개월|달|주일?|일|시간)"
    r"(?: ?(?:전|째|동안|넘게|이상|부터|만|정도|가까이|내내))"
    r"|일주일|보름|며칠(?= ?(?:전|째|동안|지나|내내|이나))|어제|그저께|그제|엊그제|오늘|지난 ?(?:주|달|해|번|여름|겨울|봄|가을)|작년|재작년|올해|올 ?(?:봄|여름|가을|겨울)"
    r"|(?:이|지난|저번) ?(?:주|달)|(?:월|화|수|목|금|토|일)요일|몇 ?(?:달|년|개월)|오래 ?전)"
)
_WHERE = re.compile(
    r"(?:우리 ?)?(?:집|가게|회사|건물|학교) ?(?:앞|옆|뒤|근처)"
    r"|[가-힣0-9]{1,12}(?:시장|사거리|삼거리|오거리|교차로|네거리|로터리|아파트|빌라|주택가|공원|놀이터|초등학교|중학교|고등학교|학교"
    r"|유치원|어린이집|역(?= |$|에|앞|[,.])|터미널|정류장|주민센터|행정복지센터|구청|시청|군청|읍사무소|면사무소|보건소|도서관|병원|은행|마트"
    r"|대교|터널|지하차도|육교|주차장|골목|정문|후문|경로당|복지관|체육관|상가|단지|[0-9] ?동(?![가-힣]{2}))"
    r"|[가-힣]{1,6}(?:대로|로|길) ?\d+|[가-힣]{1,4}(?:읍|면|리|동)(?= |$|[,.]|에서?|의|쪽|주민)"
)
_NO_PLACE = re.compile(
    r"^(?:행동|운동|자동|활동|이동|변동|노동|감동|공동|그동|출동|작동|소동|충동|아동|하면|되면|으면|지면|이면|오면|가면|보면|반면|정면|측면|화면"
    r"|다리|우리|빨리|머리|자리|정리|처리|관리|거리|소리|유리|수리|승리|논리|권리|미리|일리|멀리|마리|전화하면|[가-힣]*(?:하면|되면|처리|관리|정리|수리|빨리|우리|소리|거리|자리|머리))$"
)
_QUESTION = re.compile(
    r"(?:나요|까요|가요|은가|는가|인가|건가요?|뭐예요|뭐에요|뭔가요|뭐죠|뭐야|뭐지|뭔데|무엇|어떻게(?: ?(?:해|하|돼|되|하죠|해요|되죠|하지))?\S{0,3}"
    r"|얼마나|며칠|언제까지(?:예요|에요|죠)?|왜요|되나|하나요|있나|없나|인지요|나여|까여|ㄴ가요|을까|ㄹ까|려주세요|려줘)$"
)
_ASKS = re.compile(
    r"(?:며칠|뭐|무엇|무슨|뜻|언제|어떻게|어디|누가|왜|얼마|몇|가능|되나|있나|없나|필요|알려)"
)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")


_Found = TypeVar("_Found")
_REMEMBERED = 4096


def _remembered(look: Callable[[str], _Found]) -> Callable[[str], _Found]:
    """Remember what was found in a text by the text's hash, never the text: it is personal.

    A dialog asks the same of the same words at every turn.
    """
    found: dict[int, _Found] = {}

    @wraps(look)
    def looked(text: str) -> _Found:
        key = hash(text)
        if key not in found:
            if len(found) >= _REMEMBERED:
                found.clear()
            found[key] = look(text)
        return found[key]

    return looked


@dataclass(frozen=True, slots=True)
class WhenWhere:
    """What was found of time and place, in the citizen's own words."""

    when: str | None = None
    where: str | None = None

    def __bool__(self) -> bool:
        return bool(self.when or self.where)


def find_when_where(text: str) -> WhenWhere:
    """Find the first words that tell a time and the first that tell a place."""
    return WhenWhere(*_when_where(text))


def tells_when_or_where(text: str) -> bool:
    """Tell whether there is anything of time or place in a text."""
    return _tells(text)


@_remembered
def _tells(text: str) -> bool:
    return any(_when_where(text))


def _when_where(text: str) -> tuple[str | None, str | None]:
    when = _WHEN.search(text)
    where = next((hit[0] for hit in _WHERE.finditer(text) if not _NO_PLACE.match(hit[0])), None)
    return when[0] if when else None, where


@cache
def _fields() -> tuple[tuple[str, re.Pattern[str]], ...]:
    table = tomllib.loads((_WORDS / "units.toml").read_text(encoding="utf-8"))
    return tuple(
        (field, re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True))))
        for field, words in table.items()
    )


def find_unit_words(text: str) -> tuple[str, ...]:
    """Find what names a unit, surest first: its own name, then fields of work by how often."""
    names = unit_names(text)
    counted = [(len(pattern.findall(text)), field) for field, pattern in _fields()]
    fields = [field for count, field in sorted(counted, key=lambda item: -item[0]) if count]
    return tuple(dict.fromkeys([*names, *fields]))


def unit_names(text: str) -> tuple[str, ...]:
    """Find what is called like a unit, as it is written: 도로과, 건축허가팀."""
    return tuple(text[first:last] for first, last in unit.find(text))


@cache
def _signals() -> dict[str, re.Pattern[str]]:
    table = tomllib.loads((_WORDS / "signals.toml").read_text(encoding="utf-8"))
    return {kind: re.compile("|".join(patterns)) for kind, patterns in table.items()}


@cache
def _any_signal() -> re.Pattern[str]:
    return re.compile("|".join(pattern.pattern for pattern in _signals().values()))


@_remembered
def signals(text: str) -> frozenset[str]:
    """Give the kinds of words that were seen: danger, self_harm, corruption, abuse and so on."""
    close = "".join(text.split()).lower()
    if not _any_signal().search(close):
        return frozenset()
    return frozenset(kind for kind, pattern in _signals().items() if pattern.search(close))


def danger(text: str) -> bool:
    """Somebody may be in danger now."""
    return "danger" in signals(text)


def self_harm(text: str) -> bool:
    """Somebody may think of ending his or her life."""
    return "self_harm" in signals(text)


def corruption(text: str) -> bool:
    """Money, gifts or favours: another, better protected road exists for these."""
    return "corruption" in signals(text)


def abuse(text: str) -> bool:
    """Somebody is very angry."""
    return "abuse" in signals(text)


def sensitive(text: str) -> bool:
    """Health, crimes, beliefs: needs a consent of its own (개인정보 보호법 제23조)."""
    return "sensitive" in signals(text)


def injury(text: str) -> bool:
    """Somebody was hurt or lost money: there is a separate claim for that."""
    return "injury" in signals(text)


def without_sensitive(text: str) -> str:
    """Give the text without the sentences that hold sensitive words."""
    kept = [part[0] for part in _SENTENCE.finditer(text) if not sensitive(part[0])]
    left = "".join(kept).strip()
    return "" if sensitive(left) else left  # words that only the whole makes sensitive


def is_question(text: str) -> bool:
    """Tell a clear question to the service from a story that may end in a question mark."""
    said = text.strip()
    if not said or len(said) > 60 or "\n" in said:
        return False
    bare = said.rstrip(" ?？!~.ㅠㅜㅋㅎ")
    marked = said.rstrip(" !~.ㅠㅜㅋㅎ").endswith(("?", "？"))
    return bool((marked and _ASKS.search(bare)) or _QUESTION.search(bare))
