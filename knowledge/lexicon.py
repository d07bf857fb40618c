"""Everyday words and the official terms by which the same thing stands in papers.

A question says 납골당, the paper says 봉안당: no likeness of letters leads from one to the other.
"""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.korean import fold, initials

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILE = Path(__file__).parent / "data" / "words" / "lexicon.toml"


@dataclass(frozen=True, slots=True)
class Meant:
    """An everyday word that stands in a question, and what it is called in papers."""

    word: str
    official: tuple[str, ...]
    start: int  # in the folded question
    end: int


class Lexicon:
    """Finds everyday words in a question. Never changed."""

    def __init__(self, entries: Mapping[str, Iterable[str]]) -> None:
        self._entries = {fold(word): (word, tuple(terms)) for word, terms in entries.items()}
        self._longest = max(map(len, self._entries), default=0)
        self._shortest = min(map(len, self._entries), default=0)
        self._initials: dict[str, list[str]] = {}
        for plain, (word, _) in self._entries.items():
            self._initials.setdefault(initials(plain), []).append(word)

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, text: str) -> tuple[Meant, ...]:
        """Give the words that stand in a text however it is spaced, the longest first.

        A word lies within no longer one.
        """
        plain, cuts = _folded(text)
        found: list[Meant] = []
        for size in range(min(self._longest, len(plain)), max(0, self._shortest - 1), -1):
            for start in range(len(plain) - size + 1):
                entry = self._entries.get(plain[start : start + size])
                if entry is None or any(
                    one.start < start + size and start < one.end for one in found
                ):
                    continue
                if size <= 2 and start + 1 in cuts:
                    continue  # the end of one word and the beginning of the next
                found.append(Meant(entry[0], entry[1], start, start + size))
        return tuple(found)

    def beginning(self, letters: str) -> tuple[str, ...]:
        """Give the words of exactly these first letters: ㄴㄱㄷ → 납골당."""
        return tuple(self._initials.get(letters, ()))


def _folded(text: str) -> tuple[str, frozenset[int]]:
    """Fold a text; give it with the places at which a space stood."""
    plain, cuts = "", set()
    for word in unicodedata.normalize("NFKC", text).split():
        cuts.add(len(plain))
        plain += fold(word)
    return plain, frozenset(cuts)


def read(text: str) -> Lexicon:
    """Read a lexicon: tables of `"everyday word" = ["official term", …]`."""
    tables = tomllib.loads(text)
    return Lexicon({word: terms for table in tables.values() for word, terms in table.items()})


@cache
def shipped() -> Lexicon:
    """Give the lexicon that comes with the service."""
    return read(FILE.read_text(encoding="utf-8"))


NONE = Lexicon({})
