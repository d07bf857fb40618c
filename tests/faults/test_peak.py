"""Seven times as many as are let in, at once: what bends, in which order, and what never breaks.

Time plays no part here: whoever is inside is held there while they come. The figures are `jeokgeuk bench
peak`'s.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from bot.app import App, build
from bot.bench import crash
from bot.bench.citizens import REPORT
from bot.bench.counts import unbounded
from bot.bench.ours import settings
from bot.handlers.ladder import Alarm, alarm
from bot.receive.received import Received
from bot.receive.receiver import Entering, Receiver
from bot.services import pressing
from storage import models
from storage.unit import Unit
from tests.conftest import Database
from tests.fakes.clock import unhurried

HERE = "http://127.0.0.1:8080"
MOST, GENEROUS = 8, 60


class Gate:
    """Stands before the receiver; closed, whoever is inside waits there and holds nothing."""

    def __init__(self, receiver: Receiver) -> None:
        self.open = threading.Event()
        self.open.set()
        self._receiver = receiver

    def receive_all(self, entering: Sequence[Entering]) -> list[Received | BaseException]:
        assert self.open.wait(GENEROUS)
        return self._receiver.receive_all(entering)


@dataclass
class Person:
    """Somebody who reports by the API, one line after the other."""

    http: httpx2.AsyncClient
    number: int
    statuses: list[int]
    step: int = 0
    secret: str = ""
    receipts: list[str] = field(default_factory=list)

    @property
    def key(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.secret}"} if self.secret else {}

    async def says(self) -> int:
        """Say the next line, or the same again; gives the status."""
        line = {"id": f"{self.number}-{self.step}", "lang": "ko", "pages": False}
        sent = await self.http.post(
            "/api/chat", json={**line, **REPORT[self.step]}, headers=self.key
        )
        self._note(sent)
        if sent.status_code == 200:
            given = sent.json()
            self.secret, self.step = given.get("conversation", self.secret), self.step + 1
            shown = [reply["receipt"] for reply in given["replies"] if reply.get("receipt")]
            self.receipts += [receipt["number"] for receipt in shown]
        return int(sent.status_code)

    async def brings_a_file(self) -> int:
        file = {"files": ("a.png", b"\x89PNG", "image/png")}
        sent = await self.http.post("/api/chat/files", files=file, headers=self.key)
        self._note(sent)
        return int(sent.status_code)

    async def says_all(self) -> None:
        while self.step < len(REPORT):
            await self.says()

    def _note(self, sent: httpx2.Response) -> None:
        self.http.cookies.clear()  # each has his own key, and a stranger none
        self.statuses.append(sent.status_code)
        assert sent.status_code == 200 or 5 <= int(sent.headers["retry-after"]) <= 30


@dataclass
class Crowd:
    """A process with citizens before it."""

    app: App
    gate: Gate
    http: httpx2.AsyncClient
    own: ThreadPoolExecutor
    statuses: list[int] = field(default_factory=list)
    inside: list["asyncio.Task[int]"] = field(default_factory=list)

    @property
    def bell(self) -> Alarm:
        return alarm(self.app.store, self.app.loads, ("public",))

    def people(self, first: int, many: int) -> list[Person]:
        return [Person(self.http, first + n, self.statuses) for n in range(many)]

    async def comes_in(self, person: Person) -> None:
        """Let somebody say something who is let in, and has to wait for the database there."""
        self.inside.append(asyncio.create_task(person.says()))
        await self.full_of(len(self.inside))

    async def full_of(self, many: int) -> None:
        await _until(lambda: self.app.loads["public"].inside == many)

    async def goes_on(self) -> None:
        self.gate.open.set()
        assert set(await asyncio.gather(*self.inside)) == {200}
        self.inside.clear()

    def stored(self) -> tuple[set[str], int]:
        """Give the numbers that are stored, and how many conversations there are."""

        def look(unit: Unit) -> tuple[set[str], int]:
            numbers = list(unit.conn.scalars(sa.select(models.filings.c.number)))
            assert len(numbers) == len(set(numbers))
            peers = sa.select(models.peers.c.id).where(models.peers.c.channel == "web")
            return set(numbers), len(unit.conn.execute(peers).all())

        return self.app.store.read(look)


@pytest.fixture
def statements() -> Iterator[set[str]]:
    """Give every statement that is run meanwhile."""
    said: set[str] = set()

    def hear(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.add(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", hear)
    yield said
    sa.event.remove(sa.Engine, "before_cursor_execute", hear)


@pytest.fixture
async def crowd(database: Database, tmp_path: Path) -> AsyncIterator[Crowd]:
    folder = tmp_path / "peak"
    folder.mkdir()
    app = build(crash.with_database(settings(folder), database.url))
    gate = Gate(app.receiver)
    app.door._receiver = gate  # type: ignore[assignment]
    app.loads["public"].most = MOST
    unhurried(app.loads)  # a turn that waits long would be a crowd by itself
    transport = httpx2.ASGITransport(app=app.asgi(("public",), work=False))
    with ThreadPoolExecutor(1, "pressed") as own:
        async with httpx2.AsyncClient(transport=transport, base_url=HERE) as http:
            yield Crowd(app, gate, http, own)
        gate.open.set()
    await app.worker.settled()
    app.close()


pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


async def test_newsletters_wait_first_and_whoever_is_in_a_report_last(crowd: Crowd) -> None:
    people, strangers = crowd.people(0, 7), crowd.people(100, 3)
    for person in people:
        assert await person.says() == 200
    crowd.gate.open.clear()
    for person in people[:3]:
        await crowd.comes_in(person)
    await crowd.bell.look(crowd.own)
    assert not crowd.app.store.read(pressing.pressed)
    await crowd.comes_in(strangers[0])
    await crowd.bell.look(crowd.own)
    assert crowd.app.store.read(pressing.pressed)  # … and nobody has been turned away
    assert set(crowd.statuses) == {200}
    await crowd.comes_in(strangers[1])
    assert await people[5].brings_a_file() == 503
    await crowd.comes_in(people[3])
    assert await strangers[2].says() == 503
    for person in people[4:6]:
        await crowd.comes_in(person)
    assert await people[6].says() == 503
    await crowd.goes_on()
    assert await people[6].says() == await strangers[2].says() == 200
    assert crowd.app.loads["public"].refused == {"files": 1, "new": 1, "running": 1}


async def test_seven_times_as_many_as_fit_lose_nothing_and_meet_no_fault(
    crowd: Crowd, statements: set[str]
) -> None:
    people, strangers = crowd.people(0, 4), crowd.people(100, 7 * MOST)
    for person in people:
        assert await person.says() == 200
    crowd.gate.open.clear()
    crowd.inside = [asyncio.create_task(one.says()) for one in (*strangers, *people)]
    await crowd.full_of(MOST)
    refused = len(crowd.inside) - MOST
    await _until(lambda: sum(task.done() for task in crowd.inside) == refused)
    let_in = [not task.done() for task in crowd.inside]
    assert sum(let_in[: len(strangers)]) == 6  # new ones up to three quarters …
    assert sum(let_in[len(strangers) :]) == 2  # … and then those who are in a report
    crowd.gate.open.set()
    answers = await asyncio.gather(*crowd.inside)
    assert answers.count(200) == MOST
    for person in strangers:
        while not person.step:
            await person.says()
    await asyncio.gather(*(person.says_all() for person in people))
    numbers, conversations = crowd.stored()
    assert sorted(numbers) == sorted(number for person in people for number in person.receipts)
    assert len(numbers) == len(people)
    assert conversations == len(people) + len(strangers)
    assert set(crowd.statuses) == {200, 503}
    for page in ("/readyz", "/metrics", "/faq", "/cases"):
        assert (await crowd.http.get(page)).status_code in {200, 503}
    assert [one for one in statements if unbounded(one)] == []


async def _until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(GENEROUS):
        while not reached():  # noqa: ASYNC110 - what is waited for knows no event
            await asyncio.sleep(0.001)
