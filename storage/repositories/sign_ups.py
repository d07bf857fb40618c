"""What people typed on the page to get news by e-mail: put by the public part, read by `work` alone."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.errors import SealError
from storage.models import sign_ups
from storage.unit import Unit

PLACE = "sign_ups.content"
_c = sign_ups.c


def put(unit: Unit, typed: Mapping[str, Any], now: datetime) -> None:
    """Keep what was typed, sealed. It asks for nothing back: the public part may not read."""
    sid = unit.sid()
    content = unit.keys.seal(PLACE, sid, json.dumps(typed, ensure_ascii=False).encode())
    unit.conn.execute(sa.insert(sign_ups).inline().values(sid=sid, content=content, at=now))


def waiting(unit: Unit, limit: int) -> list[bytes]:
    """List what waits for its letter, the oldest first; by its sid, which never comes again."""
    return list(unit.conn.scalars(sa.select(_c.sid).order_by(_c.id).limit(limit)))


def take(unit: Unit, sid: bytes) -> Mapping[str, Any] | None:
    """Read one and destroy it with its key; None: it is gone, or nobody can open it any more."""
    row = unit.conn.execute(
        sa.delete(sign_ups).where(_c.sid == sid).returning(_c.content)
    ).one_or_none()
    if row is None:
        return None
    try:
        typed: Mapping[str, Any] = json.loads(unit.keys.open(PLACE, sid, row.content))
    except SealError:
        return None
    finally:
        unit.keys.destroy(sid)
    return typed
