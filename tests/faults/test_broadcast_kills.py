"""SIGKILL in the midst of a broadcast, again and again: nobody is lost, few are written to twice."""

import asyncio
import os
import random
import signal
import traceback
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.channel import Delivered, Delivery, Later, Limits, Never, Parcel, Unknown
from bot.measures import Measures
from bot.services import broadcast_runs, broadcasts
from bot.services.base import Actor, Desk
from bot.services.library import Library
from bot.settings import read_site
from bot.worker.broadcaster import Broadcaster
from bot.worker.dispatch import Dispatch
from bot.worker.ledger import Ledger
from knowledge.newsletter import Issue, Item, Segment
from storage import models
from storage.repositories import broadcasts as repository
from storage.repositories import peers, sendings, subscriptions
from storage.store import Store
from storage.unit import Unit
from tests import shipped
from tests.conftest import Database
from tests.fakes.channel import FakeChannel
from tests.fakes.city import SITE, City, Clock

READERS, KILLS, AT_ONCE = 60, 6, 4
FAST = Limits(text=4096, file_bytes=0, per_second=1e5, per_chat=1e5)


def suicide() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Vendor(FakeChannel):
    """Has what it accepted outside of what is killed; some are gone, some it treats badly once."""

    name: str = "telegram"
    limits: Limits = FAST
    book: Path = Path()
    dies_at: int = 0  # right after it accepted so many
    seen: set[str] = field(default_factory=set)

    async def deliver(self, parcel: Parcel) -> Delivery:
        await asyncio.sleep(0)
        number = int(parcel.address)
        known = parcel.address in self.seen
        self.seen.add(parcel.address)
        match number % 20:
            case 3:
                return Never("gone", peer_gone=True)  # 403
            case 5 if number < 20:
                return Never("bad_request")
            case 7 if not known:
                return Later(0.0, counts=False)  # 429
            case 9 if not known:
                return Later(10.0)  # the vendor's own 5xx
            case 11 if not known:
                return Later(30.0, counts=False, fault="http_403")  # a proxy's HTML
            case 13:
                return Unknown()  # no answer, and nothing arrived
        self.accept(parcel.address)
        return Unknown() if number % 20 == 17 else Delivered("1")

    def accept(self, address: str) -> None:
        with self.book.open("a") as book:
            book.write(f"{address}\n")
        if self.dies_at:
            self.dies_at -= 1
            if not self.dies_at:
                suicide()

    def accepted(self) -> Counter[str]:
        return Counter(self.book.read_text().split() if self.book.exists() else ())


@dataclass(frozen=True)
class House:
    """One opening of the database, as a process has it."""

    store: Store
    svc: Desk

    def sender(self, book: Path, dies_at: int = 0) -> Broadcaster:
        channels = {"telegram": Vendor(book=book, dies_at=dies_at)}
        ledger = Ledger(self.store, self.svc, channels, "me", lambda: 0.0)
        dispatch = Dispatch(ledger, lambda: 0.0)
        return Broadcaster(dispatch, channels, Measures(), at_once=AT_ONCE)


@dataclass
class Street:
    """The database, the vendor's book, and processes that send until they are killed."""

    database: Database
    book: Path
    svc: Desk

    def open(self, **changes: Any) -> House:
        store = self.database.open(**changes)
        return House(store, replace(self.svc, library=Library(store)))

    def fill(self, house: House) -> int:
        now = house.svc.now()

        def work(unit: Unit) -> int:
            for n in range(READERS):
                peer = peers.ensure(unit, "telegram", "77", str(n), "ko", now)
                subscriptions.put(
                    unit, peer.id, kinds=7, fields=0, regions=0, lang="ko", state="on",
                    text_version="1", now=now,
                )  # fmt: skip
            made = repository.add(
                unit, number="2026-11", kind="news", issue=Issue("호", items=(Item("text", "글"),)),
                segment=Segment("news"), author_id=None, now=now, nature="guide",
            )  # fmt: skip
            one = repository.get(unit, made)
            assert one is not None
            approved = {"approved_hash": broadcasts.bound(unit, one), "approved_at": now}
            repository.mark(unit, made, {"state": "approved", **approved})
            return made

        return house.store.transact(work, None)

    def forked(self, plan: str, at: int) -> None:
        """Send in a process of its own, which dies at a moment of its choice."""
        pid = os.fork()
        if pid == 0:
            try:
                self.live(plan, at)
            except BaseException:  # noqa: BLE001
                traceback.print_exc()
            finally:
                os._exit(1)  # a fork must never run on as its parent
        _, status = os.waitpid(pid, 0)
        assert os.WIFSIGNALED(status), plan

    def live(self, plan: str, at: int) -> None:
        left = at

        def commit(transaction: sa.Transaction) -> None:
            nonlocal left
            left -= 1
            if not left and plan == "before":
                suicide()
            transaction.commit()
            if not left and plan == "after":
                suicide()

        house = self.open(commit=commit)
        sender = house.sender(self.book, at if plan == "accepted" else 0)

        async def go() -> None:
            for _ in range(20):
                await sender.round()
                time_passes(house.store)

        asyncio.run(go())
        suicide()  # it lived long enough


