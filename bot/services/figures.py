"""From what became of filings to tables of figures. Pure: no database, no words, no clock.

A figure is of the filings that arrived in the months asked for, whenever they were answered.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import median
from typing import Literal

from bot.services.hiding import Sum, hidden, small
from knowledge.elapsed import Span

By = Literal["month", "procedure", "unit"]
BY: tuple[By, ...] = ("month", "procedure", "unit")
OFTEN = 2
"""Handed on so often, a filing is one that nobody took."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is counted of one filing: no number, no name, no word.

    `month` is the first day of the month in which it arrived (Seoul), `unit` the code of the unit
    complained of, "" while there is none. `result` is None for what the person took back.
    """

    month: date
    procedure: str
    unit: str
    open: bool
    overdue: bool  # open, and past its date
    late: bool  # answered after its date
    read: Span | None
    result: Span | None
    outcome: str
    survey: str
    extensions: int = 0
    transfers: int = 0
    dialog: bool = False  # it came in a dialog


@dataclass(frozen=True, slots=True)
class Middle:
    """The median of some lengths in both counts, and of how many; None of none."""

    n: int
    law: float | None
    calendar: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one group of filings. `done` are those with a result of ours; `outcomes` counts all."""

    received: int
    open: int
    overdue: int
    done: int
    late: int
    extensions: int
    transfers: int
    often: int
    read: Middle
    result: Middle
    outcomes: Mapping[str, int]
    asked: int  # who said what he thought of it
    met: int
    partly: int
    unmet: int


@dataclass(frozen=True, slots=True)
class Table:
    """Figures by one thing, in the order in which they are shown; `whole` is of all together."""

    by: By
    rows: Mapping[str, Figures]
    whole: Figures


def figures(cases: Iterable[Case]) -> Figures:
    """Count a group."""
    all_ = tuple(cases)
    outcomes = Counter(one.outcome for one in all_ if one.outcome)
    surveys = Counter(one.survey for one in all_ if one.survey)
    return Figures(
        received=len(all_),
        open=sum(one.open for one in all_),
        overdue=sum(one.overdue for one in all_),
        done=sum(one.result is not None for one in all_),
        late=sum(one.late for one in all_),
        extensions=sum(one.extensions for one in all_),
        transfers=sum(one.transfers for one in all_),
        often=sum(one.transfers >= OFTEN for one in all_),
        read=middle(one.read for one in all_),
        result=middle(one.result for one in all_),
        outcomes=dict(outcomes.most_common()),
        asked=sum(surveys.values()),
        met=surveys["yes"],
        partly=surveys["partly"],
        unmet=surveys["no"],
    )


def middle(spans: Iterable[Span | None]) -> Middle:
    """Give the median of those that are known."""
    known = [one for one in spans if one is not None]
    if not known:
        return Middle(0, None, None)
    return Middle(
        len(known), median(one.law for one in known), median(one.calendar for one in known)
    )


def table(cases: Sequence[Case], by: By) -> Table:
    """Count by one thing: months in their order and none left out, the others by how many."""
    keyed: Mapping[By, Callable[[Case], str]] = {
        "month": lambda one: one.month.isoformat()[:7],
        "procedure": lambda one: one.procedure,
        "unit": lambda one: one.unit,
    }
    key = keyed[by]
    groups: dict[str, list[Case]] = {}
    for one in cases:
        groups.setdefault(key(one), []).append(one)
    if by == "month":
        order = months(min(groups), max(groups)) if groups else []
    else:
        order = sorted(groups, key=lambda name: (name == "", -len(groups[name]), name))
    return Table(by, {name: figures(groups.get(name, ())) for name in order}, figures(cases))


def months(first: str, last: str) -> list[str]:
    """List the months from one to another, both in, as `2026-11`."""
    year, month = map(int, first.split("-"))
    found = []
    while (name := f"{year:04}-{month:02}") <= last:
        found.append(name)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found


# ---- for everybody


