import asyncio
import json
import random

import pytest

from bot.errors import Overloaded
from bot.handlers.api import application
from bot.handlers.chat.feed import Feed, Pace, stream
from bot.handlers.chat.problems import Trouble
from bot.handlers.chat.talk import Conversations
from tests.web.fakes import FakeBack, FakeTalk, notice, parts


class Steps:
    """Lets the feed go on once each time it is asked to."""

    def __init__(self) -> None:
        self.gate = asyncio.Semaphore(0)
        self.paused = asyncio.Semaphore(0)

    async def pause(self) -> None:
        self.paused.release()
        await self.gate.acquire()

    async def step(self) -> None:
        await self.paused.acquire()
        self.gate.release()
        await self.paused.acquire()
        self.paused.release()


class Browser:
    """Speaks ASGI to the application and keeps what came."""

    def __init__(self, app, headers=(), query=b"", path="/chat/events") -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.chunks: asyncio.Queue[str] = asyncio.Queue()
        self.left = asyncio.Event()
        scope = {
            "type": "http", "method": "GET", "path": path, "raw_path": path.encode(),
            "query_string": query, "root_path": "", "scheme": "https", "http_version": "1.1",
            "server": ("talk.example.go.kr", 443), "client": ("203.0.113.7", 5),
            "headers": [(b"host", b"talk.example.go.kr"), *headers],
        }  # fmt: skip
        self.asked = False
        self.task = asyncio.create_task(app(scope, self._receive, self._send))

    async def _receive(self):
        if not self.asked:
            self.asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
        elif message.get("body"):
            await self.chunks.put(message["body"].decode())

    async def next(self) -> str:
        return await asyncio.wait_for(self.chunks.get(), 10)

    async def event(self) -> tuple[int, dict]:
        lines = (await self.next()).splitlines()
        assert lines[1] == "event: reply"
        return int(lines[0].removeprefix("id: ")), json.loads(lines[2].removeprefix("data: "))

    async def leave(self) -> None:
        self.left.set()
        await asyncio.wait_for(self.task, 10)


class World:
    def __init__(self, most: int = 10, per: int = 3) -> None:
        self.parts = parts()
        self.back: FakeBack = self.parts.back
        self.steps = Steps()
        self.feed = Feed(self.back, most=most, per_conversation=per, pause=self.steps.pause)
        self.talks = Conversations(self.parts)
        self.app = application(self.parts, self.talks, self.feed)

    def conversation(self) -> tuple[str, int]:
        made = self.talks.fresh()
        peer_id = len(self.parts.talk.peers) + 1
        self.parts.talk.peers[made.address] = peer_id
        return made.secret, peer_id

    def listen(self, secret: str, after: int | None = None, *more, query: bytes = b"") -> Browser:
        headers = [(b"cookie", f"__Host-chat={secret}".encode()), *more]
        if after is not None:
            headers.append((b"last-event-id", str(after).encode()))
        return Browser(self.app, headers, query)


async def test_a_notice_reaches_the_open_page_with_its_number():
    world = World()
    secret, peer_id = world.conversation()
    page = world.listen(secret)
    assert await page.next() == "retry: 3000\n\n"
    assert page.headers["content-type"].startswith("text/event-stream")
    world.back.rows.append(notice(peer_id, 1, "담당자가 정해졌어요."))
    await world.steps.step()
    seq, reply = await page.event()
    assert (seq, reply["kind"], reply["text"]) == (1, "say", "담당자가 정해졌어요.")
    assert await asyncio.to_thread(world.back.marked.wait, 10)
    await page.leave()
    assert world.feed.listening == 0
    assert world.back.arrived == {peer_id: 1}


async def test_everybody_who_listens_is_asked_for_in_one_query():
    world = World()
    pages = []
    for _ in range(5):
        secret, peer_id = world.conversation()
        world.back.rows.append(notice(peer_id, 1, f"{peer_id}"))
        pages.append(world.listen(secret))
    for page in pages:
        await page.next()
    await world.steps.paused.acquire()  # the feed's own first question is over
    before = world.back.asked
    await world.feed.tick()
    assert world.back.asked == before + 1
    assert [(await page.event())[1]["text"] for page in pages] == ["1", "2", "3", "4", "5"]
    for page in pages:
        await page.leave()


async def test_writers_in_any_order_and_reconnects_anywhere_leave_no_gap_and_no_double():
    dice = random.Random(20261123)
    for _ in range(20):
        world = World()
        secret, peer_id = world.conversation()
        got: list[int] = []
        page = world.listen(secret, 0)
        await page.next()
        written = 0
        while written < 30:
            # Rows of one peer are numbered under its lock: what is visible has no holes.
            for _ in range(dice.randint(1, 4)):
                written += 1
                world.back.rows.append(notice(peer_id, written, str(written)))
            dice.shuffle(world.back.rows)
            await world.feed.tick()
            while not page.chunks.empty() and dice.random() < 0.7:
                got.append((await page.event())[0])
            if dice.random() < 0.4:
                await page.leave()
                page = world.listen(secret, got[-1] if got else 0)
                await page.next()
        await world.feed.tick()
        while len(got) < written:
            got.append((await page.event())[0])
        await page.leave()
        assert got == list(range(1, written + 1))


async def test_two_processes_each_show_every_notice_once_and_in_order():
    one = World()
    secret, peer_id = one.conversation()
    other = Feed(one.back, most=5, per_conversation=3, pause=one.steps.pause)
    second = Browser(
        application(one.parts, one.talks, other),
        [(b"authorization", f"Bearer {secret}".encode()), (b"last-event-id", b"0")],
    )
    first = one.listen(secret, 0)
    await first.next()
    await second.next()
    for seq in (1, 2, 3):
        one.back.rows.append(notice(peer_id, seq, str(seq)))
        await one.feed.tick()
        await other.tick()
    for page in (first, second):
        assert [(await page.event())[0] for _ in range(3)] == [1, 2, 3]
        await page.leave()