def time_passes(store: Store) -> None:
    """Let leases, breakers and what was put off be over, as if it had been long ago."""

    def work(unit: Unit) -> None:
        unit.conn.execute(sa.delete(models.leases))
        waiting = sa.update(models.sendings).where(models.sendings.c.status < 2)
        unit.conn.execute(waiting.values(due_at=None))

    store.transact(work, None)


def leases_end(store: Store) -> None:
    late = sa.update(models.sendings).where(models.sendings.c.status == sendings.LEASED)
    past = late.values(lease_until=models.sendings.c.lease_until - PAST[store.engine.dialect.name])
    store.transact(lambda unit: unit.conn.execute(past), None)


PAST = {"sqlite": sa.literal(300_000_000), "postgresql": sa.text("interval '300 seconds'")}


def ends(store: Store, broadcast_id: int) -> tuple[Counter[str], dict[str, int]]:
    """Give how many ended how, by the counters, and the status of each reader's row."""
    d = models.sendings.c

    def read(unit: Unit) -> tuple[Counter[str], dict[str, int]]:
        (line,) = repository.lines(unit, broadcast_id)
        found = unit.conn.execute(
            sa.select(d.peer_id, d.status).where(d.broadcast_id == broadcast_id)
        )
        rows = {peers.get(unit, row.peer_id).address: row.status for row in found}
        names = ("total", "sent", "gone", "dead", "unknown", "revived")
        return Counter({name: getattr(line, name) for name in names}), rows

    return store.read(read)


@pytest.mark.fault
def test_killed_in_the_midst_of_a_broadcast_it_forgets_nobody(database: Database, tmp_path: Path):
    first = database.open()
    svc = City(first, Clock(), read_site(SITE), shipped.texts()).svc
    street = Street(database, tmp_path / "accepted", svc)
    made = street.fill(House(first, svc))
    first.close()
    chance = random.Random(7)
    for _ in range(KILLS):
        plan = chance.choice(("before", "after", "accepted", "accepted"))
        street.forked(
            plan, chance.randrange(3, 12) if plan == "accepted" else chance.randrange(1, 16)
        )
        house = street.open()
        leases_end(house.store)
        time_passes(house.store)
        house.store.close()
    house = street.open()
    sender = house.sender(street.book)

    async def finish() -> None:
        for _ in range(40):
            await sender.round()
            time_passes(house.store)

    asyncio.run(finish())
    counted, rows = ends(house.store, made)
    accepted = Vendor(book=street.book).accepted()
    statuses = Counter(rows.values())
    assert counted["total"] == len(rows) == READERS
    assert counted == Counter(
        total=READERS, sent=statuses[2], gone=3, dead=1, unknown=statuses[5], revived=0
    )
    assert statuses[2] + statuses[5] + 4 == READERS
    assert [who for who, status in rows.items() if status == 2 and not accepted[who]] == []
    doubled = accepted.total() - len(accepted)
    assert doubled <= KILLS * AT_ONCE

    editor = Actor("official", 1, roles=frozenset({"editor"}))
    revived = house.store.transact(
        lambda unit: broadcast_runs.revive(house.svc, unit, editor, made), None
    )
    assert revived == statuses[5] == 6
    asyncio.run(finish())
    accepted = Vendor(book=street.book).accepted()
    counted, rows = ends(house.store, made)
    assert (counted["revived"], counted["unknown"]) == (6, 6)  # they are as silent as before
    assert accepted.total() - len(accepted) <= KILLS * AT_ONCE + revived
    house.store.close()
