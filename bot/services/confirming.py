"""Values that no law gives: which there are, who of the agency stands for them, since when.

A procedure file marks them (`confirm = true`). A confirmation is of the value as it was: changed
since, it waits anew. The public holidays of a year are looked over in the same way.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Any

from bot.dialogs.replies import Phrase, Words
from bot.errors import Refused
from bot.services import clocks, house, officials, rights
from bot.services.base import Actor, Desk
from bot.services.rights import Right
from knowledge.calendar import public_holidays, seoul_day
from knowledge.clock import Deadline
from knowledge.procedures import Move
from storage.repositories import confirmations, tasks
from storage.unit import Unit

VALUES, HOLIDAYS = "values", "holidays"
"""Kinds of the tasks."""
BASIS = 500  # signs
NOVEMBER = 11
"""From this month on the next year's days are looked over."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value that waits, or was confirmed by `who` `at` a time, on the ground of `basis`."""

    name: str  # passive_report.deadlines.answer
    procedure: str  # its title
    what: Words
    value: Words
    source: str
    mark: str
    at: datetime | None = None
    who: str = ""
    basis: str = ""
    changed: bool = False  # it was confirmed, and is another now

    @property
    def confirmed(self) -> bool:
        return self.at is not None and not self.changed


def values(svc: Desk, unit: Unit) -> tuple[Value, ...]:
    """List every value that the agency has to stand for, in the order of the files."""
    known = confirmations.all_(unit)
    names = {who.id: who.name for who in officials.everybody(unit)} if known else {}
    found = []
    for one in _values(svc):
        row = known.get(one.name)
        if row is None:
            found.append(one)
            continue
        said = {
            "at": row.at,
            "who": names.get(row.user_id or 0, ""),
            "changed": row.mark != one.mark,
        }
        basis = confirmations.basis(unit, row)
        found.append(Value(**{**_plain(one), **said, "basis": basis}))
    return tuple(found)


def waiting(svc: Desk, unit: Unit) -> tuple[Value, ...]:
    """List the values that nobody stands for as they are."""
    known = confirmations.all_(unit)
    marks = {name: row.mark for name, row in known.items()}
    return tuple(one for one in _values(svc) if marks.get(one.name) != one.mark)


def confirm(svc: Desk, unit: Unit, actor: Actor, name: str, mark: str, basis: str) -> None:
    """Stand for a value as it was shown (`mark`).

    Raises `Refused` access.not_allowed, confirming.unknown, confirming.changed.
    """
    if not rights.may(actor, Right.VALUES) or actor.user_id is None:
        raise Refused("access.not_allowed")
    one = next((one for one in _values(svc) if one.name == name), None)
    if one is None:
        raise Refused("confirming.unknown")
    if one.mark != mark:
        raise Refused("confirming.changed")
    now = svc.now()
    confirmations.put(unit, name, mark, actor.user_id, basis.strip()[:BASIS], now)
    house.note(svc, unit, actor, "value_confirmed", {"name": name, "mark": mark})
    if not waiting(svc, unit):
        tasks.end(unit, VALUES, actor.user_id, now)


def year_to_look_over(today: date) -> int:
    """Give the year whose days off should be known: from November on the next one."""
    return today.year + 1 if today.month >= NOVEMBER else today.year


def days_of(svc: Desk, unit: Unit, year: int) -> tuple[tuple[date, str], ...]:
    """List the days off of a year that fall on no weekend by themselves, in order."""
    calendar = svc.calendar(unit)
    own = {row.day: row.name for row in house.day_rows(unit) if row.day.year == year}
    every = {**public_holidays(year), **own}
    return tuple(
        (day, name) for day, name in sorted(every.items()) if not calendar.is_working(day)
    )


def looked_over(unit: Unit, year: int) -> tuple[datetime, str] | None:
    """Tell when and by whom the days off of a year were looked over; None: by nobody."""
    row = confirmations.get(unit, _year(year))
    if row is None:
        return None
    who = officials.official(unit, row.user_id) if row.user_id is not None else None
    return row.at, who.name if who is not None else ""


def look_over(svc: Desk, unit: Unit, actor: Actor, year: int) -> None:
    """Say that the days off of a year are right. Raises `Refused` access.not_allowed, day.year.

    Not of a year of which the list of public holidays is empty: nobody could have looked at it.
    """
    if not rights.may(actor, Right.DAYS) or actor.user_id is None:
        raise Refused("access.not_allowed")
    days = days_of(svc, unit, year)
    this = seoul_day(svc.now()).year
    if year not in (this, this + 1) or not public_holidays(year):
        raise Refused("day.year", year=str(year))
    told = json.dumps([str(day) for day, _ in days]).encode()
    mark = hashlib.sha256(told).hexdigest()
    confirmations.put(unit, _year(year), mark, actor.user_id, "", svc.now())
    house.note(svc, unit, actor, "days_looked_over", {"year": year, "days": len(days)})
    tasks.end(unit, HOLIDAYS, actor.user_id, svc.now())


def _year(year: int) -> str:
    return f"holidays.{year}"


def _values(svc: Desk) -> Iterator[Value]:
    for rules in svc.procedures.values():
        for rule in rules.deadlines.values():
            if rule.confirm:
                name = f"{rules.id}.deadlines.{rule.name}"
                key = f"deadline.{rule.name}"
                what = Phrase(key) if svc.texts.has(key) else rule.name
                set_ = clocks.as_set(svc, rule)
                yield Value(name, rules.title, what, _period(set_), rule.source, _mark(set_))
        for move in rules.moves.values():
            if move.confirm:
                name = f"{rules.id}.moves.{move.action}"
                what = Phrase(f"move.{move.action}.name")
                yield Value(name, rules.title, what, "", move.source, _mark(move))


def _period(rule: Deadline) -> Words:
    if rule.amount == 0:
        return Phrase("confirming.none")
    return Phrase(f"confirming.{rule.count}", {"n": rule.amount})


def _mark(rule: Deadline | Move) -> str:
    """Name what a rule says, whatever order or later release it is read in."""
    return hashlib.sha256(json.dumps(_said(rule), sort_keys=True).encode()).hexdigest()


def _said(value: Any) -> Any:
    """Give a rule as JSON, without what it leaves unsaid."""
    if is_dataclass(value):
        said = {one.name: getattr(value, one.name) for one in fields(value) if _own(value, one)}
        return {name: _said(one) for name, one in said.items()}
    if isinstance(value, Mapping):
        return {str(name): _said(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [_said(one) for one in value]
    return value


def _own(value: Any, field: Any) -> bool:
    return field.default is MISSING or getattr(value, field.name) != field.default


def _plain(one: Value) -> dict[str, Any]:
    return {field.name: getattr(one, field.name) for field in fields(one)}
