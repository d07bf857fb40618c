"""What an index is built from: documents, and what is read from them one after the other."""

from __future__ import annotations

from array import array
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from knowledge.searching.columns import Columns, Texts, columns_of_terms, key
from knowledge.searching.letters import BREAK, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from knowledge.searching.documents import Document, Tag

TITLE, VARIANTS, BODY = range(3)
WEIGHTS = (1.0, 1.0, 1.0)
SHARES = (0.75, 0.75, 0.75)
"""By field: what a word there counts, and how far its length counts (b of BM25)."""
_BATCH = 2_000


class Words:
    """The words of the documents as Kiwi takes them apart."""

    def __init__(
        self, apart: Callable[[str], Sequence[str]], numbers: Mapping[str, int], found: Columns
    ) -> None:
        self._apart = apart
        self._numbers = numbers
        self._columns = found

    def scores(self, text: str, allowed: NDArray[np.bool_] | None) -> NDArray[np.float32]:
        """Weigh the documents by the words of a question; the best has 1."""
        scores = np.zeros(self._columns.size, dtype=np.float32)
        known = {self._numbers[word] for word in self._apart(text) if word in self._numbers}
        self._columns.add_up(
            self._columns.places(np.array(sorted(known), dtype=np.uint32)), scores
        )
        if allowed is not None:
            scores *= allowed
        return scores / (scores.max() or 1)


class Gathered:
    """What is read from documents while an index of them is built."""

    def __init__(self, apart: Callable[[str], Sequence[str]] | None) -> None:
        self.keys: list[str] = []
        self.lines: list[tuple[int, str]] = []
        self._letters = bytearray()
        self._documents, self._fields = array("i"), array("b")
        self._tags: dict[str, tuple[dict[Tag, int], array[int]]] = {}
        self._apart = apart
        self._numbers: dict[str, int] = {}
        self._found = array("Q")

    def take(self, documents: Iterable[Document]) -> None:
        """Take documents in, a batch after the other."""
        source = iter(documents)
        while batch := list(islice(source, _BATCH)):
            self._take(batch)

    def _take(self, batch: Sequence[Document]) -> None:
        texts: list[str] = []
        for one in batch:
            place = len(self.keys)
            self.keys.append(one.key)
            parts = [
                (TITLE, one.title),
                *((VARIANTS, text) for text in one.variants),
                (BODY, one.body),
            ]
            for where, text in parts:
                texts.append(text)
                self._documents.append(place)
                self._fields.append(where)
                if where != BODY:
                    self.lines.append((place, text))
                self._take_words(place, where, text)
            self._take_tags(place, one.tags)
        self._letters += encode(texts).tobytes()

    def _take_words(self, place: int, where: int, text: str) -> None:
        for word in self._apart(text) if self._apart else ():
            number = self._numbers.setdefault(word, len(self._numbers))
            self._found.append(key(number, place, where))

    def _take_tags(self, place: int, tags: Mapping[str, Tag]) -> None:
        for name, value in tags.items():
            values, codes = self._tags.setdefault(name, ({}, array("i")))
            codes.extend([-1] * (place - len(codes)))
            codes.append(values.setdefault(value, len(values)))

    def texts(self) -> Texts:
        found = np.frombuffer(self._letters, dtype=np.uint8)
        return Texts(
            len(self.keys),
            found,
            np.flatnonzero(found == BREAK),
            np.frombuffer(self._documents, dtype=np.int32),
            np.frombuffer(self._fields, dtype=np.int8),
        )

    def tagged(self) -> dict[str, tuple[tuple[Tag, ...], NDArray[np.int32]]]:
        for _, codes in self._tags.values():
            codes.extend([-1] * (len(self.keys) - len(codes)))
        return {
            name: (tuple(values), np.frombuffer(codes, dtype=np.int32))
            for name, (values, codes) in self._tags.items()
        }

    def words(self) -> Words | None:
        if self._apart is None:
            return None
        keys = np.frombuffer(self._found, dtype=np.uint64)
        return Words(
            self._apart,
            self._numbers,
            columns_of_terms(len(self.keys), keys, WEIGHTS, SHARES),
        )
