"""Everybody talks at once: who waits how long, in a time that is moved by hand (security S19).

The real workers, ledger and rates on a real database; three processes' worth of workers send the
answers that are born leased, two claim. What is moved are the clocks, so ten minutes take one and
come out the same every time: the database's clock is the host's on SQLite, and that is given.
"""

import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import App, build
from bot.bench import ours, readers
from bot.bench.reckoning import over_rate
from bot.channel import Delivered, Delivery, Limits, Parcel, Preview
from bot.dialogs.replies import News, Phrase, Say, dump
from bot.receive import Born
from bot.worker import Worker, chats
from storage.repositories import outbox, peers
from storage.unit import Unit

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 10:00 in Seoul: nobody rests
STEP = 0.1
"""Seconds that the clock is moved by."""
PER_SECOND, PER_CHAT = 30.0, 1.0
FLUSHERS, SENDERS = 3, 2
READER = 1_000_000
FLOODER, OFTEN = "flooder", 20
"""Who writes all the time, and that every so many messages are his."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many talk, how often in all, who else is to be written to, for how many seconds."""

    accounts: int = 10_000
    talk: float = 100.0
    receipts: int = 100
    notices: int = 100
    readers: int = 10_000
    seconds: float = 180.0


@dataclass
class Moved:
    """A clock that is moved by hand: monotonic, of the day, and the database's."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at

    def now(self) -> datetime:
        return MONDAY + timedelta(seconds=self.at)

    def micros(self) -> int:
        return (self.now() - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@dataclass
class Meter:
    """A messenger that takes everything and notes when, for whom, of what."""

    clock: Moved
    name: str = "telegram"
    limits: Limits = field(
        default_factory=lambda: Limits(4096, 0, per_second=PER_SECOND, per_chat=PER_CHAT)
    )
    taken: list[tuple[float, str, str]] = field(default_factory=list)

    def preview(self, parcel: Parcel) -> Preview:
        return Preview(parcel.address)

    async def deliver(self, parcel: Parcel) -> Delivery:
        """Accept it at once."""
        self.taken.append((self.clock.at, parcel.address, _what(parcel)))
        return Delivered("1")

    async def fetch(self, locator: str, most: int) -> bytes:
        """There are no files here."""
        raise LookupError(locator, most)


def _what(parcel: Parcel) -> str:
    """Name what it is: news, or by the words that this bench has put there."""
    if isinstance(parcel.reply, News):
        return "news"
    text = getattr(parcel.reply, "text", None)
    inner = text.params.get("text", text) if isinstance(text, Phrase) else None
    return str(inner.params["what"]) if isinstance(inner, Phrase) else ""


@dataclass
class Town:
    """An installation on a moved clock, its processes' workers, and what was asked when."""

    app: App
    clock: Moved
    meter: Meter
    flushers: Sequence[Worker] = ()
    senders: Sequence[Worker] = ()
    asked: dict[tuple[str, str], float] = field(default_factory=dict)
    talks: int = 0

    def __post_init__(self) -> None:
        self.flushers = [self._worker() for _ in range(FLUSHERS)]
        self.senders = [self._worker() for _ in range(SENDERS)]

    def _worker(self) -> Worker:
        channels = {self.meter.name: self.meter}
        return Worker(self.app.store, self.app.svc, channels, clock=self.clock, settle_after=0.0)

    def put(self, address: str, what: str, rank: int, *, leased: bool) -> list[Born]:
        """Write a row as a turn or the clock does; gives what was born leased."""
        reply = Say(Phrase("dialog.saved", {"what": what}))
        now = self.clock.now()

        def work(unit: Unit) -> list[Born]:
            peer = peers.ensure(unit, self.meter.name, ours.ACCOUNT, address, "ko", now)
            draft = outbox.Draft(rank, what, dump(reply), now)
            made = outbox.put(unit, peer.id, [draft], now, lease=outbox.LEASE if leased else None)
            return [
                Born(
                    row.id, row.token, row.rank, self.meter.name, ours.ACCOUNT, address, "ko",
                    peer.id, reply, leased_at=self.clock(),
                )
                for row in made
                if row.token is not None
            ]  # fmt: skip

        self.asked.setdefault((address, what), self.clock.at)
        return self.app.store.transact(work, None)

    async def talk(self, count: int, accounts: int) -> None:
        """Let so many say something, each in turn; one of them again and again."""
        for _ in range(count):
            self.talks += 1
            often = self.talks % OFTEN == 0
            who = FLOODER if often else f"{self.talks % accounts}"
            await self.say(who, "answer", 0)

    async def say(self, who: str, what: str, rank: int) -> None:
        """Answer somebody through one of the processes that serve."""
        rows = self.put(who, what, rank, leased=True)
        await self.flushers[self.talks % FLUSHERS].flush(rows)

    async def work(self) -> None:
        """Let those who send do what there is to do now."""
        for one in self.senders:
            while await one.round():
                continue
            await one.broadcaster.round()
        for one in (*self.flushers, *self.senders):
            await one.settled()


