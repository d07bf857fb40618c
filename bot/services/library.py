"""What one process knows of cases and answers: an index in memory, and what stands in the database now.

A shipped case counts as published until somebody here has changed it: then the row of its `ref`
stands in its place. Hits are looked up before they are shown (`present`), so that a case which
was withdrawn a moment ago is not.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from bot.services.answers import Answers
from bot.services.shelf import Shelf
from knowledge import cases as knowledge_cases
from knowledge.searching.documents import Document
from storage.errors import Busy
from storage.repositories import cases

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from knowledge.cases import Case
    from knowledge.search import CaseIndex
    from storage.store import Store
    from storage.unit import Unit


class Line(NamedTuple):
    """By what a case is listed and narrowed."""

    ref: str
    kind: str
    region: str
    year: str  # "" where the source does not tell
    field: str


class Library:
    """Made once for each process. `shipped`: whether what comes with the service is shown.

    `words` takes a text apart into words (Kiwi), where cases are found by them, too. While `full`
    says so cases are found without the comparison of letters, which takes the most (S20); an answer
    is not: how sure it is was measured with it.
    """

    def __init__(
        self,
        store: Store | None = None,
        *,
        shipped: bool = True,
        words: Callable[[str], Sequence[str]] | None = None,
        full: Callable[[], bool] = lambda: False,
    ) -> None:
        self._words, self._full = words, full
        self._came: Mapping[str, Case] = knowledge_cases.shipped() if shipped else {}
        self._alone: CaseIndex | None = None
        self.answers = Answers(store, shipped=shipped)
        self._cases = None if store is None else Shelf(store, cases.VERSION, self._index)
        self._lines = None if store is None else Shelf(store, cases.VERSION, self._list)

    def cases(self) -> CaseIndex:
        """Give the index of what is published. Never inside a transaction: it may read."""
        if self._cases is not None:
            return self._cases.get()
        if self._alone is None:  # without a database there is what was shipped
            self._alone = self._built(self._shown(frozenset()))
        return self._alone

    def warm(self) -> None:
        """Read and count everything once; the first who asks does it where nothing answers now."""
        with suppress(Busy):
            self.cases()

    def lines(self) -> Sequence[Line]:
        """Give what is published, the latest year first. Never inside a transaction."""
        if self._lines is not None:
            return self._lines.get()
        return _ordered(self._shown(frozenset()))

    def present(self, unit: Unit, refs: Collection[str]) -> dict[str, Case]:
        """Give those of these cases that are published now."""
        own = cases.of_refs(unit, refs)
        found = {ref: own.get(ref) or self._came.get(ref) for ref in refs}
        return {ref: one for ref, one in found.items() if one and one.status == "published"}

    def published(self, unit: Unit) -> Iterator[Case]:
        """Give everything that is published, what was shipped first."""
        yield from self._shown(cases.own_refs(unit))
        yield from cases.published(unit)

    def shipped(self) -> Mapping[str, Case]:
        """Give what came with the service, in whatever state."""
        return self._came

    def _shown(self, changed: Collection[str]) -> Iterator[Case]:
        for ref, case in self._came.items():
            if ref not in changed and case.status == "published":
                yield case

    def _list(self, unit: Unit) -> Sequence[Line]:
        return _ordered(self.published(unit))

    def _index(self, unit: Unit) -> CaseIndex:
        return self._built(self.published(unit))

    def _built(self, known: Iterable[Case]) -> CaseIndex:
        from knowledge.search import CaseIndex  # noqa: PLC0415 - numpy, which `work` does not need

        return CaseIndex.build(map(document, known), words=self._words, full=self._full)


def document(case: Case) -> Document:
    """Give what of a case is searched, and by what it can be narrowed."""
    tags: dict[str, str | int] = {
        "kind": case.kind,
        "agency": case.agency,
        "region": case.region,
        "field": case.field,
        "lang": case.lang,
        **({"year": case.year} if case.year is not None else {}),
    }
    beside = (*case.keywords, case.agency, case.programme)
    return Document(case.ref, case.title, case.body, tuple(one for one in beside if one), tags)


def _ordered(found: Iterator[Case]) -> Sequence[Line]:
    lines = [Line(one.ref, one.kind, one.region, str(one.year or ""), one.field) for one in found]
    return sorted(lines, key=lambda line: line.year, reverse=True)
