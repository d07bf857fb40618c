"""The real client against an emulator that others wrote: our idea of the protocol, checked."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from bot.channel import Carried, Delivered, Inbound, Parcel
from bot.dialogs.events import Answer, Attach, Command, Press
from bot.dialogs.replies import Ask, Option, Picture, Say
from bot.handlers.door import Door
from bot.handlers.telegram import TelegramChannel, make_bot, make_fetcher
from bot.handlers.telegram_edge import TelegramEdge, connect
from bot.settings import read_site
from bot.worker import Worker
from storage.store import Store
from tests import issues, shipped
from tests.fakes.city import SITE, City, Clock
from tests.telegram.emulator import Relay, Telemelya, relay, telemelya
from tests.telegram.roads import Ledger, flusher, served

pytestmark = pytest.mark.emulator

SECRET = "s3cret-S3CRET_0123456789-abcdefgh"
TOKEN = "4711:rehearsal_AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Telemelya]:
    with telemelya(TOKEN, tmp_path_factory.mktemp("telemelya")) as made:
        yield made


@dataclass
class Together:
    emulator: Telemelya
    relay: Relay
    ledger: Ledger
    edge: TelegramEdge

    async def send(self, **update: object) -> list[dict[str, object]]:
        """Let the citizen act; gives what the bot called because of it."""
        before = len(await self.emulator.responses())
        assert await self.emulator.send(5001, **update) == 200
        await self.edge.intake.settle()
        return (await self.emulator.responses())[before:]


@pytest.fixture
async def together(emulator: Telemelya, tmp_path: Path) -> AsyncIterator[Together]:
    bot = make_bot(TOKEN, emulator.url)
    pictures = {"blob1": b"\x89PNG picture"}.__getitem__
    channel = TelegramChannel(
        bot, shipped.texts(), {}, fetcher=make_fetcher(emulator.url), picture=pictures
    )
    ledger = Ledger()
    edge = connect(
        channel,
        ledger,
        flusher(channel),
        shipped.texts(),
        {},
        public_url="http://127.0.0.1",
        secret=SECRET,
        now=Clock(),
    )
    async with served(Starlette(routes=list(edge.routes()))) as url, relay(SECRET) as between:
        between.to = url
        assert await bot.set_webhook(f"{between.url}/telegram/webhook", secret_token=SECRET)
        yield Together(emulator, between, ledger, edge)
        await edge.intake.settle()
        await channel.close()


async def test_words_and_commands_arrive_and_are_answered(together: Together) -> None:
    heard: list[object] = []

    def say(inbound: Inbound) -> Say:
        heard.append(inbound.event)
        return Say("안녕하세요.", (Option("네", index=0), Option("보기", command="my")), turn=3)

    together.ledger.say = say
    (start,) = await together.send(command="/start t_abc")
    (word,) = await together.send(text="길이 파였어요 👍🏽")
    assert heard == [Command("start", "t_abc"), Answer("길이 파였어요 👍🏽")]
    assert start["text"] == word["text"] == "안녕하세요."
    assert start["reply_markup"]["inline_keyboard"] == [  # type: ignore[index]
        [{"text": "네", "callback_data": "d:3:0"}, {"text": "보기", "callback_data": "c:my:"}]
    ]


async def test_a_press_arrives_and_the_button_calms_down(together: Together) -> None:
    heard: list[object] = []
    together.ledger.say = lambda inbound: heard.append(inbound.event)
    (answered,) = await together.send(callback_data="d:3:0", callback_message_id=1)
    assert heard == [Press(3, 0)]
    assert answered["method"] == "answerCallbackQuery"


async def test_a_photo_arrives_and_can_be_fetched(together: Together) -> None:
    heard: list[Inbound] = []
    together.ledger.say = heard.append
    file = await together.emulator.upload("hole.jpg", b"\xff\xd8\xff picture")
    await together.send(photo_file_id=file, photo_caption="시장 앞")
    assert isinstance(heard[0].event, Attach)
    assert heard[0].event.text == "시장 앞"
    fetched = await together.edge.channel.fetch(heard[0].sources[0].locator, 1000)
    assert fetched == b"\xff\xd8\xff picture"


async def test_marks_pictures_and_deletions_are_taken(together: Together) -> None:
    await together.send(text="x")
    channel = together.edge.channel
    before = len(await together.emulator.responses())
    ask = Ask(
        "unit", "lookup", "어디예요?", 1, options=(Option("어느 부서인지 모르겠어요", index=0),)
    )
    for reply in (ask, Picture("blob1", "막대그래프")):
        assert isinstance(await channel.deliver(Parcel("5001", reply, "ko")), Delivered)
    gone = Parcel("5001", Say(""), "ko", delete="1")
    assert await channel.deliver(gone) == Delivered()
    sent = (await together.emulator.responses())[before:]
    assert [call["method"] for call in sent] == ["sendMessage", "sendPhoto", "deleteMessage"]
    assert sent[1]["caption"] == "막대그래프"


async def test_news_is_taken_with_its_picture_and_without(together: Together) -> None:
    await together.send(text="x")
    channel = together.edge.channel
    before = len(await together.emulator.responses())
    for carried in (Carried((b"\x89PNG picture",)), None):
        delivered = await channel.deliver(Parcel("5001", issues.monthly(), "ko", carried=carried))
        assert isinstance(delivered, Delivered)
    photo, words = (await together.emulator.responses())[before:]
    assert photo["method"] == "sendPhoto"
    assert photo["caption"] == words["text"]
    assert words["reply_markup"]["inline_keyboard"][0][1]["callback_data"] == "c:news_stop:2026-11"


async def test_the_relay_adds_the_secret_that_the_emulator_does_not_know(
    together: Together,
) -> None:
    together.relay.secret = "wrong"
    assert await together.emulator.send(5001, text="x") == 403
    assert together.ledger.seen == []


@dataclass
class Citizen:
    """Somebody who files a report in the emulator."""

    together: Together
    chat: int
    worker: Worker

    async def does(self, **update: object) -> None:
        assert await self.together.emulator.send(self.chat, **update) == 200
        await self.together.edge.intake.settle()
        await self.worker.settled()

    async def shown(self) -> list[dict[str, Any]]:
        calls = await self.together.emulator.responses()
        return [c for c in calls if c.get("chat_id") == self.chat and c["method"] == "sendMessage"]

    async def presses(self, label: str) -> None:
        for call in reversed(await self.shown()):
            rows = (call["reply_markup"] or {}).get("inline_keyboard", [])
            for key in (key for row in rows for key in row):
                if label in key["text"]:
                    await self.does(
                        callback_data=key["callback_data"], callback_message_id=call["message_id"]
                    )
                    return
        raise AssertionError(f"{label}: {(await self.shown())[-1]}")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_whole_report_is_filed_through_the_emulator(
    together: Together, store: Store
) -> None:
    site, texts = read_site(SITE), shipped.texts()
    city = City(store, Clock(), site, texts)
    channel = TelegramChannel(
        together.edge.channel.bot, texts, site.words(), fetcher=make_fetcher(together.emulator.url)
    )
    # Nobody presses as fast as this: how many messages a chat bears has tests of its own.
    channel.limits = replace(channel.limits, per_chat=1000.0)
    worker = Worker(store, city.svc, {"telegram": channel}, settle_after=0)
    together.edge.intake.receiver = Door(city.receiver, parallel=store.parallel)
    together.edge.intake.flush = worker.flush
    citizen = Citizen(together, 7001, worker)
    await citizen.does(command="/start")
    await citizen.presses("텔레그램에서 쓰기")
    await citizen.presses("만 14세 이상이고")
    await citizen.does(command="/report")
    await citizen.presses("답을 들었는데")
    await citizen.presses("없어요")
    await citizen.does(text="10월부터 중앙시장 앞 길이 파여서 세 번 전화했는데 그대로예요.")
    file = await together.emulator.upload("hole.jpg", b"\xff\xd8\xff picture")
    await citizen.does(photo_file_id=file)
    await citizen.presses("다 썼어요")
    await citizen.does(text="길을 고치고 왜 미뤘는지 알고 싶어요.")
    await citizen.presses("맞아요")
    await citizen.presses("이름을 밝히고")
    await citizen.presses("여기서 적기")
    await citizen.does(text="홍길동")
    await citizen.does(text="가온시 중앙로 12")
    await citizen.presses("우편(종이)")
    await citizen.presses("먼저 저에게")
    await citizen.presses("안내를 보았고")
    assert "신고를 접수했어요." in (await citizen.shown())[-1]["text"]
    assert "12월 1일(화)까지" in (await citizen.shown())[-1]["text"]
    assert await worker.fetcher.work() > 0
    calls = await together.emulator.responses()
    assert any(c["method"] == "deleteMessage" and c["chat_id"] == 7001 for c in calls)
