"""사례집: chosen cases as a printed book, PDF/A-2b, with contents and index.

Cases stand in the order given, under their field; a field stands where its first case does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bot.dialogs.replies import Phrase
from bot.documents import typeset
from knowledge.cases import told
from knowledge.korean import clean_line, clean_text
from knowledge.subjects import FIELDS, field_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from bot.documents.card_look import Look
    from bot.documents.card_news import Say
    from knowledge.cases import Case

_LABELS = (
    "contents", "keywords", "agencies", "problem", "happened", "action", "effect", "outcome",
    "law", "source", "terms", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A case as it is printed: every text finished, empty ones left out by the template."""

    title: str
    about: str
    problem: str
    action: str
    effect: str
    law: str
    source: str
    terms: str
    passive: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """Cases of one field; `cases` are places in the book, from 0."""

    name: str
    cases: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """What is printed. The indexes give for each word the places of its cases."""

    entries: tuple[Entry, ...]
    fields: tuple[Field, ...]
    keywords: tuple[tuple[str, tuple[int, ...]], ...]
    agencies: tuple[tuple[str, tuple[int, ...]], ...]


def book(cases: Sequence[tuple[Case, str]]) -> Book:
    """Order cases, each with the terms on which it is shown, for print."""
    fields = _indexed((_field(case), n) for n, (case, _) in enumerate(cases))
    ordered = [n for places in fields.values() for n in places]
    at = {n: place for place, n in enumerate(ordered)}
    shown = [cases[n] for n in ordered]
    keywords = _indexed(
        (clean_line(word), n) for n, (case, _) in enumerate(shown) for word in case.keywords
    )
    agencies = _indexed((clean_line(case.agency), n) for n, (case, _) in enumerate(shown))
    return Book(
        entries=tuple(_entry(case, terms) for case, terms in shown),
        fields=tuple(Field(name, tuple(at[n] for n in found)) for name, found in fields.items()),
        keywords=_sorted(keywords),
        agencies=_sorted(agencies),
    )


def pdf(printed: Book, look: Look, say: Say, day: date) -> bytes:
    """Set the book; `day` stands on its cover."""
    return typeset.pdf("case_book.typ", values(printed, look, say, day))


def values(printed: Book, look: Look, say: Say, day: date) -> Mapping[str, Any]:
    """Give what the template is given."""
    every = not any(one.passive for one in printed.entries)
    palette = {name: getattr(look.palette, name) for name in look.palette.__slots__}
    return {
        "book": {
            **asdict(printed),
            "title": say(Phrase("cards.book.title" if every else "cards.book.both")),
            "count": say(Phrase("cards.book.count", {"n": len(printed.entries)})),
            "agency": clean_line(look.agency), "logo": look.logo, "palette": palette,
            "issued": day.isoformat(),
            "day": say(Phrase("cards.book.day", {"day": day.isoformat()})),
            "labels": {name: say(Phrase(f"cards.book.{name}")) for name in _LABELS},
        }
    }  # fmt: skip


def _entry(case: Case, terms: str) -> Entry:
    about = (case.agency, case.unit, case.region, str(case.year or ""), case.programme)
    return Entry(
        title=clean_line(case.title),
        about=" · ".join(line for part in about if (line := clean_line(part))),
        problem=clean_text(told(case.problem)),
        action=clean_text(told(case.action)),
        effect=clean_text(told(case.effect)),
        law=clean_line(case.law),
        source=clean_line(case.source),
        terms=clean_line(terms),
        passive=case.kind == "passive",
    )


def _field(case: Case) -> str:
    """Give the field under which a case stands: as news calls it, or its own."""
    known = field_of(case.field)
    return known if known != FIELDS[-1] else clean_line(case.field)


def _indexed(found: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    places: dict[str, list[int]] = {}
    for word, n in found:
        places.setdefault(word, []).append(n)
    return {word: tuple(dict.fromkeys(where)) for word, where in places.items()}


def _sorted(places: Mapping[str, tuple[int, ...]]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Put words in the order of an index: 가나다, then letters and digits."""
    known = ((word, where) for word, where in places.items() if word)
    return tuple(sorted(known, key=lambda one: (not "가" <= one[0][0] <= "힣", one[0].casefold())))
