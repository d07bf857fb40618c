"""Many readers at once: peers with their keys and their subscriptions, and an issue for them."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from bot.app import App
from bot.services import accounts, officials
from bot.services.base import Actor
from bot.services.broadcasts import bound as bound_to
from knowledge import subjects
from knowledge.calendar import seoul_day
from knowledge.newsletter import Issue, Item, Segment
from storage import crypto, lines
from storage.keychain import CONTENT
from storage.models import (
    broadcast_failures,
    broadcast_lines,
    keys,
    peers,
    sendings,
    subscriptions,
)
from storage.models import broadcasts as broadcast_rows
from storage.repositories import broadcasts, units
from storage.unit import Unit

PIECE = 5_000
"""Readers in one transaction: a statement of PostgreSQL has two seconds."""

KIND = "notice"
_TEXT = (
    "세 해 동안 물이 고이던 골목의 빗물받이를 주민과 함께 찾아 고쳤습니다. 담당 부서 셋이 한자리에 "
    "모여 누가 무엇을 할지 정했고, 비가 많이 온 8월에 물에 잠긴 집이 한 채도 없었습니다."
)
ISSUE = Issue(
    "이달의 적극행정: 물이 고이지 않는 골목",
    "가온시가 한 달 동안 한 일을 모았습니다.",
    (
        Item("text", "골목의 빗물받이를 다시 놓았습니다", _TEXT),
        Item("text", "밤에도 문을 여는 민원실", _TEXT),
        Item("text", "버스가 서지 않던 정류장", _TEXT),
    ),
)
"""One message of a messenger, as long as an issue usually is."""


def text() -> str:
    """Give the words of the issue, for a peer that sends words."""
    pieces = (f"{item.title}\n{item.text}" for item in ISSUE.items)
    return "\n\n".join((ISSUE.title, ISSUE.lead, *pieces))


def subscribe(app: App, channel: str, account: str, addresses: Sequence[str]) -> Iterator[int]:
    """Let these addresses have asked for news, in pieces; gives how many there are by now.

    What is costly is the key of each: made, wrapped, its address sealed under it, its blind index.
    """
    done = 0
    for first in range(0, len(addresses), PIECE):
        some = addresses[first : first + PIECE]
        app.store.transact(partial(_piece, now=app.svc.now(), channel=channel, account=account,
                                   addresses=some), None)  # fmt: skip
        done += len(some)
        yield done


def _piece(
    unit: Unit, now: datetime, channel: str, account: str, addresses: Sequence[str]
) -> None:
    made = [_made(unit, now, channel, account, address) for address in addresses]
    last = unit.conn.execute(sa.select(sa.func.coalesce(sa.func.max(peers.c.id), 0))).scalar_one()
    unit.conn.execute(sa.insert(keys), [key for key, _ in made])
    unit.conn.execute(sa.insert(peers), [peer for _, peer in made])
    _asked(unit, now, last)


def _made(
    unit: Unit, now: datetime, channel: str, account: str, address: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make the rows of one peer: its key and itself."""
    ring, sid, secret = unit.keys.ring, os.urandom(16), os.urandom(crypto.KEY_BYTES)
    key = {
        "owner": sid,
        "purpose": CONTENT,
        "key_id": ring.first.hex(),
        "wrapped": ring.wrap(CONTENT, sid, secret, os.urandom),
        "created_at": now,
    }
    place = "peers.address"
    peer = {
        "sid": sid,
        "channel": channel,
        "account": account,
        "address_ix": ring.blind_index("address", f"{channel}\0{account}\0{address}"),
        "ix_key_id": ring.first.hex(),
        "address": crypto.seal(ring.ready(secret), place, sid, address.encode(), os.urandom),
        "lang": "ko",
        "created_at": now,
        "seen_at": now,
    }
    return key, peer


def _asked(unit: Unit, now: datetime, last: int) -> None:
    """Let the peers made after `last` have asked for everything."""
    values: dict[str, Any] = {
        "sid": peers.c.sid,
        "peer_id": peers.c.id,
        "kinds": subjects.bits(subjects.KINDS, subjects.KINDS),
        "fields": 0,
        "regions": 0,
        "lang": "ko",
        "state": "on",
        "text_version": "bench",
        "asked_at": now,
        "on_at": now,
        "renewed_at": now,
    }
    columns = [
        one if isinstance(one, sa.Column) else sa.literal(one, subscriptions.c[name].type)
        for name, one in values.items()
    ]
    fresh = sa.select(*columns).where(peers.c.id > last).order_by(peers.c.id)
    unit.conn.execute(sa.insert(subscriptions).from_select(list(values), fresh))


def issue(app: App, number: str = "") -> int:
    """Keep an issue for everybody that two persons have let go, due now; gives its id."""

    def work(unit: Unit) -> int:
        now = app.svc.now()
        made = broadcasts.add(
            unit,
            number=number or f"bench-{os.urandom(4).hex()}",
            kind=KIND,
            issue=ISSUE,
            segment=Segment(KIND),
            author_id=None,
            now=now,
            nature="guide",
            send_at=now,
            doc_no="감사담당관-1",
        )
        found = broadcasts.get(unit, made)
        assert found is not None
        bound = bound_to(unit, found)
        broadcasts.mark(
            unit, made, {"state": "approved", "approved_hash": bound, "approved_at": now}
        )
        return made

    return app.store.transact(work, None)


def editor(app: App) -> Actor:
    """Give the one editor of this office; made when first asked for."""

    def work(unit: Unit) -> Actor:
        if not officials.everybody(unit):
            units.add(
                unit, "audit", "감사담당관", valid_from=seoul_day(app.svc.now()), kind="audit"
            )
            who = accounts.Particulars("민편집", "audit")
            accounts.add(app.svc, unit, None, "bench", who, ["editor"])
        return officials.actor(officials.everybody(unit)[0])

    return app.store.transact(work, None)


def drop(app: App, broadcast_id: int) -> None:
    """Take an issue away with all its rows."""

    def work(unit: Unit) -> None:
        with lines.patient(unit.conn, 0):
            for table in (sendings, broadcast_lines, broadcast_failures):
                unit.conn.execute(sa.delete(table).where(table.c.broadcast_id == broadcast_id))
            unit.conn.execute(sa.delete(broadcast_rows).where(broadcast_rows.c.id == broadcast_id))

    app.store.transact(work, None)
