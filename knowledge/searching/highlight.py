"""Which stretches of a text are what was asked for: to be shown in bold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.korean import fold, jamo
from knowledge.searching.letters import RUN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from knowledge.lexicon import Meant

Span = tuple[int, int]
_LEAST = 2  # signs: one alone is chance
_GAP = " ·,-"  # what may stand between two signs of one stretch


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of a text and the stretches of it that were asked for."""

    text: str
    spans: tuple[Span, ...]

    def pieces(self) -> Iterator[tuple[str, bool]]:
        """Give the text piece by piece, each with whether it was asked for."""
        at = 0
        for start, end in self.spans:
            if start > at:
                yield self.text[at:start], False
            yield self.text[start:end], True
            at = end
        if at < len(self.text):
            yield self.text[at:], False


def spans(text: str, question: str, meant: Iterable[Meant] = ()) -> tuple[Span, ...]:
    """Give where a text says what was asked, or what the asked words are called officially.

    Spaces and endings do not matter; a stretch is made of whole signs.
    """
    letters, owners = _spread(text)
    asked = [question, *(term for one in meant for term in one.official)]
    runs, short = _asked(asked)
    covered = bytearray(len(letters))
    for place in range(len(letters) - RUN + 1):
        if letters[place : place + RUN] in runs:
            covered[place : place + RUN] = b"\1" * RUN
    for word in short:
        at = letters.find(word)
        while at >= 0:
            covered[at : at + len(word)] = b"\1" * len(word)
            at = letters.find(word, at + 1)
    whole = dict.fromkeys(owners, True)
    for owner, one in zip(owners, covered, strict=True):
        whole[owner] = whole[owner] and bool(one)
    return _joined(text, [place for place, all_of_it in whole.items() if all_of_it])


def _spread(text: str) -> tuple[str, list[int]]:
    """Give the letters of a text, and for each the place of the sign it is of."""
    letters, owners = "", []
    for place, sign in enumerate(text):
        own = jamo(fold(sign))
        letters += own
        owners += [place] * len(own)
    return letters, owners


def _asked(texts: Iterable[str]) -> tuple[set[str], set[str]]:
    """Give the runs of what was asked, and the numbers and Latin words that are shorter."""
    runs: set[str] = set()
    short: set[str] = set()
    for text in texts:
        letters = jamo(fold(text))
        runs |= {letters[place : place + RUN] for place in range(len(letters) - RUN + 1)}
        words = (fold(word) for word in text.split())
        short |= {word for word in words if _LEAST <= len(word) < RUN and word.isascii()}
    return runs, short


def _joined(text: str, places: Iterable[int]) -> tuple[Span, ...]:
    """Join signs that follow each other, gaps included; leave out what is one sign alone."""
    found: list[list[int]] = []
    for place in places:
        if found and not text[found[-1][1] : place].strip(_GAP):
            found[-1][1] = place + 1
        else:
            found.append([place, place + 1])
    return tuple((start, end) for start, end in found if end - start >= _LEAST)


def excerpt(text: str, question: str, meant: Iterable[Meant] = (), *, size: int = 120) -> Excerpt:
    """Give the piece of a text, of about so many signs, that says most of what was asked."""
    text = " ".join(text.split())
    every = spans(text, question, meant)
    if len(text) <= size:
        return Excerpt(text, every)
    first = max(
        every,
        key=lambda one: sum(e - s for s, e in every if one[0] <= s and e <= one[0] + size),
        default=(0, 0),
    )[0]
    start = _word(text, max(0, min(first - size // 4, len(text) - size)))
    end = start + size
    before, after = "…" if start else "", "…" if end < len(text) else ""
    moved = len(before) - start
    kept = tuple((s + moved, min(e, end) + moved) for s, e in every if start <= s < end)
    return Excerpt(f"{before}{text[start:end]}{after}", kept)


def _word(text: str, place: int) -> int:
    """Give the nearest beginning of a word at or before a place, not far away."""
    space = text.rfind(" ", max(0, place - 10), place)
    return space + 1 if place and space >= 0 else place
