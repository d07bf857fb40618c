"""The inbox in parts, moved while everybody goes on (security S16, S23)."""

import pytest

from bot.cli.doctor import server
from storage import migrate as migrating
from storage import tuning
from storage.engine import open_engine, parse_url
from storage.errors import StartRefused
from storage.limits import FREE
from storage.migrate import migrate, scripts
from storage.repositories import inbox, outbox

PARTED = "0022"
ROW = (
    "INSERT INTO inbox (account, peer_id, update_id, body_mac, answer, at) "
    "VALUES ('telegram', {0}, 'u{0}', 'mac', {1}, clock_timestamp())"
)


@pytest.fixture
def old(bare):
    """Give an engine on a database at the revision before, with rows of a hundred peers."""
    migrate(bare.url, "0021")
    engine = open_engine(parse_url(bare.url), limits=FREE)
    with engine.begin() as conn:
        for peer in range(100):
            conn.exec_driver_sql(ROW.format(peer, "'kept'" if peer % 2 else "NULL"))
    yield engine
    engine.dispose()


def step(engine, wait=print):
    migrating._step(engine, scripts().get_revision(PARTED), wait, new=True)


def rows(engine):
    with engine.connect() as conn:
        found = conn.exec_driver_sql("SELECT peer_id, answer FROM inbox")
        return {peer: answer and bytes(answer) for peer, answer in found}


@pytest.mark.parametrize("bare", ["postgresql"], indirect=True)
def test_what_comes_and_what_is_forgotten_during_the_copy_is_so_after_it(old):
    scripts().get_revision(PARTED).module.before(old)
    with old.begin() as conn:
        conn.exec_driver_sql(ROW.format(100, "'later'"))
        conn.exec_driver_sql(ROW.format(101, "NULL"))
        conn.exec_driver_sql("UPDATE inbox SET answer = NULL WHERE peer_id = 7")
    expected = rows(old)
    assert expected[7] is None
    step(old)
    assert rows(old) == expected
    with old.connect() as conn:
        left = conn.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE relname ~ '^inbox_(new|changed|since)'"
        )
        assert left.all() == []


@pytest.mark.parametrize("bare", ["postgresql"], indirect=True)
def test_the_copy_is_begun_anew_where_it_was_left(old):
    before = scripts().get_revision(PARTED).module.before
    before(old)
    expected = rows(old)
    before(old)
    step(old)
    assert rows(old) == expected


@pytest.mark.parametrize("bare", ["postgresql"], indirect=True)
def test_who_might_read_and_write_the_inbox_still_may(old, walled):
    assert walled  # which has made the accounts
    with old.begin() as conn:
        conn.exec_driver_sql("GRANT SELECT, INSERT ON inbox TO jt_public")
        conn.exec_driver_sql("ALTER TABLE inbox OWNER TO jt_owner")
    step(old)
    asked = (
        "SELECT has_table_privilege('jt_public', 'inbox', 'SELECT'), "
        "has_table_privilege('jt_public', 'inbox', 'INSERT'), "
        "has_table_privilege('jt_public', 'inbox', 'DELETE')"
    )
    owners = (
        "SELECT DISTINCT pg_get_userbyid(c.relowner) FROM pg_partition_tree('inbox') p "
        "JOIN pg_class c ON c.oid = p.relid"
    )
    with old.connect() as conn:
        assert conn.exec_driver_sql(asked).one() == (True, True, False)
        assert conn.exec_driver_sql(owners).all() == [("jt_owner",)]


@pytest.mark.parametrize("bare", ["postgresql"], indirect=True)
def test_a_lock_that_is_not_given_is_asked_for_again(old):
    busy = old.connect()
    busy.exec_driver_sql("SELECT 1 FROM inbox")
    pauses = []

    def wait(seconds):
        pauses.append(seconds)
        busy.close()

    step(old, wait)
    assert pauses == [migrating.PAUSES[0]]
    assert len(rows(old)) == 100


@pytest.mark.parametrize("bare", ["postgresql"], indirect=True)
def test_a_lock_that_is_never_given_leaves_everything_as_it_was(old, monkeypatch):
    monkeypatch.setattr(migrating, "PAUSES", ())
    with old.connect() as busy:
        busy.exec_driver_sql("SELECT 1 FROM inbox")
        with pytest.raises(StartRefused, match="제때 잠그지 못해"):
            step(old)
    with old.connect() as conn:
        assert migrating.current(conn) == "0021"
    assert len(rows(old)) == 100


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_asks_for_a_peer_looks_into_one_part(store):
    values = {"k_account": "telegram", "k_peer": 7, "k_update": "1"}

    def plan(unit):
        asked = inbox._stored.compile(unit.conn, compile_kwargs={"render_postcompile": True})
        lines = unit.conn.exec_driver_sql(f"EXPLAIN {asked}", values)
        return "\n".join(line for (line,) in lines)

    said = store.read(plan)
    assert sum(part in said for part in tuning.parts("inbox")) == 1, said


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_who_takes_a_storage_parameter_away_is_found(store):
    assert store.read(lambda unit: list(tuning.off(unit.conn))) == []
    said = list(store.read(server.vacuum))
    assert [one.mark for one in said] == ["ok"]
    said.clear()

    def work(unit):
        unit.conn.exec_driver_sql("ALTER TABLE inbox_p3 RESET (autovacuum_vacuum_scale_factor)")
        unit.conn.exec_driver_sql("ALTER TABLE peers SET (fillfactor = 100)")
        found = list(tuning.off(unit.conn))
        said.extend(server.vacuum(unit))
        tuning.put(unit.conn)
        return found, list(tuning.off(unit.conn))

    found, after = store.transact(work, None)
    assert found == [
        ("inbox_p3", "autovacuum_vacuum_scale_factor", "0.02", None),
        ("peers", "fillfactor", "85", "100"),
    ]
    assert after == []
    assert [one.mark for one in said] == ["note", "note"]
    assert "ALTER TABLE peers SET (fillfactor = 85)" in said[1].todo


def test_no_sweep_of_the_outbox_looks_at_what_stays(store):
    """Without their indexes the hour's sweep and each tick would read the whole table."""

    def plan(unit, statement, **values):
        asked = statement.params(**values).compile(
            unit.conn, compile_kwargs={"literal_binds": True}
        )
        off = "SET LOCAL enable_seqscan = off"  # an empty table is read as a whole
        if unit.dialect == "postgresql":
            unit.conn.exec_driver_sql(off)
        how = "EXPLAIN" if unit.dialect == "postgresql" else "EXPLAIN QUERY PLAN"
        return "\n".join(str(tuple(line)) for line in unit.conn.exec_driver_sql(f"{how} {asked}"))

    swept = store.read(lambda unit: plan(unit, outbox._old, since=-1.0, most=5))
    assert "ix_outbox_settled_at" in swept
    assert "Index Cond: (settled_at <" in swept or "(settled_at<?)" in swept
    failed = store.read(lambda unit: plan(unit, outbox._failed, most=5))
    assert "ix_outbox_failed" in failed
    dropped = store.read(lambda unit: plan(unit, inbox._kept, since=-1.0, most=5))
    assert "ix_inbox_answered (at<?)" in dropped or dropped.count("Index Cond: (at <") == 8
    marks = store.read(lambda unit: plan(unit, inbox._old, since=-1.0, most=5))
    assert "ix_inbox_at (at<?)" in marks or marks.count("Index Cond: (at <") == 8
