"""Dates counted anew when the calendar changes: what each was counted from, and what moves.

Nothing is kept for it: the journal knows which move started a deadline, when and with which
number of days; the table of extensions knows the rest. A day that a person gave is no count.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from bot.services import clocks
from bot.services.base import CLOCK
from bot.services.sight import visible_filings
from bot.services.work import Work
from knowledge.calendar import seoul_day
from knowledge.clock import Deadline
from storage import models
from storage.repositories import terms

_d = models.deadlines.c


@dataclass(frozen=True, slots=True)
class Shift:
    """A deadline that falls on another day now; `told` when the reporter knows its date."""

    name: str
    old: datetime
    new: datetime
    told: bool

    @property
    def earlier(self) -> bool:
        return self.new < self.old

    @property
    def days(self) -> tuple[str, str]:
        """The day before and the day now, in Seoul."""
        return seoul_day(self.old).isoformat(), seoul_day(self.new).isoformat()


@cache
def affected(most: int | None = None) -> sa.Select[Any]:
    """Select the filings with a running deadline whose dates another calendar gave.

    Of its parameters `calendar` is the version that counts, `now` the time.
    """
    known = visible_filings(CLOCK)
    c = known.selected_columns
    now = sa.bindparam("now", type_=_d.due_at.type)
    ahead = sa.select(_d.filing_id).where(_d.done_at.is_(None), _d.due_at >= now)
    found = known.where(c.calendar_version != sa.bindparam("calendar"), c.id.in_(ahead))
    return found.limit(most)


def side(work: Work) -> tuple[Shift, ...]:
    """Give the deadlines beside the main one that the calendar moves; met or passed stay."""
    return tuple(
        Shift(rule.name, old, new, _told(work, rule))
        for rule, old in _standing(work)
        if rule.name != work.procedure.filing.deadline
        and (new := counted(work, rule)) is not None
        and seoul_day(new) != seoul_day(old)
    )


def main(work: Work) -> Shift | None:
    """Give the main deadline if the calendar moves it; the date that was told is the old one.

    Where the other system's date counts, that one was told, and ours moves unseen.
    """
    name, received = work.procedure.filing.deadline, work.filing.received_at
    old = next((at for rule, at in _standing(work) if rule.name == name), None)
    if old is None or received is None or work.anonymous:
        return None
    new = clocks.main_due(work, received).at
    told = clocks.theirs(work.svc, work.unit, work.filing) is None
    return None if new is None or new == old else Shift(name, old, new, told)


def counted(work: Work, rule: Deadline) -> datetime | None:
    """Count a side deadline anew; None where what started it is not known any more."""
    at, answers = _begun(work, rule)
    lacks = rule.amount_field and rule.amount_field not in answers
    due = None if at is None or lacks else clocks.first_due(work, rule, at, answers)
    if at is None or due is None:
        return None
    for longer in clocks.lengthened(work.unit, work.filing.id, rule.name, at):
        due = clocks.stretched(work, rule, due, longer.amount)
    return due


def move(work: Work, shifts: Iterable[Shift]) -> None:
    """Write the new dates of side deadlines; a stop that ends with one ends on the new day."""
    for shift in shifts:
        terms.set_deadline(work.unit, work.filing.id, shift.name, shift.new)
        clocks.prolong(work, shift.name, shift.new)


def earlier(work: Work) -> tuple[Shift, ...]:
    """Give the dates the reporter was told that come earlier now: a person decides (S33)."""
    first = main(work)
    found = [first, *side(work)] if first is not None else side(work)
    return tuple(one for one in found if one.earlier and one.told)


def bring_forward(work: Work) -> tuple[Shift, ...]:
    """Write the dates that come earlier; the main one last, as a stop may end with another."""
    sooner = tuple(one for one in side(work) if one.earlier and one.told)
    move(work, sooner)
    first = main(work)
    if first is None or not (first.earlier and first.told):
        return sooner
    clocks.recount(work, work.filing.received_at)
    return (first, *sooner)


def dates(shifts: Iterable[Shift]) -> dict[str, tuple[str, str]]:
    """Give what the journal keeps: both days of every deadline."""
    return {shift.name: shift.days for shift in shifts}


def _standing(work: Work) -> list[tuple[Deadline, datetime]]:
    """Give the deadlines that still run, with the date they have."""
    known = work.procedure.deadlines
    return [
        (known[one.name], one.due_at)
        for one in clocks.running(work.unit, work.filing.id).values()
        if one.name in known and one.open() and one.due_at and not one.over(work.now)
    ]


def _begun(work: Work, rule: Deadline) -> tuple[datetime | None, Mapping[str, Any]]:
    """Give when a deadline last started, and what was answered then."""
    restarts = {rule.name} if rule.repeats and rule.name in work.procedure.moves else set()
    starts = {rule.starts} & work.procedure.moves.keys() | restarts
    last = work.history.last(*starts) if starts else None
    if last is not None:
        return last.at, last.detail
    moments = {"arrived": work.filing.arrived_at, "received": work.filing.received_at}
    return moments.get(rule.starts), {}


def _told(work: Work, rule: Deadline) -> bool:
    """Tell whether the reporter knows the date: 접수 is announced where a person receives."""
    return rule.told and (rule.starts != "arrived" or work.svc.site.receive == "person")
