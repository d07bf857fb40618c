"""How alike two short Korean sentences are: overlapping runs of letters, the rare ones counting.

Spaces and endings differ from person to person; letters (jamo) taken in runs forgive typing
errors, missing spaces and dialects without a dictionary.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from knowledge.korean import fold, jamo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def grams(text: str, sizes: Sequence[int] = (2, 3, 4, 5)) -> frozenset[str]:
    """Give the runs of letters of a text, its beginning and end marked."""
    letters = f"^{jamo(fold(text))}$"
    return frozenset(
        letters[place : place + size] for size in sizes for place in range(len(letters) - size + 1)
    )


class Weights:
    """What each run of letters is worth among given texts: the rarer the more."""

    def __init__(self, documents: Sequence[frozenset[str]]) -> None:
        counts = Counter(gram for document in documents for gram in document)
        self._worth = {gram: math.log(1 + len(documents) / n) for gram, n in counts.items()}
        self._unknown = math.log(1 + len(documents))

    def vector(self, document: Iterable[str], *, known: bool = False) -> dict[str, float]:
        """Give a text as weights of length one; `known` leaves out runs never seen."""
        worth = {
            gram: self._worth.get(gram, self._unknown)
            for gram in document
            if not known or gram in self._worth
        }
        length = math.sqrt(sum(value * value for value in worth.values())) or 1.0
        return {gram: value / length for gram, value in worth.items()}


class Nearest:
    """Finds the most alike of given texts."""

    def __init__(self, texts: Sequence[str], sizes: Sequence[int] = (3, 4, 5)) -> None:
        documents = [grams(text, sizes) for text in texts]
        self._sizes = sizes
        self._weights = Weights(documents)
        self._postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, document in enumerate(documents):
            for gram, value in self._weights.vector(document).items():
                self._postings[gram].append((place, value))

    def find(self, text: str) -> tuple[int, float] | None:
        """Give the place of the nearest text and how alike it is, 0 to 1."""
        return next(iter(self.several(text, 1)), None)

    def several(self, text: str, most: int) -> list[tuple[int, float]]:
        """Give the places of the nearest texts, the most alike first, each with how alike."""
        scores: defaultdict[int, float] = defaultdict(float)
        for gram, value in self._weights.vector(grams(text, self._sizes)).items():
            for place, worth in self._postings.get(gram, ()):
                scores[place] += value * worth
        return heapq.nlargest(most, scores.items(), key=lambda one: (one[1], -one[0]))


def softmax(scores: Mapping[str, float]) -> dict[str, float]:
    """Turn scores into shares that add up to one."""
    top = max(scores.values())
    powers = {name: math.exp(score - top) for name, score in scores.items()}
    whole = sum(powers.values())
    return {name: power / whole for name, power in powers.items()}
