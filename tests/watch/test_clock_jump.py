"""clock_jump (security S11, S14, S33): clocks that jump double nothing and move no due date."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.handlers.probes import DRIFT, drift
from knowledge.calendar import local, seoul_day
from knowledge.identity import mask_numbers
from knowledge.korean import read_day
from storage import journal
from storage.repositories import leases, pulls
from storage.store import Store
from tests.conftest import Database
from tests.fakes.clock import FrozenClock
from tests.services.conftest import Office, answers, at, build, catalog, site, texts
from tests.services.conftest import office as make_office
from tests.worker.conftest import FAST, City, Clock, FakeChannel, Line

__all__ = ["build", "catalog", "office", "site", "texts"]

JUMPS = {"hour": 3600.0, "hour back": -3600.0, "day": 86400.0, "day back": -86400.0}
ZONES = ("UTC", "America/New_York", "Asia/Seoul")


@pytest.fixture
def host() -> FrozenClock:
    """The clock of the machine: on SQLite it is the database's own."""
    return FrozenClock(datetime.now(UTC))


@pytest.fixture
def store(database: Database, host: FrozenClock) -> Iterator[Store]:
    opened = database.open(host_clock=host.micros)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> FrozenClock:
    """The service's own clock, which a rehearsal may move."""
    return FrozenClock()


@pytest.fixture
def line(store: Store, site: Any, texts: Any) -> Line:
    return Line(City(store, Clock(), site, texts), FakeChannel(name="telegram", limits=FAST))


office = make_office


def jump(line: Line, host: FrozenClock, seconds: float) -> None:
    """Let every clock jump that we can move; the server's own leases are made old by hand."""
    host.advance(seconds=seconds)
    line.city.clock.goes(seconds=seconds)
    if line.store.parallel and seconds > 0:
        line.leases_end()


@pytest.mark.parametrize("name", JUMPS)
async def test_a_jump_while_a_row_is_leased_sends_it_once(
    line: Line, host: FrozenClock, name: str
):
    line.put("a")
    mine = line.worker.ledger.claim()
    assert len(mine) == 1
    jump(line, host, JUMPS[name])
    other = line.another()
    await other.round()  # forward the lease is over and he sends it, back it is ours still
    line.ticks.at += 11  # by then ours has to be renewed before it is sent
    await line.worker._send(mine[0], 0)
    await line.worker.settled()
    assert len(line.channel.sent) == 1
    assert line.statuses == ["sent"]


@pytest.mark.parametrize("name", JUMPS)
async def test_a_jump_between_two_rounds_sends_each_once_and_in_order(
    line: Line, host: FrozenClock, name: str
):
    for seconds in (0, JUMPS[name], -JUMPS[name], -JUMPS[name]):
        jump(line, host, seconds)
        line.put("a")
        for _ in range(3):
            host.advance(seconds=1)
            await line.run()
    assert set(line.statuses) == {"sent"}
    assert len(line.channel.sent) == 4


def test_a_job_goes_on_alone_whatever_the_clock_does(store: Store, host: FrozenClock):
    """A fence that has grown stops who wakes up in another time."""
    first = store.transact(lambda u: leases.take(u, "tick", "one", 120), None)
    host.advance(hours=-1)
    assert store.transact(lambda u: leases.take(u, "tick", "two", 120), None) is None
    host.advance(days=1)
    second = store.transact(lambda u: leases.take(u, "tick", "two", 120), None)
    assert first is not None
    if not store.parallel:  # the server's clock is not ours to move
        assert second is not None
        assert second > first
        assert store.transact(lambda u: leases.take(u, "tick", "one", 120), None) is None


@pytest.mark.parametrize("seconds", [3600, -3600, 86400, -86400])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_machine_whose_clock_jumped_says_so(store: Store, host: FrozenClock, seconds: int):
    now = host().timestamp()
    assert abs(drift(store, lambda: now)) <= DRIFT
    host.advance(seconds=seconds)
    assert drift(store, lambda: now) == pytest.approx(-seconds, abs=1)


