"""Ready answers: what was shipped, the agency's own in their place, found and told with sources.

Nothing is made up here: an answer is one that somebody wrote and somebody else let out, word for
word, or there is none (`Asked` is empty then, and whoever asked is told so).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.dialogs.replies import Option, Phrase, Say
from bot.services.shelf import Shelf
from knowledge import faq, glossary
from knowledge.korean import fold
from knowledge.slots import is_question
from knowledge.sources import is_address, named
from storage.repositories import faqs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from knowledge.faq import Answer
    from knowledge.glossary import Term
    from knowledge.search import CaseIndex
    from knowledge.sources import Link
    from storage.store import Store
    from storage.unit import Unit

MOST_NEAR, NEAR = 3, 0.15
_WANTS = re.compile(r"(?:신고|신청|제보|취하|제출)(?:할|하고|해|합니다|접수|요|좀|$)")
"""Somebody wants something done: an answer may be offered there, and never given instead."""
SHORTEST, LONGEST = 2, 60
"""Signs: one alone asks for nothing; what is longer and no question tells something, and is never answered from here."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question found: a term, an answer, or some that are only near; one of the three."""

    answer: Answer | None = None
    term: Term | None = None
    near: tuple[Answer, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.answer or self.term or self.near)


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept in memory: the index, and the very words of each question."""

    index: CaseIndex
    exact: Mapping[str, str]


class Answers:
    """Made once for each process. `shipped`: whether what comes with the service is told."""

    def __init__(self, store: Store | None = None, *, shipped: bool = True) -> None:
        self._store = store
        self._came: Mapping[str, Answer] = faq.shipped() if shipped else {}
        self._alone: Known | None = None
        self._known = None if store is None else Shelf(store, faqs.VERSION, self._read)

    def ask(self, text: str) -> Asked:
        """Find what answers these words. Never inside a transaction: it may read.

        The meaning of a term is told to whoever asks for nothing else; a clear question needs
        less likeness than other words (`faq.ASKED`, `faq.SAID`).
        """
        known = self.known()
        same = known.exact.get(fold(text))
        if same is None and (term := glossary.meant(text)):
            return Asked(term=term)
        asks = is_question(text)
        if len(fold(text)) < SHORTEST or (not asks and not same and len(text) > LONGEST):
            return Asked()
        refs, sure = ([same], True) if same else _found(known.index, text, asks=asks)
        there = self._look(refs)
        fits = [there[ref] for ref in refs if ref in there]
        if sure and fits and fits[0].ref == refs[0]:
            return Asked(answer=fits[0])
        return Asked(near=tuple(fits[:MOST_NEAR]))

    def search(self, text: str, most: int = 10) -> tuple[Answer, ...]:
        """Give what fits words best, for a page that lists it. Never inside a transaction."""
        found = self.known().index.search(text, most=most)
        refs = [hit.key for hit in found.hits or found.near]
        there = self._look(refs)
        return tuple(there[ref] for ref in refs if ref in there)

    def known(self) -> Known:
        """Give what is in memory; the first who asks waits until it is made."""
        if self._known is not None:
            return self._known.get()
        if self._alone is None:  # without a database there is what was shipped
            self._alone = _made(self._came.values())
        return self._alone

    def present(self, unit: Unit, refs: Collection[str]) -> dict[str, Answer]:
        """Give those of these answers that are published now."""
        own = faqs.of_refs(unit, refs)
        found = {ref: own.get(ref) or self._came.get(ref) for ref in refs}
        return {ref: one for ref, one in found.items() if one and one.status == faq.PUBLISHED}

    def published(self, unit: Unit) -> Iterator[Answer]:
        """Give everything that is published, what was shipped first."""
        own = {one.ref: one for one in faqs.every(unit)}
        yield from (own.pop(ref, came) for ref, came in self._came.items() if _out(own, ref))
        yield from (one for one in own.values() if one.status == faq.PUBLISHED)

    def shipped(self) -> Mapping[str, Answer]:
        """Give what came with the service."""
        return self._came

    def _look(self, refs: Sequence[str]) -> Mapping[str, Answer]:
        """Ask the database's present state of what is about to be told."""
        if not refs:
            return {}
        store = self._store
        if store is None:
            return {ref: self._came[ref] for ref in refs}
        return store.read(lambda unit: self.present(unit, refs))

    def _read(self, unit: Unit) -> Known:
        return _made(self.published(unit))


def _found(index: CaseIndex, text: str, *, asks: bool) -> tuple[list[str], bool]:
    """Give the refs that fit, the best first, and whether the first may be told as the answer."""
    found = index.search(text, most=MOST_NEAR * 2)
    best = found.best
    if best is None or best.score < (NEAR if asks else faq.ASKED):
        return [], False
    whole = best.score >= faq.SAID and found.chance >= faq.LIKELY
    part = asks and best.score >= faq.ASKED and found.chance >= faq.LIKELIEST
    sure = (whole or part) and (asks or not _WANTS.search(fold(text)))
    return [hit.key for hit in found.hits or found.near], sure


def _out(own: Mapping[str, Answer], ref: str) -> bool:
    return ref not in own or own[ref].status == faq.PUBLISHED


def _made(answers: Iterable[Answer]) -> Known:
    found = tuple(answers)
    exact = {fold(words): one.ref for one in found for words in (*one.also, one.question)}
    from knowledge.search import CaseIndex  # noqa: PLC0415 - numpy, which `work` does not need

    return Known(CaseIndex.build(faq.document(one) for one in found), exact)


def tell(answer: Answer) -> Say:
    """Say an answer under the question that it answers, so that one sees whether it was meant.

    With where it was read; what nobody confirmed says so.
    """
    words = Phrase("answers.told", {"question": answer.question, "text": answer.text})
    return _say(words, answer.source, answer.links, verified=answer.verified)


def tell_term(term: Term) -> Say:
    """Say what a term means."""
    words = Phrase("answers.term", {"term": term.term, "text": term.meaning})
    return _say(words, term.source, term.links, verified=term.verified)


def _say(
    text: str | Phrase, source: Iterable[str], links: Iterable[Link], *, verified: bool
) -> Say:
    words = text if verified else Phrase("help.unverified", {"text": text})
    read = Phrase("help.source", {"source": ", ".join(names(source))})
    said = Phrase("talk.answer", {"text": words, "source": read})
    return Say(said, tuple(_button(one) for one in links))


def names(source: Iterable[str]) -> tuple[str, ...]:
    """Name sources in a line, each once: laws as they are called, pages by their host."""
    return tuple(dict.fromkeys(named(one) for one in source))


def _button(link: Link) -> Option:
    title = link.title if not is_address(link.title) else link.host
    label = Phrase("answers.link", {"title": title, "host": link.host})
    return Option(label if title != link.host else link.host, url=link.url)
