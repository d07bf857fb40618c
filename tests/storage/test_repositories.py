"""Peers, dialogs, filings and the rest, each on both databases."""

import threading
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from storage.errors import BodyConflict, Stale
from storage.models import inbox as inbox_rows
from storage.models import keys
from storage.models import tickets as ticket_rows
from storage.repositories import (
    consents,
    days_off,
    dialogs,
    erasing,
    fact_requests,
    filings,
    guards,
    inbox,
    peers,
    sessions,
    tasks,
    terms,
    tickets,
    turns,
    units,
    users,
)  # fmt: skip
from storage.unit import Key
from tests.fakes.clock import MONDAY
from tests.storage.rows import a_filing, a_peer

LATER = MONDAY + timedelta(days=1)


def do(store, act, *args, **how):
    return store.transact(lambda unit: act(unit, *args, **how), None)


def look(store, act, *args, **how):
    return store.read(lambda unit: act(unit, *args, **how))


# --- peers ---


def test_an_address_is_one_peer_and_stays_it(store):
    one = a_peer(store)
    assert a_peer(store) == one
    assert look(store, peers.find, "telegram", "1", "55") == one
    assert look(store, peers.get, one.id) == one
    for channel, account, address in (
        ("telegram", "1", "56"),
        ("telegram", "2", "55"),
        ("web", "1", "55"),
    ):
        assert look(store, peers.find, channel, account, address) is None


def test_parts_of_an_address_never_run_into_each_other(store):
    one = do(store, peers.ensure, "web", "a", "bc", "ko", MONDAY)
    other = do(store, peers.ensure, "web", "ab", "c", "ko", MONDAY)
    assert one.id != other.id


