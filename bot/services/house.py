"""What an administrator keeps: units, days off. No report is opened here.

Accounts are in `accounts`. Everything that is changed is noted in a journal of
the house itself, whose subject is nobody.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from bot.errors import Refused
from bot.services import moves, recounting, rights, sight
from bot.services.base import CLOCK, Actor, Desk
from bot.services.rights import Right
from bot.services.work import Work
from knowledge.calendar import seoul_day
from storage import journal
from storage.models import units as units_table
from storage.repositories import days_off, postings, units
from storage.unit import Unit

HOUSE = hashlib.sha256(b"journal of the house").digest()[:16]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit as the administrator sees it; `aliases` are what citizens call it."""

    id: int
    code: str
    name: str
    kind: str
    parent: str
    aliases: tuple[str, ...]
    email: str
    open: bool
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class DayRow:
    day: date
    name: str
    source: str
    added_at: datetime


def note(svc: Desk, unit: Unit, by: Actor | None, kind: str, detail: Mapping[str, Any]) -> None:
    """Write into the journal of the house; `by` None is the command line."""
    journal.append(unit, HOUSE, svc.now(), by.mark if by else "console", kind, detail)


def _admin(actor: Actor) -> None:
    if not rights.may(actor, Right.UNITS):
        raise Refused("access.not_allowed")


def unit_rows(unit: Unit) -> tuple[UnitRow, ...]:
    """List the units, those that have ended too."""
    c = units_table.c
    rows = unit.conn.execute(sa.select(units_table).order_by(c.valid_until.is_not(None), c.name))
    found = rows.mappings().all()
    names = {row["id"]: row["name"] for row in found}
    return tuple(
        UnitRow(
            row["id"],
            row["code"],
            row["name"],
            row["kind"],
            names.get(row["parent_id"], ""),
            tuple(row["aliases"].split("\n")) if row["aliases"] else (),
            row["email"],
            row["open"],
            row["valid_from"],
            row["valid_until"],
        )
        for row in found
    )


def put_unit(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    *,
    code: str,
    name: str,
    aliases: Sequence[str],
    parent: str,
    email: str,
    open_: bool,
    until: date | None,
) -> None:
    """Add a unit or change the one of this code; its kind and first day stay as they were.

    A unit is never taken away: filings and guards point at it. It ends on a day (`until`).
    Raises `Refused` access.not_allowed, access.unit_unknown (the parent), reorganise.people:
    a unit in which somebody serves ends into a successor (`reorganise`).
    """
    _admin(actor)
    before = units.by_code(unit, code)
    if until is not None and before is not None:
        here = postings.serving(unit, before.id, seoul_day(svc.now()))
        if here and before.valid_until != until:
            raise Refused("reorganise.people", n=len(here))
    above = units.by_code(unit, parent) if parent else None
    if parent and (above is None or parent == code):
        raise Refused("access.unit_unknown")
    units.add(
        unit,
        code,
        name,
        valid_from=before.valid_from if before else seoul_day(svc.now()),
        aliases=aliases,
        parent_id=above.id if above else None,
        kind=before.kind if before else "unit",
        valid_until=until,
        email=email,
        open_=open_,
    )
    note(svc, unit, actor, "unit_changed" if before else "unit_added", {"code": code})


def day_rows(unit: Unit) -> tuple[DayRow, ...]:
    """List the days off that the agency added."""
    return tuple(
        DayRow(row.day, row.name, row.source, row.added_at) for row in days_off.listed(unit)
    )


@dataclass(frozen=True, slots=True)
class Moved:
    """How many reports have a deadline on another day than before; which is not the admin's."""

    name: str
    old: date
    new: date
    count: int


def add_day(
    svc: Desk, unit: Unit, actor: Actor, day: date, name: str, source: str
) -> tuple[Moved, ...]:
    """Add a day off with where it is written, and tell which due dates that moves.

    Raises `Refused` day.known, day.past. Done in a transaction that is taken back, it shows what
    would happen; the reports themselves are recomputed and their reporters told by the clock.
    """
    _admin(actor)
    if day < seoul_day(svc.now()):
        raise Refused("day.past")
    if svc.calendar(unit).off(day) is not None:
        raise Refused("day.known")
    if not days_off.add(unit, day, name, source, svc.now()):
        raise Refused("day.known")
    note(svc, unit, actor, "day_off_added", {"day": day.isoformat(), "source": source})
    return _moved(svc, unit)


def _moved(svc: Desk, unit: Unit) -> tuple[Moved, ...]:
    """Count what the calendar moves, the main deadline before the others."""
    counts: Counter[tuple[bool, str, date, date]] = Counter()
    now = svc.now()
    with unit.as_service():  # of every report there is: nobody is told which
        for filing in sight.several(
            unit, recounting.affected(), calendar=svc.calendar(unit).version, now=now
        ):
            rules = moves.procedure_of(svc, filing)
            move = next(iter(rules.moves.values()))
            work = Work(svc, unit, CLOCK, filing, rules, move, {}, now)
            first = recounting.main(work)
            for one in (*([first] if first else []), *recounting.side(work)):
                old, new = seoul_day(one.old), seoul_day(one.new)
                if new != old:
                    counts[one is not first, one.name, old, new] += 1
    found = sorted(counts.items())
    return tuple(Moved(name, old, new, count) for (_, name, old, new), count in found)


def remove_day(svc: Desk, unit: Unit, actor: Actor, day: date) -> None:
    """Take a day off back before it comes. Raises `Refused` day.unknown, day.past."""
    _admin(actor)
    if day < seoul_day(svc.now()):
        raise Refused("day.past")
    if not days_off.remove(unit, day):
        raise Refused("day.unknown")
    note(svc, unit, actor, "day_off_removed", {"day": day.isoformat()})
