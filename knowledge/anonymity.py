"""Whether somebody can be told from what a case tells of where, when and which unit.

k-anonymity (Sweeney 2002): at least k different people share all of it. How many k is, is the
agency's to say (`knowledge.k`); who counts as one person is for whoever gives the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

PARTS = ("place", "period", "unit", "field")
"""What a case may tell of, in the order in which it is proposed to be made more general."""
FEW = "few"
"""Nothing is told any more, and still too few people are there to be one of."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a case tells; "" or None: nothing. `half` is 1, 2 or None for the whole year."""

    place: str = ""
    year: int | None = None
    half: int | None = None
    unit: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Other:
    """A report, or a case that is published already; `who` is one person's as far as is known."""

    who: Hashable
    places: frozenset[str]
    year: int | None
    half: int | None
    unit: str
    field: str


def fits(told: Told, other: Other) -> bool:
    """Tell whether a case could be about this one."""
    return (
        (not told.place or told.place in other.places)
        and (told.year is None or told.year == other.year)
        and (told.year is None or told.half is None or told.half == other.half)
        and (not told.unit or told.unit == other.unit)
        and (not told.field or told.field == other.field)
    )


def people(told: Told, others: Iterable[Other]) -> int:
    """Count the people of whom each could be the one that a case is about."""
    return len({one.who for one in others if fits(told, one)})


def wider(told: Told, part: str) -> Told:
    """Make one part a step more general: half → year → nothing, place, unit, field → nothing."""
    if part == "period":
        return replace(told, half=None) if told.half is not None else replace(told, year=None)
    if part == "place":
        return replace(told, place="")
    return replace(told, unit="") if part == "unit" else replace(told, field="")


def too_narrow(told: Told, others: Sequence[Other], k: int) -> tuple[str, ...]:
    """Name the parts to be made more general; () where at least k people share what is told.

    Those of which one step alone is enough; where none is, every part that still tells something.
    """
    if people(told, others) >= k:
        return ()
    named = [part for part in PARTS if wider(told, part) != told]
    enough = tuple(part for part in named if people(wider(told, part), others) >= k)
    return enough or tuple(named) or (FEW,)
