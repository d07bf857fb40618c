"""Addresses on channels; the address is sealed and found by a blind index."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.columns import db_now
from storage.models import peers, people
from storage.quick import Quick
from storage.unit import Unit
from storage.upsert import Upsert

_c = peers.c


@dataclass(frozen=True, slots=True)
class Peer:
    """An address on a channel; `turn` never goes back."""

    id: int
    sid: bytes
    channel: str
    account: str
    address: str
    lang: str
    turn: int
    state: str  # open, gone
    person_id: int | None
    created_at: datetime
    seen_at: datetime


_columns = (
    _c.id, _c.sid, _c.channel, _c.account, _c.address, _c.lang, _c.turn, _c.state, _c.person_id,
    _c.created_at, _c.seen_at, _c.ix_key_id,
)  # fmt: skip


_find = sa.select(*_columns).where(
    _c.channel == sa.bindparam("channel"),
    _c.account == sa.bindparam("account"),
    _c.address_ix.in_(sa.bindparam("indexes", expanding=True)),
)
_get = sa.select(*_columns).where(_c.id == sa.bindparam("peer"))
_lock = _get.with_for_update(key_share=True)
_add = Upsert(peers, lambda made: made.on_conflict_do_nothing().returning(*_columns))
_touch = Quick(
    sa.update(peers)
    .where(_c.id == sa.bindparam("peer"))
    .values(
        seen_at=sa.bindparam("now"),
        state="open",
        turn=sa.case(
            (_c.turn < sa.bindparam("new_turn"), sa.bindparam("new_turn")), else_=_c.turn
        ),
        lang=sa.func.coalesce(sa.bindparam("new_lang", type_=sa.String), _c.lang),
    )
)


def find(unit: Unit, channel: str, account: str, address: str) -> Peer | None:
    """Look a peer up by its address, under any key of the ring."""
    indexes = unit.keys.ring.blind_indexes("address", _value(channel, account, address))
    values = {"channel": channel, "account": account, "indexes": indexes}
    row = unit.conn.execute(_find, values).mappings().first()
    return None if row is None else _peer(unit, row, address)


def ensure(unit: Unit, channel: str, account: str, address: str, lang: str, now: datetime) -> Peer:
    """Find a peer or make it; locked either way until the transaction ends."""
    known = find(unit, channel, account, address)
    if known is not None:
        return lock(unit, known.id)
    if _alone(unit, channel, account, address):
        known = find(unit, channel, account, address)
        if known is not None:
            return lock(unit, known.id)
    sid = unit.sid()
    ring = unit.keys.ring
    row = {
        "sid": sid,
        "channel": channel,
        "account": account,
        "address_ix": ring.blind_index("address", _value(channel, account, address)),
        "ix_key_id": ring.first.hex(),
        "address": unit.keys.seal("peers.address", sid, address.encode()),
        "lang": lang,
        "created_at": now,
        "seen_at": now,
    }
    fresh = _add(unit.conn, row).mappings().one_or_none()
    if fresh is not None:
        return _peer(unit, fresh, address)
    unit.keys.forget(sid)
    again = find(unit, channel, account, address)
    assert again is not None
    return lock(unit, again.id)


def get(unit: Unit, peer_id: int) -> Peer:
    """Read a peer; raises NoResultFound."""
    return _peer(unit, unit.conn.execute(_get, {"peer": peer_id}).mappings().one())


def lock(unit: Unit, peer_id: int) -> Peer:
    """Read a peer and keep others from writing it (and its dialog and outbox line)."""
    return _peer(unit, unit.conn.execute(_lock, {"peer": peer_id}).mappings().one())


def touch(
    unit: Unit, peer_id: int, now: datetime, *, turn: int | None = None, lang: str | None = None
) -> None:
    """Note that the peer was here; a `turn` lower than the stored one is not taken."""
    values = {"peer": peer_id, "now": now, "new_turn": -1 if turn is None else turn}
    _touch.later(unit.conn, {**values, "new_lang": lang})


def set_state(unit: Unit, peer_id: int, state: str) -> None:
    """Mark a peer as gone, or open again."""
    unit.conn.execute(sa.update(peers).where(_c.id == peer_id).values(state=state))


def set_name(unit: Unit, peer: Peer, name: str) -> None:
    """Keep the display name of somebody who consented."""
    sealed = unit.keys.seal("peers.name", peer.sid, name.encode()) if name else None
    unit.conn.execute(sa.update(peers).where(_c.id == peer.id).values(name=sealed))


def clear_name(unit: Unit, peer_id: int) -> None:
    """Forget the display name; opens nothing."""
    unit.conn.execute(sa.update(peers).where(_c.id == peer_id).values(name=None))


def name(unit: Unit, peer: Peer) -> str:
    """Give the display name, "" without one."""
    sealed = unit.conn.execute(sa.select(_c.name).where(_c.id == peer.id)).scalar_one()
    return "" if sealed is None else unit.keys.open("peers.name", peer.sid, sealed).decode()


def move(unit: Unit, peer: Peer, address: str) -> None:
    """Give a peer the new address that its messenger told us; the old one is forgotten."""
    ring = unit.keys.ring
    values = {
        "address": unit.keys.seal("peers.address", peer.sid, address.encode()),
        "address_ix": ring.blind_index("address", _value(peer.channel, peer.account, address)),
        "ix_key_id": ring.first.hex(),
    }
    unit.conn.execute(sa.update(peers).where(_c.id == peer.id).values(values))


def reindex(unit: Unit, limit: int = 500) -> int:
    """Make blind indexes anew under the first key; 0: the rotation is complete (security S6)."""
    old = sa.select(*_columns).where(_c.ix_key_id != unit.keys.ring.first.hex()).limit(limit)
    rows = (
        unit.conn.execute(old.with_for_update(skip_locked=True, key_share=True)).mappings().all()
    )
    for row in rows:
        known = _peer(unit, row)
        move(unit, known, known.address)
    return len(rows)


def join(unit: Unit, peer_id: int, other_id: int) -> int:
    """Note that two peers are one person; gives the person's id."""
    found = sa.select(_c.person_id).where(_c.id.in_([peer_id, other_id]))
    known = [person for person in unit.conn.scalars(found) if person is not None]
    if known:
        person = known[0]
    else:
        row = sa.insert(people).values(sid=unit.sid(), created_at=db_now()).returning(people.c.id)
        person = unit.conn.execute(row).scalar_one()
    both = sa.update(peers).where(_c.id.in_([peer_id, other_id]))
    unit.conn.execute(both.values(person_id=person))
    return int(person)


