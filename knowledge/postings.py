"""Full-text search in memory: BM25 over overlapping runs of four letters (jamo).

Runs of letters forgive spaces, endings and typing errors without a dictionary (design §15). What
is known of a document is its runs and its length, never its words; nothing is written anywhere.
"""

from __future__ import annotations

import heapq
import math
from array import array
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from knowledge.korean import fold, jamo

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN = 4
K1, B = 1.2, 0.75  # Robertson and Zaragoza 2009: the usual middle
COVER = 0.4
"""So much of what was asked must stand in a document: with a typing error in a short word less than half does."""
TELLING = 150
"""So many runs of a whole text are looked for: about a third of a usual report."""
LEAST = 2  # letters of a word: "길" is three
_COUNTS = 8  # bits of a posting that hold how often a run stands in the document


def letters(text: str) -> str:
    """Give the letters of a text, without spaces, signs and case."""
    return jamo(fold(text))


def runs(text: str) -> Iterator[str]:
    """Give the runs of four letters, and of a shorter word the word itself."""
    if 0 < len(text) < RUN:
        yield text
    for place in range(len(text) - RUN + 1):
        yield text[place : place + RUN]


class Postings:
    """An index of texts under whole numbers. Not safe for several threads at once."""

    def __init__(self) -> None:
        self._runs: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        self._keys: array[int] = array("q")  # by place; a document that went keeps its place
        self._lengths: array[int] = array("I")
        self._places: dict[int, int] = {}
        self._total = 0

    def __len__(self) -> int:
        return len(self._places)

    def keys(self) -> frozenset[int]:
        """Give the numbers of the documents that can be found."""
        return frozenset(self._places)

    @property
    def waste(self) -> float:
        """Tell which share of the index is of documents that went."""
        return 1 - len(self._places) / len(self._keys) if self._keys else 0.0

    def add(self, key: int, text: str) -> None:
        """Take a document in; one of the same number must have gone before."""
        place = len(self._keys)
        found = Counter(runs(letters(text)))
        length = sum(found.values())
        self._keys.append(key)
        self._lengths.append(length)
        self._places[key] = place
        self._total += length
        most = (1 << _COUNTS) - 1
        for run, count in found.items():
            self._runs[run].append(place << _COUNTS | min(count, most))

    def remove(self, key: int) -> None:
        """Let a document go: it is never found, counted or weighed again."""
        place = self._places.pop(key)
        self._total -= self._lengths[place]
        self._keys[place] = -1

    def find(self, words: str, most: int) -> list[int]:
        """Give the documents that fit best; empty for words that are too short or not there."""
        asked = [found for word in words.split() for found in self._asked(letters(word)) if word]
        if not asked or not self._places:
            return []
        mean = self._total / len(self._places)
        scores: defaultdict[int, float] = defaultdict(float)
        seen: Counter[int] = Counter()
        for one in asked:
            for place, score in self._weigh(one, mean).items():
                scores[place] += score
                seen[place] += 1
        need = math.ceil(len(asked) * COVER)
        fits = [
            (score, self._keys[place]) for place, score in scores.items() if seen[place] >= need
        ]
        return [key for _, key in heapq.nlargest(most, fits)]

    def like(self, text: str, most: int) -> list[tuple[int, float]]:
        """Give the documents that are most like a text, with how much of it they have, 0 to 1.

        By its rarest runs alone: those that stand everywhere tell two texts apart least.
        """
        asked = Counter(runs(letters(text)))
        if not asked or not self._places:
            return []
        length, mean = sum(asked.values()), self._total / len(self._places)
        rarest = heapq.nsmallest(TELLING, asked, key=lambda run: len(self._runs.get(run, ())))
        scores: defaultdict[int, float] = defaultdict(float)
        whole = 0.0
        for run in rarest:
            found = self._weigh((run,), mean)
            whole += self._rare(len(found)) * _much(asked[run], length, mean)
            for place, score in found.items():
                scores[place] += score
        best = heapq.nlargest(most, ((score, self._keys[at]) for at, score in scores.items()))
        return [(key, min(1.0, score / whole)) for score, key in best]

    def _asked(self, word: str) -> Iterator[tuple[str, ...]]:
        """Give what a word asks for; a short one stands for every run that begins with it."""
        if len(word) >= RUN:
            yield from ((run,) for run in dict.fromkeys(runs(word)))
        elif len(word) >= LEAST:
            yield tuple(run for run in self._runs if run.startswith(word))

    def _weigh(self, asked: tuple[str, ...], mean: float) -> dict[int, float]:
        """Weigh the documents in which one of these runs stands, by how rare that is here."""
        counts: Counter[int] = Counter()
        for run in asked:
            for one in self._runs.get(run, ()):
                place = one >> _COUNTS
                if self._keys[place] >= 0:
                    counts[place] += one & ((1 << _COUNTS) - 1)
        rare = self._rare(len(counts))
        return {place: rare * _much(n, self._lengths[place], mean) for place, n in counts.items()}

    def _rare(self, count: int) -> float:
        """Weigh a run by in how many documents it stands."""
        return math.log(1 + (len(self._places) - count + 0.5) / (count + 0.5))


def _much(count: int, length: int, mean: float) -> float:
    """Weigh how often a run stands in a document of some length."""
    return count * (K1 + 1) / (count + K1 * (1 - B + B * length / mean))


def window(text: str, words: str, size: int = 90) -> str:
    """Give the stretch of a text in which most of what was asked stands, whole signs kept."""
    at: list[int] = []
    plain = ""
    for place, sign in enumerate(text):
        own = letters(sign)
        plain += own
        at += [place] * len(own)
    asked = {run for word in words.split() for run in runs(letters(word))}
    hits = [at[place] for run in asked for place in _all(plain, run)]
    best = max(hits, key=lambda here: sum(here <= one < here + size for one in hits), default=0)
    start = max(0, best - size // 4)
    piece = " ".join(text[start : start + size].split())
    return f"{'…' if start else ''}{piece}{'…' if start + size < len(text) else ''}"


def _all(text: str, part: str) -> Iterator[int]:
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)
