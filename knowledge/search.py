"""Finds what fits a question among given documents: cases, answers, whatever has words.

Built once, read by any number of threads, swapped whole. Knows no storage: whoever shows a hit
asks the database first whether it may still be seen.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz import fuzz

from knowledge import lexicon as lexicons
from knowledge.korean import fold, jamo
from knowledge.searching import fillers
from knowledge.searching.columns import columns
from knowledge.searching.documents import Document, Found, Hit, Tag
from knowledge.searching.gathering import SHARES, WEIGHTS, Gathered
from knowledge.searching.initials import WHOLE, Initials, asked
from knowledge.searching.letters import RUN, letters, runs
from knowledge.searching.sureness import NEAR, SURE, chance

__all__ = ["CaseIndex", "Document", "Found", "Hit"]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from knowledge.lexicon import Lexicon, Meant
    from knowledge.searching.columns import Texts
    from knowledge.searching.gathering import Words

Wanted = Tag | Collection[Tag]

MEANT = 0.6
"""What an official term counts beside the everyday word that was asked for."""
WORDS = 0.5
"""What Kiwi's words count beside the letters (design §15)."""
ALIKE, COMPARED = 0.3, 20
"""What the likeness of letters counts, and for how many of the first."""
_BESIDE = 0.4  # what has less than so much of the first one's share is not shown beside it
_NEAR_BEST = 0.3
# What a page of text is cut to, so that it takes no longer than a long question: its rarest runs,
# its longest everyday words; its letters are not compared.
_MOST_RUNS, _MOST_MEANT, _MOST_LETTERS = 400, 8, 250
_FIRSTS = 3  # two first letters are the beginning of too many words to be sure


