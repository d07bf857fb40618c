"""Sealed columns on both databases (security S5, S6; probes P1, P17)."""

import os

import pytest
import sqlalchemy as sa

from storage import rotation
from storage.columns import SealedBytes
from storage.crypto import KeyRing, RingKey, new_key_text
from storage.errors import Erased, NotSealed, SealError, StartRefused
from storage.keychain import Cache
from storage.models import filings as filing_rows
from storage.models import keys, metadata, outbox, peers
from storage.repositories import filings
from storage.repositories import outbox as out
from storage.repositories import peers as peer_rows
from tests.storage.rows import a_draft, a_filing, a_peer, put

f = filing_rows.c


def column(unit, column_, row_id):
    return unit.conn.execute(sa.select(column_).where(column_.table.c.id == row_id)).scalar_one()


def test_a_sealed_answer_moved_to_another_row_does_not_open(store):
    one, two = a_filing(store, "2026-AAAA-A2"), a_filing(store, "2026-AAAA-A3")

    def swap(unit):
        values = {row.id: column(unit, f.answers, row.id) for row in (one, two)}
        for row, other in ((one, two), (two, one)):
            value = values[other.id]
            unit.conn.execute(sa.update(filing_rows).where(f.id == row.id).values(answers=value))

    store.transact(swap, None)
    for row in (one, two):
        with pytest.raises(SealError):
            store.read(lambda unit, row=row: filings.answers(unit, row))


def test_a_sealed_value_moved_to_another_column_does_not_open(store):
    row = a_filing(store)

    def move(unit):
        unit.conn.execute(
            sa.update(filing_rows)
            .where(f.id == row.id)
            .values(answers=f.identity, exact=f.answers)
        )

    store.transact(move, None)
    with pytest.raises(SealError):
        store.read(lambda unit: filings.answers(unit, row))
    with pytest.raises(SealError):
        store.read(lambda unit: filings.exact(unit, row))


def test_a_sealed_value_moved_to_another_table_does_not_open(store):
    peer = a_peer(store)
    [born] = put(store, peer, a_draft())

    def move(unit):
        address = column(unit, peers.c.address, peer.id)
        unit.conn.execute(sa.update(outbox).values(payload=address))

    store.transact(move, None)
    with pytest.raises(SealError):
        store.read(lambda unit: out.read_payload(unit, born.id))


def test_the_identity_has_a_key_of_its_own(store):
    row = a_filing(store)

    def key_ids(unit):
        values = unit.conn.execute(sa.select(f.answers, f.identity).where(f.id == row.id)).one()
        return {bytes(value[4:8]) for value in values}

    assert len(store.read(key_ids)) == 2
    assert store.read(lambda unit: filings.identity(unit, row)) == {"name": "홍길동"}


def sealed_columns():
    return [
        column_
        for table in metadata.sorted_tables
        for column_ in table.columns
        if isinstance(column_.type, SealedBytes)
    ]


@pytest.mark.parametrize("column_", sealed_columns(), ids=str)
def test_forgetting_to_seal_is_an_exception_in_every_sealed_column(column_):
    with pytest.raises(NotSealed):
        column_.type.process_bind_param("홍길동".encode() * 10, None)


def test_forgetting_to_seal_stops_the_whole_transaction(store):
    row = a_filing(store)

    def forget(unit):
        unit.conn.execute(sa.update(filing_rows).values(state="changed"))
        unit.conn.execute(sa.update(filing_rows).values(answers="평문".encode() * 20))

    with pytest.raises(sa.exc.StatementError) as error:
        store.transact(forget, None)
    assert isinstance(error.value.orig, NotSealed)
    assert store.read(lambda unit: filings.get(unit, row.id)).state == "submitted"


def test_no_plain_personal_word_reaches_the_tables(store):
    row = a_filing(store)
    peer = a_peer(store, "010-1234-5678")
    put(store, peer, a_draft(payload="김민원".encode()))

    def everything(unit):
        return b"".join(
            bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for table in metadata.sorted_tables
            for found in unit.conn.execute(sa.select(table))
            for value in found
        )

    content = store.read(everything)
    for word in ("홍길동", "길이 파였어요", "010-1234-5678", "김민원"):
        assert word.encode() not in content
    assert row.number.encode() in content


def test_a_destroyed_key_opens_nothing_ever_again(store):
    row = a_filing(store)
    store.read(lambda unit: filings.answers(unit, row))  # so that the key is cached
    assert store.transact(lambda unit: unit.keys.destroy(row.sid), None) == 2
    for act in (filings.answers, filings.identity):
        with pytest.raises(Erased):
            store.read(lambda unit, act=act: act(unit, row))
    with pytest.raises(Erased):
        store.transact(lambda unit: unit.keys.seal("filings.answers", row.sid, b"again"), None)
    assert store.transact(lambda unit: unit.keys.destroy(row.sid), None) == 0


def test_a_key_destroyed_in_this_very_transaction_seals_nothing_more(store):
    def work(unit):
        sid = unit.sid()
        unit.keys.seal("filings.answers", sid, b"one")
        unit.keys.destroy(sid)
        unit.keys.seal("filings.answers", sid, b"two")

    with pytest.raises(Erased):
        store.transact(work, None)


