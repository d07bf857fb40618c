"""Rows that are pulled instead of pushed: the web page asks by the peer's own `seq` (S17)."""

from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa

from storage.columns import db_now
from storage.models import dialogs, outbox, peers
from storage.unit import Unit

_d, _o, _p = dialogs.c, outbox.c, peers.c


class Pulled(NamedTuple):
    id: int
    peer_id: int
    seq: int
    rank: int
    kind: str
    lang: str
    payload: bytes
    filing_id: int | None
    valid_rule: str
    release: int


def news(unit: Unit, cursors: Mapping[int, int]) -> list[int]:
    """Tell which of many peers have rows beyond their cursor: one query for a whole process."""
    if not cursors:
        return []
    found = sa.select(_p.id, _p.next_seq).where(_p.id.in_(cursors))
    return [peer for peer, next_seq in unit.conn.execute(found) if next_seq > cursors[peer] + 1]


def pull(unit: Unit, peer_id: int, after: int, limit: int = 100) -> list[Pulled]:
    """Give a peer's rows after `after`, in order; also those it was given before."""
    found = (
        sa.select(_o.id, _o.peer_id, _o.seq, _o.rank, _o.kind, _p.lang, _o.payload,
                  _o.filing_id, _o.valid_rule, _o.release, _p.sid)
        .join(peers, _p.id == _o.peer_id)
        .where(_o.peer_id == peer_id, _o.seq > after, _o.status.in_(["pending", "sent"]))
        .where(_o.payload.is_not(None))
        .order_by(_o.seq)
        .limit(limit)
    )  # fmt: skip
    rows = []
    for row in unit.conn.execute(found).mappings():
        values = dict(row)
        payload = unit.keys.open("outbox.payload", values.pop("sid"), row["payload"])
        rows.append(Pulled(**{**values, "payload": payload}))
    return rows


def arrived(unit: Unit, peer_id: int) -> int:
    """Give the cursor of a page that has none: just before the first row it has to show.

    That is what it has not got, and what came since the person's last turn: a page that is loaded
    again shows that turn and would forget what was said after it.
    """
    ended = sa.select(_p.next_seq).where(_p.id == peer_id).scalar_subquery()
    turned = sa.select(_d.touched_at).where(_d.peer_id == peer_id).scalar_subquery()
    again = sa.and_(_o.status == "sent", _o.created_at > turned)
    first = sa.select(sa.func.coalesce(sa.func.min(_o.seq), ended)).where(
        _o.peer_id == peer_id, sa.or_(_o.status == "pending", again)
    )
    found: int = unit.conn.execute(first).scalar_one()
    return found - 1


def pulled(unit: Unit, peer_id: int, upto: int) -> int:
    """Note that the page has rows up to `upto`; they can be asked for again until swept."""
    given = (_o.peer_id == peer_id, _o.seq <= upto, _o.status == "pending")
    done = sa.update(outbox).where(*given).values(status="sent", settled_at=db_now())
    return unit.conn.execute(done).rowcount
