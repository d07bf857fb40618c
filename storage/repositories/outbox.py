"""The only road out: rows are born leased, or claimed, then sent and settled (design §8).

Leases run on the database's clock; `now` is the service's own, which a rehearsal may move.
"""

import functools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from knowledge.release import RELEASE
from storage.columns import db_later, db_now, read_once
from storage.models import outbox, peers
from storage.models.conversations import FAILED, SETTLED, WAITING
from storage.quick import Quick
from storage.repositories import peers as peer_rows
from storage.unit import Unit

LEASE = 90.0  # seconds; a send gives up after 15, with media after 60 (security S11)

RANKS = (0, 1, 5, 9)
NEWER = "newer"  # a later release wrote it, and we cannot read it (security S23)
PASSED = ("again", "render", NEWER)
"""Problems of a row that holds up nobody: it may have arrived already, or cannot be shown."""

waiting = sa.text(f"outbox.{WAITING}")
"""As text: a boolean column would be written `… = 1` on SQLite, which no partial index answers."""
_c = outbox.c

Settled = Literal["pending", "sent", "dropped", "dead", "quarantined", "unknown"]


@dataclass(frozen=True, slots=True)
class Draft:
    """What shall be said to a peer; `payload` is a `Reply` as JSON.

    Where rows are pulled (web), `due_at` is not looked at: their cursor is the order of `seq`.
    """

    rank: int
    kind: str
    payload: bytes
    due_at: datetime
    filing_id: int | None = None
    expires_at: datetime | None = None
    valid_rule: str = ""
    broadcast_id: int | None = None


class Born(NamedTuple):
    """A row that was put; `token` is set where its maker may send it at once."""

    id: int
    seq: int
    rank: int
    token: bytes | None


class Verdict(NamedTuple):
    """What became of a claimed row. `pending`: again at `due_at`.

    `counts` False takes the claim back, so that a fault of the channel blames no row.
    `problem` is a code of our list, which the next sender reads; with one of PASSED the rows
    behind it do not wait.
    """

    id: int
    token: bytes
    status: Settled
    problem: str = ""
    due_at: datetime | None = None
    counts: bool = True
    message_id: str = ""


def put(
    unit: Unit,
    peer_id: int,
    drafts: Sequence[Draft],
    now: datetime,
    *,
    lease: float | None = None,
    turn: int | None = None,
) -> list[Born]:
    """Write rows for one peer, in order; with `lease` seconds they are born leased.

    Not while an earlier one of its peer and rank still waits, nor when it is due later; whoever
    puts one off gives back those behind it. Locks the peer, so `seq` has neither gaps nor twins.
    With `turn` the peer was here (`peers.touch` in the same statement).
    """
    if not drafts:
        if turn is not None:
            peer_rows.touch(unit, peer_id, now, turn=turn)
        return []
    line = _stand_in_line(unit, peer_id, drafts, now, lease, turn)
    token = None if lease is None else unit.random(16)
    busy = {rank for rank, waits in zip(line.ranks, line.waits, strict=True) if waits}
    born: list[Born] = []
    for seq, draft in enumerate(drafts, line.first):
        mine = token is not None and draft.rank not in busy and draft.due_at <= now
        if not mine:
            busy.add(draft.rank)
        row = _row(unit, peer_id, line, seq, draft, now)
        if mine:
            row |= {"lease_token": token, "lease": lease}
        (made,) = (_leased if mine else _plain)(unit.conn, row).one()
        born.append(Born(made, seq, draft.rank, token if mine else None))
    return born


class _Line(NamedTuple):
    first: int
    sid: bytes
    channel: str
    ranks: tuple[int, ...]
    waits: tuple[bool, ...]


_row_id = sa.insert(outbox).returning(_c.id)
_plain = Quick(_row_id)
_leased = Quick(
    _row_id.values(
        status="sending", claims=1, lease_until=db_later(sa.bindparam("lease", type_=sa.Float))
    )
)


