"""Sessions of officials: only a hash of the cookie is stored."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.crypto import token_hash
from storage.models import sessions, users
from storage.unit import Unit

_s, _u = sessions.c, users.c
_old = (
    sa.select(_s.token_hash)
    .where(_s.expires_at < sa.bindparam("before", type_=_s.expires_at.type))
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_one = _s.token_hash == sa.bindparam("token")
_live = (
    sa.select(sessions)
    .join(users, _u.id == _s.user_id)
    .where(_one, _s.epoch == _u.epoch, _u.active.is_(True))
)
_sweep = sa.delete(sessions).where(_s.token_hash.in_(_old))


def open_(
    unit: Unit, secret: str, user_id: int, now: datetime, expires_at: datetime, *, road: str = ""
) -> None:
    """Open a session under the account's present epoch; its owner has just proved who it is."""
    epoch = sa.select(_u.epoch).where(_u.id == user_id).scalar_subquery()
    row: dict[str, Any] = {"user_id": user_id, "epoch": epoch, "created_at": now, "seen_at": now}
    row |= {"proved_at": now, "road": road}
    made = sa.insert(sessions)
    unit.conn.execute(made.values(token_hash=token_hash(secret), expires_at=expires_at, **row))


def find(unit: Unit, secret: str) -> sa.Row[Any] | None:
    """Find a session of an active account whose epoch has not moved on; the times are yours."""
    return unit.conn.execute(_live, {"token": token_hash(secret)}).one_or_none()


def touch(unit: Unit, secret: str, now: datetime) -> None:
    mine = sa.update(sessions).where(_s.token_hash == token_hash(secret))
    unit.conn.execute(mine.values(seen_at=now))


def prove(unit: Unit, secret: str, now: datetime) -> None:
    mine = sa.update(sessions).where(_s.token_hash == token_hash(secret))
    unit.conn.execute(mine.values(proved_at=now))


def name(secret: str) -> bytes:
    """Give what is stored of a secret."""
    return token_hash(secret)


def of(unit: Unit, user_id: int) -> list[sa.Row[Any]]:
    """List the sessions of an account whose epoch has not moved on; the times are yours."""
    live = (_s.user_id == user_id, _s.epoch == _u.epoch, _u.active.is_(True))
    found = sa.select(sessions).join(users, _u.id == _s.user_id).where(*live)
    return list(unit.conn.execute(found))


def close_named(unit: Unit, user_id: int, ref: str) -> bool:
    """End a session of an account by what is stored of its secret."""
    try:
        named = bytes.fromhex(ref)
    except ValueError:
        return False
    gone = sa.delete(sessions).where(_s.token_hash == named, _s.user_id == user_id)
    return unit.conn.execute(gone).rowcount == 1


def close(unit: Unit, secret: str) -> bool:
    gone = sa.delete(sessions).where(_s.token_hash == token_hash(secret))
    return unit.conn.execute(gone).rowcount == 1


def sweep(unit: Unit, now: datetime, limit: int = 1000) -> int:
    return unit.conn.execute(_sweep, {"before": now, "most": limit}).rowcount