class CaseIndex:
    """An index of documents in memory: runs of letters, everyday words, first letters, tags."""

    def __init__(
        self,
        keys: Sequence[str],
        texts: Texts,
        first: Initials,
        tags: Mapping[str, tuple[Sequence[Tag], NDArray[np.int32]]],
        lexicon: Lexicon,
        words: Words | None,
        full: Callable[[], bool] = lambda: False,
    ) -> None:
        self._keys = keys
        self._texts = texts
        self._columns = columns(texts, WEIGHTS, SHARES)
        self._first = first
        self._tags = tags
        self._lexicon = lexicon
        self._words = words
        self._full = full
        self._starts = np.searchsorted(texts.documents, np.arange(len(keys) + 1))

    @classmethod
    def build(
        cls,
        documents: Iterable[Document],
        lexicon: Lexicon | None = None,
        *,
        words: Callable[[str], Sequence[str]] | None = None,
        full: Callable[[], bool] = lambda: False,
    ) -> CaseIndex:
        """Build an index; the documents are read once and not kept.

        Without a `lexicon` the one that comes with the service is used (`lexicon.NONE`: none).
        `words` takes a text apart into words (`searching.morphemes`); it is asked once for each
        field of each document, and may remember. While `full` says so letters are not compared.
        """
        gathered = Gathered(words)
        gathered.take(documents)
        first = Initials(gathered.lines)
        gathered.lines.clear()
        return cls(
            gathered.keys,
            gathered.texts(),
            first,
            gathered.tagged(),
            lexicons.shipped() if lexicon is None else lexicon,
            gathered.words(),
            full,
        )

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def nbytes(self) -> int:
        """Tell how many bytes the postings and letters take."""
        return self._columns.nbytes + self._texts.letters.nbytes

    def search(
        self, text: str, *, most: int = 5, only: Mapping[str, Wanted] | None = None
    ) -> Found:
        """Find what fits a question best.

        `only` keeps documents whose tag has this value, or one of these (`{"region": "부산",
        "year": range(2023, 2026)}`).
        """
        allowed = self._allowed(only or {})
        if first := asked(text):
            return self._by_initials(first, most, allowed)
        text = fillers.without(text)
        ranked, meant = self._ranked(text, allowed, max(most, COMPARED))
        likely = _chance(text, [share for _, share in ranked])
        return _judged([self._hit(*one) for one in ranked[:most]], meant, likely)

    def _hit(self, place: int, score: float) -> Hit:
        return Hit(self._keys[place], score)

    def rank(self, text: str, most: int = 10) -> list[str]:
        """Give the keys of the best, however badly they fit: for measuring."""
        ranked, _ = self._ranked(fillers.without(text), None, max(most, COMPARED))
        return [self._keys[place] for place, _ in ranked[:most]]

    def weigh(self, text: str) -> NDArray[np.float32]:
        """Give what each document weighs by its letters, in the order they were given in."""
        return self._weighed(text, self._lexicon.find(text))[0]

    def _weighed(self, text: str, meant: Sequence[Meant]) -> tuple[NDArray[np.float32], float]:
        """Give what the documents weigh, and what one would in which all stands."""
        question = letters(text)
        scores = np.zeros(len(self._keys), dtype=np.float32)
        if not question or not len(scores):
            return scores, 1.0
        if len(question) < RUN and not meant:
            return scores, self._short(question, scores)
        return scores, self._letters(text, question, meant, scores)

    def _ranked(
        self, text: str, allowed: NDArray[np.bool_] | None, most: int
    ) -> tuple[list[tuple[int, float]], tuple[Meant, ...]]:
        """Give places of documents in their order, each with the share of what was asked."""
        meant = self._lexicon.find(text)[:_MOST_MEANT]
        scores, reach = self._weighed(text, meant)
        if allowed is not None:
            scores *= allowed
        if not scores.any():
            return [], meant
        ranks = scores / scores.max()
        if self._words is not None:
            ranks += WORDS * self._words.scores(text, allowed)
        places = _top(ranks, most)
        order = self._compared(letters(text), places, ranks[places])
        shares = np.minimum(scores[order] / reach, 1.0)
        return list(zip(order.tolist(), shares.tolist(), strict=True)), meant

    def _short(self, question: bytes, scores: NDArray[np.float32]) -> float:
        """Weigh a word of fewer letters than a run: every run that begins with it."""
        low = int.from_bytes(question.ljust(RUN, b"\0"), "big")
        return self._columns.beginning(low, low + (1 << 8 * (RUN - len(question))), scores)

    def _letters(
        self, text: str, question: bytes, meant: Sequence[Meant], scores: NDArray[np.float32]
    ) -> float:
        """Weigh the runs of a question, an everyday word or its official terms; give the reach."""
        terms = runs(question)
        _, first = np.unique(terms, return_index=True)
        places = self._columns.places(terms)
        reach = self._columns.reach(places)
        left = np.zeros(len(terms), dtype=bool)
        left[first] = True
        total = float(reach[left].sum())
        if len(first) > _MOST_RUNS:
            known = np.where(places[first] < 0, 0, reach[first])
            left[first[np.argsort(-known, kind="stable")[_MOST_RUNS:]]] = False
        lengths = np.cumsum([0, *(len(jamo(sign)) for sign in fold(text))])
        for one in meant:
            within = np.zeros(len(terms), dtype=bool)
            within[lengths[one.start] : max(lengths[one.end] - RUN + 1, 0)] = True
            within &= left
            left &= ~within
            scores += self._either(one, places[within], float(reach[within].sum()))
        self._columns.add_up(places[left], scores)
        return total or 1.0

    def _either(self, one: Meant, places: NDArray[np.int64], reach: float) -> NDArray[np.float32]:
        """Weigh an everyday word or what it is called officially, whichever stands there."""
        own = np.zeros(len(self._keys), dtype=np.float32)
        self._columns.add_up(places, own)
        for term in one.official:
            found = self._columns.places(np.unique(runs(letters(term))))
            most = float(self._columns.reach(found).sum())
            there = np.zeros(len(self._keys), dtype=np.float32)
            self._columns.add_up(found, there)
            there /= most
            there[there < 0.5] = 0
            np.maximum(own, there * (MEANT * (reach or most)), out=own)
        return own

    def _compared(
        self, question: bytes, places: NDArray[np.int64], ranks: NDArray[np.float32]
    ) -> NDArray[np.int64]:
        """Put those that may be the first in order by how alike their letters are, too."""
        few = int((ranks[:COMPARED] >= ranks[0] - ALIKE).sum())
        if few < 2 or len(question) > _MOST_LETTERS or self._full():
            return places
        alike = [
            fuzz.partial_ratio(question, self._letters_of(at)) for at in places[:few].tolist()
        ]
        again = np.argsort(-(ranks[:few] + ALIKE / 100 * np.array(alike)), kind="stable")
        return np.concatenate((places[again], places[few:]))

    def _letters_of(self, place: int) -> bytes:
        first, last = self._starts[place], self._starts[place + 1]
        start = self._texts.ends[first - 1] + 1 if first else 0
        return self._texts.letters[start : self._texts.ends[last - 1]].tobytes()

    def _by_initials(self, first: str, most: int, allowed: NDArray[np.bool_] | None) -> Found:
        found = {
            place: fit
            for place, fit in self._first.find(first).items()
            if allowed is None or allowed[place]
        }
        meant: tuple[Meant, ...] = ()
        for word in self._lexicon.beginning(first):
            ranked, also = self._ranked(word, allowed, COMPARED)
            meant += also
            for place, share in ranked[:most]:
                found[place] = max(found.get(place, 0.0), share)
        best = sorted(found.items(), key=lambda one: (-one[1], one[0]))[:most]
        whole = bool(best) and best[0][1] >= WHOLE and len(first) >= _FIRSTS
        return _judged([self._hit(*one) for one in best], meant, SURE if whole else NEAR)

    def _allowed(self, only: Mapping[str, Wanted]) -> NDArray[np.bool_] | None:
        """Give which documents may be found, None if all may."""
        allowed: NDArray[np.bool_] | None = None
        for name, wanted in only.items():
            values, codes = self._tags.get(name, ((), np.full(len(self._keys), -1, np.int32)))
            fits = np.array([*(_fits(value, wanted) for value in values), False])
            allowed = fits[codes] if allowed is None else allowed & fits[codes]
        return allowed