PUBLIC = ("done", "late", "asked", "met", "partly", "unmet")
"""What is told in public of a group; the rest of it could be computed and is guarded with it."""
_KEPT = (*PUBLIC, "in_time")
WHOLE = "*"
Group = tuple[int, str]
"""A line: which table it stands in, and its name there."""
_SUM: Group = (-1, WHOLE)


@dataclass(frozen=True, slots=True)
class Shown:
    """One line for everybody; None is a number that is hidden."""

    counts: Mapping[str, int | None]
    read: Middle | None
    result: Middle | None


def of_large_units(cases: Iterable[Case]) -> tuple[Case, ...]:
    """Keep what has a result, of units with five such or more: the others are in no sum either.

    A sum that held them would tell whoever may not see them how many there are.
    """
    done = [one for one in cases if one.result is not None]
    sizes = Counter(one.unit for one in done)
    return tuple(one for one in done if not small(sizes[one.unit]))


def for_everybody(*tables: Table) -> tuple[Mapping[str, Shown], ...]:
    """Hide what is small, and what would betray it, in tables of the same filings.

    All at once, because they share their sum: a line of its own for each group, the sum as
    `WHOLE`. After the tables comes what came out, of `done` alone.
    """
    whole = tables[0].whole
    outcomes = Table("month", {name: _only(n) for name, n in whole.outcomes.items()}, whole)
    groups = {
        (place, name): one
        for place, table_ in enumerate((*tables, outcomes))
        for name, one in table_.rows.items()
    }
    groups[_SUM] = whole
    cells = {(*group, what): _cell(one, what) for group, one in groups.items() for what in _KEPT}
    away = hidden(cells, _sums(tables, outcomes), _of_small_lines(groups, cells))
    lines = {group: _line(group, one, cells, away) for group, one in groups.items()}
    return tuple(
        {name: lines[place, name] for name in table_.rows} | {WHOLE: lines[_SUM]}
        for place, table_ in enumerate((*tables, outcomes))
    )


def _sums(tables: Sequence[Table], outcomes: Table) -> list[Sum]:
    """Give all that binds the cells: columns, and what each line is made of."""
    found = [
        Sum((*_SUM, what), tuple((place, name, what) for name in one.rows))
        for place, one in enumerate(tables)
        if one.rows
        for what in _KEPT
    ]
    last = len(tables)
    if outcomes.rows:
        found.append(Sum((*_SUM, "done"), tuple((last, name, "done") for name in outcomes.rows)))
    groups = [(place, name) for place, one in enumerate(tables) for name in one.rows]
    for group in (*groups, _SUM):
        found.append(Sum((*group, "done"), ((*group, "late"), (*group, "in_time"))))
        asked = tuple((*group, one) for one in ("met", "partly", "unmet"))
        found.append(Sum((*group, "asked"), asked))
    return found


def _of_small_lines(
    groups: Mapping[Group, Figures], cells: Mapping[tuple[int, str, str], int]
) -> list[tuple[int, str, str]]:
    """Name the cells of a line of few; that there is none of something is no secret to guard."""
    return [
        (*group, what)
        for group, one in groups.items()
        if small(one.done)
        for what in _KEPT
        if cells[*group, what]
    ]


def _line(
    group: Group,
    one: Figures,
    cells: Mapping[tuple[int, str, str], int],
    away: Collection[tuple[int, str, str]],
) -> Shown:
    told = {
        what: None if (*group, what) in away or small(one.done) else cells[*group, what]
        for what in PUBLIC
    }
    hide = told["done"] is None
    return Shown(told, _told(one.read, hide=hide), _told(one.result, hide=hide))


def _only(n: int) -> Figures:
    """Give the figures of an outcome: how many, and nothing else of it."""
    return replace(_NOTHING, done=n)


def _cell(one: Figures, what: str) -> int:
    return one.done - one.late if what == "in_time" else int(getattr(one, what))


def _told(one: Middle, *, hide: bool) -> Middle | None:
    """Leave out a median of few: it is nearly somebody's own."""
    return None if hide or small(one.n) else one


_NOTHING = figures(())
