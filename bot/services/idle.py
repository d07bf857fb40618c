"""Filings on which nobody has worked for some days: the handler hears of it, then the head."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import partial

import sqlalchemy as sa

from bot.services import notices, pace, saying, sight
from bot.services.base import CLOCK, Desk
from bot.services.saying import Occasion
from bot.services.sight import visible_filings
from knowledge.calendar import SEOUL, WorkCalendar, seoul_day
from storage.repositories import crowds, sent_keys
from storage.unit import Unit

Act = Callable[[Unit], None]
TOLD = ("handler", "audit_head")
"""Whom it is told after once, twice … the days of the setting."""


def due(svc: Desk, unit: Unit, calendar: WorkCalendar) -> Iterator[tuple[str, int | None, Act]]:
    """Look once a working day, while the office is open, at what is open and whose turn it is."""
    today = seoul_day(svc.now())
    looked = f"idle:{today}"
    if not svc.site.idle_days or not calendar.is_open(svc.now()) or sent_keys.has(unit, looked):
        return
    known = visible_filings(CLOCK)
    c = known.selected_columns
    ours = sa.or_(c.reach == sight.AUDIT, sa.and_(c.reach == sight.UNIT, c.handed_at.is_not(None)))
    open_ = known.where(c.closed_at.is_(None), ours, c.id.not_in(crowds.waiting()))
    found = svc.known(sight.several(unit, open_.order_by(c.id)))
    since = pace.days(unit, found)
    for filing in found:
        over = _over(svc, calendar, since[filing.id], today)
        if not over or pace.waits_for_others(svc, unit, filing):
            continue
        for step, day in over:
            key = f"idle:{filing.id}:{since[filing.id]}:{step}"
            at = datetime.combine(day, calendar.hours.opens, SEOUL)
            when = Occasion("idle", "", since[filing.id], at)
            yield key, filing.id, partial(_tell, svc, filing.id, TOLD[step - 1], when)
    yield looked, None, lambda _: None


def _over(svc: Desk, calendar: WorkCalendar, since: date, today: date) -> list[tuple[int, date]]:
    """Give the steps whose day has come, with it."""
    every = (
        (step, calendar.shift(since, step * svc.site.idle_days))
        for step in range(1, len(TOLD) + 1)
    )
    return [(step, day) for step, day in every if day <= today]


def _tell(svc: Desk, filing_id: int, to: str, when: Occasion, unit: Unit) -> None:
    filing = sight.get(unit, filing_id)
    if filing.closed_at is not None or pace.since(unit, filing) != when.day:
        return
    said = when if saying.missed(svc, unit, when.at) else when.told_at(svc.now())
    since = {"since": when.day.isoformat()}
    notices.tell_officials(
        svc, unit, filing, to, "notice.desk.idle", reminder=True, waits=True, occasion=said,
        params=since,
    )  # fmt: skip
