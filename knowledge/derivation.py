"""How a due date came about, as data, line by line; sentences are made elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from knowledge.calendar import DAY, local

LineKind = Literal[
    "late",  # it came when the office was closed (day): counting starts at the next opening
    "first_out",  # the day of the event is not counted (민법 제157조)
    "day",  # a working day that counts; n = the how manieth
    "calendar",  # a calendar day that counts; n = the how manieth
    "work",  # working time from `start` to `end`; n = minutes so far
    "off",  # Saturday, Sunday (no name) or a holiday (name)
    "pause",  # the clock stood; name = the kinds of stop, joined by ","
    "extension",  # n = what was added, in the unit of the deadline; day = when it was decided
    "waiting",  # a stop that began on this day is still open: there is no due date now
    "rolled",  # the last day is off, so the period ends later (민법 제161조); name as for "off"
    "due",  # the last day
    "promised",  # the day that an official has promised, where no period is set
    "theirs",  # the day of the office's other system, which counts in its place
]


@dataclass(frozen=True, slots=True)
class DerivationLine:
    """One step of a derivation; see `LineKind`. `start` and `end` only where hours are counted."""

    kind: LineKind
    day: date
    n: int = 0
    name: str = ""
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring lines of one kind and name as one: the 28th and 29th, off."""

    kind: LineKind
    first: DerivationLine
    last: DerivationLine


def compact(lines: Sequence[DerivationLine]) -> tuple[Run, ...]:
    """Join neighbouring days that did not count, and runs of calendar days, for a short text."""
    runs: list[Run] = []
    for line in lines:
        joins = line.kind in {"off", "pause", "calendar", "rolled"} and line.start is None
        before = runs[-1] if runs else None
        if (
            joins
            and before is not None
            and (before.kind, before.last.name) == (line.kind, line.name)
            and before.last.day + DAY == line.day
        ):
            runs[-1] = replace(before, last=line)
        else:
            runs.append(Run(line.kind, line, line))
    return tuple(runs)


def dump(lines: Sequence[DerivationLine]) -> list[dict[str, str | int]]:
    """Give a derivation as JSON values; what is empty is left out."""
    return [
        {
            "kind": line.kind,
            "day": line.day.isoformat(),
            **({"n": line.n} if line.n else {}),
            **({"name": line.name} if line.name else {}),
            **({"start": line.start.isoformat()} if line.start else {}),
            **({"end": line.end.isoformat()} if line.end else {}),
        }
        for line in lines
    ]


def load(values: Sequence[Mapping[str, Any]]) -> tuple[DerivationLine, ...]:
    """Read a derivation back."""
    return tuple(
        DerivationLine(
            value["kind"],
            date.fromisoformat(value["day"]),
            value.get("n", 0),
            value.get("name", ""),
            _moment(value.get("start")),
            _moment(value.get("end")),
        )
        for value in values
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else local(datetime.fromisoformat(text))
