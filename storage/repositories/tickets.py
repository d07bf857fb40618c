"""Links that work once: only a hash of the secret is stored (security S2)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.crypto import token_hash
from storage.models import keys, tickets
from storage.unit import Unit

_c = tickets.c
_old = (
    sa.select(_c.hash, _c.sid)
    .where(_c.expires_at < sa.bindparam("before", type_=_c.expires_at.type))
    .limit(sa.bindparam("most", type_=sa.Integer))
)


@dataclass(frozen=True, slots=True)
class Ticket:
    hash: bytes
    kind: str
    peer_id: int | None
    user_id: int | None
    filing_id: int | None
    detail: bytes
    expires_at: datetime
    used_at: datetime | None
    tries: int


def add(
    unit: Unit,
    secret: str,
    kind: str,
    now: datetime,
    expires_at: datetime,
    *,
    peer_id: int | None = None,
    user_id: int | None = None,
    filing_id: int | None = None,
    detail: bytes = b"",
) -> None:
    """Write a ticket; `detail` is sealed under a key of its own."""
    sid = unit.sid()
    row = {
        "hash": token_hash(secret),
        "sid": sid,
        "kind": kind,
        "peer_id": peer_id,
        "user_id": user_id,
        "filing_id": filing_id,
        "detail": unit.keys.seal("tickets.detail", sid, detail) if detail else None,
        "expires_at": expires_at,
        "created_at": now,
    }
    unit.conn.execute(sa.insert(tickets).values(row))


def find(unit: Unit, secret: str, kind: str) -> Ticket | None:
    """Look at a ticket without using it; the times are for the caller to judge."""
    found = sa.select(tickets).where(_c.hash == token_hash(secret), _c.kind == kind)
    row = unit.conn.execute(found).mappings().one_or_none()
    return None if row is None else _ticket(unit, row)


def use(unit: Unit, secret: str, kind: str, now: datetime) -> Ticket | None:
    """Use a ticket up; None: unknown, used or expired. Two at once: one gets it."""
    good = (
        _c.hash == token_hash(secret), _c.kind == kind, _c.used_at.is_(None), _c.expires_at > now,
    )  # fmt: skip
    used = sa.update(tickets).where(*good).values(used_at=now).returning(tickets)
    row = unit.conn.execute(used).mappings().one_or_none()
    return None if row is None else _ticket(unit, row)


def tried(unit: Unit, secret: str) -> int:
    """Count a wrong try; gives how many there were."""
    mine = sa.update(tickets).where(_c.hash == token_hash(secret))
    more = mine.values(tries=_c.tries + 1).returning(_c.tries)
    return unit.conn.execute(more).scalar_one_or_none() or 0


def cancel(
    unit: Unit, kind: str, *, peer_id: int | None = None, user_id: int | None = None
) -> int:
    """Void the open tickets of a peer or a user."""
    whose = _c.peer_id == peer_id if peer_id is not None else _c.user_id == user_id
    gone = sa.delete(tickets).where(_c.kind == kind, whose, _c.used_at.is_(None))
    return unit.conn.execute(gone).rowcount


def sweep(unit: Unit, before: datetime, limit: int = 500) -> int:
    """Delete tickets that ended before, with their keys."""
    rows = unit.conn.execute(_old, {"before": before, "most": limit}).all()
    if not rows:
        return 0
    hashes, sids = [row.hash for row in rows], [row.sid for row in rows]
    unit.conn.execute(sa.delete(tickets).where(_c.hash.in_(hashes)))
    unit.conn.execute(sa.delete(keys).where(keys.c.owner.in_(sids)))
    return len(rows)


def _ticket(unit: Unit, row: sa.RowMapping) -> Ticket:
    sealed: Any = row["detail"]
    detail = b"" if sealed is None else unit.keys.open("tickets.detail", row["sid"], sealed)
    values = {key: row[key] for key in Ticket.__dataclass_fields__ if key != "detail"}
    return Ticket(detail=detail, **values)
