"""Who may know of a filing: the one selection from which every reader starts (security S8).

The guard stands in SQL, before any row is read: a unit that is complained of, and a person with
an interest, cannot tell a guarded filing from one that does not exist.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select

from bot.errors import Refused
from bot.services.barred import bars
from bot.services.base import CLOCK, Actor
from storage.acting import BEHALF
from storage.models import filings, guards
from storage.repositories.filings import Filing
from storage.unit import Unit

__all__ = ["Filing", "acting", "find", "get", "knows", "several", "visible_filings"]

_f, _g = filings.c, guards.c
_NAMES = tuple(Filing.__dataclass_fields__)
_OPEN = tuple(_f[name] for name in _NAMES)
"""The open columns alone: the public part may not even select the sealed ones (security S7)."""
STAND_IN = frozenset({"intake", "auditor", "audit_head"})
"""What somebody who stands in for the office may do, in that one report."""
_CONFIRMED = ("audit_head", "chief", "examiner")
AUDIT, UNIT, OWN, AWAY = "audit", "unit", "own", "away"
"""Whose a filing is (`knowledge.procedure.Filing.reach`); `away`: another network's (`relay`)."""
_NOT_YET = frozenset({"intake", "auditor", *_CONFIRMED, "inspector"})
"""Roles that count for nothing in what a unit has not handed in."""


def visible_filings(actor: Actor) -> Select[Any]:
    """Select the filings that this actor may know of.

    Named persons at 접수 see what is not confirmed yet, all at 접수 what is; an auditor and his
    deputy what is assigned to him; heads and the inspector what 접수 has confirmed. What is
    restricted is the inspector's alone. A unit's member and an administrator see no report; what
    an official filed is his own, his head's, and of the audit office once it was handed in. What
    somebody keeps for himself is nobody's here. How much a role is shown is `rights`' affair.
    """
    every = sa.select(*_OPEN).where(_f.erased_at.is_(None))
    every = every.execution_options(**{BEHALF: actor.user_id})
    if actor.kind == "clock":
        return every
    if actor.kind == "citizen":
        if actor.filing_id is not None:
            return every.where(_f.id == actor.filing_id)
        return every.where(_f.peer_id.is_not(None), _f.peer_id == actor.peer_id)
    return every.where(_within_reach(actor), ~bars(_f.id, actor.user_id))


def not_kept_from(actor: Actor) -> Select[Any]:
    """Select what 접수 has confirmed and no guard keeps from this actor, whoever handles it.

    For what is counted over an office, such as what one person filed; nobody reads by it.
    """
    every = visible_filings(CLOCK)
    if actor.kind != "official":
        return every
    every = every.where(_f.reach != OWN)
    return every.where(_f.restricted_at.is_(None), _confirmed(), ~bars(_f.id, actor.user_id))


def _within_reach(actor: Actor) -> ColumnElement[bool]:
    known = [_f.stand_in_id == actor.user_id]
    if actor.may("intake"):
        known.append(sa.true() if actor.first else _confirmed())
    if actor.may(*_CONFIRMED, "inspector"):
        known.append(_confirmed())
    for_whom = actor.stands_for | ({actor.user_id} if actor.may("auditor") else set())
    known.append(sa.and_(_f.assignee_id.in_(for_whom), _confirmed()))
    here = sa.or_(_f.reach == AUDIT, sa.and_(_f.reach == UNIT, _f.handed_at.is_not(None)))
    reach = sa.and_(here, _f.restricted_at.is_(None), sa.or_(*known))
    reach = sa.or_(reach, sa.and_(_f.reach == UNIT, _from_there(actor)))
    if actor.may("inspector"):
        return sa.or_(_f.restricted_at.is_not(None), reach)
    return reach


def _from_there(actor: Actor) -> ColumnElement[bool]:
    """Give what comes from this official, from the unit he heads, or is asked of his unit."""
    theirs: list[ColumnElement[bool]] = [
        _f.author_id.in_(actor.hands),
        _f.approver_id.in_(actor.hands),
    ]
    if actor.unit_id is not None and actor.may("unit_head"):
        theirs.append(_f.from_unit_id == actor.unit_id)
    if actor.unit_id is not None and actor.may("unit_member"):
        theirs.append(sa.and_(_f.author_id.is_(None), _f.from_unit_id == actor.unit_id))
    return sa.or_(*theirs)


HANDLED = (
    "assignee_id", "stand_in_id", "reach", "author_id", "approver_id", "from_unit_id", "handed_at",
)  # fmt: skip


