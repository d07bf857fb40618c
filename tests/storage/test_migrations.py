"""Migrations: one head, equal to the models, children kept (security S23; probe P12)."""

import os
import re
import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from storage import migrate as migrating
from storage import tuning
from storage.engine import open_engine, parse_url
from storage.errors import StartRefused
from storage.host import HostLock, boot_id
from storage.migrate import head, migrate, scripts
from storage.models import instance, metadata, schema_revisions
from storage.store import Store
from tests.storage.rows import a_draft, a_filing, a_peer, put


def test_migrations_to_the_head_equal_the_models(bare):
    assert migrate(bare.url) == head()
    engine = open_engine(parse_url(bare.url))
    with engine.connect() as conn:
        context = MigrationContext.configure(
            # SQLite gives defaults back as it was told them, quoted another way
            conn,
            opts={
                "compare_type": True,
                "compare_server_default": bare.name != "sqlite",
                "include_name": tuning.is_known,
            },
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_revisions_have_four_digits_one_head_and_the_code_they_need():
    assert scripts().get_heads() == [head()]
    found = list(scripts().walk_revisions())
    names = sorted(Path(script.path).name for script in found)
    assert all(re.fullmatch(r"\d{4}_[a-z_]+\.py", name) for name in names)
    assert [name[:4] for name in names] == [f"{n:04}" for n in range(1, len(names) + 1)]
    assert all(script.module.min_code <= migrating.CODE for script in found)
    assert all(Path(script.path).name.startswith(script.revision) for script in found)


def test_nothing_cascades():
    """A rebuild of a table on SQLite would wipe the children (P12)."""
    keys = [key for table in metadata.sorted_tables for key in table.foreign_key_constraints]
    assert keys
    assert all(key.ondelete is None for key in keys)
    for script in scripts().walk_revisions():
        assert "ondelete" not in Path(script.path).read_text(encoding="utf-8").lower()


def test_every_constraint_has_a_name():
    for table in metadata.sorted_tables:
        assert all(constraint.name for constraint in table.constraints), table.name


def test_migrating_twice_changes_nothing(bare):
    migrate(bare.url)
    migrate(bare.url)
    store = bare.open()
    rows = store.read(
        lambda unit: unit.conn.execute(
            sa.select(schema_revisions).order_by(schema_revisions.c.revision)
        ).all()
    )
    assert [(row.revision, row.min_code) for row in rows] == [
        (script.revision, script.module.min_code)
        for script in reversed(list(scripts().walk_revisions()))
    ]
    store.close()


def at_once(*works):
    """Run works in threads that begin together; gives what each returned or raised."""
    gate = threading.Barrier(len(works))

    def run(work):
        gate.wait(10)
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(run, works))


def revisions(store):
    rows = store.read(lambda unit: unit.conn.execute(sa.select(schema_revisions)).all())
    return sorted(row.revision for row in rows)


@pytest.mark.parametrize("bare", ["postgresql"], indirect=True)
def test_of_several_who_migrate_at_once_one_does_it_and_all_go_on(bare):
    assert at_once(*[lambda: migrate(bare.url)] * 4) == [head()] * 4
    store = bare.open()
    assert revisions(store) == sorted(script.revision for script in scripts().walk_revisions())
    store.close()


@pytest.mark.parametrize("bare", ["postgresql"], indirect=True)
def test_a_service_that_starts_while_the_tables_are_made_is_told_to_wait_or_goes_on(bare):
    _, *found = at_once(lambda: migrate(bare.url), bare.open, bare.open)
    for one in found:
        if isinstance(one, Exception):
            assert isinstance(one, StartRefused), one
            assert one.key == "schema"
        else:
            one.close()


def test_of_several_first_starts_at_once_one_makes_the_instance_and_all_go_on(bare):
    migrate(bare.url)
    stores = at_once(*[bare.open] * 4)
    assert [type(store) for store in stores] == [Store] * 4, stores
    count = stores[0].read(
        lambda unit: unit.conn.execute(sa.select(sa.func.count()).select_from(instance)).scalar()
    )
    assert count == 1
    assert {store.hold for store in stores} == {""}
    for store in stores:
        store.close()


@pytest.mark.parametrize("bare", ["sqlite"], indirect=True)
def test_of_several_who_come_to_an_empty_folder_at_once_one_migrates_and_all_go_on(bare):
    stores = at_once(*[bare.open] * 4)
    assert [type(store) for store in stores] == [Store] * 4, stores
    assert revisions(stores[0]) == sorted(script.revision for script in scripts().walk_revisions())
    for store in stores:
        store.close()


@pytest.mark.parametrize("bare", ["sqlite"], indirect=True)
def test_who_migrates_while_a_service_starts_waits_or_is_told_to_stop_it(bare):
    store, *found = at_once(bare.open, *[lambda: migrate(bare.url)] * 2)
    assert isinstance(store, Store)
    for one in found:
        assert one == head() or isinstance(one, StartRefused)
    store.close()


