"""The journal finds what was cut, edited, linked anew or taken away (security S4; probe P2)."""

import contextlib
import hashlib
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from storage import journal, roots
from storage.crypto import framed
from storage.journal import Fault, Head
from storage.models import events, heads
from storage.models import roots as root_rows
from storage.repositories import erasing
from tests.fakes.clock import MONDAY
from tests.storage.rows import a_filing

SUBJECT = b"subject-of-tests"


def append(store, many=1, subject=SUBJECT):
    def work(unit):
        for n in range(many):
            head = journal.append(
                unit,
                subject,
                MONDAY + timedelta(minutes=n),
                "user:1",
                "viewed",
                {"n": n, "who": "홍길동"},
            )
        return head

    return store.transact(work, None)


def verify(store, receipt=None, subject=SUBJECT):
    return store.read(lambda unit: journal.verify(unit, subject, receipt))


def tamper(store, *statements):
    """Do what only somebody with the whole database in his hands can do."""

    def work(unit):
        conn = unit.conn
        if unit.dialect == "sqlite":
            conn.exec_driver_sql("DROP TRIGGER events_stay")
            conn.exec_driver_sql("DROP TRIGGER events_fixed")
        else:
            conn.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            conn.execute(statement)

    store.transact(work, None)


def test_events_are_read_back_in_order_with_their_details(store):
    head = append(store, 3)
    found = store.read(lambda unit: journal.history(unit, SUBJECT))
    assert [(one.seq, one.kind, one.detail) for one in found] == [
        (n + 1, "viewed", {"n": n, "who": "홍길동"}) for n in range(3)
    ]
    assert found[2].at == MONDAY + timedelta(minutes=2)
    assert head.seq == 3
    assert verify(store, head) == []


def test_a_subject_without_events_is_whole(store):
    assert verify(store) == []
    assert store.read(lambda unit: journal.head(unit, SUBJECT)) is None


def test_a_cut_in_the_middle_is_found(store):
    append(store, 5)
    tamper(store, sa.delete(events).where(events.c.seq.in_([2, 3])))
    assert Fault(2, "gap") in verify(store)


def test_a_cut_that_was_numbered_anew_is_found(store):
    append(store, 5)
    tamper(
        store,
        sa.delete(events).where(events.c.seq == 3),
        sa.update(events).where(events.c.seq == 4).values(seq=3),
        sa.update(events).where(events.c.seq == 5).values(seq=4),
        sa.update(heads).values(seq=4),
    )
    assert Fault(3, "hash") in verify(store)


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "user:2"},
        {"kind": "edited"},
        {"at": MONDAY},
        {"commitment": b"c" * 32},
        {"seq": 9},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_edited_event_is_found(store, change):
    append(store, 4)
    tamper(store, sa.update(events).where(events.c.seq == 3).values(change))
    assert {fault.seq for fault in verify(store)} & {3}


def test_linking_the_chain_anew_without_the_key_is_found(store):
    append(store, 4)

    def relink(unit):
        rows = unit.conn.execute(sa.select(events).order_by(events.c.seq)).all()
        prev = rows[0].hash
        for row in rows[1:]:
            parts = framed(prev, bytes([row.seq]), row.subject, b"user:2", row.commitment)
            prev = hashlib.sha256(parts).digest()
            yield (
                sa.update(events).where(events.c.seq == row.seq).values(hash=prev, actor="user:2")
            )
        yield sa.update(heads).values(hash=prev)

    tamper(store, *store.read(lambda unit: list(relink(unit))))
    assert [fault.what for fault in verify(store)] == ["hash"] * 3


def test_a_tail_cut_is_found_by_the_head_and_by_a_receipt(store):
    receipt = append(store, 4)
    tamper(store, sa.delete(events).where(events.c.seq == 4))
    assert verify(store) == [Fault(0, "head")]
    old = store.read(
        lambda unit: unit.conn.execute(sa.select(events).where(events.c.seq == 3)).one()
    )
    store.transact(
        lambda unit: unit.conn.execute(sa.update(heads).values(seq=3, hash=old.hash)), None
    )
    assert verify(store) == []  # this is what the receipt is for
    assert verify(store, receipt) == [Fault(4, "receipt")]


def test_a_whole_subject_that_was_removed_is_found_by_a_receipt(store):
    receipt = append(store, 2)
    tamper(store, sa.delete(events), sa.delete(heads))
    assert verify(store, receipt) == [Fault(2, "receipt")]


def test_a_detail_taken_from_another_event_is_found(store):
    append(store, 2)

    def swap(unit):
        rows = unit.conn.execute(sa.select(events).order_by(events.c.seq)).all()
        return [
            sa.update(events).where(events.c.id == rows[n].id).values(detail=rows[1 - n].detail)
            for n in (0, 1)
        ]

    tamper(store, *store.read(swap))
    assert verify(store) == [Fault(1, "commitment"), Fault(2, "commitment")]


def test_a_detail_of_another_subject_does_not_open(store):
    append(store, 1)
    append(store, 1, b"another-subject!")
    other = store.read(
        lambda unit: unit.conn.execute(
            sa.select(events.c.detail).where(events.c.subject != SUBJECT)
        ).scalar_one()
    )
    tamper(store, sa.update(events).where(events.c.subject == SUBJECT).values(detail=other))
    assert verify(store) == [Fault(1, "sealed")]


def test_an_event_under_a_key_that_is_not_in_the_ring_is_named(store):
    append(store, 1)
    tamper(store, sa.update(events).values(key_id="00000000"))
    assert verify(store) == [Fault(1, "key")]


