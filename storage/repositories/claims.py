"""Claiming rows of the outbox: shares of the ranks, order within a peer (security S10, S19)."""

import functools
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from knowledge.release import RELEASE
from storage.columns import db_later, db_now
from storage.errors import SealError
from storage.models import outbox, peers
from storage.models.conversations import WAITING
from storage.quick import Quick
from storage.repositories.outbox import LEASE, NEWER, PASSED, waiting
from storage.unit import Unit

SHARES = ((1, 0.4), (5, 0.2), (9, 0.1), (0, 0.3))
"""Of each batch, at least; what one rank leaves moves down (security S19)."""

MOST_CLAIMS = 5  # the sixth is none: the row kills whoever touches it (security S10)
STUCK = timedelta(minutes=10)  # then an earlier row holds up no legal notice any more
LEGAL = 1

_o, _p = outbox.c, peers.c
_ours = sa.or_(_o.problem != NEWER, _o.release <= RELEASE)
"""What was once found to be of a later release is left to that one (security S23)."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that is ours until its lease ends; `problem` is what the sender before us noted.

    `release` is the number of the one that wrote it.
    """

    id: int
    token: bytes
    peer_id: int
    seq: int
    channel: str
    account: str
    address: str
    lang: str
    rank: int
    kind: str
    payload: bytes
    filing_id: int | None
    broadcast_id: int | None
    valid_rule: str
    claims: int
    problem: str
    since: datetime
    release: int


def claim(
    unit: Unit,
    now: datetime,
    channels: Collection[str],
    *,
    limit: int = 30,
    quotas: Mapping[int, int] | None = None,
    lease: float = LEASE,
) -> list[Claimed]:
    """Claim up to `limit` rows that are due, one per peer, and count the claim.

    With `quotas` so many of each rank, and what one leaves is for rank 0 and for the others that
    have more. On the way, rows that expired are dropped and rows claimed more than five times without a
    verdict, or that do not open, are quarantined; they are not given.
    """
    token = unit.random(16)
    ids: list[int] = []
    if quotas is None:
        quotas = {rank: math.ceil(limit * share) for rank, share in SHARES}
    else:
        limit = sum(quotas.values())
    left = limit
    full: list[int] = []
    for rank, _share in SHARES:
        if rank not in quotas:
            continue
        quota = left if rank == 0 else min(left, quotas[rank])
        found = _take(unit, now, channels, rank, quota, lease, token)
        if len(found) == quota:
            full.append(rank)
        ids += found
        left -= len(found)
    for rank in full:  # what nobody else wanted
        if left > 0:
            found = _take(unit, now, channels, rank, left, lease, token)
            ids += found
            left -= len(found)
    ids = _one_each(unit, ids, token)
    return _open(unit, ids, token)


def due(unit: Unit, now: datetime, channel: str, most: int) -> dict[int, int]:
    """Tell how many rows of each rank are due on a channel, each up to `most`; none: no entry.

    Little is looked at: who asks knows for how much of the rate it is worth asking.
    """
    values = {"now": now, "on": channel, "most": most}
    (row,) = _waits(unit.conn, values).rows
    ranks = (rank for rank, _share in SHARES)
    return {rank: count for rank, count in zip(ranks, row, strict=True) if count}


def _counted(rank: int) -> sa.ScalarSelect[int]:
    some = (
        sa.select(_o.id)
        .where(waiting, _o.channel == sa.bindparam("on"), _o.rank == rank, _free(outbox))
        .where(_o.due_at <= sa.bindparam("now", type_=_o.due_at.type), _ours)
        .limit(sa.bindparam("most", type_=sa.Integer))
        .subquery()
    )
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


def _take(
    unit: Unit,
    now: datetime,
    channels: Collection[str],
    rank: int,
    most: int,
    lease: float,
    token: bytes,
) -> list[int]:
    if most <= 0:
        return []
    values = {"now": now, "channels": list(channels), "most": most, "token": token, "lease": lease}
    values["stuck"] = now - STUCK
    rows = unit.conn.execute(_statement(rank), values)
    return [row.id for row in rows if row.status == "sending"]


