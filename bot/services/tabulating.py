"""Figures in words: tables for a page and a file, and charts with what they say to who sees none.

The desk, its files and the messenger all tell the same from here; there is no name in any of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.dialogs.replies import Phrase
from bot.dialogs.tally import SUMMARY
from bot.documents.charts import Chart, Series
from bot.services.base import Desk
from bot.services.figures import Figures, Middle
from bot.services.statistics import Dialogs, Report

LANG = "ko"
Cell = str | int | float | None
COUNTS = ("received", "open", "overdue", "done", "late")
MIDDLES = ("read", "result")
LENGTHS = ("read_law", "read_calendar", "result_law", "result_calendar")
MORE = ("extensions", "transfers", "often", "asked", "met", "partly", "unmet")
WENT = ("started", "finished", "stopped", "forgotten", "switched", "moved")
MOST = 12
"""So many bars are drawn; the table has them all."""


@dataclass(frozen=True, slots=True)
class Told:
    """A table in words: the first cell of a row names it; the last row may be the `whole`."""

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    whole: tuple[Cell, ...] | None = None

    @property
    def lines(self) -> tuple[tuple[Cell, ...], ...]:
        return self.rows if self.whole is None else (*self.rows, self.whole)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart, what it says in words, and the name of the table with the same numbers."""

    name: str
    chart: Chart
    alt: str
    table: str


def say(svc: Desk, key: str, **params: Any) -> str:
    return svc.texts.render(Phrase(key, params), LANG, svc.site.words())


def main(svc: Desk, report: Report) -> Told:
    """Give the whole table: every figure by what was asked for, medians in both counts."""
    names = (*COUNTS, *LENGTHS, *MORE)
    head = tuple(say(svc, f"statistics.column.{name}") for name in names)
    rows = [(label(svc, report, name), *_cells(one)) for name, one in report.table.rows.items()]
    return Told(
        "figures",
        say(svc, f"statistics.by.{report.table.by}"),
        (say(svc, f"statistics.first.{report.table.by}"), *head),
        tuple(rows),
        (say(svc, "statistics.whole"), *_cells(report.whole)),
    )


def label(svc: Desk, report: Report, name: str) -> str:
    """Name a row: a month, a procedure, a unit."""
    by = report.table.by
    if by == "procedure":
        return svc.title(name)
    if by == "unit":
        return report.units.get(name, "") or say(svc, "statistics.no_unit")
    return say(svc, "statistics.month", year=name[:4], month=int(name[5:]))


def outcomes(svc: Desk, report: Report) -> Told:
    """Give what came out, of all that were asked for."""
    rows = [(outcome(svc, name), n) for name, n in report.whole.outcomes.items()]
    head = (say(svc, "statistics.first.outcome"), say(svc, "statistics.column.n"))
    return Told("outcomes", say(svc, "statistics.outcomes"), head, tuple(rows))


def outcome(svc: Desk, name: str) -> str:
    return say(svc, f"outcome.{name}") if svc.texts.has(f"outcome.{name}") else name


def dialogs(svc: Desk, report: Report) -> Told:
    """Give how dialogs went, by form."""
    head = ("first.form", *(f"column.{name}" for name in WENT), "column.rate")
    rows = [
        (
            svc.title(one.form),
            *(getattr(one, name) for name in WENT),
            None if one.rate is None else round(100 * one.rate),
        )
        for one in report.dialogs
    ]
    return Told(
        "dialogs",
        say(svc, "statistics.dialogs"),
        tuple(say(svc, f"statistics.{name}") for name in head),
        tuple(rows),
    )


def stops(svc: Desk, report: Report) -> Told:
    """Give where people stop, the most frequent step first."""
    found = [(step(svc, one, name), n) for one in report.dialogs for name, n in one.stops.items()]
    rows = sorted(found, key=lambda row: (-row[1], row[0]))
    head = (say(svc, "statistics.first.step"), say(svc, "statistics.column.stops"))
    return Told("stops", say(svc, "statistics.stops"), head, tuple(rows))


def step(svc: Desk, of: Dialogs, name: str) -> str:
    """Name a step of a form: by its label, else by its own name."""
    title = svc.title(of.form)
    form = svc.catalogue.form(of.form)
    known = next((one for one in form.steps if one.name == name), None)
    words = name
    if name == SUMMARY:
        words = say(svc, "statistics.summary")
    elif known is not None and svc.texts.has(f"{form.base(known)}.label"):
        words = say(svc, f"{form.base(known)}.label")
    return say(svc, "statistics.step", form=title, step=words)


