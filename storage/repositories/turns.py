"""What one turn of a citizen reads, in one statement: the hot path of the service."""

import functools
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage.models import consents, dialogs, outbox, peers
from storage.repositories.dialogs import Dialog
from storage.repositories.peers import Peer
from storage.unit import Unit

_p, _d, _c, _o = peers.c, dialogs.c, consents.c, outbox.c
_PEER = ("id", "sid", "channel", "account", "lang", "turn", "state", "person_id", "created_at",
         "seen_at")  # fmt: skip
_DIALOG = ("version", "form", "started_at", "touched_at", "reminded_at")


class Look(NamedTuple):
    """A peer with its open dialog and which of the asked consents stand."""

    peer: Peer
    dialog: Dialog | None
    consents: frozenset[str]


def look(
    unit: Unit, channel: str, account: str, address: str, kinds: tuple[str, ...], *, lock: bool
) -> Look | None:
    """Read all that a turn needs; with `lock` the peer's line is ours until the commit.

    PostgreSQL sees the rows of a statement as they were when it began, even if it waited for a
    lock in it: so the lock is taken by one statement and the rows are read by the next. SQLite's
    writer is alone from its BEGIN IMMEDIATE on.
    """
    values = {
        "channel": channel,
        "account": account,
        "indexes": unit.keys.ring.blind_indexes("address", f"{channel}\0{account}\0{address}"),
    }
    if lock and unit.dialect == "postgresql":
        unit.conn.execute(_lock, values)
    row = unit.conn.execute(_statement(kinds), values).mappings().first()
    if row is None:
        return None
    peer = Peer(address=address, **{name: row[name] for name in _PEER})
    given = frozenset(kind for n, kind in enumerate(kinds) if row[f"consent{n}"])
    return Look(peer, _dialog(unit, peer, row), given)


_mine = sa.and_(
    _p.channel == sa.bindparam("channel"),
    _p.account == sa.bindparam("account"),
    _p.address_ix.in_(sa.bindparam("indexes", expanding=True)),
)
_lock = sa.select(_p.id).where(_mine).with_for_update(key_share=True)


@functools.cache
def _statement(kinds: tuple[str, ...]) -> sa.Select[Any]:
    standing = [
        sa.select(_c.id)
        .where(_c.peer_id == _p.id, _c.kind == kind, _c.withdrawn_at.is_(None))
        .exists()
        .label(f"consent{n}")
        for n, kind in enumerate(kinds)
    ]
    columns = [_p[name] for name in _PEER] + [_d[name].label(f"d_{name}") for name in _DIALOG]
    return (
        sa.select(*columns, _d.state.label("sealed"), *standing)
        .select_from(peers.outerjoin(dialogs, _d.peer_id == _p.id))
        .where(_mine)
    )


def _dialog(unit: Unit, peer: Peer, row: sa.RowMapping) -> Dialog | None:
    if row["d_version"] is None:
        return None
    state = unit.keys.open("dialogs.state", peer.sid, row["sealed"])
    return Dialog(peer_id=peer.id, state=state, **{n: row[f"d_{n}"] for n in _DIALOG})


def messages(unit: Unit, peer_id: int, kinds: Sequence[str], since: datetime) -> list[str]:
    """Give the vendor's ids of messages of these kinds that were sent to a peer since then."""
    found = sa.select(_o.message_id).where(
        _o.peer_id == peer_id, _o.kind.in_(kinds), _o.message_id != "", _o.created_at >= since
    )
    return [str(one) for one in unit.conn.scalars(found.order_by(_o.seq))]