@functools.cache
def _line_of(ranks: int, *, here: bool) -> Quick:
    """Build the statement that takes numbers and asks who else waits in so many ranks."""
    p = peers.c
    peer: sa.BindParameter[int] = sa.bindparam("peer")
    earlier = [
        sa.select(_c.id)
        .where(_c.peer_id == peer, _c.rank == sa.bindparam(f"rank{n}"), waiting)
        .where(*(_c.problem != passed for passed in PASSED))
        .exists()
        for n in range(ranks)
    ]
    values: dict[str, Any] = {"next_seq": p.next_seq + sa.bindparam("count", type_=sa.Integer)}
    if here:
        turn: sa.BindParameter[int] = sa.bindparam("turn")
        values["turn"] = sa.case((p.turn < turn, turn), else_=p.turn)
        values |= {"seen_at": sa.bindparam("now"), "state": "open"}
    return Quick(
        sa.update(peers)
        .where(p.id == peer)
        .values(values)
        .returning(p.next_seq, p.sid, p.channel, *(sa.type_coerce(e, sa.Boolean) for e in earlier))
    )


def _stand_in_line(
    unit: Unit,
    peer_id: int,
    drafts: Sequence[Draft],
    now: datetime,
    lease: float | None,
    turn: int | None,
) -> _Line:
    """Take the next numbers of a peer; its row stays locked until the commit."""
    ranks = tuple(sorted({draft.rank for draft in drafts})) if lease is not None else ()
    values: dict[str, Any] = {"peer": peer_id, "count": len(drafts), "turn": turn, "now": now}
    values |= {f"rank{n}": rank for n, rank in enumerate(ranks)}
    statement = _line_of(len(ranks), here=turn is not None)
    if turn is None:
        del values["turn"], values["now"]
    next_seq, sid, channel, *waits = statement(unit.conn, values).one()
    return _Line(next_seq - len(drafts), sid, channel, ranks, tuple(waits))


def _row(
    unit: Unit, peer_id: int, line: _Line, seq: int, draft: Draft, now: datetime
) -> dict[str, Any]:
    return {
        "peer_id": peer_id,
        "seq": seq,
        "channel": line.channel,
        "rank": draft.rank,
        "kind": draft.kind,
        "payload": unit.keys.seal("outbox.payload", line.sid, draft.payload),
        "filing_id": draft.filing_id,
        "broadcast_id": draft.broadcast_id,
        "due_at": draft.due_at,
        "since": draft.due_at,
        "expires_at": draft.expires_at,
        "valid_rule": draft.valid_rule,
        "created_at": now,
        "release": RELEASE,
    }


_renew = (
    sa.update(outbox)
    .where(_c.id == sa.bindparam("row_id"), _c.lease_token == sa.bindparam("token"))
    .where(_c.status == "sending", _c.lease_until > db_now())
    .values(lease_until=db_later(sa.bindparam("lease", type_=sa.Float)))
)


def renew(unit: Unit, row_id: int, token: bytes, lease: float = LEASE) -> bool:
    """Renew a lease just before sending; False: it is lost, do not send (security S11)."""
    values = {"row_id": row_id, "token": token, "lease": lease}
    return unit.conn.execute(_renew, values).rowcount == 1


_settle = Quick(
    sa.update(outbox)
    .where(_c.id == sa.bindparam("row_id"), _c.lease_token == sa.bindparam("token"))
    .values(
        status=sa.bindparam("to", type_=sa.String),
        problem=sa.bindparam("why"),
        due_at=sa.func.coalesce(sa.bindparam("again_at", type_=_c.due_at.type), _c.due_at),
        message_id=sa.bindparam("message"),
        claims=_c.claims - sa.bindparam("undo", type_=sa.Integer),
        payload=sa.case((sa.bindparam("over", type_=sa.Boolean), sa.null()), else_=_c.payload),
        settled_at=sa.case((sa.bindparam("ends", type_=sa.Boolean), db_now()), else_=sa.null()),
        lease_until=None,
        lease_token=None,
    )
)


