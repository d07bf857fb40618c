"""A report beside what the same person filed before (민원처리법 제23조): what is new in it.

A sentence or file that is new is always shown as new. What others wrote alike is a number, for
who may see those reports.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from rapidfuzz import fuzz

from bot.services import accesses, repeats, sight, views
from bot.services.base import Actor, Desk, stamp
from bot.services.sight import visible_filings
from knowledge import sketch
from knowledge.korean import fold, jamo
from storage import journal
from storage.repositories import attachments, filings, sketches
from storage.repositories.filings import Filing
from storage.unit import Unit

SAME = 88.0
"""Of 100, on jamo: the same sentence with another ending or spacing."""
NEAR = timedelta(days=90)
MOST = 300
_ENDS = re.compile(r"(?<=[.!?。…])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence; `new` where the other text has none like it."""

    text: str
    new: bool


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier report of the same person. `readable` once the reader declared no conflict."""

    number: str
    arrived_at: datetime
    answered_on: date | None
    outcome: str
    likeness: int  # per cent
    alike: bool
    readable: bool
    then: tuple[Sentence, ...]
    now: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Repeats:
    """What is told: `new` sentences are in no earlier report; `others` are of other people."""

    earlier: tuple[Before, ...]
    new: tuple[str, ...]
    files: int
    count: int  # this one included
    answered: tuple[date, ...]
    others: int


def compare(svc: Desk, unit: Unit, actor: Actor, number: str) -> Repeats:
    """Put a report beside what the same person filed before; every opening is noted.

    Raises `Refused` filing.unknown, conflict.ask by way of `views.view`.
    """
    filing = sight.find(unit, actor, number)
    views.view(svc, unit, actor, number)
    words = sentences(filings.answers(unit, filing))
    same = repeats.before(unit, filing, actor)
    mine = _seen(unit, actor, same)
    drawn = sketches.of(unit, [filing.id, *(one.id for one in same)])
    own = drawn.get(filing.id, ())
    earlier, told = [], list[str]()
    for one in mine:
        readable = views.conflict_asked(unit, actor, one.number)
        then = sentences(filings.answers(unit, one)) if readable else ()
        if readable:
            told += then
            noted(svc, unit, actor, one)
        share = sketch.likeness(own, drawn.get(one.id, ()))
        earlier.append(_before(unit, one, share, words, then, readable=readable))
    alike = [one for one in same if sketch.likeness(own, drawn.get(one.id, ())) >= sketch.ALIKE]
    return Repeats(
        tuple(sorted(earlier, key=lambda one: -one.likeness)),
        tuple(text for text in words if not said_in(text, told)),
        len(attachments.of_filing(unit, filing.id)),
        len(alike) + 1,
        tuple(day for one in alike if (day := repeats.answered_on(unit, one)) is not None),
        _others(unit, actor, filing, own, {one.id for one in same}),
    )


def _seen(unit: Unit, actor: Actor, same: Sequence[Filing]) -> tuple[Filing, ...]:
    mine = visible_filings(actor)
    ids = [one.id for one in same]
    return sight.several(unit, mine.where(mine.selected_columns.id.in_(ids)))


def _before(
    unit: Unit,
    one: Filing,
    share: float,
    words: Sequence[str],
    then: Sequence[str],
    *,
    readable: bool,
) -> Before:
    return Before(
        one.number,
        one.arrived_at,
        repeats.answered_on(unit, one),
        one.outcome,
        round(share * 100),
        share >= sketch.ALIKE,
        readable,
        tuple(Sentence(text, not said_in(text, words)) for text in then),
        tuple(Sentence(text, not said_in(text, then)) for text in words) if readable else (),
    )


def sentences(answers: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the sentences by which two reports are compared."""
    text = sketches.text_of(answers)
    return tuple(part.strip() for part in _ENDS.split(text) if part.strip())


def said_in(text: str, others: Sequence[str]) -> bool:
    """Tell whether a sentence was said before; a number that is new makes it another one."""
    one, digits = jamo(fold(text)), re.findall(r"\d+", text)
    return any(
        re.findall(r"\d+", other) == digits and fuzz.ratio(one, jamo(fold(other))) >= SAME
        for other in others
    )


def _others(unit: Unit, actor: Actor, filing: Filing, own: sketch.Sketch, same: set[int]) -> int:
    """Count what others wrote alike of late, among what this reader may see."""
    seen = visible_filings(actor)
    c = seen.selected_columns
    late = seen.where(c.arrived_at >= filing.arrived_at - NEAR, c.id != filing.id)
    found = sight.several(unit, late.order_by(c.id.desc()).limit(MOST))
    drawn = sketches.of(unit, [one.id for one in found if one.id not in same])
    return sum(sketch.likeness(own, one) >= sketch.ALIKE for one in drawn.values())


def noted(
    svc: Desk, unit: Unit, actor: Actor, filing: Filing, what: str = "repeats_compared"
) -> None:
    """Note that words of a report are read beside another one."""
    at = stamp(filing.mode, svc.now(), actor)
    journal.append(unit, filing.sid, at, actor.mark, "compared", {})
    accesses.note(svc, unit, actor, what, filing)