def parts(svc: Desk, report: Report) -> tuple[Told, ...]:
    """Give the main table in three that fit a page: how many, how long, what was thought of it."""
    whole = main(svc, report)
    at = {
        "counts": (1, 2, 3, 4, 5, 10, 11, 12),
        "lengths": (6, 7, 8, 9),
        "wishes": (13, 14, 15, 16),
    }
    return tuple(_columns(svc, whole, name, (0, *columns)) for name, columns in at.items())


def _columns(svc: Desk, whole: Told, name: str, at: Sequence[int]) -> Told:
    assert whole.whole is not None
    return Told(
        name,
        say(svc, f"statistics.part.{name}"),
        tuple(whole.head[i] for i in at),
        tuple(tuple(row[i] for i in at) for row in whole.rows),
        tuple(whole.whole[i] for i in at),
    )


def tables(svc: Desk, report: Report) -> tuple[Told, ...]:
    """Give all tables that have something in them, the main one first."""
    others = (outcomes(svc, report), dialogs(svc, report), stops(svc, report))
    return (main(svc, report), *(one for one in others if one.rows))


def drawn(svc: Desk, report: Report, note: str = "") -> tuple[Drawn, ...]:
    """Give the charts that have something in them; `note` stands below each."""
    return tuple(one for one in _charts(svc, report, note) if not one.chart.empty)


def _charts(svc: Desk, report: Report, note: str) -> Iterator[Drawn]:
    whole, kind = main(svc, report), "columns" if report.table.by == "month" else "bars"
    names = [_short(svc, report, name) for name in report.table.rows]
    yield _of(
        svc, "counts", "received", note, kind, names, [whole.head[1], whole.head[4]],
        [[row[1] for row in whole.rows], [row[4] for row in whole.rows]],
    )  # fmt: skip
    for what, law in (("read", 6), ("result", 8)):
        yield _of(
            svc, "lengths", what, note, kind, names,
            [say(svc, "statistics.law"), say(svc, "statistics.calendar")],
            [[row[law] for row in whole.rows], [row[law + 1] for row in whole.rows]],
        )  # fmt: skip
    for table in (outcomes(svc, report), stops(svc, report)):
        first = [str(row[0]) for row in table.rows]
        yield _of(
            svc, table.name, table.name, note, "bars", first, [table.head[1]],
            [[row[1] for row in table.rows]],
        )  # fmt: skip


def _of(
    svc: Desk,
    table: str,
    name: str,
    note: str,
    kind: Any,
    labels: Sequence[str],
    series: Sequence[str],
    values: Sequence[Sequence[Any]],
) -> Drawn:
    title = say(svc, f"statistics.chart.{name}")
    most = None if kind == "columns" else MOST
    lines = [Series(one, tuple(row[:most])) for one, row in zip(series, values, strict=True)]
    chart = Chart(kind, title, tuple(labels[:most]), tuple(lines), note)
    return Drawn(name, chart, alt(svc, chart), table)


def alt(svc: Desk, chart: Chart) -> str:
    """Say a chart: its title and every number in it, in their order."""
    none = say(svc, "statistics.none")
    lines = []
    for at, name in enumerate(chart.labels):
        told = [
            f"{one.name} {_number(one.values[at], none)}" if chart.series[1:] else
            _number(one.values[at], none)
            for one in chart.series
        ]  # fmt: skip
        lines.append(f"{name}: {', '.join(told)}")
    return say(svc, "statistics.alt", title=chart.title, lines=" / ".join(lines))


def middle(svc: Desk, one: Middle) -> str:
    """Say a median in both counts, and which is which."""
    if one.law is None or one.calendar is None:
        return say(svc, "statistics.none")
    law, calendar = _number(one.law, ""), _number(one.calendar, "")
    return say(svc, "statistics.days", law=law, calendar=calendar)


def _short(svc: Desk, report: Report, name: str) -> str:
    if report.table.by != "month":
        return label(svc, report, name)
    first = name == next(iter(report.table.rows)) or name.endswith("-01")
    key = "statistics.month_first" if first else "statistics.month_short"
    return say(svc, key, year=name[2:4], month=int(name[5:]))


def _cells(one: Figures) -> tuple[Cell, ...]:
    counts = [getattr(one, name) for name in COUNTS]
    spans = [n for name in MIDDLES for n in _both(getattr(one, name))]
    return (*counts, *spans, *(getattr(one, name) for name in MORE))


def _both(one: Middle) -> tuple[Cell, Cell]:
    return _whole(one.law), _whole(one.calendar)


def _whole(n: float | None) -> Cell:
    return int(n) if n is not None and n == int(n) else n


def _number(n: float | None, none: str) -> str:
    return none if n is None else f"{n:,.1f}".removesuffix(".0")
