"""Updates pushed to our route: the secret, the commit before the 200, and what comes again."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from starlette.applications import Starlette

from bot.dialogs.events import Attach
from bot.dialogs.replies import Option, Say
from bot.errors import Conflict, Overloaded
from bot.handlers.telegram import TelegramChannel
from bot.handlers.telegram_edge import TelegramEdge, connect
from bot.handlers.telegram_intake import MOST_TRIES
from bot.handlers.telegram_webhook import HEADER, MOST
from tests import shipped
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_rules import Bad, Drop
from tests.telegram.roads import Ledger, flusher, served

SECRET = "s3cret-S3CRET_0123456789-abcdefgh"


@dataclass
class Hooked:
    fake: FakeTelegram
    ledger: Ledger
    edge: TelegramEdge
    url: str

    async def push(self) -> None:
        await self.fake.push()
        await self.edge.intake.settle()

    async def post(self, body: bytes | io.BytesIO, secret: str | None = SECRET) -> tuple[int, str]:
        headers = {} if secret is None else {HEADER: secret}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/telegram/webhook", data=body, headers=headers) as response,
        ):
            return response.status, await response.text()


@pytest.fixture
async def hooked(fake: FakeTelegram, channel: TelegramChannel) -> AsyncIterator[Hooked]:
    ledger = Ledger()
    edge = connect(
        channel,
        ledger,
        flusher(channel),
        shipped.texts(),
        {"call": "02-120"},
        public_url="https://gaon.example",
        secret=SECRET,
        menu=(("report", "passive_report.menu"),),
    )
    async with served(Starlette(routes=list(edge.routes()))) as url:
        fake.webhook = {"url": f"{url}/telegram/webhook", "secret_token": SECRET}
        yield Hooked(fake, ledger, edge, url)
        await edge.intake.settle()


async def test_an_update_is_committed_answered_and_replied_to(hooked: Hooked) -> None:
    person = hooked.fake.person()
    update = person.says("길이 파였어요")
    await hooked.push()
    assert hooked.ledger.taken == [str(update["update_id"])]
    assert hooked.fake.attempts == [(update["update_id"], 200)]
    assert person.last.text == "네."


@pytest.mark.parametrize(
    "secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper(), "비밀"]
)
async def test_without_the_secret_nothing_is_read(hooked: Hooked, secret: str | None) -> None:
    body = json.dumps(hooked.fake.person().says("x")).encode()
    headers = None if secret is None else secret.encode().decode("latin-1")
    status, text = await hooked.post(body, headers)
    assert (status, text) == (403, "")
    assert hooked.ledger.seen == []


async def test_a_body_that_is_no_update_is_refused(hooked: Hooked) -> None:
    assert (await hooked.post(b"not json"))[0] == 400
    assert (await hooked.post(b"[1]"))[0] == 400
    assert (await hooked.post(b"\xff\xfe"))[0] == 400
    assert (await hooked.post(io.BytesIO(b"x" * (MOST + 1))))[0] == 413


async def test_an_update_that_nobody_can_read_is_not_sent_for_a_day(hooked: Hooked) -> None:
    assert (await hooked.post(b'{"update_id": 1, "message": "x"}'))[0] == 200
    assert hooked.ledger.seen == []


async def test_overload_is_503_and_the_update_comes_again(hooked: Hooked) -> None:
    person = hooked.fake.person()
    first, second = person.says("하나"), person.says("둘")
    hooked.ledger.trouble["하나"] = [Overloaded(7)]
    await hooked.push()
    assert hooked.fake.attempts == [(first["update_id"], 503)]
    status, _ = await hooked.post(json.dumps(first).encode())
    assert status == 200
    await hooked.push()
    assert hooked.ledger.taken == [str(first["update_id"]), str(second["update_id"])]


async def test_overload_says_when_to_come_back(hooked: Hooked) -> None:
    hooked.ledger.trouble["하나"] = [Overloaded(7)]
    body = json.dumps(hooked.fake.person().says("하나")).encode()
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{hooked.url}/telegram/webhook", data=body, headers={HEADER: SECRET}
        ) as response,
    ):
        assert response.status == 503
        assert response.headers["Retry-After"] == "7"


async def test_a_bug_is_500_and_the_update_comes_again_while_others_go_on(
    hooked: Hooked,
) -> None:
    poisoned, other = hooked.fake.person(5001), hooked.fake.person(5002)
    bad = poisoned.says("독")
    poisoned.says("뒤에 쓴 말")
    good = other.says("안녕하세요")
    hooked.ledger.trouble["독"] = [RuntimeError("a bug")]
    await hooked.push()
    assert hooked.ledger.taken == [str(good["update_id"])]
    await hooked.push()
    assert hooked.ledger.seen[-2:] == ["독", "뒤에 쓴 말"]
    assert str(bad["update_id"]) in hooked.ledger.taken


async def test_after_ten_tries_the_person_is_told_and_no_longer_blocked(hooked: Hooked) -> None:
    person = hooked.fake.person()
    person.says("독")
    after = person.says("뒤에 쓴 말")
    hooked.ledger.trouble["독"] = [RuntimeError("a bug") for _ in range(MOST_TRIES)]
    hooked.ledger.say = lambda inbound: None
    for _ in range(MOST_TRIES):
        await hooked.push()
    assert hooked.ledger.taken == [str(after["update_id"])]
    assert person.last.text.startswith("지금 잠시 저장이 안 돼요.")
    assert [status for _, status in hooked.fake.attempts] == [500] * 9 + [200, 200]


async def test_the_same_number_with_another_body_is_dropped_without_a_word(
    hooked: Hooked,
) -> None:
    person = hooked.fake.person()
    person.says("하나")
    hooked.ledger.trouble["하나"] = [Conflict("conflict")]
    await hooked.push()
    assert hooked.fake.attempts[0][1] == 200
    assert person.heard == []


async def test_a_replayed_update_is_taken_once_and_answered_once(hooked: Hooked) -> None:
    person = hooked.fake.person()
    update = person.says("하나")
    await hooked.push()
    hooked.fake.again(update)
    await hooked.push()
    assert len(hooked.ledger.taken) == 1
    assert len(person.heard) == 1


async def test_a_press_is_answered_so_that_the_button_calms_down(hooked: Hooked) -> None:
    person = hooked.fake.person()
    hooked.ledger.say = lambda inbound: Say("네?", (Option("네", index=0),), turn=1)
    person.says("하나")
    await hooked.push()
    person.presses("네")
    await hooked.push()
    assert hooked.fake.answered == {"q1"}
    assert hooked.ledger.seen == ["하나", "Press(turn=1, index=0)"]


async def test_a_press_that_is_too_old_to_answer_disturbs_nobody(hooked: Hooked) -> None:
    hooked.fake.fail("answerCallbackQuery", Bad(400, "Bad Request: query is too old"))
    hooked.fake.person().forges(7, "d:1:0")
    await hooked.push()
    assert hooked.fake.attempts[0][1] == 200


async def test_a_message_and_a_press_of_one_person_may_come_at_the_same_time(
    hooked: Hooked,
) -> None:
    person = hooked.fake.person()
    person.says("하나")
    person.forges(7, "d:1:0")
    await hooked.push()
    assert sorted(hooked.ledger.seen) == ["Press(turn=1, index=0)", "하나"]


async def test_every_picture_of_an_album_is_committed_before_the_next_one_is_sent(
    hooked: Hooked,
) -> None:
    person = hooked.fake.person()
    for _ in range(3):
        person.sends_photo(b"\xff\xd8\xff", album="77")
    kept: list[tuple[str | None, object]] = []
    hooked.ledger.say = lambda inbound: kept.append((inbound.album, inbound.event))
    await hooked.push()
    assert [album for album, _ in kept] == ["77"] * 3
    assert all(isinstance(event, Attach) and len(event.files) == 1 for _, event in kept)


async def test_a_group_is_left_at_the_first_word(hooked: Hooked) -> None:
    group = hooked.fake.group()
    group.says("안녕하세요")
    await hooked.push()
    assert group.left
    assert hooked.ledger.seen == []


async def test_a_group_that_cannot_be_left_disturbs_nobody(hooked: Hooked) -> None:
    hooked.fake.fail("leaveChat", Drop())
    hooked.fake.group().adds_the_bot()
    await hooked.push()
    assert hooked.fake.attempts[0][1] == 200


async def test_blocking_and_coming_back_reach_the_receiver(hooked: Hooked) -> None:
    person = hooked.fake.person()
    person.blocks()
    person.unblocks()
    await hooked.push()
    assert hooked.ledger.left == [("5001", True), ("5001", False)]


async def test_the_vendor_is_told_where_we_are_and_what_we_can(hooked: Hooked) -> None:
    stop = asyncio.Event()
    hooked.fake.fail("setWebhook", Drop(), Bad(429, "x", retry_after=1))
    waits: list[float] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    hooked.edge.pause = pause
    running = asyncio.create_task(hooked.edge.run(stop))
    await hooked.fake.until(lambda: "" in hooked.fake.commands)
    stop.set()
    await running
    assert waits == [2.0, 4.0]
    assert hooked.fake.webhook["url"] == "https://gaon.example/telegram/webhook"
    assert hooked.fake.webhook["secret_token"] == SECRET
    assert json.loads(hooked.fake.webhook["allowed_updates"]) == [
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
    ]
    assert [c["command"] for c in hooked.fake.commands["ko"]] == [
        "start", "report", "my", "cases", "news", "help", "stop",
    ]  # fmt: skip
    assert hooked.fake.commands["ko"][1]["description"] == "일을 미뤄서 신고하고 싶어요"
    assert hooked.fake.commands["en"] == hooked.fake.commands[""]


async def test_a_service_starts_and_stops_while_the_vendor_is_away(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    fake.fail("setWebhook", *[Drop()] * 100)
    stop = asyncio.Event()

    async def pause(seconds: float) -> None:
        stop.set()
        await asyncio.Event().wait()

    edge = connect(
        channel,
        Ledger(),
        flusher(channel),
        shipped.texts(),
        {"call": "02-120"},
        public_url="https://gaon.example",
        secret=SECRET,
        pause=pause,
    )
    await asyncio.wait_for(edge.run(stop), 5)
    assert fake.commands == {}
