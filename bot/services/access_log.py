"""Reading the access log: by person, day and report; what looks odd in it.

안전성 확보조치 기준 제8조: who, when, from where, whose data, what; downloads are checked for their
reason. Whose data it was is told by the report's number, where the reader may know of it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from bot.errors import Refused
from bot.services import accesses as log
from bot.services import rights, sight
from bot.services.base import Actor, Desk
from bot.services.rights import Right
from bot.services.sight import visible_filings
from knowledge.calendar import SEOUL, WorkCalendar, seoul_day
from storage.models import accesses, users
from storage.repositories import accesses as repository
from storage.unit import Unit

MOST = 500  # lines on a page
ALL = 100_000  # lines of a file
NIGHT = (time(22), time(6))
LEAST = 5  # signs of a reason
OPENED = ("opened", "identity", "original", "file", "printed")
_a, _u = accesses.c, users.c


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the log is asked for; days are of Seoul, the last one included."""

    since: date
    until: date
    login: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as the inspector reads it; `number` is "" where there is none for his eyes."""

    at: datetime
    name: str
    login: str
    network: str
    what: str
    number: str
    hidden: bool  # it was about a report that the reader may not know of
    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class Odd:
    """Something to ask about; it accuses nobody."""

    kind: Literal["many", "night", "off", "others"]
    name: str
    login: str
    at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class SignIn:
    at: datetime
    network: str


def own_sign_ins(unit: Unit, user_id: int, limit: int = 10) -> tuple[SignIn, ...]:
    """Give an official's own last sign-ins."""
    mine = (_a.user_id == user_id, _a.what == "signed_in")
    found = sa.select(_a.at, _a.network).where(*mine).order_by(_a.id.desc()).limit(limit)
    return tuple(SignIn(row.at, row.network) for row in unit.conn.execute(found))


def month(day: date) -> Asked:
    """Ask for the month that a day lies in."""
    first = day.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    return Asked(first, after - timedelta(days=1))


def span(asked: Asked) -> tuple[datetime, datetime]:
    """Give the moments between which the days lie."""
    begin, end = asked.since, asked.until + timedelta(days=1)
    return datetime.combine(begin, time(), SEOUL), datetime.combine(end, time(), SEOUL)


def lines(
    unit: Unit, actor: Actor, asked: Asked, *, after: int = 0, most: int = MOST
) -> tuple[tuple[Line, ...], int]:
    """Give the newest lines, and the key of the last one where there are more.

    Raises `Refused` access.not_allowed.
    """
    _reader(actor)
    chosen = _chosen(unit, actor, asked)
    if after:
        chosen.append(_a.id < after)
    known = visible_filings(actor).subquery("known").c
    found = (
        sa.select(accesses, _u.name, _u.login, known.number)
        .join(users, _u.id == _a.user_id)
        .outerjoin(known.id.table, known.id == _a.filing_id)
        .where(*chosen)
        .order_by(_a.id.desc())
        .limit(most + 1)
    )
    rows = unit.conn.execute(found).all()
    told = tuple(_line(unit, row) for row in rows[:most])
    return told, (rows[most - 1].id if len(rows) > most else 0)


def download(svc: Desk, unit: Unit, actor: Actor, asked: Asked, reason: str) -> tuple[Line, ...]:
    """Give all the lines for a file; the log knows of it first.

    Raises `Refused` access.not_allowed, access_log.reason.
    """
    _reader(actor)
    if len(reason.strip()) < LEAST:
        raise Refused("access_log.reason", least=LEAST)
    found, _ = lines(unit, actor, asked, most=ALL)
    why = reason.strip()[:500]
    log.note(svc, unit, actor, "log_downloaded", count=len(found), reason=why)
    return found


def taken(unit: Unit, actor: Actor, asked: Asked) -> tuple[Line, ...]:
    """List what was taken along or opened with a reason: the reasons are to be checked."""
    found, _ = lines(unit, actor, asked, most=ALL)
    return tuple(line for line in found if line.reason)


def people(unit: Unit, actor: Actor) -> tuple[tuple[str, str], ...]:
    """List login and name of everybody who may stand in the log."""
    _reader(actor)
    rows = unit.conn.execute(sa.select(_u.login, _u.name).order_by(_u.name, _u.login))
    return tuple((row.login, row.name) for row in rows)


def odd(svc: Desk, unit: Unit, actor: Actor, asked: Asked) -> tuple[Odd, ...]:
    """List what somebody should ask about: much in an hour, at night, on a day off, of others.

    "Of others": opened by somebody who works on reports while it was somebody else's, as far as
    today's assignment tells.
    """
    _reader(actor)
    calendar = svc.calendar(unit)
    rows = list(_opened(unit, actor, asked))
    found: list[Odd] = []
    hours = Counter((row.user_id, _hour(row.at)) for row in rows)
    who = {row.user_id: (row.name, row.login) for row in rows}
    found += [
        Odd("many", *who[user], at, count)
        for (user, at), count in hours.items()
        if count > svc.site.access_log_hourly
    ]
    for kind in ("night", "off", "others"):
        days = Counter(
            (row.user_id, seoul_day(row.at)) for row in rows if _is(kind, row, calendar)
        )
        found += [
            Odd(kind, *who[user], datetime.combine(day, time(), SEOUL), count)
            for (user, day), count in days.items()
        ]
    return tuple(sorted(found, key=lambda one: (one.at, one.kind, one.login), reverse=True))


def _is(kind: str, row: Any, calendar: WorkCalendar) -> bool:
    here = row.at.astimezone(SEOUL)
    if kind == "night":
        return bool(here.time() >= NIGHT[0] or here.time() < NIGHT[1])
    if kind == "off":
        return not calendar.is_working(here.date())
    return row.filing_id is not None and row.assignee_id not in {None, row.user_id}


def _opened(unit: Unit, actor: Actor, asked: Asked) -> Iterator[Any]:
    known = visible_filings(actor).subquery("known").c
    found = (
        sa.select(_a.user_id, _a.at, _a.filing_id, _u.name, _u.login, known.assignee_id)
        .join(users, _u.id == _a.user_id)
        .outerjoin(known.id.table, known.id == _a.filing_id)
        .where(*_chosen(unit, actor, asked), _a.what.in_(OPENED))
        .order_by(_a.id)
        .limit(ALL)
    )
    yield from unit.conn.execute(found)


def _chosen(unit: Unit, actor: Actor, asked: Asked) -> list[sa.ColumnElement[bool]]:
    since, until = span(asked)
    chosen = [_a.at >= since, _a.at < until]
    if asked.login:
        chosen.append(_a.user_id.in_(sa.select(_u.id).where(_u.login == asked.login)))
    if asked.number:
        try:
            chosen.append(_a.filing_id == sight.find(unit, actor, asked.number).id)
        except Refused:
            chosen.append(sa.false())
    return chosen


def _line(unit: Unit, row: Any) -> Line:
    hidden = row.filing_id is not None and row.number is None
    reason = repository.reason(unit, row)
    told = (row.at, row.name, row.login, row.network, row.what)
    return Line(*told, row.number or "", hidden, row.count, "" if hidden else reason)


def _reader(actor: Actor) -> None:
    if not rights.may(actor, Right.ACCESS_LOG):
        raise Refused("access.not_allowed")


def _hour(at: datetime) -> datetime:
    return at.astimezone(SEOUL).replace(minute=0, second=0, microsecond=0)
