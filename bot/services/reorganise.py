"""Units that are renamed, merged or closed: the old one ends, its successor begins (security S8).

A unit is never deleted: filings, guards and postings point at it. Who serves in it is posted on,
what stood under it stands under its successor, and what citizens called it leads there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.errors import Refused
from bot.services import accounts, house, rights
from bot.services.base import Actor, Desk
from bot.services.rights import Right
from knowledge.calendar import seoul_day
from storage.repositories import postings, stand_ins, unit_successors, units, users
from storage.unit import Unit

FARTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Reorganised:
    """What was done: the units that ended, what took over ("": nothing), who was posted on."""

    ended: tuple[str, ...]
    into: str
    people: tuple[str, ...]
    under: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units by code; `into` a standing unit, or `code` and `name` of a new one, or nothing."""

    codes: Sequence[str]
    day: date
    into: str = ""
    code: str = ""
    name: str = ""


def carry_out(svc: Desk, unit: Unit, actor: Actor, wanted: Wanted) -> Reorganised:
    """Do it from a day on; in a transaction that is taken back it shows what would happen.

    Raises `Refused` access.not_allowed, reorganise.units, .day, .into, .code, .people.
    """
    if not rights.may(actor, Right.UNITS):
        raise Refused("access.not_allowed")
    today = seoul_day(svc.now())
    if not today <= wanted.day <= today + FARTHEST:
        raise Refused("reorganise.day")
    standing = {row.code: row for row in units.standing(unit, today) if row.valid_until is None}
    if not wanted.codes or not set(wanted.codes) <= set(standing):
        raise Refused("reorganise.units")
    old = [standing[code] for code in dict.fromkeys(wanted.codes)]
    new = _successor(unit, wanted, old, standing)
    people = [user_id for row in old for user_id in sorted(postings.serving(unit, row.id, today))]
    if people and new is None:
        raise Refused("reorganise.people", n=len(people))
    under = []
    for row in old:
        units.end(unit, row.id, wanted.day - timedelta(days=1))
        if new is not None:
            unit_successors.add(unit, row.id, new.id, wanted.day)
            chain = [*stand_ins.of(unit, new.id), *stand_ins.of(unit, row.id)]
            stand_ins.put(unit, new.id, list(dict.fromkeys(chain)))
        under += units.move_under(unit, row.id, new.id if new is not None else row.parent_id)
    for user_id in people:
        _post(svc, unit, actor, user_id, new.id, wanted.day, alone=len(old) == 1)
    told = {
        "units": [row.code for row in old],
        "into": new.code if new is not None else "",
        "day": wanted.day.isoformat(),
        "people": len(people),
    }
    house.note(svc, unit, actor, "units_reorganised", told)
    return Reorganised(
        tuple(row.name for row in old),
        new.name if new is not None else "",
        tuple(_name(unit, user_id) for user_id in people),
        tuple(under),
    )


def _successor(unit: Unit, wanted: Wanted, old: Sequence[Any], standing: dict[str, Any]) -> Any:
    """Find what takes over, or make it; what the old ones were called leads there."""
    called = [name for row in old for name in (row.name, *row.aliases.split("\n")) if name]
    if wanted.into:
        row = standing.get(wanted.into)
        if row is None or wanted.into in wanted.codes or wanted.code or wanted.name:
            raise Refused("reorganise.into")
        own = [name for name in row.aliases.split("\n") if name]
        units.call(unit, row.id, list(dict.fromkeys([*own, *called])))
        return units.get(unit, row.id)
    if not wanted.code and not wanted.name:
        return None
    if not wanted.code or not wanted.name or units.by_code(unit, wanted.code) is not None:
        raise Refused("reorganise.code")
    first = old[0]
    kinds = {row.kind for row in old} - {"unit"}
    made = units.add(
        unit,
        wanted.code,
        wanted.name,
        valid_from=wanted.day,
        aliases=[name for name in dict.fromkeys(called) if name != wanted.name],
        parent_id=first.parent_id,
        kind=kinds.pop() if len(kinds) == 1 else first.kind,
        email=first.email,
        open_=any(row.open for row in old),
    )
    return units.get(unit, made)


def _post(
    svc: Desk, unit: Unit, actor: Actor, user_id: int, to: int, day: date, *, alone: bool
) -> None:
    """Post somebody on; who headed the only unit that ended heads its successor."""
    today = seoul_day(svc.now())
    now = postings.present(unit, user_id, today)
    head = alone and now is not None and bool(now.head)
    postings.move(unit, user_id, to, day, head=head)
    if day <= today:  # later, the clock does it (`people.due`)
        users.change(unit, user_id, unit_id=to)
    accounts.changed(svc, unit, user_id, "moved", by=actor.user_id)


def _name(unit: Unit, user_id: int) -> str:
    row = users.get(unit, user_id)
    return str(row.name) if row is not None else ""