@pytest.mark.parametrize("bare", ["sqlite"], indirect=True)
def test_sqlite_is_migrated_by_the_first_start(bare):
    store = bare.open()
    assert a_peer(store)
    store.close()


@pytest.mark.parametrize("bare", ["sqlite"], indirect=True)
def test_the_files_of_a_database_are_for_their_owner_only(bare):
    store = bare.open()
    a_peer(store)
    path = Path(parse_url(bare.url).database)
    files = list(path.parent.glob(f"{path.name}*"))
    assert {file.suffix for file in files} >= {".db", ".db-wal", ".host"}
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    store.close()


@pytest.mark.parametrize("bare", ["postgresql"], indirect=True)
def test_postgresql_waits_for_the_command(bare):
    with pytest.raises(StartRefused, match="jeokgeuk migrate") as refused:
        bare.open()
    assert refused.value.key == "schema"


def at_revision(database, revision, least):
    """Make the database look as if newer code had migrated it."""
    store = database.open()

    def work(unit):
        row = {"revision": revision, "min_code": least, "at": sa.func.now()}
        if unit.dialect == "sqlite":
            row["at"] = 0
        unit.conn.execute(sa.text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
        if least is not None:
            unit.conn.execute(
                sa.text("INSERT INTO schema_revisions VALUES (:revision, :min_code, "
                        + ("0" if unit.dialect == "sqlite" else "now()") + ")"),
                {"revision": revision, "min_code": least},
            )  # fmt: skip

    store.transact(work, None)
    store.close()


def test_older_code_starts_on_a_newer_schema_that_still_serves_it(bare):
    migrate(bare.url)
    at_revision(bare, "0999", migrating.CODE)
    store = bare.open()
    assert a_peer(store)
    store.close()


@pytest.mark.parametrize("least", [migrating.CODE + 1, None])
def test_older_code_refuses_a_schema_that_no_longer_serves_it(bare, least):
    migrate(bare.url)
    at_revision(bare, "0999", least)
    with pytest.raises(StartRefused, match="이 프로그램보다 새것"):
        bare.open()


@pytest.mark.parametrize("bare", ["sqlite"], indirect=True)
def test_a_migration_waits_until_the_other_processes_have_stopped(bare):
    path = Path(parse_url(bare.url).database)
    other = HostLock(path.with_name(path.name + ".host"), boot_id())
    with pytest.raises(StartRefused, match="다른 프로세스를 모두"):
        migrate(bare.url)
    other.close()
    migrate(bare.url)


def rebuild_peers(conn, to):
    """Do what a later revision would: Alembic's batch mode makes the table anew."""
    op = Operations(MigrationContext.configure(conn))
    with op.batch_alter_table("peers", recreate="always") as batch:
        batch.add_column(sa.Column("extra", sa.String()))


def rebuild(database):
    engine = open_engine(parse_url(database.url))
    path = Path(engine.url.database)
    lock = HostLock(path.with_name(path.name + ".host"), boot_id())
    try:
        migrating.upgrade(engine, lock)
    finally:
        lock.close()
        engine.dispose()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_rebuilt_table_keeps_its_children(database, monkeypatch):
    store = database.open()
    put(store, a_peer(store), a_draft(), a_draft(filing_id=a_filing(store).id))
    store.close()
    monkeypatch.setattr(migrating, "_run", rebuild_peers)
    rebuild(database)
    with sqlite3.connect(parse_url(database.url).database) as conn:
        assert conn.execute("SELECT count(*) FROM outbox").fetchone() == (2,)
        assert conn.execute("SELECT id, extra FROM peers").fetchall() == [(1, None)]
    conn.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_migration_that_leaves_orphans_changes_nothing(database, monkeypatch):
    store = database.open()
    put(store, a_peer(store), a_draft())
    store.close()
    monkeypatch.setattr(
        migrating, "_run", lambda conn, _to: conn.exec_driver_sql("DELETE FROM peers")
    )
    with pytest.raises(StartRefused, match="부모 없는 줄"):
        rebuild(database)
    store = database.open()
    assert a_peer(store).id == 1
    store.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_file_is_copied_first_and_the_copy_does_not_live_for_ever(database, monkeypatch):
    path = Path(parse_url(database.url).database)
    monkeypatch.setattr(migrating, "_run", lambda _conn, _to: None)
    rebuild(database)
    [copy] = path.parent.glob(f"{path.name}.before-*")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with sqlite3.connect(copy) as conn:
        assert conn.execute("SELECT count(*) FROM peers").fetchone() == (0,)
    conn.close()
    old = copy.stat().st_mtime - 8 * 86_400
    os.utime(copy, (old, old))
    kept = copy.with_name(copy.name + "0")
    copy.rename(kept)
    rebuild(database)
    assert not kept.exists()
