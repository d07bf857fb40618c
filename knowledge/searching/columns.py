"""Postings in columns: for every run the documents it stands in, and what it weighs there (BM25F).

Robertson, Zaragoza and Taylor 2004: how often a run stands in each field of a document is put
together before it is weighed. With one field of weight 1 it is plain BM25.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from knowledge.searching.letters import BREAK, RUN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

K1, B = 1.2, 0.75  # Robertson and Zaragoza 2009: the usual middle
_AT_ONCE = 1_000_000  # runs that are put in order at once: what building takes beside the index
_PARTS = 48  # at most so often all letters are looked through, however many they are
_SLICE = 2_000_000  # letters that are looked through at once
_FIELD_BITS = 2


@dataclass(frozen=True, slots=True)
class Columns:
    """What stands where. Never changed once it is built, so any number of threads may read."""

    size: int
    terms: NDArray[np.uint32]  # in order
    starts: NDArray[np.int64]  # of each term, and the end of the last
    documents: NDArray[np.int32]
    weights: NDArray[np.float32]
    rarity: NDArray[np.float32]  # of each term
    unknown: float  # the rarity of what stands nowhere

    @property
    def nbytes(self) -> int:
        """Tell how many bytes the columns take."""
        parts = (self.terms, self.starts, self.documents, self.weights, self.rarity)
        return sum(part.nbytes for part in parts)

    def places(self, asked: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Give the place of every term, -1 for one that stands nowhere."""
        if not len(self.terms):
            return np.full(len(asked), -1, dtype=np.int64)
        found = np.searchsorted(self.terms, asked)
        found[found == len(self.terms)] = 0
        return np.where(self.terms[found] == asked, found, -1)

    def reach(self, places: NDArray[np.int64]) -> NDArray[np.float32]:
        """Give what each term would weigh in a document of middle length in which it stands."""
        if not len(self.rarity):
            return np.full(len(places), self.unknown, dtype=np.float32)
        return np.where(places < 0, np.float32(self.unknown), self.rarity[places])

    def add_up(self, places: NDArray[np.int64], scores: NDArray[np.float32]) -> None:
        """Add what the terms weigh to the documents they stand in."""
        starts, documents, weights = self.starts, self.documents, self.weights
        for place in places.tolist():
            if place >= 0:
                here = slice(starts[place], starts[place + 1])
                np.add.at(scores, documents[here], weights[here])  # half the time of scores[…] +=

    def beginning(self, low: int, high: int, scores: NDArray[np.float32]) -> float:
        """Add the terms from `low` to `high` as if they were one; give how rare that is."""
        first, last = np.searchsorted(self.terms, np.array([low, high], dtype=np.uint64))
        here = slice(self.starts[first], self.starts[last])
        found = np.unique(self.documents[here])
        rare = float(np.log(1 + (self.size - len(found) + 0.5) / (len(found) + 0.5)))
        best = np.zeros(self.size, dtype=np.float32)
        rarity = np.repeat(self.rarity[first:last], np.diff(self.starts[first : last + 1]))
        np.maximum.at(best, self.documents[here], self.weights[here] / rarity)
        scores += best * np.float32(rare)
        return rare


@dataclass(frozen=True, slots=True)
class Texts:
    """The letters of all texts in a row with a break after each, and what each text is of."""

    size: int  # documents
    letters: NDArray[np.uint8]
    ends: NDArray[np.int64]  # where the break after each text stands
    documents: NDArray[np.int32]  # of each text
    fields: NDArray[np.int8]  # of each text


def columns(texts: Texts, weights: Sequence[float], shares: Sequence[float]) -> Columns:
    """Build the columns; `weights` and `shares` (b of BM25) are by field.

    The runs are taken range by range in their order, so that beside the columns themselves only
    one range is in memory.
    """
    lengths = np.zeros((len(weights), max(1, texts.size)), dtype=np.float64)
    own = np.diff(texts.ends, prepend=-1) - 1
    # A text of n letters has n - 3 runs; one filled up to four has one.
    np.add.at(lengths, (texts.fields, texts.documents), np.maximum(own - RUN + 1, 0))
    most = max(0, len(texts.letters) - RUN + 1)
    return _filled(texts.size, most, _ranges(texts), _scale(lengths, weights, shares))


def columns_of_terms(
    size: int, keys: NDArray[np.uint64], weights: Sequence[float], shares: Sequence[float]
) -> Columns:
    """Build the columns of terms that are numbers already; see `key`."""
    fields, documents, _ = _apart(keys)
    lengths = np.zeros((len(weights), max(1, size)), dtype=np.float64)
    np.add.at(lengths, (fields, documents), 1)
    keys = np.sort(keys)
    ranges = iter([keys] if len(keys) else [])
    return _filled(size, len(keys), ranges, _scale(lengths, weights, shares))


def key(term: int, document: int, field: int) -> int:
    """Give a term, the document it stands in and the field as one number."""
    return term << 32 | document << _FIELD_BITS | field


def _apart(
    keys: NDArray[np.uint64],
) -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.uint32]]:
    """Take numbers apart into field, document and term."""
    fields = (keys & np.uint64((1 << _FIELD_BITS) - 1)).astype(np.uint8)
    documents = ((keys & np.uint64(0xFFFFFFFF)) >> np.uint64(_FIELD_BITS)).astype(np.int32)
    return fields, documents, (keys >> np.uint64(32)).astype(np.uint32)


