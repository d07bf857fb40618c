"""The previous release beside this one while the database is moved forward (security S23)."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.services import officials
from storage.migrate import head, migrate
from storage.models import filings, outbox
from storage.repositories import outbox as rows
from storage.repositories import peers
from storage.store import Store
from storage.unit import Unit
from tests.conftest import admin, named
from tests.previous.crew import HEAD, Citizen, Crew, seat
from tests.previous.release import last_revision, unpack
from tests.services.conftest import settle_city

SEED = 20261123
RESTARTS = 2
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
    made.stop()
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
        crew.until(lambda: list((crew.folder / "data" / "mail").glob("*.eml")))
        nothing_is_lost(store, {one.number for one in people}, newer)
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


def nothing_is_lost(store: Store, numbers: set[str], newer: int) -> None:
    """Compare what was promised with what is stored; what only a later release can say waits."""

    def look(unit: Unit) -> tuple[set[str], list[Any], Any]:
        c = outbox.c
        bad = sa.select(c.id, c.kind, c.status, c.problem).where(c.status.in_(BAD))
        waits = sa.select(c.status, c.payload).where(c.id == newer)
        return (
            set(unit.conn.scalars(sa.select(filings.c.number))),
            list(unit.conn.execute(bad)),
            unit.conn.execute(waits).one(),
        )

    filed, bad, waits = store.read(look)
    assert filed == numbers
    assert bad == []
    assert waits.status in {"pending", "sending"}
    assert waits.payload is not None
