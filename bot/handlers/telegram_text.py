"""Text with marks, cut to what one message holds.

The Bot API counts an entity's place in UTF-16 code units (core.telegram.org/bots/api#messageentity).
We build in code points and translate at the very end, after cutting. No `parse_mode` is ever used:
what people write cannot become markup (security S31).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from bot.locale import Span

MESSAGE_UNITS: Final = 4096
"""Text of one message (`telegram.constants.MessageLimit`), counted here in UTF-16 units: never
more than the API would count."""

MOST_MARKS: Final = 100
"""Entities of one message that are looked at (`telegram.constants.MessageLimit`)."""

Kind = Literal["bold", "expandable_blockquote"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a message that looks different; `offset` and `length` in UTF-16 units."""

    kind: Kind
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Part:
    """The words of one message."""

    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(slots=True)
class Draft:
    """Words in the making: paragraphs of spans, each with at most one mark."""

    pieces: list[tuple[str, Kind | None]] = field(default_factory=list)

    def add(self, spans: Iterable[Span], *, kind: Kind | None = None) -> "Draft":
        """Go on in the same line; `kind` marks all of it, otherwise only our own bold is."""
        for span in spans:
            text = clean(span.text)
            if text:
                self.pieces.append((text, kind or ("bold" if span.bold else None)))
        return self

    def line(self, spans: Iterable[Span], *, kind: Kind | None = None) -> "Draft":
        """Begin a new line."""
        return self._after("\n", spans, kind)

    def paragraph(self, spans: Iterable[Span], *, kind: Kind | None = None) -> "Draft":
        """Begin after an empty line."""
        return self._after("\n\n", spans, kind)

    def _after(self, gap: str, spans: Iterable[Span], kind: Kind | None) -> "Draft":
        held = Draft().add(spans, kind=kind).pieces
        if held:
            self.pieces += [(gap, None), *held] if self.pieces else held
        return self

    def parts(self, most: int = MESSAGE_UNITS) -> tuple[Part, ...]:
        """Cut into messages, at the end of a line or an 어절 where there is one."""
        text = "".join(piece for piece, _ in self.pieces)
        return tuple(self._part(text, start, end) for start, end in _cuts(text, most))

    def _part(self, text: str, start: int, end: int) -> Part:
        marks: list[Mark] = []
        at = 0
        for piece, kind in self.pieces:
            low, high = max(at, start), min(at + len(piece), end)
            at += len(piece)
            if kind is None or low >= high:
                continue
            offset, length = units(text[start:low]), units(text[low:high])
            last = marks[-1] if marks else None
            if last and last.kind == kind and last.offset + last.length == offset:
                marks[-1] = Mark(kind, last.offset, last.length + length)
            else:
                marks.append(Mark(kind, offset, length))
        return Part(text[start:end], tuple(marks[:MOST_MARKS]))


def units(text: str) -> int:
    """Count UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def clean(text: str) -> str:
    """Take out what the API takes out by itself, or refuses, and what shifts the marks.

    Control signs other than line feeds and tabs, halves of surrogate pairs, and the signs that
    turn the direction of what follows: a name must not turn our sentence around.
    """
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


_UNWANTED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control signs but tabs and line feeds
    "\ud800-\udfff"  # halves of surrogate pairs
    "\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"  # signs that turn the direction
)


def _cuts(text: str, most: int) -> Iterable[tuple[int, int]]:
    """Give the stretches of the messages, without the blanks around them."""
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
    if 2 * (len(text) - start) <= most or units(text[start:]) <= most:
        return len(text)
    room, at = most, start
    while at < len(text):
        room -= 2 if text[at] > "\uffff" else 1
        if room < 0:
            break
        at += 1
    return at


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