def test_two_first_messages_at_once_are_one_peer(opened):
    stores = [opened(), opened()]
    found, start = [], threading.Barrier(2)

    def run(store):
        start.wait()
        found.append(do(store, peers.ensure, "telegram", "1", "new", "ko", MONDAY))

    threads = [threading.Thread(target=run, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0].id == found[1].id
    assert look(stores[0], peers.get, found[0].id).address == "new"
    owners = stores[0].read(lambda unit: unit.conn.scalars(sa.select(keys.c.owner)).all())
    assert list(owners) == [found[0].sid]


def test_a_turn_never_goes_back(store):
    peer = a_peer(store)
    do(store, peers.touch, peer.id, LATER, turn=5)
    do(store, peers.touch, peer.id, LATER, turn=3, lang="en")
    do(store, peers.touch, peer.id, LATER)
    now = look(store, peers.get, peer.id)
    assert (now.turn, now.lang, now.seen_at) == (5, "en", LATER)


def test_a_peer_that_went_comes_back_by_writing(store):
    peer = a_peer(store)
    do(store, peers.set_state, peer.id, "gone")
    assert look(store, peers.get, peer.id).state == "gone"
    do(store, peers.touch, peer.id, LATER)
    assert look(store, peers.get, peer.id).state == "open"


def test_a_chat_that_moved_is_found_at_its_new_address_only(store):
    peer = a_peer(store)
    do(store, peers.move, peer, "-100777")
    assert look(store, peers.find, "telegram", "1", "55") is None
    assert look(store, peers.find, "telegram", "1", "-100777").id == peer.id


def test_a_display_name_is_sealed_and_may_be_taken_away(store):
    peer = a_peer(store)
    assert look(store, peers.name, peer) == ""
    do(store, peers.set_name, peer, "길동")
    assert look(store, peers.name, peer) == "길동"
    do(store, peers.set_name, peer, "")
    assert look(store, peers.name, peer) == ""


def test_peers_of_one_person_are_joined(store):
    one, two, three = (a_peer(store, str(n)) for n in range(3))
    person = do(store, peers.join, one.id, two.id)
    assert do(store, peers.join, two.id, three.id) == person
    assert {look(store, peers.get, peer.id).person_id for peer in (one, two, three)} == {person}


def test_a_consent_stands_until_it_is_taken_back(store):
    peer = a_peer(store)
    assert not look(store, consents.has, peer.id, "abroad")
    do(store, consents.give, peer.id, "abroad", "2026-11", "ko", MONDAY)
    do(store, consents.give, peer.id, "abroad", "2026-12", "ko", LATER)
    assert look(store, consents.has, peer.id, "abroad")
    assert do(store, consents.withdraw, peer.id, "abroad", LATER)
    assert not do(store, consents.withdraw, peer.id, "abroad", LATER)
    [row] = look(store, consents.of, peer.id)
    assert (row.text_version, row.given_at, row.withdrawn_at) == ("2026-11", MONDAY, LATER)


# --- dialogs ---


def test_a_dialog_is_written_over_the_version_that_was_read(store):
    peer = a_peer(store)
    assert look(store, dialogs.get, peer) is None
    assert look(store, dialogs.version, peer.id) == 0
    assert do(store, dialogs.save, peer, "passive_report", b"{1}", MONDAY) == 1
    assert do(store, dialogs.save, peer, "passive_report", b"{2}", LATER, read=1) == 2
    found = look(store, dialogs.get, peer)
    assert (found.version, found.form, found.state) == (2, "passive_report", b"{2}")
    assert (found.started_at, found.touched_at) == (MONDAY, LATER)
    assert look(store, dialogs.version, peer.id) == 2
    for read in (0, 1, 3):
        with pytest.raises(Stale):
            do(store, dialogs.save, peer, "passive_report", b"{3}", LATER, read=read)
    assert do(store, dialogs.delete, peer.id)
    assert not do(store, dialogs.delete, peer.id)


def test_forsaken_dialogs_are_reminded_of_once_and_swept_later(store):
    one, gone = a_peer(store, "1"), a_peer(store, "2")
    for peer in (one, gone):
        do(store, dialogs.save, peer, "passive_report", b"{}", MONDAY)
    do(store, peers.set_state, gone.id, "gone")
    assert look(store, dialogs.forsaken, MONDAY) == []
    assert [row.peer_id for row in look(store, dialogs.forsaken, LATER)] == [one.id]
    do(store, dialogs.reminded, one.id, LATER)
    assert look(store, dialogs.forsaken, LATER) == []
    do(store, dialogs.save, one, "passive_report", b"{}", LATER, read=1)
    assert [row.peer_id for row in look(store, dialogs.forsaken, LATER + timedelta(1))] == [one.id]
    assert do(store, dialogs.sweep, LATER, limit=10) == (b"{}",)
    assert look(store, dialogs.get, gone) is None


# --- what a turn reads ---


@pytest.mark.parametrize("lock", [True, False])
def test_a_turn_reads_the_peer_its_dialog_and_its_consents_at_once(store, lock):
    peer = a_peer(store)
    do(store, dialogs.save, peer, "passive_report", b"{1}", MONDAY)
    do(store, consents.give, peer.id, "abroad", "2026-11", "ko", MONDAY)

    def read(address):
        where = ("telegram", "1", address, ("abroad", "asks"))
        return store.transact(lambda unit: turns.look(unit, *where, lock=lock), None)

    found = read("55")
    assert found.peer == peer
    assert (found.dialog.form, found.dialog.state) == ("passive_report", b"{1}")
    assert found.consents == {"abroad"}
    assert read("56") is None
    do(store, dialogs.delete, peer.id)
    assert read("55").dialog is None


def test_who_waits_for_a_turn_reads_what_the_turn_before_wrote(opened):
    stores = [opened() for _ in range(3)]
    peer = a_peer(stores[0])
    start = threading.Barrier(len(stores))

    def turn(unit):
        found = turns.look(unit, "telegram", "1", "55", (), lock=True)
        read = found.dialog.version if found.dialog else 0
        dialogs.save(unit, found.peer, "passive_report", b"{}", MONDAY, read=read)

    def run(store):
        start.wait()
        for _ in range(5):
            store.transact(turn, None)  # Stale would be told

    failed = []
    threads = [threading.Thread(target=_told, args=(failed, run, store)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert look(stores[0], dialogs.get, peer).version == 15


def _told(failed, act, *args):
    try:
        act(*args)
    except Exception as error:  # noqa: BLE001 - told in the test's own thread
        failed.append(error)


# --- inbox ---


def test_an_update_is_claimed_by_account_peer_and_id_together(store):
    one, two = a_peer(store, "1"), a_peer(store, "2")
    first = Key("web:web", one.id, "client-id")

    def say(unit):
        assert inbox.claim(unit, first, b"body", one.sid) is None
        inbox.answer(unit, first, one.sid, b"for one only")

    store.transact(say, None)
    assert do(store, inbox.claim, first, b"body", one.sid) == (b"for one only",)
    assert do(store, inbox.claim, Key("web:web", two.id, "client-id"), b"body", two.sid) is None
    assert do(store, inbox.claim, Key("web:other", one.id, "client-id"), b"body", one.sid) is None
    with pytest.raises(BodyConflict):
        do(store, inbox.claim, first, b"another body", one.sid)


def test_the_hash_of_a_body_is_keyed_so_that_nobody_can_try_bodies_out(store):
    peer = a_peer(store)
    do(store, inbox.claim, Key("a", peer.id, "1"), b"same", peer.sid)
    do(store, inbox.claim, Key("a", peer.id, "2"), b"same", peer.sid)
    macs = store.read(lambda unit: unit.conn.scalars(sa.select(inbox_rows.c.body_mac)).all())
    assert len(set(macs)) == 2


def test_answers_live_a_day_and_marks_a_week(store):
    peer = a_peer(store)
    account = f"{peer.channel}:{peer.account}"
    for n in range(4):
        key = Key(account, peer.id, str(n))
        store.transact(
            lambda unit, key=key: (
                inbox.claim(unit, key, b"", peer.sid),
                inbox.answer(unit, key, peer.sid, b"x"),
            ),
            None,
        )

    def age(unit, update_id, seconds):
        moved = sa.update(inbox_rows).where(inbox_rows.c.update_id == update_id)
        unit.conn.execute(moved.values(at=inbox.db_later(-seconds)))

    do(store, age, "1", 25 * 3600)
    do(store, age, "2", 8 * 24 * 3600)
    assert do(store, inbox.sweep) == 2
    assert do(store, inbox.sweep) == 0
    assert do(store, inbox.claim, Key(account, peer.id, "0"), b"", peer.sid) == (b"x",)
    assert do(store, inbox.claim, Key(account, peer.id, "1"), b"", peer.sid) == (None,)
    assert do(store, inbox.claim, Key(account, peer.id, "2"), b"", peer.sid) is None
    assert do(store, inbox.drop_answers, peer.id) == 2


# --- filings ---


def test_a_number_is_taken_once(store):
    one = a_filing(store)
    again = store.transact(
        lambda unit: filings.add(
            unit,
            sid=unit.sid(),
            number=one.number,
            answers={},
            procedure="p",
            procedure_version=1,
            state="s",
            mode="named",
            channel="web",
            arrived_at=MONDAY,
        ),
        None,
    )
    assert again is None
    assert look(store, filings.by_number, one.number) == one
    assert look(store, filings.by_number, "2026-XXXX-X2") is None
    assert look(store, filings.get, 99) is None


def test_a_move_checks_the_version_that_was_read(store):
    filing = a_filing(store)
    assert do(store, filings.change, filing.id, 1, state="received", due_at=LATER) == 2
    with pytest.raises(Stale):
        do(store, filings.change, filing.id, 1, state="closed")
    now = store.transact(lambda unit: filings.lock(unit, filing.id), None)
    assert (now.state, now.due_at, now.version) == ("received", LATER, 2)


def test_the_first_reading_is_noted_once(store):
    filing = a_filing(store)
    assert do(store, filings.first_read, filing.id, MONDAY)
    assert not do(store, filings.first_read, filing.id, LATER)
    assert look(store, filings.get, filing.id).first_read_at == MONDAY


def test_what_was_filed_is_read_back_and_the_identity_may_be_corrected(store):
    filing = a_filing(store, exact={"at": "10:31"})
    assert look(store, filings.answers, filing) == {"what": "길이 파였어요"}
    assert look(store, filings.exact, filing) == {"at": "10:31"}
    do(store, filings.set_identity, filing, {"name": "홍길순"})
    assert look(store, filings.identity, filing) == {"name": "홍길순"}
    nameless = a_filing(store, "2026-AAAA-A2", identity=None)
    assert look(store, filings.identity, nameless) == {}


def test_a_new_code_kills_the_old_one(store):
    filing = a_filing(store)
    ring = store.ring
    do(store, filings.set_code, filing.id, ring.code_mac(filing.number, "OLD"))
    do(store, filings.set_code, filing.id, ring.code_mac(filing.number, "NEW"))
    stored = look(store, filings.code_mac, filing.number)
    assert ring.code_holds(stored, filing.number, "NEW")
    assert not ring.code_holds(stored, filing.number, "OLD")
    assert look(store, filings.code_mac, "2026-XXXX-X2") is None


def test_stops_and_extensions_and_deadlines_are_kept(store):
    filing = a_filing(store)
    do(store, terms.stop, filing.id, "supplement", MONDAY, LATER)
    [stop] = look(store, terms.stops_of, filing.id)
    do(store, terms.prolong, stop.id, LATER + timedelta(1))
    assert look(store, terms.stops_over, "supplement", LATER) == []
    assert len(look(store, terms.stops_over, "supplement", LATER + timedelta(2))) == 1
    assert do(store, terms.resume, filing.id, "supplement", LATER) == 1
    assert do(store, terms.resume, filing.id, "supplement", LATER) == 0
    do(store, terms.extend, filing.id, "answer", "first", 7, MONDAY)
    assert [row.amount for row in look(store, terms.extensions_of, filing.id)] == [7]
    do(store, terms.set_deadline, filing.id, "answer", MONDAY)
    do(store, terms.set_deadline, filing.id, "answer", LATER)
    assert [row.due_at for row in look(store, terms.deadlines_of, filing.id)] == [LATER]
    do(store, terms.meet, filing.id, "answer", LATER)
    assert [row.done_at for row in look(store, terms.deadlines_of, filing.id)] == [LATER]


def test_guards_are_proposed_and_confirmed(store):
    filing = a_filing(store)
    unit_id = do(store, units.add, "road", "도로과", valid_from=date(2026, 1, 1))
    do(store, guards.add, filing.id, unit_id=unit_id)
    assert do(store, guards.confirm, filing.id, MONDAY) == 1
    assert do(store, guards.confirm, filing.id, LATER) == 0
    (guard,) = look(store, guards.of, filing.id)
    assert guard.confirmed_at == MONDAY
    do(store, guards.remove, guard.id)
    assert look(store, guards.of, filing.id) == []


def test_a_unit_is_asked_and_answers_once(store):
    filing = a_filing(store)
    road = do(store, units.add, "road", "도로과", valid_from=date(2026, 1, 1))

    def ask(words, due):
        return do(store, fact_requests.add, filing.id, filing.sid, road, words, MONDAY, due)

    one, two = ask("언제 접수했습니까?".encode(), LATER), ask(b"?", LATER)
    assert do(store, fact_requests.reply, one, "11월 3일".encode(), MONDAY)
    assert not do(store, fact_requests.reply, one, b"again", MONDAY)
    found = look(store, fact_requests.get, one)
    assert (found.asked.decode(), found.reply.decode(), found.state) == (
        "언제 접수했습니까?",
        "11월 3일",
        "answered",
    )
    assert [row.id for row in look(store, fact_requests.silent, LATER + timedelta(1))] == [two]
    do(store, fact_requests.close, two)
    assert look(store, fact_requests.silent, LATER + timedelta(1)) == []
    assert [row.id for row in look(store, fact_requests.for_unit, road)] == [one, two]
    assert [row.id for row in look(store, fact_requests.of, filing.id)] == [one, two]
    assert look(store, fact_requests.get, 99) is None
    do(store, erasing.erase, filing.id, filing.sid, MONDAY, "clock")
    assert look(store, fact_requests.get, one) is None


# --- officials ---


def an_official(store, login="kim"):
    return do(store, users.add, login, "김주무관", MONDAY, phone="02-1", email="kim@example.com")


def test_a_login_is_given_once(store):
    user = an_official(store)
    assert an_official(store) is None
    assert look(store, users.by_login, "kim").id == user
    assert look(store, users.by_login, "lee") is None
    assert [row.id for row in look(store, users.listed)] == [user]
    do(store, users.change, user, name="김팀장")
    assert look(store, users.get, user).name == "김팀장"


def test_roles_are_granted_and_taken_back(store):
    user = an_official(store)
    assert do(store, users.grant, user, "auditor", MONDAY)
    assert not do(store, users.grant, user, "auditor", MONDAY)
    do(store, users.grant, user, "intake", MONDAY)
    assert look(store, users.roles, user) == {"auditor", "intake"}
    assert [row.id for row in look(store, users.with_role, "auditor", "audit_head")] == [user]
    assert do(store, users.revoke, user, "auditor")
    assert not do(store, users.revoke, user, "auditor")
    do(store, users.set_active, user, active=False)
    assert look(store, users.with_role, "intake") == []


def test_a_session_ends_with_the_password_the_account_or_the_door(store):
    user = an_official(store)

    def fresh(secret):
        do(store, sessions.open_, secret, user, MONDAY, LATER)
        assert look(store, sessions.find, secret).user_id == user

    fresh("one")
    do(store, users.set_password, user, "$argon2id$")
    assert look(store, sessions.find, "one") is None
    fresh("two")
    do(store, users.set_active, user, active=False)
    do(store, users.set_active, user, active=True)
    assert look(store, sessions.find, "two") is None
    fresh("three")
    do(store, sessions.touch, "three", LATER)
    assert look(store, sessions.find, "three").seen_at == LATER
    assert do(store, sessions.close, "three")
    assert look(store, sessions.find, "three") is None
    fresh("four")
    do(store, users.end_sessions, user)
    assert look(store, sessions.find, "four") is None
    fresh("five")
    assert do(store, sessions.sweep, MONDAY) == 0
    assert do(store, sessions.sweep, LATER + timedelta(1)) == 1


def test_a_ticket_works_once_and_only_for_its_kind(store):
    peer = a_peer(store)
    do(
        store,
        tickets.add,
        "secret",
        "handover",
        MONDAY,
        LATER,
        peer_id=peer.id,
        detail=b"from telegram",
    )
    assert look(store, tickets.find, "secret", "handover").detail == b"from telegram"
    assert do(store, tickets.use, "secret", "invite", MONDAY) is None
    assert do(store, tickets.use, "wrong", "handover", MONDAY) is None
    assert do(store, tickets.tried, "secret") == 1
    used = do(store, tickets.use, "secret", "handover", MONDAY)
    assert (used.peer_id, used.detail, used.tries) == (peer.id, b"from telegram", 1)
    assert do(store, tickets.use, "secret", "handover", MONDAY) is None
    assert look(store, tickets.find, "secret", "handover").used_at == MONDAY
    assert look(store, tickets.find, "wrong", "handover") is None
    assert do(store, tickets.tried, "wrong") == 0


def test_a_ticket_ends_with_its_time_or_when_it_is_voided(store):
    user = an_official(store)
    peer = a_peer(store)
    do(store, tickets.add, "late", "invite", MONDAY, LATER, user_id=user)
    assert do(store, tickets.use, "late", "invite", LATER) is None
    assert do(store, tickets.cancel, "invite", user_id=user) == 1
    do(store, tickets.add, "void", "handover", MONDAY, LATER, peer_id=peer.id, detail=b"x")
    assert do(store, tickets.cancel, "handover", peer_id=peer.id) == 1
    do(store, tickets.add, "old", "handover", MONDAY, LATER, peer_id=peer.id, detail=b"x")
    assert do(store, tickets.sweep, MONDAY) == 0
    assert do(store, tickets.sweep, LATER + timedelta(1)) == 1
    count = sa.select(sa.func.count()).select_from(ticket_rows)
    assert store.read(lambda unit: unit.conn.execute(count).scalar_one()) == 0


# --- the agency ---


def test_units_stand_within_their_days(store):
    old = do(
        store,
        units.add,
        "road",
        "도로과",
        valid_from=date(2020, 1, 1),
        valid_until=date(2026, 6, 30),
        aliases=("길", "포장"),
    )
    new = do(
        store,
        units.add,
        "road2",
        "건설도로과",
        valid_from=date(2026, 7, 1),
        parent_id=old,
        kind="unit",
    )
    assert (
        do(
            store,
            units.add,
            "road",
            "도로과",
            valid_from=date(2020, 1, 1),
            valid_until=date(2026, 6, 30),
        )
        == old
    )
    assert [row.id for row in look(store, units.standing, date(2026, 6, 30))] == [old]
    assert [row.id for row in look(store, units.standing, date(2026, 7, 1))] == [new]
    assert look(store, units.get, new).name == "건설도로과"
    assert look(store, units.by_code, "road").id == old
    assert look(store, units.by_code, "none") is None


def test_days_off_are_added_once(store):
    assert do(store, days_off.add, date(2026, 12, 31), "종무식", "site", MONDAY)
    assert not do(store, days_off.add, date(2026, 12, 31), "종무식", "site", MONDAY)
    assert [row.day for row in look(store, days_off.listed)] == [date(2026, 12, 31)]
    assert do(store, days_off.remove, date(2026, 12, 31))
    assert not do(store, days_off.remove, date(2026, 12, 31))


def test_tasks_are_ticked_off_once(store):
    user = an_official(store)
    filing = a_filing(store)
    do(store, tasks.add, "letter", MONDAY, filing_id=filing.id, reason="no_road")
    do(store, tasks.add, "look", MONDAY)
    ((task, kind),) = ((row.id, row.kind) for row in look(store, tasks.open_, filing_id=filing.id))
    assert kind == "letter"
    assert do(store, tasks.done, task, user, MONDAY)
    assert not do(store, tasks.done, task, user, MONDAY)
    assert [row.kind for row in look(store, tasks.open_)] == ["look"]
