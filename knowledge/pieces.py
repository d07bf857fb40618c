"""A text as numbers: its runs of letters and of syllables, each by a hash.

Two views of the same words: letters (jamo) with the gaps between words kept, which forgive a
wrong letter and know where a word begins; syllables without gaps, which do not care how words
were set apart. Hashing is exact arithmetic, so that a text gives the same numbers everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from knowledge.korean import ALONE, jamo

Hashes: TypeAlias = NDArray[np.uint32]

HEAD, TAIL = 400, 200
"""Signs that are read of a long text: what somebody wants stands at its beginning or its end."""

LETTERS = (2, 3, 4, 5, 6)
SYLLABLES = (1, 2, 3, 4)

_GAP = re.compile(r"[^\w?!]+")
_DIGIT = re.compile(r"\d")
_AGAIN = re.compile(r"(.)\1{2,}")
_TIMES = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(32)


def pieces(text: str) -> tuple[Hashes, Hashes]:
    """Give the hashes of the runs of letters and of syllables, one for each place."""
    said = _plain(text)
    return _runs(jamo(said), LETTERS, 1), _runs(f"^{_close(said)}$", SYLLABLES, 2)


def _plain(text: str) -> str:
    """Make words comparable and keep where they are set apart; a long text is cut first."""
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]} {text[-TAIL:]}"
    plain = unicodedata.normalize("NFKC", text).casefold().translate(ALONE)
    plain = _GAP.sub(" ", plain[: 2 * (HEAD + TAIL)]).strip()
    plain = _AGAIN.sub(r"\1\1", _DIGIT.sub("0", plain))
    return f" {plain} " if plain else ""


def _close(said: str) -> str:
    return "".join(sign for sign in said if sign.isalnum())


def _runs(signs: str, sizes: tuple[int, ...], view: int) -> Hashes:
    codes = np.frombuffer(signs.encode("utf-32-le", "replace"), dtype="<u4").astype(np.uint64)
    found: list[Hashes] = []
    run = np.full(codes.size, view, dtype=np.uint64)
    for size in range(1, max(sizes) + 1):
        run = run[: max(0, codes.size - size + 1)] * _TIMES + codes[size - 1 :]
        if size in sizes:
            mixed = (run ^ (run >> _SHIFT)) * _MIX
            found.append((mixed >> _SHIFT).astype(np.uint32))
    return np.concatenate(found)