def test_erasing_reaches_other_processes_within_a_minute(opened):
    now = [0.0]
    one, two = opened(), opened()
    two.cache = Cache(ticks=lambda: now[0])
    row = a_filing(one)
    assert two.read(lambda unit: filings.answers(unit, row))
    one.transact(lambda unit: unit.keys.destroy(row.sid), None)
    now[0] = 61.0
    with pytest.raises(Erased):
        two.read(lambda unit: filings.answers(unit, row))


def test_a_data_key_of_a_rolled_back_work_is_never_used(store):
    sid = os.urandom(16)

    def fail(unit):
        unit.keys.seal("filings.answers", sid, b"lost")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.transact(fail, None)
    sealed = store.transact(lambda unit: unit.keys.seal("filings.answers", sid, b"kept"), None)
    store.cache.clear()  # as after a restart
    assert store.read(lambda unit: unit.keys.open("filings.answers", sid, sealed)) == b"kept"


def test_without_a_data_key_nothing_opens(store):
    row = a_filing(store)
    sealed = store.read(lambda unit: column(unit, f.answers, row.id))
    with pytest.raises(SealError, match="no key"):
        store.read(lambda unit: unit.keys.open("filings.answers", b"?" * 16, sealed))


def test_the_cache_of_data_keys_stays_small(store):
    store.cache = Cache(size=3)
    rows = [a_filing(store, f"2026-AAAA-{n:02}") for n in range(5)]
    assert len(store.cache._slots) == 3
    assert all(store.read(lambda unit, row=row: filings.answers(unit, row)) for row in rows)


# --- the ring ---


def ring_of(*texts):
    return KeyRing([RingKey.parse(f"key{n}", text) for n, text in enumerate(texts)])


def test_rotation_wraps_every_data_key_anew_and_everything_still_opens(database):
    old, new = new_key_text(), new_key_text()
    before = database.open(secrets=ring_of(old))
    rows = [a_filing(before, f"2026-AAAA-{n:02}") for n in range(7)]
    peer = a_peer(before)
    before.close()
    during = database.open(secrets=ring_of(new, old))
    assert during.read(lambda unit: peer_rows.find(unit, "telegram", "1", "55")) == peer
    assert during.rewrap() == 2 * 7 + 1
    assert during.rewrap() == 0
    during.cache.clear()
    used = during.read(lambda unit: set(unit.conn.scalars(sa.select(keys.c.key_id))))
    assert used == {RingKey.parse("", new).id.hex()}
    for row in rows:
        assert during.read(lambda unit, row=row: filings.identity(unit, row))
    during.transact(lambda unit: rotation.retire(unit, RingKey.parse("", old).id), None)
    during.close()
    after = database.open(secrets=ring_of(new))
    assert after.read(lambda unit: filings.answers(unit, rows[0]))
    assert after.read(lambda unit: peer_rows.find(unit, "telegram", "1", "55")) == peer
    after.close()


def test_a_stolen_old_key_opens_and_finds_nothing_after_the_rotation(database):
    old, new = new_key_text(), new_key_text()
    store = database.open(secrets=ring_of(old))
    row, _peer = a_filing(store), a_peer(store)
    store.close()
    store = database.open(secrets=ring_of(new, old))
    store.rewrap()
    store.ring, store.learner = ring_of(old), None
    store.cache.clear()
    with pytest.raises(SealError):
        store.read(lambda unit: filings.answers(unit, row))
    assert store.read(lambda unit: peer_rows.find(unit, "telegram", "1", "55")) is None
    store.close()


def test_a_key_that_still_wraps_something_cannot_be_retired(database):
    old, new = new_key_text(), new_key_text()
    store = database.open(secrets=ring_of(old))
    a_filing(store)
    store.close()
    store = database.open(secrets=ring_of(new, old))
    with pytest.raises(StartRefused, match="keys rotate"):
        store.transact(lambda unit: rotation.retire(unit, RingKey.parse("", old).id), None)
    store.close()


def test_a_wrong_key_stops_the_start_by_its_name(database):
    database.open(secrets=ring_of(new_key_text())).close()
    with pytest.raises(StartRefused, match="이 데이터베이스의 열쇠가 아닙니다") as refused:
        database.open(secrets=KeyRing.from_text("/run/secrets/jt", new_key_text()))
    assert refused.value.where == "/run/secrets/jt"


def test_a_missing_key_stops_the_start_by_its_name(database):
    one, two = new_key_text(), new_key_text()
    database.open(secrets=ring_of(two)).close()
    database.open(secrets=ring_of(one, two)).close()
    with pytest.raises(StartRefused, match="열쇠가 없습니다") as refused:
        database.open(secrets=ring_of(one))
    assert refused.value.where == "key0"


def test_a_key_that_changed_under_its_id_stops_the_start(database):
    text = new_key_text()
    store = database.open(secrets=ring_of(text))
    checks = metadata.tables["key_checks"]
    store.transact(
        lambda unit: unit.conn.execute(sa.update(checks).values(check_value=b"x" * 16)), None
    )
    store.close()
    with pytest.raises(StartRefused, match="그 열쇠가 아닙니다"):
        database.open(secrets=ring_of(text))


def test_two_processes_may_rewrap_at_once(opened):
    old, new = new_key_text(), new_key_text()
    store = opened(secrets=ring_of(old))
    rows = [a_filing(store, f"2026-AAAA-{n:02}") for n in range(5)]
    one, two = opened(secrets=ring_of(new, old)), opened(secrets=ring_of(new, old))
    assert one.rewrap() + two.rewrap() == 10
    assert two.read(lambda unit: filings.answers(unit, rows[4]))
