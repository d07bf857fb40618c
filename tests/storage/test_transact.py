"""One transaction per piece of work, done once whatever happens (security S21; probe P9)."""

import contextlib
import contextvars
import sqlite3
import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from storage import limits, transactions
from storage.columns import db_now
from storage.engine import open_engine, parse_url
from storage.errors import Again, BodyConflict, Busy, Repeated, Stale
from storage.models import inbox as inbox_rows
from storage.models import sent_keys as key_rows
from storage.repositories import inbox, peers, sent_keys
from storage.unit import Key
from tests.fakes.proxy import CommitProxy
from tests.storage.rows import a_peer


def count(store, table=key_rows):
    return store.read(
        lambda unit: unit.conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    )


def add(key="once"):
    """Give a work that cannot be done twice without being seen."""

    def work(unit):
        unit.conn.execute(
            sa.insert(key_rows).values(key=f"{key}:{unit.random(8).hex()}", at=db_now())
        )
        return f"done {key}"

    return work


# --- commands ---


def test_a_command_is_done_once_and_its_repetition_finds_the_first_answer(store):
    assert store.transact(add(), "desk:1") == "done once"
    assert store.transact(add(), "desk:1", again=lambda unit: "as before") == "as before"
    with pytest.raises(Repeated):
        store.transact(add(), "desk:1")
    assert count(store) == 1


def test_the_same_command_with_another_body_is_a_conflict(store):
    store.transact(add(), "desk:1", body=b"close")
    with pytest.raises(BodyConflict):
        store.transact(add(), "desk:1", body=b"open", again=lambda unit: "")
    assert store.transact(add(), "desk:1", body=b"close", again=lambda unit: "same") == "same"
    assert count(store) == 1


def test_a_command_that_failed_may_be_tried_again(store):
    def fail(unit):
        add()(unit)
        raise Stale("filing")

    with pytest.raises(Stale):
        store.transact(fail, "desk:1")
    assert count(store) == 0
    assert store.transact(add(), "desk:1") == "done once"


def test_work_without_a_command_leaves_no_mark(store):
    store.transact(add(), None)
    store.transact(add(), None)
    assert count(store) == 2
    assert count(store, inbox_rows) == 0


def test_a_work_that_claims_its_update_sets_its_own_mark(store):
    peer = a_peer(store)
    key = Key("telegram:1", peer.id, "77")

    def work(unit):
        if inbox.claim(unit, key, b"body", peer.sid) is None:
            inbox.answer(unit, key, peer.sid, b"answer")
            return None
        return inbox.claim(unit, key, b"body", peer.sid).answer

    assert store.transact(work, "telegram:1:77") is None
    assert store.transact(work, "telegram:1:77") == b"answer"
    assert count(store, inbox_rows) == 1


