"""Dates counted anew at a tick, after a new day off: what is written, and who is told (S33)."""

from collections.abc import Sequence

from bot.services import cards, clocks, moves, notices, recounting, said, sight
from bot.services.base import CLOCK, Desk, stamp
from bot.services.work import Work
from knowledge.calendar import seoul_day
from storage import journal
from storage.repositories import filings, tasks
from storage.repositories.filings import Filing
from storage.unit import Unit


def recount(svc: Desk, filing_id: int, unit: Unit) -> None:
    """Write what the calendar moves: longer by itself, shorter only by a person."""
    filing = sight.get(unit, filing_id, CLOCK, lock=True)
    rules = moves.procedure_of(svc, filing)
    work = Work(svc, unit, CLOCK, filing, rules, rules.moves["receive"], {}, svc.now())
    beside = [one for one in recounting.side(work) if not (one.earlier and one.told)]
    recounting.move(work, beside)
    first = recounting.main(work)  # after the others: a stop may last longer now
    unseen = first is not None and not first.told
    longer = first is not None and first.told and not first.earlier
    if longer or unseen:
        clocks.recount(work, filing.received_at)
    if first is not None and unseen:
        beside.append(first)
    work.changes["calendar_version"] = work.calendar.version
    filings.change(unit, filing.id, filing.version, **work.changes)
    if longer:
        _tell_longer(svc, unit, filing)
    if beside:
        _tell_beside(svc, unit, filing, beside)
    _ask_earlier(work)
    cards.changed(svc, unit, filing, filing_id)


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
