"""The clock of a filing: what the procedure's words start, pause, resume, extend and stop do."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from bot.errors import Refused
from bot.services.base import ANONYMOUS, Desk, stamp
from bot.services.work import Work
from knowledge import clock, derivation
from knowledge.calendar import SEOUL, seoul_day
from knowledge.clock import Deadline, Due, Extension, Pause
from knowledge.procedures import Procedure
from storage.repositories import external_numbers, tasks, terms
from storage.repositories.filings import Filing
from storage.unit import Unit

CONSENT = "consent"
THEIRS: Final = "theirs"


@dataclass(frozen=True, slots=True)
class Running:
    """A deadline of a filing as it stands."""

    name: str
    due_at: datetime | None
    done_at: datetime | None

    def open(self) -> bool:
        return self.done_at is None

    def over(self, now: datetime) -> bool:
        return self.open() and self.due_at is not None and self.due_at < now


def running(unit: Unit, filing_id: int) -> dict[str, Running]:
    """Give every deadline that was ever started, by name."""
    return {
        row.name: Running(row.name, row.due_at, row.done_at)
        for row in terms.deadlines_of(unit, filing_id)
    }


def theirs(svc: Desk, unit: Unit, filing: Filing) -> datetime | None:
    """Give the due date of the office's other system where that one counts, else None.

    Without a name there is none: nobody is promised an answer.
    """
    if svc.site.due_authority != THEIRS or filing.mode == ANONYMOUS:
        return None
    return external_numbers.due_of(unit, filing.id)


def counting(svc: Desk, unit: Unit, filing: Filing, law: datetime | None) -> datetime | None:
    """Say which due date counts, `law` being what the law's clock gives.

    It is the `due_at` of the filing, for officials, the reporter and every notice; the law's own
    stays where it is counted, in `deadlines`.
    """
    return theirs(svc, unit, filing) or law


def late(filing: Filing, main: Running | None, now: datetime) -> bool:
    """Tell whether the date that counts has passed without an answer."""
    at = filing.due_at
    return main is not None and main.open() and at is not None and at < now


def awaited(running: Mapping[str, Running], state: str) -> Running | None:
    """Give the deadline that a filing in this state waits for, beside the main one."""
    again = running.get("supplement_again")
    if state == "supplement" and again is not None and again.open():
        return again
    return running.get({"following": "action", "refer_asked": "refer_answer"}.get(state, state))


def main_rule(work: Work) -> Deadline:
    """Give the deadline that the citizen is told, with the agency's own number of days."""
    return rule_of(work.svc, work.procedure)


def rule_of(svc: Desk, procedure: Procedure) -> Deadline:
    """Give the same of a procedure, before there is a filing."""
    return as_set(svc, procedure.main)


def as_set(svc: Desk, rule: Deadline) -> Deadline:
    """Give a deadline with the agency's own amount, where it has a setting."""
    own = svc.site.value(rule.setting) if rule.setting else None
    return rule if own is None else replace(rule, amount=int(own))


def pauses(unit: Unit, filing_id: int) -> list[Pause]:
    """Give the stops; one that ends on a known day has that day as its end."""
    return [
        Pause(row.kind, row.started_at, row.ended_at or row.until)
        for row in terms.stops_of(unit, filing_id)
    ]


def lengthened(
    unit: Unit, filing_id: int, name: str, since: datetime | None = None
) -> list[Extension]:
    """Give the extensions of one deadline, those since it was last started."""
    return [
        Extension(row.amount, row.at, row.kind == CONSENT)
        for row in terms.extensions_of(unit, filing_id)
        if row.deadline == name and (since is None or row.at >= since)
    ]


def main_due(work: Work, received: datetime) -> Due:
    """Compute the main due date from the law, the calendar, the stops and the extensions."""
    rule = main_rule(work)
    if not rule.amount:  # no period is set: a day that somebody promised stays
        return Due(work.now_is("due_at"), lines(work.filing), work.calendar.version)
    return clock.due(
        rule,
        received,
        work.calendar,
        pauses(work.unit, work.filing.id),
        lengthened(work.unit, work.filing.id, rule.name),
    )


