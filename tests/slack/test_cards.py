"""The office's cards at a strict Slack: one for a filing, the newest, whatever happened between."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.handlers.slack.channel import LIMITS, SlackChannel
from bot.handlers.slack.client import Client
from bot.worker import Worker
from bot.worker.ledger import breaker
from storage.models import outbox as rows
from storage.repositories import leases
from tests import shipped
from tests.fakes.slack import BOT, FakeSlack
from tests.fakes.slack_errors import Bad, Drop, Fault, Page
from tests.fakes.slack_people import Room, Shown
from tests.office.conftest import (
    address,
    build,
    catalog,
    clean,
    clock,
    guarded,
    link,
    site,
    texts,
    with_messenger,
)
from tests.office.test_cards import built
from tests.services.conftest import Office
from tests.slack.test_delivery import Ticks

__all__ = ["build", "catalog", "clock", "site", "texts"]
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@dataclass
class Place:
    """The office, its worker and the room at Slack; every clock is moved together."""

    office: Office
    fake: FakeSlack
    room: Room
    worker: Worker
    ticks: Ticks

    async def settle(self) -> None:
        while await self.worker.round():
            pass

    async def passes(self, minutes: int) -> None:
        """Let time pass in steps of five minutes: no broken channel is left alone for longer."""
        for _ in range(0, minutes, 5):
            self.office.clock.at += timedelta(minutes=5)
            self.ticks.at += 300
            self.fake.clock += 300
            self.office.store.transact(
                lambda unit: leases.take(unit, breaker("slack"), "broken", -1), None
            )
            await self.settle()

    def guarded(self) -> str:
        number = built(self.office)
        guarded(self.office, number, "build")
        return number

    @property
    def cards(self) -> list[Shown]:
        return [one for one in self.room.shown if one.thread is None]

    @property
    def statuses(self) -> set[str]:
        found = rows.select().where(rows.c.channel == "slack")
        return {row.status for row in self.office.see(lambda u: list(u.conn.execute(found)))}


@pytest.fixture
async def place(fake: FakeSlack, build: Callable[..., Office]) -> AsyncIterator[Place]:
    office = with_messenger(build())
    link(office, "park", "lim")
    people = [fake.person(address(who), who) for who in ("park", "lim")]
    room = fake.room("C0AUDIT", "감사실", *people)
    clean(office)
    ticks = Ticks()
    client = Client(fake.token, fake.api_url)
    channel = SlackChannel(client, shipped.texts(), office.svc.site.words(), clock=ticks)
    channel.limits = replace(LIMITS, per_second=1000.0, per_chat=1000.0)
    worker = Worker(office.store, office.svc, {"slack": channel}, clock=ticks, settle_after=0.0)
    yield Place(office, fake, room, worker, ticks)
    await client.close()


@pytest.mark.parametrize(
    "away",
    [Page(503), Bad("token_revoked"), Bad("ratelimited", 429, "60")],
    ids=str,
)
async def test_after_an_hour_away_the_card_stands_once_and_shows_the_newest(
    place: Place, fake: FakeSlack, away: Fault
) -> None:
    number = place.guarded()
    fake.down = away
    await place.passes(20)
    place.office.act("kim", number, "assign", handler="park")
    await place.passes(20)
    place.office.act("park", number, "start")
    await place.passes(20)
    assert place.room.shown == []
    fake.down = None
    await place.passes(10)
    (card,) = place.cards
    assert "박감사" in card.words
    assert "조사" in card.words
    said = [one.words for one in place.room.thread(card)]
    assert [line.split(" · ")[0] for line in said] == ["담당 정하기", "조사 시작 알리기"]
    assert place.statuses == {"sent"}


@pytest.mark.parametrize("away", [Page(503), Drop(), Bad("internal_error")], ids=str)
async def test_a_card_that_stood_is_edited_once_slack_is_back(
    place: Place, fake: FakeSlack, away: Fault
) -> None:
    number = place.guarded()
    await place.settle()
    (card,) = place.cards
    fake.down = away
    place.office.act("kim", number, "assign", handler="park")
    await place.passes(60)
    fake.down = None
    await place.passes(10)
    assert place.cards == [card]
    assert "박감사" in card.words
    assert len(place.room.thread(card)) == 1
    assert "dead" not in place.statuses
    assert "quarantined" not in place.statuses


async def test_a_card_that_somebody_deletes_comes_again_with_the_next_change(
    place: Place, fake: FakeSlack
) -> None:
    number = place.guarded()
    await place.settle()
    place.room.messages.clear()
    place.office.act("kim", number, "assign", handler="park")
    await place.settle()
    place.office.act("park", number, "start")
    await place.settle()
    (card,) = place.cards
    assert card.edits == 1
    assert "박감사" in card.words
    assert [one.words.split(" · ")[0] for one in place.room.thread(card)] == [
        "담당 정하기",
        "조사 시작 알리기",
    ]


async def test_a_room_that_put_the_bot_out_ends_its_cards_and_nobody_elses(
    place: Place, fake: FakeSlack
) -> None:
    number = place.guarded()
    await place.settle()
    place.room.members.remove(BOT)
    place.office.act("kim", number, "assign", handler="park")
    await place.passes(5)
    assert place.cards[0].edits == 0
    assert fake.people[address("park")].direct.shown != []


async def test_no_word_of_a_report_reaches_slack(place: Place, fake: FakeSlack) -> None:
    number = built(place.office, what="은행나무가 쓰러졌는데 <!channel> 세 번 전화했어요.")
    guarded(place.office, number, "build")
    await place.settle()
    place.office.act("kim", number, "assign", handler="park")
    place.office.act("park", number, "note", text="은행나무길을 한 번 더 봅니다.")
    await place.settle()
    assert place.cards
    told = b"".join(call.body for call in fake.calls).decode()
    assert number in told
    assert "은행나무" not in told
    assert fake.pings == []
    assert fake.links == []
