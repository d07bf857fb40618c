"""Typed words instead of a press: a number, the label, a clear part of it, a near miss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knowledge.korean import fold, jamo, ordinal

if TYPE_CHECKING:
    from collections.abc import Sequence

YES = frozenset(
    {"네", "넵", "넹", "예", "응", "어", "ㅇ", "ㅇㅇ", "ㅇㅋ", "그래", "그래요", "맞아", "맞아요", "맞습니다", "좋아요", "좋아", "yes", "y", "ok", "okay"}
)  # fmt: skip
NO = frozenset(
    {"아니", "아니요", "아뇨", "아니오", "아닙니다", "ㄴ", "ㄴㄴ", "싫어", "싫어요", "no", "n", "nope"}
)  # fmt: skip

# A label counts as meant when the letters agree this well, and clearly better than any other.
_NEAR = 82.0
_AHEAD = 8.0


def choose(text: str, labels: Sequence[str], words: Sequence[str] = ()) -> int | None:
    """Give the place of the label that is meant, or None if it is not clear.

    `words` says of each label whether a plain "yes" or "no" means it.
    """
    place = ordinal(text)
    if place is not None:
        return place - 1 if place <= len(labels) else None
    said = fold(text)
    if not said:
        return None
    folded = [fold(label) for label in labels]
    if said in folded:
        return folded.index(said)
    plain = "yes" if said in YES else "no" if said in NO else ""
    if plain and plain in words:
        return list(words).index(plain)
    return _part(said, folded) if len(said) > 1 else None


def _part(said: str, folded: Sequence[str]) -> int | None:
    """Find the one label that holds the words or is held by them, else the nearest one."""
    holding = [
        n for n, label in enumerate(folded) if said in label or (len(label) > 1 and label in said)
    ]
    if len(holding) == 1 and len(said) <= 2 * len(folded[holding[0]]):
        return holding[0]
    if holding:
        return None
    letters = jamo(said)
    scores = [_likeness(letters, jamo(label)) for label in folded]
    best = max(scores, default=0.0)
    if best < _NEAR or sum(score > best - _AHEAD for score in scores) > 1:
        return None
    return scores.index(best)


def _likeness(letters: str, label: str) -> float:
    """Compare letters; a part of a label counts only if it is a good part of it."""
    from rapidfuzz import fuzz  # noqa: PLC0415 - 3 MB, and `work` compares nothing

    whole = fuzz.ratio(letters, label)
    if len(letters) < 6 or not 0.3 * len(label) <= len(letters) <= 1.3 * len(label):
        return whole
    return max(whole, fuzz.partial_ratio(letters, label) * 0.95)
