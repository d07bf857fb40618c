"""What a revision locks, and what it may do beside the code of yesterday (security S23)."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from storage import migrate
from storage.engine import open_engine, parse_url
from storage.limits import FREE
from storage.planning import plan_of, scratch
from tests.conftest import named

SINCE = "0021"
"""The last revision that was written before the rule; those after it only add."""

COLUMNS = sa.text(
    "SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, "
    "a.attnotnull AS needed, a.atthasdef AS filled FROM pg_attribute a "
    "JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = pg_my_temp_schema() "
    "AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped"
)
RULES = sa.text(
    "SELECT c.relname AS table, pg_get_constraintdef(o.oid) AS rule FROM pg_constraint o "
    "JOIN pg_class c ON c.oid = o.conrelid WHERE c.relnamespace = pg_my_temp_schema() "
    "AND NOT c.relispartition AND o.contype IN ('c', 'u', 'p', 'f', 'x') "
    "UNION SELECT c.relname, regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING ', '') "
    "FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE i.indisunique "
    "AND c.relnamespace = pg_my_temp_schema() AND NOT c.relispartition"
)


@pytest.fixture(scope="module")
def copy(postgres):
    """Give the empty tables of the last revision before the rule."""
    engine = open_engine(parse_url(named(postgres, "jt_tests")), limits=FREE)
    with engine.connect() as conn, scratch(conn, SINCE) as made:
        yield made
    engine.dispose()


def described(conn):
    columns = {(row.table, row.name): row for row in conn.execute(COLUMNS)}
    return columns, {tuple(row) for row in conn.execute(RULES)}


def narrowed(before, after, done):
    """Say what the code of yesterday could stumble over, from two descriptions of the tables."""
    (had, rules), (has, now) = before, after
    tables = {table for table, _ in had}
    for key, was in had.items():
        new = has.get(key)
        if new is None:
            yield f"takes away {'.'.join(key)}"
        elif new.type != was.type:
            yield f"changes {'.'.join(key)}"
        elif new.needed > was.needed or new.filled < was.filled:
            yield f"asks more of {'.'.join(key)}"
    for key, new in has.items():
        if key not in had and key[0] in tables and new.needed and not new.filled:
            yield f"asks for {'.'.join(key)}"
    yield from (f"{table}: {rule}" for table, rule in now ^ rules if table in tables)
    yield from (f"writes {one.table} anew" for one in done if one.rewritten)


def copied(script):
    return {table for table, how in getattr(script.module, "BEFORE", {}).items() if how == "copy"}


def test_a_revision_only_adds_unless_it_says_that_older_code_must_be_gone(copy):
    """Expand, deploy, contract: processes of yesterday go on beside the tables of today."""
    least = 1
    for script in migrate.missing(SINCE, migrate.head()):
        with copy.conn.begin():
            before = described(copy.conn)
        if hasattr(script.module, "BEFORE"):
            modes = copy.before(script)
            assert "AccessExclusiveLock" not in modes.values(), script.revision
        done = copy.run(script)
        with copy.conn.begin():
            found = list(narrowed(before, described(copy.conn), done))
        found += [
            f"replaces {one.table}"
            for one in done
            if one.replaced and one.table not in copied(script)
        ]
        raised = script.module.min_code > least
        assert raised or not found, f"{script.revision}: raise its min_code, or only add"
        least = max(least, script.module.min_code)


@contextmanager
def operations(conn):
    with conn.begin() as turn:
        with Operations.context(MigrationContext.configure(conn)):
            yield
        turn.rollback()


BAD = {
    "takes away calls": lambda: op.drop_table("calls"),
    "takes away peers.lang": lambda: op.alter_column("peers", "lang", new_column_name="tongue"),
    "takes away runs.fence": lambda: op.drop_column("runs", "fence"),
    "changes peers.turn": lambda: op.alter_column("peers", "turn", type_=sa.String()),
    "asks more of tasks.filing_id": lambda: op.alter_column("tasks", "filing_id", nullable=False),
    "asks for runs.host": lambda: op.add_column(
        "runs", sa.Column("host", sa.String(), nullable=False)
    ),
    "runs: ": lambda: op.create_check_constraint("ck_runs_some", "runs", "fence >= 0"),
    "tasks: ": lambda: op.create_index("ix_tasks_one", "tasks", ["kind"], unique=True),
}
GOOD = {
    "a column that may be empty": lambda: op.add_column("runs", sa.Column("host", sa.String())),
    "a column that is filled": lambda: op.add_column(
        "runs", sa.Column("host", sa.String(), nullable=False, server_default="")
    ),
    "an index": lambda: op.create_index("ix_runs_fence", "runs", ["fence"]),
    "a table": lambda: op.create_table("more", sa.Column("id", sa.Integer(), primary_key=True)),
}


def test_the_rule_knows_what_narrows_and_what_only_adds(copy):
    for said, work in (*BAD.items(), *((None, work) for work in GOOD.values())):
        with copy.conn.begin():
            before = described(copy.conn)
        with operations(copy.conn):
            work()
            found = list(narrowed(before, described(copy.conn), ()))
        assert bool(found) == (said is not None), found
        assert said is None or any(one.startswith(said) for one in found), found


def revision(work):
    return SimpleNamespace(module=SimpleNamespace(upgrade=work), revision="made up")


@pytest.mark.parametrize(
    ("work", "mode", "fate"),
    [
        (
            lambda: op.add_column("runs", sa.Column("a", sa.Integer(), server_default="1")),
            "AccessExclusiveLock",
            "",
        ),
        (
            lambda: op.alter_column("runs", "fence", type_=sa.BigInteger()),
            "AccessExclusiveLock",
            "rewritten",
        ),
        (lambda: op.create_index("ix_runs_a", "runs", ["fence"]), "ShareLock", "read"),
        (
            lambda: op.create_check_constraint("ck_runs_a", "runs", "fence >= 0"),
            "AccessExclusiveLock",
            "read",
        ),
        (lambda: op.execute("UPDATE runs SET fence = 0"), "RowExclusiveLock", "read"),
        (
            lambda: op.execute("ALTER TABLE runs SET (autovacuum_vacuum_threshold = 9)"),
            "ShareUpdateExclusiveLock",
            "",
        ),
        (lambda: op.drop_table("runs"), "AccessExclusiveLock", "gone"),
    ],
)
def test_postgresql_says_what_a_revision_locks_reads_and_rewrites(copy, work, mode, fate):
    (done,) = [one for one in copy.run(revision(work)) if one.table == "runs"]
    assert done.mode == mode
    fates = {name for name in ("read", "rewritten", "replaced", "gone") if getattr(done, name)}
    assert fates - {"read"} == {fate} - {"read", ""}
    assert fate != "read" or "read" in fates
    assert fate != "" or not fates


@pytest.mark.parametrize("bare", ["postgresql"], indirect=True)
def test_a_plan_says_what_waits_and_changes_nothing(bare):
    assert plan_of(bare.url).at is None
    migrate.migrate(bare.url, SINCE)
    engine = open_engine(parse_url(bare.url), limits=FREE)
    with engine.connect() as conn:
        conn.exec_driver_sql("ANALYZE inbox")
        conn.commit()
        found = plan_of(bare.url)
        assert migrate.current(conn) == SINCE
        left = "SELECT count(*) FROM pg_class WHERE relnamespace::regnamespace::text ~ 'temp'"
        assert conn.exec_driver_sql(left).scalar() == 0
    engine.dispose()
    assert (found.at, found.head) == (SINCE, migrate.head())
    parts = found.steps[0]
    assert not parts.raised
    assert {(one.table, one.how) for one in parts.before} == {
        ("inbox", "copies"), ("outbox", "builds"),
    }  # fmt: skip
    waits = {one.table: (one.mode, one.waits, one.how) for one in parts.locks}
    assert waits["inbox"] == ("AccessExclusiveLock", "everybody", "names")
    assert waits["outbox"][1] == waits["peers"][1] == "nobody"
    assert all(one.size.bytes > 0 for one in parts.locks)
    migrate.migrate(bare.url)
    assert plan_of(bare.url).steps == ()


@pytest.mark.parametrize("bare", ["sqlite"], indirect=True)
def test_a_plan_for_a_file_says_how_large_it_is(bare):
    assert plan_of(bare.url).at is None
    migrate.migrate(bare.url, SINCE)
    found = plan_of(bare.url)
    assert found.file is not None
    assert found.file.bytes > 0
    assert found.steps[0].revision == "0022"
    assert migrate.migrate(bare.url) == migrate.head()
