import asyncio
import json
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from bot.cli.running import server
from bot.handlers.admission import LARGE, LINGERS, Admission, admitted, step, template
from bot.handlers.ladder import LADDER, SLOW, TURNED_AWAY, Alarm, Load, Step, alarm
from bot.services import pressing
from storage.errors import Busy
from storage.models import heartbeats
from storage.store import Store


def say(key: str, **params: str) -> str:
    return f"{key} {params.get('number', '')}<"


async def echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def fail(request: Request) -> Response:
    raise RuntimeError("홍길동")


async def away(request: Request) -> Response:
    return PlainTextResponse("later", 503, headers={"Retry-After": "3"})


async def busy(request: Request) -> Response:
    raise Busy("the database is away")


async def cached(request: Request) -> Response:
    return PlainTextResponse("x", headers={"Cache-Control": "max-age=3600"})


api = FastAPI()


@api.post("/chat")
async def chat(body: dict[str, str]) -> dict[str, int]:
    return {"n": len(body)}


SITE = Starlette(
    routes=[
        Route("/echo", echo, methods=["POST"]),
        Route("/t/{number}", cached),
        Route("/fail", fail),
        Route("/away", away),
        Route("/busy", busy),
        Route("/healthz", cached),
        Route("/api/chat/files", echo, methods=["POST"]),
        Mount("/api", api),
    ]
)


@dataclass
class Door:
    load: Load = field(default_factory=lambda: Load(4, clock=lambda: 1000.0))
    app: Any = SITE
    hsts: bool = False
    bare: bool = False  # the application is a door itself

    async def ask(
        self,
        path: str,
        body: Sequence[bytes] = (),
        headers: dict[str, str] | None = None,
        method: str = "",
    ) -> tuple[int, dict[str, str], bytes]:
        sent: list[Any] = []
        left = list(body)
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method or ("POST" if body else "GET"),
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(k.encode(), v.encode()) for k, v in (headers or {}).items()],
        }

        async def receive() -> dict[str, Any]:
            if not left:
                return {"type": "http.disconnect"}
            part = left.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(left)}

        async def send(message: Any) -> None:
            sent.append(message)

        door = self.app if self.bare else Admission(self.app, self.load, say, hsts=self.hsts)
        await door(scope, receive, send)
        start = sent[0]
        found = {k.decode(): v.decode() for k, v in start["headers"]}
        data = b"".join(m.get("body", b"") for m in sent[1:])
        return start["status"], found, data


async def test_a_page_without_its_database_asks_to_come_again() -> None:
    status, headers, data = await Door().ask("/busy")
    assert (status, headers["content-type"]) == (503, "application/problem+json")
    assert 5 <= int(headers["retry-after"]) <= 30
    assert b"overloaded" in data


async def test_every_answer_has_the_security_headers() -> None:
    status, headers, _ = await Door(hsts=True).ask("/echo", [b"abc"])
    assert status == 200
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" in headers


async def test_a_handler_that_sets_a_header_keeps_it() -> None:
    _, headers, _ = await Door().ask("/t/2026-ABC")
    assert headers["cache-control"] == "max-age=3600"
    assert "strict-transport-security" not in headers


async def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    status, headers, data = await Door().ask("/echo", [b"x"], {"content-length": str(2**20)})
    assert status == 413
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(data)["status"] == 413


@pytest.mark.parametrize("path", ["/echo", "/api/chat"])
async def test_a_body_that_hides_its_length_is_cut_off(path: str) -> None:
    body = [b"x" * 200_000, b"x" * 200_000]
    status, headers, data = await Door().ask(path, body, {"content-type": "application/json"})
    assert status == 413
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(data)["type"] == "/problems/too_large"


async def test_files_may_be_larger_than_words() -> None:
    status, _, data = await Door().ask("/api/chat/files", [b"x" * 2**20])
    assert (status, data) == (200, b"1048576")


async def test_a_bug_is_answered_with_a_number_that_stands_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    status, headers, data = await Door().ask("/fail")
    assert status == 500
    number = headers["x-error-number"]
    assert number in json.loads(data)["title"]
    assert "홍길동" not in data.decode()


async def test_a_browser_gets_words_and_no_json() -> None:
    status, headers, data = await Door().ask("/fail", headers={"accept": "text/html,*/*"})
    assert status == 500
    assert headers["content-type"].startswith("text/html")
    assert b"&lt;" in data


