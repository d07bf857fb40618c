"""Settling, ticking, fetching, and the loop that runs them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from bot.channel import Delivered
from bot.dialogs.events import Attached
from bot.errors import Refused
from bot.services import attachments, reminders
from bot.services.reminders import Due
from bot.worker import settling, worker
from bot.worker.settling import BATCH, Settler
from bot.worker.verdict import Settled
from storage import models
from storage.errors import Busy
from storage.host import Space
from storage.repositories import leases
from storage.unit import Unit
from tests.fakes.city import Somebody
from tests.worker.conftest import Line

JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 60


def verdicts(count: int) -> list[Settled]:
    return [Settled(n, b"t", "sent") for n in range(count)]


async def test_verdicts_are_written_together(
    settler: Settler, batches: list[Sequence[Any]]
) -> None:
    for verdict in verdicts(BATCH * 2 + 1):
        settler.put(verdict)
    await settler.drain()
    assert [len(batch) for batch in batches] == [BATCH * 2 + 1]


async def test_thirty_rows_do_not_wait_for_the_time(batches: list[Sequence[Any]]) -> None:
    written = asyncio.Event()

    async def write(batch: Sequence[Any]) -> None:
        batches.append(list(batch))
        written.set()

    patient = Settler(write, pause=3600.0)
    for verdict in verdicts(BATCH):
        patient.put(verdict)
    await written.wait()
    assert len(batches[0]) == BATCH
    patient.put(verdicts(1)[0])
    await patient.drain()
    assert len(batches) == 2


async def test_nothing_to_write_is_nothing_to_wait_for(settler: Settler) -> None:
    await settler.drain()


async def test_a_batch_that_fails_is_written_again_and_at_last_let_go() -> None:
    tried = 0

    async def fails(_batch: Sequence[Any]) -> None:
        nonlocal tried
        tried += 1
        raise ConnectionError

    settler = Settler(fails, pause=0.0)
    settler.put(verdicts(1)[0])
    await settler.drain()
    assert tried == settling.TRIES


async def test_verdicts_outlive_a_database_that_is_away_and_not_their_leases() -> None:
    tried = 0
    written: list[Any] = []
    now = [0.0]

    async def fails_over(batch: Sequence[Any]) -> None:
        nonlocal tried
        tried += 1
        now[0] += 1
        if tried <= 20:
            raise Busy("away")
        written.extend(batch)

    settler = Settler(fails_over, pause=0.0, clock=lambda: now[0])
    settler.put(verdicts(1)[0])
    await settler.drain()
    assert (tried, len(written)) == (21, 1)

    tried = -1000
    settler.put(verdicts(1)[0])
    await settler.drain(settling.LAST)
    assert (tried + 1000, len(written)) == (settling.LAST, 1)


def due(line: Line, monkeypatch: pytest.MonkeyPatch, *works: Due) -> None:
    monkeypatch.setattr(reminders, "due_work", lambda _svc, _unit: works)


def seen(name: str, into: list[str]) -> Due:
    def work(_unit: Unit) -> tuple[str, ...]:
        into.append(name)
        return ()

    return Due(name, work)


def test_a_tick_does_what_is_due_once(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    did: list[str] = []
    due(line, monkeypatch, seen("a", did), seen("b", did))
    assert line.worker.tick() == 2
    line.worker.tick()
    assert did == ["a", "b"]


def test_one_process_ticks_at_a_time(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    did: list[str] = []
    due(line, monkeypatch, seen("a", did))
    assert line.worker.tick() == 1
    assert line.another().tick() == 0


def test_what_fails_stops_nothing_else(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    did: list[str] = []

    def fails(_unit: Unit) -> tuple[str, ...]:
        raise ZeroDivisionError

    due(line, monkeypatch, Due("bad:1", fails), seen("a", did))
    assert line.worker.tick() == 1
    assert did == ["a"]


def test_who_lost_the_lease_writes_nothing_more(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    did: list[str] = []

    def lose(_svc: Any, _unit: Unit) -> tuple[Due, ...]:
        return (seen("late", did),)

    monkeypatch.setattr(reminders, "due_work", lose)
    ticker = line.worker.ticker
    fence = line.store.transact(ticker._take, None)
    assert fence is not None
    line.store.transact(lambda unit: leases.give_back(unit, "tick", fence), None)
    line.another().tick()
    assert ticker._do(seen("late2", did), fence) == 0
    assert did == ["late"]


def test_files_that_are_not_needed_any_more_are_deleted_after_the_commit(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[str] = []
    monkeypatch.setattr(type(line.store.blobs), "delete", lambda _self, name: gone.append(name))
    due(line, monkeypatch, Due("sweep", lambda _unit: ("blob",)))
    line.worker.tick()
    assert gone == ["blob"]


def test_the_real_clock_work_runs_on_an_empty_house(line: Line) -> None:
    assert line.worker.tick() >= 1
    assert line.worker.tick() == 0


def expected(line: Line, ref: str, locator: str) -> None:
    """Let a person send a file that still lies at the vendor."""
    person: Somebody = line.city.person("telegram")
    person.commands("start")

    def work(unit: Unit) -> None:
        file = Attached(ref, "photo", "사진.jpg", len(JPEG))
        attachments.expect(line.city.svc, unit, 1, file, locator)

    line.store.transact(work, None)


def status(line: Line) -> list[str]:
    column = models.attachments.c.status
    return line.store.read(lambda unit: list(unit.conn.scalars(sa.select(column))))


async def test_a_file_is_fetched_and_kept(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "clean_next", lambda _store, _scan: False)
    expected(line, "a1" * 16, "vendor-1")
    line.channel.files["vendor-1"] = JPEG
    assert await line.worker.fetcher.work() == 1
    assert status(line) == ["stored"]
    assert await line.worker.fetcher.work() == 0


async def test_what_the_vendor_will_not_give_is_noted(line: Line) -> None:
    expected(line, "a2" * 16, "vendor-2")
    await line.worker.fetcher.work()
    assert status(line) == ["failed"]


async def test_on_a_full_disk_no_files_are_fetched(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected(line, "a6" * 16, "vendor-6")
    line.channel.files["vendor-6"] = JPEG
    monkeypatch.setattr(type(line.store), "space", lambda _self: Space(10**8, "no_files"))
    assert await line.worker.fetcher.work() == 0
    assert status(line) == ["waiting"]


async def test_what_fails_today_is_tried_again(line: Line) -> None:
    expected(line, "a3" * 16, "vendor-3")
    line.channel.files["vendor-3"] = ConnectionError()
    await line.worker.fetcher.work()
    assert status(line) == ["waiting"]
    line.channel.files["vendor-3"] = Refused("fetch.too_large")
    await line.worker.fetcher.work()
    assert status(line) == ["failed"]


async def test_one_process_fetches_at_a_time(line: Line) -> None:
    expected(line, "a4" * 16, "vendor-4")
    line.channel.files["vendor-4"] = ConnectionError()
    assert await line.worker.fetcher.work() == 1
    assert await line.another().fetcher.work() == 0


async def test_a_file_of_a_channel_that_is_gone_waits(line: Line) -> None:
    expected(line, "a5" * 16, "vendor-5")
    line.channel.name = "other"
    assert await line.another().fetcher.work() == 1
    assert status(line) == ["waiting"]


async def test_cleaning_follows(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    left = iter([True, True, False])
    monkeypatch.setattr(attachments, "clean_next", lambda _store, _scan: next(left))
    assert await line.worker.fetcher.work() == 2


async def test_the_loop_sends_until_it_is_told_to_stop(line: Line) -> None:
    stop = asyncio.Event()
    line.put("a")

    def deliver(_parcel: Any) -> Delivered:
        stop.set()
        return Delivered("1")

    line.channel._script = iter([deliver])
    await asyncio.wait_for(line.worker.run(stop), 20)
    assert line.statuses == ["sent"]


async def test_a_database_that_is_away_stops_no_loop(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = asyncio.Event()
    tries = 0

    def claim() -> list[Any]:
        nonlocal tries
        tries += 1
        if tries == 3:
            stop.set()
        raise ConnectionError

    def tick() -> int:
        raise ConnectionError

    monkeypatch.setattr(line.worker.ledger, "claim", claim)
    monkeypatch.setattr(line.worker, "tick", tick)
    await asyncio.wait_for(line.worker.run(stop), 20)
    assert tries == 3
    assert worker.IDLE > 0


def test_a_chore_that_fails_keeps_nothing_else_from_being_done(line: Line) -> None:
    done: list[str] = []

    def broken() -> None:
        done.append("broken")
        raise FileNotFoundError

    line.another(chores=(broken, lambda: done.append("done")))._tick()
    assert done == ["broken", "done"]


async def test_a_scanner_that_is_back_is_asked_for_what_came_meanwhile(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    left = iter([True, False])
    monkeypatch.setattr(
        attachments, "scan_again", lambda _store, scan: asked.append(scan) or next(left)
    )
    fetcher = line.worker.fetcher
    fetcher.scan_again()
    assert asked == []  # no scanner, no question
    replace(fetcher, scan=lambda _data: "clean").scan_again()
    assert len(asked) == 2


async def test_a_worker_that_goes_down_finishes_one_and_gives_the_rest_back(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "AT_ONCE", 1)
    stop = asyncio.Event()
    for peer in ("a", "b", "c"):
        line.put(peer)

    def deliver(_parcel: Any) -> Delivered:
        stop.set()
        return Delivered("1")

    line.channel._script = iter([deliver])
    await asyncio.wait_for(line.worker.run(stop), 20)
    assert sorted(line.statuses) == ["pending", "pending", "sent"]
    given_back = [row for row in line.rows() if row["status"] == "pending"]
    assert [row["claims"] for row in given_back] == [0, 0]
    # Nobody has to wait until the leases of who has gone end by themselves.
    assert line.another().ticker.tick() >= 0
    held = sa.select(models.leases.c.holder)
    assert line.worker.ledger.holder not in line.store.read(
        lambda unit: list(unit.conn.scalars(held))
    )


async def test_a_worker_goes_down_although_its_leases_cannot_be_given_back(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise ConnectionError

    monkeypatch.setattr(line.worker.ledger, "let_go", away)
    stop = asyncio.Event()
    stop.set()
    await asyncio.wait_for(line.worker.run(stop), 20)
