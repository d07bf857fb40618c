"""Reading a copy of the primary: what it has is read there, and never what it has not (S38)."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from storage.errors import StartRefused
from storage.models import sent_keys
from storage.replica import AWAY, BEHIND, SETTING
from tests.conftest import WALLED, named
from tests.copies import Copy, copy_of
from tests.programs import until
from tests.storage.test_transact import add

HOUR = 3600.0
only_postgres = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture(scope="module")
def copy(walled: str) -> Iterator[Copy]:
    with copy_of(named(walled, "jt_tests")) as made:
        yield made


def at_the_copy(unit: Any) -> bool:
    return bool(unit.conn.scalar(sa.text("SELECT pg_is_in_recovery()")))


def rows(unit: Any) -> tuple[bool, int]:
    there = unit.conn.scalar(sa.select(sa.func.count()).select_from(sent_keys))
    return at_the_copy(unit), there


@pytest.fixture
def store(database: Any, copy: Copy) -> Iterator[Any]:
    made = database.open(replica_url=copy.url)
    now = [0.0]
    made.replica.clock = lambda: now[0]
    made.replica.passes = lambda seconds: now.__setitem__(0, now[0] + seconds)
    made.replica.pause = made.replica.passes
    yield made
    made.close()
    copy.say("SELECT pg_wal_replay_resume()")


@only_postgres
def test_what_the_copy_has_is_read_there_and_what_it_lacks_here(store, copy):
    later = store.replica.passes
    until(lambda: store.stale(at_the_copy) or later(AWAY))
    store.transact(add(), None)
    assert until(lambda: store.stale(rows, current=True)[0])
    assert store.stale(rows, current=True)[1] == 1
    later(HOUR)  # nobody wrote: it is no older for that
    until(lambda: store.stale(at_the_copy))

    copy.say("SELECT pg_wal_replay_pause()")
    until(lambda: store.stale(at_the_copy))
    store.transact(add("other"), None)
    assert store.stale(rows, current=True) == (False, 2)
    assert store.stale(rows) == (True, 1)  # a moment old, which is near enough
    later(BEHIND + 1)
    assert store.stale(rows) == (False, 2)
    copy.say("SELECT pg_wal_replay_resume()")
    until(lambda: later(1) or store.stale(rows) == (True, 2))


@only_postgres
def test_a_copy_that_is_away_is_missed_by_nobody_and_read_again_when_it_is_back(store, copy):
    later = store.replica.passes
    until(lambda: store.stale(at_the_copy) or later(AWAY))
    copy.stop()
    try:
        for _ in range(3):
            assert not store.stale(at_the_copy)
        later(AWAY)
        assert not store.stale(at_the_copy, current=True)
    finally:
        copy.start()
    until(lambda: later(AWAY) or store.stale(at_the_copy))


@only_postgres
def test_what_is_no_copy_of_ours_is_refused_at_the_start_and_never_read_later(
    database, store, copy
):
    with pytest.raises(StartRefused, match="복제본이 아닙니다") as refused:
        database.open(replica_url=named(copy.url, "postgres"))
    assert refused.value.where == SETTING
    until(lambda: store.stale(at_the_copy) or store.replica.passes(AWAY))
    store.replica.generation, store.replica.known = "another", False
    store.replica.passes(2)
    assert not store.stale(at_the_copy)
    assert store.replica.wrong is not None


@only_postgres
def test_a_bug_in_a_work_is_told_by_the_primary(store):
    until(lambda: store.stale(at_the_copy) or store.replica.passes(AWAY))
    with pytest.raises(sa.exc.ProgrammingError):
        store.stale(lambda unit: unit.conn.execute(sa.text("SELECT nothing FROM nowhere")))


def test_the_walls_stand_around_the_copy_as_well(part, walls, copy):
    there = sa.make_url(named(copy.url, WALLED))

    def as_role(role: str) -> str:
        return there.set(username=role).render_as_string(hide_password=False)

    part("desk")
    with pytest.raises(StartRefused, match="주인") as refused:
        part("public", replica_url=as_role("jt_owner"))
    assert refused.value.where == SETTING
    public = part("public", replica_url=as_role("jt_public"))
    who = sa.text("SELECT pg_is_in_recovery(), current_user")
    until(
        lambda: (
            public.stale(lambda unit: tuple(unit.conn.execute(who).one())) == (True, "jt_public")
        )
    )
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        public.stale(lambda unit: unit.conn.execute(sa.text("SELECT identity FROM filings")))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_file_has_no_copy(database):
    with pytest.raises(StartRefused, match="PostgreSQL에서만"):
        database.open(replica_url="postgresql://there/db")


@only_postgres
def test_a_copy_is_a_server(database):
    with pytest.raises(StartRefused, match="PostgreSQL 주소"):
        database.open(replica_url="sqlite:////tmp/none.db")