def turn(work: Work) -> None:
    """Do what the move's clock word says."""
    if not work.move.turns_clock(work.answers):
        return
    match work.move.clock:
        case "start":
            receive(work)
        case "pause":
            pause(work)
        case "resume":
            resume(work)
        case "extend":
            extend(work)
        case "stop":
            finish(work, work.move.on)
        case _:
            return


def receive(work: Work) -> None:
    """Start counting: 접수. Out of hours it counts from the next opening (auto), else from now."""
    arrived = work.filing.arrived_at  # the hour alone without a name: the row is open (S1)
    auto = work.svc.site.receive == "auto"
    received = clock.receipt(arrived, work.calendar).received if auto else work.now
    received = stamp(work.filing.mode, received)
    work.changes["received_at"] = received
    work.detail["received_at"] = received.isoformat()
    begin(work, "received", received)
    if not work.anonymous:
        recount(work, received)


def recount(work: Work, received: datetime | None = None) -> Due | None:
    """Compute the main due date anew and put it where the citizen and the queue read it.

    None, and nothing is written, without a name, before receipt, and once it was met. The
    calendar of the filing stays named as it was: what else it moved is found by that.
    """
    start = received or work.now_is("received_at")
    name = work.procedure.filing.deadline
    if start is None or work.anonymous or met(work, name):
        return None
    due = main_due(work, start)
    at = counting(work.svc, work.unit, work.filing, due.at)
    work.changes |= {"due_at": at, "derivation": derivation_text(due.lines, due.at, at)}
    work.detail["due_at"] = at.isoformat() if at else None
    terms.set_deadline(work.unit, work.filing.id, name, due.at)
    return due


def met(work: Work, name: str) -> bool:
    """Tell whether a deadline was met already: it does not run again."""
    standing = running(work.unit, work.filing.id).get(name)
    return standing is not None and not standing.open()


def derivation_text(
    counted: Sequence[derivation.DerivationLine], law: datetime | None, at: datetime | None
) -> str:
    """Give the lines of a derivation as the column keeps them, and last a date that is not ours."""
    lines_ = [one for one in counted if one.kind != THEIRS]
    if at is not None and at != law:
        lines_.append(derivation.DerivationLine(THEIRS, seoul_day(at)))
    return json.dumps(derivation.dump(lines_), ensure_ascii=False, separators=(",", ":"))


def pause(work: Work) -> None:
    """Stop the clock; a stop with a last day ends by itself on it."""
    since, until = (_day(work.answers.get(name)) for name in (work.move.since, work.move.until))
    started = work.now
    if since is not None and since > work.now.astimezone(SEOUL).date():
        started = datetime.combine(since, time(0), SEOUL)
    last = end_of(until) if until else None
    terms.stop(work.unit, work.filing.id, work.move.on, started, last)
    recount(work)


def resume(work: Work) -> None:
    """Let the clock go on from now, or from the last day of the stop if that has passed."""
    for row in terms.stops_of(work.unit, work.filing.id):
        if row.kind == work.move.on and row.ended_at is None:
            ended = min(work.now, row.until) if row.until else work.now
            terms.end_stop(work.unit, row.id, max(ended, row.started_at))
    recount(work)


def extend(work: Work) -> None:
    """Make a deadline longer; how far it may go was asked by the guards."""
    name, amount = work.move.on, int(work.detail.get("days") or work.answers["days"])
    consent = CONSENT if work.detail.get("consent") else "own"
    terms.extend(work.unit, work.filing.id, name, consent, amount, work.now, work.actor.user_id)
    if name != work.procedure.filing.deadline:
        standing = running(work.unit, work.filing.id)[name].due_at
        assert standing is not None
        longer = stretched(work, work.procedure.deadlines[name], standing, amount)
        terms.set_deadline(work.unit, work.filing.id, name, longer)
        prolong(work, name, longer)
    recount(work)


def prolong(work: Work, name: str, until: datetime) -> None:
    """Let the open stop of a side deadline end with it, where its last day is known."""
    for row in terms.stops_of(work.unit, work.filing.id):
        if row.kind == name and row.ended_at is None and row.until is not None:
            terms.prolong(work.unit, row.id, until)


def stretched(work: Work, rule: Deadline, due: datetime, amount: int) -> datetime:
    """Give the new end of a side deadline that is extended by `amount` of its own units."""
    day = due.astimezone(SEOUL).date()
    if rule.count == "work_days":
        return end_of(work.calendar.shift(day, amount))
    return end_of(work.calendar.shift(day + timedelta(days=amount), 0))


