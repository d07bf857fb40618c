"""Typing errors as people make them: a neighbouring key, a lost or added final, a swapped sign."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from knowledge.korean import FINALS, INITIALS, MEDIALS

if TYPE_CHECKING:
    from random import Random

_ROWS = ("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ", "ㅋㅌㅊㅍㅠㅜㅡ")
"""두벌식: what lies beside each other on the keyboard."""
_FIRST, _LAST = 0xAC00, 0xD7A3
_ADDED = ("ㄴ", "ㄹ", "ㅁ", "ㅇ")


def _beside() -> dict[str, str]:
    found: dict[str, str] = {}
    for row in _ROWS:
        for left, right in pairwise(row):
            found[left] = found.get(left, "") + right
            found[right] = found.get(right, "") + left
    return found


_BESIDE = _beside()


def typed(text: str, chance: Random, every: int = 8) -> str:
    """Give the text with an error in about every eighth syllable."""
    signs = list(text)
    for place, sign in enumerate(signs):
        if not (len(sign) == 1 and _FIRST <= ord(sign) <= _LAST) or chance.random() * every > 1:
            continue
        kind = chance.choice(("initial", "medial", "final", "lost", "swapped"))
        if kind == "lost":
            signs[place] = ""
        elif kind == "swapped" and place + 1 < len(signs):
            signs[place], signs[place + 1] = signs[place + 1], sign
        else:
            signs[place] = _wrong(sign, kind, chance)
    return "".join(signs)


def _wrong(sign: str, kind: str, chance: Random) -> str:
    initial, rest = divmod(ord(sign) - _FIRST, 588)
    medial, final = divmod(rest, 28)
    if kind == "initial":
        initial = _near(INITIALS, initial, chance)
    elif kind == "medial":
        medial = _near(MEDIALS, medial, chance)
    elif final:
        final = 0
    else:
        final = FINALS.index(chance.choice(_ADDED))
    return chr(_FIRST + initial * 588 + medial * 28 + final)


def _near(letters: str, at: int, chance: Random) -> int:
    near = [letter for letter in _BESIDE.get(letters[at], "") if letter in letters]
    return letters.index(chance.choice(near)) if near else at


_LOOSE = tuple(
    (re.compile(strict), loose)
    for strict, loose in (
        (r"주세요", ("줘", "주셈", "주세여", "주십쇼", "주삼", "줘요", "주세용")),
        (r"(?<=[가-힣])해요", ("해여", "함", "해용", "합니다", "해")),
        (r"나요\b", ("나여", "나", "남", "는지요", "나욤")),
        (r"까요\b", ("까여", "까", "깝쇼")),
        (r"(?<=[가-힣])습니다", ("어요", "음", "슴다", "슴니다", "습니당")),
        (r"예요\b|에요\b", ("에여", "임", "예여", "야", "죠")),
        (r"요\b", ("여", "", "용", "욧", "유")),
        (r"어떻게", ("어케", "어떡해", "어떠케", "우찌")),
        (r"뭐", ("머", "모")),
        (r"\b좀\b", ("쫌", "점", "")),
        (r"같아요", ("같애요", "같음", "가타요")),
        (r"싶어요", ("싶음", "시퍼요", "싶은데요", "싶어여")),
        (r"할게요", ("할께요", "할게", "할래요", "하겠습니다")),
        (r"했어요", ("했음", "햇어요", "했는데요")),
        (r"ㅆ", ("ㅅ",)),
        (r"왜", ("웨", "외")),
        (r"되", ("돼",)),
        (r"돼", ("되",)),
        (r"않", ("안",)),
        (r"\b안 ", ("않 ", "안")),
        (r"있", ("잇",)),
        (r"없", ("업",)),
        (r"\?|$", ("ㅠㅠ", "ㅋㅋ", "!!", "??", "ㅡㅡ", "~", "...", "")),
    )
)
"""How people write who do not mind how: short endings, letters as they are heard."""


def loosened(text: str, chance: Random) -> str:
    """Give the text as somebody writes it who does not mind how."""
    for strict, ways in _LOOSE:
        hit = strict.search(text) if chance.random() < 0.6 else None
        if hit:
            text = text[: hit.start()] + chance.choice(ways) + text[hit.end() :]
    return text