async def test_a_refusal_of_the_handler_itself_passes() -> None:
    status, headers, data = await Door().ask("/away")
    assert (status, headers["retry-after"], data) == (503, "3", b"later")


async def test_an_answer_that_breaks_off_is_cut_and_not_answered_twice() -> None:
    async def breaks(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await Door(app=breaks).ask("/echo")


async def test_a_full_house_turns_newcomers_away_before_their_body() -> None:
    door = Door()
    door.load.inside = 4
    status, headers, _ = await door.ask("/echo", [b"x"])
    assert status == 503
    assert 5 <= int(headers["retry-after"]) <= 30
    assert door.load.refused == {"new": 1}
    assert (await door.ask("/healthz"))[0] == 200


RUNNING = {"cookie": "__Host-chat=x", "content-type": "application/json"}
NEW = {"content-type": "application/json"}
FORM = {**RUNNING, "content-type": "multipart/form-data; boundary=x"}


async def waits(door: Door) -> list[Step]:
    """Ask on each step; gives those on which we are told to come later."""
    asked: dict[Step, tuple[int, dict[str, str], bytes]] = {
        "files": await door.ask("/api/chat/files", [b"x"], RUNNING),
        "new": await door.ask("/api/chat", [b"{}"], NEW),
        "running": await door.ask("/api/chat", [b"{}"], RUNNING),
    }
    assert {answer[0] for answer in asked.values()} <= {200, 503}
    return [name for name, answer in asked.items() if answer[0] == 503]


def test_each_step_of_the_ladder_begins_after_the_one_before() -> None:
    assert list(LADDER) == ["newsletters", "rerank", "files", "new", "running"]
    assert list(LADDER.values()) == sorted(set(LADDER.values()))
    assert LADDER["running"] == 1


async def test_under_load_files_wait_first_then_new_conversations_then_all() -> None:
    door = Door(Load(20, clock=lambda: 1000.0))
    taken: dict[int, tuple[list[Step], list[Step]]] = {}
    for door.load.inside in range(21):
        inner = [step for step in LADDER if step not in TURNED_AWAY and door.load.at(step)]
        taken[door.load.inside] = (inner, await waits(door))
    assert taken[9] == ([], [])
    assert taken[10] == (["newsletters"], [])
    assert taken[11] == (["newsletters", "rerank"], [])
    assert taken[12] == (["newsletters", "rerank"], ["files"])
    assert taken[15] == (["newsletters", "rerank"], ["files", "new"])
    assert taken[19] == taken[15]
    assert taken[20] == (["newsletters", "rerank"], ["files", "new", "running"])
    assert set(door.load.refused) == {"files", "new", "running"}


@pytest.mark.parametrize(
    ("path", "headers", "on"),
    [
        ("/api/chat", NEW, "new"),
        ("/plain", {}, "new"),
        ("/cases", {}, "new"),
        ("/", {}, "new"),
        ("/api/chat", {"authorization": "Bearer x"}, "running"),
        ("/plain", RUNNING, "running"),
        ("/telegram/webhook", {}, "running"),
        ("/status", {}, "running"),
        ("/c/look", {}, "running"),
        ("/news/stop/token", {}, "running"),
        ("/news/2026-11", {}, "new"),
        ("*", {}, "new"),
        ("/case", {**FORM, "content-length": str(LARGE)}, "running"),
        ("/case", {**FORM, "content-length": str(LARGE + 1)}, "files"),
        ("/plain", FORM, "files"),
    ],
)
def test_on_which_step_somebody_waits_is_seen_before_the_body(
    path: str, headers: dict[str, str], on: Step
) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    assert step({"type": "http", "path": path, "headers": raw}) == on


async def test_a_crowd_of_citizens_does_not_shut_the_door_of_the_desk_nor_theirs() -> None:
    public, desk = Load(4, inside=4), Load(4)
    loads = {"public": public, "desk": desk}

    async def asked(path: str, parts: tuple[str, ...] = ("public", "hooks", "desk")) -> int:
        door = admitted(SITE, loads, parts, "/t", say, hsts=False)
        return (await Door(app=door, bare=True).ask(path, headers=RUNNING))[0]

    assert await asked("/echo") == 503
    assert await asked("/t/2026-ABC") == 200
    public.inside, desk.inside = 0, 4
    assert await asked("/t/2026-ABC") == 503
    assert await asked("/echo") == 405  # a page of citizens: let in
    assert await asked("/echo", ("desk",)) == 503  # alone it owns the root


def test_there_is_room_for_so_many_as_may_still_come() -> None:
    load = Load(20, clock=lambda: 1000.0)
    assert load.room("running") == 20
    load.inside = 19
    assert load.room("running") == 1
    load.inside = 20
    assert load.room("running") == 0


@pytest.fixture
def alarmed(store: Store) -> Iterator[tuple[Alarm, Load, ThreadPoolExecutor]]:
    load = Load(4)
    with ThreadPoolExecutor(1) as own:
        yield alarm(store, {"public": load, "desk": Load(4)}, ("public",)), load, own


async def test_whoever_is_full_tells_every_process_and_it_ends_by_itself(
    alarmed: tuple[Alarm, Load, ThreadPoolExecutor], store: Store
) -> None:
    bell, load, own = alarmed
    await bell.look(own)
    assert not store.read(pressing.pressed)
    load.inside = 2
    await bell.look(own)
    assert store.read(pressing.pressed)
    load.inside = 0
    old = datetime.now(UTC) - timedelta(seconds=pressing.LASTS + 1)
    store.transact(lambda unit: unit.conn.execute(heartbeats.update().values(at=old)), None)
    await bell.look(own)
    assert not store.read(pressing.pressed)


async def test_an_alarm_looks_until_the_end_and_survives_a_database_that_is_away() -> None:
    tells: list[Exception | None] = [Busy("away"), RuntimeError("a bug"), None]
    stop, said = asyncio.Event(), iter(tells)

    def tell() -> None:
        error = next(said)
        if error is not None:
            raise error
        loop.call_soon_threadsafe(stop.set)

    async def at_once(_seconds: float) -> None:
        await asyncio.sleep(0)

    loop = asyncio.get_running_loop()
    await asyncio.wait_for(Alarm([Load(1, inside=1)], tell, at_once).run(stop), 60)
    assert next(said, "all told") == "all told"


async def test_a_long_wait_for_the_database_turns_newcomers_away_and_then_everybody() -> None:
    now = [0.0]
    load = Load(100, clock=lambda: now[0])
    door = Door(load)
    begun = load.enters()
    now[0] += SLOW / 2
    load.enters()()
    assert await waits(door) == []
    now[0] += SLOW / 2
    assert await waits(door) == ["files", "new"]
    now[0] += SLOW / 2
    assert await waits(door) == ["files", "new", "running"]
    begun()
    begun()
    assert (load.wait, await waits(door)) == (0.0, [])


async def test_what_is_no_request_passes() -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    await Admission(app, Load(1), say)({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
    assert seen == ["lifespan"]


def test_the_log_names_the_template_and_never_the_path() -> None:
    assert template({"route": Route("/t/{number}", echo), "path": "/t/2026-7K3M"}) == "/t/{number}"
    assert template({"path": "/t/2026-7K3M"}) == "-"


async def test_who_is_turned_away_while_he_still_sends_reads_why() -> None:
    """Head and body leave a client one after the other, and under load much lies between them."""
    load = Load(1, inside=1, clock=lambda: 1000.0)
    door = server(Admission(SITE, load, say), "127.0.0.1", 0)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(door.serve(sockets=[listener]))
        asked, answer = await asyncio.open_connection(*listener.getsockname())
        try:
            answer.write(b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nab")
            assert b" 503 " in await asked.readuntil(b"\r\n\r\n")
            answer.write(b"cd")
            answer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            assert b"HTTP/1.1 200 OK" in await asked.read()
        finally:
            answer.close()
            door.should_exit = True
            await serving


@pytest.mark.parametrize(
    ("given", "closes"),
    [
        ({}, False),
        ({"content-length": "9"}, False),
        ({"content-length": str(LINGERS)}, False),
        ({"content-length": str(LINGERS + 1)}, True),
        ({"content-length": "nine"}, True),
        ({"transfer-encoding": "chunked"}, True),
    ],
)
async def test_a_refused_body_is_waited_for_if_it_ends(
    given: dict[str, str], closes: bool
) -> None:
    load = Load(1, inside=1, clock=lambda: 1000.0)
    status, headers, _ = await Door(load).ask("/echo", [b"x"], given)
    assert status == 503
    assert ("connection" in headers) is closes
