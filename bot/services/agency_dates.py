"""The agency's own days: 선발, 실행계획, 교육, 회의, 선거; when each comes again, what it holds back."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bot.errors import Refused
from bot.services import house, rights
from bot.services.base import ROLES, Actor, Desk
from bot.services.rights import Right
from knowledge.calendar import seoul_day
from knowledge.elections import next_local
from knowledge.korean import clean_line
from storage.repositories import agency_dates
from storage.unit import Unit

KINDS = ("selection", "plan", "training", "meeting", "election", "other")
REPEATS = {"": 0, "monthly": 1, "quarterly": 3, "yearly": 12}
"""How many months until it comes again; 0: never."""
TITLE, AHEAD, MOST_AHEAD = 100, 5, 180
"""Signs of a title; how many reminders; the furthest, in days."""


@dataclass(frozen=True, slots=True)
class AgencyDate:
    """A day of the agency; `ahead` are the days before it on which `role` is reminded."""

    id: int
    kind: str
    title: str
    day: date
    repeats: str
    ahead: tuple[int, ...]
    role: str

    def next(self, today: date) -> date | None:
        """Give when it comes next, today in; None once it is over.

        A day that a month has not got is its last.
        """
        step = REPEATS[self.repeats]
        if not step:
            return self.day if self.day >= today else None
        months = (today.year - self.day.year) * 12 + today.month - self.day.month
        first = max(0, months // step)
        every = (_months_on(self.day, step * n) for n in range(first, first + 3))
        return next(day for day in every if day >= today)


def running(unit: Unit) -> tuple[AgencyDate, ...]:
    """List those that nobody has ended."""
    return tuple(
        AgencyDate(
            row.id,
            row.kind,
            row.title,
            row.day,
            row.repeats,
            tuple(int(one) for one in row.ahead.split(",") if one),
            row.role,
        )
        for row in agency_dates.running(unit)
    )


def add(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    *,
    kind: str,
    title: str,
    day: date,
    repeats: str,
    ahead: tuple[int, ...],
    role: str,
) -> int:
    """Add a day. Raises `Refused` access.not_allowed, agency_date.past, .title, .ahead, .choice."""
    _may(actor)
    title = clean_line(title)
    if kind not in KINDS or repeats not in REPEATS or role not in ROLES:
        raise Refused("agency_date.choice")
    if not title or len(title) > TITLE:
        raise Refused("agency_date.title", most=TITLE)
    if not 0 < len(ahead) <= AHEAD or not all(0 <= one <= MOST_AHEAD for one in ahead):
        raise Refused("agency_date.ahead", count=AHEAD, most=MOST_AHEAD)
    if day < seoul_day(svc.now()):
        raise Refused("agency_date.past")
    made = agency_dates.add(
        unit, kind=kind, title=title, day=day, repeats=repeats, role=role,
        ahead=",".join(str(one) for one in sorted(set(ahead), reverse=True)),
        user_id=actor.user_id, now=svc.now(),
    )  # fmt: skip
    house.note(svc, unit, actor, "agency_date_added", {"id": made, "kind": kind})
    return made


def end(svc: Desk, unit: Unit, actor: Actor, date_id: int) -> None:
    """Let a day not come again. Raises `Refused` access.not_allowed, agency_date.unknown."""
    _may(actor)
    if not agency_dates.end(unit, date_id, svc.now()):
        raise Refused("agency_date.unknown")
    house.note(svc, unit, actor, "agency_date_ended", {"id": date_id})


def elections(svc: Desk, unit: Unit) -> tuple[date, ...]:
    """List the election days: of the law, of the agency's settings, and of its own days."""
    today, hold = seoul_day(svc.now()), svc.site.election_hold
    own = (one.next(today) for one in running(unit) if one.kind == "election")
    law = {next_local(today)} if hold.local else set()
    return tuple(sorted({*law, *hold.days, *(day for day in own if day)}))


def held_back(svc: Desk, unit: Unit, day: date) -> date | None:
    """Give the election before which publicity rests on a day, None when there is none.

    How long before stands in the settings (`election_hold.before`, days); election day is in.
    """
    span = timedelta(days=svc.site.election_hold.before)
    return next((one for one in elections(svc, unit) if one - span <= day <= one), None)


def holds(svc: Desk, unit: Unit) -> Iterator[tuple[date, date]]:
    """Give what is still to come: from which day, until which election publicity rests."""
    today, span = seoul_day(svc.now()), timedelta(days=svc.site.election_hold.before)
    for one in elections(svc, unit):
        if one >= today:
            yield one - span, one


def _months_on(day: date, months: int) -> date:
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _may(actor: Actor) -> None:
    if not rights.may(actor, Right.DATES):
        raise Refused("access.not_allowed")
