"""From request to ack: signed `/civic` commands at a steady rate against the whole service.

The service runs as it does on one machine (SQLite, its worker beside it); the peer is slack-bolt
alone, which acknowledges at once and knows nothing. Both are measured in one run, in turn.
"""

import asyncio
import itertools
import socket
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import uvicorn
from aiohttp import web
from pydantic import SecretStr
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.app import App
from bot.handlers.slack.transport import PATH
from bot.services import linking, listing, officials
from bot.services.listing import Wanted
from bot.settings import Settings
from storage.unit import Unit

HOST = "127.0.0.1"
SECRET, TOKEN, TEAM = "bench", "xoxb-bench", "T0BENCH"
PEOPLE = ("han", "seo", "yoon")
KINDS = 8
LIMIT = 300.0
"""Milliseconds that nineteen of twenty may take; Slack waits for three seconds."""

Signed = tuple[bytes, dict[str, str]]
Opens = Callable[[Path, Callable[[Settings], Settings]], App]
"""Opens a city that people have lived in for weeks, in a folder, by settings changed like this."""


async def measure(opens: Opens, rate: int, seconds: int, rounds: int) -> dict[str, Any]:
    """Give milliseconds from request to ack of the service and of the peer, by round's median."""
    async with _vendor() as vendor, _service(opens, vendor) as (ours, numbers), _peer() as peer:
        words = _words(numbers)
        rows = []
        for url in (ours, peer):  # what is made once is made before it is measured
            await _paced(url, _signed(words, vendor, 2 * KINDS), rate)
        for _ in range(rounds):
            for name, url in (("적극톡", ours), ("slack-bolt alone", peer)):
                sent = _signed(words, vendor, rate * seconds)
                rows.append({"program": name, **await _paced(url, sent, rate)})
    found = {name: _middle([row for row in rows if row["program"] == name]) for name in
             ("적극톡", "slack-bolt alone")}  # fmt: skip
    mine, other = found["적극톡"], found["slack-bolt alone"]
    return {
        "rate_per_s": rate,
        "rounds": rounds,
        "rows": found,
        "p95_ratio_to_bolt": round(mine["p95_ms"] / other["p95_ms"], 2),
        "within_limit": mine["p95_ms"] < LIMIT and not mine["refused"],
    }


def _middle(rows: list[dict[str, Any]]) -> dict[str, float]:
    keys = ("count", "refused", "p50_ms", "p95_ms", "most_ms")
    return {key: round(statistics.median(row[key] for row in rows), 2) for key in keys}


def _words(numbers: list[str]) -> Iterator[str]:
    """Give what officials type: lists, a number, a slip of the finger, a question."""
    for number in itertools.cycle(numbers):
        yield from ("대기", "내 일", number, "대긔", "지남", "도움말", "사례 도로 파손", "mine")


def _signed(words: Iterator[str], vendor: str, count: int) -> Iterator[Signed]:
    verifier = SignatureVerifier(SECRET)
    for place in range(count):
        body = urlencode(
            {
                "command": "/civic",
                "text": next(words),
                "team_id": TEAM,
                "user_id": _address(PEOPLE[place % len(PEOPLE)]),
                "channel_id": "D0BENCH",
                "trigger_id": f"{time.time_ns()}.{place}",
                "response_url": f"{vendor}/respond",
                "api_app_id": "A0BENCH",
            }
        ).encode()
        at = str(int(time.time()))
        signature = verifier.generate_signature(timestamp=at, body=body) or ""
        yield (
            body,
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Slack-Request-Timestamp": at,
                "X-Slack-Signature": signature,
            },
        )


