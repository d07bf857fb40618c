"""Statistics of what was filed: read by the one selection, counted, and never a name or a word.

An official sees figures of the filings that he may know of and of no others (security S8): no
sum holds a filing that is kept from him, so that no difference tells of it either. For the same
reason the dialogs that were finished are those whose filings he may know of, and as many fewer
have begun. What somebody keeps for himself, or has not handed in, is in no statistic.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from bot.dialogs import tally
from bot.errors import Refused
from bot.services import clocks, figures, rights, sight, writing
from bot.services.base import Actor, Desk
from bot.services.figures import BY, By, Case, Figures, Table
from bot.services.rights import Right
from bot.services.sight import visible_filings
from knowledge.calendar import DAY, seoul_day
from knowledge.elapsed import Elapsed, Span, Stop
from storage import models
from storage.repositories import dialog_counts
from storage.repositories.dialog_counts import Counted
from storage.unit import Unit

MONTHS = 12
"""So many months are shown before anything is chosen, this one among them."""

LONGEST = 60
IMPORTED = "import"
NOBODY = "-"
"""The unit of what complains of none."""

_d, _e, _s, _n = models.deadlines.c, models.extensions.c, models.stops.c, models.units.c


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: values of closed sets and months (`2026-11`, both in)."""

    since: str
    until: str
    procedure: str = ""
    unit: str = ""  # its code, or `NOBODY`
    by: By = "month"

    @classmethod
    def read(cls, svc: Desk, asked: Callable[[str], str]) -> "Wanted":
        """Take what an address asks; whatever is in no set is as if not said."""
        today = seoul_day(svc.now())
        until = _month(asked("until")) or today.replace(day=1)
        first = _month(asked("since")) or back(until, MONTHS - 1)
        since = max(min(first, until), back(until, LONGEST - 1))
        by: Any = asked("by")
        unit = asked("unit")
        return cls(
            since.isoformat()[:7],
            until.isoformat()[:7],
            asked("procedure") if asked("procedure") in svc.procedures else "",
            unit if unit.replace("-", "").replace("_", "").isalnum() or unit == NOBODY else "",
            by if by in BY else "month",
        )

    def query(self, **more: str) -> str:
        """Write it as the end of an address."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return urlencode({name: value for name, value in (said | more).items() if value})

    @property
    def first(self) -> date:
        return date.fromisoformat(f"{self.since}-01")

    @property
    def last(self) -> date:
        """The last day that is in it."""
        return last_day(date.fromisoformat(f"{self.until}-01"))


@dataclass(frozen=True, slots=True)
class Dialogs:
    """How the dialogs of one form went. `ended` are those that are over; `stops` by step."""

    form: str
    started: int
    finished: int
    stopped: int
    forgotten: int
    switched: int
    moved: int
    stops: Mapping[str, int]

    @property
    def ended(self) -> int:
        return self.finished + self.stopped + self.forgotten + self.switched

    @property
    def rate(self) -> float | None:
        """Give which part of those that are over was finished."""
        return self.finished / self.ended if self.ended else None


@dataclass(frozen=True, slots=True)
class Report:
    """All that the page shows; `units` are the names by code of those that may be chosen."""

    wanted: Wanted
    table: Table
    dialogs: tuple[Dialogs, ...]
    units: Mapping[str, str]
    made_at: datetime

    @property
    def whole(self) -> Figures:
        return self.table.whole


def report(svc: Desk, unit: Unit, actor: Actor, wanted: Wanted) -> Report:
    """Count what an official may know of. Raises `Refused` access.not_allowed."""
    if not rights.may(actor, Right.STATISTICS):
        raise Refused("access.not_allowed")
    found = cases(svc, unit, visible_filings(actor), wanted.first, wanted.last)
    known = names(unit, {one.unit for one in found})
    mine = [
        one
        for one in found
        if wanted.procedure in {"", one.procedure} and wanted.unit in {"", one.unit or NOBODY}
    ]
    made = figures.table(mine, wanted.by)
    if wanted.by == "month" and mine:
        empty = figures.figures(())
        every = figures.months(wanted.since, wanted.until)
        made = replace(made, rows={name: made.rows.get(name, empty) for name in every})
    return Report(wanted, made, _dialogs(svc, unit, found, wanted), known, svc.now())


def cases(
    svc: Desk, unit: Unit, selection: sa.Select[Any], since: date, until: date
) -> tuple[Case, ...]:
    """Read what arrived from one day to another (Seoul, both in), from a selection of `sight`."""
    c = selection.selected_columns
    base = selection.where(
        c.arrived_at > clocks.end_of(since - DAY),
        c.arrived_at <= clocks.end_of(until),
        sa.or_(c.reach == sight.AUDIT, sa.and_(c.reach == sight.UNIT, c.handed_at.is_not(None))),
    )
    f: Any = base.subquery("f").c
    ids = sa.select(f.id)
    rows = unit.conn.execute(
        sa.select(
            f.id, f.procedure, f.procedure_version, f.arrived_at, f.received_at, f.first_read_at,
            f.result_at, f.closed_at, f.due_at, f.outcome, f.survey, f.transfers, f.channel,
            _n.code.label("unit"),
        )
        .select_from(f.id.table)
        .outerjoin(models.units, _n.id == f.unit_id)
    ).all()  # fmt: skip
    if not rows:
        return ()
    longer = _longer(svc, unit, ids)
    stops = _stops(unit, ids)
    now = svc.now()
    first = seoul_day(min(min(row.arrived_at, row.received_at or now) for row in rows))
    days = Elapsed(svc.calendar(unit), first - DAY, seoul_day(now) + DAY)
    measure = _Measure(svc, days, longer, stops, now)
    return tuple(measure.case(row) for row in rows)


def names(unit: Unit, codes: set[str]) -> dict[str, str]:
    """Give the names of units by code, in the order of the names."""
    wanted = sa.select(_n.code, _n.name).where(_n.code.in_(codes)).order_by(_n.name)
    return {row.code: row.name for row in unit.conn.execute(wanted)}


def last_day(month: date) -> date:
    """Give the last day of a month by its first."""
    return back(month, -1) - DAY


def back(month: date, count: int) -> date:
    """Give the first day of the month so many months before (or after, below 0)."""
    index = month.year * 12 + month.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)


class _Measure:
    """Makes the cases; what hangs on a procedure is looked up once."""

    def __init__(
        self,
        svc: Desk,
        days: Elapsed,
        longer: Mapping[int, int],
        stops: Mapping[int, Sequence[tuple[str, Stop]]],
        now: datetime,
    ) -> None:
        self._svc, self._days, self._longer, self._stops = svc, days, longer, stops
        self._now = now
        self._rules: dict[tuple[str, int], tuple[frozenset[str], frozenset[str]]] = {}

    def case(self, row: Any) -> Case:
        own, pauses = self._of(row.procedure, row.procedure_version)
        ours = row.result_at is not None and row.outcome not in own
        stops = [stop for kind, stop in self._stops.get(row.id, ()) if kind in pauses]
        ended = row.result_at is not None or row.closed_at is not None
        arrived, due = row.arrived_at, row.due_at
        return Case(
            month=seoul_day(arrived).replace(day=1),
            procedure=row.procedure,
            unit=row.unit or "",
            open=not ended,
            overdue=not ended and due is not None and due < self._now,
            late=ours and due is not None and due < row.result_at,
            read=self._days.span(arrived, row.first_read_at) if row.first_read_at else None,
            result=self._took(row, stops) if ours else None,
            outcome=row.outcome,
            survey=row.survey,
            extensions=self._longer.get(row.id, 0),
            transfers=row.transfers,
            dialog=row.channel not in (*writing.ROADS, IMPORTED),
        )

    def _took(self, row: Any, stops: Sequence[Stop]) -> Span:
        """Count as the law from when it was received, on the calendar from when it arrived."""
        received = row.received_at or row.arrived_at
        took = self._days.span(received, row.result_at, stops)
        if received == row.arrived_at:
            return took
        return Span(took.law, self._days.span(row.arrived_at, row.result_at).calendar)

    def _of(self, name: str, version: int) -> tuple[frozenset[str], frozenset[str]]:
        """Give the outcomes that a person makes himself, and what stops the main deadline."""
        if (name, version) not in self._rules:
            if not self._svc.procedures.knows(name, version):  # a later release's (S23)
                return frozenset(), frozenset()
            rules = self._svc.procedures.version(name, version)
            own = {one.outcome for one in rules.moves.values() if "citizen" in one.by}
            self._rules[name, version] = frozenset(own), frozenset(rules.main.pauses)
        return self._rules[name, version]


def _longer(svc: Desk, unit: Unit, ids: sa.Select[Any]) -> Mapping[int, int]:
    """Count the extensions of main deadlines, by filing."""
    main = {one.filing.deadline for one in svc.procedures.every()}
    counted = (
        sa.select(_e.filing_id, sa.func.count())
        .where(_e.filing_id.in_(ids), _e.deadline.in_(main))
        .group_by(_e.filing_id)
    )
    return {row[0]: row[1] for row in unit.conn.execute(counted)}


def _stops(unit: Unit, ids: sa.Select[Any]) -> Mapping[int, Sequence[tuple[str, Stop]]]:
    found: dict[int, list[tuple[str, Stop]]] = {}
    wanted = sa.select(_s.filing_id, _s.kind, _s.started_at, _s.ended_at)
    for row in unit.conn.execute(wanted.where(_s.filing_id.in_(ids))):
        found.setdefault(row.filing_id, []).append((row.kind, (row.started_at, row.ended_at)))
    return found


def _dialogs(svc: Desk, unit: Unit, found: Sequence[Case], wanted: Wanted) -> tuple[Dialogs, ...]:
    """Give how the dialogs went; of the audit office's forms no more than may be known."""
    seen = Counter(one.procedure for one in found if one.dialog)
    counted: dict[str, list[Counted]] = {}
    for one in dialog_counts.between(unit, wanted.first, wanted.last):
        counted.setdefault(one.form, []).append(one)
    made = []
    for rules in svc.procedures.values():
        if wanted.procedure in {"", rules.id}:
            mine = counted.get(rules.id, [])
            known = seen[rules.id] if rules.filing.reach == sight.AUDIT else None
            if mine or known:
                made.append(_went(rules.id, mine, known))
    return tuple(made)


def _went(form: str, counted: Sequence[Counted], seen: int | None) -> Dialogs:
    sums: Counter[str] = Counter()
    stops: Counter[str] = Counter()
    for one in counted:
        sums[one.what] += one.n
        if one.what in {tally.STOPPED, tally.FORGOTTEN}:
            stops[one.step] += one.n
    finished = sums[tally.FINISHED] if seen is None else seen
    return Dialogs(
        form,
        started=sums[tally.STARTED] - sums[tally.FINISHED] + finished,
        finished=finished,
        stopped=sums[tally.STOPPED],
        forgotten=sums[tally.FORGOTTEN],
        switched=max(0, sums[tally.SWITCHED] - sums[tally.RETURNED]),
        moved=sums[tally.MOVED],
        stops=dict(stops.most_common()),
    )


def _month(said: str) -> date | None:
    """Read `2026-11`, also as the beginning of a day; None for anything else."""
    try:
        found = date.fromisoformat(f"{said[:7]}-01")
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2999 else None
