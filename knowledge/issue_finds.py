"""What a person has to look at in words for everybody before they leave: shown where it stands.

The name, picture and words of the head of the agency (공직선거법 제86조), persons, numbers of cars.
Nothing is decided here: an editor says of each that it may stand, or takes it out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from knowledge import exposing, personal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

What = Literal["name", "title", "words", "picture", "term", "person", "number", "car"]
"""Of the head: name, title, what he says, his picture, his term and promises; a person; a number
(identity, telephone, account, e-mail); a car's."""

_NEAR = 30
"""Signs around the head's name or title in which "사진" or "말씀" is taken for his."""
_ALWAYS_WORDS = r"인사말|인삿말|축사|격려사|기념사|신년사|송년사|취임사|담화문|환영사"
_NEAR_WORDS = r"말씀|메시지|당부|밝혔|강조했|전했|인사를? ?드"
_NEAR_PICTURE = r"사진|초상|얼굴|캐리커처|기념 ?촬영|영상"
_TERM = re.compile(r"민선 ?\d{1,2} ?기|공약|치적|임기 ?(?:중|내|동안)|재임")
_MARKET = (
    r"(?!에서| ?(?:상인|골목|앞|안|입구|현대화|정비|활성화|길|번영회|가격|조사|경제|개척|진입))"
)
"""What follows 시장 where it is a market and no mayor."""
_OFFICE = re.compile(r".*(?:시장|군수|구청장|지사|교육감|청장|사장|원장|의장|총장)")
_AFTER = r"(?=$|[^가-힣]|님|이|가|은|는|을|를|의|에|께|과|와|도|만|으로|로|입니다|이다)"
_PLATE_SIGN = "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주바사아자하허호배"
_CAR = re.compile(
    rf"(?<![\d가-힣])(?:[가-힣]{{2}} ?)?\d{{2,3}} ?[{_PLATE_SIGN}] ?\d{{4}}(?![\d년])"
)


@dataclass(frozen=True, slots=True)
class Span:
    """`said` is what stands there; an identity number is not repeated."""

    what: What
    start: int
    end: int
    said: str


def head(text: str, names: Iterable[str]) -> tuple[Span, ...]:
    """Find the head of the agency: `names` are his name and title, as the settings say them.

    A name is found with spaces between its letters too, a title only where a word begins.
    """
    said = tuple(name.strip() for name in names if name.strip())
    found = [one for name in said for one in _called(text, name)]
    around = [text[max(0, one.start - _NEAR) : one.end + _NEAR] for one in found]
    starts = [max(0, one.start - _NEAR) for one in found]
    for start, part in zip(starts, around, strict=True):
        found += _hits("words", _NEAR_WORDS, part, start)
        found += _hits("picture", _NEAR_PICTURE, part, start)
    found += _hits("words", _ALWAYS_WORDS, text)
    found += [Span("term", *hit.span(), hit[0]) for hit in _TERM.finditer(text)]
    return _in_order(found)


def persons(text: str, today: date, names: Iterable[str] = ()) -> tuple[Span, ...]:
    """Find persons, by a title or out of `names`, their numbers and addresses, and cars."""
    found = [Span("car", *hit.span(), hit[0]) for hit in _CAR.finditer(text)]
    for one in personal.find(text, today):
        what: What = "person" if one.what == "name" else "number"
        shown = "" if one.what == "number" else text[one.start : one.end]
        found.append(Span(what, one.start, one.end, shown))
    for other in exposing.exposed(text, today, names):
        if other.kind == "number":
            continue  # told above, without its place
        at = text.find(other.said)
        kind: What = "person" if other.kind == "person" else "number"
        found.append(Span(kind, max(at, 0), max(at, 0) + len(other.said), other.said))
    return _in_order(found)


def _called(text: str, name: str) -> Iterator[Span]:
    """Find a name, or a title that stands for itself: 부시장 and 중앙시장 are not the mayor."""
    if _OFFICE.fullmatch(name):
        market = _MARKET if name == "시장" else ""
        title = rf"(?<![가-힣]){re.escape(name)}{market}{_AFTER}"
        yield from _hits("title", title, text)
    else:
        yield from _hits("name", r"\s?".join(map(re.escape, name.replace(" ", ""))), text)


def _hits(what: What, pattern: str, text: str, start: int = 0) -> Iterator[Span]:
    for hit in re.finditer(pattern, text):
        yield Span(what, start + hit.start(), start + hit.end(), hit[0])


def _in_order(found: Iterable[Span]) -> tuple[Span, ...]:
    """Give each place once: of those that lie in one another the longest."""
    kept: list[Span] = []
    for one in sorted(set(found), key=lambda span: (span.start, -span.end, span.what)):
        if not one.said or not kept or one.end > kept[-1].end or not kept[-1].said:
            kept.append(one)
    return tuple(kept)
