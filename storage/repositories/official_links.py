"""Which account at the officials' messenger is whose (security S29)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import official_links
from storage.repositories import outbox, peers
from storage.unit import Unit

_c = official_links.c


@dataclass(frozen=True, slots=True)
class Link:
    """`checked_at`: when the messenger last said that the account is whole."""

    user_id: int
    peer_id: int
    linked_at: datetime
    checked_at: datetime


_columns = (_c.user_id, _c.peer_id, _c.linked_at, _c.checked_at)


def put(unit: Unit, user_id: int, peer_id: int, now: datetime) -> None:
    """Tie an account to an official; what either was tied to before is let go."""
    unit.conn.execute(
        sa.delete(official_links).where(sa.or_(_c.user_id == user_id, _c.peer_id == peer_id))
    )
    row = {"user_id": user_id, "peer_id": peer_id, "linked_at": now, "checked_at": now}
    unit.conn.execute(sa.insert(official_links).values(row))


def of_user(unit: Unit, user_id: int) -> Link | None:
    """Read the link of an official."""
    return _one(unit, _c.user_id == user_id)


def of_peer(unit: Unit, peer_id: int) -> Link | None:
    """Read the link of an account."""
    return _one(unit, _c.peer_id == peer_id)


def listed(unit: Unit) -> list[Link]:
    """List all of them, those that were checked longest ago first."""
    found = sa.select(*_columns).order_by(_c.checked_at, _c.user_id)
    return [Link(*row) for row in unit.conn.execute(found)]


def checked(unit: Unit, user_id: int, now: datetime) -> None:
    """Note that the messenger called the account whole."""
    unit.conn.execute(
        sa.update(official_links).where(_c.user_id == user_id).values(checked_at=now)
    )


def end(unit: Unit, user_id: int) -> int | None:
    """Let an account go; what still waits for it is not sent. Gives its peer, None without one."""
    known = of_user(unit, user_id)
    if known is None:
        return None
    unit.conn.execute(sa.delete(official_links).where(_c.user_id == user_id))
    outbox.drop_peer(unit, known.peer_id, "unlinked")
    peers.set_state(unit, known.peer_id, "gone")
    return known.peer_id


def _one(unit: Unit, where: Any) -> Link | None:
    row = unit.conn.execute(sa.select(*_columns).where(where)).one_or_none()
    return None if row is None else Link(*row)
