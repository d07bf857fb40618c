"""Words made fit for a message: what shifts or turns them taken out, cut where it hurts least.

Lengths are UTF-16 code units: Telegram counts so (core.telegram.org/bots/api#messageentity), and
nobody who counts otherwise counts more.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final


def units(text: str) -> int:
    """Count UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def clean(text: str) -> str:
    """Take out what a messenger takes out by itself, or refuses, and what shifts its marks.

    Control signs other than line feeds and tabs, halves of surrogate pairs, and the signs that
    turn the direction of what follows: a name must not turn our sentence around.
    """
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


_UNWANTED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control signs but tabs and line feeds
    "\ud800-\udfff"  # halves of surrogate pairs
    "\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"  # signs that turn the direction
)


def cuts(text: str, most: int) -> Iterable[tuple[int, int]]:
    """Give the stretches of at most `most` units, without the blanks around them."""
    start = _skip(text, 0)
    while start < len(text):
        end = _reach(text, start, most)
        if end < len(text):
            end = _break(text, start, end)
        shown = end
        while shown > start and text[shown - 1].isspace():
            shown -= 1
        yield start, shown
        start = _skip(text, end)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _reach(text: str, start: int, most: int) -> int:
    """Give how far `most` units go from `start`, in code points."""
    piece = text[start : start + most]
    room = most - units(piece)
    while room < 0:  # only signs beyond the first plane take two
        room += units(piece[-1])
        piece = piece[:-1]
    return start + len(piece)


def _break(text: str, start: int, end: int) -> int:
    """Step back from `end` to the end of a line, or of an 어절, or of a whole sign."""
    least = start + (end - start) // 2
    newline = text.rfind("\n", least, end + 1)
    if newline > start:
        return newline
    at = end
    while at > least and not text[at].isspace():
        at -= 1
    if at > least:
        return at
    # No blank in half a message: one long word. Only keep what belongs to one sign together.
    at = end
    while at > least and _clings(text, at):
        at -= 1
    return at if at > least else end


def _clings(text: str, at: int) -> bool:
    """Tell whether the sign at `at` belongs to the one before it."""
    here = text[at]
    joined = "\u200d" in {here, text[at - 1]}
    return joined or unicodedata.category(here) in {"Mn", "Me", "Mc"} or _conjoining(here)


def _conjoining(char: str) -> bool:
    """Tell a vowel or final of decomposed Hangul (macOS writes 한 as three signs)."""
    return "\u1160" <= char <= "\u11ff" or "\U0001f3fb" <= char <= "\U0001f3ff"
