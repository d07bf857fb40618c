"""What a text is like, in 64 keyed numbers: alike texts share many of them (security S28).

MinHash with one pass over the text (one permutation, empty places filled from their neighbours:
Shrivastava and Li, 2014). The key keeps whoever has the numbers from trying words on them.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, TypeAlias

from knowledge.likeness import grams

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import TypeVar

    K = TypeVar("K", bound=Hashable)

Sketch: TypeAlias = tuple[int, ...]

PLACES = 64
RUN = 5
"""Letters (jamo) of one run: about two syllables, so other endings and spaces change little."""
ALIKE = 0.5
"""From here on two reports are shown as the same matter; a person decides whether they are."""
_BITS = 0xFFFF_FFFF
_APART = 0x9E37_79B1
"""Added for each neighbour that a filled place was borrowed over, so that it is no coincidence."""
_PACK = struct.Struct(f">{PLACES}I")


def sketch(text: str, key: bytes) -> Sketch:
    """Give the 64 numbers of a text under a key (16 to 64 bytes); () for a text without words."""
    least: dict[int, int] = {}
    for gram in grams(text, (RUN,)):
        digest = hashlib.blake2b(gram.encode(), digest_size=8, key=key).digest()
        number = int.from_bytes(digest, "big")
        place, value = number % PLACES, number >> 32
        if value < least.get(place, _BITS + 1):
            least[place] = value
    if not least:
        return ()
    return tuple(_filled(least, place) for place in range(PLACES))


def likeness(one: Sketch, other: Sketch) -> float:
    """Tell how much two texts have in common, 0 to 1; 0 where one has no words."""
    if not one or not other:
        return 0.0
    return sum(a == b for a, b in zip(one, other, strict=True)) / PLACES


def groups(sketches: Mapping[K, Sketch], least: float = ALIKE) -> list[list[K]]:
    """Put together what is alike, the first of each group being what the others are like.

    In the order given: each joins the first group whose first member it is like. Texts without
    words stand alone.
    """
    found: list[list[K]] = []
    for name, one in sketches.items():
        for group in found:
            if likeness(sketches[group[0]], one) >= least:
                group.append(name)
                break
        else:
            found.append([name])
    return found


def dump(one: Sketch) -> bytes:
    """Give the numbers as bytes."""
    return _PACK.pack(*one) if one else b""


def load(data: bytes) -> Sketch:
    """Read what `dump` gave."""
    return _PACK.unpack(data) if data else ()


def _filled(least: Mapping[int, int], place: int) -> int:
    over = 0
    while (place + over) % PLACES not in least:
        over += 1
    return (least[(place + over) % PLACES] + over * _APART) & _BITS