async def test_a_page_that_was_loaded_anew_goes_on_after_what_arrived():
    world = World()
    secret, peer_id = world.conversation()
    world.back.arrived[peer_id] = 2
    world.back.rows = [notice(peer_id, seq, str(seq)) for seq in (1, 2, 3)]
    page = world.listen(secret)
    await page.next()
    await world.feed.tick()
    assert (await page.event())[0] == 3
    await page.leave()


@pytest.mark.parametrize("given", [b"x", b"-1", b"9" * 30, "٣".encode()])
async def test_a_cursor_that_we_did_not_give_counts_as_none(given):
    world = World()
    secret, peer_id = world.conversation()
    world.back.rows = [notice(peer_id, 1, "하나")]
    page = world.listen(secret, None, (b"last-event-id", given))
    await page.next()
    await world.feed.tick()
    assert (await page.event())[0] == 1
    await page.leave()


async def test_nobody_listens_to_another_conversation():
    world = World()
    mine, my_peer = world.conversation()
    _, other_peer = world.conversation()
    world.back.rows = [notice(other_peer, 1, "남의 소식"), notice(my_peer, 1, "내 소식")]
    page = world.listen(mine, 0)
    await page.next()
    await world.feed.tick()
    assert (await page.event())[1]["text"] == "내 소식"
    assert page.chunks.empty()
    await page.leave()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([], 401),
        ([(b"cookie", b"__Host-chat=" + b"a" * 43)], 401),
        ([(b"authorization", b"Bearer nothing")], 401),
    ],
)
async def test_who_shows_no_conversation_hears_nothing(headers, status):
    world = World()
    page = Browser(world.app, headers)
    await page.next()
    assert page.status == status
    assert world.feed.listening == 0


async def test_a_page_of_another_origin_hears_nothing():
    world = World()
    secret, _ = world.conversation()
    for more in ((b"origin", b"https://evil.example"), (b"sec-fetch-site", b"same-site")):
        page = world.listen(secret, 0, more)
        await page.next()
        assert page.status == 403
    assert world.feed.listening == 0


async def test_a_conversation_has_three_pages_and_a_process_a_limit():
    world = World(most=4, per=3)
    secret, _ = world.conversation()
    pages = [world.listen(secret, 0) for _ in range(3)]
    for page in pages:
        await page.next()
    fourth = world.listen(secret, 0)
    await fourth.next()
    assert (fourth.status, fourth.headers["retry-after"]) == (429, "30")
    another, _ = world.conversation()
    fine = world.listen(another, 0)
    await fine.next()
    third, _ = world.conversation()
    full = world.listen(third, 0)
    await full.next()
    assert full.status == 503
    await pages[0].leave()
    room = world.listen(third, 0)
    assert await room.next() == "retry: 3000\n\n"
    for page in (*pages[1:], fine, room):
        await page.leave()
    assert world.feed.listening == 0


async def test_the_language_of_the_page_is_the_language_of_its_events():
    world = World()
    secret, peer_id = world.conversation()
    page = world.listen(secret, 0, query=b"lang=en")
    await page.next()
    world.back.rows = [notice(peer_id, 1, "그대로")]
    await world.feed.tick()
    assert (await page.event())[1]["text"] == "그대로"
    await page.leave()


async def test_a_conversation_that_moved_away_is_silent_at_once():
    world = World()
    secret, peer_id = world.conversation()
    page = world.listen(secret, 0)
    await page.next()
    world.feed.drop(peer_id)
    await asyncio.wait_for(page.task, 10)
    assert world.feed.listening == 0


async def test_when_the_process_goes_down_every_stream_ends():
    world = World()
    secret, _ = world.conversation()
    page = world.listen(secret, 0)
    await page.next()
    world.feed.close()
    await asyncio.wait_for(page.task, 10)
    with pytest.raises(Trouble):
        await world.feed.join(1, 0)


async def test_a_failing_query_ends_no_stream():
    world = World()
    secret, peer_id = world.conversation()
    page = world.listen(secret, 0)
    await page.next()
    rows = world.back.rows
    world.back.rows = None
    await world.steps.step()
    world.back.rows = rows
    rows.append(notice(peer_id, 1, "하나"))
    await world.steps.step()
    assert (await page.event())[0] == 1
    await page.leave()


async def test_a_page_that_came_while_the_database_was_away_takes_nobodys_place():
    class Away(FakeBack):
        def seen(self, peer_id: int) -> int:
            raise Overloaded

    feed = Feed(Away(FakeTalk()), most=1, per_conversation=1, pause=asyncio.Event().wait)
    with pytest.raises(Overloaded):
        await feed.join(1, None)
    assert feed.listening == 0
    feed.close()


async def collect(pace, allowed, most: int = 1):
    talk = FakeTalk()
    back = FakeBack(talk)
    feed = Feed(back, most=5, per_conversation=3, pause=asyncio.Event().wait)
    listener = await feed.join(1, 0)
    found = []
    async for chunk in stream(feed, listener, lambda row: row.reply.text, allowed, back, pace):
        found.append(chunk)
        if len(found) > most:
            break
    feed.close()
    return found


async def test_silence_is_filled_with_heartbeats():
    async def yes() -> bool:
        return True

    assert await collect(Pace(heartbeat=0.0, recheck=1000), yes) == ["retry: 3000\n\n", ": \n\n"]


async def test_the_right_to_listen_is_asked_again():
    async def no() -> bool:
        return False

    assert await collect(Pace(heartbeat=0.0, recheck=0.0), no) == ["retry: 3000\n\n"]
