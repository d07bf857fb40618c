"""What the clock asks of the database at every tick; each answer is given once, by its key (S14).

Nothing is scheduled: an extension needs no cancelling, and what was slept through is found when
the machine is awake again. Every piece is one transaction of its own, and a filing that is
closed is asked nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from bot.errors import Refused
from bot.services import (
    attachments,
    disposals,
    external,
    hands,
    moves,
    notices,
    office_due,
    people,
    recounting,
    recounts,
    sight,
)
from bot.services.base import CLOCK, Desk
from bot.services.history import History
from bot.services.sight import visible_filings
from bot.services.upkeep import more, sweep_more, upkeep
from knowledge import clock
from knowledge.calendar import SEOUL, WorkCalendar, local, seoul_day
from storage import models
from storage.repositories import fact_requests, outbox, sent_keys, tasks, terms
from storage.unit import Unit

Act = Callable[[Unit], None]
_d = models.deadlines.c
MORNING = time(9)
AT_ONCE = 200  # reports given into other hands in one transaction
AHEAD = timedelta(days=14)  # the furthest `remind_before`, weekends and holidays within

BY_CLOCK = {
    "interim": "interim", "refer_answer": "refer_silence", "onsite": "onsite_end",
    "close": "close", "overdue_again": "overdue",
}  # fmt: skip
"""Deadlines that the clock itself answers with a move when they are over."""

OVER = {
    "supplement": ("handler", "supplement_over"), "supplement_again": ("handler", "supplement_over"),
    "route": ("handler", "route_due"), "receive": ("intake", "receive_due"),
}  # fmt: skip
"""Deadlines whose end is told to an official."""

BEFORE = {
    "answer": ("handler", "answer_due"), "onsite": ("handler", "onsite_over"),
    "action": ("handler", "action_due"), "record": ("audit_head", "record_due"),
}  # fmt: skip
"""Deadlines of which an official is reminded before, on the working days of `remind_before`."""


@dataclass(frozen=True, slots=True)
class Due:
    """One piece of work for one transaction of its own; `run_key` is its command id.

    `work` gives the names of blobs to delete once it is committed.
    """

    run_key: str
    work: Callable[[Unit], tuple[str, ...]]


def due_work(svc: Desk, unit: Unit, limit: int = 200) -> tuple[Due, ...]:
    """Say what is due now; the caller runs each in `store.transact(due.work, due.run_key)`.

    A run that was done before does not come again: its key stands in `sent_keys`.
    """
    found: list[Due] = []
    for due in _all(svc, unit, limit):
        if len(found) >= limit:
            break
        if not sent_keys.has(unit, due.run_key):
            found.append(due)
    return (*found, *disposals_due(svc, unit), *upkeep_due(svc, unit))


def upkeep_due(svc: Desk, unit: Unit) -> tuple[Due, ...]:
    """Give the sweeping, once an hour; and a look whose hands reports are in (S8)."""
    key = f"upkeep:{local(svc.now()):%Y-%m-%dT%H}"
    if sent_keys.has(unit, key):
        if not more(svc, unit):
            return ()
        return (Due(f"sweep:{svc.now():%Y-%m-%dT%H:%M:%S}", partial(sweep_more, svc)),)

    def work(inside: Unit) -> tuple[str, ...]:
        sent_keys.first(inside, key)
        for filing_id in hands.unsettled(inside, AT_ONCE):  # people move, units end
            hands.settle(svc, inside, filing_id)
        office_due.hourly(svc, inside)
        return upkeep(svc, inside)

    return (Due(key, work),)


def disposals_due(svc: Desk, unit: Unit) -> tuple[Due, ...]:
    """Give the destruction that two persons have let go, case by case; interrupted, it goes on."""
    return tuple(
        Due(
            f"destroy:{disposal}:{filing}",
            partial(_destroy, svc, disposal, filing),
        )
        for disposal, filing in disposals.waiting(unit)
    )


def _destroy(svc: Desk, disposal: int, filing: int, unit: Unit) -> tuple[str, ...]:
    return disposals.destroy_one(svc, unit, disposal, filing)


def _all(svc: Desk, unit: Unit, limit: int) -> Iterator[Due]:
    calendar = svc.calendar(unit)
    yield from _received(svc, unit, calendar, limit)
    yield from _recounted(svc, unit, calendar, limit)
    yield from _followed(svc, unit, limit)
    yield from _late(svc, unit, calendar)
    for name, action in BY_CLOCK.items():
        if name != "overdue_again" or _morning(svc, calendar):
            yield from _moved(svc, unit, name, action)
    for name, (to, key) in OVER.items():
        yield from _over(svc, unit, name, to, key)
    for name, (to, key) in BEFORE.items():
        yield from _before(svc, unit, calendar, name, to, key)
    yield from (_once(key, None, work) for key, work in people.due(svc, unit))
    yield from (_once(*one) for one in office_due.due(svc, unit))
    yield from _silent_units(svc, unit)
    yield from _undelivered(svc, unit)
    yield from _stopped(svc, unit)


def _received(svc: Desk, unit: Unit, calendar: WorkCalendar, limit: int) -> Iterator[Due]:
    """도달 becomes 접수 when the office opens (민원처리법 시행령 제6조제7항).

    Where a person receives, still of what nobody here may see: receiving is not held back (제9조).
    """
    known = visible_filings(CLOCK)
    c = known.selected_columns
    waiting = known.where(c.state == "submitted").limit(limit)
    if svc.site.receive != "auto":
        waiting = waiting.where(c.restricted_at.is_not(None))
    for filing in sight.several(unit, waiting):
        if clock.receipt(filing.arrived_at, calendar).received <= svc.now():
            yield _once(f"receive:{filing.id}", filing.id, _move(svc, filing.id, "receive"))


def _recounted(svc: Desk, unit: Unit, calendar: WorkCalendar, limit: int) -> Iterator[Due]:
    """Count again after a new day off: longer by itself, shorter only by a person (S33)."""
    old = recounting.affected(calendar.version, svc.now()).limit(limit)
    for filing in sight.several(unit, old):
        key = f"calendar:{filing.id}:{calendar.version}:{filing.version}"
        yield _once(key, filing.id, partial(recounts.recount, svc, filing.id))


def _followed(svc: Desk, unit: Unit, limit: int) -> Iterator[Due]:
    """Let dates follow the setting that says whose counts, where it has changed."""
    for filing in sight.several(unit, external.stray(svc).limit(limit)):
        yield _once(f"whose:{filing.id}:{filing.version}", filing.id, _follow(svc, filing.id))


def _late(svc: Desk, unit: Unit, calendar: WorkCalendar) -> Iterator[Due]:
    """Say on the next working morning that the main date has passed (wording.md §8)."""
    for name in _mains(svc):
        for row in _due(svc, unit, name, svc.now()):
            day = seoul_day(row.due_at)
            key = f"{row.filing_id}:{day}"
            yield _once(f"consent:{key}", row.filing_id, _consent_over(svc, row.filing_id))
            first = datetime.combine(calendar.shift(day, 1), MORNING, SEOUL)
            if svc.now() < first:
                continue
            if svc.site.overdue_notice == "auto":
                act = _move(svc, row.filing_id, "overdue")
            else:
                act = _tell(svc, row.filing_id, "handler", "overdue_wanted")
            yield _once(f"overdue:{key}", row.filing_id, act)


def _mains(svc: Desk) -> frozenset[str]:
    return frozenset(rules.filing.deadline for rules in svc.procedures.values())


def _due(
    svc: Desk, unit: Unit, name: str, before: datetime, since: datetime | None = None
) -> list[sa.Row[Any]]:
    """List deadlines as `terms.due` does; of the main one the date that counts, whose it may be."""
    if name not in _mains(svc):
        return terms.due(unit, name, before, since)
    known = visible_filings(CLOCK)
    c = known.selected_columns
    running = sa.select(_d.filing_id).where(_d.name == name, _d.done_at.is_(None))
    rows = known.with_only_columns(c.id.label("filing_id"), c.due_at).order_by(c.due_at)
    rows = rows.where(c.closed_at.is_(None), c.due_at < before, c.id.in_(running))
    return list(unit.conn.execute(rows if since is None else rows.where(c.due_at >= since)))


def _moved(svc: Desk, unit: Unit, name: str, action: str) -> Iterator[Due]:
    for row in terms.due(unit, name, svc.now()):
        filing = sight.get(unit, row.filing_id)
        if filing.state not in moves.procedure_of(svc, filing).moves[action].from_:
            continue  # its key must not be used up: another state may allow it
        # What forbids the apology today may allow it tomorrow: the date stays the same.
        day = seoul_day(svc.now() if name == "overdue_again" else row.due_at)
        key = f"{action}:{row.filing_id}:{day}"
        yield _once(key, row.filing_id, _move(svc, row.filing_id, action))


def _over(svc: Desk, unit: Unit, name: str, to: str, key: str) -> Iterator[Due]:
    if name == "receive" and svc.site.receive == "auto":
        return
    for row in terms.due(unit, name, svc.now()):
        run = f"over:{row.filing_id}:{name}:{seoul_day(row.due_at)}"
        yield _once(run, row.filing_id, _tell(svc, row.filing_id, to, key))


def _before(
    svc: Desk, unit: Unit, calendar: WorkCalendar, name: str, to: str, key: str
) -> Iterator[Due]:
    """Remind on the working days before: `remind:<filing>:<deadline>:<due_on>:<n>` (S14)."""
    today = seoul_day(svc.now())
    days = {
        n
        for rules in svc.procedures.values()
        if name in rules.deadlines
        for n in rules.deadlines[name].remind_before
    }
    for row in _due(svc, unit, name, svc.now() + AHEAD, since=_midnight(today)):
        due_on = seoul_day(row.due_at)
        passed = [n for n in days if calendar.shift(due_on, -n) <= today]
        if passed:  # after a long sleep one reminder, the nearest, not each of them
            run = f"remind:{row.filing_id}:{name}:{due_on}:{min(passed)}"
            yield _once(run, row.filing_id, _tell(svc, row.filing_id, to, key))


def _silent_units(svc: Desk, unit: Unit) -> Iterator[Due]:
    for asked in fact_requests.silent(unit, svc.now()):
        run = f"fact:{asked.id}:{seoul_day(asked.due_at)}"
        yield _once(run, asked.filing_id, _tell(svc, asked.filing_id, "handler", "fact_due"))


def _undelivered(svc: Desk, unit: Unit) -> Iterator[Due]:
    """통지 불능: what no channel could deliver becomes a task (S10)."""
    for row in outbox.failed(unit):
        if row.rank > notices.REMINDER or row.status == "unknown":
            continue
        if row.channel == svc.office.channel:
            mailed = partial(office_due.letter, svc, row.id)
            yield _once(f"undelivered:{row.id}", row.filing_id, mailed)
            continue

        def act(inside: Unit, row_id: int = row.id, filing_id: int | None = row.filing_id) -> None:
            tasks.add(
                inside,
                "undelivered",
                svc.now(),
                filing_id=filing_id,
                outbox_id=row_id,
                reason="channel",
            )

        yield _once(f"undelivered:{row.id}", row.filing_id, act)


def _stopped(svc: Desk, unit: Unit) -> Iterator[Due]:
    """Tell of files that the scanner stopped, once each (security S25)."""
    for ref, filing_id in attachments.found(unit):
        act = partial(attachments.tell_found, svc, ref=ref)
        yield _once(f"found:{ref}", filing_id, act)


def _once(key: str, filing_id: int | None, act: Act) -> Due:
    def work(unit: Unit) -> tuple[str, ...]:
        if sent_keys.first(unit, key, filing_id):
            act(unit)
        return ()

    return Due(key, work)


def _move(svc: Desk, filing_id: int, action: str) -> Act:
    """Make a move for the clock; where guards say no, there is nothing to do."""

    def act(unit: Unit) -> None:
        filing = sight.get(unit, filing_id, CLOCK, lock=True)
        rules = moves.procedure_of(svc, filing)
        if filing.state not in rules.moves[action].from_:
            return
        try:
            moves.carry_out(svc, unit, CLOCK, filing, None, action, {})
        except Refused:
            return

    return act


def _tell(svc: Desk, filing_id: int, to: str, key: str) -> Act:
    def act(unit: Unit) -> None:
        filing = sight.get(unit, filing_id)
        if filing.closed_at is None or key == "record_due":
            open_ = filing.closed_at is None
            notices.tell_officials(svc, unit, filing, to, f"notice.desk.{key}", reminder=open_)

    return act


def _consent_over(svc: Desk, filing_id: int) -> Act:
    def act(unit: Unit) -> None:
        filing = sight.get(unit, filing_id)
        asked = History(unit, filing.sid).open("ask_extension2", "extension2_reply")
        if asked is not None:
            notices.tell_officials(svc, unit, filing, "handler", "notice.desk.consent_over")

    return act


def _follow(svc: Desk, filing_id: int) -> Act:
    def act(unit: Unit) -> None:
        external.follow(svc, unit, sight.get(unit, filing_id, CLOCK, lock=True))

    return act


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), SEOUL)


def _morning(svc: Desk, calendar: WorkCalendar) -> bool:
    now = local(svc.now())
    return calendar.is_working(now.date()) and now.time() >= MORNING