def _fits(value: Tag, wanted: Wanted) -> bool:
    return value == wanted if isinstance(wanted, str | int) else value in wanted


def _chance(text: str, shares: Sequence[float]) -> float:
    asked_for = len(letters(text))
    if not shares or asked_for < RUN:
        return NEAR  # a word of one sign begins too many others to be sure
    return chance(asked_for, shares[0], max(shares[1:], default=0.0))


def _judged(hits: Sequence[Hit], meant: tuple[Meant, ...], likely: float) -> Found:
    """Say how sure it is; what fits much worse than the first is not shown."""
    if not hits or likely < NEAR:
        return Found(meant=meant)
    kept = tuple(hit for hit in hits if hit.score >= _BESIDE * hits[0].score)
    if likely >= SURE:
        return Found(hits=kept, meant=meant, chance=likely)
    return Found(near=kept, meant=meant, chance=likely)


def _top(ranks: NDArray[np.float32], most: int) -> NDArray[np.int64]:
    """Give the places of the greatest, in order; of equals the first."""
    # Few come near the best: what is left to put in order is a hundredth of all. Among zeros
    # argpartition would take ten times as long.
    some = np.flatnonzero(ranks > _NEAR_BEST * ranks.max())
    if len(some) < most:
        some = np.flatnonzero(ranks)
    if len(some) > most:
        values = ranks[some]
        least = np.partition(values, len(values) - most)[len(values) - most]
        some = some[values >= least]
    return some[np.argsort(-ranks[some], kind="stable")][:most]
