"""Text with marks, cut to what one message holds.

The Bot API counts an entity's place in UTF-16 code units (core.telegram.org/bots/api#messageentity).
We build in code points and translate at the very end, after cutting. No `parse_mode` is ever used:
what people write cannot become markup (security S31).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from bot.handlers.cutting import clean, cuts, units
from bot.locale import Span

MESSAGE_UNITS: Final = 4096
"""Text of one message (`telegram.constants.MessageLimit`), counted here in UTF-16 units: never
more than the API would count."""

MOST_MARKS: Final = 100
"""Entities of one message that are looked at (`telegram.constants.MessageLimit`)."""

Kind = Literal["bold", "expandable_blockquote", "pre", "text_link"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a message that looks different; `offset` and `length` in UTF-16 units.

    `url` is where a `text_link` leads.
    """

    kind: Kind
    offset: int
    length: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """The words of one message."""

    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(slots=True)
class Draft:
    """Words in the making: paragraphs of spans, each with at most one mark."""

    pieces: list[tuple[str, Kind | None]] = field(default_factory=list)
    links: dict[int, str] = field(default_factory=dict)

    def add(self, spans: Iterable[Span], *, kind: Kind | None = None) -> "Draft":
        """Go on in the same line; `kind` marks all of it, otherwise only our own bold is."""
        for span in spans:
            text = clean(span.text)
            if text:
                self.pieces.append((text, kind or ("bold" if span.bold else None)))
        return self

    def link(self, words: str, url: str) -> "Draft":
        """Begin a new paragraph with words in bold that lead somewhere."""
        before = len(self.pieces)
        self.paragraph((Span(words),), kind="bold")
        if len(self.pieces) > before:
            self.links[len(self.pieces) - 1] = url
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
        return tuple(self._part(text, start, end) for start, end in cuts(text, most))

    def _part(self, text: str, start: int, end: int) -> Part:
        marks: list[Mark] = []
        at = 0
        for number, (piece, kind) in enumerate(self.pieces):
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
            if number in self.links:
                marks.append(Mark("text_link", offset, length, self.links[number]))
        return Part(text[start:end], tuple(marks[:MOST_MARKS]))
