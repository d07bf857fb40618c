"""What the clock asks of the database at every tick; each answer is given once, by its key (S14).

Nothing is scheduled: an extension needs no cancelling, and what was slept through is found when
the machine is awake again. Every piece is one transaction of its own, and a filing that is
closed is asked nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from typing import Any

import sqlalchemy as sa

from bot.errors import Refused
from bot.services import (
    broadcast_months,
    case_alerts,
    disposals,
    duties,
    external,
    hands,
    idle,
    moves,
    notices,
    office_due,
    people,
    portal,
    publishing,
    questions,
    recounting,
    recounts,
    renewals,
    running_terms,
    saying,
    sight,
    sign_ups,
    unfit,
    unreached,
)
from bot.services.base import CLOCK, Desk
from bot.services.history import History
from bot.services.saying import Occasion
from bot.services.sight import visible_filings
from bot.services.upkeep import more, sweep_more, upkeep
from knowledge import clock
from knowledge.calendar import SEOUL, WorkCalendar, seoul_day
from knowledge.clock import Deadline, Tell
from storage.repositories import fact_requests, sent_keys
from storage.unit import Unit

Act = Callable[[Unit], None]
AT_ONCE = 200  # reports given into other hands in one transaction


PIECES = 20
"""Sweeps in one tick that is behind, a thousand rows each: more than one host can take in."""


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
    key = saying.hour_key(svc.now())
    if sent_keys.has(unit, key):
        at = f"{svc.now():%Y-%m-%dT%H:%M:%S}"
        return tuple(
            Due(f"sweep:{name}:{at}:{n}", partial(sweep_more, svc, name))
            for n in range(PIECES)
            for name in more(unit)
        )

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
    terms = running_terms.running(svc, unit)
    yield from _late(svc, calendar, terms)
    # In the order of the files: what is told of thirty days comes before what changes the state.
    names = dict.fromkeys(name for one in svc.procedures.every() for name in one.deadlines)
    known = {name: terms[name] for name in names if name in terms}
    over = {name: [r for r in rows if r.due_at < svc.now()] for name, rows in known.items()}
    for name in known:
        yield from _moved(svc, calendar, name, over[name])
    for name in known:
        yield from _over(svc, calendar, name, over[name])
    for name, rows in known.items():
        yield from _before(svc, calendar, name, rows)
    yield from (_once(key, None, work) for key, work in people.due(svc, unit))
    yield from (_once(*one) for one in office_due.due(svc, unit))
    yield from (_once(*one) for one in publishing.due(svc, unit))
    yield from (_once(*one) for one in broadcast_months.due(svc, unit))
    yield from (_once(*one) for one in case_alerts.due(svc, calendar))
    yield from (_once(*one) for one in idle.due(svc, unit, calendar))
    yield from (_once(*one) for one in portal.due(svc, unit))
    yield from (_once(*one) for one in questions.due(svc, unit))
    yield from (_once(*one) for one in sign_ups.due(svc, unit))
    yield from (_once(*one) for one in renewals.due(svc, unit))
    yield from (_once(*one) for one in duties.due(svc, unit, calendar))
    yield from _silent_units(svc, unit)
    yield from (_once(*one) for one in unreached.due(svc, unit))
    yield from _stopped(svc, unit)


def _received(svc: Desk, unit: Unit, calendar: WorkCalendar, limit: int) -> Iterator[Due]:
    """도달 becomes 접수 when the office opens (민원처리법 시행령 제6조제7항).

    Where a person receives, still of what nobody here may see: receiving is not held back (제9조).
    """
    waiting = sight.several(unit, _waiting(limit, auto=svc.site.receive == "auto"))
    for filing in svc.known(waiting):
        at = clock.receipt(filing.arrived_at, calendar).received
        if at <= svc.now():
            yield _once(f"receive:{filing.id}", filing.id, _move(svc, filing.id, "receive", at))


@cache
def _waiting(limit: int, *, auto: bool) -> sa.Select[Any]:
    known = visible_filings(CLOCK)
    c = known.selected_columns
    waiting = known.where(c.state == "submitted", c.reach != sight.AWAY).limit(limit)
    return waiting if auto else waiting.where(c.restricted_at.is_not(None))


def _recounted(svc: Desk, unit: Unit, calendar: WorkCalendar, limit: int) -> Iterator[Due]:
    """Count again after a new day off: longer by itself, shorter only by a person (S33)."""
    old = recounting.affected(limit)
    stale = sight.several(unit, old, calendar=calendar.version, now=svc.now())
    for filing in svc.known(stale):
        key = f"calendar:{filing.id}:{calendar.version}:{filing.version}"
        yield _once(key, filing.id, partial(recounts.recount, svc, filing.id))


def _followed(svc: Desk, unit: Unit, limit: int) -> Iterator[Due]:
    """Let dates follow the setting that says whose counts, where it has changed."""
    for filing in svc.known(sight.several(unit, external.stray(svc, limit))):
        yield _once(f"whose:{filing.id}:{filing.version}", filing.id, _follow(svc, filing.id))


def _late(svc: Desk, calendar: WorkCalendar, terms: running_terms.Terms) -> Iterator[Due]:
    """Say on the next working morning that the main date has passed (wording.md §8)."""
    for name, rows in terms.items():
        for row in rows:
            rules = svc.procedures.version(row.procedure, row.procedure_version)
            main = rules.filing.deadline == name and "overdue" in rules.moves
            if not main or row.due_at >= svc.now():
                continue
            day = seoul_day(row.due_at)
            key = f"{row.filing_id}:{day}"
            yield _once(f"consent:{key}", row.filing_id, _consent_over(svc, row.filing_id))
            first = _opens(calendar, calendar.shift(day, 1))
            if svc.now() < first:
                continue
            if svc.site.overdue_notice == "auto":
                act = _move(svc, row.filing_id, "overdue", first)
            else:
                when = Occasion("over", name, day, first)
                act = _tell(svc, row.filing_id, Tell("handler", "overdue_wanted"), when)
            yield _once(f"overdue:{key}", row.filing_id, act)


def _rule(svc: Desk, row: sa.Row[Any], name: str) -> Deadline | None:
    """Give the deadline by the rules that the filing was made under."""
    return svc.procedures.version(row.procedure, row.procedure_version).deadlines.get(name)


def _moved(
    svc: Desk, calendar: WorkCalendar, name: str, over: running_terms.Rows
) -> Iterator[Due]:
    """Let the clock do what it does by itself when a deadline is over."""
    for row in over:
        rules = svc.procedures.version(row.procedure, row.procedure_version)
        rule = rules.deadlines.get(name)
        if rule is None or not rule.then or row.state not in rules.moves[rule.then].from_:
            continue  # its key must not be used up: another state may allow it
        again = rule.starts == rule.then  # said once more, while the office is open
        if again and not calendar.is_open(svc.now()):
            continue
        # What forbids it today may allow it tomorrow: the date stays the same.
        day = seoul_day(svc.now() if again else row.due_at)
        key = f"{rule.then}:{row.filing_id}:{day}"
        at = calendar.opening(row.due_at) if again else row.due_at
        yield _once(key, row.filing_id, _move(svc, row.filing_id, rule.then, at))


def _over(svc: Desk, calendar: WorkCalendar, name: str, over: running_terms.Rows) -> Iterator[Due]:
    if name == "receive" and svc.site.receive == "auto":
        return
    for row in over:
        rule = _rule(svc, row, name)
        if rule is not None and rule.over is not None:
            day = seoul_day(row.due_at)
            when = Occasion("over", name, day, calendar.opening(row.due_at))
            act = _tell(svc, row.filing_id, rule.over, when)
            yield _once(f"over:{row.filing_id}:{name}:{day}", row.filing_id, act)


def _before(
    svc: Desk, calendar: WorkCalendar, name: str, rows: running_terms.Rows
) -> Iterator[Due]:
    """Remind on the working days before: `remind:<filing>:<deadline>:<due_on>:<n>` (S14).

    While the office is open. Of a date on a day off the last working day before it is the day.
    """
    if not calendar.is_open(svc.now()):
        return
    today = seoul_day(svc.now())
    for row in rows:
        rule = _rule(svc, row, name)
        if rule is None or rule.before is None or row.due_at < svc.now():
            continue
        due_on = seoul_day(row.due_at)
        days = {n: day_before(calendar, due_on, n) for n in rule.remind_before}
        passed = [n for n, day in days.items() if day <= today]
        if passed:  # after a long sleep one reminder, the nearest, not each of them
            nearest = min(passed)
            when = Occasion("before", name, due_on, _opens(calendar, days[nearest]))
            run = f"remind:{row.filing_id}:{name}:{due_on}:{nearest}"
            yield _once(run, row.filing_id, _tell(svc, row.filing_id, rule.before, when))


def day_before(calendar: WorkCalendar, day: date, count: int) -> date:
    """Give the `count`-th working day before a day; 0: the day itself, or the last one worked."""
    return day if count == 0 and calendar.is_working(day) else calendar.shift(day, -max(count, 1))


def _silent_units(svc: Desk, unit: Unit) -> Iterator[Due]:
    for asked in fact_requests.silent(unit, svc.now()):
        run = f"fact:{asked.id}:{seoul_day(asked.due_at)}"
        yield _once(run, asked.filing_id, _tell(svc, asked.filing_id, Tell("handler", "fact_due")))


def _stopped(svc: Desk, unit: Unit) -> Iterator[Due]:
    """Tell of files that the scanner stopped: whoever sent it, and the handler once it is filed."""
    for file in unfit.found(unit):
        at = "" if file.filing_id is None else ":filed"
        yield _once(
            f"found:{file.ref}{at}", file.filing_id, partial(unfit.stopped, svc, ref=file.ref)
        )


def _once(key: str, filing_id: int | None, act: Act) -> Due:
    def work(unit: Unit) -> tuple[str, ...]:
        if sent_keys.first(unit, key, filing_id):
            act(unit)
        return ()

    return Due(key, work)


def _move(svc: Desk, filing_id: int, action: str, at: datetime) -> Act:
    """Make a move for the clock; where guards say no, there is nothing to do.

    `at` is when it was to be made: what is told of it says so when the clock slept then (S15).
    """

    def act(unit: Unit) -> None:
        filing = sight.get(unit, filing_id, CLOCK, lock=True)
        move = moves.procedure_of(svc, filing).moves.get(action)
        if move is None or filing.state not in move.from_:
            return
        late = saying.missed(svc, unit, at)
        try:
            moves.carry_out(svc, unit, CLOCK, filing, None, action, {}, late=late)
        except Refused:
            return

    return act


def _tell(svc: Desk, filing_id: int, tell: Tell, when: Occasion | None = None) -> Act:
    """Tell whoever a deadline is told to, a citizen by the words of `notice.<key>`."""

    def act(unit: Unit) -> None:
        filing = sight.get(unit, filing_id)
        rules = moves.procedure_of(svc, filing)
        rule = rules.deadlines.get(when.name) if when is not None else None
        if filing.closed_at is not None and not (rule is not None and rule.outlives):
            return
        slept = when is not None and saying.missed(svc, unit, when.at)
        if tell.to == "citizen":
            assert when is not None
            assert rule is not None
            began = History(unit, filing.sid).last(rule.starts)
            if began is not None and seoul_day(began.at) >= seoul_day(when.at):
                return  # who was asked just now need not be reminded
            notices.remind(svc, unit, filing, tell.key, when, late=slept)
            return
        said = when
        if when is not None and not slept:  # it is told when it comes to be so
            said = when.told_at(svc.calendar(unit).opening(svc.now()))
        open_ = filing.closed_at is None
        key = f"notice.desk.{tell.key}"
        notices.tell_officials(
            svc, unit, filing, tell.to, key, reminder=open_, waits=True, occasion=said
        )

    return act


def _consent_over(svc: Desk, filing_id: int) -> Act:
    def act(unit: Unit) -> None:
        filing = sight.get(unit, filing_id)
        asked = History(unit, filing.sid).open("ask_extension2", "extension2_reply")
        if asked is not None:
            key = "notice.desk.consent_over"
            notices.tell_officials(svc, unit, filing, "handler", key, waits=True)

    return act


def _follow(svc: Desk, filing_id: int) -> Act:
    def act(unit: Unit) -> None:
        external.follow(svc, unit, sight.get(unit, filing_id, CLOCK, lock=True))

    return act


def _opens(calendar: WorkCalendar, day: date) -> datetime:
    return datetime.combine(day, calendar.hours.opens, SEOUL)
