"""Rows that many tests need."""

from typing import Any

from storage.repositories import filings, outbox, peers
from storage.repositories.outbox import Born, Draft
from storage.repositories.peers import Peer
from storage.store import Store
from storage.unit import Unit
from tests.fakes.clock import MONDAY


def a_peer(store: Store, address: str = "55", channel: str = "telegram") -> Peer:
    return store.transact(
        lambda unit: peers.ensure(unit, channel, "1", address, "ko", MONDAY), None
    )


def add_filing(unit: Unit, number: str = "2026-7K3M-Q9", **values: Any) -> filings.Filing:
    chosen: dict[str, Any] = {
        "answers": {"what": "길이 파였어요"},
        "identity": {"name": "홍길동"},
        "procedure": "passive_report",
        "procedure_version": 1,
        "state": "submitted",
        "mode": "named",
        "channel": "web",
        "arrived_at": MONDAY,
        **values,
    }
    made = filings.add(unit, sid=unit.sid(), number=number, **chosen)
    assert made is not None
    return made


def a_filing(store: Store, number: str = "2026-7K3M-Q9", **values: Any) -> filings.Filing:
    return store.transact(lambda unit: add_filing(unit, number, **values), None)


def a_draft(rank: int = 0, **values: Any) -> Draft:
    return Draft(**{"rank": rank, "kind": "say", "payload": b"{}", "due_at": MONDAY, **values})


def put(store: Store, peer: Peer, *drafts: Draft, **how: Any) -> list[Born]:
    return store.transact(lambda unit: outbox.put(unit, peer.id, drafts, MONDAY, **how), None)
