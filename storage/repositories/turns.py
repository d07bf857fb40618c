"""What one turn of a citizen reads, in one statement: the hot path of the service."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage.models import consents, dialogs, outbox, peers
from storage.repositories.dialogs import Dialog
from storage.repositories.peers import Peer
from storage.unit import Unit

_p, _d, _c, _o = peers.c, dialogs.c, consents.c, outbox.c


class Look(NamedTuple):
    """A peer with its open dialog and which of the asked consents stand."""

    peer: Peer
    dialog: Dialog | None
    consents: frozenset[str]


def look(
    unit: Unit, channel: str, account: str, address: str, kinds: Sequence[str], *, lock: bool
) -> Look | None:
    """Read all that a turn needs; with `lock` the peer's line is ours until the commit.

    PostgreSQL, having waited for the lock, reads the peer anew but not what is joined to it: a
    dialog older than its peer (`dialog.turn`) is the caller's to notice.
    """
    indexes = unit.keys.ring.blind_indexes("address", f"{channel}\0{account}\0{address}")
    standing = [
        sa.select(_c.id)
        .where(_c.peer_id == _p.id, _c.kind == kind, _c.withdrawn_at.is_(None))
        .exists()
        for kind in kinds
    ]
    found = (
        sa.select(
            _p.id, _p.sid, _p.channel, _p.account, _p.lang, _p.turn, _p.state, _p.person_id,
            _p.created_at, _p.seen_at,
            _d.version, _d.form, _d.state.label("sealed"), _d.started_at, _d.touched_at,
            _d.reminded_at, *[one.label(f"c{n}") for n, one in enumerate(standing)],
        )
        .select_from(peers.outerjoin(dialogs, _d.peer_id == _p.id))
        .where(_p.channel == channel, _p.account == account, _p.address_ix.in_(indexes))
    )  # fmt: skip
    row = unit.conn.execute(found.with_for_update(of=peers) if lock else found).mappings().first()
    if row is None:
        return None
    names = ("id", "sid", "channel", "account", "lang", "turn", "state", "person_id",
             "created_at", "seen_at")  # fmt: skip
    peer = Peer(address=address, **{name: row[name] for name in names})
    given = frozenset(kind for n, kind in enumerate(kinds) if row[f"c{n}"])
    return Look(peer, _dialog(unit, peer, row), given)


def _dialog(unit: Unit, peer: Peer, row: sa.RowMapping) -> Dialog | None:
    if row["version"] is None:
        return None
    state = unit.keys.open("dialogs.state", peer.sid, row["sealed"])
    names = ("version", "form", "started_at", "touched_at", "reminded_at")
    return Dialog(peer_id=peer.id, state=state, **{name: row[name] for name in names})


def messages(unit: Unit, peer_id: int, kinds: Sequence[str], since: datetime) -> list[str]:
    """Give the vendor's ids of messages of these kinds that were sent to a peer since then."""
    found = sa.select(_o.message_id).where(
        _o.peer_id == peer_id, _o.kind.in_(kinds), _o.message_id != "", _o.created_at >= since
    )
    ids: list[Any] = list(unit.conn.scalars(found.order_by(_o.seq)))
    return [str(one) for one in ids]