def _filled(
    size: int, most: int, ranges: Iterator[NDArray[np.uint64]], scale: NDArray[np.float32]
) -> Columns:
    """Put together what the ranges hold, in order: at most so many postings."""
    documents, values = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.float32)
    terms: list[NDArray[np.uint32]] = [np.zeros(0, dtype=np.uint32)]
    counts: list[NDArray[np.int64]] = [np.zeros(1, dtype=np.int64)]
    filled = 0
    for keys in ranges:
        term, frequency, document, weight = _counted(keys, scale)
        here = slice(filled, filled + len(document))
        documents[here] = document
        rarity = np.repeat(_rarity(size, frequency), frequency)
        values[here] = rarity * np.float32(K1 + 1) * weight / (np.float32(K1) + weight)
        filled = here.stop
        terms.append(term)
        counts.append(frequency)
    # In place: a copy would be the whole index a second time.
    documents.resize(filled, refcheck=False)
    values.resize(filled, refcheck=False)
    every = np.concatenate(counts)
    return Columns(
        size,
        np.concatenate(terms),
        np.cumsum(every),
        documents,
        values,
        _rarity(size, every[1:]),
        float(_rarity(size, np.zeros(1, dtype=np.int64))[0]),
    )


def _rarity(size: int, frequency: NDArray[np.int64]) -> NDArray[np.float32]:
    rarity: NDArray[np.float64] = np.log(1 + (size - frequency + 0.5) / (frequency + 0.5))
    return rarity.astype(np.float32)


def _scale(
    lengths: NDArray[np.float64], weights: Sequence[float], shares: Sequence[float]
) -> NDArray[np.float32]:
    """Give what one term in a field of a document counts, by field and document."""
    scale = np.zeros(lengths.shape, dtype=np.float32)
    for field, (weight, b) in enumerate(zip(weights, shares, strict=True)):
        used = lengths[field] > 0
        mean = lengths[field][used].mean() if used.any() else 1.0
        scale[field] = weight / (1 - b + b * lengths[field] / mean)
    return scale


def _ranges(texts: Texts) -> Iterator[NDArray[np.uint64]]:
    """Give every run with its document and field in one number, range by range, in order."""
    pairs = np.zeros(1 << 16, dtype=np.int64)
    slices = range(0, len(texts.letters), _SLICE)
    for at in slices:
        pairs += np.bincount(_pair(texts.letters[at : at + _SLICE + 1]), minlength=1 << 16)
    ends = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(pairs)))
    at_once = max(_AT_ONCE, len(texts.letters) // _PARTS)
    first = 0
    while ends[first] < ends[-1]:
        last = max(first + 1, int(np.searchsorted(ends, ends[first] + at_once, side="right")) - 1)
        keys = np.concatenate([_keys(texts, at, first, last) for at in slices])
        if len(keys):
            keys.sort()
            yield keys
        first = last


def _pair(letters: NDArray[np.uint8]) -> NDArray[np.uint16]:
    pair = letters[:-1].astype(np.uint16) << 8 | letters[1:]
    return pair.astype(np.uint16, copy=False)


def _keys(texts: Texts, at: int, first: int, last: int) -> NDArray[np.uint64]:
    """Give the runs of a slice whose first two letters lie between `first` and `last`."""
    slice_ = texts.letters[at : at + _SLICE + RUN - 1]
    if len(slice_) < RUN:
        return np.zeros(0, dtype=np.uint64)
    pair = _pair(slice_[: -RUN + 2])
    # What lies before wraps around to above: one comparison for two.
    here = np.flatnonzero(pair - np.uint16(first) < last - first)
    one, two, three, four = (slice_[here + place] for place in range(RUN))
    whole = (one != BREAK) & (two != BREAK) & (three != BREAK) & (four != BREAK)
    here = here[whole]
    text = np.searchsorted(texts.ends, here + at)
    keys: NDArray[np.uint64] = np.zeros(len(here), dtype=np.uint64)
    for letter in (one, two, three, four):
        keys = keys << np.uint64(8) | letter[whole]
    keys <<= np.uint64(32 - _FIELD_BITS)
    keys |= texts.documents[text].astype(np.uint64)
    keys <<= np.uint64(_FIELD_BITS)
    keys |= texts.fields[text].astype(np.uint64)
    return keys


def _counted(
    keys: NDArray[np.uint64], scale: NDArray[np.float32]
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """Count sorted keys: the terms, in how many documents each, the documents, what counts there."""
    new = _changes(keys)
    counts = np.diff(new, append=len(keys))
    keys = keys[new]
    fields, documents, terms = _apart(keys)
    weights = (counts * scale[fields, documents]).astype(np.float32)
    new = _changes(keys >> np.uint64(_FIELD_BITS))
    weights, documents, terms = np.add.reduceat(weights, new), documents[new], terms[new]
    first = _changes(terms)
    return terms[first], np.diff(first, append=len(terms)), documents, weights


def _changes(sorted_: NDArray[Any]) -> NDArray[np.int64]:
    """Give the places at which something else begins than stood before."""
    return np.concatenate(
        (np.zeros(1, dtype=np.int64), np.flatnonzero(sorted_[1:] != sorted_[:-1]) + 1)
    )
