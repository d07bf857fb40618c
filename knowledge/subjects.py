"""What news can be about: fields of work, regions, kinds. Each has a bit, and keeps it for good.

A subscription holds sums of bits, so that a hundred thousand of them are asked in one statement;
0 is everything. New ones are added at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FIELDS = (
    "환경·자원순환",
    "안전·재난",
    "세정·재정",
    "교통·도로",
    "도시·주택",
    "복지·보건",
    "경제·기업·규제",
    "민원·행정혁신",
    "농림·수산",
    "교육·청소년",
    "문화·관광·체육",
    "기타",
)
_SAME = {"복지·장사": "복지·보건", "교통·주차": "교통·도로"}

REGIONS = (
    "전국", "서울", "부산", "대구", "인천", "광주", "대전", "울산", "세종", "경기", "강원",
    "충북", "충남", "전북", "전남", "경북", "경남", "제주",
)  # fmt: skip

KINDS = ("news", "cards", "notice", "alert")
"""소식, 카드뉴스, 공지, 사례 알림."""
USUAL = ("news", "cards", "notice")
"""What somebody gets who asks for news and chooses nothing."""


def field_of(field: str) -> str:
    """Give the field under which a case is counted; what is in no list is "기타"."""
    known = _SAME.get(field, field)
    return known if known in FIELDS else "기타"


def bits(names: Iterable[str], known: Sequence[str]) -> int:
    """Give the sum of the bits of these names; raises ValueError for one that is not known."""
    return sum(1 << known.index(name) for name in set(names))


def names(bits_: int, known: Sequence[str]) -> tuple[str, ...]:
    """Give the names whose bits are set, in their order."""
    return tuple(name for place, name in enumerate(known) if bits_ >> place & 1)
