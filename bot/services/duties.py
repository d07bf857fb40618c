"""What an agency has to see to beside its cases: asked once each, of who can, in office hours.

The monthly check of the queue and of the access log, the days off of next year, values that
nobody has confirmed, the agency's own dates. What is said is made when it leaves (S14).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

import sqlalchemy as sa

from bot.dialogs.replies import Param, Phrase, Say
from bot.services import (
    agency_dates,
    confirming,
    deputies,
    direct,
    officials,
    queue_checks,
    saying,
    sight,
)
from bot.services.agency_dates import AgencyDate
from bot.services.base import CLOCK, Desk
from bot.services.sight import visible_filings
from knowledge.calendar import SEOUL, WorkCalendar, seoul_day
from storage.repositories import access_reviews as reviews
from storage.repositories import queue_checks as checks
from storage.repositories import sent_keys, tasks
from storage.unit import Unit

Act = Callable[[Unit], None]
BODY = "official.duty"
AGAIN = 5  # working days before the end of a month on which an open check is asked for again
WAYS = {
    "queue": "/queue-checks/{}",
    "access": "/access-log/reviews/{}",
    "holidays": "/admin/days",
    "values": "/values",
    "date": "/dates",
}
"""Where it is done."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing to ask of a role: its key of repetition, what of, since when it ought to be asked.

    `of` is `<sort>:<which>`, by which it is known at sending whether it still waits.
    """

    key: str
    of: str
    at: datetime
    to: tuple[str, ...]
    task: str = ""


def due(svc: Desk, unit: Unit, calendar: WorkCalendar) -> Iterator[tuple[str, int | None, Act]]:
    """Say what is due; of the time before this service was there nothing is."""
    if not calendar.is_open(svc.now()):
        return
    for duty in _all(svc, unit, calendar):
        late = duty.at <= svc.now() and not sent_keys.has(unit, duty.key)
        if late and sent_keys.any_between(unit, "upkeep:", saying.hour_key(duty.at)):
            yield duty.key, None, partial(_ask, svc, duty)


def fresh(svc: Desk, unit: Unit, reply: Say) -> Say | None:
    """Say a duty as it stands now; None: it is done, or over. Other words stay as they are."""
    text = reply.text
    if not isinstance(text, Phrase) or text.key != BODY:
        return reply
    of, at = str(text.params["of"]), datetime.fromisoformat(str(text.params["at"]))
    return _words(svc, unit, of, at)


def _all(svc: Desk, unit: Unit, calendar: WorkCalendar) -> Iterator[Duty]:
    today = seoul_day(svc.now())
    first = today.replace(day=1)
    begins = _opens(calendar, calendar.shift(first, 0))
    month = f"{first:%Y-%m}"
    who = ("audit_head", "examiner")
    yield Duty(f"duty:queue:{month}", f"queue:{month}", begins, who, queue_checks.KIND)
    over = (first + timedelta(days=32)).replace(day=1)
    again = _opens(calendar, calendar.shift(over, -AGAIN))
    yield Duty(f"duty:queue:{month}:again", f"queue:{month}", again, who)
    for waits in reviews.waiting(unit):
        yield Duty(f"duty:access:{waits}", f"access:{waits}", begins, ("inspector",))
    year = confirming.year_to_look_over(today)
    of = f"holidays:{year}"
    yield Duty(f"duty:{of}:{month}", of, begins, ("admin",), confirming.HOLIDAYS)
    yield Duty(f"duty:values:{month}", "values:", begins, ("audit_head",), confirming.VALUES)
    for one in agency_dates.running(unit):
        yield from _date(calendar, one, today)


def _date(calendar: WorkCalendar, one: AgencyDate, today: date) -> Iterator[Duty]:
    """Give the nearest reminder of a day that has come: on a working day, or the one before it."""
    day = one.next(today)
    if day is None:
        return
    days = {n: _worked(calendar, day - timedelta(days=n)) for n in one.ahead}
    passed = [n for n, on in days.items() if on <= today]
    if passed:
        n = min(passed)
        of = f"date:{one.id}:{day}"
        yield Duty(f"{of}:{n}", of, _opens(calendar, days[n]), (one.role,), "agency_date")


def _ask(svc: Desk, duty: Duty, unit: Unit) -> None:
    """Ask for it, and put it on the desk."""
    if duty.task == queue_checks.KIND and _anything_open(unit):
        queue_checks.begin(svc, unit, duty.of.partition(":")[2])
    slept = saying.missed(svc, unit, duty.at)
    words = _words(svc, unit, duty.of, duty.at if slept else svc.now())
    if words is None:
        return
    if duty.task and duty.task != queue_checks.KIND:
        tasks.ensure(unit, duty.task, svc.now(), reason=duty.to[0])
    people = [who for role in duty.to for who in officials.with_role(unit, role)]
    day = seoul_day(svc.now())
    away = {one for known in people for one in deputies.of(unit, known.id, day)}
    beside = [officials.official(unit, one) for one in sorted(away)]
    direct.tell(svc, unit, [*people, *(one for one in beside if one is not None)], words)


def _words(svc: Desk, unit: Unit, of: str, at: datetime) -> Say | None:
    sort, _, which = of.partition(":")
    what = _STILL[sort](svc, unit, which)
    if what is None:
        return None
    late: Param = Phrase("official.late") if svc.now() - at > saying.LATE else ""
    way = svc.desk_url + WAYS[sort].format(which)
    params: dict[str, Param] = {"what": what, "late": late, "desk_url": way}
    return Say(Phrase(BODY, {**params, "of": of, "at": at.isoformat()}))


def _queue(_svc: Desk, unit: Unit, month: str) -> Phrase | None:
    row = checks.get(unit, month)
    if row is None or row.checked_at is not None:
        return None
    return Phrase("duty.queue", {"month": f"{month}-01"})


def _access(_svc: Desk, unit: Unit, month: str) -> Phrase | None:
    row = reviews.get(unit, month)
    if row is None or row.reviewed_at is not None:
        return None
    return Phrase("duty.access", {"month": f"{month}-01"})


def _holidays(_svc: Desk, unit: Unit, year: str) -> Phrase | None:
    done = confirming.looked_over(unit, int(year))
    return None if done is not None else Phrase("duty.holidays", {"year": year})


def _values(svc: Desk, unit: Unit, _which: str) -> Phrase | None:
    waits = len(confirming.waiting(svc, unit))
    return Phrase("duty.values", {"n": waits}) if waits else None


def _day(svc: Desk, unit: Unit, which: str) -> Phrase | None:
    date_id, _, on = which.partition(":")
    day, today = date.fromisoformat(on), seoul_day(svc.now())
    one = next((one for one in agency_dates.running(unit) if one.id == int(date_id)), None)
    if one is None or day < today:
        return None
    left = (day - today).days
    key = {0: "today", 1: "tomorrow"}.get(left, "left")
    kind = Phrase(f"agency_date.kind.{one.kind}")
    params: dict[str, Param] = {"title": one.title, "kind": kind, "day": on, "n": left}
    return Phrase(f"duty.date.{key}", params)


_STILL: dict[str, Callable[[Desk, Unit, str], Phrase | None]] = {
    "queue": _queue,
    "access": _access,
    "holidays": _holidays,
    "values": _values,
    "date": _day,
}


def _anything_open(unit: Unit) -> bool:
    known = visible_filings(CLOCK)
    c = known.selected_columns
    ours = sa.or_(c.reach == sight.AUDIT, c.handed_at.is_not(None))
    some = known.where(c.closed_at.is_(None), ours).limit(1)
    return unit.conn.execute(some).first() is not None


def _worked(calendar: WorkCalendar, day: date) -> date:
    return day if calendar.is_working(day) else calendar.shift(day, -1)


def _opens(calendar: WorkCalendar, day: date) -> datetime:
    return datetime.combine(day, calendar.hours.opens, SEOUL)
