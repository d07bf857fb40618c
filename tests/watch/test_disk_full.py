"""disk_full (security S22): a real disk of some megabytes, filled while people use the service."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.dialogs.events import Attached
from bot.errors import Refused
from bot.services import attachments, views
from storage import journal
from storage.engine import open_engine, parse_url, quick_check
from storage.errors import Busy, StartRefused
from storage.host import Space, only_one
from storage.migrate import migrate
from storage.models import accesses, events, filings, outbox
from storage.models import attachments as files
from storage.store import Store
from tests import shipped
from tests.conftest import Database
from tests.documents import made
from tests.fakes.disk import small_disk
from tests.services.conftest import Office, answers, build, catalog, clock, office, site, texts

__all__ = ["build", "catalog", "clock", "office", "site", "texts"]

ENOUGH = Space(1 << 40, "enough")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Mount 64 megabytes of memory; needs root and the right to mount."""
    with small_disk(tmp_path / "disk", "64m") as place:
        yield place


@pytest.fixture
def database(disk: Path, ring: Any) -> Database:
    migrate(f"sqlite:///{disk / 'jeokgeuk.db'}")
    return Database(f"sqlite:///{disk / 'jeokgeuk.db'}", disk, ring)


@pytest.fixture
def small(office: Office) -> Office:
    """The office on the small disk; the ladder (1 GiB) is switched off: what is below it is tested."""
    office.store.blobs.look = lambda _path: ENOUGH
    return office


@contextlib.contextmanager
def full(disk: Path, leave: int = 0) -> Iterator[None]:
    """Fill the disk up to `leave` bytes; with the end space returns."""
    stone = disk / "stone"
    room = os.statvfs(disk)
    with stone.open("wb") as out:
        left = room.f_bavail * room.f_frsize - leave
        with contextlib.suppress(OSError):
            while left > 0:
                out.write(bytes(min(left, 1 << 16)))
                out.flush()
                left -= 1 << 16
    try:
        yield
    finally:
        stone.unlink()


def rows(store: Store, table: Any) -> int:
    count = sa.select(sa.func.count()).select_from(table)
    return int(store.read(lambda unit: unit.conn.execute(count).scalar_one()))


def everything(store: Store) -> dict[str, int]:
    return {one.name: rows(store, one) for one in (filings, events, outbox, files, accesses)}


def put(office: Office) -> Attached:
    peer = office.peer()
    data = made.picture("JPEG", (600, 600))
    return office.do(
        lambda u: attachments.put(office.svc, u, office.store.blobs, peer, "a.jpg", data)
    )


def many(times: int, office: Office) -> None:
    for _ in range(times):
        put(office)


def long_one() -> dict[str, Any]:
    return answers(what="가" * 4000)


def test_a_report_is_filed_whole_or_not_at_all_and_goes_again_when_there_is_room(small, disk):
    kept = small.file(address="before").number
    before = everything(small.store)
    refused = 0
    with full(disk):
        for number in range(40):  # what room the log still has, it takes
            try:
                small.file(long_one(), address=f"during{number}")
            except Busy:
                refused += 1
                break
        during = everything(small.store)
        assert small.filing(kept).number == kept  # reading goes on
    assert refused == 1
    assert during["filings"] - before["filings"] == number
    assert small.file(long_one(), address="after").number
    assert everything(small.store)["filings"] == during["filings"] + 1
    quick_check(small.store.engine)


def test_a_file_is_kept_whole_or_refused(small, disk):
    put(small)
    before, blobs = everything(small.store), set(small.store.blobs.names())
    with full(disk, leave=20_000), pytest.raises((Refused, Busy)) as told:
        many(40, small)
    assert getattr(told.value, "key", "file.full") == "file.full"
    after = everything(small.store)
    named = rows(small.store, files)
    whole = [small.store.blobs.get(name) for name in small.store.blobs.names()]
    assert after["attachments"] >= before["attachments"]
    assert len(set(small.store.blobs.names()) - blobs) >= named - len(blobs)
    assert all(whole)
    halves = list((disk / "blobs").rglob(".*"))
    assert halves == [], "half a file was left"
    assert put(small).ref


def test_nothing_is_shown_that_could_not_be_written_down(small, disk):
    filed = small.investigating(address="seen")
    park = small.people["park"]
    small.do(lambda u: views.declare(small.svc, u, park, filed.number, conflict=False))
    seen = 0
    with full(disk):
        with contextlib.suppress(Busy):
            for _ in range(2000):
                small.do(lambda u: views.view(small.svc, u, park, filed.number))
                seen += 1
        noted = rows(small.store, accesses)
    assert seen < 2000, "the disk was never full"
    assert noted >= seen
    assert small.do(lambda u: views.view(small.svc, u, park, filed.number))
    sid = small.filing(filed.number).sid
    assert small.see(lambda u: list(journal.verify(u, sid))) == []


def test_the_log_of_the_database_is_written_back_when_there_is_room(small, disk):
    with full(disk), contextlib.suppress(Busy):
        for number in range(40):
            small.file(long_one(), address=f"w{number}")
    with small.store.engine.connect() as conn:
        busy, pages, done = conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    assert (busy, pages) == (0, done)
    small.file(address="again")
    quick_check(small.store.engine)


def test_the_ladder_refuses_files_first_and_says_so(small):
    small.store.blobs.look = lambda _path: Space(10**8, "no_files")
    with pytest.raises(Refused, match=r"file\.full"):
        put(small)
    assert small.file(address="words").number


@pytest.mark.parametrize("where", [100, 4096 * 3])
def test_a_broken_file_stops_the_start_and_says_what_to_do(database_file: Path, where: int):
    with database_file.open("r+b") as file:
        file.seek(where)
        file.write(b"\xff" * 4000)
    engine = open_engine(parse_url(f"sqlite:///{database_file}"))
    try:
        with pytest.raises((StartRefused, sa.exc.DatabaseError)):
            quick_check(engine)
    finally:
        engine.dispose()


@pytest.fixture
def database_file(tmp_path: Path) -> Path:
    return shipped.new_file(tmp_path)


def test_a_large_file_is_looked_at_for_a_moment_only(database_file: Path):
    engine = open_engine(parse_url(f"sqlite:///{database_file}"))
    with engine.begin() as conn:
        conn.exec_driver_sql("CREATE TABLE large (x)")
        conn.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<20000) "
            "INSERT INTO large SELECT hex(randomblob(40)) FROM n"
        )
    quick_check(engine, seconds=-1)  # over before it began: no verdict is no refusal
    quick_check(engine)
    engine.dispose()


def test_a_second_server_on_the_same_file_is_refused_and_a_dead_one_is_forgotten(tmp_path: Path):
    file = tmp_path / "jeokgeuk.db"
    with only_one(file):
        with pytest.raises(StartRefused, match="DATABASE_URL"), only_one(file):
            raise AssertionError("two of them")
        with only_one(None), only_one(None):
            pass
    with only_one(file):
        pass
