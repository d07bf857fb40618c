"""How requests reach us: signed and looked at before they are parsed, or by our own sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from starlette.routing import Route

from bot.handlers.ladder import Load
from bot.handlers.slack.client import Client
from bot.handlers.slack.sockets import BROKEN, Socket
from bot.services import base
from storage.repositories import heartbeats
from tests.fakes.clock import FrozenClock
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_errors import Bad, Page
from tests.fakes.slack_roads import Answer, Sent, Signed
from tests.office.conftest import ACCOUNT, build, catalog, clock, office, site, texts
from tests.services.conftest import Office
from tests.slack.town import Town, by_requests, by_sockets, founded

__all__ = ["build", "catalog", "clock", "office", "site", "texts"]
ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def door(fake: FakeSlack, clock: FrozenClock) -> AsyncIterator[Town]:
    """Only the way in: what does not come through it needs no city."""
    svc: Any = SimpleNamespace(office=base.Office("slack", ACCOUNT, "", "numbers"), now=clock)
    nowhere: Any = None
    there = Office(nowhere, clock, svc, nowhere)
    async with by_requests(founded(there, fake)) as made:
        yield made


@pytest.fixture
async def town(office: Office, fake: FakeSlack) -> AsyncIterator[Town]:
    async with by_requests(founded(office, fake)) as made:
        yield made


def road(town: Town) -> Signed:
    assert isinstance(town.fake.road, Signed)
    return town.fake.road


async def posted(town: Town, body: bytes, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await road(town).post(body, JSON | named)


async def signed(town: Town, body: bytes, at: float | None = None, **more: str) -> Answer:
    return await road(town).post(body, JSON | road(town).signature(body, at) | more)


async def test_slack_is_told_that_the_address_is_ours(door: Town) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"}).encode()
    assert (await signed(door, body)).body == {"challenge": "3eZbrw1aB"}


@pytest.mark.parametrize(
    "body", [b"not json", b"[1]", b"\xff\xfe", b"{" * 100_000, b'{"a":1}', b""]
)
async def test_what_is_not_signed_is_refused_without_a_word(
    door: Town, logged: Any, body: bytes
) -> None:
    for headers in (
        {},
        {"X_Slack_Signature": "v0=0", "X_Slack_Request_Timestamp": str(int(door.fake.time))},
        {"X_Slack_Signature": "v0=0", "X_Slack_Request_Timestamp": "soon"},
        {"X_Slack_Signature": "v0=\u00e9", "X_Slack_Request_Timestamp": str(int(door.fake.time))},
    ):
        answer = await posted(door, body, **headers)
        assert (answer.status, answer.body) == (401, None)
    assert logged == []


async def test_a_signature_is_good_for_its_own_body_only(door: Town) -> None:
    headers = road(door).signature(b'{"type":"url_verification","challenge":"a"}')
    other = b'{"type":"url_verification","challenge":"b"}'
    assert (await posted(door, other, **headers)).status == 401


@pytest.mark.parametrize("off", [-301, 301])
async def test_a_request_of_another_hour_is_refused_by_our_own_clock(door: Town, off: int) -> None:
    body = b'{"type":"url_verification","challenge":"a"}'
    assert (await signed(door, body, door.fake.time + off)).status == 401
    assert (await signed(door, body, door.fake.time + off * 0.9)).status == 200


@pytest.mark.parametrize("body", [b"{", b"[1]", b"{" * 100_000, b"payload=%7B"])
async def test_what_is_signed_and_no_request_ends_without_a_trace(
    door: Town, logged: Any, body: bytes
) -> None:
    assert (await signed(door, body)).status == 400
    assert [line["event"] for line in logged] == ["slack_request_unreadable"]


async def test_a_body_without_an_end_is_not_read(door: Town) -> None:
    door.edge.most = 100
    assert (await signed(door, b" " * 101)).status == 413


async def test_other_methods_have_no_route(door: Town) -> None:
    assert not door.edge.sockets
    assert [route.methods for route in door.edge.routes() if isinstance(route, Route)] == [
        {"POST"}
    ]


@pytest.mark.parametrize("event", [{"type": "message", "text": "비밀"}, {"type": "new_in_2031"}])
async def test_what_we_did_not_ask_for_is_confirmed_and_forgotten(
    door: Town, logged: Any, event: dict[str, Any]
) -> None:
    assert (await door.fake.event(event)).good
    assert [line["event"] for line in logged] == ["slack_event_not_ours"]
    assert "비밀" not in str(logged)


@ONCE
async def test_an_event_that_meets_a_bug_comes_again(town: Town, logged: Any) -> None:
    kim = town.person("park")
    broken = town.edge.work.svc
    town.edge.work.svc = None  # type: ignore[assignment]
    change = {"type": "user_change", "user": kim.profile | {"deleted": True}}
    assert (await town.fake.event(change)).status == 500
    assert "AttributeError" in str(logged)
    town.edge.work.svc = broken
    assert [answer.status for answer in await town.fake.retry()] == [200]
    assert not town.linked("park")


@ONCE
async def test_when_we_are_full_events_come_later(office: Office, fake: FakeSlack) -> None:
    load = Load(1)
    async with by_requests(founded(office, fake, load=load)) as town:
        load.inside = 1
        answer = await fake.event({"type": "app_home_opened", "tab": "home", "user": "U1"})
        assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
        load.inside = 0
        assert [one.status for one in await fake.retry()] == [200]
        await town.settled()


@ONCE
async def test_two_sockets_take_turns_and_answer(office: Office, fake: FakeSlack) -> None:
    async with by_sockets(founded(office, fake, socket=True)) as town:
        kim = town.person("park")
        change = {"type": "user_change", "user": kim.profile | {"is_restricted": True}}
        assert (await fake.event(change)).good
        assert (await fake.event({"type": "message"})).good
        assert set(fake.sockets.used) == {0, 1}
        await fake.until(lambda: heartbeats.SOCKET in office.see(heartbeats.ages))
        assert not town.linked("park")
        assert town.edge.routes() == []


@ONCE
async def test_a_socket_that_slack_renews_is_there_again(office: Office, fake: FakeSlack) -> None:
    async with by_sockets(founded(office, fake, socket=True)):
        await fake.sockets.disconnect()
        await fake.until(lambda: len(fake.called("apps.connections.open")) == 3)
        await fake.sockets.until(2)
        assert (await fake.event({"type": "message"})).good


@ONCE
async def test_the_service_starts_without_slack_and_finds_it_later(
    office: Office, fake: FakeSlack, logged: Any
) -> None:
    fake.fail("apps.connections.open", Page(503), Bad("ratelimited", 429, "3"), Page(502))
    async with by_sockets(founded(office, fake, socket=True)):
        assert (await fake.event({"type": "message"})).good
    failed = [line["kind"] for line in logged if line["event"] == "slack_not_connected"]
    assert sorted(failed) == ["NotVendor", "NotVendor", "TooMany"]


class Broken:
    """A connection that stands twice, is broken three times, stands once more, and is gone."""

    def __init__(self, log: list[str]) -> None:
        self.client = self
        self.left = [True, False, False, False, True, *[False] * BROKEN]
        self.log = log

    async def is_connected(self) -> bool:
        stands = self.left.pop(0)
        self.log.append("stands" if stands else "broken")
        return stands


async def test_a_socket_gives_signs_of_life_only_while_it_stands() -> None:
    log: list[str] = []

    async def heard() -> None:
        log.append("heard")

    async def soon(_seconds: float) -> None:
        return

    made = Socket(AsyncApp(token="x"), Client("xapp", "http://127.0.0.1:9/"), soon, heard)
    broken = Broken(log)
    await made._watch(cast(AsyncSocketModeHandler, broken), asyncio.Event())
    assert broken.left == []
    signs = [before for before, after in pairwise(["stands", *log]) if after == "heard"]
    assert signs
    assert set(signs) == {"stands"}


@ONCE
async def test_a_proxy_of_the_environment_gets_neither_token_nor_words(
    office: Office, fake: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with by_sockets(founded(office, fake, socket=True)):
        assert (await fake.event({"type": "message"})).good


async def test_a_request_of_another_road_is_not_taken(door: Town) -> None:
    """An envelope is not a request, whatever it says of itself."""
    sent = Sent("events_api", {"envelope_id": "1", "type": "events_api", "payload": {}})
    assert (await door.fake.deliver(sent)).status in {200, 404}
