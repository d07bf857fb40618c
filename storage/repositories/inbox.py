"""What was done already, and what was said about it (security S3, S21)."""

from typing import NamedTuple

import sqlalchemy as sa

from storage.columns import db_later, db_now, read_once
from storage.errors import BodyConflict
from storage.models import inbox, peers
from storage.models.conversations import ANSWERED
from storage.quick import Quick
from storage.unit import Key, Unit
from storage.upsert import NewRow

ANSWERS = 24 * 3600  # seconds in which an inline channel may ask for its answer again
MARKS = 7 * 24 * 3600

_c = inbox.c
_one = sa.and_(
    _c.account == sa.bindparam("k_account"),
    _c.peer_id == sa.bindparam("k_peer"),
    _c.update_id == sa.bindparam("k_update"),
)
_new = NewRow(inbox, at=db_now())
_stored = sa.select(_c.body_mac, _c.answer).where(_one)
_answer = Quick(sa.update(inbox).where(_one))
_mark = sa.insert(inbox).values(at=db_now())
_before = _c.at < read_once(db_later(sa.bindparam("since", type_=sa.Float)))
_triple = sa.tuple_(_c.account, _c.peer_id, _c.update_id)
_old = (
    sa.select(_c.account, _c.peer_id, _c.update_id)
    .where(_before)
    .order_by(_c.at)  # else, where nothing is old, a whole table would be read to find it out
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_sweep = sa.delete(inbox).where(_triple.in_(_old))
_kept = _old.where(sa.text(f"inbox.{ANSWERED}"))
_drop = sa.update(inbox).where(_triple.in_(_kept)).values(answer=None)


class Seen(NamedTuple):
    """An update that was done before. `answer` is None once it was dropped, or never kept."""

    answer: bytes | None


def claim(unit: Unit, key: Key, body: bytes, owner: bytes) -> Seen | None:
    """Claim an update; None: it is new and now ours. Raises BodyConflict for another body.

    `owner` is the sid of the peer, to whom the stored answer is sealed.
    """
    unit.claimed = key
    if _new(unit.conn, {**key._asdict(), "body_mac": _mac(unit, key, body)}):
        return None
    stored = unit.conn.execute(_stored, _of(key)).one()
    _same(unit, key, body, stored.body_mac)
    if stored.answer is None:
        return Seen(None)
    return Seen(unit.keys.open("inbox.answer", owner, stored.answer))


def answer(unit: Unit, key: Key, owner: bytes, content: bytes) -> None:
    """Keep the answer for a repeated update: never a code, a name or free text (security S3)."""
    sealed = unit.keys.seal("inbox.answer", owner, content)
    _answer.later(unit.conn, {**_of(key), "answer": sealed})


def has(unit: Unit, key: Key) -> bool:
    return unit.conn.execute(_stored, _of(key)).first() is not None


def repeated(unit: Unit, key: Key, body: bytes) -> bool:
    """Tell whether a command was done before; raises BodyConflict if with another body."""
    stored = unit.conn.execute(_stored, _of(key)).one_or_none()
    if stored is None:
        return False
    _same(unit, key, body, stored.body_mac)
    return True


def mark(unit: Unit, key: Key, body: bytes) -> None:
    """Mark a command as done, in its own transaction; a race ends in a unique violation."""
    unit.conn.execute(_mark, {**key._asdict(), "body_mac": _mac(unit, key, body)})


def drop_answers(unit: Unit, peer_id: int) -> int:
    """Forget what was answered to a peer: settled, erased, or signed out."""
    p = peers.c  # named in full: the key begins with it, and else the whole table would be read
    account = sa.select(p.channel + ":" + p.account).where(p.id == peer_id).scalar_subquery()
    mine = (_c.account == account, _c.peer_id == peer_id)
    gone = sa.update(inbox).where(*mine, _c.answer.is_not(None))
    return unit.conn.execute(gone.values(answer=None)).rowcount


def sweep(unit: Unit, marks: float = MARKS, answers: float = ANSWERS, limit: int = 1000) -> int:
    """Drop answers and marks after so many seconds, a piece at a time; 0: nothing is left."""
    gone = unit.conn.execute(_sweep, {"since": -marks, "most": limit}).rowcount
    return gone + unit.conn.execute(_drop, {"since": -answers, "most": limit}).rowcount


def _of(key: Key) -> dict[str, str | int]:
    return {"k_account": key.account, "k_peer": key.peer_id, "k_update": key.update_id}


def _mac(unit: Unit, key: Key, body: bytes) -> bytes:
    parts = (key.account.encode(), str(key.peer_id).encode(), key.update_id.encode(), body)
    return unit.keys.ring.mac("inbox", *parts)


def _same(unit: Unit, key: Key, body: bytes, stored: bytes) -> None:
    parts = (key.account.encode(), str(key.peer_id).encode(), key.update_id.encode(), body)
    if not unit.keys.ring.mac_holds("inbox", stored, *parts):
        raise BodyConflict(key.update_id)
