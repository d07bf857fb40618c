"""The house is full: newsletters wait in every process until it is not (security S20).

Whoever serves notes it while it is so. The pause is nobody's decision and ends by itself, a few
seconds after the last of them has noted it; what a person has paused stays paused.
"""

from storage.repositories import heartbeats
from storage.unit import Unit

LASTS = 10.0
"""Seconds after which it is over if nobody says it again."""


def note(unit: Unit) -> None:
    """Note that a process is full now."""
    heartbeats.beat(unit, heartbeats.PRESSED)


def pressed(unit: Unit) -> bool:
    """Tell whether newsletters have to wait."""
    age = heartbeats.age(unit, heartbeats.PRESSED)
    return age is not None and age < LASTS