async def starve(
    town: Town, size: Size, step: Callable[[float], None] = lambda _at: None
) -> dict[str, Any]:
    """Let everybody talk for the given time; gives who waited how long."""
    due = {
        "receipt": _moments(size.receipts, size.seconds * 0.6),
        "notice": [5.0] * size.notices,
    }
    given = dict.fromkeys(due, 0)
    owed = 0.0
    while town.clock.at < size.seconds:
        owed += size.talk * STEP
        await town.talk(int(owed), size.accounts)
        owed -= int(owed)
        for what, moments in due.items():
            while given[what] < len(moments) and moments[given[what]] <= town.clock.at:
                who = f"{what}{given[what]}"
                given[what] += 1
                if what == "receipt":
                    await town.say(who, what, 1)
                else:
                    town.put(who, what, 1, leased=False)
        await town.work()
        town.clock.at += STEP
        step(town.clock.at)
    return judged(town, size)


def _moments(count: int, seconds: float) -> list[float]:
    chance = random.Random(count)
    return sorted(chance.uniform(1.0, seconds) for _ in range(count))


def judged(town: Town, size: Size) -> dict[str, Any]:
    """Say what was kept of the promises."""
    taken = town.meter.taken
    first: dict[tuple[str, str], float] = {}
    for at, address, what in taken:
        first.setdefault((address, what), at)
    waits = {
        what: sorted(
            first.get(key, float("inf")) - at for key, at in town.asked.items() if key[1] == what
        )
        for what in ("receipt", "notice")
    }
    by_chat: dict[str, list[float]] = {}
    for at, address, _ in taken:
        by_chat.setdefault(address, []).append(at)
    news = sum(what == "news" for _, _, what in taken)
    times = [at for at, _, _ in taken]
    found = {
        "seconds": size.seconds,
        "said": town.talks,
        "sent": len(taken),
        "answers": sum(what == "answer" for _, _, what in taken),
        "share_used": round(len(taken) / (PER_SECOND * size.seconds), 4),
        "over_rate": round(over_rate(times, PER_SECOND), 1),
        "receipt_p95_s": round(_p95(waits["receipt"]), 1),
        "notice_most_s": round(max(waits["notice"], default=0.0), 1),
        "news": news,
        "news_share": round(news / len(taken), 3),
        "busiest_chat_over": round(max(over_rate(one, PER_CHAT) for one in by_chat.values()), 1),
    }
    kept = {
        "receipts": found["receipt_p95_s"] < 60,
        "notices": found["notice_most_s"] < 120,
        "news_advances": news >= 0.08 * PER_SECOND * size.seconds,
        "answers_too": found["answers"] >= 0.25 * len(taken),
        "rate": found["over_rate"] <= PER_SECOND + 1,
        "used": found["share_used"] >= 0.95,
        "one_chat": found["busiest_chat_over"] <= chats.ANSWERS + chats.FREE * FLUSHERS + 1.5,
    }
    return {**found, "kept": kept, "within": all(kept.values())}


def _p95(waits: Sequence[float]) -> float:
    return waits[int(len(waits) * 0.95)] if waits else 0.0


def town(folder: Path, size: Size, **opening: Any) -> Town:
    """Open an installation in a folder, with readers and one issue for them."""
    clock = Moved()
    made = ours.settings(folder)
    app = build(made, now=clock.now, host_clock=clock.micros, synchronous="NORMAL", **opening)
    for _ in readers.subscribe(
        app, "telegram", ours.ACCOUNT, [str(READER + n) for n in range(size.readers)]
    ):
        continue
    readers.issue(app)
    return Town(app, clock, Meter(clock))


async def measure(size: Size, step: Callable[[float], None] = lambda _at: None) -> dict[str, Any]:
    """Measure once, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        made = town(Path(folder), size)
        try:
            return await starve(made, size, step)
        finally:
            made.app.close()
