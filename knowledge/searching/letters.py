"""Letters (jamo) of many texts at once, as small numbers, and the runs of four that are indexed.

A letter is one byte: Hangul letters, Latin letters and digits have a number each, what else is a
letter or digit shares the numbers that are left. Four of them are one whole number of 32 bits,
the first letter in front, so that what begins alike stands together.
"""

from __future__ import annotations

import string
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from knowledge.korean import ALONE, FINALS, INITIALS, MEDIALS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

RUN = 4
BREAK = 255
"""Stands after every text, so that no run goes from one text into the next."""
_BETWEEN = "\x1f"
_ALPHABET = "".join(dict.fromkeys(INITIALS + MEDIALS + FINALS.strip()))
_NUMBERS = {
    sign: place
    for place, sign in enumerate(_ALPHABET + string.ascii_lowercase + string.digits, start=1)
}
_LEFT = len(_NUMBERS) + 1
_PLANE = 0x10000
_SYLLABLES = 0xAC00


@cache
def _table() -> NDArray[np.uint8]:
    """Give up to three letters for every sign of the basic plane once it is folded; 0 is none."""
    table = np.zeros((_PLANE, 3), dtype=np.uint8)
    some = np.fromiter((chr(code).isalnum() for code in range(_PLANE)), dtype=bool, count=_PLANE)
    codes = np.flatnonzero(some)
    table[codes, 0] = _LEFT + codes % (BREAK - _LEFT)
    for sign, number in _NUMBERS.items():
        table[ord(sign), 0] = number
    for code, sign in ALONE.items():
        table[code, 0] = _NUMBERS[sign]
    places = np.arange(len(INITIALS) * 588)
    apart = ((INITIALS, places // 588), (MEDIALS, places % 588 // 28), (FINALS, places % 28))
    for column, (signs, place) in enumerate(apart):
        numbers = np.array([_NUMBERS.get(sign, 0) for sign in signs], dtype=np.uint8)
        table[_SYLLABLES : _SYLLABLES + len(places), column] = numbers[place]
    table[ord(_BETWEEN), 0] = BREAK
    return table


def encode(texts: Iterable[str]) -> NDArray[np.uint8]:
    """Give the letters of all texts in a row, a break after each.

    A text of fewer letters than a run is filled up with zeros, so that it can be found, too.
    """
    whole = _BETWEEN.join((*(text.replace(_BETWEEN, " ") for text in texts), ""))
    folded = unicodedata.normalize("NFKC", whole).casefold()
    raw = np.frombuffer(folded.encode("utf-32-le"), dtype=np.uint32)
    signs = np.where(raw < _PLANE, raw, ord(" "))  # no letter of these languages lies beyond
    codes: NDArray[np.uint8] = _table()[signs].ravel()
    codes = codes[codes != 0]
    breaks = np.flatnonzero(codes == BREAK)
    lengths = np.diff(breaks, prepend=-1) - 1
    short = np.flatnonzero((lengths > 0) & (lengths < RUN))
    if not len(short):
        return codes
    return np.insert(codes, np.repeat(breaks[short], RUN - lengths[short]), np.uint8(0))


def letters(text: str) -> bytes:
    """Give the letters of one text, without spaces, signs and case."""
    return encode([text])[:-1].tobytes().rstrip(b"\0")


def runs(text: bytes) -> NDArray[np.uint32]:
    """Give the runs of given letters in their order; of fewer than four the letters themselves."""
    codes = np.frombuffer(text.ljust(RUN, b"\0") if text else b"", dtype=np.uint8)
    if not len(codes):
        return np.zeros(0, dtype=np.uint32)
    wide = codes.astype(np.uint32)
    made = wide[:-3] << 24 | wide[1:-2] << 16 | wide[2:-1] << 8 | wide[3:]
    return made.astype(np.uint32, copy=False)