def begin(work: Work, what: str, at: datetime) -> None:
    """Start every deadline that this moment or action starts."""
    for rule in work.procedure.started_by(what):
        if rule.name == work.procedure.filing.deadline:
            continue  # `recount` keeps the main one
        due_at = first_due(work, rule, at, work.answers)
        if due_at is not None:
            terms.set_deadline(work.unit, work.filing.id, rule.name, due_at)


def first_due(
    work: Work, rule: Deadline, at: datetime, answers: Mapping[str, Any]
) -> datetime | None:
    """Give when a side deadline ends that starts `at` a time with these answers of a move.

    None when a day was to be given and was not, or the agency has set no period.
    """
    if rule.day_field:
        day = _day(answers.get(rule.day_field))
        return end_of(day) if day else None
    rule = as_set(work.svc, rule)
    amount = rule.amount
    if rule.amount_field:
        amount = int(answers.get(rule.amount_field) or amount)
    if amount == 0:
        return None
    return clock.due(replace(rule, amount=amount, extendable=()), at, work.calendar).at


def promise(work: Work, day: date) -> None:
    """Let the main deadline be on a day that an official has promised."""
    at, line = end_of(day), derivation.DerivationLine("promised", day)
    terms.set_deadline(work.unit, work.filing.id, work.procedure.filing.deadline, at)
    work.changes |= {"due_at": at, "derivation": derivation_text([line], at, at)}
    work.detail["due_at"] = at.isoformat()


def again(work: Work, name: str) -> None:
    """Start a repeating deadline anew from now."""
    rule = work.procedure.deadlines[name]
    terms.set_deadline(
        work.unit, work.filing.id, name, first_due(work, rule, work.now, work.answers)
    )


def finish(work: Work, *names: str) -> None:
    """Note that deadlines were met (or do not matter any more)."""
    at = stamp(work.filing.mode, work.now)
    told: set[str] = set()
    for name in names:
        terms.meet(work.unit, work.filing.id, name, at)
        rule = work.procedure.deadlines[name]
        told |= {f"desk.{tell.key}" for tell in (rule.before, rule.over) if tell is not None}
    if told:
        tasks.moot(work.unit, work.filing.id, told, work.now)


def end(work: Work, state: str) -> None:
    """Finish what this action ends, and everything that does not outlive a final state."""
    names = [rule.name for rule in work.procedure.ended_by(work.move.action)]
    if work.procedure.states[state].final:
        names += [rule.name for rule in work.procedure.deadlines.values() if not rule.outlives]
    if names:
        finish(work, *names)


def lines(filing: Filing) -> tuple[derivation.DerivationLine, ...]:
    """Read the derivation that is kept beside the due date."""
    values: list[dict[str, Any]] = json.loads(filing.derivation) if filing.derivation else []
    return derivation.load(values)


def end_of(day: date) -> datetime:
    """Give the end of a day in Seoul, when a period that ends on it is over (민법 제159조)."""
    return datetime.combine(day, clock.END_OF_DAY, SEOUL)


def within(work: Work, name: str, amount: int, *, consent: bool) -> None:
    """Refuse an extension that the rule of the deadline does not allow."""
    rule = main_rule(work) if name == work.procedure.filing.deadline else None
    rule = rule or work.procedure.deadlines[name]
    since = None
    if rule.starts in work.procedure.moves:
        started = work.history.last(rule.starts)
        since = started.at if started else None
    earlier = lengthened(work.unit, work.filing.id, name, since)
    new = Extension(amount, work.now, consent)
    if clock.extension_problem(rule, earlier, new) is not None:
        raise Refused("guard.extension_left")


def _day(value: Any) -> date | None:
    if isinstance(value, date):
        return value
    return date.fromisoformat(value) if isinstance(value, str) and value else None


def foreseen(work: Work, amount: int) -> datetime | None:
    """Give what the main due date would be with one more extension of so many days."""
    received = work.filing.received_at
    if received is None:
        return None
    rule = main_rule(work)
    longer = [
        *lengthened(work.unit, work.filing.id, rule.name),
        Extension(amount, work.now, consent=True),
    ]
    return clock.due(rule, received, work.calendar, pauses(work.unit, work.filing.id), longer).at
