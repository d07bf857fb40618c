"""What people agreed to: each text by its version, each taking back by its time."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import consents
from storage.unit import Unit

_c = consents.c


def give(unit: Unit, peer_id: int, kind: str, text_version: str, lang: str, now: datetime) -> None:
    """Record a consent; one that stands already is left as it is."""
    if not has(unit, peer_id, kind):
        row = {"peer_id": peer_id, "kind": kind, "text_version": text_version, "lang": lang}
        unit.conn.execute(sa.insert(consents).values(given_at=now, **row))


def withdraw(unit: Unit, peer_id: int, kind: str, now: datetime) -> bool:
    """Take a consent back; False when there was none."""
    done = sa.update(consents).where(_standing(peer_id, kind)).values(withdrawn_at=now)
    return unit.conn.execute(done).rowcount > 0


def has(unit: Unit, peer_id: int, kind: str) -> bool:
    found = sa.select(_c.id).where(_standing(peer_id, kind)).limit(1)
    return unit.conn.execute(found).first() is not None


def of(unit: Unit, peer_id: int) -> list[sa.Row[Any]]:
    """List every consent of a peer, also those taken back."""
    found = sa.select(consents).where(_c.peer_id == peer_id).order_by(_c.id)
    return list(unit.conn.execute(found))


def _standing(peer_id: int, kind: str) -> sa.ColumnElement[bool]:
    return sa.and_(_c.peer_id == peer_id, _c.kind == kind, _c.withdrawn_at.is_(None))


def waiting(unit: Unit, kind: str, limit: int) -> list[sa.Row[Any]]:
    """List the consents of a kind that stand, the oldest first."""
    found = sa.select(consents).where(_c.kind == kind, _c.withdrawn_at.is_(None))
    return list(unit.conn.execute(found.order_by(_c.id).limit(limit)))
