"""The access log through the year: each day hashed into a journal, each month looked over.

안전성 확보조치 기준 제8조: 월 1회 이상 점검, 위조·변조되지 않도록 보관, 1년(또는 2년) 이상 보관.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.errors import Refused
from bot.services import access_log, house, officials, rights
from bot.services.access_log import LEAST, Asked
from bot.services.base import Actor, Desk
from bot.services.history import History
from bot.services.rights import Right
from knowledge.calendar import seoul_day
from knowledge.korean import meant_day
from storage import journal
from storage.repositories import access_reviews, accesses, sent_keys, tasks
from storage.unit import Unit

LOG = hashlib.sha256(b"journal of the access log").digest()[:16]
KIND = "access_review"
BEHIND = 8  # days that are caught up with; a service that slept longer holds (S13)
LATE = timedelta(hours=1)  # a day is over when what began in it has been committed
YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Review:
    """One month's look, and what its reviewer remarked."""

    month: str
    made_at: datetime
    reviewed_at: datetime | None
    by: str
    remark: str


def upkeep(svc: Desk, unit: Unit) -> None:
    """Each hour: hash what was yesterday, ask for last month's look, sweep what is old enough."""
    now = svc.now()
    today = seoul_day(now - LATE)
    days = [today - timedelta(days=back) for back in range(BEHIND, 0, -1)]
    if not accesses.any_in(unit, *access_log.span(Asked(days[0], days[-1]))):
        days = []
    for day in days:
        key = f"{KIND}:day:{day}"
        if sent_keys.has(unit, key):
            continue
        count, digest = _digest(unit, day)
        if count and sent_keys.first(unit, key):
            told = {"day": day.isoformat(), "count": count, "digest": digest}
            journal.append(unit, LOG, now, "clock", "day_kept", told)
    before = today.replace(day=1) - timedelta(days=1)
    last = before.strftime("%Y-%m")
    some = accesses.any_in(unit, *access_log.span(access_log.month(before)))
    if some and access_reviews.add(unit, last, now):
        task = tasks.known(unit, KIND, now, reason="inspector")
        access_reviews.tied(unit, last, task)
    accesses.sweep(unit, now - YEAR * svc.site.access_log_years)


def listed(unit: Unit, actor: Actor) -> tuple[Review, ...]:
    """List the reviews, the newest first. Raises `Refused` access.not_allowed."""
    _reader(actor)
    names = {who.id: who.name for who in officials.everybody(unit)}
    return tuple(
        Review(
            row.month,
            row.made_at,
            row.reviewed_at,
            names.get(row.user_id or 0, ""),
            access_reviews.remark(unit, row),
        )
        for row in access_reviews.listed(unit)
    )


def altered(svc: Desk, unit: Unit, actor: Actor, asked: Asked) -> tuple[date, ...]:
    """Compare the days of a span with the journal: those that are not as they were written."""
    _reader(actor)
    oldest = seoul_day(svc.now() - YEAR * svc.site.access_log_years)
    kept = {
        date.fromisoformat(one.detail["day"]): (one.detail["count"], one.detail["digest"])
        for one in History(unit, LOG).all
        if one.kind == "day_kept"
    }
    return tuple(
        day
        for day, told in sorted(kept.items())
        if asked.since <= day <= asked.until and day > oldest and _digest(unit, day) != told
    )


def asked_of(month: str) -> Asked:
    """Give the span of a month (`2026-11`). Raises `Refused` access_log.month."""
    first = meant_day(f"{month}-01")
    if first is None:
        raise Refused("access_log.month")
    return access_log.month(first)


def close(svc: Desk, unit: Unit, actor: Actor, month: str, remark: str) -> None:
    """Keep the reviewer's remark, and take the task off the desk.

    Raises `Refused` access.not_allowed, access_log.month, access_log.remark, access_log.reviewed.
    """
    _reader(actor)
    row = access_reviews.get(unit, month)
    if row is None or actor.user_id is None:
        raise Refused("access_log.month")
    if len(remark.strip()) < LEAST:
        raise Refused("access_log.remark", least=LEAST)
    if not access_reviews.close(unit, row, actor.user_id, remark.strip()[:2000], svc.now()):
        raise Refused("access_log.reviewed")
    if row.task_id is not None:
        tasks.done(unit, row.task_id, actor.user_id, svc.now())
    house.note(svc, unit, actor, "access_log_reviewed", {"month": month})


def _digest(unit: Unit, day: date) -> tuple[int, str]:
    span = access_log.span(Asked(day, day))
    return accesses.digest(unit, *span)


def _reader(actor: Actor) -> None:
    if not rights.may(actor, Right.ACCESS_LOG):
        raise Refused("access.not_allowed")
