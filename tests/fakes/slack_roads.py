"""How Slack reaches us: signed requests to our address, or envelopes over a socket of ours."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

import aiohttp
from aiohttp import WSMsgType, web

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.fakes.slack import FakeSlack

PATIENCE = 3.0
"""Seconds of Slack's clock in which it wants an answer."""

STUCK = 10.0
"""Seconds of a real clock after which a test is told that nothing will come."""

MOST_SOCKETS = 10


@dataclass(frozen=True)
class Answer:
    """What came back: `status` 0 without any; `took` in seconds of Slack's clock."""

    status: int
    body: Any = None
    took: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300 and self.took <= PATIENCE


@dataclass(frozen=True)
class Sent:
    """Something on its way to us. `kind`: slash_commands, interactive, events_api."""

    kind: str
    payload: dict[str, Any]
    retry: int = 0
    reason: str = ""


class Road(Protocol):
    async def send(self, sent: Sent) -> Answer: ...


class Signed:
    """Requests to our address, signed (docs.slack.dev, verifying requests)."""

    def __init__(self, fake: FakeSlack, url: str) -> None:
        self._fake = fake
        self._url = url

    async def send(self, sent: Sent) -> Answer:
        body, kind = self.body(sent)
        headers = {"Content-Type": kind, **self.signature(body)}
        if sent.retry:
            headers["X-Slack-Retry-Num"] = str(sent.retry)
            headers["X-Slack-Retry-Reason"] = sent.reason
        return await self.post(body, headers)

    @staticmethod
    def body(sent: Sent) -> tuple[bytes, str]:
        form = "application/x-www-form-urlencoded"
        match sent.kind:
            case "slash_commands":
                return urlencode(sent.payload).encode(), form
            case "interactive":
                return urlencode({"payload": json.dumps(sent.payload)}).encode(), form
        return json.dumps(sent.payload).encode(), "application/json"

    def signature(self, body: bytes, at: float | None = None) -> dict[str, str]:
        stamp = str(int(self._fake.time if at is None else at))
        base = b"v0:" + stamp.encode() + b":" + body
        digest = hmac.new(self._fake.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post any bytes with any headers: what a stranger can do."""
        began = self._fake.clock
        async with (
            asyncio.timeout(STUCK),
            aiohttp.ClientSession() as session,
            session.post(self._url, data=body, headers=headers) as response,
        ):
            raw = await response.read()
            took = self._fake.clock - began
            try:
                said = json.loads(raw) if raw else None
            except ValueError:
                said = raw.decode()
            return Answer(response.status, said, took, response.headers)


class Sockets:
    """Socket Mode: each envelope goes to one of our sockets, and to no other."""

    def __init__(self, fake: FakeSlack) -> None:
        self._fake = fake
        self._tickets: set[str] = set()
        self._acks: dict[str, asyncio.Future[Any]] = {}
        self._numbers = itertools.count(1)
        self._turn = itertools.count()
        self._changed = asyncio.Event()
        self.open: list[web.WebSocketResponse] = []
        self.used: list[int] = []  # which of our sockets got each envelope

    def ticket(self) -> str:
        name = f"t{next(self._numbers)}"
        self._tickets.add(name)
        return f"{self._fake.url.replace('http:', 'ws:')}/link?ticket={name}"

    async def until(self, count: int) -> None:
        """Wait until so many sockets are open."""
        async with asyncio.timeout(STUCK):
            while len(self.open) != count:
                self._changed.clear()
                await self._changed.wait()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets or len(self.open) >= MOST_SOCKETS:
            return web.Response(status=403)
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.open.append(socket)
        hello = {"type": "hello", "num_connections": len(self.open)}
        await socket.send_json({**hello, "connection_info": {"app_id": self._fake.app_id}})
        self._changed.set()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._heard(message.data)
        finally:
            self.open.remove(socket)
            self._changed.set()
        return socket

    def _heard(self, data: str) -> None:
        try:
            said = json.loads(data)
        except ValueError:
            return  # the client's own ping
        waiting = self._acks.pop(said.get("envelope_id", ""), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(said.get("payload"))

    async def send(self, sent: Sent) -> Answer:
        if not self.open:
            return Answer(0)
        which = next(self._turn) % len(self.open)
        self.used.append(which)
        name = f"e{next(self._numbers)}"
        envelope: dict[str, Any] = {
            "envelope_id": name,
            "type": sent.kind,
            "payload": sent.payload,
            "accepts_response_payload": sent.kind != "events_api",
        }
        if sent.kind == "events_api":
            envelope |= {"retry_attempt": sent.retry, "retry_reason": sent.reason}
        waiting = self._acks[name] = asyncio.get_running_loop().create_future()
        began = self._fake.clock
        await self.open[which].send_json(envelope)
        try:
            async with asyncio.timeout(self._fake.stuck):
                body = await waiting
        except TimeoutError:
            return Answer(0, took=self._fake.clock - began)
        return Answer(200, body, self._fake.clock - began)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask one socket to come again, as Slack does every few hours, and close it."""
        socket = self.open[0]
        await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})
        await socket.close()

    async def close(self) -> None:
        for socket in tuple(self.open):
            await socket.close()
