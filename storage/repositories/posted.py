"""Which message shows a filing to a peer."""

from datetime import datetime

import sqlalchemy as sa

from storage.models import posted
from storage.unit import Unit
from storage.upsert import insert

_c = posted.c


def put(unit: Unit, filing_id: int, peer_id: int, message_id: str, now: datetime) -> None:
    """Note the message, or a newer one in its place."""
    values = {"message_id": message_id, "at": now}
    made = insert(unit.conn, posted).values(filing_id=filing_id, peer_id=peer_id, **values)
    unit.conn.execute(
        made.on_conflict_do_update(index_elements=[_c.filing_id, _c.peer_id], set_=values)
    )


def of(unit: Unit, filing_id: int, peer_id: int) -> str | None:
    """Give the message that shows a filing to a peer."""
    found = sa.select(_c.message_id).where(_c.filing_id == filing_id, _c.peer_id == peer_id)
    return unit.conn.execute(found).scalar_one_or_none()


def peers_of(unit: Unit, filing_id: int) -> list[int]:
    """Name the peers that have a message of this filing."""
    return list(unit.conn.scalars(sa.select(_c.peer_id).where(_c.filing_id == filing_id)))


def forget(unit: Unit, peer_id: int) -> None:
    """Forget the messages of a peer: its room is gone, or it is nobody's any more."""
    unit.conn.execute(sa.delete(posted).where(_c.peer_id == peer_id))


def of_peer(unit: Unit, peer_id: int) -> list[int]:
    """Name the filings that a peer has a message of."""
    found = sa.select(_c.filing_id).where(_c.peer_id == peer_id).order_by(_c.filing_id)
    return list(unit.conn.scalars(found))


def gone(unit: Unit, filing_id: int, peer_id: int) -> None:
    """Forget the message of one filing."""
    mine = sa.delete(posted).where(_c.filing_id == filing_id, _c.peer_id == peer_id)
    unit.conn.execute(mine)
