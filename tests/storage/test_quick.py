"""The hot path's own way to the driver: the same values, the same errors."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from storage.models import dialogs, leases, runs
from storage.quick import Quick
from storage.store import Store
from storage.unit import Unit

AT = datetime(2026, 11, 23, 1, 2, 3, 456789, tzinfo=UTC)


def test_times_go_in_and_come_out_as_they_were(store: Store) -> None:
    put = Quick(sa.insert(leases).returning(leases.c.until, leases.c.name))
    row = {"name": "x", "holder": "h", "fence": 1, "until": AT}
    assert store.transact(lambda unit: put(unit.conn, row).one(), None) == (AT, "x")
    get = Quick(sa.select(leases.c.until).where(leases.c.name == sa.bindparam("name")))
    assert store.read(lambda unit: get(unit.conn, {"name": "x"}).rows) == [(AT,)]
    assert store.read(lambda unit: get(unit.conn, {"name": "y"}).rows) == []


def test_defaults_of_columns_are_kept(store: Store) -> None:
    put = Quick(sa.insert(runs))
    store.transact(lambda unit: put(unit.conn, {"run_key": "a", "started_at": AT}), None)
    fence = store.read(lambda unit: unit.conn.execute(sa.select(runs.c.fence)).scalar_one())
    assert fence == 0


def test_many_are_changed_and_counted(store: Store) -> None:
    put = Quick(sa.insert(runs))
    change = Quick(sa.update(runs).where(runs.c.run_key == sa.bindparam("key")).values(fence=7))

    def work(unit: Unit) -> int:
        put.many(unit.conn, [{"run_key": f"r{n}", "started_at": AT} for n in range(3)])
        return change.many(unit.conn, [{"key": f"r{n}"} for n in range(1, 5)])

    assert store.transact(work, None) == 2


def test_what_the_driver_raises_is_sqlalchemys(store: Store) -> None:
    put = Quick(sa.insert(runs))
    row = {"run_key": "a", "started_at": AT}
    store.transact(lambda unit: put(unit.conn, row), None)

    def twice(unit: Unit) -> None:
        put(unit.conn, row)

    with pytest.raises(sa.exc.IntegrityError) as told:
        store.transact(twice, None, tries=1)
    assert "2026" not in str(told.value)


def test_a_statement_may_differ_between_databases(store: Store) -> None:
    which = Quick(lambda dialect: sa.select(sa.literal(dialect)))
    assert store.read(lambda unit: which(unit.conn, {}).one()) == (store.engine.dialect.name,)


def test_a_lost_connection_is_not_used_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.engine.dialect, "is_disconnect", lambda *_: True)
    wrong = Quick(sa.select(sa.text("no_such_column")).select_from(dialogs))

    def look(unit: Unit) -> None:
        with pytest.raises(sa.exc.DBAPIError) as told:
            wrong(unit.conn, {})
        assert told.value.connection_invalidated
        assert unit.conn.invalidated

    with store.engine.connect() as conn:
        look(Unit(conn, None, conn.dialect.name, store.blobs, store.random))  # type: ignore[arg-type]