def settle(unit: Unit, verdicts: Sequence[Verdict]) -> int:
    """Write what became of rows, in one batch; gives how many were still ours.

    What was sent loses its payload. A verdict under an old token changes nothing.
    """
    if not verdicts:
        return 0
    rows = [
        {
            "row_id": verdict.id,
            "token": verdict.token,
            "to": verdict.status,
            "why": verdict.problem,
            "again_at": verdict.due_at,
            "message": verdict.message_id,
            "undo": 0 if verdict.counts else 1,
            "over": verdict.status == "sent",
            "ends": verdict.status != "pending",
        }
        for verdict in verdicts
    ]
    return _settle.many(unit.conn, rows)


def drop(unit: Unit, filing_id: int, why: str = "stale", *, rank: int | None = None) -> int:
    """Drop what waits for a filing and is not on its way (withdrawn, closed, another date)."""
    still: list[Any] = [_c.filing_id == filing_id, waiting, _c.lease_until.is_(None)]
    if rank is not None:
        still.append(_c.rank == rank)
    return _end(unit, sa.and_(*still), "dropped", why)


@dataclass(frozen=True, slots=True)
class Told:
    """A row as it stands, without its payload."""

    id: int
    peer_id: int
    channel: str
    kind: str
    filing_id: int | None
    expires_at: datetime | None
    valid_rule: str
    token: bytes | None = None
    due_at: datetime | None = None
    release: int = 0


_told: tuple[Any, ...] = (
    _c.id, _c.peer_id, _c.channel, _c.kind, _c.filing_id, _c.expires_at, _c.valid_rule,
    _c.lease_token, _c.due_at, _c.release,
)  # fmt: skip


def waiting_of(unit: Unit, peer_id: int) -> list[Told]:
    """List what waits for a peer and is not on its way, in order."""
    still = (_c.peer_id == peer_id, waiting, _c.lease_until.is_(None))
    rows = unit.conn.execute(sa.select(*_told).where(*still).order_by(_c.seq))
    return [Told(*row) for row in rows]


def told(unit: Unit, row_ids: Collection[int]) -> list[Told]:
    """Read rows by their ids, without their payloads."""
    rows = unit.conn.execute(sa.select(*_told).where(_c.id.in_(row_ids)).order_by(_c.id))
    return [Told(*row) for row in rows]


def since(unit: Unit, peer_id: int, kind: str, at: datetime, limit: int = 10) -> list[datetime]:
    """Give when the rows of a kind were put for a peer since then, the oldest first."""
    mine = (_c.peer_id == peer_id, _c.kind == kind, _c.created_at > at)
    found = sa.select(_c.created_at).where(*mine).order_by(_c.seq.desc()).limit(limit)
    return sorted(unit.conn.scalars(found))


def turn_into(unit: Unit, row_id: int, kind: str, payload: bytes) -> None:
    """Make another kind of row of one that is ours, with another payload, about no filing."""
    rewrite(unit, row_id, payload, kind=kind, filing_id=None)


def rewrite(unit: Unit, row_id: int, payload: bytes, **changes: Any) -> None:
    """Give a row that waits another payload, and what else is new of it."""
    owner = sa.select(peers.c.sid).join(outbox, peers.c.id == _c.peer_id).where(_c.id == row_id)
    sid = unit.conn.execute(owner).scalar_one()
    sealed = unit.keys.seal("outbox.payload", sid, payload)
    row = sa.update(outbox).where(_c.id == row_id)
    unit.conn.execute(row.values(payload=sealed, release=RELEASE, **changes))


def drop_peer(
    unit: Unit, peer_id: int, why: str, *, least_rank: int = 0, most_rank: int = 9, kind: str = ""
) -> int:
    """Drop what waits for a peer, from a rank to another, of one kind or ("") of all."""
    ranks = _c.rank.between(least_rank, most_rank)
    still: list[Any] = [_c.peer_id == peer_id, waiting, _c.lease_until.is_(None), ranks]
    still += [_c.kind == kind] if kind else []
    return _end(unit, sa.and_(*still), "dropped", why)


