"""What is refused before anybody thinks about it: too much, too often, from elsewhere (S20, S34)."""

import hashlib
import ipaddress
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.handlers.chat.problems import Trouble

Refuse = Callable[[Trouble], ASGIApp]


@dataclass(frozen=True, slots=True)
class WebLimits:
    """What one process takes.

    `json_bytes` holds 4,000 signs many times over: what is longer gets its answer from the
    dialog. `uploads` counts the calls that hold files in memory at the same time.
    `turns` and `starts` are (how many at once, seconds for one more), per conversation and per
    network: many people share one address in an office, a library, a mobile network.
    """

    json_bytes: int = 256 * 1024
    file_bytes: int = 20 * 1024 * 1024
    upload_bytes: int = 21 * 1024 * 1024
    files: int = 5
    uploads: int = 4
    turns: tuple[int, float] = (30, 1.0)
    starts: tuple[int, float] = (120, 15.0)
    looks: tuple[int, float] = (20, 36.0)
    searches: tuple[int, float] = (120, 0.5)
    listeners: int = 5000
    per_conversation: int = 3


class Rates:
    """How often, as GCRA in memory; forgets whoever has been quiet.

    The database's own budgets (receiver, services) hold over all processes; these only keep one
    process from working for one noisy neighbour.
    """

    def __init__(self, now: Callable[[], datetime], most: int = 50_000) -> None:
        self._now = now
        self._most = most
        self._until: OrderedDict[str, datetime] = OrderedDict()

    def check(self, key: str, rate: tuple[int, float]) -> None:
        """Count one; raises `Trouble` too_many with the seconds to wait."""
        burst, seconds = rate
        now = self._now()
        step = timedelta(seconds=seconds)
        until = max(self._until.get(key, now), now) + step
        over = until - now - burst * step
        if over > timedelta(0):
            raise Trouble("too_many", retry_after=int(over.total_seconds()) + 1)
        self._until[key] = until
        self._until.move_to_end(key)
        while len(self._until) > self._most:
            self._until.popitem(last=False)


class Networks:
    """Names a network without keeping an address: cut, salted, a new salt each day (S1)."""

    def __init__(self, now: Callable[[], datetime], random: Callable[[int], bytes]) -> None:
        self._now = now
        self._random = random
        self._day: date | None = None
        self._salt = b""

    def name(self, host: str | None) -> str:
        """Give the day's name of the network that `host` belongs to."""
        today = self._now().date()
        if today != self._day:
            self._day, self._salt = today, self._random(16)
        return hashlib.blake2b(_cut(host).encode(), key=self._salt, digest_size=12).hexdigest()


def _cut(host: str | None) -> str:
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return "?"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    bits = 24 if address.version == 4 else 56
    return str(ipaddress.ip_network((address, bits), strict=False))


def own_origin(headers: Headers, origins: frozenset[str]) -> bool:
    """Tell whether a request with our cookie may come from where it says it comes from.

    Browsers leave Origin out of their own GETs, and say "null" where a form is posted from a page
    that sends no referrer, as ours do; Sec-Fetch-Site tells then. What says neither is an old
    browser or no browser: another site's page could not bring the cookie (SameSite=Strict).
    """
    origin = headers.get("origin", "null")
    if origin not in origins and origin != "null":
        return False
    return headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}


class SmallBodies:
    """Read a body only as far as it may go; larger ones get 413 and are not read on."""

    def __init__(
        self, app: ASGIApp, *, most: int, refuse: Refuse, spare: Callable[[Scope], bool]
    ) -> None:
        self.app = app
        self.most = most
        self.refuse = refuse
        self.spare = spare

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.spare(scope):
            await self.app(scope, receive, send)
            return
        body = await read_body(scope, receive, self.most)
        if body is None:
            await self.refuse(Trouble("too_large"))(scope, receive, send)
            return
        await self.app(scope, _replay(body, receive), send)


def declared(scope: Scope) -> int:
    """Give the length that the headers claim; 0 when they claim none."""
    claimed = Headers(scope=scope).get("content-length", "0")
    return int(claimed) if claimed.isascii() and claimed.isdigit() else 0


async def read_body(scope: Scope, receive: Receive, most: int) -> bytes | None:
    """Read a whole body; None as soon as it is longer than `most`, whatever was claimed."""
    if declared(scope) > most:
        return None
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Callable[[], Awaitable[Message]]:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
