"""The lists that forms look things up in: units for citizens, units and handlers for the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.dialogs.form import Found
from bot.services import officials
from knowledge.calendar import seoul_day
from knowledge.korean import fold, jamo
from storage.repositories import units
from storage.unit import Unit

NEAR = 72.0
"""Of 100, on jamo: `도로관` still finds 도로과, `공원` does not find 공보실."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of a list and every name it goes by, folded."""

    found: Found
    names: tuple[str, ...]


LISTS = ("units", "auditors")
"""What a field of a move may look up."""


@dataclass(frozen=True, slots=True)
class Lists:
    """All lists at one moment, in memory; made anew when units or accounts change."""

    lists: dict[str, tuple[Entry, ...]]

    @classmethod
    def load(cls, unit: Unit, now: datetime, stand_in: int | None = None) -> "Lists":
        """Read the units that stand today and the accounts that may handle a filing.

        `stand_in` may handle the one that fell to him (S8).
        """
        every = cls.of_units(units.standing(unit, seoul_day(now))).lists["units"]
        handlers = {
            who.id: who
            for role in ("auditor", "audit_head")
            for who in officials.with_role(unit, role)
        }
        other = officials.official(unit, stand_in) if stand_in is not None else None
        handlers |= {other.id: other} if other is not None else {}
        people = tuple(
            Entry(
                Found(str(who.id), f"{who.name} ({who.unit})"),
                (str(who.id), fold(who.name), fold(who.login)),
            )
            for who in handlers.values()
        )
        return cls({"units": every, "auditors": people})

    @classmethod
    def of_units(cls, rows: Sequence[Any]) -> "Lists":
        """Make the list of these rows of units alone."""
        every = tuple(
            Entry(
                Found(row.code, row.name, "self" if row.kind == "audit" else ""),
                tuple(
                    fold(name) for name in (row.code, row.name, *row.aliases.split("\n")) if name
                ),
            )
            for row in rows
        )
        return cls({"units": every})

    def find(self, name: str, query: str, most: int = 5) -> Sequence[Found]:
        """Give what fits, best first; exact names, codes and aliases say so."""
        wanted = fold(query)
        entries = self.lists.get(name, ())
        exact = [entry.found for entry in entries if wanted in entry.names]
        if exact:
            return [Found(one.value, one.label, one.note, exact=True) for one in exact]
        scored = [(_score(wanted, entry), entry.found) for entry in entries]
        near = sorted((pair for pair in scored if pair[0] >= NEAR), key=lambda pair: -pair[0])
        return [found for _, found in near[:most]]

    def all(self, name: str) -> Sequence[Found]:
        """Give a whole list, for a select on the desk."""
        return [entry.found for entry in self.lists.get(name, ())]


def _score(wanted: str, entry: Entry) -> float:
    if len(wanted) < 2:
        return 0.0
    from rapidfuzz import fuzz  # noqa: PLC0415 - 3 MB, and `work` compares nothing

    best = 0.0
    for name in entry.names:
        inside = 95.0 if len(name) >= 2 and (name in wanted or wanted in name) else 0.0
        best = max(best, inside, fuzz.ratio(jamo(wanted), jamo(name)))
    return best