def _end(unit: Unit, which: sa.ColumnElement[bool], status: str, why: str) -> int:
    values = {"status": status, "problem": why, "payload": None, "settled_at": db_now()}
    return unit.conn.execute(sa.update(outbox).where(which).values(values)).rowcount


_bad = sa.text(f"outbox.{FAILED}")
_most: sa.BindParameter[int] = sa.bindparam("most", type_=sa.Integer)
_failed = sa.select(outbox).where(_bad, _c.kind != "news").order_by(_c.id).limit(_most)


def failed(unit: Unit, limit: int = 200) -> list[sa.Row[Any]]:
    """List what a person must look at: dead, quarantined, or without a verdict; of news nothing."""
    return list(unit.conn.execute(_failed, {"most": limit}))


def of_filing(unit: Unit, filing_id: int, limit: int = 200) -> list[sa.Row[Any]]:
    """List what was put for a filing, oldest first, for the desk: no payload."""
    names = (_c.id, _c.channel, _c.kind, _c.status, _c.problem, _c.created_at, _c.settled_at)
    found = sa.select(*names).where(_c.filing_id == filing_id).order_by(_c.id).limit(limit)
    return list(unit.conn.execute(found))


def revive(unit: Unit, row_id: int, now: datetime) -> bool:
    """Send a failed row once more, because a person said so."""
    bad = (_c.id == row_id, _bad)
    values = {"status": "pending", "claims": 0, "due_at": now, "settled_at": None}
    done = sa.update(outbox).where(*bad, _c.payload.is_not(None)).values(values)
    return unit.conn.execute(done).rowcount == 1


def read_payload(unit: Unit, row_id: int) -> bytes | None:
    """Open the payload of a row, for a letter or a preview; None once it was sent."""
    found = sa.select(_c.payload, peers.c.sid).join(peers, peers.c.id == _c.peer_id)
    row = unit.conn.execute(found.where(_c.id == row_id)).one()
    if row.payload is None:
        return None
    return unit.keys.open("outbox.payload", row.sid, row.payload)


def oldest(
    unit: Unit, channels: Collection[str] = (), due_before: datetime | None = None
) -> dict[int, datetime]:
    """Since when the oldest row of each rank waits (reads the partial index only).

    With `channels` on those alone: what a page fetches waits until somebody opens it.
    """
    which: list[sa.ColumnElement[bool] | sa.TextClause] = [waiting]
    if channels:
        which.append(_c.channel.in_(channels))
    if due_before is not None:
        which.append(_c.due_at < due_before)
    found = sa.select(_c.rank, sa.func.min(_c.since).label("since")).where(*which)
    return {row.rank: row.since for row in unit.conn.execute(found.group_by(_c.rank))}


def waiting_by_rank(unit: Unit, channels: Collection[str], most: int) -> dict[int, int]:
    """Count what waits on these channels, up to `most` of each rank on each channel."""
    found: dict[int, int] = {}
    for channel in channels:
        for rank in RANKS:
            some = sa.select(_c.id).where(waiting, _c.channel == channel, _c.rank == rank)
            count = sa.select(sa.func.count()).select_from(some.limit(most).subquery())
            found[rank] = found.get(rank, 0) + int(unit.conn.execute(count).scalar_one())
    return found


_over = _c.settled_at < read_once(db_later(sa.bindparam("since", type_=sa.Float)))
_done = sa.text(f"outbox.{SETTLED}")
_old = sa.select(_c.id).where(_done, _over).order_by(_c.settled_at).limit(_most)
_sweep = sa.delete(outbox).where(_c.id.in_(_old))


def sweep(unit: Unit, seconds: float, limit: int = 1000) -> int:
    """Delete rows that were sent or dropped so long ago, a piece at a time."""
    return unit.conn.execute(_sweep, {"since": -seconds, "most": limit}).rowcount
