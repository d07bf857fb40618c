"""What was done already, and what was said about it (security S3, S21)."""

from typing import NamedTuple

import sqlalchemy as sa

from storage.columns import db_later, db_now
from storage.errors import BodyConflict
from storage.models import inbox
from storage.unit import Key, Unit
from storage.upsert import insert_new

ANSWERS = 24 * 3600  # seconds in which an inline channel may ask for its answer again
MARKS = 7 * 24 * 3600

_c = inbox.c


class Seen(NamedTuple):
    """An update that was done before. `answer` is None once it was dropped, or never kept."""

    answer: bytes | None


def claim(unit: Unit, key: Key, body: bytes, owner: bytes) -> Seen | None:
    """Claim an update; None: it is new and now ours. Raises BodyConflict for another body.

    `owner` is the sid of the peer, to whom the stored answer is sealed.
    """
    row = {**key._asdict(), "body_mac": _mac(unit, key, body), "at": db_now()}
    if insert_new(unit.conn, inbox, row):
        unit.claimed = key
        return None
    stored = unit.conn.execute(sa.select(_c.body_mac, _c.answer).where(_of(key))).one()
    _same(unit, key, body, stored.body_mac)
    if stored.answer is None:
        return Seen(None)
    return Seen(unit.keys.open("inbox.answer", owner, stored.answer))


def answer(unit: Unit, key: Key, owner: bytes, content: bytes) -> None:
    """Keep the answer for a repeated update: never a code, a name or free text (security S3)."""
    sealed = unit.keys.seal("inbox.answer", owner, content)
    unit.conn.execute(sa.update(inbox).where(_of(key)).values(answer=sealed))


def has(unit: Unit, key: Key) -> bool:
    return unit.conn.execute(sa.select(_c.at).where(_of(key))).first() is not None


def repeated(unit: Unit, key: Key, body: bytes) -> bool:
    """Tell whether a command was done before; raises BodyConflict if with another body."""
    stored = unit.conn.execute(sa.select(_c.body_mac).where(_of(key))).scalar_one_or_none()
    if stored is None:
        return False
    _same(unit, key, body, stored)
    return True


def mark(unit: Unit, key: Key, body: bytes) -> None:
    """Mark a command as done, in its own transaction; a race ends in a unique violation."""
    row = {**key._asdict(), "body_mac": _mac(unit, key, body), "at": db_now()}
    unit.conn.execute(sa.insert(inbox).values(row))


def drop_answers(unit: Unit, peer_id: int) -> int:
    """Forget what was answered to a peer: settled, erased, or signed out."""
    gone = sa.update(inbox).where(_c.peer_id == peer_id, _c.answer.is_not(None))
    return unit.conn.execute(gone.values(answer=None)).rowcount


def sweep(unit: Unit, limit: int = 1000) -> int:
    """Drop answers after a day and marks after a week, a piece at a time; 0: nothing is left."""
    triple = sa.tuple_(_c.account, _c.peer_id, _c.update_id)
    keys = sa.select(_c.account, _c.peer_id, _c.update_id).limit(limit)
    old = keys.where(_c.at < db_later(-MARKS))
    gone = unit.conn.execute(sa.delete(inbox).where(triple.in_(old))).rowcount
    stale = keys.where(_c.at < db_later(-ANSWERS), _c.answer.is_not(None))
    dropped = sa.update(inbox).where(triple.in_(stale)).values(answer=None)
    return gone + unit.conn.execute(dropped).rowcount


def _of(key: Key) -> sa.ColumnElement[bool]:
    return sa.and_(
        _c.account == key.account, _c.peer_id == key.peer_id, _c.update_id == key.update_id
    )


def _mac(unit: Unit, key: Key, body: bytes) -> bytes:
    parts = (key.account.encode(), str(key.peer_id).encode(), key.update_id.encode(), body)
    return unit.keys.ring.mac("inbox", *parts)


def _same(unit: Unit, key: Key, body: bytes, stored: bytes) -> None:
    parts = (key.account.encode(), str(key.peer_id).encode(), key.update_id.encode(), body)
    if not unit.keys.ring.mac_holds("inbox", stored, *parts):
        raise BodyConflict(key.update_id)