def _alone(unit: Unit, channel: str, account: str, address: str) -> bool:
    """Let one at a time make a peer of an address while a rotation goes on.

    One process may index with the old key and another with the new: the unique index would not
    see that they mean the same. SQLite has one writer anyway.
    """
    indexes = sorted(unit.keys.ring.blind_indexes("address", _value(channel, account, address)))
    if len(indexes) == 1 or unit.dialect != "postgresql":
        return False
    name = int.from_bytes(indexes[0][:8], "big", signed=True)
    unit.conn.execute(sa.select(sa.func.pg_advisory_xact_lock(name)))
    return True


_belongs = sa.select(_c.id).where(_c.person_id == people.c.id).exists()
_alone_now = sa.select(people.c.id).where(~_belongs).limit(sa.bindparam("most", type_=sa.Integer))
_sweep_people = sa.delete(people).where(people.c.id.in_(_alone_now))


def sweep_people(unit: Unit, limit: int = 1000) -> int:
    """Take persons away whose last address has gone, a piece at a time."""
    return unit.conn.execute(_sweep_people, {"most": limit}).rowcount


def _value(channel: str, account: str, address: str) -> str:
    return f"{channel}\0{account}\0{address}"


def _peer(unit: Unit, row: Mapping[Any, Any], address: str | None = None) -> Peer:
    values = {key: row[key] for key in row if key not in {"address", "ix_key_id"}}
    if address is None:
        address = unit.keys.open("peers.address", row["sid"], row["address"]).decode()
    return Peer(address=address, **values)