async def _paced(url: str, sent: Iterator[Signed], rate: int) -> dict[str, float]:
    """Send at a steady rate, whatever comes back when: a slow answer delays no other request."""
    took: list[float] = []
    refused = 0

    async def one(session: aiohttp.ClientSession, body: bytes, headers: dict[str, str]) -> None:
        nonlocal refused
        began = time.perf_counter()
        async with session.post(url, data=body, headers=headers) as answer:
            await answer.read()
            refused += answer.status != 200
        took.append((time.perf_counter() - began) * 1000)

    async with aiohttp.ClientSession() as session:
        begun, going = time.perf_counter(), []
        for place, (body, headers) in enumerate(sent):
            await asyncio.sleep(max(0.0, begun + place / rate - time.perf_counter()))
            going.append(asyncio.ensure_future(one(session, body, headers)))
        await asyncio.gather(*going)
    took.sort()
    return {
        "count": len(took),
        "refused": refused,
        "p50_ms": took[len(took) // 2],
        "p95_ms": took[int(len(took) * 0.95)],
        "most_ms": took[-1],
    }


@asynccontextmanager
async def _vendor() -> AsyncIterator[str]:
    """Answer for Slack: everything is well."""

    async def well(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "team_id": TEAM, "user_id": "U0BOT"})

    made = web.Application()
    made.router.add_route("*", "/{path:.*}", well)
    runner = web.AppRunner(made, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0)
    await site.start()
    try:
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _service(opens: Opens, vendor: str) -> AsyncIterator[tuple[str, list[str]]]:
    with tempfile.TemporaryDirectory() as folder:
        app = await asyncio.to_thread(opens, Path(folder) / "data", partial(_slack, vendor))
        numbers = await asyncio.to_thread(_linked, app)
        base = urlsplit(app.settings.desk_url).path.rstrip("/")
        async with _served(app.asgi(), base) as url:
            yield url, numbers
        app.close()


def _slack(vendor: str, given: Settings) -> Settings:
    slack = {
        "slack_bot_token": SecretStr(TOKEN),
        "slack_signing_secret": SecretStr(SECRET),
        "slack_team": TEAM,
        "slack_api_url": f"{vendor}/api",
        "slack_mode": "http",
    }
    return given.model_copy(update=slack)


def _linked(app: App) -> list[str]:
    """Tie some officials to their accounts; gives the numbers that the first of them may see."""
    known = {who.login: who for who in app.store.read(officials.everybody)}

    def tie(unit: Unit, login: str) -> None:
        actor = officials.at_desk(app.svc, unit, known[login])
        code = linking.offer(app.svc, unit, actor)
        linking.link(app.svc, unit, TEAM, _address(login), code)

    for login in PEOPLE:
        app.store.transact(partial(tie, login=login), None)

    def seen(unit: Unit) -> list[str]:
        actor = officials.at_desk(app.svc, unit, known[PEOPLE[0]])
        return [row.number for row in listing.rows(app.svc, unit, actor, Wanted(show="all"))]

    return app.store.read(seen)


def _address(login: str) -> str:
    return f"U0{login.upper()}"


@asynccontextmanager
async def _peer() -> AsyncIterator[str]:
    async def known(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=TEAM,
            bot_token=TOKEN,
            bot_id="B0BENCH",
            bot_user_id="U0BOT",
        )

    bolt = AsyncApp(signing_secret=SECRET, authorize=known, process_before_response=True)

    @bolt.command("/civic")
    async def answered(ack: Callable[..., Awaitable[Any]]) -> None:
        await ack("네")

    handler = AsyncSlackRequestHandler(bolt)

    async def take(request: Request) -> Response:
        return await handler.handle(request)

    async with _served(Starlette(routes=[Route(PATH, take, methods=["POST"])])) as url:
        yield url


@asynccontextmanager
async def _served(asgi: ASGIApp, base: str = "") -> AsyncIterator[str]:
    with socket.create_server((HOST, 0)) as listening:
        made = uvicorn.Server(uvicorn.Config(asgi, access_log=False, log_config=None))
        going = asyncio.ensure_future(made.serve([listening]))
        try:
            yield f"http://{HOST}:{listening.getsockname()[1]}{base}{PATH}"
        finally:
            made.should_exit = True
            await going
