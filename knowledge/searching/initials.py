"""What is found by first letters alone: ㄴㄱㄷ → 납골당."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from knowledge.korean import ALONE, INITIALS, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LEAST = 2
_KEPT = 4  # first letters by which a word is looked up; what follows is compared
_BETWEEN = "\x1f"
_BREAK, _OTHER = 255, 200  # the end of a line; a letter or digit that has no first letter
_PLANE = 0x10000
_SYLLABLES = 0xAC00

WHOLE, BEGIN = 1.0, 0.7
"""How well it fits: the letters are a whole word, or several; or a word begins with them."""


def asked(text: str) -> str:
    """Give the first letters that a text consists of, "" if it is of anything else."""
    plain = fold(text)
    only = len(plain) >= LEAST and all(sign in INITIALS for sign in plain)
    return plain if only and len(set(plain)) > 1 else ""


@cache
def _table() -> NDArray[np.uint8]:
    """Give the place of the first letter of every sign, from 1; 0 is between words."""
    table = np.zeros(_PLANE, dtype=np.uint8)
    some = np.fromiter((chr(code).isalnum() for code in range(_PLANE)), dtype=bool, count=_PLANE)
    table[some] = _OTHER
    places = np.arange(len(INITIALS) * 588)
    table[_SYLLABLES : _SYLLABLES + len(places)] = places // 588 + 1
    for code, sign in ALONE.items():
        table[code] = INITIALS.find(sign) + 1 or _OTHER
    table[ord(_BETWEEN)] = _BREAK
    return table


class Initials:
    """The first letters of given lines, from every beginning of a word on. Never changed."""

    def __init__(self, lines: Sequence[tuple[int, str]]) -> None:
        whole = _BETWEEN.join(("", *(text.replace(_BETWEEN, " ") for _, text in lines), ""))
        raw = np.frombuffer(unicodedata.normalize("NFKC", whole).encode("utf-32-le"), np.uint32)
        signs = _table()[np.where(raw < _PLANE, raw, ord(" "))]
        begins = (signs != 0) & (np.concatenate(([0], signs[:-1])) % _BREAK == 0)
        kept = signs != 0
        self._signs = np.concatenate((signs[kept], np.zeros(_KEPT, dtype=np.uint8)))
        # A word ends where another begins, and where the line does.
        self._begins = np.concatenate((begins[kept], np.ones(_KEPT, dtype=bool)))
        self._begins[self._signs == _BREAK] = True
        starts = np.flatnonzero(self._begins & (self._signs - 1 < len(INITIALS))).astype(np.int32)
        heads = self._heads_at(starts)
        order = np.argsort(heads, kind="stable")
        self._heads, self._starts = heads[order], starts[order]
        self._keys = np.array([key for key, _ in lines], dtype=np.int32)
        self._lines = np.flatnonzero(self._signs == _BREAK)

    def _heads_at(self, starts: NDArray[np.int32]) -> NDArray[np.uint32]:
        """Give the first letters from each place on as one number, to the end of the line."""
        heads = np.zeros(len(starts), dtype=np.uint32)
        going = np.ones(len(starts), dtype=bool)
        for place in range(_KEPT):
            sign = self._signs[starts + place]
            going &= sign - 1 < len(INITIALS)
            heads = heads << np.uint32(8) | np.where(going, sign, 0).astype(np.uint32)
        return heads

    def find(self, letters: str) -> dict[int, float]:
        """Give the keys of the lines in which words begin so, and how well they fit."""
        wanted = [INITIALS.index(letter) + 1 for letter in letters]
        low = int.from_bytes(bytes(wanted[:_KEPT]).ljust(_KEPT, b"\0"), "big")
        high = low + (1 << 8 * max(0, _KEPT - len(wanted)))
        first, last = np.searchsorted(self._heads, np.array([low, high], dtype=np.uint64))
        starts = self._starts[first:last]
        for place in range(_KEPT, len(wanted)):
            near = np.minimum(starts + place, len(self._signs) - 1)
            starts = starts[self._signs[near] == wanted[place]]
        ends = self._begins[np.minimum(starts + len(wanted), len(self._signs) - 1)]
        keys = self._keys[np.searchsorted(self._lines, starts) - 1]
        found = dict.fromkeys(keys.tolist(), BEGIN)
        found.update(dict.fromkeys(keys[ends].tolist(), WHOLE))
        return found
