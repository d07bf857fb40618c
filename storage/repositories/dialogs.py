"""The one open dialog of each peer; its state is sealed to the peer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.errors import SealError, Stale
from storage.models import dialogs, peers
from storage.quick import Quick
from storage.repositories.peers import Peer
from storage.unit import Unit
from storage.upsert import NewRow

_c = dialogs.c
_new = NewRow(dialogs)
_get = sa.select(dialogs).where(_c.peer_id == sa.bindparam("peer"))
_version = sa.select(_c.version).where(_c.peer_id == sa.bindparam("peer"))
_untouched = _c.touched_at < sa.bindparam("before", type_=_c.touched_at.type)
_old = (
    sa.select(_c.peer_id, _c.state, peers.c.sid)
    .join(peers, peers.c.id == _c.peer_id)
    .where(_untouched)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_forsaken = (
    sa.select(_c.peer_id, _c.form, _c.touched_at)
    .join(peers, peers.c.id == _c.peer_id)
    .where(_untouched, _c.reminded_at.is_(None), peers.c.state == "open")
    .order_by(_c.touched_at)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_save = Quick(
    sa.update(dialogs)
    .where(_c.peer_id == sa.bindparam("peer"), _c.version == sa.bindparam("read"))
    .values(version=_c.version + 1, reminded_at=None)
)


@dataclass(frozen=True, slots=True)
class Dialog:
    """`state` is what was sealed: JSON that only the engine understands."""

    peer_id: int
    version: int
    form: str
    state: bytes
    started_at: datetime
    touched_at: datetime
    reminded_at: datetime | None


def get(unit: Unit, peer: Peer) -> Dialog | None:
    """Read the open dialog; hold the peer's lock (`peers.lock`) before writing it."""
    row = unit.conn.execute(_get, {"peer": peer.id}).mappings().first()
    if row is None:
        return None
    state = unit.keys.open("dialogs.state", peer.sid, row["state"])
    return Dialog(**{**row, "state": state})


def version(unit: Unit, peer_id: int) -> int:
    """Give the version of the open dialog, 0 when there is none."""
    found = unit.conn.execute(_version, {"peer": peer_id}).scalar()
    return 0 if found is None else int(found)


def save(unit: Unit, peer: Peer, form: str, state: bytes, now: datetime, *, read: int = 0) -> int:
    """Write the dialog over the version that was `read` (0: there was none).

    Gives the new version; raises Stale when another has been written since.
    """
    sealed = unit.keys.seal("dialogs.state", peer.sid, state)
    values: dict[str, Any] = {"form": form, "state": sealed, "touched_at": now}
    if read == 0:
        row = {"peer_id": peer.id, "version": 1, "started_at": now, **values}
        if not _new(unit.conn, row):
            raise Stale("dialog")
        return 1
    if _save(unit.conn, {"peer": peer.id, "read": read, **values}).changed == 0:
        raise Stale("dialog")
    return read + 1


def delete(unit: Unit, peer_id: int) -> bool:
    """End a dialog; False when there was none."""
    return unit.conn.execute(sa.delete(dialogs).where(_c.peer_id == peer_id)).rowcount > 0


def forsaken(unit: Unit, before: datetime, limit: int = 100) -> list[sa.Row[Any]]:
    """List (peer_id, form, touched_at) of dialogs untouched since `before`, not yet reminded."""
    return list(unit.conn.execute(_forsaken, {"before": before, "most": limit}))


def reminded(unit: Unit, peer_id: int, now: datetime) -> None:
    unit.conn.execute(sa.update(dialogs).where(_c.peer_id == peer_id).values(reminded_at=now))


def sweep(unit: Unit, before: datetime, limit: int = 500) -> tuple[bytes, ...]:
    """Delete drafts untouched since `before`, a piece at a time; gives the states they had."""
    rows = unit.conn.execute(_old, {"before": before, "most": limit}).all()
    if not rows:
        return ()
    unit.conn.execute(sa.delete(dialogs).where(_c.peer_id.in_([row.peer_id for row in rows])))
    return tuple(state for row in rows if (state := _opened(unit, row.sid, row.state)))


def _opened(unit: Unit, sid: bytes, sealed: bytes) -> bytes:
    """Open a draft that is gone already; b"" where no key opens it any more."""
    try:
        return unit.keys.open("dialogs.state", sid, sealed)
    except SealError:
        return b""
