"""What a long first message tells: unit, time, place, number, telephone, what happened, what is wanted.

Nothing here decides. What is found is shown to whoever wrote it, and corrected there.
"""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.telling import contact, sentences, unit, when, where

LONGEST = 6000
"""Signs that are looked at; a form takes 4,000."""


@dataclass(frozen=True, slots=True)
class Told:
    """What was found, as it is written; a telephone number and a prior number as they are printed."""

    units: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    prior_no: str | None = None
    phone: str | None = None
    wish: str | None = None
    what: tuple[str, ...] = ()


def read(text: str) -> Told:
    """Read a message."""
    text = text[:LONGEST]
    units = unit.find(text)
    parts = sentences.split(text)
    wish = sentences.wish(parts)
    return Told(
        units=tuple(dict.fromkeys(text[a:b] for a, b in units)),
        dates=when.find(text),
        places=where.find(text, taken=units),
        prior_no=contact.find_number(text),
        phone=contact.phone(text),
        wish=wish,
        what=sentences.what(parts, wish),
    )
