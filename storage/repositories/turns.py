"""What one turn of a citizen reads, in one statement: the hot path of the service."""

import functools
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage.models import consents, dialogs, outbox, peers
from storage.quick import Quick
from storage.repositories.dialogs import Dialog
from storage.repositories.peers import Peer
from storage.unit import Unit

_p, _d, _c, _o = peers.c, dialogs.c, consents.c, outbox.c
_PEER = ("id", "sid", "channel", "account", "lang", "turn", "state", "person_id", "created_at",
         "seen_at")  # fmt: skip
_DIALOG = ("version", "form", "state", "started_at", "touched_at", "reminded_at")
"""Both in the order of their classes' fields; a peer's address is known to whoever asks."""


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
    indexes = unit.keys.ring.blind_indexes("address", f"{channel}\0{account}\0{address}")
    values: dict[str, Any] = {"channel": channel, "account": account}
    values |= {f"index{n}": index for n, index in enumerate(indexes)}
    if lock and unit.dialect == "postgresql":
        _lock(len(indexes)).later(unit.conn, values)
    rows = _statement(kinds, len(indexes))(unit.conn, values).rows
    if not rows:
        return None
    row = rows[0]
    known: list[Any] = [*row[:4], address, *row[4 : len(_PEER)]]
    peer = Peer(*known)
    rest = row[len(_PEER) :]
    given = frozenset(
        kind for kind, stands in zip(kinds, rest[len(_DIALOG) :], strict=True) if stands
    )
    return Look(peer, _dialog(unit, peer, rest), given)


def _mine(count: int) -> sa.ColumnElement[bool]:
    """Tell the peer by its index under any of so many ring keys."""
    indexes = [_p.address_ix == sa.bindparam(f"index{n}") for n in range(count)]
    place = (_p.channel == sa.bindparam("channel"), _p.account == sa.bindparam("account"))
    return sa.and_(*place, sa.or_(*indexes))


@functools.cache
def _lock(count: int) -> Quick:
    return Quick(sa.select(_p.id).where(_mine(count)).with_for_update(key_share=True))


@functools.cache
def _statement(kinds: tuple[str, ...], count: int) -> Quick:
    standing = [
        sa.select(_c.id)
        .where(_c.peer_id == _p.id, _c.kind == kind, _c.withdrawn_at.is_(None))
        .exists()
        .label(f"consent{n}")
        for n, kind in enumerate(kinds)
    ]
    columns = [_p[name] for name in _PEER] + [_d[name].label(f"d_{name}") for name in _DIALOG]
    return Quick(
        sa.select(*columns, *standing)
        .select_from(peers.outerjoin(dialogs, _d.peer_id == _p.id))
        .where(_mine(count))
    )


def _dialog(unit: Unit, peer: Peer, row: tuple[Any, ...]) -> Dialog | None:
    version, form, sealed, *times = row[: len(_DIALOG)]
    if version is None:
        return None
    state = unit.keys.open("dialogs.state", peer.sid, sealed)
    return Dialog(peer.id, version, form, state, *times)


def messages(unit: Unit, peer_id: int, kinds: Sequence[str], since: datetime) -> list[str]:
    """Give the vendor's ids of messages of these kinds that were sent to a peer since then."""
    found = sa.select(_o.message_id).where(
        _o.peer_id == peer_id, _o.kind.in_(kinds), _o.message_id != "", _o.created_at >= since
    )
    return [str(one) for one in unit.conn.scalars(found.order_by(_o.seq))]
