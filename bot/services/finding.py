"""Cases as they are found and read by everybody: what is searched, shown, and said of each.

`seek` and `alike` read the index in memory and never run inside a transaction; what they give is
looked up in the database (`shown`, `one`) before anybody sees it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.dialogs.replies import Phrase
from bot.services.case_words import link
from knowledge.cases import told
from knowledge.korean import clean_line
from knowledge.searching import fillers
from knowledge.searching.documents import Hit
from knowledge.slots import mask_numbers
from storage.repositories import cases

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from bot.dialogs.replies import Param, Words
    from bot.services.base import Desk
    from bot.services.library import Line
    from knowledge.cases import Case
    from knowledge.lexicon import Meant
    from knowledge.searching.documents import Found
    from storage.unit import Unit

LONGEST = 400
"""Signs of a question that are looked at: nobody describes what he looks for at more length."""

MOST = 40
"""Cases that one question brings, page by page."""

KEYWORDS, SHARED, ALIKE = 4, 100, 3
"""Keywords by which cases are alike, how much of one (of 100) they share, and how many are shown."""

PAGE = 5
LINE = 90
FACETS = ("kind", "region", "year", "field")
"""By what cases are narrowed, in the order in which it is offered."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What a question brought: `sure`, or only near ("혹시 이것을 찾으셨나요?").

    `meant` are everyday words with what they are called officially.
    """

    hits: tuple[Hit, ...] = ()
    sure: bool = False
    meant: tuple[Meant, ...] = ()

    @property
    def refs(self) -> tuple[str, ...]:
        return tuple(hit.key for hit in self.hits)


def asked(text: str) -> str:
    """Give the words to search for: one line, without identity numbers; "" where there are none."""
    words = clean_line(mask_numbers(text[:LONGEST]).text)
    return "" if fillers.only(words) else words


def seek(
    svc: Desk,
    text: str,
    *,
    only: Mapping[str, str | int | Collection[str | int]] | None = None,
    most: int = MOST,
) -> Sought:
    """Find published cases for a question. Raises `Busy` while nothing was read yet."""
    words = asked(text)
    if not words:
        return Sought()
    return _sought(svc.library.cases().search(words, most=most, only=dict(only or {})))


def alike(svc: Desk, case: Case, most: int = ALIKE) -> Sought:
    """Find published cases of the same kind that share most with this one, itself left out."""
    index = svc.library.cases()
    shared: Counter[str] = Counter()
    for words in (case.title, *case.keywords[:KEYWORDS]):
        found = index.search(words, most=MOST, only={"kind": case.kind})
        for hit in found.hits or found.near:
            shared[hit.key] += round(100 * hit.score)
    del shared[case.ref]
    best = [Hit(key, score / 100) for key, score in shared.most_common(most) if score >= SHARED]
    return Sought(tuple(best), sure=True)


def _sought(found: Found) -> Sought:
    meant = {one.word: one for one in found.meant}
    return Sought(found.hits or found.near, bool(found.hits), tuple(meant.values()))


def shown(svc: Desk, unit: Unit, refs: Sequence[str]) -> list[Case]:
    """Give what of these is published now, in their order."""
    there = svc.library.present(unit, refs)
    return [there[ref] for ref in refs if ref in there]


def one(svc: Desk, unit: Unit, ref: str) -> Case | None:
    """Give a published case."""
    return svc.library.present(unit, (ref,)).get(ref)


def withdrawn(unit: Unit, ref: str) -> bool:
    """Tell whether a case was published once and is no more, as far as this part may know."""
    case = cases.of_refs(unit, (ref,)).get(ref)
    return case is not None and case.status == "withdrawn"


def facet(found: Iterable[Case], name: str) -> list[tuple[str, int, str]]:
    """Give what `name` is in these cases: value, how many, the ref of one; the most first."""
    first: dict[str, str] = {}
    count: Counter[str] = Counter()
    for case in found:
        value = str(getattr(case, name) or "")
        if value:
            count[value] += 1
            first.setdefault(value, case.ref)
    ordered = (
        sorted(count, reverse=True) if name == "year" else [v for v, _ in count.most_common()]
    )
    return [(value, count[value], first[value]) for value in ordered]


def narrowed(found: Iterable[Case], only: Mapping[str, str]) -> list[Case]:
    """Keep the cases that are so."""
    return [
        case
        for case in found
        if all(str(getattr(case, name) or "") == value for name, value in only.items())
    ]


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of what is published: its refs, how many fit, the values to narrow by."""

    refs: tuple[str, ...]
    total: int
    facets: Mapping[str, tuple[tuple[str, int], ...]]


def listed(svc: Desk, only: Mapping[str, str], first: int, most: int) -> Listed:
    """List what is published, narrowed by `FACETS`. Never inside a transaction.

    The values of a facet are those that go with what the others are narrowed to.
    """
    lines = svc.library.lines()
    fit = [line for line in lines if _fits(line, only)]
    facets = {}
    for name in FACETS:
        others = {key: value for key, value in only.items() if key != name}
        count = Counter(getattr(line, name) for line in lines if _fits(line, others))
        del count[""]
        newest = name == "year"
        facets[name] = tuple(
            sorted(count.items(), reverse=True) if newest else count.most_common()
        )
    return Listed(tuple(line.ref for line in fit[first : first + most]), len(fit), facets)


def _fits(line: Line, only: Mapping[str, str]) -> bool:
    return all(getattr(line, name) == value for name, value in only.items())


def tags(only: Mapping[str, str]) -> dict[str, str | int]:
    """Give what a search is narrowed to as the index knows it; a year is a number there."""
    numbers = {name: int(value) for name, value in only.items() if name == "year"}
    return {**only, **numbers}


# What is said of one


def gist(case: Case) -> str:
    """Say in one line what was done, or what had been left undone."""
    whole = told(case.problem) if case.kind == "passive" else told(case.action)
    text = " ".join((whole or told(case.effect)).split())
    return text if len(text) <= LINE else f"{text[: LINE - 1].rstrip()}…"


def whose(case: Case) -> Words:
    """Say of which agency, where and when."""
    parts = (case.agency, "" if case.region in case.agency else case.region)
    year = (
        [Phrase("case_search.year", {"published": str(case.year)})]
        if case.year is not None
        else []
    )
    return Phrase("case_search.parts", {"parts": [*map(words, filter(None, parts)), *year]})


def meant(sought: Sought) -> list[Param]:
    """Say which official words were looked for as well."""
    return [
        Phrase(
            "case_search.meant", {"everyday": f"'{one.word}'", "official": _quoted(one.official)}
        )
        for one in sought.meant
    ]


def _quoted(terms: Sequence[str]) -> str:
    return ", ".join(f"'{term}'" for term in terms)


def words(text: str) -> Words:
    """Give words of a published case, which may be kept like our own."""
    return Phrase("case_search.words", {"published": text})


def source(case: Case) -> str:
    """Say where it was read: the host of a link, else the words themselves."""
    found = link(case.source)
    return found.host if found else case.source.strip()
