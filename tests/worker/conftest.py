"""A worker on one database, with channels that answer as their script says."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.channel import Limits
from bot.dialogs.replies import Phrase, Reply, Say, dump
from bot.locale import Texts
from bot.receive import Born
from bot.settings import Site, read_site
from bot.worker import Worker
from bot.worker.settling import Settler
from storage import models
from storage.repositories import outbox, peers
from storage.store import Store
from storage.unit import Unit
from tests import shipped
from tests.fakes.channel import FakeChannel, Scripted
from tests.fakes.city import SITE, City, Clock

FAST = Limits(text=4096, file_bytes=1000, per_second=1000, per_chat=1000)
HELLO = Say(Phrase("dialog.saved"))


@dataclass
class Ticks:
    """A monotonic clock that moves when it is told to."""

    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Line:
    """A city with a worker in front of fake channels."""

    city: City
    channel: FakeChannel
    ticks: Ticks = field(default_factory=Ticks)
    worker: Worker = field(init=False)

    def __post_init__(self) -> None:
        self.worker = self.another()

    def another(self, **more: Any) -> Worker:
        """Make another worker on the same database, as another process would."""
        channels = {self.channel.name: self.channel, "web": FakeChannel(name="web", limits=WEB)}
        return Worker(
            self.city.store, self.city.svc, channels,
            clock=self.ticks, settle_after=0.0, idle=0.01, **more,
        )  # fmt: skip

    @property
    def store(self) -> Store:
        return self.city.store

    def put(
        self,
        peer: str = "a",
        *,
        lease: float | None = None,
        channel: str = "telegram",
        **draft: Any,
    ) -> list[outbox.Born]:
        """Write one row for a peer."""

        def work(unit: Unit) -> list[outbox.Born]:
            now = self.city.clock()
            known = peers.ensure(unit, channel, "77", peer, "ko", now)
            values = {"rank": 1, "kind": "answer", "payload": dump(HELLO), "due_at": now, **draft}
            return outbox.put(unit, known.id, [outbox.Draft(**values)], now, lease=lease)

        return self.store.transact(work, None)

    def born(self, peer: str = "a", reply: Reply = HELLO, **draft: Any) -> Born:
        """Write a row that is born leased to us."""
        (row,) = self.put(peer, lease=outbox.LEASE, payload=dump(reply), **draft)
        assert row.token is not None
        return Born(
            row.id, row.token, row.rank, "telegram", "77", peer, "ko", self.peer_of(row.id), reply,
            leased_at=self.ticks(),
        )  # fmt: skip

    def peer_of(self, row_id: int) -> int:
        column = models.outbox.c.peer_id
        found = sa.select(column).where(models.outbox.c.id == row_id)
        return self.store.read(lambda unit: int(unit.conn.execute(found).scalar_one()))

    def rows(self) -> list[sa.RowMapping]:
        found = sa.select(models.outbox).order_by(models.outbox.c.id)
        return self.store.read(lambda unit: list(unit.conn.execute(found).mappings()))

    @property
    def statuses(self) -> list[str]:
        return [row["status"] for row in self.rows()]

    def leases_end(self) -> None:
        """Let every lease be over, as if its holder had died long ago."""
        past = sa.update(models.outbox).values(lease_until=self.past())
        self.store.transact(
            lambda unit: unit.conn.execute(past.where(models.outbox.c.lease_until.is_not(None))),
            None,
        )

    @staticmethod
    def past() -> datetime:
        return datetime.now(UTC) - timedelta(minutes=5)

    async def run(self, rounds: int = 1) -> None:
        for _ in range(rounds):
            await self.worker.round()


WEB = Limits(text=4096, file_bytes=1000, per_second=1000, per_chat=1000, push=False)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def site() -> Site:
    return read_site(SITE)


@pytest.fixture(scope="session")
def texts() -> Texts:
    return shipped.texts()


@pytest.fixture
def line(store: Store, clock: Clock, site: Site, texts: Texts) -> Line:
    return Line(City(store, clock, site, texts), FakeChannel(name="telegram", limits=FAST))


@pytest.fixture
def scripted(store: Store, clock: Clock, site: Site, texts: Texts) -> Callable[..., Line]:
    """Make a line whose channel answers as the script says."""

    def make(*script: Scripted, limits: Limits = FAST) -> Line:
        channel = FakeChannel(script=script, name="telegram", limits=limits)
        return Line(City(store, clock, site, texts), channel)

    return make


@pytest.fixture
def batches() -> list[Sequence[Any]]:
    return []


@pytest.fixture
def settler(batches: list[Sequence[Any]]) -> Settler:
    async def write(batch: Sequence[Any]) -> None:
        batches.append(list(batch))
        await asyncio.sleep(0)

    return Settler(write, pause=0.0)
