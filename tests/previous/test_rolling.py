"""The previous release beside this one while the database is moved forward (security S23)."""

import contextlib
import random
import re
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.services import officials
from knowledge.release import RELEASE
from storage.migrate import head, migrate
from storage.models import filings, outbox, schema_revisions
from storage.repositories import outbox as rows
from storage.repositories import peers
from storage.store import Store
from storage.unit import Unit
from tests.conftest import admin, named
from tests.previous.crew import HEAD, LIMIT, Citizen, Crew, seat
from tests.previous.release import last_revision, unpack
from tests.programs import until
from tests.services.conftest import settle_city

SEED = 20261123
RESTARTS = 2
GROWS = ("schema_revisions",)
BAD = ("dead", "quarantined", "unknown")


@pytest.fixture
def previous(tmp_path: Path) -> Path:
    return unpack(tmp_path)


@pytest.fixture
def crew(postgres: str, previous: Path, tmp_path: Path) -> Iterator[Crew]:
    name = "jt_rolling"
    admin(postgres, f"CREATE DATABASE {name}")
    url = named(postgres, name)
    migrate(url, last_revision(previous))
    made = Crew(url, tmp_path, random.Random(SEED))
    yield made
    made.close()
    admin(postgres, f"DROP DATABASE {name} WITH (FORCE)")


class Now:
    @staticmethod
    def now() -> datetime:
        return datetime.now(UTC)


def a_newer_row(unit: Unit) -> int:
    """Say to somebody by mail what only a release that is not there yet can say."""
    now = datetime.now(UTC)
    peer = peers.ensure(unit, "mail", "desk", "later@gaon.example", "ko", now)
    draft = rows.Draft(0, "hologram", b'{"kind":"hologram","light":[1,2]}', now)
    (row,) = rows.put(unit, peer.id, [draft], now)
    later = sa.update(outbox).where(outbox.c.id == row.id).values(release=RELEASE + 1)
    unit.conn.execute(later)
    return row.id


@pytest.mark.fault
def test_two_releases_do_together_what_one_does(previous: Path, crew: Crew) -> None:
    crew.start(previous, "serve")
    crew.all_there()
    crew.start(previous, "work")  # what the first one compiled is there
    people = [Citizen(crew) for _ in range(2)]
    steps = [one.steps() for one in people]
    moves_forward(crew, steps[0])
    store = crew.store()
    try:
        store.transact(lambda unit: settle_city(Now(), unit), None)
        newer = store.transact(a_newer_row, None)
        crew.start(HEAD, "work")
        crew.start(HEAD, "serve")
        crew.all_there()
        ends = crew.chance.sample(range(sum(map(len, steps))), RESTARTS)
        while left := sum(map(len, steps)):
            if left - 1 in ends:
                crew.restart(crew.anybody())
            crew.chance.choice([one for one in steps if one]).pop(0)()
        at_the_desk(crew, store, people[0].number)
        crew.all_there()  # both releases start on the newer schema
        until(lambda: list((crew.folder / "data" / "mail").glob("*.eml")))
        until(lambda: store.read(lambda unit: waits(unit, newer).problem))
        nothing_is_lost(store, {one.number for one in people}, newer)
        nobody_starts_on_what_leaves_him_behind(crew, store)
    finally:
        store.close()


def moves_forward(crew: Crew, steps: list[Callable[[], None]]) -> None:
    """Move the tables to this release while somebody writes to the one before."""
    with ThreadPoolExecutor(1) as aside:
        moved = aside.submit(migrate, crew.url)
        while len(steps) > 8 and not moved.done():
            steps.pop(0)()
        assert moved.result() == head()


def at_the_desk(crew: Crew, store: Store, number: str) -> None:
    """Receive a report, give it to somebody and begin, each click at another process."""
    kim = seat(crew, store, "kim")
    assert number in kim.get("/filings").text
    kim.open(number)
    if kim.status(f"/filings/{number}/moves/receive") == 200:  # outside office hours
        assert kim.move(number, "receive").status_code == 303
    ids = {one.login: one.id for one in store.read(officials.everybody)}
    handler = str(ids["park"])
    assert kim.move(number, "assign", handler=handler, unit="road").status_code == 303
    park = seat(crew, store, "park")
    assert park.move(number, "start").status_code == 303


def waits(unit: Unit, row_id: int) -> Any:
    c = outbox.c
    return unit.conn.execute(sa.select(c.status, c.problem, c.payload).where(c.id == row_id)).one()


def nothing_is_lost(store: Store, numbers: set[str], newer: int) -> None:
    """Compare what was promised with what is stored; what only a later release can say waits."""

    def look(unit: Unit) -> tuple[set[str], list[Any], Any]:
        c = outbox.c
        bad = sa.select(c.id, c.kind, c.status, c.problem).where(c.status.in_(BAD))
        filed = set(unit.conn.scalars(sa.select(filings.c.number)))
        return filed, list(unit.conn.execute(bad)), waits(unit, newer)

    filed, bad, later = store.read(look)
    assert filed == numbers
    assert bad == []
    assert later.status in {"pending", "sending"}
    assert later.payload is not None


def nobody_starts_on_what_leaves_him_behind(crew: Crew, store: Store) -> None:
    """Let a revision come that asks for later code: it is refused by name, with what to do."""

    def comes(unit: Unit) -> None:
        unit.conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        row = {"revision": "9999", "min_code": 99, "at": datetime.now(UTC)}
        unit.conn.execute(sa.insert(schema_revisions).values(row))

    crew.stop()
    store.transact(comes, None)
    tried = crew.start(HEAD, "work")
    assert tried.process.wait(LIMIT) == 1
    said = tried.said.read_text()
    assert "9999: 표가 이 프로그램보다 새것입니다(코드 99 이상, 이 프로그램은" in said


def test_this_release_has_a_number_above_the_one_before(previous: Path) -> None:
    """So what it writes is known there as written later (CONTRIBUTING.md)."""
    told = previous / "knowledge" / "release.py"
    found = re.search(r"^RELEASE = (\d+)", told.read_text() if told.exists() else "", re.MULTILINE)
    assert int(found[1] if found else 0) < RELEASE


@pytest.mark.fault
def test_a_file_of_the_release_before_keeps_everything(previous: Path, tmp_path: Path) -> None:
    """SQLite: one process, moved forward when it starts; a rebuilt table keeps its children."""
    crew = Crew(f"sqlite:///{tmp_path / 'data' / 'jeokgeuk.db'}", tmp_path, random.Random(SEED))
    citizen = Citizen(crew)
    steps = citizen.steps()
    try:
        old = crew.start(previous, "serve")
        crew.all_there()
        while len(steps) > 5:
            steps.pop(0)()
        old.process.terminate()
        assert old.process.wait(LIMIT) == 0
        before = counted(tmp_path)
        assert {"peers", "dialogs", "inbox", "keys"} <= {name for name in before if before[name]}
        crew.members.clear()
        crew.store().close()
        after = counted(tmp_path)
        assert {name: after[name] for name in before if name not in GROWS} == {
            name: before[name] for name in before if name not in GROWS
        }
        crew.start(HEAD, "serve")
        crew.all_there()
        for step in steps:
            step()
        assert counted(tmp_path)["filings"] == 1
    finally:
        crew.close()


def counted(folder: Path) -> dict[str, int]:
    """Count the rows of every table of a file."""
    with contextlib.closing(sqlite3.connect(folder / "data" / "jeokgeuk.db")) as conn:
        named = conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: conn.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in named
        }
