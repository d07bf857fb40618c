"""Whoever calls is found by name and one contact: keyed indexes, never the words (security S6).

One index holds both, so that neither a name nor four digits alone finds, or links, anything.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from knowledge.korean import fold
from storage.models import finders
from storage.quick import Quick
from storage.unit import Unit

_c = finders.c
LAST = 4
KINDS = ("phone", "email", "address")
# `inline`: the row's id would be asked back, which the public part may not read.
_put = Quick(sa.insert(finders).inline())
_remove = Quick(sa.delete(finders).where(_c.filing_id == sa.bindparam("filing")))


def values_of(identity: Mapping[str, Any]) -> dict[str, str]:
    """Give by kind what a person is found by; {} for somebody without a name."""
    name = fold(str(identity.get("name") or ""))
    given = {kind: str(identity.get(kind) or "") for kind in KINDS}
    if not name:
        return {}
    return {kind: value for kind in KINDS if (value := value_of(kind, name, given[kind]))}


def value_of(kind: str, name: str, contact: str) -> str:
    """Give what is indexed: the folded name and the contact; "" where one of them is missing."""
    told = fold(contact)
    if kind == "phone":
        told = "".join(sign for sign in told if sign.isdigit())[-LAST:]
        told = told if len(told) == LAST else ""
    return f"{fold(name)}\0{told}" if fold(name) and told else ""


def put(unit: Unit, filing_id: int, identity: Mapping[str, Any]) -> None:
    """Write anew by what the reporter of a filing is found."""
    _remove.later(unit.conn, {"filing": filing_id})
    ring = unit.keys.ring
    rows = [
        {
            "filing_id": filing_id,
            "kind": kind,
            "ix": ring.blind_index(f"finder.{kind}", value),
            "key_id": ring.first.hex(),
        }
        for kind, value in values_of(identity).items()
    ]
    for row in rows:
        _put.later(unit.conn, row)


def remove(unit: Unit, filing_id: int) -> None:
    """Let nobody find a filing by its reporter any more."""
    _remove.later(unit.conn, {"filing": filing_id})


def filings_of(unit: Unit, values: Mapping[str, str]) -> sa.Select[Any]:
    """Select the ids of the filings of which one value fits, under any key of the ring."""
    ring = unit.keys.ring
    fits = [
        sa.and_(_c.kind == kind, _c.ix.in_(ring.blind_indexes(f"finder.{kind}", value)))
        for kind, value in values.items()
    ]
    return sa.select(_c.filing_id).where(sa.or_(sa.false(), *fits))


def stale(unit: Unit, limit: int) -> list[int]:
    """List the filings whose indexes were made under an older key."""
    old = sa.select(_c.filing_id).where(_c.key_id != unit.keys.ring.first.hex()).distinct()
    return list(unit.conn.scalars(old.limit(limit)))