def test_two_commands_of_one_name_at_once_have_one_effect(opened):
    one, two = opened(), opened()
    start = threading.Barrier(2)
    results = []

    def run(store):
        start.wait()
        results.append(store.transact(add(), "desk:1", again=lambda unit: "as before"))

    threads = [threading.Thread(target=run, args=(store,)) for store in (one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["as before", "done once"]
    assert count(one) == 1


# --- the answer to COMMIT is lost ---


def gone():
    return sa.exc.OperationalError("COMMIT", None, sqlite3.OperationalError("connection gone"))


class LostAnswer:
    """The fault at the seam: the next commits happen (or not), and then the connection breaks."""

    def __init__(self, *, committed):
        self.committed = committed
        self.times = 0

    def __call__(self, transaction):
        if self.times > 0:
            self.times -= 1
            if self.committed:
                transaction.commit()
            raise gone()
        transactions.commit_it(transaction)


@pytest.mark.parametrize("committed", [True, False])
def test_a_lost_answer_to_commit_has_one_effect_and_the_first_result(opened, committed):
    fault = LostAnswer(committed=committed)
    store = opened(commit=fault)
    calls = []

    def work(unit):
        calls.append(1)
        add()(unit)
        return len(calls)

    fault.times = 1
    assert store.transact(work, "desk:1") == (1 if committed else 2)
    assert count(store) == 1


@pytest.mark.parametrize("committed", [True, False])
def test_a_lost_answer_is_found_by_the_update_that_the_work_claimed(opened, committed):
    fault = LostAnswer(committed=committed)
    store = opened(commit=fault)
    peer = a_peer(store)

    def work(unit):
        assert inbox.claim(unit, Key("telegram:1", peer.id, "5"), b"", peer.sid) is None
        return add()(unit)

    fault.times = 1
    assert store.transact(work, None) == "done once"
    assert count(store) == 1


def test_when_every_answer_is_lost_nobody_is_told_that_it_failed_for_good(opened):
    fault = LostAnswer(committed=False)
    store = opened(commit=fault)
    fault.times = 3
    with pytest.raises(Busy):
        store.transact(add(), "desk:1")
    assert count(store) == 0
    assert store.transact(add(), "desk:1") == "done once"


def test_keys_made_in_a_transaction_whose_fate_is_unknown_are_not_kept(opened):
    fault = LostAnswer(committed=False)
    store = opened(commit=fault)
    fault.times = 3
    sid = b"s" * 16
    with pytest.raises(Busy):
        store.transact(lambda unit: unit.keys.seal("filings.answers", sid, b"x"), "desk:1")
    sealed = store.transact(lambda unit: unit.keys.seal("filings.answers", sid, b"y"), "desk:2")
    store.cache.clear()
    assert store.read(lambda unit: unit.keys.open("filings.answers", sid, sealed)) == b"y"


@pytest.mark.parametrize("fault", ["drop_answer", "drop_question"])
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_cut_at_commit_has_one_effect(database, fault):
    proxy = CommitProxy(database.url)
    store = database.open(url=proxy.url)
    try:
        proxy.fault = fault
        assert store.transact(add(), "desk:1") == "done once"
        assert proxy.struck == 1
        assert count(store) == 1
        assert count(store, inbox_rows) == 1
    finally:
        store.close()
        proxy.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_database_that_is_away_is_busy_and_comes_back(database):
    proxy = CommitProxy(database.url)
    store = database.open(url=proxy.url)
    try:
        store.engine.dispose()
        proxy.fault = "away"
        with pytest.raises(Busy):
            store.transact(add(), "desk:1")
        with pytest.raises(Busy):
            store.read(lambda unit: unit.conn.execute(sa.select(key_rows)).all())
        proxy.fault = "none"
        assert store.transact(add(), "desk:1") == "done once"
    finally:
        store.close()
        proxy.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_that_died_in_the_pool_is_replaced(opened):
    store, other = opened(), opened()
    store.transact(add(), "desk:1")
    kill = sa.text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    other.transact(lambda unit: unit.conn.execute(kill), None)
    assert store.read(lambda unit: unit.conn.execute(sa.select(key_rows)).all())
    other.transact(lambda unit: unit.conn.execute(kill), None)
    assert store.transact(add(), "desk:2") == "done once"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_slow_statement_is_cut_and_called_busy(store):
    with pytest.raises(Busy):
        store.transact(
            lambda unit: unit.conn.execute(
                sa.text("SET LOCAL statement_timeout = 20; SELECT pg_sleep(5)")
            ),
            None,
        )


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_locked_row_is_waited_for_a_second_and_then_busy(opened):
    one, two = opened(), opened(limits=replace(limits.WORK, lock=0.03))
    peer = a_peer(one)
    with one.engine.connect() as conn, conn.begin():
        peers.lock(one._unit(conn), peer.id)
        with pytest.raises(Busy):
            two.transact(lambda unit: peers.lock(unit, peer.id), None)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_no_free_connection_is_busy_at_once(opened):
    store = opened(pool=1)
    store.engine.pool._timeout = 0.05
    with store.engine.connect():
        with pytest.raises(Busy):
            store.transact(add(), "desk:1")
        with pytest.raises(Busy):
            store.read(lambda unit: None)


class RefusedByServerError(Exception):
    sqlstate = "23514"


def test_a_commit_that_the_server_refused_is_told_at_once(opened):
    def refuse(_transaction):
        raise sa.exc.IntegrityError("COMMIT", None, RefusedByServerError())

    with pytest.raises(sa.exc.IntegrityError):
        opened(commit=refuse).transact(add(), "desk:1")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_another_process_keeps_locked_is_busy(database, store):
    engine = open_engine(parse_url(database.url), patience=0.01)
    store.engine.dispose()
    store.engine = engine
    with contextlib.closing(sqlite3.connect(engine.url.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy):
            store.transact(add(), "desk:1")
        assert count(store) == 0  # who reads does not wait
    assert store.transact(add(), "desk:1") == "done once"


# --- again ---


def test_a_work_that_asks_for_it_runs_again_on_fresh_rows(store):
    seen = []

    def work(unit):
        seen.append(1)
        add()(unit)
        if len(seen) < 3:
            raise Again
        return "third"

    assert store.transact(work, "desk:1") == "third"
    assert count(store) == 1
    with pytest.raises(Busy):
        store.transact(lambda unit: (_ for _ in ()).throw(Again()), "desk:2", tries=2)


def test_a_race_for_a_unique_name_is_run_again_and_a_real_twin_is_told(store):
    def twice(unit):
        unit.conn.execute(sa.insert(key_rows).values(key="same", at=db_now()))

    store.transact(twice, None)
    with pytest.raises(sa.exc.IntegrityError):
        store.transact(twice, None)


def test_a_statement_that_fails_does_not_tell_its_values(store):
    broken = sa.text("SELECT nothing FROM nowhere WHERE name = :name")
    with pytest.raises(sa.exc.DBAPIError) as told:
        store.transact(lambda unit: unit.conn.execute(broken, {"name": "홍길동"}), None)
    assert "홍길동" not in str(told.value)


def test_a_bug_is_not_hidden_and_leaves_nothing(store):
    def broken(unit):
        add()(unit)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.transact(broken, "desk:1")
    with pytest.raises(sa.exc.DBAPIError):
        store.transact(
            lambda unit: unit.conn.execute(sa.text("SELECT nothing FROM nowhere")), None
        )
    with pytest.raises(sa.exc.DBAPIError):
        store.read(lambda unit: unit.conn.execute(sa.text("SELECT nothing FROM nowhere")))
    assert count(store) == 0


def test_a_transaction_inside_a_transaction_is_refused_not_a_deadlock(store):
    with pytest.raises(RuntimeError, match="inside"):
        store.transact(lambda unit: store.transact(add(), None), None)
    assert store.transact(add(), None)


def test_what_a_read_writes_is_not_kept(store):
    says_no = pytest.raises(sa.exc.DBAPIError, match="read-only")
    with says_no if store.engine.dialect.name == "postgresql" else contextlib.nullcontext():
        store.read(add())
    assert count(store) == 0
    store.transact(add(), None)
    assert count(store) == 1


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_is_read_often_is_prepared_on_the_server(store):
    often = sa.text("SELECT 'read often'")
    for _ in range(7):
        store.read(lambda unit: unit.conn.execute(often).all())
    known = sa.text("SELECT count(*) FROM pg_prepared_statements WHERE statement = :text")
    assert store.read(lambda unit: unit.conn.scalar(known, {"text": often.text})) == 1


def test_a_read_sees_one_moment(opened):
    one, two = opened(), opened()

    def look(unit):
        before = unit.conn.execute(sa.select(key_rows)).all()
        if unit.dialect == "sqlite":
            two.transact(add(), None)
        return before == unit.conn.execute(sa.select(key_rows)).all()

    assert one.read(look)


# --- many at once ---


def test_many_writers_lose_nothing(opened):
    stores = [opened(), opened()]

    def run(number):
        store = stores[number % 2]
        for n in range(10):
            store.transact(
                lambda unit, n=n: sent_keys.first(unit, f"{number}:{n}"), f"c:{number}:{n}"
            )

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(stores[0]) == 60


# --- several in one commit (SQLite) ---

only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def in_one_go(store, works):
    """Let these wait behind a work that goes on; gives what each got, an error for an error."""
    begun, go_on = threading.Event(), threading.Event()
    found = [None] * len(works)

    def first(_unit):
        begun.set()
        assert go_on.wait(10)

    def run(number):
        try:
            found[number] = store.transact(works[number], None)
        except ValueError as error:
            found[number] = error

    threads = [threading.Thread(target=store.transact, args=(first, None))]
    threads[0].start()
    assert begun.wait(10)
    for number in range(len(works)):
        threads.append(threading.Thread(target=run, args=(number,)))
        threads[-1].start()
        while store.line.waiting <= number:
            pass
    go_on.set()
    for thread in threads:
        thread.join()
    return found


@only_sqlite
def test_writers_get_their_turn_in_the_order_in_which_they_came(store):
    order = []
    in_one_go(store, [lambda _unit, n=n: order.append(n) for n in range(40)])
    assert order == list(range(40))


@only_sqlite
def test_who_waits_for_each_other_shares_a_commit(store):
    commits = []
    store.commit = lambda transaction: (commits.append(1), transaction.commit())
    assert in_one_go(store, [add(str(n)) for n in range(5)]) == [f"done {n}" for n in range(5)]
    assert (count(store), len(commits)) == (5, 2)


@only_sqlite
def test_what_fails_takes_back_only_itself(store):
    def fails(unit):
        add("lost")(unit)
        raise ValueError("wrong")

    one, wrong, two = in_one_go(store, [add("one"), fails, add("two")])
    assert (one, str(wrong), two, count(store)) == ("done one", "wrong", "done two", 2)


@only_sqlite
def test_a_disk_that_takes_all_back_lets_the_others_begin_again(store):
    tries = []

    def full(unit):
        tries.append(1)
        if len(tries) == 1:
            unit.conn.connection.driver_connection.execute("ROLLBACK")
        raise ValueError("full")

    one, wrong, two = in_one_go(store, [add("one"), full, add("two")])
    assert (one, str(wrong), two, count(store)) == ("done one", "full", "done two", 2)


@only_sqlite
def test_a_lost_answer_to_the_commit_of_several_doubles_none(store):
    lost = []

    def commit(transaction):
        transaction.commit()
        lost.append(1)
        if len(lost) == 2:
            raise sa.exc.OperationalError("COMMIT", None, sqlite3.OperationalError("lost"))

    def claims(number):
        def work(unit):
            assert inbox.claim(unit, Key("web:1", number, "7"), b"body", b"s" * 16) is None
            return add(str(number))(unit)

        return work

    store.commit = commit
    assert in_one_go(store, [claims(1), claims(2)]) == ["done 1", "done 2"]
    assert count(store) == 2


@only_sqlite
def test_a_work_done_by_another_keeps_its_own_context(store):
    where = contextvars.ContextVar("where", default="nowhere")

    def run(number, work):
        where.set(number)
        return store.transact(work, None)

    seen = []
    begun, go_on = threading.Event(), threading.Event()
    first = threading.Thread(
        target=store.transact, args=(lambda _unit: (begun.set(), go_on.wait(10)), None)
    )
    first.start()
    assert begun.wait(10)
    threads = [
        threading.Thread(target=run, args=(n, lambda _unit: seen.append(where.get())))
        for n in range(3)
    ]
    for number, thread in enumerate(threads):
        thread.start()
        while store.line.waiting <= number:
            pass
    go_on.set()
    for thread in [first, *threads]:
        thread.join()
    assert seen == [0, 1, 2]


def test_a_key_that_another_made_in_a_commit_that_failed_seals_nothing_later(opened):
    store = opened()
    owner = bytes(range(16))

    def seal(unit):
        return unit.keys.seal("peers.name", owner, b"x")

    def refused(transaction):
        transaction.rollback()
        raise gone()

    jobs = [transactions.Job(seal) for _ in range(2)]
    if store.engine.dialect.name == "sqlite":
        store.commit = refused
        store._together(jobs)
        store.commit = transactions.commit_it
    sealed = store.transact(seal, None)
    store.cache.clear()
    assert store.read(lambda unit: unit.keys.open("peers.name", owner, sealed)) == b"x"
