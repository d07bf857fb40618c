"""Who stands in for a unit whose people may not handle a report, in order (security S8)."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from bot.errors import Refused
from bot.services import hands, house, officials
from bot.services.base import Actor, Desk
from bot.services.officials import Official
from storage import models
from storage.repositories import stand_ins
from storage.unit import Unit

OFFICE = ("audit", "intake")
APART = frozenset({"admin", "inspector"})
MOST = 10  # links of a chain
AT_ONCE = 200  # reports; the clock finds the rest
_n = models.units.c


@dataclass(frozen=True, slots=True)
class Chain:
    """A unit and who takes over for it, in order."""

    unit_id: int
    code: str
    name: str
    people: tuple[Official, ...]


def every(unit: Unit) -> tuple[Chain, ...]:
    """List the units that stand with their chains; the audit office and 접수 first."""
    people = {who.id: who for who in officials.everybody(unit)}
    known = stand_ins.every(unit)
    rows = unit.conn.execute(
        sa.select(models.units)
        .where(_n.valid_until.is_(None), _n.kind != "outside")
        .order_by(_n.kind.not_in(OFFICE), _n.name)
    ).all()
    return tuple(
        Chain(row.id, row.code, row.name, tuple(people[one] for one in known.get(row.id, ())))
        for row in rows
    )


def without(unit: Unit) -> tuple[str, ...]:
    """Name the units that handle reports and have nobody active to stand in for them."""
    wanted = sa.select(_n.id).where(_n.kind.in_(OFFICE), _n.valid_until.is_(None))
    ids = set(unit.conn.scalars(wanted))
    return tuple(
        one.name
        for one in every(unit)
        if one.unit_id in ids and not any(who.active for who in one.people)
    )


def put(svc: Desk, unit: Unit, actor: Actor, code: str, people: Sequence[int]) -> None:
    """Write a unit's chain: its head for his own, the audit head and the administrator for all.

    Raises `Refused` filing.unknown for a unit that is not this official's, chain.member for
    somebody who serves in the unit itself, chain.apart for who looks after accounts or over
    shoulders, chain.unknown, chain.twice, chain.long. What waited for somebody goes on at once.
    """
    found = next((one for one in of(unit, actor) if one.code == code), None)
    if found is None:
        raise Refused("filing.unknown")
    if len(people) > MOST:
        raise Refused("chain.long", most=MOST)
    if len(set(people)) != len(people):
        raise Refused("chain.twice")
    for one in people:
        who = officials.official(unit, one)
        if who is None or not who.active:
            raise Refused("chain.unknown")
        if who.roles & APART:
            raise Refused("chain.apart", name=who.name)
        if who.unit_id == found.unit_id:
            raise Refused("chain.member", name=who.name)
    stand_ins.put(unit, found.unit_id, people)
    house.note(svc, unit, actor, "chain_changed", {"unit": code, "people": list(people)})
    for filing_id in hands.unsettled(unit, AT_ONCE):
        hands.settle(svc, unit, filing_id)


def of(unit: Unit, actor: Actor) -> tuple[Chain, ...]:
    """Give the chains that this official may write."""
    if actor.may("admin", "audit_head"):
        return every(unit)
    if actor.may("unit_head") and actor.unit_id is not None:
        return tuple(one for one in every(unit) if one.unit_id == actor.unit_id)
    return ()
