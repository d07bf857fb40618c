"""The guard of a report: proposed from what the reporter said, confirmed by a person at 접수 (S8).

A unit that the reporter chose keeps its people out at once. Units and persons found in the words
are shown to 접수 and keep nobody out by themselves. A name that is nobody's account waits for
somebody to find out who it is; so long nobody gets the report.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from bot.errors import Refused
from bot.services import accesses, barred, cards, hands, matter, officials, sight
from bot.services.base import Actor, Desk, stamp
from bot.services.history import History
from bot.services.lookups import Lists
from bot.services.sight import Filing
from knowledge import naming, slots
from knowledge.calendar import seoul_day
from knowledge.korean import fold
from storage import journal, models
from storage.repositories import filings, guards
from storage.repositories import units as units_repository
from storage.unit import Unit

COMPLAINED, NAMED, UNKNOWN, SELF, WAITING = "complained", "named", "unknown", "self", "waiting"
MOST = 30  # units or persons of one guard
LEAST_NAME = 2  # signs of a unit's name that is looked for in the words
_n, _u = models.units.c, models.users.c


@dataclass(frozen=True, slots=True)
class Choice:
    """A unit or a person that may stand on the guard; `said` where it was in the words."""

    value: str
    label: str
    ticked: bool
    said: bool


@dataclass(frozen=True, slots=True)
class Covered:
    """An account that the guard keeps out as it stands, by which unit and why."""

    name: str
    unit: str
    why: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What 접수 looks at to confirm a guard. `names` stand in the words and are nobody's here."""

    number: str
    version: int
    confirmed: bool
    units: tuple[Choice, ...]
    people: tuple[Choice, ...]
    names: tuple[str, ...]
    unknown: bool
    since: date
    filed: date
    covered: tuple[Covered, ...]
    alone: bool  # with this guard nobody of the office may handle the report


def propose(svc: Desk, unit: Unit, filing: Filing, values: Mapping[str, Any]) -> Filing:
    """Put up the first guard of a report that just came; nobody but 접수 sees it from here on.

    Gives the report as it is then.
    """
    chosen = values.get("unit") or {}
    found = units_repository.by_code(unit, str(chosen.get("value") or "")) if chosen else None
    words = matter.words(svc, filing.procedure, values)
    since = _since(filing, words)
    rows: list[dict[str, Any]] = []
    if found is not None:
        version = filings.change(unit, filing.id, filing.version, unit_id=found.id)
        filing = replace(filing, version=version, unit_id=found.id)
        rows.append({"unit_id": found.id, "reason": COMPLAINED})
    named = {one["unit_id"] for one in rows}
    rows += [
        {"unit_id": one, "reason": COMPLAINED, "proposed": True}
        for one in _units_in(unit, words)
        if one not in named
    ]
    people, unknown = _people_in(unit, words)
    rows += [{"user_id": one, "reason": NAMED, "proposed": True} for one in people]
    if unknown:
        rows.append({"reason": UNKNOWN, "proposed": True})
    for row in rows[:MOST] or [{"reason": WAITING}]:
        guards.add(unit, filing.id, since=since, **row)
    return filing


def sheet(svc: Desk, unit: Unit, actor: Actor, number: str, *, noted: bool = True) -> Sheet:
    """Show the guard of a report and what its words propose; the opening is noted first.

    `noted`: not again where the same page comes back. Raises `Refused` filing.unknown,
    conflict.ask.
    """
    filing = _confirmable(unit, actor, number, lock=True)
    if not any(
        one.actor == actor.mark and one.kind == "no_conflict"
        for one in History(unit, filing.sid).all
    ):
        raise Refused("conflict.ask")
    if noted:
        journal.append(unit, filing.sid, svc.now(), actor.mark, "guard_opened", {})
        accesses.note(svc, unit, actor, "opened", filing)
    return _sheet(svc, unit, filing)


def confirm(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    number: str,
    version: int,
    *,
    units: Sequence[str],
    people: Sequence[int],
    since: date,
    unknown: bool,
) -> bool:
    """Put up the guard that a person has looked at; False: its own author is kept out by it.

    With `unknown` the report stays with 접수 until somebody knows who is meant. Who stepped back
    stays out whatever is ticked. Raises `Refused` filing.unknown, move.stale, guarding.unit,
    guarding.person, guarding.since, guarding.many.
    """
    filing = _confirmable(unit, actor, number, lock=True)
    if filing.version != version:
        raise Refused("move.stale")
    if since > seoul_day(svc.now()):
        raise Refused("guarding.since")
    if len(units) + len(people) > MOST:
        raise Refused("guarding.many", most=MOST)
    found = [_unit(unit, code) for code in dict.fromkeys(units)]
    named = [_person(unit, one) for one in dict.fromkeys(people)]
    now = svc.now()
    detail = {"units": list(units), "people": named, "since": since.isoformat()}
    with unit.as_service():  # whoever confirms a guard against himself still confirms it
        guards.clear(unit, filing.id, SELF)
        for one in found:
            guards.add(
                unit, filing.id, unit_id=one, reason=COMPLAINED, since=since, confirmed_at=now
            )
        for one in named:
            guards.add(unit, filing.id, user_id=one, reason=NAMED, since=since, confirmed_at=now)
        if unknown:
            guards.add(unit, filing.id, reason=UNKNOWN, since=since, proposed=True)
        keep = filing.unit_id if filing.unit_id in found else (found[0] if found else None)
        filings.change(unit, filing.id, filing.version, unit_id=keep)
        at = stamp(filing.mode, now, actor)
        kind = "guard_open" if unknown else "guard_confirmed"
        journal.append(unit, filing.sid, at, actor.mark, kind, detail | {"only": "guard"})
        hands.settle(svc, unit, filing.id)
        cards.changed(svc, unit, None, filing.id, actor=actor)
    try:
        sight.get(unit, filing.id, actor)
    except Refused:
        return False
    return True


