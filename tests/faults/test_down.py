"""The vendors refuse for a day: nothing is dead, nothing false is said when they are back (S10)."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.channel import Delivered, Delivery, Later, Limits, Parcel
from bot.services import silence
from bot.worker import Worker
from storage.store import Store
from tests.conftest import Database
from tests.fakes.channel import FakeChannel
from tests.fakes.clock import FrozenClock
from tests.services.conftest import Office, at, build, catalog, clock, site, texts

__all__ = ["build", "catalog", "clock", "site", "texts"]

PEOPLE = int(os.environ.get("JEOKGEUK_DOWN", "6"))
"""How many have a report, each with a reminder and a notice that fall due meanwhile."""
DOWN, UP = "2026-11-30 08:30", "2026-12-01 08:30"
STEP, OFTEN = timedelta(minutes=5), 6
"""The workers come by at every step, the clock's work at every sixth."""
# Leases and rates run on the host's clock here, so it is moved with the others.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@dataclass
class Away(FakeChannel):
    """Refuses between two moments, as where the network ends; notes what it took and when."""

    limits: Limits = field(default_factory=lambda: Limits(4096, 0, 30.0, 1.0))
    clock: Any = None
    asked: list[datetime] = field(default_factory=list)
    took: list[tuple[datetime, Parcel]] = field(default_factory=list)

    async def deliver(self, parcel: Parcel) -> Delivery:
        await asyncio.sleep(0)
        self.asked.append(self.clock())
        if at(DOWN) <= self.clock() < at(UP):
            return Later(30.0, counts=False, fault="network")
        self.took.append((self.clock(), parcel))
        return Delivered(str(len(self.took)))


@pytest.fixture
def store(database: Database, clock: FrozenClock) -> Iterator[Store]:
    opened = database.open(host_clock=clock.micros)
    yield opened
    opened.close()


@dataclass
class Day:
    """The office, its vendors, and two processes that work."""

    office: Office
    telegram: Away
    mail: Away
    workers: list[Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        roads = {"telegram": self.telegram, "mail": self.mail}
        self.workers = [
            Worker(
                self.office.store, self.office.svc, roads, settle_after=0.0,
                clock=self._seconds,
            )
            for _ in range(2)
        ]  # fmt: skip

    def _seconds(self) -> float:
        return self.office.clock().timestamp()

    async def until(self, text: str, *, jump: bool = False) -> None:
        """Let time pass in steps: what is due is done, what can be sent is sent."""
        step = 0
        while self.office.clock() < at(text):
            step += 1
            self.office.clock.set(at(text) if jump else min(at(text), self.office.clock() + STEP))
            if jump or step % OFTEN == 0 or self.office.clock() == at(text):
                self.office.tick()
            for one in self.workers:
                for _ in range(3):
                    await one.round()

    def said(self, to: str) -> list[str]:
        """Give what somebody was told since the vendors are back."""
        found = [p for when, p in [*self.telegram.took, *self.mail.took] if when >= at(UP)]
        return [self.words(parcel) for parcel in found if parcel.address == to]

    def words(self, parcel: Parcel) -> str:
        reply: Any = parcel.reply
        cards = [
            f"{self.office.say(c.title)} {self.office.say(c.text)}"
            for c in getattr(reply, "cards", ())
        ]
        return "\n".join([self.office.say(reply.text), *cards])


@pytest.fixture
def day(build: Any, clock: FrozenClock) -> Day:
    office = build(idle_days=0)
    return Day(office, Away(name="telegram", clock=clock), Away(name="mail", clock=clock))


async def test_after_a_day_without_vendors_all_is_told_that_is_still_so(day: Day) -> None:
    """On the first of December answers are due; from the morning before nothing leaves."""
    office = day.office
    filed = [office.investigating(channel="telegram", address=f"t{n}") for n in range(PEOPLE)]
    await day.until("2026-11-23 11:00")
    for morning in ("2026-11-26 09:00", "2026-11-27 09:00", "2026-11-30 08:00"):
        await day.until(morning, jump=True)
    third = PEOPLE // 3
    asked, extended, left = filed[:third], filed[third : 2 * third], filed[2 * third :]
    await day.until("2026-11-30 11:00")
    for one in asked:
        office.act("park", one.number, "ask_supplement", items="사진", why="곳을", days="9")
    for one in extended:
        office.act("park", one.number, "extend", days="7", reason="현장", done="확인")
        office.act("park", one.number, "ask_supplement", items="사진", why="곳을", days="9")
    office.act(office.reporter(asked[0]), asked[0].number, "withdraw")
    await day.until("2026-12-01 08:25")

    rows = [*office.rows("telegram"), *office.rows("mail")]
    assert {row.status for row in rows} <= {"sent", "pending", "dropped"}
    for vendor in (day.telegram, day.mail):
        tries = Counter(moment for moment in vendor.asked if at(DOWN) <= moment < at(UP))
        _first, *later = tries.values()  # in the order of time; nobody knew at the first
        assert max(later) <= len(day.workers)  # one each, no crowd
        assert tries.total() <= len(day.workers) * (at(UP) - at(DOWN)) / STEP
    assert "undelivered" in office.tasks("park")
    signs = office.see(lambda u: silence.signs(office.svc, u, ("telegram", "mail")))
    assert silence.away(signs, silence.Patience()) == ["mail", "telegram"]

    await day.until("2026-12-01 08:55")
    (gathered,) = day.said("park@gaon.example")  # one, of all that had waited
    assert "모았습니다" in gathered
    assert gathered.count("까지(오늘)") == gathered.count("늦게 알려 드립니다") == len(left)
    assert all(one.number in gathered for one in left)
    await day.until("2026-12-01 10:30")
    assert day.said("t0") == []  # asked for a supplement, and withdrawn before it could be told
    for n, one in enumerate(filed):
        told = day.said(f"t{n}")
        assert len(told) == {0: 0}.get(n, 1 if one in asked else 2 if one in extended else 0)
        assert not any("내일" in words for words in told), told
        if one in extended:
            assert "답변 예정일이" in told[0]
            assert "추가 자료를" in told[1]
    mails = day.said("park@gaon.example")
    assert not any("내일" in words for words in mails), mails
    assert sum("오늘 챙길 일입니다" in words for words in mails) == 1
    assert "undelivered" not in office.tasks("park")
    rows = [*office.rows("telegram"), *office.rows("mail")]
    assert {row.status for row in rows} <= {"sent", "dropped"}, [
        (row.kind, row.status, row.problem)
        for row in rows
        if row.status not in {"sent", "dropped"}
    ]
