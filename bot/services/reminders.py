"""What the clock asks of the database at every tick; each answer is given once, by its key (S14).

Nothing is scheduled: an extension needs no cancelling, and what was slept through is found when
the machine is awake again. Every piece is one transaction of its own, and a filing that is
closed is asked nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from bot.errors import Refused
from bot.services import (
    attachments,
    cards,
    clocks,
    disposals,
    hands,
    moves,
    notices,
    office_due,
    people,
    recounting,
    said,
    sight,
)
from bot.services.base import CLOCK, Desk, stamp
from bot.services.history import History
from bot.services.sight import visible_filings
from bot.services.upkeep import more, sweep_more, upkeep
from bot.services.work import Work
from knowledge import clock
from knowledge.calendar import SEOUL, WorkCalendar, local, seoul_day
from storage import journal
from storage.repositories import fact_requests, filings, outbox, sent_keys, tasks, terms
from storage.repositories.filings import Filing
from storage.unit import Unit

Act = Callable[[Unit], None]
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
        yield _once(key, filing.id, _recount(svc, filing.id))


def _late(svc: Desk, unit: Unit, calendar: WorkCalendar) -> Iterator[Due]:
    """Say on the next working morning that the main date has passed (wording.md §8)."""
    names = {rules.filing.deadline for rules in svc.procedures.values()}
    for name in names:
        for row in terms.due(unit, name, svc.now()):
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
    for row in terms.due(unit, name, svc.now() + AHEAD, since=_midnight(today)):
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


def _recount(svc: Desk, filing_id: int) -> Act:
    def act(unit: Unit) -> None:
        filing = sight.get(unit, filing_id, CLOCK, lock=True)
        rules = moves.procedure_of(svc, filing)
        work = Work(svc, unit, CLOCK, filing, rules, rules.moves["receive"], {}, svc.now())
        beside = [one for one in recounting.side(work) if not (one.earlier and one.told)]
        recounting.move(work, beside)
        first = recounting.main(work)  # after the others: a stop may last longer now
        longer = first is not None and not first.earlier
        if longer:
            clocks.recount(work, filing.received_at)
        work.changes["calendar_version"] = work.calendar.version
        filings.change(unit, filing.id, filing.version, **work.changes)
        if longer:
            _tell_longer(svc, unit, filing)
        if beside:
            _tell_beside(svc, unit, filing, beside)
        _ask_earlier(work)
        cards.changed(svc, unit, filing, filing_id)

    return act


def _ask_earlier(work: Work) -> None:
    """Put before a person what came earlier, once; take it back when it came right again."""
    waiting = tasks.open_(work.unit, filing_id=work.filing.id)
    asked = [task for task in waiting if task.kind == "desk.shorter"]
    if not recounting.earlier(work):
        for task in asked:
            tasks.done(work.unit, task.id, None, work.now)
    elif not asked:
        key = "notice.desk.shorter"
        notices.tell_officials(work.svc, work.unit, work.filing, "handler", key)


def _tell_beside(svc: Desk, unit: Unit, filing: Filing, moved: Sequence[recounting.Shift]) -> None:
    """Show both dates of what the reporter waits for; the rest is the office's own."""
    at = stamp(filing.mode, svc.now())
    detail = {"moved": recounting.dates(moved)}
    journal.append(unit, filing.sid, at, CLOCK.mark, "recounted_beside", detail)
    lines = said.shifted(one for one in moved if one.told)
    if lines:
        params = {**said.base(svc, unit, filing, svc.now()), "lines": lines}
        notices.tell(svc, unit, filing, notices.Message("notice.calendar_beside", params))


def _tell_longer(svc: Desk, unit: Unit, before: Filing) -> None:
    """Show both dates: the one that was told is kept first."""
    after = sight.get(unit, before.id)
    old, new = (seoul_day(at).isoformat() for at in (before.due_at, after.due_at) if at)
    at = stamp(before.mode, svc.now())
    journal.append(unit, before.sid, at, CLOCK.mark, "recounted", {"old": old, "new": new})
    params = {"number": before.number, "old_due": old, "new_due": new}
    params["days"] = ", ".join(_new_days_off(before, after))
    notices.tell(svc, unit, after, notices.Message("notice.calendar", params))


def _new_days_off(before: Filing, after: Filing) -> list[str]:
    """Name the days that were counted before and are off now."""
    counted = {line.day for line in clocks.lines(before) if line.kind in {"day", "work"}}
    off = [line for line in clocks.lines(after) if line.kind == "off" and line.day in counted]
    return [line.name for line in off]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), SEOUL)


def _morning(svc: Desk, calendar: WorkCalendar) -> bool:
    now = local(svc.now())
    return calendar.is_working(now.date()) and now.time() >= MORNING
