"""What our font can show: a sign that it lacks is written by its number, because PDF/A refuses it.

An emoji or a rare character in somebody's words must never keep the whole paper from being made.
"""

import struct
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import knowledge

FONTS = Path(knowledge.__file__).with_name("data") / "fonts"
REGULAR, BOLD = "PretendardGOV-Regular.otf", "PretendardGOV-Bold.otf"
_WHOLE = (3, 10)  # the table with all of Unicode
_BARE = {"Cc", "Zl", "Zp"}


def shown(value: Any) -> Any:
    """Give the same value with every text in it as our font can show it."""
    match value:
        case str():
            return "".join(map(_sign, unicodedata.normalize("NFC", value)))
        case Mapping():
            return {name: shown(one) for name, one in value.items()}
        case Sequence():
            return [shown(one) for one in value]
    return value


def _sign(sign: str) -> str:
    kind = unicodedata.category(sign)
    if sign in "\n\t" or kind == "Cf" or ord(sign) in known():
        return sign
    if kind in _BARE or "\ufe00" <= sign <= "\ufe0f":  # nothing to see by itself
        return ""
    return f"[U+{ord(sign):04X}]"


@cache
def known(face: str = REGULAR) -> frozenset[int]:
    """Read which code points a font has (OpenType `cmap`, format 12)."""
    font = (FONTS / face).read_bytes()
    (count,) = struct.unpack_from(">H", font, 4)
    tables = (struct.unpack_from(">4s4xI4x", font, 12 + 16 * place) for place in range(count))
    start = next(at for tag, at in tables if tag == b"cmap")
    (count,) = struct.unpack_from(">H", font, start + 2)
    kinds = (struct.unpack_from(">HHI", font, start + 4 + 8 * place) for place in range(count))
    at = next(start + offset for *kind, offset in kinds if tuple(kind) == _WHOLE)
    return frozenset(_points(font, at))


def _points(font: bytes, at: int) -> Iterator[int]:
    (groups,) = struct.unpack_from(">I", font, at + 12)
    for place in range(groups):
        first, last = struct.unpack_from(">II", font, at + 16 + 12 * place)
        yield from range(first, last + 1)
