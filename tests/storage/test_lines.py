"""Lines to PostgreSQL that break, fall silent, or lead to a server that takes no writes (S20, S38)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from storage import lines
from storage.engine import open_engine, parse_url
from storage.errors import Busy, StartRefused
from storage.limits import PUBLIC
from tests.conftest import admin, named
from tests.fakes.proxy import CommitProxy
from tests.programs import until

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

BRIEF = replace(PUBLIC, grace=1)
PID = sa.text("SELECT pg_backend_pid()")
KILL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def pid(unit: Any) -> int:
    return int(unit.conn.execute(PID).scalar_one())


def note(unit: Any) -> int:
    unit.conn.execute(sa.text("UPDATE instance SET last_seen = last_seen"))
    return pid(unit)


@pytest.fixture
def proxy(database: Any) -> Iterator[CommitProxy]:
    made = CommitProxy(database.url)
    yield made
    made.fault = "none"
    made.close()


def test_a_line_on_which_nobody_answers_is_given_up_and_work_goes_on_after_it(database, proxy):
    store = database.open(url=proxy.url, limits=BRIEF)
    try:
        before = store.transact(note, None)
        proxy.fault = "swallow"
        for do in (lambda: store.read(pid), lambda: store.transact(note, None)):
            with pytest.raises(Busy):
                do()
        assert proxy.struck
        proxy.fault = "none"
        assert store.transact(note, None) != before
    finally:
        store.close()


def test_lines_as_old_as_a_lost_one_are_not_used_again(database, proxy):
    store = database.open(url=proxy.url, limits=BRIEF)
    try:
        with store.engine.connect() as one, store.engine.connect() as two:
            old = {conn.execute(PID).scalar_one() for conn in (one, two)}
        proxy.fault = "swallow"
        with pytest.raises(Busy):
            store.read(pid)
        proxy.fault = "none"
        with store.engine.connect() as one, store.engine.connect() as two:
            assert not old & {conn.execute(PID).scalar_one() for conn in (one, two)}
    finally:
        store.close()


def test_a_server_that_left_while_nobody_asked_is_noticed_without_asking(database, store):
    runs: list[int] = []
    before = store.transact(note, None)
    admin(database.url, KILL)
    raw = store.engine.pool._pool.queue[0].dbapi_connection
    until(lambda: lines._spoke(raw))

    def work(unit: Any) -> int:
        runs.append(1)
        return note(unit)

    assert store.transact(work, None) != before
    assert runs == [1]


@pytest.fixture
def read_only(database: Any) -> Iterator[Callable[[bool], None]]:
    """Let the server take no writes, as one does that is not the primary any more."""
    free = sa.make_url(named(database.url, "postgres")).update_query_dict(
        {"options": "-c default_transaction_read_only=off"}
    )

    def turn(on: bool) -> None:
        text = free.render_as_string(hide_password=False)
        admin(text, f"ALTER SYSTEM SET default_transaction_read_only = {'on' if on else 'off'}")
        admin(text, "SELECT pg_reload_conf()")
        fresh = sa.create_engine(database.url, poolclass=sa.NullPool)
        wanted = "on" if on else "off"

        def told() -> bool:
            with fresh.connect() as conn:
                return bool(conn.scalar(sa.text("SHOW default_transaction_read_only")) == wanted)

        until(told)

    yield turn
    turn(False)


def test_a_server_that_takes_no_writes_is_busy_until_it_does_again(store, read_only):
    before = store.transact(note, None)
    read_only(True)
    with pytest.raises(Busy):
        store.transact(note, None)
    with pytest.raises(Busy):  # what was kept is gone: it would be read there for ever
        store.read(pid)
    read_only(False)
    assert store.transact(note, None) != before


def test_who_only_reads_leaves_such_a_server_as_soon_as_it_says_so(store, read_only):
    before = store.read(pid)
    read_only(True)
    raw = store.engine.pool._pool.queue[0].dbapi_connection
    raw.autocommit = True
    raw.execute("SELECT 1")  # with its next answer, whatever it was asked
    raw.autocommit = False
    with pytest.raises(Busy):
        store.read(pid)
    read_only(False)
    assert store.read(pid) != before


def test_of_several_hosts_the_one_that_takes_writes_is_found(database, proxy):
    url = sa.make_url(proxy.url)
    there = f"postgresql://{url.username}@127.0.0.1:1,127.0.0.1:{url.port}/{url.database}"
    store = database.open(url=there)
    try:
        assert store.transact(note, None)
        assert store.engine.url.query["host"] == "127.0.0.1,127.0.0.1"
    finally:
        store.close()


def test_a_patient_statement_may_take_longer_and_the_next_may_not(database):
    engine = open_engine(parse_url(database.url), limits=replace(PUBLIC, statement=1))
    with engine.connect() as conn:
        with conn.begin(), lines.patient(conn, 30):
            conn.execute(sa.text("SELECT pg_sleep(1.5)"))
        with pytest.raises(sa.exc.OperationalError, match="statement timeout"), conn.begin():
            conn.execute(sa.text("SELECT pg_sleep(1.5)"))
    engine.dispose()


@pytest.mark.parametrize(
    ("given", "hosts", "ports"),
    [
        ("postgresql://u:p%40@a:1,b:2/d", "a,b", "1,2"),
        ("postgres://u@a,b:2/d?sslmode=require", "a,b", "5432,2"),
        ("postgresql://[::1]:1,[fe80::2]/d", "::1,fe80::2", "1,5432"),
    ],
)
@pytest.mark.usefixtures("database")
def test_several_hosts_are_written_as_libpq_writes_them(given, hosts, ports):
    url = parse_url(given)
    assert (url.query["host"], url.query["port"], url.database) == (hosts, ports, "d")
    engine = open_engine(url)
    assert engine.dialect.create_connect_args(url)[1]["host"] == hosts


@pytest.mark.usefixtures("database")
def test_hosts_that_are_none_are_refused():
    with pytest.raises(StartRefused, match="데이터베이스 주소가 아닙니다"):
        parse_url("postgresql://u@a:1:2,b/d")


def test_what_no_standby_has_confirmed_is_told_to_nobody(database, store):
    """PostgreSQL cuts the wait at the statement's limit and calls it a success with a warning."""
    store.close()
    brief = database.open(limits=BRIEF)
    free = named(database.url, "postgres")
    try:
        admin(free, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        admin(free, "SELECT pg_reload_conf()")
        wait = sa.text("SHOW synchronous_standby_names")
        until(lambda: brief.read(lambda unit: unit.conn.scalar(wait)) == "nobody")
        with pytest.raises(Busy):
            brief.transact(note, "cmd:1")
    finally:
        admin(free, "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
    until(lambda: not brief.read(lambda unit: unit.conn.scalar(wait)))
    assert brief.transact(note, "cmd:1", again=lambda _unit: "there") == "there"
    brief.close()
