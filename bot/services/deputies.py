"""Deputies by dates (대직): who acts for whom, and under whose name things go out.

A deputy sees and may do what the assignment of the person he stands for allows, with the roles
that this takes. What a guard keeps from him stays kept: `sight.visible_filings` asks for his own
account and unit as always. Who administers accounts hands nothing over that the deputy could
not do before (S9): only the person himself, or a head of his unit, lends the person's roles.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from bot.errors import Refused
from bot.services import house, officials, rights
from bot.services.base import Actor, Desk
from bot.services.officials import APART, LENT, Official
from bot.services.rights import Right, Scope
from knowledge.calendar import seoul_day
from storage.repositories import deputies, right_changes
from storage.repositories.deputies import of, standing_for
from storage.unit import Unit

__all__ = [
    "LENT", "Standing", "acting", "end", "listed", "of", "put", "standing_for", "whom",
]  # fmt: skip

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Standing:
    """One deputyship with both names; `may_end` for the one who looks."""

    id: int
    person: Official
    deputy: Official
    first: date
    last: date
    may_end: bool


def acting(svc: Desk, unit: Unit, who: Official) -> Actor:
    """Give the actor of an official, with whom he stands for today and what that takes."""
    return officials.at_desk(svc, unit, who)


def put(
    svc: Desk, unit: Unit, actor: Actor, person_id: int, deputy_id: int, first: date, last: date
) -> int:
    """Let somebody act for another from day to day; both days count.

    Raises `Refused` access.not_allowed, access.user_unknown, deputy.self, deputy.days,
    deputy.circle, deputy.taken, deputy.away, deputy.apart, deputy.unit, deputy.roles.
    """
    person, deputy = _known(unit, person_id), _known(unit, deputy_id)
    if not _may(actor, person):
        raise Refused("access.not_allowed")
    if person_id == deputy_id:
        raise Refused("deputy.self")
    today = seoul_day(svc.now())
    if not today <= first <= last or last - first > LONGEST:
        raise Refused("deputy.days")
    _crossing(unit, person_id, deputy_id, first, last)
    if (person.roles & LENT) - deputy.roles:
        _lent(unit, actor, person, deputy)
    made = deputies.add(unit, person_id, deputy_id, first, last, actor.user_id, svc.now())
    by = actor.user_id
    right_changes.add(unit, deputy_id, "deputy_set", svc.now(), by=by)
    told = {"deputy": made, "person": person_id, "first": str(first), "last": str(last)}
    house.note(svc, unit, actor, "deputy_set", told)
    return made


def end(svc: Desk, unit: Unit, actor: Actor, deputy_row: int) -> None:
    """End it now. Raises `Refused` deputy.unknown."""
    row = deputies.get(unit, deputy_row)
    person = officials.official(unit, row.person_id) if row is not None else None
    if row is None or person is None or not _may(actor, person):
        raise Refused("deputy.unknown")
    if deputies.end(unit, deputy_row, svc.now()):
        by = actor.user_id
        right_changes.add(unit, row.deputy_id, "deputy_ended", svc.now(), by=by)
        house.note(svc, unit, actor, "deputy_ended", {"deputy": deputy_row})


def listed(svc: Desk, unit: Unit, actor: Actor) -> tuple[Standing, ...]:
    """List what runs or comes: of oneself, of one's unit (its head), of everybody (admin)."""
    known = {one.id: one for one in officials.everybody(unit)}
    found = []
    for row in deputies.running(unit, seoul_day(svc.now())):
        person, deputy = known[row.person_id], known[row.deputy_id]
        may = _may(actor, person)
        if may or actor.user_id == deputy.id:
            found.append(Standing(row.id, person, deputy, row.first_day, row.last_day, may))
    return tuple(found)


def whom(unit: Unit, actor: Actor) -> tuple[Official, ...]:
    """List for whom this official may set a deputy."""
    return tuple(one for one in officials.everybody(unit) if one.active and _may(actor, one))


def _may(actor: Actor, person: Official) -> bool:
    how = rights.scope(actor, Right.DEPUTIES)
    if how is Scope.ALL or person.id == actor.user_id:
        return how is not Scope.NONE
    return how is Scope.UNIT and person.unit_id == actor.unit_id and actor.unit_id is not None


def _lent(unit: Unit, actor: Actor, person: Official, deputy: Official) -> None:
    """Refuse to lend roles to who must stay apart from content, and outside the unit.

    Within a unit the person himself or the head may: 대직 follows the 업무분장 of the unit.
    """
    if deputy.roles & APART:
        raise Refused("deputy.apart")
    if person.unit_id != deputy.unit_id:
        raise Refused("deputy.unit")
    if not _lends(unit, actor, person):
        raise Refused("deputy.roles")


def _lends(unit: Unit, actor: Actor, person: Official) -> bool:
    """Tell whether somebody may lend the roles of a person: himself, or the head of his unit."""
    if person.id == actor.user_id:
        return True
    own = officials.official(unit, actor.user_id or 0)
    heads = own is not None and bool(own.roles & {"unit_head", "audit_head"})
    return heads and person.unit_id == actor.unit_id and person.roles & LENT <= actor.roles


def _known(unit: Unit, user_id: int) -> Official:
    who = officials.official(unit, user_id)
    if who is None or not who.active:
        raise Refused("access.user_unknown")
    return who


def _crossing(unit: Unit, person: int, deputy: int, first: date, last: date) -> None:
    """Refuse a second deputy for the same days, and who is away himself."""
    for row in deputies.running(unit, first):
        if row.first_day > last:
            continue
        if row.person_id == person:
            raise Refused("deputy.taken")
        if row.person_id == deputy:
            raise Refused("deputy.away")
        if row.deputy_id == person:
            raise Refused("deputy.circle")