@functools.cache
def _statement(rank: int) -> sa.Executable:
    now = sa.bindparam("now", type_=_o.due_at.type)
    due = (
        sa.select(_o.id)
        .join(peers, _p.id == _o.peer_id)
        .where(waiting, _o.channel.in_(sa.bindparam("channels", expanding=True)))
        .where(_o.rank == rank, _o.due_at <= now, _free(outbox), ~_held_up(now, rank))
        .where(_ours)
        .order_by(_o.due_at, _o.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
        .with_for_update(skip_locked=True, key_share=True)
        .cte("due")
        .prefix_with("MATERIALIZED")  # the IN form hung on stale statistics (performance.md 3.2)
    )
    over = _o.claims >= MOST_CLAIMS
    late = sa.func.coalesce(_o.expires_at < now, sa.false())
    return (
        sa.update(outbox)
        .where(_o.id == due.c.id)
        .values(
            status=sa.case((late, "dropped"), (over, "quarantined"), else_="sending"),
            problem=sa.case((late, "expired"), (over, "claims"), else_=_o.problem),
            claims=_o.claims + 1,
            lease_until=db_later(sa.bindparam("lease", type_=sa.Float)),
            lease_token=sa.bindparam("token"),
            settled_at=sa.case((sa.or_(late, over), db_now()), else_=sa.null()),
        )
        .returning(_o.id, _o.status)
    )


def _free(row: Any) -> sa.ColumnElement[bool]:
    return sa.or_(row.c.lease_until.is_(None), row.c.lease_until < db_now())


_waits = Quick(sa.select(*(_counted(rank) for rank, _share in SHARES)))


def _held_up(now: sa.BindParameter[datetime], rank: int) -> sa.ColumnElement[bool]:
    """Tell whether an earlier row of the line waits, or another of the peer is on its way."""
    other = outbox.alias("other")
    earlier = sa.and_(
        other.c.rank == rank,
        other.c.seq < _o.seq,
        other.c.problem.not_in(PASSED),
        # planned for later: lets others pass; put off after a try: keeps its place
        sa.or_(other.c.due_at <= now, other.c.claims > 0, other.c.due_at > other.c.since),
    )
    if rank == LEGAL:
        fresh = other.c.since > sa.bindparam("stuck", type_=_o.since.type)
        earlier = sa.and_(earlier, sa.or_(fresh, other.c.due_at <= now))  # it can go itself
    on_its_way = ~_free(other)
    same_peer = sa.and_(
        other.c.peer_id == _o.peer_id,
        sa.text(f"other.{WAITING}"),
        other.c.id != _o.id,
    )
    return sa.select(other.c.id).where(same_peer, sa.or_(earlier, on_its_way)).exists()


def _one_each(unit: Unit, ids: list[int], token: bytes) -> list[int]:
    """Keep one row per peer in flight; give the others back.

    On PostgreSQL another worker may have committed a claim for the same peer after our
    statement began to look; now the peer is locked by us and the truth can be seen.
    """
    if not ids:
        return []
    ours = sa.select(_o.peer_id).where(_o.id.in_(ids))
    flying = (
        sa.select(_o.id, _o.peer_id, _o.lease_token)
        .where(_o.peer_id.in_(ours), _o.status == "sending")
        .where(sa.or_(_o.lease_token == token, ~_free(outbox)))
        .order_by(_o.rank, _o.seq)
    )
    rows = unit.conn.execute(flying).all()
    busy = {row.peer_id for row in rows if row.lease_token != token}
    keep: list[int] = []
    for row in rows:
        if row.lease_token == token and row.peer_id not in busy:
            busy.add(row.peer_id)
            keep.append(row.id)
    back = [row_id for row_id in ids if row_id not in set(keep)]
    if back:
        _give_back(unit, back)
    return keep


def _open(unit: Unit, ids: list[int], token: bytes) -> list[Claimed]:
    if not ids:
        return []
    found = (
        sa.select(
            _o.id, _o.peer_id, _o.seq, _o.channel, _p.account, _p.address, _p.lang, _o.rank,
            _o.kind, _o.payload, _o.filing_id, _o.broadcast_id, _o.valid_rule, _o.claims,
            _o.problem, _o.since, _o.release, _p.sid,
        )
        .join(peers, _p.id == _o.peer_id)
        .where(_o.id.in_(ids))
        .order_by(_o.due_at, _o.id)
    )  # fmt: skip
    opened: list[Claimed] = []
    broken: list[int] = []
    newer: list[int] = []
    for row in unit.conn.execute(found).mappings():
        values = dict(row)
        sid = values.pop("sid")
        try:
            values["payload"] = unit.keys.open("outbox.payload", sid, row["payload"])
            values["address"] = unit.keys.open("peers.address", sid, row["address"]).decode()
        except SealError:
            # The failure of one row is that row's (security S10).
            (newer if row["release"] > RELEASE else broken).append(row["id"])
        else:
            opened.append(Claimed(token=token, **values))
    if broken:
        values = {"status": "quarantined", "problem": "sealed", "settled_at": db_now()}
        unit.conn.execute(sa.update(outbox).where(_o.id.in_(broken)).values(values))
    if newer:
        _give_back(unit, newer, problem=NEWER)
    return opened


def _give_back(unit: Unit, ids: Collection[int], **changes: Any) -> None:
    """Let rows wait as if nobody had claimed them."""
    values = {"status": "pending", "lease_until": None, "lease_token": None, **changes}
    undo = sa.update(outbox).where(_o.id.in_(ids))
    unit.conn.execute(undo.values(claims=_o.claims - 1, **values))


def later(unit: Unit, most: int = 100) -> int:
    """Count what waits for a later release, up to `most`."""
    some = sa.select(_o.id).where(waiting, ~_ours).limit(most).subquery()
    return int(unit.conn.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


def passes(unit: Unit, row: Claimed, now: datetime) -> bool:
    """Tell whether a legal notice goes past an earlier one that has waited too long (S19)."""
    if row.rank != LEGAL:
        return False
    earlier = sa.select(_o.id).where(
        _o.peer_id == row.peer_id, _o.rank == row.rank, _o.seq < row.seq, waiting, _o.since <= now
    )
    return unit.conn.execute(earlier.limit(1)).first() is not None
