"""Citizens at the public API, in open loop: nobody waits for another's answer before he begins.

Each says when he meant to speak (`due`): a call that left late, because whoever measures was busy
himself, counts from that moment all the same, so that no wait is left out (coordinated omission).
Who is told to come later does, after the time that he was told, under the same number.
"""

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.bench.fleet import PUBLIC_HOST

PATIENCE = 60.0
"""Seconds after which somebody takes a call for lost and says the same again."""
AGAIN = 1.0
"""Seconds until then where nothing came back at all."""
LATER = frozenset({0, 429, 503})
"""Answers after which the same is said again; another is a fault, and the talk ends."""

REPORT: tuple[Mapping[str, Any], ...] = (
    {"command": "report"},
    *(
        {"text": text}
        for text in (
            "네, 답을 들었는데 그대로예요",
            "없어요",
            "10월부터 중앙시장 앞 길이 파여서 세 번 전화했는데 그대로예요.",
            "다 썼어요",
            "길을 고쳐 주세요.",
            "모르겠어요",
            "없어요",
            "이름을 밝히고 답 받기",
            "홍길동",
            "가온시 중앙로 12",
            "우편(종이)",
            "먼저 저에게 물어보기",
            "안내를 보았고 이대로 내기",
        )
    ),
)
"""A whole report, one line for each turn; the last files it."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call. Times are seconds of our own clock; `status` 0: nothing came back.

    `step` 0 begins a conversation. `after` are the seconds of Retry-After, `tries` counts from 1.
    """

    who: int
    step: int
    tries: int
    due: float
    sent: float
    done: float
    status: int
    after: float

    @property
    def seconds(self) -> float:
        return self.done - self.due


@dataclass
class Citizen:
    """Somebody who reports. `receipts` are the numbers that he was shown."""

    http: aiohttp.ClientSession
    base: str
    number: int
    tell: Callable[[Call], None] = lambda _call: None
    script: Sequence[Mapping[str, Any]] = REPORT
    step: int = 0
    secret: str = ""
    receipts: list[str] = field(default_factory=list)

    @property
    def done(self) -> bool:
        return self.step >= len(self.script)

    async def say(self, due: float, tries: int = 1) -> Call:
        """Say the next line once; the line is said when the answer was 200."""
        body = {"id": f"c{self.number}.{self.step}", "lang": "ko", "pages": False}
        sent = time.monotonic()
        status, after, data = 0, AGAIN, b""
        try:
            async with self.http.post(
                f"{self.base}/api/chat", json={**body, **self.script[self.step]},
                headers=self._headers(), timeout=aiohttp.ClientTimeout(PATIENCE),
            ) as answer:  # fmt: skip
                data, status = await answer.read(), answer.status
                after = float(answer.headers.get("retry-after", AGAIN))
        except (aiohttp.ClientError, TimeoutError):
            pass
        call = Call(self.number, self.step, tries, due, sent, time.monotonic(), status, after)
        if status == 200:
            self._hear(data)
            self.step += 1
        self.tell(call)
        return call

    async def talk(
        self,
        due: float,
        think: Callable[[], float],
        *,
        until: float = float("inf"),
        begins_by: float = float("inf"),
        gives_up: int = 10,
    ) -> None:
        """Say everything, `think()` seconds between an answer and the next line.

        After `until` nothing more is said. Who cannot begin by `begins_by`, or after `gives_up`
        tries, goes home.
        """
        tries = 1
        while not self.done and due < (until if self.step else min(until, begins_by)):
            await asyncio.sleep(due - time.monotonic())
            call = await self.say(due, tries)
            if call.status == 200:
                due, tries = call.done + think(), 1
                continue
            tries += 1
            if call.status not in LATER or (self.step == 0 and tries > gives_up):
                return
            due = call.done + max(AGAIN, call.after)

    def _headers(self) -> dict[str, str]:
        # Each comes from a network of his own, as a proxy in front would say it.
        high, low = divmod(self.number, 256)
        known = {"authorization": f"Bearer {self.secret}"} if self.secret else {}
        address = f"{11 + high // 256 % 80}.{high % 256}.{low}.7"
        return {"host": PUBLIC_HOST, "x-forwarded-for": address, **known}

    def _hear(self, data: bytes) -> None:
        """Keep the conversation's secret and what the receipt says; the rest is not looked at."""
        if self.step not in {0, len(self.script) - 1}:
            return
        given = json.loads(data)
        self.secret = given.get("conversation", self.secret)
        for reply in given["replies"]:
            if reply.get("receipt"):
                self.receipts.append(reply["receipt"]["number"])


def session() -> aiohttp.ClientSession:
    """Make connections for any number of citizens; each keeps his own secret, none a cookie."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=10)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


@dataclass
class Crowd:
    """Those who come to some addresses; `calls` are all that were made, in the order of their ends."""

    http: aiohttp.ClientSession
    bases: Sequence[str]
    script: Sequence[Mapping[str, Any]] = REPORT
    calls: list[Call] = field(default_factory=list)
    people: list[Citizen] = field(default_factory=list)
    _going: set["asyncio.Task[None]"] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(len(self.people))

    def one(self) -> Citizen:
        """Give one more of them."""
        number = next(self._numbers)
        base = self.bases[number % len(self.bases)]
        self.people.append(Citizen(self.http, base, number, self.calls.append, self.script))
        return self.people[-1]

    async def come(
        self,
        begins: Sequence[float],
        think: Callable[[], float],
        *,
        until: float = float("inf"),
        begins_by: float = float("inf"),
        gives_up: int = 10,
    ) -> None:
        """Let one begin at each of these moments (our clock), whatever became of the others."""
        for due in begins:
            await asyncio.sleep(due - time.monotonic())
            one = self.one()
            task = asyncio.create_task(
                one.talk(due, think, until=until, begins_by=begins_by, gives_up=gives_up)
            )
            self._going.add(task)
            task.add_done_callback(self._going.discard)

    async def gone(self) -> None:
        """Wait until everybody is through."""
        while self._going:
            await asyncio.gather(*self._going)

    def receipts(self) -> list[str]:
        """Give every number that was shown to somebody."""
        return [number for one in self.people for number in one.receipts]


def share(values: Sequence[float], part: float) -> float:
    """Give the value below which this part of them lies (0.95: the 95th percentile)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0
