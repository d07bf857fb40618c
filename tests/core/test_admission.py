import asyncio
import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from bot.cli.running import server
from bot.handlers.admission import KEEPS, LINGERS, SLOW, Admission, Load, template
from storage.errors import Busy


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

        await Admission(self.app, self.load, say, hsts=self.hsts)(scope, receive, send)
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
    assert door.load.refused == 1
    assert (await door.ask("/healthz"))[0] == 200


async def test_under_load_files_wait_first_then_new_conversations_then_all() -> None:
    door = Door()
    running = {"cookie": "__Host-chat=x", "content-type": "application/json"}

    async def three() -> tuple[int, int, int]:
        files = await door.ask("/api/chat/files", [b"x"])
        new = await door.ask("/api/chat", [b"{}"], {"content-type": "application/json"})
        old = await door.ask("/api/chat", [b"{}"], running)
        return files[0], new[0], old[0]

    assert await three() == (200, 200, 200)
    door.load.inside = 2
    assert await three() == (503, 200, 200)
    door.load.inside = 3
    assert await three() == (503, 503, 200)
    door.load.inside = 4
    assert await three() == (503, 503, 503)


async def test_a_long_wait_for_the_database_closes_the_door_for_a_while() -> None:
    now = [1000.0]
    load = Load(100, clock=lambda: now[0])
    door = Door(load)
    load.waited(SLOW)
    load.inside = 1
    assert (await door.ask("/echo", [b"x"]))[0] == 503
    now[0] += KEEPS
    assert (await door.ask("/echo", [b"x"]))[0] == 200


async def test_one_slow_turn_turns_nobody_away_from_an_empty_house() -> None:
    load = Load(100, clock=lambda: 1000.0)
    load.waited(SLOW * 4)
    new = {"content-type": "application/json"}
    assert (await Door(load).ask("/api/chat", [b"{}"], new))[0] == 200
    load.inside = 1
    assert (await Door(load).ask("/api/chat", [b"{}"], new))[0] == 503


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
