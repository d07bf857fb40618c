"""After a restore: what was erased, withdrawn or unsubscribed since is done once more (S13)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.services import case_returns, linking, peers, questions, subscriptions
from bot.services.base import Desk
from bot.services.disposals import FILING
from storage import erasures, roles
from storage.crypto import ID_BYTES
from storage.erasures import Line
from storage.models import consents, dialogs, filings
from storage.models import peers as peers_table
from storage.models import subscriptions as rows
from storage.repositories import erasing, official_links
from storage.repositories import peers as addresses
from storage.repositories import questions as asked
from storage.repositories import subscriptions as subscribed
from storage.unit import Unit

PIECE = 1000
ACTOR = "restore"


def replay(svc: Desk, unit: Unit, lines: Sequence[Line]) -> Mapping[str, int]:
    """Repeat the ledger on what a backup brought back; gives how many acts had to be repeated.

    Repeated, it changes nothing. A consent given, or a draft begun, after its line is a new one
    and stays. The files go with the sweep of those that no row names.
    """
    roles.see_all(unit.conn)  # who cannot see all rows would bring back what he does not see
    done: Counter[str] = Counter()
    about = _by_owner(lines)
    kids = {line.who[:ID_BYTES] for line in lines if unit.keys.ring.has(line.who[:ID_BYTES])}

    def told(sid: bytes) -> list[Line]:
        ring = unit.keys.ring
        macs = (ring.mac(erasures.PURPOSE, sid, kid=kid) for kid in kids)
        return [line for mac in macs for line in about.get(mac, ())]

    for filing_id, sid in _every(unit, filings):
        if any(line.what == FILING for line in told(sid)):
            case_returns.gone(svc, unit, filing_id)
            gone = erasing.erase(unit, filing_id, sid, svc.now(), ACTOR)
            done[FILING] += bool(gone)
    for peer_id, sid in _every(unit, peers_table):
        _peer(svc, unit, peer_id, sid, told(sid), done)
    for one, sid in _every(unit, rows):
        done[subscriptions.NEWS] += _stopped(svc, unit, one, told(sid))
    return done


def _stopped(svc: Desk, unit: Unit, subscription_id: int, lines: Iterable[Line]) -> int:
    """Stop what was stopped since; what was asked for after that is a new wish and stays."""
    ends = [line.at for line in lines if line.what == subscriptions.STOPPED]
    one = subscribed.get(unit, subscription_id)
    if not ends or one is None or one.asked_at > max(ends):
        return 0
    return int(subscriptions.stop(svc, unit, subscription_id, "restore"))


def _peer(
    svc: Desk, unit: Unit, peer_id: int, sid: bytes, lines: Iterable[Line], done: Counter[str]
) -> None:
    for line in sorted(lines, key=lambda one: one.what != peers.FORGOTTEN):
        if line.what == peers.FORGOTTEN:
            peers.cut(svc, unit, peer_id, line.at)
            peers.forget(unit, peer_id, sid, svc.now())
            done[line.what] += 1
            return
        if line.what == peers.UNLINKED:
            peers.cut(svc, unit, peer_id, line.at)
            done[line.what] += 1
        elif line.what == linking.ENDED:
            done[line.what] += _unlinked(svc, unit, peer_id, line.at)
        elif line.what == questions.FORGOTTEN:
            done[line.what] += bool(asked.forget_peer(unit, peer_id, line.at))
        elif line.what == peers.DRAFT:
            done[line.what] += _draft(unit, peer_id, line.at)
        elif line.what.startswith(peers.CONSENT):
            kind = line.what.removeprefix(peers.CONSENT)
            done["consent"] += _withdraw(unit, peer_id, kind, line.at)
            if kind in {peers.TRANSFER, subscriptions.NEWS}:
                subscriptions.stop_peer(svc, unit, peer_id, "restore", line.at)


def _unlinked(svc: Desk, unit: Unit, peer_id: int, before: datetime) -> int:
    known = official_links.of_peer(unit, peer_id)
    if known is None or known.linked_at > before:
        return 0
    return int(linking.end(svc, unit, known.user_id, "restore"))


def _draft(unit: Unit, peer_id: int, before: datetime) -> int:
    c = dialogs.c
    old = sa.select(c.peer_id).where(c.peer_id == peer_id, c.touched_at <= before)
    if unit.conn.execute(old).first() is None:
        return 0
    peers.drop_draft(unit, peer_id)
    return 1


def _withdraw(unit: Unit, peer_id: int, kind: str, at: datetime) -> int:
    c = consents.c
    mine = (c.peer_id == peer_id, c.kind == kind, c.given_at <= at, c.withdrawn_at.is_(None))
    done = unit.conn.execute(sa.update(consents).where(*mine).values(withdrawn_at=at)).rowcount
    if done and kind == peers.TRANSFER:
        addresses.clear_name(unit, peer_id)
    return int(done > 0)


def _by_owner(lines: Iterable[Line]) -> Mapping[bytes, list[Line]]:
    found: defaultdict[bytes, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.who].append(line)
    return found


def _every(unit: Unit, table: sa.Table) -> Iterable[tuple[int, bytes]]:
    """Give every owner of a table, a piece at a time."""
    last = 0
    while True:
        found = sa.select(table.c.id, table.c.sid).where(table.c.id > last)
        rows = unit.conn.execute(found.order_by(table.c.id).limit(PIECE)).all()
        yield from ((row.id, row.sid) for row in rows)
        if len(rows) < PIECE:
            return
        last = rows[-1].id