class Handled(Protocol):
    """Whose a filing is: all that the roles in it hang on, by the names in `HANDLED`."""

    @property
    def assignee_id(self) -> int | None: ...
    @property
    def stand_in_id(self) -> int | None: ...
    @property
    def reach(self) -> str: ...
    @property
    def author_id(self) -> int | None: ...
    @property
    def approver_id(self) -> int | None: ...
    @property
    def from_unit_id(self) -> int | None: ...
    @property
    def handed_at(self) -> datetime | None: ...


def acting(actor: Actor, filing: Handled) -> Actor:
    """Give an official the roles that he has in this one filing.

    Auditor is who it is assigned to, and his deputy; who stands in for the office is all of it.
    Of what an official filed he is the applicant, his head or the head's deputy the approver;
    nobody has a role of the audit office in it before it was handed in.
    """
    if actor.kind != "official":
        return actor
    roles = set(actor.roles)
    if filing.reach == UNIT:
        roles = _from_a_unit(actor, filing)
    if filing.stand_in_id is not None and filing.stand_in_id == actor.user_id:
        roles |= STAND_IN
    elif filing.assignee_id is not None and filing.assignee_id in actor.stands_for:
        roles.add("auditor")
    elif filing.assignee_id != actor.user_id:
        roles.discard("auditor")
    return replace(actor, roles=frozenset(roles), stands_in=False, stands_for=frozenset())


def _from_a_unit(actor: Actor, filing: Handled) -> set[str]:
    """Give the roles in what came from a unit, or is asked of one."""
    roles = set(actor.roles if filing.handed_at is not None else actor.roles - _NOT_YET)
    there = actor.unit_id is not None and filing.from_unit_id == actor.unit_id
    if filing.author_id in actor.hands:
        roles.add("applicant")
    if filing.approver_id in actor.hands or (there and "unit_head" in roles):
        roles.add("approver")
    asked = there and filing.author_id is None
    if asked and "unit_member" in roles:
        roles.add("asked")
    return roles if asked else roles - {"unit_member", "unit_head"}


def find(unit: Unit, actor: Actor, number: str, *, lock: bool = False) -> Filing:
    """Read one filing by its number; raises `Refused` filing.unknown, whatever the reason."""
    return _one(unit, actor, "number", number, lock=lock)


def get(unit: Unit, filing_id: int, actor: Actor = CLOCK, *, lock: bool = False) -> Filing:
    """Read one filing by its id; raises `Refused` filing.unknown."""
    return _one(unit, actor, "id", filing_id, lock=lock)


def knows(unit: Unit, filing_id: int, actor: Actor) -> bool:
    """Tell whether a filing exists for this actor."""
    return unit.conn.execute(_which(plain(actor), "id"), {"which": filing_id}).first() is not None


def goes_on(unit: Unit, filing_id: int) -> str:
    """Give the number of the filing that goes on from this one, "" without one."""
    every = visible_filings(CLOCK).where(_f.after_id == filing_id).order_by(_f.id.desc())
    found = several(unit, every.limit(1))
    return found[0].number if found else ""


def several(unit: Unit, selection: Select[Any], **values: Any) -> tuple[Filing, ...]:
    """Read what a selection made from `visible_filings` gives; `values` are its parameters'."""
    return tuple(_filing(row) for row in unit.conn.execute(selection, values).mappings())


def _one(unit: Unit, actor: Actor, by: str, which: str | int, *, lock: bool) -> Filing:
    asked = _which(plain(actor), by, lock=lock)
    row = unit.conn.execute(asked, {"which": which}).mappings().one_or_none()
    if row is None:
        raise Refused("filing.unknown")
    return _filing(row)


@lru_cache(maxsize=256)
def _which(actor: Actor, by: str, *, lock: bool = False) -> Select[Any]:
    """Build the question for one filing once: building it takes longer than asking it."""
    asked = visible_filings(actor).where(_f[by] == sa.bindparam("which", type_=_f[by].type))
    return asked.with_for_update(of=filings, key_share=True) if lock else asked


def plain(actor: Actor) -> Actor:
    """Give an actor without what no selection depends on: his name, and where he came from."""
    return replace(actor, name="", network="") if actor.name or actor.network else actor


def _filing(row: Mapping[Any, Any]) -> Filing:
    return Filing(**{name: row[name] for name in _NAMES})


def _confirmed() -> ColumnElement[bool]:
    waiting = sa.select(_g.id).where(_g.filing_id == _f.id, _g.confirmed_at.is_(None))
    return ~waiting.exists()
