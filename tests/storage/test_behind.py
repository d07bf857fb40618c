"""What is only written waits for the next question, or for the COMMIT; nothing of it is lost."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage.models import runs
from storage.quick import Quick
from storage.store import Store
from storage.unit import Unit
from tests.exchanges import counted

AT = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
put = Quick(sa.insert(runs))
keys = sa.select(runs.c.run_key).order_by(runs.c.run_key)
quick_keys = Quick(keys)

only_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def later(unit: Unit, *names: str) -> None:
    for name in names:
        put.later(unit.conn, {"run_key": name, "started_at": AT})


def there(store: Store) -> list[str]:
    return store.read(lambda unit: list(unit.conn.scalars(keys)))


def test_what_waits_is_there_for_the_next_question_and_after_the_commit(store: Store) -> None:
    def work(unit: Unit) -> list[list[Any]]:
        later(unit, "a", "b")
        first = list(unit.conn.scalars(keys))
        later(unit, "c")
        second = [name for (name,) in quick_keys(unit.conn, {}).rows]
        later(unit, "d")
        return [first, second]

    assert store.transact(work, None) == [["a", "b"], ["a", "b", "c"]]
    assert there(store) == ["a", "b", "c", "d"]


def test_what_fails_takes_back_the_whole_work_wherever_it_is_noticed(store: Store) -> None:
    store.transact(lambda unit: later(unit, "there"), None)

    def asks(unit: Unit) -> None:
        later(unit, "new", "there")
        unit.conn.execute(keys)

    def asks_quickly(unit: Unit) -> None:
        later(unit, "new", "there")
        quick_keys(unit.conn, {})

    def commits(unit: Unit) -> None:
        later(unit, "new", "there")

    for work in (asks, asks_quickly, commits):
        with pytest.raises(sa.exc.IntegrityError):
            store.transact(work, None, tries=1)
        assert there(store) == ["there"]
    store.transact(lambda unit: later(unit, "after"), None)
    assert there(store) == ["after", "there"]


def test_what_waits_is_forgotten_with_the_work_that_failed(store: Store) -> None:
    def fails(unit: Unit) -> None:
        later(unit, "a")
        raise LookupError

    for _ in range(3):
        with pytest.raises(LookupError):
            store.transact(fails, None)
    store.transact(lambda unit: later(unit, "b"), None)
    assert there(store) == ["b"]


def test_what_waits_since_a_savepoint_is_taken_back_with_it(store: Store) -> None:
    def work(unit: Unit) -> None:
        later(unit, "a")
        inner = unit.conn.begin_nested()
        later(unit, "b")
        inner.rollback()
        later(unit, "c")

    store.transact(work, None)
    assert there(store) == ["a", "c"]


def test_a_statement_that_cannot_be_sent_spoils_nothing_that_comes_after(store: Store) -> None:
    wrong = sa.text("SELECT CAST(:given AS INTEGER)").bindparams(given=object())

    def work(unit: Unit) -> None:
        later(unit, "a")
        unit.conn.execute(wrong)

    with pytest.raises(sa.exc.DBAPIError):
        store.transact(work, None, tries=1)
    store.transact(lambda unit: later(unit, "b"), None)
    assert there(store) == ["b"]


@only_postgresql
def test_writes_cost_no_exchange_of_their_own(store: Store, tmp_path: Path) -> None:
    def work(unit: Unit) -> None:
        unit.conn.execute(keys)
        later(unit, "a", "b", "c")
        unit.conn.execute(keys)
        later(unit, "d", "e")

    with counted(store.engine, tmp_path / "trace") as asked:
        store.transact(work, None)
        assert asked() == 4  # BEGIN, two questions, COMMIT


@only_postgresql
def test_a_cursor_of_the_server_is_told_before_it_begins(store: Store) -> None:
    def work(unit: Unit) -> list[str]:
        later(unit, "a")
        return list(unit.conn.execution_options(stream_results=True).scalars(keys))

    assert store.transact(work, None) == ["a"]
