"""Changes of rights of access, for the inspector: who, what, when, by whom, by which approval.

Given, changed and taken rights are written down and kept for years (개인정보의 안전성 확보조치
기준 제5조제3항); how many is a setting, because the agency has to confirm it.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.errors import Refused
from bot.services import house, officials, rights
from bot.services.base import Actor, Desk
from bot.services.rights import Right
from knowledge.calendar import SEOUL, seoul_day
from storage.repositories import right_changes
from storage.unit import Unit

PAGE = 100
MOST = 20_000
SHOWN = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Line:
    """One change; `by` is "" for the command line and the clock."""

    id: int
    at: datetime
    who: str
    login: str
    what: str
    role: str
    by: str
    approval: int | None


@dataclass(frozen=True, slots=True)
class Span:
    """From a day to a day, both in."""

    since: date
    until: date


def usual(svc: Desk) -> Span:
    """Give what is shown first: the last three months."""
    today = seoul_day(svc.now())
    return Span(today - SHOWN, today)


def lines(
    unit: Unit, actor: Actor, span: Span, *, after: int | None = None, limit: int = PAGE
) -> tuple[Line, ...]:
    """List changes, the newest first. Raises `Refused` access.not_allowed, rights_log.span."""
    if not rights.may(actor, Right.RIGHTS_LOG):
        raise Refused("access.not_allowed")
    if span.until < span.since:
        raise Refused("rights_log.span")
    begin = datetime.combine(span.since, time(), SEOUL)
    end = datetime.combine(span.until + timedelta(days=1), time(), SEOUL)
    known = {one.id: one for one in officials.everybody(unit)}
    rows = right_changes.listed(unit, begin, end, after=after, limit=limit)
    return tuple(_line(row, known) for row in rows)


def download(svc: Desk, unit: Unit, actor: Actor, span: Span) -> tuple[Line, ...]:
    """Give a span as a whole; that it was taken away stands in the journal."""
    found = lines(unit, actor, span, limit=MOST)
    told = {"since": str(span.since), "until": str(span.until), "lines": len(found)}
    house.note(svc, unit, actor, "rights_log_downloaded", told)
    return found


def _line(row: Any, known: dict[int, officials.Official]) -> Line:
    who, by = known[row.user_id], known.get(row.by_id or 0)
    return Line(
        row.id,
        row.at,
        f"{who.unit} {who.name}".strip(),
        who.login,
        row.what,
        row.role,
        f"{by.unit} {by.name}".strip() if by else "",
        row.approval_id,
    )
