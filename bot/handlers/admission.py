"""At the door of the process: who may come in, how much they may carry, what they are shown.

Pure ASGI, because it has to decide before the body is read (S20): under load a request is turned
away with 503 and Retry-After while it is still cheap (`bot.handlers.ladder`). Nothing here knows who asks: no address is
kept or logged (S1), the line in the log has the route's template and nothing of the request.
"""

import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from html import escape
from random import SystemRandom
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import log
from bot.handlers.ladder import Load, Step
from knowledge.procedures import NotKnown
from storage.errors import Busy

_log = log.get(__name__)
_random = SystemRandom()

UNCOUNTED = ("/healthz", "/readyz", "/metrics", "/static/", "/api/chat/events")
"""Probes and long listeners hold no thread; listeners have a limit of their own (S17)."""

COUNTED_THERE = "/slack/events"
"""Wherever the desk stands, these count themselves: who pressed is told that we are busy (S20)."""

FILES = "/api/chat/files"
LARGE = 256 * 2**10
"""Bytes of a form from which on it is taken to carry files."""

BEGUN = frozenset({"telegram", "status", "case", "c", "k", "kept", "mine"})
BEGUN_NEWS = ("/news/confirm/", "/news/mine/", "/news/stop/")
"""Roads on which nobody is new: a messenger's, and those that a code or a link of ours opens."""

CAPS: Sequence[tuple[str, int]] = (
    ("/api/chat/files", 21 * 2**20),  # 20 MB of file and what multipart adds
    ("/plain", 21 * 2**20),
    ("/case", 21 * 2**20),
    ("/desk/", 32 * 2**20),
    ("/telegram/", 2**20),
    (COUNTED_THERE, 2**20),
    ("/", LARGE),
)
"""The largest body by path, first match; 4,000 signs of Korean are 12 kB."""

LINGERS = 64 * 2**20
"""Bytes of a refused body that are read and forgotten. A socket closed while they come is reset by
the kernel, and with it the answer is gone (RFC 9112 9.6): whoever asked would see no 503 at all."""

HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'self'; "
        "base-uri 'none'; manifest-src 'self'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "cache-control": "no-store",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Admission:
    """503 under load, 413 for what is too large, 500 with a number, one log line, headers.

    `say(key, **params)` gives the words of a refusal, in Korean and English at once: at this
    point nobody's language is known. `desk` is where the officials' pages begin and their own
    load, where citizens come in beside them: neither side's crowd closes the other's door.
    """

    def __init__(
        self,
        app: ASGIApp,
        load: Load,
        say: Callable[..., str],
        *,
        hsts: bool = False,
        desk: tuple[str, Load] | None = None,
    ) -> None:
        self._app = app
        self._load = load
        self._say = say
        self._desk = desk
        self._headers = dict(HEADERS)
        if hsts:
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = _Visit(scope, receive, send, self._headers, self._say)
        if scope["path"].startswith(UNCOUNTED) or scope["path"].endswith(COUNTED_THERE):
            await visit.run(self._app)
            return
        load = self._whose(scope["path"])
        if load.refuses(step(scope)):
            await visit.problem(503, "overloaded", {"retry-after": str(_random.randint(5, 30))})
            return
        with load.visit():
            await visit.run(self._app)

    def _whose(self, path: str) -> Load:
        if self._desk is None:
            return self._load
        base, load = self._desk
        return load if path == base or path.startswith(f"{base}/") else self._load


def admitted(
    app: ASGIApp,
    loads: Mapping[str, Load],
    parts: Collection[str],
    base: str,
    say: Callable[..., str],
    *,
    hsts: bool,
) -> Admission:
    """Put the door before the parts that one listener serves; the desk's pages begin at `base`."""
    public, desk = loads["public"], loads["desk"]
    if set(parts) == {"desk"}:
        return Admission(app, desk, say, hsts=hsts)
    return Admission(app, public, say, hsts=hsts, desk=(base, desk) if "desk" in parts else None)


