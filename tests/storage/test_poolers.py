"""Behind a real PgBouncer, where sessions are shared and nothing may be left in them (S38)."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from storage import acting, limits, lines, migrate, planning
from storage.acting import Acting
from storage.engine import open_engine, parse_url
from storage.errors import Busy, StartRefused
from storage.models import sent_keys
from storage.repositories import leases
from tests.conftest import WALLED, named
from tests.needs import ROOT
from tests.poolers import pooler
from tests.storage.test_transact import add, count

only_postgres = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

SHOW = sa.text(
    "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'), "
    "current_setting('TimeZone'), (SELECT count(*) FROM pg_prepared_statements)"
)


@pytest.fixture(scope="module")
def shared(walled: str) -> Iterator[str]:
    """Give the address of two servers that everybody shares, transaction by transaction."""
    with pooler(named(walled, "jt_tests"), "transaction") as url:
        yield url


def standing(unit: Any) -> tuple[Any, ...]:
    return tuple(unit.conn.execute(SHOW).one())


@only_postgres
def test_many_share_few_sessions_and_each_transaction_has_its_own_limits(database, shared):
    stores = [database.open(url=shared, pool=4) for _ in range(3)]
    try:
        assert all(one.read(lambda unit: lines.pooled(unit.conn)) for one in stores)

        def work(n: int) -> tuple[Any, ...]:
            stores[n % 3].transact(add(str(n)), f"cmd:{n}")
            return stores[n % 3].read(standing)

        with ThreadPoolExecutor(12) as crowd:
            told = set(crowd.map(work, range(120)))
        assert told == {("10s", "1s", "UTC", 0)}
        assert count(stores[0]) == 120
        again = stores[1].transact(add("7"), "cmd:7", again=lambda _unit: "there")
        assert again == "there"
    finally:
        for one in stores:
            one.close()


@only_postgres
def test_nothing_of_one_transaction_is_left_for_the_next(database, shared):
    store = database.open(url=shared, limits=limits.PUBLIC)
    other = database.open(url=shared)
    try:
        with store.engine.connect() as conn, conn.begin(), lines.patient(conn, 30):
            assert conn.scalar(sa.text("SHOW statement_timeout")) == "30s"
        assert store.read(standing)[0] == "2s"
        assert other.read(standing)[0] == "10s"
        with pytest.raises(Busy):
            store.transact(lambda unit: unit.conn.execute(sa.text("SELECT pg_sleep(5)")), None)
        assert store.transact(lambda unit: leases.take(unit, "one", "us", 30), None) is not None
        assert other.transact(lambda unit: leases.take(unit, "one", "them", 30), None) is None
    finally:
        store.close()
        other.close()


def test_the_walls_stand_behind_a_pooler_too(part, walls, shared):
    there = sa.make_url(named(shared, WALLED))
    part("desk")

    def through(name: str) -> Any:
        address = there.set(username=f"jt_{name}").render_as_string(hide_password=False)
        return part(name, url=address)

    public, desk = through("public"), through("desk")
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        public.read(lambda unit: unit.conn.execute(sa.text("SELECT identity FROM filings")))
    said = sa.text("SELECT current_setting('jt.as', true), current_setting('jt.user', true)")
    mark = acting.WHO.set(Acting(7))
    try:
        assert desk.read(lambda unit: tuple(unit.conn.execute(said).one())) == ("official", "7")
    finally:
        acting.WHO.reset(mark)
    assert "7" not in desk.read(lambda unit: tuple(unit.conn.execute(said).one()))


@only_postgres
def test_a_session_of_ones_own_behind_a_pooler_will_do(database, postgres):
    with pooler(
        named(postgres, "jt_tests"), "session", 8, "ignore_startup_parameters = options"
    ) as url:
        store = database.open(url=url)
        try:
            assert store.read(lambda unit: lines.pooled(unit.conn))
            store.transact(add(), "cmd:1")
            assert store.read(standing) == ("10s", "1s", "UTC", 0)
        finally:
            store.close()


@only_postgres
def test_a_pooler_that_changes_servers_within_a_transaction_is_refused(database, postgres):
    with (
        pooler(named(postgres, "jt_tests"), "statement") as url,
        pytest.raises(StartRefused, match="pool_mode=statement") as refused,
    ):
        database.open(url=url)
    assert refused.value.where == "DATABASE_URL"


@only_postgres
def test_without_a_pooler_what_is_asked_often_is_prepared(store):
    assert not store.read(lambda unit: lines.pooled(unit.conn))
    for n in range(8):
        store.transact(add(str(n)), None)
    assert store.read(standing)[3] > 0
    assert (
        store.read(
            lambda unit: unit.conn.scalar(sa.select(sa.func.count()).select_from(sent_keys))
        )
        == 8
    )


@only_postgres
def test_what_needs_a_session_of_its_own_says_so_behind_a_pooler(database, shared):
    engine = open_engine(parse_url(shared), limits=limits.FREE)
    with (
        engine.connect() as conn,
        pytest.raises(StartRefused, match="PgBouncer"),
        planning.scratch(conn, migrate.head()),
    ):
        raise AssertionError("it was let in")
    engine.dispose()


ELSEWHERE = ("storage/planning.py", "storage/migrations/")
"""Refused behind a pooler (above); ends with its transaction (0022: ON COMMIT DROP)."""


def test_nothing_that_the_service_does_is_left_in_a_session():
    left = re.compile(
        r"pg_(?:try_)?advisory_lock\(|pg_advisory_lock\b|\bLISTEN \w|CREATE TEMP|WITH HOLD"
        r"|[\"']SET (?!LOCAL |TRANSACTION )\w"
    )
    folders = (
        ROOT / "storage",
        *(ROOT / "bot" / name for name in ("services", "worker", "receive")),
    )
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for folder in folders
        for path in sorted(folder.rglob("*.py"))
        if not str(path.relative_to(ROOT)).startswith(ELSEWHERE)
        for match in left.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