def stands(unit: Unit, filing_id: int) -> bool:
    """Tell whether the guard of a report was confirmed."""
    return all(one.confirmed_at is not None for one in guards.of(unit, filing_id))


def undecided(unit: Unit, filing_id: int) -> bool:
    """Tell whether the words proposed something that nobody has looked at yet."""
    return any(one.proposed for one in guards.of(unit, filing_id))


def _confirmable(unit: Unit, actor: Actor, number: str, *, lock: bool) -> Filing:
    filing = sight.find(unit, actor, number, lock=lock)
    if not sight.acting(actor, filing).may("intake", "audit_head"):
        raise Refused("filing.unknown")
    return filing


def _sheet(svc: Desk, unit: Unit, filing: Filing) -> Sheet:
    rows = guards.of(unit, filing.id)
    firm = {one.unit_id for one in rows if one.unit_id and not one.proposed}
    told = {one.unit_id for one in rows if one.unit_id and one.proposed}
    who = {one.user_id for one in rows if one.user_id and one.reason != SELF and not one.proposed}
    said = {one.user_id for one in rows if one.user_id and one.proposed}
    names = {row.id: row for row in unit.conn.execute(sa.select(models.units)).all()}
    everybody = {one.id: one for one in officials.everybody(unit)}
    values = filings.answers(unit, filing)
    days = [one.since for one in rows if one.since is not None]
    filed = seoul_day(filing.arrived_at)
    return Sheet(
        filing.number,
        filing.version,
        stands(unit, filing.id),
        tuple(
            Choice(names[one].code, names[one].name, one in firm, one in told)
            for one in sorted(firm | told)
        ),
        tuple(
            Choice(str(one), _label(everybody[one]), one in who, one in said)
            for one in sorted(who | said)
        ),
        _people_in(unit, matter.words(svc, filing.procedure, values))[1],
        any(one.reason == UNKNOWN for one in rows),
        min(days, default=filed),
        filed,
        covered(unit, filing.id),
        not hands.of(svc, unit, filing).office,
    )


def covered(unit: Unit, filing_id: int) -> tuple[Covered, ...]:
    """Name who is kept out as the guard stands, each once, the nearest reason first."""
    people = {one.id: one for one in officials.everybody(unit)}
    rows = unit.conn.execute(barred.reasons(filing_id)).all()
    first: dict[int, str] = {}
    for row in sorted(rows, key=lambda row: _NEAREST.index(row.why)):
        first.setdefault(row.user_id, row.why)
    found = [
        Covered(people[one].name, people[one].unit, why)
        for one, why in first.items()
        if people[one].active and why != SELF
    ]
    return tuple(sorted(found, key=lambda one: (one.unit, one.name)))


_NEAREST = (
    SELF, NAMED, COMPLAINED, "served", "deputy", "head", "successor", "below", "before", "",
)  # fmt: skip


def _label(who: officials.Official) -> str:
    return f"{who.name} ({who.unit})"


def _unit(unit: Unit, code: str) -> int:
    found = officials.unit_by_code(unit, code)
    if found is None:
        raise Refused("guarding.unit")
    return int(found["id"])


def _person(unit: Unit, user_id: int) -> int:
    if officials.official(unit, user_id) is None:
        raise Refused("guarding.person")
    return user_id


def _since(filing: Filing, words: str) -> date:
    """Give the day of what is complained of: as the report tells it, else the day it was filed."""
    filed = seoul_day(filing.arrived_at)
    return naming.since(words, filed) or filed


def _units_in(unit: Unit, words: str) -> list[int]:
    """Find units by name in the words, ended ones too, typing errors forgiven; never by a field."""
    close = fold(words)
    rows = unit.conn.execute(sa.select(models.units).order_by(_n.id)).all()
    found = [
        row.id for row in rows if len(fold(row.name)) > LEAST_NAME and fold(row.name) in close
    ]
    codes = {row.code: row.id for row in rows}
    lists = Lists.of_units(rows)
    for said in slots.unit_names(words):
        found += [codes[hit.value] for hit in lists.find("units", said, most=1)]
    return list(dict.fromkeys(found))


def _people_in(unit: Unit, words: str) -> tuple[list[int], tuple[str, ...]]:
    """Find accounts whose names stand in the words, and who else is named there."""
    people = unit.conn.execute(sa.select(_u.id, _u.name).order_by(_u.id)).all()
    names = set(naming.known(words, [one.name for one in people]))
    found = [one.id for one in people if one.name in names]
    return found, tuple(one.said for one in naming.people(words) if one.name not in names)
