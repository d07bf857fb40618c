"""Filings: answers and identity sealed apart; every move checks the version.

Who may see which filing is decided in `bot.services`, by `visible_filings`; nothing here lists.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.errors import Stale
from storage.models import filings
from storage.quick import Quick
from storage.repositories import finders
from storage.unit import Unit
from storage.upsert import insert

_c = filings.c
Json = Any


@dataclass(frozen=True, slots=True)
class Filing:
    """The open columns of a filing; its sealed ones by `answers`, `identity`, `exact`."""

    id: int
    sid: bytes
    number: str
    procedure: str
    procedure_version: int
    state: str
    mode: str
    kind: str
    peer_id: int | None
    unit_id: int | None
    assignee_id: int | None
    lang: str
    channel: str
    share: str
    arrived_at: datetime
    received_at: datetime | None
    due_at: datetime | None
    calendar_version: str
    version: int
    derivation: str
    outcome: str
    result_at: datetime | None
    survey: str
    transfers: int
    first_read_at: datetime | None
    closed_at: datetime | None
    overdue_noticed_at: datetime | None
    erased_at: datetime | None
    restricted_at: datetime | None
    stand_in_id: int | None
    reach: str
    author_id: int | None
    from_unit_id: int | None
    approver_id: int | None
    handed_at: datetime | None
    after_id: int | None

    @property
    def anonymous(self) -> bool:
        return self.mode == "anonymous"


_set_code = Quick(sa.update(filings).where(_c.id == sa.bindparam("filing")))
_open = tuple(_c[name] for name in Filing.__dataclass_fields__)


def add(
    unit: Unit,
    *,
    sid: bytes,
    number: str,
    answers: Mapping[str, Json],
    identity: Mapping[str, Json] | None = None,
    exact: Mapping[str, Json] | None = None,
    code_mac: bytes | None = None,
    **values: Any,
) -> Filing | None:
    """Write a filing and give its open columns; None when the number is taken."""
    row = {
        "sid": sid,
        "number": number,
        "answers": _seal(unit, "filings.answers", sid, answers),
        "identity": None if identity is None else _seal(unit, "filings.identity", sid, identity),
        "exact": None if exact is None else _seal(unit, "filings.exact", sid, exact),
        "code_mac": code_mac,
        **values,
    }
    made = insert(unit.conn, filings).values(row)
    made = made.on_conflict_do_nothing(index_elements=[_c.number])
    written = unit.conn.execute(made.returning(*_open)).mappings().one_or_none()
    return None if written is None else Filing(**written)


def get(unit: Unit, filing_id: int) -> Filing | None:
    return _one(unit, sa.select(*_open).where(_c.id == filing_id))


def by_number(unit: Unit, number: str) -> Filing | None:
    return _one(unit, sa.select(*_open).where(_c.number == number))


def taken(unit: Unit, number: str) -> bool:
    """Tell whether a number is given, even to a filing that was destroyed since."""
    return unit.conn.execute(sa.select(_c.id).where(_c.number == number)).first() is not None


def lock(unit: Unit, filing_id: int) -> Filing:
    """Read a filing for a move; others wait. Raises NoResultFound."""
    locked = sa.select(*_open).where(_c.id == filing_id).with_for_update(key_share=True)
    return Filing(**unit.conn.execute(locked).mappings().one())


def change(unit: Unit, filing_id: int, version: int, **values: Any) -> int:
    """Write open columns over the version that was read; gives the new version, or Stale."""
    moved = sa.update(filings).where(_c.id == filing_id, _c.version == version)
    if unit.conn.execute(moved.values(version=version + 1, **values)).rowcount == 0:
        raise Stale("filing")
    return version + 1


def first_read(unit: Unit, filing_id: int, now: datetime) -> bool:
    """Note when a filing was opened for the first time; False: it had been."""
    new = sa.update(filings).where(_c.id == filing_id, _c.first_read_at.is_(None))
    return unit.conn.execute(new.values(first_read_at=now)).rowcount == 1


def code_mac(unit: Unit, number: str) -> bytes | None:
    """Give what is stored of a code; None for no such number, no code, or erased (S24)."""
    return unit.conn.execute(sa.select(_c.code_mac).where(_c.number == number)).scalar()


def set_code(unit: Unit, filing_id: int, mac: bytes) -> None:
    """Store a new code's MAC; the old code dies."""
    _set_code.later(unit.conn, {"filing": filing_id, "code_mac": mac})


def answers(unit: Unit, filing: Filing) -> dict[str, Json]:
    """Open what was filed; raises Erased once its key was destroyed."""
    return _read(unit, "filings.answers", filing)


def identity(unit: Unit, filing: Filing) -> dict[str, Json]:
    """Open who filed; {} without a name."""
    return _read(unit, "filings.identity", filing)


def exact(unit: Unit, filing: Filing) -> dict[str, Json]:
    """Open the exact times of a filing without a name; {} with one."""
    return _read(unit, "filings.exact", filing)


def set_identity(unit: Unit, filing: Filing, identity: Mapping[str, Json]) -> None:
    """Write who filed anew: an address that was corrected."""
    sealed = _seal(unit, "filings.identity", filing.sid, identity)
    unit.conn.execute(sa.update(filings).where(_c.id == filing.id).values(identity=sealed))
    finders.put(unit, filing.id, identity)


def _one(unit: Unit, statement: sa.Select[Any]) -> Filing | None:
    row = unit.conn.execute(statement).mappings().one_or_none()
    return None if row is None else Filing(**row)


def _seal(unit: Unit, place: str, sid: bytes, value: Mapping[str, Json]) -> bytes:
    return unit.keys.seal(place, sid, json.dumps(value, ensure_ascii=False).encode())


def _read(unit: Unit, place: str, filing: Filing) -> dict[str, Json]:
    column = _c[place.split(".")[1]]
    sealed = unit.conn.execute(sa.select(column).where(_c.id == filing.id)).scalar_one()
    if sealed is None:
        return {}
    value: dict[str, Json] = json.loads(unit.keys.open(place, filing.sid, sealed))
    return value
