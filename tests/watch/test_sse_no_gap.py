"""sse_no_gap (security S17; probe P8): on real databases, by three writers and two processes."""

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from bot.app import App, _Site, build
from bot.dialogs.replies import Phrase, Say, dump
from bot.settings import read_settings
from storage.repositories import outbox
from storage.unit import Unit
from tests.conftest import Database
from tests.web.test_events import Browser

WRITERS, EACH = 3, 8
PATH = "/api/chat/events"


@dataclass
class Web:
    """One web process: its application, and its feed, which looks when it is told to."""

    app: App
    site: Any
    asgi: Any

    async def look(self) -> None:
        await self.site._feed.tick()

    def listen(self, secret: str, after: int | None = None) -> Browser:
        headers = [(b"authorization", f"Bearer {secret}".encode())]
        if after is not None:
            headers.append((b"last-event-id", str(after).encode()))
        return Browser(self.asgi, headers, path=PATH)


Begin = Callable[..., Web]


@pytest.fixture
def web(database: Database, environ: dict[str, str]) -> Iterator[Begin]:
    """Start as many web processes on one database as a test wants."""
    made: list[App] = []
    server = {} if database.name == "sqlite" else {"DATABASE_URL": database.url}
    given = environ | server

    def begin(most: int = 5000) -> Web:
        # One process has a SQLite file; there the second feed stands for a second listener.
        if not made or server:
            made.append(build(read_settings(given), least=0, synchronous="NORMAL"))
        app = made[-1]
        site = _Site(app, frozenset({"public"}), work=False)
        site._feed._pause = asyncio.Event().wait
        site._feed._most = most
        return Web(app, site, site.application())

    yield begin
    for app in made:
        app.close()


async def conversation(one: Web) -> tuple[str, int]:
    """Begin to talk; gives the secret and the last number that the page knows."""
    road = httpx2.ASGITransport(app=one.asgi)
    async with httpx2.AsyncClient(transport=road, base_url="http://127.0.0.1:8080") as client:
        begun = await client.post("/api/chat", json={"id": "1", "command": "start"})
    secret = str(begun.json()["conversation"])
    return secret, 0


def peer_of(one: Web) -> int:
    found = one.app.store.read(
        lambda unit: unit.conn.exec_driver_sql("SELECT max(id) FROM peers").scalar_one()
    )
    return int(found)


def write(one: Web, peer: int, name: int, dice: random.Random) -> None:
    """Put messages one by one or by twos, each time in a transaction of its own."""
    left = EACH
    while left:
        many = min(left, dice.choice((1, 1, 2)))
        words = [Say(Phrase("start.help")) for _ in range(many)]
        drafts = [outbox.Draft(1, "notice", dump(said), one.app.svc.now()) for said in words]

        def put(unit: Unit, drafts: list[outbox.Draft] = drafts) -> None:
            outbox.put(unit, peer, drafts, one.app.svc.now())

        one.app.store.transact(put, f"writer:{name}:{left}")
        left -= many


async def first_number(one: Web, peer: int) -> int:
    """Tell the last number that was given before the writers begin."""
    found = one.app.store.read(
        lambda unit: unit.conn.exec_driver_sql(
            f"SELECT next_seq - 1 FROM peers WHERE id = {peer}"
        ).scalar_one()
    )
    return int(found)


async def test_every_message_comes_once_and_in_order_wherever_the_page_listens(web: Begin):
    dice = random.Random(20261123)
    processes = [web(), web()]
    secret, _ = await conversation(processes[0])
    peer = peer_of(processes[0])
    start = await first_number(processes[0], peer)
    total = start + WRITERS * EACH
    writers = [
        asyncio.create_task(
            asyncio.to_thread(write, dice.choice(processes), peer, name, random.Random(name))
        )
        for name in range(WRITERS)
    ]
    heard: set[int] = set()
    cursor = start
    reconnects = 0
    while cursor < total:
        here = dice.choice(processes)
        page = here.listen(secret, cursor)
        assert await page.next() == "retry: 3000\n\n"
        for _ in range(dice.randint(1, 3)):
            await here.look()
            while not page.chunks.empty():
                seq, reply = await page.event()
                assert seq == cursor + 1, "a gap or a double"
                assert reply["kind"] == "say"
                cursor = seq
                heard.add(seq)
            await asyncio.sleep(0)
        await page.leave()
        reconnects += 1
        if dice.random() < 0.3 and cursor > start:
            cursor = dice.randint(start, cursor)  # a page that lost what it had asks for it again
    await asyncio.gather(*writers)
    assert heard == set(range(start + 1, total + 1))
    assert reconnects > 1


async def test_two_pages_in_two_processes_hear_the_same(web: Begin):
    one, other = web(), web()
    secret, _ = await conversation(one)
    peer = peer_of(one)
    start = await first_number(one, peer)
    pages = [one.listen(secret, start), other.listen(secret, start)]
    for page in pages:
        await page.next()
    await asyncio.to_thread(write, one, peer, 0, random.Random(1))
    await one.look()
    await other.look()
    for page in pages:
        got = [(await page.event())[0] for _ in range(EACH)]
        assert got == list(range(start + 1, start + EACH + 1))
        await page.leave()


async def test_who_has_no_right_hears_nothing_and_whoever_is_too_many_comes_later(web: Begin):
    one = web(most=2)
    mine, _ = await conversation(one)
    stranger = one.listen("x" * 43)
    await stranger.next()
    assert stranger.status == 401
    cookie = Browser(one.asgi, [(b"cookie", b"chat=" + b"y" * 43)], path=PATH)
    await cookie.next()
    assert cookie.status == 401
    pages = [one.listen(mine) for _ in range(2)]
    for page in pages:
        assert await page.next() == "retry: 3000\n\n"
    third = one.listen(mine)
    await third.next()
    assert third.status == 503
    assert int(third.headers["retry-after"]) > 0
    await pages[0].leave()
    again = one.listen(mine)
    assert await again.next() == "retry: 3000\n\n"
    for page in (again, pages[1]):
        await page.leave()
