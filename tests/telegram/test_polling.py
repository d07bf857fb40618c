"""Updates fetched by our own loop: confirmed after the commit, no matter what."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from bot.channel import Inbound
from bot.dialogs.replies import Say
from bot.errors import Overloaded
from bot.handlers.ladder import Load
from bot.handlers.telegram import TelegramChannel
from bot.handlers.telegram_edge import TelegramEdge, connect
from bot.handlers.telegram_intake import MOST_TRIES
from bot.handlers.telegram_polling import FULL
from tests import shipped
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_rules import Bad, Drop, Page
from tests.telegram.roads import Ledger, flusher


@dataclass
class Polled:
    fake: FakeTelegram
    ledger: Ledger
    edge: TelegramEdge
    stop: asyncio.Event
    waits: list[float] = field(default_factory=list)
    task: "asyncio.Task[None] | None" = None

    def start(self) -> None:
        self.task = asyncio.create_task(self.edge.run(self.stop))

    async def until(self, done: Callable[[], bool]) -> None:
        await self.fake.until(done)

    async def end(self) -> None:
        self.stop.set()
        if self.task:
            await asyncio.wait_for(self.task, 5)

    def confirmed(self) -> int:
        calls = self.fake.called("getUpdates")
        return int(calls[-1].params["offset"]) if calls else 0


@pytest.fixture
async def polled(fake: FakeTelegram, channel: TelegramChannel) -> AsyncIterator[Polled]:
    ledger = Ledger()
    edge = connect(channel, ledger, flusher(channel), shipped.texts(), {"call": "02-120"})
    made = Polled(fake, ledger, edge, asyncio.Event())

    async def pause(seconds: float) -> None:
        made.waits.append(seconds)

    edge.pause = pause
    yield made
    await made.end()


async def test_updates_are_taken_replied_to_and_then_confirmed(polled: Polled) -> None:
    person = polled.fake.person()
    update = person.says("하나")
    polled.start()
    await polled.until(lambda: polled.confirmed() == update["update_id"] + 1)
    assert polled.ledger.seen == ["하나"]
    await polled.until(lambda: len(person.heard) == 1)
    later = person.says("둘")
    await polled.until(lambda: polled.confirmed() == later["update_id"] + 1)
    assert polled.fake.waiting == 0


async def test_nothing_is_confirmed_before_it_is_committed(polled: Polled) -> None:
    confirmed: list[int] = []
    polled.ledger.say = lambda inbound: confirmed.append(polled.confirmed())
    first = polled.fake.person().says("하나")
    polled.start()
    await polled.until(lambda: polled.confirmed() > first["update_id"])
    assert confirmed == [0]


async def test_what_waits_is_not_thrown_away_when_a_webhook_is_given_up(polled: Polled) -> None:
    polled.fake.webhook = {"url": "https://gaon.example/telegram/webhook"}
    update = polled.fake.person().says("하나")
    polled.start()
    await polled.until(lambda: polled.confirmed() > update["update_id"])
    assert polled.fake.called("deleteWebhook")[0].params["drop_pending_updates"] == "false"


async def test_overload_waits_as_long_as_it_is_told_and_loses_nothing(polled: Polled) -> None:
    person = polled.fake.person()
    person.says("하나")
    last = person.says("둘")
    polled.ledger.trouble["하나"] = [Overloaded(7), Overloaded(9)]
    polled.start()
    await polled.until(lambda: polled.confirmed() > last["update_id"])
    assert polled.waits == [7.0, 9.0]
    assert polled.ledger.seen == ["하나", "하나", "하나", "둘"]


async def test_no_more_is_fetched_than_there_is_room_for(polled: Polled) -> None:
    load = polled.edge.load = Load(4, inside=4)
    people = [polled.fake.person(6000 + number) for number in range(9)]
    last = [person.says("하나") for person in people][-1]
    most: list[int] = []

    def seen(inbound: Inbound) -> None:
        most.append(load.inside)

    polled.ledger.say = seen

    async def pause(seconds: float) -> None:
        polled.waits.append(seconds)
        if len(polled.waits) == 3:
            assert polled.fake.called("getUpdates") == []
            load.inside = 1
        await asyncio.sleep(0)

    polled.edge.pause = pause
    polled.start()
    await polled.until(lambda: polled.confirmed() > last["update_id"])
    assert polled.waits == [FULL] * 3
    assert len(most) == 9
    assert max(most) <= 4
    assert {call.params["limit"] for call in polled.fake.called("getUpdates")} == {"3"}
    assert load.inside == 1


async def test_a_poisoned_update_stops_nobody_else_and_comes_to_an_end(polled: Polled) -> None:
    poisoned, other = polled.fake.person(5001), polled.fake.person(5002)
    poisoned.says("독")
    poisoned.says("뒤에 쓴 말")
    other.says("안녕하세요")
    polled.ledger.trouble["독"] = [RuntimeError("a bug") for _ in range(MOST_TRIES)]
    polled.start()
    await polled.until(lambda: polled.fake.waiting == 0)
    seen = polled.ledger.seen
    assert seen.count("독") == MOST_TRIES
    assert seen.count("안녕하세요") == 1
    assert seen.count("뒤에 쓴 말") == 1
    await polled.edge.intake.settle()
    assert poisoned.heard[0].text.startswith("지금 잠시 저장이 안 돼요.")


async def test_one_that_cannot_be_read_does_not_hide_the_others(polled: Polled) -> None:
    polled.fake.queue(1, "message", {"message_id": "x"})
    polled.fake.person().says("하나")
    polled.start()
    await polled.until(lambda: polled.fake.waiting == 0)
    assert polled.ledger.seen == ["하나"]


@pytest.mark.parametrize(
    "fault",
    [Page(502), Page(200), Drop(accepted=True), Drop(accepted=False), Bad(500, "x")],
    ids=str,
)
async def test_the_vendor_may_be_away_for_a_while(polled: Polled, fault: object) -> None:
    polled.fake.fail("getUpdates", *[fault] * 3)  # type: ignore[list-item]
    update = polled.fake.person().says("하나")
    polled.start()
    await polled.until(lambda: polled.confirmed() > update["update_id"])
    assert polled.waits == [2.0, 4.0, 8.0]
    assert polled.ledger.seen == ["하나"]


async def test_an_answer_of_another_shape_does_not_end_the_loop(polled: Polled) -> None:
    polled.fake.fail("getUpdates", Page(200, '{"ok": true, "result": ["x"]}'))
    update = polled.fake.person().says("하나")
    polled.start()
    await polled.until(lambda: polled.confirmed() > update["update_id"])
    assert polled.waits == [5.0]


async def test_the_vendors_own_wish_for_patience_is_obeyed(polled: Polled) -> None:
    polled.fake.fail("getUpdates", Bad(429, "x", retry_after=17))
    update = polled.fake.person().says("하나")
    polled.start()
    await polled.until(lambda: polled.confirmed() > update["update_id"])
    assert polled.waits == [17.0]


async def test_another_poller_is_not_fought_at_full_speed(polled: Polled) -> None:
    polled.fake.fail("getUpdates", *[Bad(409, "Conflict: terminated by other getUpdates")] * 2)
    polled.fake.fail("deleteWebhook", Page(502), Page(502))
    update = polled.fake.person().says("하나")
    polled.start()
    await polled.until(lambda: polled.confirmed() > update["update_id"])
    assert polled.waits[-2:] == [2.0, 4.0]


async def test_two_pollers_of_one_token_are_told_apart_by_the_vendor(polled: Polled) -> None:
    polled.start()
    await polled.until(lambda: bool(polled.fake.called("getUpdates")))
    twin = connect(
        polled.edge.channel, polled.ledger, polled.edge.intake.flush, shipped.texts(), {},
        pause=polled.edge.pause,
    )  # fmt: skip
    stop = asyncio.Event()
    running = asyncio.create_task(twin.run(stop))
    await polled.until(lambda: len(polled.waits) > 2)
    stop.set()
    await running
    update = polled.fake.person().says("하나")
    await polled.until(lambda: polled.confirmed() > update["update_id"])
    assert polled.ledger.seen == ["하나"]


async def test_the_loop_stops_in_the_middle_of_a_long_poll(polled: Polled) -> None:
    polled.start()
    await polled.until(lambda: bool(polled.fake.called("getUpdates")))
    await polled.end()
    assert polled.task is not None
    assert polled.task.done()


async def test_what_is_being_taken_at_the_stop_is_taken_and_answered(polled: Polled) -> None:
    person = polled.fake.person()
    person.says("하나")

    def say(inbound: object) -> Say:
        loop.call_soon_threadsafe(polled.stop.set)
        return Say("네.")

    loop = asyncio.get_running_loop()
    polled.ledger.say = say
    polled.start()
    assert polled.task is not None
    await asyncio.wait_for(polled.task, 5)
    assert len(polled.ledger.taken) == 1
    assert person.last.text == "네."