def test_details_that_vanished_without_an_erased_event_are_a_fault(store):
    append(store, 3)
    store.transact(
        lambda unit: unit.conn.execute(
            sa.update(events).where(events.c.seq == 2).values(detail=None)
        ),
        None,
    )
    assert verify(store) == [Fault(2, "erased")]
    assert store.read(lambda unit: journal.history(unit, SUBJECT))[1].detail is None


def test_after_an_erasure_the_chain_still_holds_and_nothing_can_be_tried_out(store):
    filing = a_filing(store)
    head = append(store, 3, filing.sid)

    def erase(unit):
        return erasing.erase(unit, filing.id, filing.sid, MONDAY, "clock")

    gone = store.transact(erase, None)
    assert gone.events == 3
    assert not store.transact(erase, None)  # the second run changes nothing
    end = store.read(lambda unit: journal.head(unit, filing.sid))
    assert verify(store, head, filing.sid) == []
    assert verify(store, end, filing.sid) == []
    found = store.read(lambda unit: journal.history(unit, filing.sid))
    assert [one.detail for one in found] == [None, None, None, gone.counts()]
    commitment = store.read(lambda unit: unit.conn.scalars(sa.select(events.c.commitment)).first())
    guess = b'{"n": 0, "who": "\xed\x99\x8d\xea\xb8\xb8\xeb\x8f\x99"}'
    assert hashlib.sha256(guess).digest() != commitment  # the salt is gone


def test_rows_of_the_journal_can_be_neither_changed_nor_deleted(store):
    append(store, 2)
    for statement in (
        sa.delete(events),
        sa.update(events).values(actor="user:2"),
        sa.update(events).values(hash=b"x"),
        sa.update(events).values(seq=events.c.seq + 5),
        sa.update(events).values(detail=events.c.detail),
    ):
        with pytest.raises(sa.exc.DBAPIError, match="only grows"):
            store.transact(lambda unit, statement=statement: unit.conn.execute(statement), None)
    store.transact(lambda unit: unit.conn.execute(sa.update(events).values(detail=None)), None)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_journal_cannot_be_truncated(store):
    append(store, 1)
    with pytest.raises(sa.exc.DBAPIError, match="only grows"):
        store.transact(lambda unit: unit.conn.exec_driver_sql("TRUNCATE events"), None)


def test_seq_has_no_gaps_under_shuffled_writers_and_rolled_back_ones(opened):
    stores = [opened(), opened()]

    def write(number):
        for n in range(6):
            with contextlib.suppress(ValueError):
                stores[number % 2].transact(lambda unit, n=n: one(unit, n), None)

    def one(unit, n):
        journal.append(unit, SUBJECT, MONDAY, "user:1", "viewed", {})
        if n % 3 == 0:
            raise ValueError("rolled back")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = stores[0].read(lambda unit: journal.history(unit, SUBJECT))
    assert [event.seq for event in found] == list(range(1, 17))
    assert verify(stores[0]) == []


def test_a_head_is_written_on_receipts_and_read_back():
    head = Head(12, hashlib.sha256(b"").digest())
    assert Head.parse(str(head)) == head
    for text in ("", "12", "12:zz", "12:00ff", "x:" + "00" * 32):
        with pytest.raises(ValueError, match=r"."):
            Head.parse(text)


def test_what_is_no_filing_has_a_subject_by_its_name():
    assert journal.named("user:1") == journal.named("user:1")
    assert journal.named("user:1") != journal.named("user:2")
    assert len(journal.named("settings")) == 16


# --- roots ---


def test_each_root_signs_every_head_and_is_chained_to_the_last(store):
    append(store, 3)
    append(store, 2, b"another-subject!")
    one = store.transact(lambda unit: roots.sign(unit, MONDAY), None)
    assert (one.subjects, one.events) == (2, 5)
    assert store.read(lambda unit: roots.now_matches(unit, one))
    append(store, 1)
    assert not store.read(lambda unit: roots.now_matches(unit, one))
    two = store.transact(lambda unit: roots.sign(unit, MONDAY + timedelta(hours=1)), None)
    assert two.prev == one.digest()
    assert store.read(roots.latest) == two
    assert store.read(roots.verify) == []
    assert roots.holds(two, store.ring.signer().public_key())


def test_a_root_of_an_empty_journal_holds_too(store):
    assert store.read(roots.latest) is None
    store.transact(lambda unit: roots.sign(unit, MONDAY), None)
    assert store.read(roots.verify) == []


@pytest.mark.parametrize(
    "change", [{"events": 1}, {"merkle": b"m" * 32}, {"at": MONDAY - timedelta(1)}]
)
def test_a_changed_root_is_found(store, change):
    append(store, 2)
    for n in range(3):
        store.transact(lambda unit, n=n: roots.sign(unit, MONDAY + timedelta(hours=n)), None)
    store.transact(
        lambda unit: unit.conn.execute(
            sa.update(root_rows).where(root_rows.c.id == 2).values(change)
        ),
        None,
    )
    assert store.read(roots.verify) == ["root 2: signature", "root 3: not chained"]


def test_a_root_that_was_taken_out_is_found(store):
    for n in range(3):
        store.transact(lambda unit, n=n: roots.sign(unit, MONDAY + timedelta(hours=n)), None)
    store.transact(
        lambda unit: unit.conn.execute(sa.delete(root_rows).where(root_rows.c.id == 2)), None
    )
    assert store.read(roots.verify) == ["root 3: not chained"]


@given(st.lists(st.binary(min_size=1, max_size=4), min_size=1, max_size=20), st.data())
def test_the_merkle_root_depends_on_every_leaf(leaves, data):
    at = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves]
    changed[at] += b"!"
    assert roots.merkle(changed) != roots.merkle(leaves)
    assert roots.merkle([*leaves, leaves[-1]]) != roots.merkle(leaves)