def step(scope: Scope) -> Step:
    """Name the step of the ladder on which a request waits, by what stands before its body.

    Whoever shows a key of ours, whatever it is worth, has begun; so has who comes by a code.
    """
    path: str = scope["path"]
    headers = Headers(scope=scope)
    declared = headers.get("content-length", "")
    form = headers.get("content-type", "").startswith("multipart/")
    if path == FILES or (form and not (declared.isdecimal() and int(declared) <= LARGE)):
        return "files"
    known = "cookie" in headers or "authorization" in headers
    begun = path.lstrip("/").partition("/")[0] in BEGUN or path.startswith(BEGUN_NEWS)
    return "running" if known or begun else "new"


class _Visit:
    """One request on its way through; holds a 5xx back until it is known who answers."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: Mapping[str, str],
        say: Callable[..., str],
    ) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._headers = headers
        self._say = say
        path: str = scope["path"]
        self._most = next(size for prefix, size in CAPS if path.startswith(prefix))
        self._seen = 0
        self._status = 0
        self._held: list[Message] = []

    async def run(self, app: ASGIApp) -> None:
        """Let the application answer, and answer for it where it cannot."""
        began = time.perf_counter()
        declared = Headers(scope=self._scope).get("content-length", "")
        try:
            if declared.isdecimal() and int(declared) > self._most:
                await self.problem(413, "too_large")
                return
            await self._answer(app)
        finally:
            _log.info(
                "request",
                method=self._scope["method"],
                route=template(self._scope),
                status=self._status,
                ms=round((time.perf_counter() - began) * 1000, 1),
            )

    async def _answer(self, app: ASGIApp) -> None:
        try:
            await app(self._scope, self._read, self._write)
        except (Busy, NotKnown):
            # Whatever page it was: the database is away, failing over, or too busy; or only a
            # process of a later release can show it (security S23).
            if self._status:
                raise
            again = str(_random.randint(5, 30))
            await self.problem(503, "overloaded", {"retry-after": again})
            return
        except Exception as error:
            if self._seen <= self._most:
                number = f"{_random.randrange(10**6):06d}"
                _log.error("request_failed", number=number, exc_info=error)
                if self._status:  # the answer had begun: the connection is cut, nothing else helps
                    raise
                await self.problem(500, "error", {"x-error-number": number}, number=number)
                return
        if self._seen > self._most and not self._status:
            await self.problem(413, "too_large")
            return
        for message in self._held:
            await self._pass_on(message)

    async def _read(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > self._most:
            raise HTTPException(413)
        return message

    async def _write(self, message: Message) -> None:
        fails = message["type"] == "http.response.start" and message["status"] >= 500
        if self._held or fails or self._seen > self._most:
            self._held.append(message)
        else:
            await self._pass_on(message)

    async def _pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
        await self._send(message)

    async def problem(
        self, status: int, kind: str, headers: Mapping[str, str] | None = None, **params: str
    ) -> None:
        """Answer with an RFC 9457 problem, or with one line to a person's browser."""
        title = self._say(f"core.{kind}", **params)
        if "text/html" in Headers(scope=self._scope).get("accept", ""):
            data = f'<!doctype html><meta charset="utf-8"><p>{escape(title)}</p>'.encode()
            given = {"content-type": "text/html; charset=utf-8"}
        else:
            body = {"type": f"/problems/{kind}", "title": title, "status": status, "detail": title}
            body["code"] = kind
            data = json.dumps(body, ensure_ascii=False).encode()
            given = {"content-type": "application/problem+json"}
        given |= {"content-length": str(len(data)), **(headers or {})}
        if not _ends(Headers(scope=self._scope)):
            given["connection"] = "close"
        raw = [(name.encode(), value.encode()) for name, value in given.items()]
        self._held = []
        await self._pass_on({"type": "http.response.start", "status": status, "headers": raw})
        await self._pass_on({"type": "http.response.body", "body": data})


def _ends(headers: Headers) -> bool:
    """Tell whether a body comes to an end soon enough to be waited for."""
    if "transfer-encoding" in headers:
        return False
    declared = headers.get("content-length", "0")
    return declared.isdecimal() and int(declared) <= LINGERS


def template(scope: Mapping[str, Any]) -> str:
    """Give the route's template (`/t/{number}`), never the path that was asked for."""
    path = getattr(scope.get("route"), "path", None)
    return str(path) if path else "-"
