"""Finds cases that are told twice: the same, or alike in title or in words, among very many.

Each title and each body becomes 48 numbers of which as many agree as the two texts have runs of
letters in common (MinHash, Broder 1997); only what agrees in four numbers side by side is compared
(Leskovec, Rajaraman and Ullman 2014, chapter 3), so that it costs the same for each case however
many there are.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz import fuzz

from knowledge.korean import fold, jamo
from knowledge.searching.letters import BREAK, encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from knowledge.cases import Case

PLACES, BAND = 48, 4
TITLE_ALIKE = 0.88
"""Two titles of one agency are the same case told again."""
BODY_ALIKE, TITLE_NEAR = 0.7, 0.45
"""Two bodies are, when the titles have something in common too."""
LEAST_BODY = 40  # letters; a shorter body tells nothing
NEIGHBOURS = 8
"""With so many of those that agree in a band each is compared: a bound where thousands do."""
_AT_ONCE = 500
_SEED = 20261123
_EMPTY = np.uint32(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Double:
    """A case that was told before: `place` and `other` in the order in which they were added.

    `exact`: title, agency and year are the same; else `score` says how alike they are, 0 to 1.
    """

    place: int
    other: int
    exact: bool
    score: float


class Doubles:
    """Keeps of every case a fingerprint of 400 bytes and its title."""

    def __init__(self) -> None:
        draw = np.random.default_rng(_SEED)
        # Each number is the least of a·x + b modulo 2³²: x is a run, a odd.
        self._times = draw.integers(1, 1 << 32, PLACES, dtype=np.uint32) | np.uint32(1)
        self._plus = draw.integers(0, 1 << 32, PLACES, dtype=np.uint32)
        self._titles: list[str] = []
        self._agencies: list[str] = []
        self._same: dict[bytes, int] = {}
        self._exact: list[tuple[int, int]] = []
        self._waiting: tuple[list[str], list[str]] = ([], [])
        self._prints: tuple[list[NDArray[np.uint32]], ...] = ([], [])

    def __len__(self) -> int:
        return len(self._titles)

    def add(self, case: Case) -> int:
        """Add a case; gives its place."""
        place, title, agency = len(self._titles), fold(case.title), fold(case.agency)
        self._titles.append(title)
        self._agencies.append(sys.intern(agency))
        first = self._same.setdefault(same(case), place)
        if first != place:
            self._exact.append((place, first))
        self._waiting[0].append(case.title)
        self._waiting[1].append(case.body)
        if len(self._waiting[0]) == _AT_ONCE:
            self._flush()
        return place

    def where(self, case: Case) -> int | None:
        """Give the place of the first with the same title, agency and year."""
        return self._same.get(same(case))

    def find(self, first: int) -> Iterator[Double]:
        """Give, in their order, those from `first` on that were told before, each once.

        With whatever it is most like. Costs the same for each case.
        """
        best: dict[int, Double] = {}
        for place, other in self._exact:
            if place >= first:
                best[place] = Double(place, other, exact=True, score=1.0)
        self._flush()
        alike = [_whole(prints) for prints in self._prints]
        for place, other in self._pairs(alike, first):
            score = self._score(alike[1], place, other)
            known = best.get(place)
            if score and (known is None or score > known.score):
                best[place] = Double(place, other, exact=False, score=score)
        yield from (best[place] for place in sorted(best))

    def _flush(self) -> None:
        """Make the numbers of what waits: together it costs a tenth of one by one."""
        for which, texts in enumerate(self._waiting):
            self._prints[which].append(self._print(texts, LEAST_BODY if which else 1))
            texts.clear()

    def _print(self, texts: list[str], least: int) -> NDArray[np.uint32]:
        """Give the numbers of texts; of one with fewer letters than `least` nothing but `_EMPTY`."""
        found = np.full((len(texts), PLACES), _EMPTY, dtype=np.uint32)
        codes = encode(texts)
        wide = codes.astype(np.uint32)
        runs = wide[:-3] << 24 | wide[1:-2] << 16 | wide[2:-1] << 8 | wide[3:]
        gaps = codes == BREAK
        whole = np.flatnonzero(~(gaps[:-3] | gaps[1:-2] | gaps[2:-1] | gaps[3:]))
        if not len(whole):
            return found
        ends = np.flatnonzero(gaps)
        here, starts = np.unique(np.searchsorted(ends, whole), return_index=True)
        for place in range(PLACES):
            mixed = runs[whole] * self._times[place] + self._plus[place]
            found[here, place] = np.minimum.reduceat(mixed, starts)
        found[np.diff(ends, prepend=-1) <= least] = _EMPTY
        return found

    def _pairs(self, alike: list[NDArray[np.uint32]], first: int) -> Iterator[tuple[int, int]]:
        """Give pairs of places to compare, the later one first; each once."""
        found = [
            _neighbours(prints[:, start : start + BAND], first)
            for prints in alike
            for start in range(0, PLACES, BAND)
        ]
        for pair in np.unique(np.concatenate(found)).tolist():
            yield pair >> 32, pair & 0xFFFFFFFF

    def _score(self, bodies: NDArray[np.uint32], place: int, other: int) -> float:
        """Tell how alike two cases are; 0 when they are two."""
        one, two = jamo(self._titles[place]), jamo(self._titles[other])
        title = fuzz.ratio(one, two) / 100
        if title >= TITLE_ALIKE and _one_agency(self._agencies[place], self._agencies[other]):
            return title
        if title < TITLE_NEAR or bodies[place, 0] == _EMPTY:
            return 0.0
        body = float((bodies[place] == bodies[other]).mean())
        return body if body >= BODY_ALIKE else 0.0


def _whole(prints: list[NDArray[np.uint32]]) -> NDArray[np.uint32]:
    """Put what was made piece by piece into one, and keep that instead of the pieces."""
    prints[:] = [np.concatenate(prints)]
    return prints[0]


def same(case: Case) -> bytes:
    """Name a case by its title, agency and year: two with one name are the same case."""
    words = f"{fold(case.title)}\n{fold(case.agency)}\n{case.year or ''}"
    return hashlib.blake2b(words.encode(), digest_size=12).digest()


def _one_agency(one: str, two: str) -> bool:
    """Tell whether two names may mean one agency: 부산광역시 and 부산광역시 노인복지과."""
    return one.startswith(two) or two.startswith(one)


def _neighbours(band: NDArray[np.uint32], first: int) -> NDArray[np.uint64]:
    """Give the pairs that agree in a band, each with at most `NEIGHBOURS` before it."""
    used = np.flatnonzero(band[:, 0] != _EMPTY)
    keys = np.zeros(len(used), dtype=np.uint64)
    for column in range(BAND):
        keys = keys * np.uint64(0x9E3779B97F4A7C15) + band[used, column]
    order = np.argsort(keys, kind="stable")  # by place where the key is the same
    keys, places = keys[order], used[order].astype(np.uint64)
    found = [np.zeros(0, dtype=np.uint64)]
    for step in range(1, NEIGHBOURS + 1):
        agree = (keys[step:] == keys[:-step]) & (places[step:] >= first)
        found.append(places[step:][agree] << np.uint64(32) | places[:-step][agree])
    return np.concatenate(found)
