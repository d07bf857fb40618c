"""Who may know of a filing: the one selection from which every reader starts (security S8).

The guard stands in SQL, before any row is read: a unit that is complained of, and a person with
an interest, cannot tell a guarded filing from one that does not exist.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select

from bot.errors import Refused
from bot.services.base import CLOCK, Actor
from storage.models import filings, guards
from storage.repositories.filings import Filing
from storage.unit import Unit

__all__ = ["Filing", "find", "get", "several", "visible_filings"]

_f, _g = filings.c, guards.c
_NAMES = tuple(Filing.__dataclass_fields__)


def visible_filings(actor: Actor) -> Select[Any]:
    """Select the filings that this actor may know of.

    Intake sees what is not confirmed yet; an auditor what is assigned to him; the head and the
    inspector what intake has confirmed. A unit's member and an administrator see no filing.
    """
    every = sa.select(filings).where(_f.erased_at.is_(None))
    if actor.kind == "clock":
        return every
    if actor.kind == "citizen":
        if actor.filing_id is not None:
            return every.where(_f.id == actor.filing_id)
        return every.where(_f.peer_id.is_not(None), _f.peer_id == actor.peer_id)
    allowed = [_reach(actor, role) for role in ("intake", "auditor", "audit_head", "inspector")]
    return every.where(sa.or_(*allowed), ~_excluded(actor))


def find(unit: Unit, actor: Actor, number: str, *, lock: bool = False) -> Filing:
    """Read one filing by its number; raises `Refused` filing.unknown, whatever the reason."""
    return _one(unit, visible_filings(actor).where(_f.number == number), lock=lock)


def get(unit: Unit, filing_id: int, actor: Actor = CLOCK, *, lock: bool = False) -> Filing:
    """Read one filing by its id; raises `Refused` filing.unknown."""
    return _one(unit, visible_filings(actor).where(_f.id == filing_id), lock=lock)


def several(unit: Unit, selection: Select[Any]) -> tuple[Filing, ...]:
    """Read what a selection made from `visible_filings` gives."""
    return tuple(_filing(row) for row in unit.conn.execute(selection).mappings())


def _one(unit: Unit, selection: Select[Any], *, lock: bool) -> Filing:
    if lock:
        selection = selection.with_for_update(of=filings, key_share=True)
    row = unit.conn.execute(selection).mappings().one_or_none()
    if row is None:
        raise Refused("filing.unknown")
    return _filing(row)


def _filing(row: Mapping[Any, Any]) -> Filing:
    return Filing(**{name: row[name] for name in _NAMES})


def _reach(actor: Actor, role: str) -> ColumnElement[bool]:
    if role not in actor.roles:
        return sa.false()
    if role == "intake":
        return sa.true()
    if role == "auditor":
        return sa.and_(_confirmed(), _f.assignee_id.in_(actor.hands))
    return _confirmed()


def _confirmed() -> ColumnElement[bool]:
    waiting = sa.select(_g.id).where(_g.filing_id == _f.id, _g.confirmed_at.is_(None))
    return ~waiting.exists()


def _excluded(actor: Actor) -> ColumnElement[bool]:
    mine = [_g.user_id == actor.user_id]
    if actor.unit_id is not None:
        mine.append(_g.unit_id == actor.unit_id)
    return sa.select(_g.id).where(_g.filing_id == _f.id, sa.or_(*mine)).exists()
