"""Slack is away, and back again: nothing lost, nobody blamed, each row delivered once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import sqlalchemy as sa

from bot.dialogs.replies import Option, Say, dump
from bot.handlers.slack.channel import LIMITS, SlackChannel
from bot.handlers.slack.client import Client
from bot.settings import read_site
from bot.worker import Worker
from bot.worker.ledger import breaker
from storage.models import outbox as rows
from storage.models import peers as people
from storage.repositories import leases, outbox, peers
from storage.store import Store
from storage.unit import Unit
from tests import shipped
from tests.fakes.city import SITE, City, Clock
from tests.fakes.slack import BOT, FakeSlack
from tests.fakes.slack_errors import Bad, Cut, Drop, Fault, Page
from tests.slack.test_delivery import Ticks

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

POST = "chat.postMessage"


@dataclass
class Office:
    """A worker in front of the fake Slack; an hour passes on every clock when it is told to."""

    fake: FakeSlack
    city: City
    channel: SlackChannel
    ticks: Ticks
    worker: Worker = field(init=False)

    def __post_init__(self) -> None:
        self.channel.limits = replace(LIMITS, per_second=1000.0, per_chat=1000.0)
        roads = {"slack": self.channel}
        self.worker = Worker(
            self.city.store, self.city.svc, roads, clock=self.ticks, settle_after=0
        )

    def put(self, address: str, text: str) -> None:
        def work(unit: Unit) -> None:
            now = self.city.clock()
            peer = peers.ensure(unit, "slack", self.fake.team, address, "ko", now)
            link = Option("직원 화면", url="https://desk.gaon.example/desk")
            draft = outbox.Draft(
                rank=5, kind="official", payload=dump(Say(text, (link,))), due_at=now
            )
            outbox.put(unit, peer.id, [draft], now)

        self.city.store.transact(work, None)

    async def passes(self, minutes: int, *, step: int = 5) -> None:
        for _ in range(0, minutes, step):
            self.city.clock.goes(minutes=step)
            self.ticks.at += 60 * step
            self.fake.clock += 60 * step
            self.mends()
            while await self.worker.round():
                pass

    def mends(self) -> None:
        """Let the time be over for which a broken channel is left alone (the database's clock)."""
        self.city.store.transact(
            lambda unit: leases.take(unit, breaker("slack"), "broken", -1), None
        )

    def rows(self) -> list[Any]:
        found = sa.select(rows).order_by(rows.c.id)
        return self.city.store.read(lambda unit: list(unit.conn.execute(found)))

    @property
    def statuses(self) -> set[str]:
        return {row.status for row in self.rows()}

    def peers(self) -> dict[str, str]:
        found = sa.select(people.c.state, people.c.id)
        states = self.city.store.read(lambda unit: list(unit.conn.execute(found)))
        return {row.id: row.state for row in states}


@pytest.fixture
async def office(fake: FakeSlack, store: Store) -> AsyncIterator[Office]:
    city = City(store, Clock(), read_site(SITE), shipped.texts())
    ticks = Ticks()
    client = Client(fake.token, fake.api_url)
    channel = SlackChannel(client, city.texts, city.site.words(), clock=ticks)
    fake.person("U0KIM", "김감사")
    fake.person("U0LEE", "이주임")
    fake.room("C0AUDIT", "감사실", *fake.people.values())
    yield Office(fake, city, channel, ticks)
    await client.close()


def heard(fake: FakeSlack, room: str) -> list[str]:
    return [one.words.split("\n")[0] for one in fake.rooms[room].shown]


@pytest.mark.parametrize(
    "away",
    [Page(503), Page(200), Bad("token_revoked"), Bad("service_unavailable")],
    ids=str,
)
async def test_after_an_hour_away_every_row_is_delivered_once_and_in_its_order(
    office: Office, fake: FakeSlack, away: Fault
) -> None:
    fake.down = away
    for number in range(4):
        for address in ("U0KIM", "U0LEE", "C0AUDIT"):
            office.put(address, f"{number}번째")
        await office.passes(15)
    assert office.statuses == {"pending"}
    assert set(office.peers().values()) == {"open"}
    fake.down = None
    await office.passes(20)
    assert office.statuses == {"sent"}
    for room in ("D0KIM", "D0LEE", "C0AUDIT"):
        assert heard(fake, room) == ["0번째", "1번째", "2번째", "3번째"]


@pytest.mark.parametrize("away", [Drop(accepted=True), Cut()], ids=str)
async def test_an_hour_without_answers_doubles_only_what_was_on_its_way_and_says_so(
    office: Office, fake: FakeSlack, away: Fault
) -> None:
    """The window that is declared: written, accepted, and the answer lost (security S12)."""
    fake.down = away
    office.put("U0KIM", "첫째")
    await office.passes(5)
    for number in range(4):
        office.put("U0LEE", f"{number}번째")
        await office.passes(15)
    assert len(fake.called(POST)) == 1
    fake.down = None
    await office.passes(20)
    assert office.statuses == {"sent"}
    assert heard(fake, "D0KIM") == ["첫째", "(다시 보냄)"]
    assert heard(fake, "D0LEE") == ["0번째", "1번째", "2번째", "3번째"]


async def test_a_limit_is_waited_for_and_counts_against_nobody(
    office: Office, fake: FakeSlack
) -> None:
    fake.fail(POST, *[Bad("ratelimited", 429, "300")] * 8)
    office.put("U0KIM", "첫째")
    await office.passes(45)
    assert heard(fake, "D0KIM") == ["첫째"]
    assert len(fake.called(POST)) == 9
    assert office.rows()[0].claims == 1


async def test_who_left_and_a_room_that_put_us_out_end_alone(
    office: Office, fake: FakeSlack
) -> None:
    fake.people["U0LEE"].flags["deleted"] = True
    fake.rooms["C0AUDIT"].members.remove(BOT)
    for address in ("U0LEE", "C0AUDIT", "U0KIM"):
        office.put(address, "첫째")
    await office.passes(5)
    assert [row.status for row in office.rows()] == ["dead", "dead", "sent"]
    assert sorted(office.peers().values()) == ["gone", "gone", "open"]
