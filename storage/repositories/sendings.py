"""Who is sent a broadcast, and what became of each: fan-out, claim, settle (design §8, S10-S12).

A sending is a narrow row with nobody's words in it, so that a hundred thousand are made in one
breath. Leases run on the database's clock; `now` is the service's own.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa

from knowledge.newsletter import Segment
from storage.columns import SealedBytes, db_later, each
from storage.models import broadcast_lines, broadcasts, keys, peers, sendings, subscriptions
from storage.quick import Quick
from storage.repositories import audience
from storage.repositories.subscriptions import ON
from storage.unit import Unit
from storage.upsert import insert

WAITING, LEASED, SENT, GONE, DEAD, UNKNOWN = range(6)
LEASE = 90.0
"""Seconds. A send gives up after 15, with pictures after 60 (security S11)."""
MOST_CLAIMS = 5
"""The sixth is none: the row kills whoever touches it (security S10)."""
CHUNK = 20_000
"""Subscriptions that one commit of the fan-out looks at; SQLite's one writer has 50 ms of it."""
CLAIMS = "claims"

_d, _s, _p = sendings.c, subscriptions.c, peers.c


class Fanned(NamedTuple):
    """What a chunk of the fan-out did: recipients by channel, and the last subscription it saw.

    `cursor` None: there was none left.
    """

    cursor: int | None
    added: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A sending that is ours until its lease ends. The address is sealed to `sid`."""

    who: int
    peer_id: int
    subscription_id: int
    claims: int
    sid: bytes
    address: bytes
    wrapped: bytes | None  # the key that opens it, wrapped
    lang: str


class Over(NamedTuple):
    """A sending that ended at its claim, and why: stopped, gone, claimed too often."""

    who: int
    status: int
    code: str
    peer_id: int


class Batch(NamedTuple):
    """What one claim gave."""

    token: bytes
    rows: Sequence[Claimed]
    over: Sequence[Over]


class Outcome(NamedTuple):
    """What became of a claimed sending. WAITING: again at `due_at`; the claim counts or not."""

    who: int
    token: bytes
    status: int
    code: str = ""
    due_at: datetime | None = None
    counts: bool = True


_one = (_d.broadcast_id == sa.bindparam("of"), _d.channel == sa.bindparam("on"))


def fan_out(
    unit: Unit, broadcast_id: int, segment: Segment, cursor: int, most: int = CHUNK
) -> Fanned:
    """Make the sendings of the next `most` subscriptions behind `cursor`.

    Somebody with two addresses on a channel gets it at one of them.
    """
    last = _last(unit, cursor, most)
    if last is None:
        return Fanned(None, {})
    chosen = (
        sa.select(
            sa.literal(broadcast_id), _p.channel, audience.WHO, _p.id, _s.id,
            sa.literal(WAITING), sa.literal(0),
        )
        .select_from(audience.JOINED)
        .where(_s.id > cursor, _s.id <= last, *audience.fits(segment))
        .order_by(_p.channel, audience.WHO)  # in the order of the key: half of the time
    )  # fmt: skip
    into = ["broadcast_id", "channel", "who", "peer_id", "subscription_id", "status", "claims"]
    made = insert(unit.conn, sendings).from_select(into, chosen).on_conflict_do_nothing()
    added = _added(unit, made.returning(_d.channel))
    for channel, count in added.items():
        _more(unit, broadcast_id, channel, count)
    return Fanned(last, added)


def _added(unit: Unit, made: Any) -> dict[str, int]:
    """Insert, and count by channel; PostgreSQL counts by itself, SQLite cannot."""
    if unit.dialect == "postgresql":
        put = made.cte("put")
        found = sa.select(put.c.channel, sa.func.count()).group_by(put.c.channel)
        return {row[0]: row[1] for row in unit.conn.execute(found)}
    return Counter(row[0] for row in Quick(made)(unit.conn, {}).rows)


def analyze(unit: Unit) -> None:
    """Tell the database what a fan-out has made of the table: its plans rest on it."""
    if unit.dialect == "sqlite":
        unit.conn.execute(sa.text("PRAGMA analysis_limit = 1000"))
    unit.conn.execute(sa.text("ANALYZE sendings"))


def claim(
    unit: Unit,
    broadcast_id: int,
    channel: str,
    now: datetime,
    most: int,
    *,
    kind: int = 0,
    first: int | None = None,
    lease: float = LEASE,
) -> Batch:
    """Claim up to `most` that are due, and count the claim; `first`: of the first so many only.

    Who has stopped meanwhile, has no longer asked for this `kind` (its bit, 0: it does not
    matter) or cannot be reached is not given but ended: one press is in force in mid-broadcast.
    """
    token = unit.random(16)
    values = {
        "of": broadcast_id, "on": channel, "now": now, "most": most, "token": token,
        "lease": lease, "first": first,
    }  # fmt: skip
    if first is None:
        del values["first"]
    found = _claim[first is not None](unit.conn, values).rows
    if not found:
        return Batch(token, (), ())
    over = [Over(row[0], DEAD, row[5], row[1]) for row in found if row[4] == DEAD]
    mine = [row for row in found if row[4] == LEASED]
    there = {row[0]: row[1:] for row in _contacts(unit.conn, {"ids": [r[1] for r in mine]}).rows}
    rows: list[Claimed] = []
    for who, peer_id, subscription_id, claims, _status, _code in mine:
        contact = there.get(peer_id)
        why = _why_not(contact, kind)
        if contact is None or why:
            over.append(Over(who, GONE, why, peer_id))
        else:
            sid, address, wrapped, lang = contact[:4]
            rows.append(
                Claimed(who, peer_id, subscription_id, claims, sid, address, wrapped, lang)
            )
    ended = [Outcome(one.who, token, one.status, one.code) for one in over if one.status == GONE]
    settle(unit, broadcast_id, channel, ended)
    return Batch(token, rows, over)


def due(unit: Unit, broadcast_id: int, channel: str, now: datetime) -> bool:
    """Tell whether there is anything to claim: who asks takes of no rate for nothing."""
    values = {"of": broadcast_id, "on": channel, "now": now, "most": 1}
    return bool(_any(unit.conn, values).rows)


def settle(
    unit: Unit, broadcast_id: int, channel: str, outcomes: Iterable[Outcome]
) -> dict[tuple[int, str], int]:
    """Write what became of claimed sendings; gives how many were still ours, by status and code.

    One statement for all that ended alike. An outcome under an old token changes nothing.
    """
    alike: dict[tuple[Any, ...], list[int]] = {}
    for one in outcomes:
        key = (one.token, one.status, one.code, one.due_at, one.counts)
        alike.setdefault(key, []).append(one.who)
    done: Counter[tuple[int, str]] = Counter()
    for (token, status, code, due_at, counts), ids in alike.items():
        values = {
            "of": broadcast_id, "on": channel, "token": token, "to": status, "why": code or None,
            "again_at": due_at, "undo": 0 if counts else 1, "ids": ids,
        }  # fmt: skip
        done[status, code] += _settle(unit.conn, values).changed
    return done


def revive(unit: Unit, broadcast_id: int, channel: str) -> int:
    """Let those without a verdict wait once more; gives how many (security S12)."""
    again = sa.update(sendings).where(
        _d.broadcast_id == broadcast_id, _d.channel == channel, _d.status == UNKNOWN
    )
    fresh = {"status": WAITING, "claims": 0, "code": None, "due_at": None}
    return unit.conn.execute(again.values(fresh)).rowcount


def sweep(unit: Unit, before: datetime, limit: int = 10_000) -> int:
    """Delete up to `limit` sendings of a broadcast that ended before then; 0: there are none."""
    b = broadcasts.c
    ended = sa.select(b.id).where(b.ended_at < before).order_by(b.ended_at)
    for broadcast_id in unit.conn.scalars(ended).all():
        some = (
            sa.select(_d.channel, _d.who)
            .where(_d.broadcast_id == broadcast_id)
            .order_by(_d.channel, _d.who)
            .limit(limit)
            .cte("some")
            .prefix_with("MATERIALIZED")
        )
        last = unit.conn.execute(
            sa.select(some.c.channel, sa.func.max(some.c.who)).group_by(some.c.channel)
        ).all()
        done = 0
        for channel, who in last:
            mine = (_d.broadcast_id == broadcast_id, _d.channel == channel, _d.who <= who)
            done += unit.conn.execute(sa.delete(sendings).where(*mine)).rowcount
        if done:
            return done
    return 0


def _last(unit: Unit, cursor: int, most: int) -> int | None:
    """Give the last subscription of the next chunk."""
    ahead = sa.select(_s.id).where(_s.id > cursor).order_by(_s.id).limit(most).subquery()
    last: int | None = unit.conn.execute(sa.select(sa.func.max(ahead.c.id))).scalar_one()
    return last


def _more(unit: Unit, broadcast_id: int, channel: str, count: int) -> None:
    made = insert(unit.conn, broadcast_lines).values(
        broadcast_id=broadcast_id, channel=channel, total=count
    )
    unit.conn.execute(
        made.on_conflict_do_update(
            index_elements=["broadcast_id", "channel"],
            set_={"total": broadcast_lines.c.total + count},
        )
    )


def _due(dialect: str, *, first: bool = False, look: bool = False) -> str:
    """Say which sendings may be claimed; with `first`, of the first so many that are open.

    As text, because SQLite has to be told the index: without it every claim looks at all that
    were sent before.
    """
    lite = dialect == "sqlite"
    rows = "sendings INDEXED BY ix_sendings_waiting" if lite else "sendings"
    now = "host_now()" if lite else "clock_timestamp()"
    there = "status < 2 AND broadcast_id = :of AND channel = :on"
    ahead = f"SELECT who FROM {rows} WHERE {there} ORDER BY who LIMIT :first"  # noqa: S608
    among = f"AND who IN ({ahead})" if first else ""
    lock = "" if lite or look else "FOR UPDATE SKIP LOCKED"
    return (
        f"SELECT who FROM {rows} WHERE {there} {among} "  # noqa: S608
        f"AND (due_at IS NULL OR due_at <= :now) AND (lease_until IS NULL OR lease_until < {now}) "
        f"ORDER BY who LIMIT :most {lock}"
    )


def _found(dialect: str, *, first: bool = False, look: bool = False) -> sa.TextualSelect:
    text = sa.text(_due(dialect, first=first, look=look)).bindparams(
        sa.bindparam("now", type_=_d.due_at.type),
        *(sa.bindparam(name, type_=sa.Integer) for name in ("most", "first")[: 1 + first]),
    )
    return text.columns(sa.column("who", _d.who.type))


def _claimed(dialect: str, *, first: bool) -> sa.Executable:
    # Materialized: the IN form hung on stale statistics (performance.md 3.2).
    taken = _found(dialect, first=first).cte("due").prefix_with("MATERIALIZED")
    over = _d.claims >= MOST_CLAIMS
    return (
        sa.update(sendings)
        .where(*_one, _d.who == taken.c.who)
        .values(
            status=sa.case((over, DEAD), else_=LEASED),
            code=sa.case((over, sa.func.coalesce(_d.code, CLAIMS)), else_=_d.code),
            claims=_d.claims + 1,
            lease_until=sa.case(
                (over, sa.null()), else_=db_later(sa.bindparam("lease", type_=sa.Float))
            ),
            lease_token=sa.case((over, sa.null()), else_=sa.bindparam("token")),
        )
        .returning(_d.who, _d.peer_id, _d.subscription_id, _d.claims, _d.status, _d.code)
    )


_any = Quick(partial(_found, look=True))
_claim = {first: Quick(partial(_claimed, first=first)) for first in (False, True)}


def _contacted(dialect: str) -> sa.Executable:
    mine = each(dialect, "ids")
    keyed = sa.and_(keys.c.owner == _p.sid, keys.c.purpose == "content")
    return (
        sa.select(
            _p.id, _p.sid, _p.address, sa.type_coerce(keys.c.wrapped, SealedBytes), _s.lang,
            _p.state, _s.state, _s.kinds,
        )
        .select_from(mine)
        .join(peers, _p.id == mine.c.value)
        .join(subscriptions, _s.peer_id == _p.id)
        .outerjoin(keys, keyed)
    )  # fmt: skip


_contacts = Quick(_contacted)


def _settled(dialect: str) -> sa.Executable:
    mine = each(dialect, "ids")
    return (
        sa.update(sendings)
        .where(*_one, _d.who == mine.c.value, _d.lease_token == sa.bindparam("token"))
        .values(
            status=sa.bindparam("to", type_=sa.SmallInteger),
            code=sa.bindparam("why", type_=sa.String),
            due_at=sa.bindparam("again_at", type_=_d.due_at.type),
            claims=_d.claims - sa.bindparam("undo", type_=sa.SmallInteger),
            lease_until=None,
            lease_token=None,
        )
    )


_settle = Quick(_settled)


def _why_not(contact: Sequence[Any] | None, kind: int) -> str:
    """Say why somebody is not sent it after all; "" when he is."""
    if contact is None:
        return "gone"
    state, subscription, kinds = contact[4:]
    if subscription != ON or (kind and not kinds & kind):
        return "stopped"
    return "" if state == "open" else "gone"
