"""The erasure ledger: no erasure is lost, no line says who it was, no line changes unseen (S13)."""

import json

import pytest
import sqlalchemy as sa

from storage import erasures
from storage.errors import Busy
from storage.repositories import peers
from tests.fakes.clock import MONDAY
from tests.storage.rows import a_peer

SID = b"s" * 16


def note(store, what="filing", sid=SID):
    store.transact(lambda unit: unit.note_gone(what, sid, MONDAY), None)


def lines(store):
    return erasures.read(store.erasures.path, store.ring)


def test_a_line_stands_in_the_file_with_the_act_and_names_nobody(store):
    note(store)
    note(store, "peer", b"p" * 16)
    found = lines(store)
    assert [(line.seq, line.what, line.at) for line in found] == [
        (1, "filing", MONDAY),
        (2, "peer", MONDAY),
    ]
    assert erasures.is_of(store.ring, found[0], SID)
    assert not erasures.is_of(store.ring, found[1], SID)
    assert SID.hex() not in store.erasures.path.read_text()
    assert store.erasures.path.stat().st_mode & 0o777 == 0o600


def test_what_is_taken_back_leaves_no_line(store):
    def work(unit):
        unit.note_gone("filing", SID, MONDAY)
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        store.transact(work, None)
    assert not store.erasures.path.exists()
    assert lines(store) == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # SQLite's errors have no code
def test_an_act_whose_commit_the_database_refused_is_void(opened):
    def refuse(transaction):
        transaction.rollback()
        raise sa.exc.OperationalError("COMMIT", None, Refusal())

    class Refusal(Exception):  # noqa: N818
        sqlstate = "53100"  # disk_full

    store = opened(commit=refuse)
    with pytest.raises((Busy, sa.exc.OperationalError)):
        note(store)
    assert lines(store) == []
    assert "void" in store.erasures.path.read_text()


def test_an_act_whose_answer_was_lost_keeps_its_line(opened):
    answers = iter([True, False])

    def lose(transaction):
        transaction.commit()
        if next(answers):
            raise sa.exc.OperationalError("COMMIT", None, Exception("gone"))

    store = opened(commit=lose)
    store.transact(lambda unit: unit.note_gone("filing", SID, MONDAY), "command")
    assert [line.what for line in lines(store)] == ["filing"]


def test_half_a_line_of_a_crash_is_cut_off(store):
    note(store)
    with store.erasures.path.open("a") as file:
        file.write('{"seq": 2, "at"')
    assert len(lines(store)) == 1
    note(store, "peer")
    assert [line.what for line in lines(store)] == ["filing", "peer"]


@pytest.mark.parametrize("change", ["what", "cut", "garbage", "order"])
def test_a_line_that_was_changed_is_named(store, change):
    for what in ("filing", "peer", "draft"):
        note(store, what)
    path = store.erasures.path
    text = path.read_text().splitlines()
    if change == "what":
        fact = json.loads(text[1])
        text[1] = json.dumps({**fact, "what": "draft"})
    elif change == "cut":
        del text[1]
    elif change == "garbage":
        text[1] = "[]"
    else:
        text[1], text[2] = text[2], text[1]
    path.write_text("\n".join(text) + "\n")
    with pytest.raises(erasures.Broken, match="line 2"):
        lines(store)


def test_the_second_place_follows_and_makes_up_for_what_it_missed(opened, tmp_path):
    copy = tmp_path / "elsewhere" / "erasures.jsonl"
    store = opened(erasures_copy=copy)
    note(store)  # the second place is away
    assert store.erasures.behind() > 0
    copy.parent.mkdir()
    note(store, "peer")
    assert store.erasures.behind() == 0
    assert copy.read_bytes() == store.erasures.path.read_bytes()


def test_without_room_for_the_line_nothing_is_erased(store):
    peer = a_peer(store)
    store.erasures.path.mkdir()

    def erase(unit):
        unit.keys.destroy(peer.sid)
        unit.note_gone("peer", peer.sid, MONDAY)

    with pytest.raises(Busy):
        store.transact(erase, None)
    assert store.read(lambda unit: peers.get(unit, peer.id)).address == peer.address
