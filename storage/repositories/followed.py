"""What is told of a broadcast again and again: the latest row for who follows it."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from storage.models import outbox
from storage.unit import Unit

_c = outbox.c


class Last(NamedTuple):
    """The latest row of its kind; `message_id` is the vendor's, "" as long as there is none."""

    created_at: datetime
    message_id: str
    waits: bool


def last(
    unit: Unit, peer_id: int, kind: str, broadcast_id: int, *, sent: bool = False
) -> Last | None:
    """Give the latest row of a kind about a broadcast; `sent`: that has a message at the vendor."""
    mine = [_c.peer_id == peer_id, _c.kind == kind, _c.broadcast_id == broadcast_id]
    mine += [_c.message_id != ""] if sent else []
    columns = (_c.created_at, _c.message_id, _c.status.in_(("pending", "sending")))
    found = sa.select(*columns).where(*mine).order_by(_c.seq.desc()).limit(1)
    row = unit.conn.execute(found).one_or_none()
    return None if row is None else Last(row[0], row[1], bool(row[2]))