def test_what_is_shown_stands_in_the_order_in_which_it_was_written(line: Line):
    """Time goes backwards between two messages: the page and the journal go by number."""
    for seconds in (0, -86400, 3600, -5):
        line.city.clock.goes(seconds=seconds)
        line.put("a", channel="web")
    (peer,) = {row["peer_id"] for row in line.rows()}
    seen = line.store.read(lambda u: pulls.pull(u, peer, 0))
    assert [row.seq for row in seen] == [1, 2, 3, 4]

    def write(unit: Any) -> None:
        for number, hours in enumerate((5, 1, 9)):
            when = datetime(2026, 11, 23, hours, tzinfo=UTC)
            journal.append(unit, b"s" * 16, when, "clock", "noted", {"n": number})

    line.store.transact(write, None)
    found = line.store.read(lambda u: journal.history(u, b"s" * 16))
    assert [(one.seq, one.detail["n"]) for one in found] == [(1, 0), (2, 1), (3, 2)]
    assert line.store.read(lambda u: list(journal.verify(u, b"s" * 16))) == []


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Let the machine stand in another part of the world."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


LAST, FIRST = "2026-11-23 23:59:59", "2026-11-24 00:00:01"


@pytest.mark.parametrize("zone", ZONES, indirect=True)
@pytest.mark.parametrize("moment", [LAST, FIRST, "2026-11-23 18:00:01", "2026-11-23 09:00:00"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_due_date_is_the_same_wherever_the_machine_stands(
    office: Office, zone: str, moment: str
):
    office.clock.set(at(moment).astimezone(UTC))
    filed = office.file(answers())
    office.goes("2026-11-24 09:01")
    one = office.filing(filed.number)
    assert one.due_at is not None
    assert one.received_at is not None
    day = {"2026-11-23 09:00:00": "2026-12-01"}.get(moment, "2026-12-02")
    assert seoul_day(one.due_at).isoformat() == day
    shown = office.texts.render(office.see(lambda u: _status(office, u, filed.number)), "ko", {})
    assert f"{int(day[5:7])}월 {int(day[8:])}일" in shown


def _status(office: Office, unit: Any, number: str) -> Any:
    from bot.dialogs.replies import Phrase  # noqa: PLC0415
    from bot.services import sight  # noqa: PLC0415
    from bot.services.base import CLOCK  # noqa: PLC0415
    from bot.services.said import day  # noqa: PLC0415

    due = sight.find(unit, CLOCK, number).due_at
    return Phrase("official.day", {"day": day(due), "n": 7})


@pytest.mark.parametrize("zone", ZONES, indirect=True)
def test_midnight_in_seoul_is_midnight_everywhere(zone: str):
    assert seoul_day(at(LAST)) == date(2026, 11, 23)
    assert seoul_day(at(FIRST)) == date(2026, 11, 24)
    assert local(at(FIRST).astimezone(UTC)).date() == date(2026, 11, 24)
    assert local(datetime(2026, 11, 23, 15, 0, 1, tzinfo=UTC)).hour == 0


@pytest.mark.parametrize("zone", ZONES, indirect=True)
def test_a_birthday_in_the_summer_time_of_1988_is_a_day_like_any_other(zone: str):
    """On 8 May 1988 the clocks of Korea went from 02:00 to 03:00."""
    today = date(2026, 11, 23)
    assert read_day("1988-05-08", today) == date(1988, 5, 8)
    assert read_day("1988년 5월 8일", today) == date(1988, 5, 8)
    masked = mask_numbers("제 번호는 880508-1234567 입니다", today)
    assert "880508" not in masked.text or "1234567" not in masked.text
    before = datetime(1988, 5, 7, 16, 59, 59, tzinfo=UTC)  # 01:59:59 on the 8th
    assert seoul_day(before) == seoul_day(before + timedelta(hours=21)) == date(1988, 5, 8)
