"""The outbox: leases, order, shares, quarantine (security S10, S11, S12, S19; design §8)."""

import itertools
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from storage.models import outbox as rows
from storage.repositories import claims, outbox, peers, pulls
from storage.repositories.outbox import Verdict
from tests.fakes.clock import MONDAY
from tests.storage.rows import a_draft, a_filing, a_peer, put

LATER = MONDAY + timedelta(hours=1)


def claim(store, now=MONDAY, **how):
    return store.transact(lambda unit: claims.claim(unit, now, ["telegram"], **how), None)


def settle(store, *verdicts):
    return store.transact(lambda unit: outbox.settle(unit, verdicts), None)


def row(store, row_id):
    return store.read(
        lambda unit: unit.conn.execute(sa.select(rows).where(rows.c.id == row_id)).one()
    )


def state(store):
    return store.read(
        lambda unit: [r.status for r in unit.conn.execute(sa.select(rows).order_by(rows.c.id))]
    )


# --- born ---


def test_a_row_is_born_leased_and_nobody_else_claims_it(store):
    [born] = put(store, a_peer(store), a_draft(), lease=90)
    assert born.token
    assert row(store, born.id).claims == 1
    assert claim(store) == []
    assert settle(store, Verdict(born.id, born.token, "sent", message_id="m1")) == 1
    done = row(store, born.id)
    assert (done.status, done.payload, done.message_id) == ("sent", None, "m1")


def test_all_rows_of_a_turn_are_born_leased_in_order(store):
    born = put(store, a_peer(store), a_draft(), a_draft(), a_draft(rank=1), lease=90)
    assert [one.seq for one in born] == [1, 2, 3]
    assert len({one.token for one in born}) == 1


def test_a_row_waits_where_an_earlier_one_of_its_rank_still_waits(store):
    peer = a_peer(store)
    put(store, peer, a_draft())
    same, other = put(store, peer, a_draft(), a_draft(rank=1), lease=90)
    assert same.token is None
    assert other.token is not None


def test_a_row_that_is_due_later_is_not_born_leased_nor_what_stands_behind_it(store):
    later, behind = put(store, a_peer(store), a_draft(due_at=LATER), a_draft(), lease=90)
    assert later.token is None
    assert behind.token is None


def test_the_rows_of_a_maker_who_died_are_claimed_when_the_lease_ends(store):
    born = put(store, a_peer(store), a_draft(), a_draft(), lease=-1)
    [first] = claim(store)
    assert first.id == born[0].id
    assert first.claims == 2
    assert settle(store, Verdict(born[0].id, born[0].token, "sent")) == 0
    assert settle(store, Verdict(first.id, first.token, "sent")) == 1
    assert [one.id for one in claim(store)] == [born[1].id]


def test_nothing_is_put_without_drafts_but_the_turn_still_moves(store):
    peer = a_peer(store)
    assert put(store, peer) == []
    put(store, peer, turn=7)
    assert store.read(lambda unit: peers.get(unit, peer.id)).turn == 7
    put(store, peer, a_draft(), turn=9)
    put(store, peer, a_draft(), turn=8)
    put(store, peer, a_draft(), turn=3, lease=90)
    assert store.read(lambda unit: peers.get(unit, peer.id)).turn == 9


def test_seq_has_neither_gaps_nor_twins_under_shuffled_writers(opened):
    stores = [opened(), opened()]
    peer = a_peer(stores[0])

    def write(number):
        for n in range(8):
            put(stores[number % 2], peer, *[a_draft(rank=number)] * (1 + n % 3))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seqs = stores[0].read(
        lambda unit: unit.conn.scalars(sa.select(rows.c.seq).order_by(rows.c.seq)).all()
    )
    assert list(seqs) == list(range(1, len(seqs) + 1))
    assert len(seqs) == 4 * (1 + 2 + 3 + 1 + 2 + 3 + 1 + 2)


# --- claim ---


def test_a_claimed_row_brings_all_that_its_sender_needs(store):
    peer = a_peer(store, "chat 77")
    filing = a_filing(store)
    put(
        store,
        peer,
        a_draft(rank=1, kind="receipt", payload=b"{1}", filing_id=filing.id, valid_rule="open"),
    )
    [got] = claim(store)
    assert (got.channel, got.account, got.address, got.lang) == ("telegram", "1", "chat 77", "ko")
    assert (got.rank, got.kind, got.payload, got.seq) == (1, "receipt", b"{1}", 1)
    assert (got.filing_id, got.valid_rule, got.claims, got.problem) == (filing.id, "open", 1, "")
    assert got.peer_id == peer.id
    assert got.since == MONDAY


def test_rows_of_other_channels_and_of_later_times_are_left_alone(store):
    put(store, a_peer(store, channel="web"), a_draft())
    put(store, a_peer(store), a_draft(due_at=LATER))
    assert claim(store) == []
    assert len(claim(store, LATER)) == 1


def test_one_row_per_peer_is_on_its_way_and_the_rest_follow_in_order(store):
    peer = a_peer(store)
    born = put(store, peer, *[a_draft(payload=bytes([n])) for n in range(3)], a_draft(rank=1))
    seen = []
    while got := claim(store):
        [one] = got
        seen.append(one.id)
        settle(store, Verdict(one.id, one.token, "sent"))
    assert seen == [born[3].id, born[0].id, born[1].id, born[2].id]


def test_a_row_put_off_keeps_its_place_whether_or_not_the_try_counted(store):
    peer = a_peer(store)
    first, second = put(store, peer, a_draft(), a_draft())
    for counts in (True, False):
        [got] = claim(store)
        assert got.id == first.id
        settle(store, Verdict(got.id, got.token, "pending", due_at=LATER, counts=counts))
        assert claim(store) == []
        store.transact(lambda unit: unit.conn.execute(sa.update(rows).values(due_at=MONDAY)), None)
    [got] = claim(store)
    settle(store, Verdict(got.id, got.token, "pending", due_at=LATER, counts=False))
    [got] = claim(store, LATER)
    assert got.id == first.id
    settle(store, Verdict(got.id, got.token, "sent"))
    assert [one.id for one in claim(store, LATER)] == [second.id]


def test_what_is_planned_for_tomorrow_holds_up_nothing_today(store):
    peer = a_peer(store)
    _tomorrow, today = put(store, peer, a_draft(rank=1, due_at=LATER), a_draft(rank=1))
    assert [one.id for one in claim(store)] == [today.id]


def test_a_stuck_row_holds_up_a_legal_notice_for_ten_minutes_only(store):
    peer = a_peer(store)
    for rank in (0, 1):
        put(store, peer, a_draft(rank=rank))
    stuck = claim(store)
    settle(store, *[Verdict(one.id, one.token, "pending", due_at=LATER) for one in stuck])
    [rest] = claim(store)
    settle(store, Verdict(rest.id, rest.token, "pending", due_at=LATER))
    put(store, peer, a_draft(rank=0), a_draft(rank=1))
    assert claim(store, MONDAY + timedelta(minutes=9)) == []
    [legal] = claim(store, MONDAY + timedelta(minutes=11))
    assert (legal.rank, legal.seq) == (1, 4)


def test_many_rows_of_one_rank_that_wait_no_longer_for_each_other_still_go_one_by_one(store):
    peer = a_peer(store)
    put(store, peer, *[a_draft(rank=1)] * 3)
    now = MONDAY + timedelta(minutes=20)
    assert [one.seq for one in claim(store, now)] == [1]
    assert state(store) == ["sending", "pending", "pending"]
    assert row(store, 3).claims == 0


def test_ranks_share_each_batch_and_leave_what_they_do_not_need(store):
    for rank, many in ((0, 30), (1, 30), (5, 30), (9, 30)):
        for n in range(many):
            put(store, a_peer(store, f"{rank}:{n}"), a_draft(rank=rank))

    def shares():
        got = claim(store, limit=30)
        ranks = [one.rank for one in got]
        settle(store, *[Verdict(one.id, one.token, "sent") for one in got])
        return {rank: ranks.count(rank) for rank in set(ranks)}

    assert shares() == {1: 12, 5: 6, 9: 3, 0: 9}
    store.transact(
        lambda unit: unit.conn.execute(
            sa.update(rows).where(rows.c.rank != 9).values(status="sent")
        ),
        None,
    )
    assert shares() == {9: 27}
    assert shares() == {}


def test_a_batch_of_one_still_gives_one(store):
    put(store, a_peer(store), a_draft(rank=9))
    assert len(claim(store, limit=1)) == 1


def test_within_a_rank_the_oldest_of_each_peer_goes_first(store):
    late, early = a_peer(store, "late"), a_peer(store, "early")
    put(store, late, a_draft(due_at=MONDAY - timedelta(minutes=1)))
    put(store, early, a_draft(due_at=MONDAY - timedelta(minutes=5)))
    assert [one.address for one in claim(store)] == ["early", "late"]


def test_a_row_that_expired_is_dropped_and_not_sent(store):
    [born] = put(store, a_peer(store), a_draft(expires_at=MONDAY + timedelta(minutes=5)))
    assert claim(store, LATER) == []
    assert (row(store, born.id).status, row(store, born.id).problem) == ("dropped", "expired")


# --- leases ---


def test_a_lease_is_renewed_by_its_token_only_while_it_lasts(store):
    put(store, a_peer(store), a_draft())
    [got] = claim(store)

    def renew(token, **how):
        return store.transact(lambda unit: outbox.renew(unit, got.id, token, **how), None)

    assert renew(got.token)
    assert not renew(b"x" * 16)
    assert renew(got.token, lease=-1)
    assert not renew(got.token)


def test_who_lost_his_lease_can_neither_send_nor_settle(store):
    put(store, a_peer(store), a_draft())
    [slow] = claim(store, lease=-1)
    [quick] = claim(store)
    assert not store.transact(lambda unit: outbox.renew(unit, slow.id, slow.token), None)
    assert settle(store, Verdict(slow.id, slow.token, "dead", problem="chat")) == 0
    assert settle(store, Verdict(quick.id, quick.token, "sent")) == 1
    assert state(store) == ["sent"]


def test_a_batch_is_settled_at_once_and_counts_only_its_own(store):
    for n in range(5):
        put(store, a_peer(store, str(n)), a_draft())
    got = claim(store)
    verdicts = [Verdict(one.id, one.token, "sent") for one in got]
    verdicts[2] = verdicts[2]._replace(token=b"?" * 16)
    verdicts[3] = Verdict(got[3].id, got[3].token, "dead", problem="blocked")
    assert settle(store, *verdicts) == 4
    assert state(store) == ["sent", "sent", "sending", "dead", "sent"]
    assert settle(store) == 0


# --- what goes wrong ---


def test_a_row_that_kills_whoever_touches_it_is_quarantined_and_stops_nobody(store):
    poison = a_peer(store, "poison")
    [born] = put(store, poison, a_draft(payload=b"poison"))
    put(store, poison, a_draft(payload=b"next"))
    for n in range(40):
        put(store, a_peer(store, str(n)), a_draft())
    sent = []
    for _ in range(12):
        got = claim(store, limit=10, lease=-1)
        healthy = [one for one in got if one.payload != b"poison"]
        sent += healthy
        settle(store, *[Verdict(one.id, one.token, "sent") for one in healthy])
    assert len(sent) == 41
    assert (row(store, born.id).status, row(store, born.id).problem) == ("quarantined", "claims")
    assert row(store, born.id).claims == 6
    assert [one.id for one in store.read(outbox.failed)] == [born.id]


def test_faults_of_the_channel_never_quarantine_a_row(store):
    put(store, a_peer(store), a_draft())
    for _ in range(20):
        [got] = claim(store)
        settle(store, Verdict(got.id, got.token, "pending", due_at=MONDAY, counts=False))
    [got] = claim(store)
    assert got.claims == 1


def test_a_row_that_does_not_open_is_quarantined_and_the_others_go(store):
    peer, other = a_peer(store, "one"), a_peer(store, "two")
    [bad] = put(store, peer, a_draft())
    put(store, other, a_draft())

    def spoil(unit):
        value = unit.conn.execute(
            sa.select(rows.c.payload).where(rows.c.id == bad.id)
        ).scalar_one()
        broken = value[:-1] + bytes([value[-1] ^ 1])
        unit.conn.execute(sa.update(rows).where(rows.c.id == bad.id).values(payload=broken))

    store.transact(spoil, None)
    assert [one.peer_id for one in claim(store)] == [other.id]
    assert (row(store, bad.id).status, row(store, bad.id).problem) == ("quarantined", "sealed")


def test_a_row_without_a_verdict_tells_the_next_sender(store):
    put(store, a_peer(store), a_draft())
    [got] = claim(store)
    settle(store, Verdict(got.id, got.token, "pending", problem="unknown", due_at=MONDAY))
    [again] = claim(store)
    assert again.problem == "unknown"
    assert again.payload == b"{}"


@pytest.mark.parametrize("problem", outbox.PASSED)
def test_what_may_have_arrived_or_cannot_be_shown_holds_up_nothing(store, problem):
    peer = a_peer(store)
    put(store, peer, a_draft(), a_draft())
    [got] = claim(store)
    settle(store, Verdict(got.id, got.token, "pending", problem=problem, due_at=LATER))
    [born] = put(store, peer, a_draft(rank=1), lease=90)
    assert born.token
    settle(store, Verdict(born.id, born.token, "sent"))
    assert [one.seq for one in claim(store)] == [2]


def test_a_dead_row_keeps_its_words_and_may_be_revived_by_a_person(store):
    put(store, a_peer(store), a_draft(payload=b"words"))
    [got] = claim(store)
    settle(store, Verdict(got.id, got.token, "dead", problem="blocked"))
    assert store.read(lambda unit: outbox.read_payload(unit, got.id)) == b"words"
    assert claim(store) == []
    assert store.transact(lambda unit: outbox.revive(unit, got.id, MONDAY), None)
    assert not store.transact(lambda unit: outbox.revive(unit, got.id, MONDAY), None)
    [again] = claim(store)
    settle(store, Verdict(again.id, again.token, "sent"))
    assert store.read(lambda unit: outbox.read_payload(unit, got.id)) is None


def test_what_became_untrue_is_dropped_unless_it_is_on_its_way(store):
    filing, peer = a_filing(store), a_peer(store)
    put(
        store,
        peer,
        a_draft(rank=1, filing_id=filing.id),
        a_draft(rank=5, filing_id=filing.id),
        a_draft(rank=5),
    )
    [flying] = claim(store)
    assert flying.rank == 1
    assert store.transact(lambda unit: outbox.drop(unit, filing.id, rank=5), None) == 1
    assert store.transact(lambda unit: outbox.drop(unit, filing.id), None) == 0
    assert state(store) == ["sending", "dropped", "pending"]


def test_a_peer_that_is_gone_loses_its_broadcasts_only(store):
    peer = a_peer(store)
    put(store, peer, a_draft(rank=9), a_draft(rank=1))
    assert (
        store.transact(lambda unit: outbox.drop_peer(unit, peer.id, "gone", least_rank=9), None)
        == 1
    )
    assert state(store) == ["dropped", "pending"]


def test_how_long_each_rank_waits_is_known(store):
    put(
        store,
        a_peer(store),
        a_draft(rank=5),
        a_draft(rank=5, due_at=LATER),
        a_draft(rank=1, due_at=LATER),
    )
    assert store.read(outbox.oldest) == {5: MONDAY, 1: LATER}


def test_old_rows_go_in_small_pieces(store):
    for n in range(5):
        put(store, a_peer(store, str(n)), a_draft())
    got = claim(store)
    settle(store, *[Verdict(one.id, one.token, "sent") for one in got[:4]])
    sweep = lambda age: store.transact(lambda unit: outbox.sweep(unit, age, limit=3), None)  # noqa: E731
    assert sweep(3600) == 0
    assert [sweep(-1), sweep(-1), sweep(-1)] == [3, 1, 0]
    assert state(store) == ["sending"]


# --- many workers ---


def test_several_workers_claim_each_row_once(opened):
    stores = [opened() for _ in range(4)]
    for n in range(60):
        put(stores[0], a_peer(stores[0], str(n)), a_draft(), a_draft(rank=1))
    taken, lock = [], threading.Lock()

    def work(store):
        idle = 0
        while idle < 3:
            got = claim(store, limit=7)
            idle = 0 if got else idle + 1
            with lock:
                taken.extend(got)
            settle(store, *[Verdict(one.id, one.token, "sent") for one in got])

    threads = [threading.Thread(target=work, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 120
    assert len({one.id for one in taken}) == 120
    assert set(state(stores[0])) == {"sent"}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_worker_passes_by_what_another_is_just_claiming(opened):
    one, two = opened(), opened()
    for n in range(6):
        put(one, a_peer(one, str(n)), a_draft(), a_draft(rank=1))
    with one.engine.connect() as conn, conn.begin():
        mine = claims.claim(one._unit(conn), MONDAY, ["telegram"], limit=3)
        theirs = claim(two, limit=10)
    peers_of = lambda got: {row.peer_id for row in got}  # noqa: E731
    assert len(mine) == 3
    assert len(theirs) == 3
    assert not peers_of(mine) & peers_of(theirs)
    assert claim(two) == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_claim_that_became_visible_meanwhile_is_respected(opened):
    """The statement began to look before another worker's claim of the same peer was there."""
    one, two = opened(), opened()
    peer = a_peer(one)
    put(one, peer, a_draft(rank=5), a_draft(rank=1))
    [first] = claim(one)
    token = b"t" * 16
    with two.engine.connect() as conn, conn.begin():
        unit = two._unit(conn)
        late = (
            sa.update(rows)
            .where(rows.c.rank == 5)
            .values(status="sending", lease_token=token, claims=1, lease_until=claims.db_later(90))
            .returning(rows.c.id)
        )
        ids = [conn.execute(late).scalar_one()]
        assert claims._one_each(unit, ids, token) == []
    assert first.rank == 1
    assert state(one) == ["pending", "sending"]
    assert [
        r.claims
        for r in one.read(
            lambda unit: unit.conn.execute(sa.select(rows).order_by(rows.c.id)).all()
        )
    ] == [0, 1]


# --- pulled ---


def test_the_page_gets_every_row_once_in_order_of_seq_whoever_wrote_it(store):
    peer = a_peer(store, "page", channel="web")
    cursor, seen = 0, []
    for n, rank in enumerate(itertools.islice(itertools.cycle([0, 1, 5]), 7)):
        put(store, peer, a_draft(rank=rank, payload=bytes([n]), due_at=LATER))
        if n % 2:
            assert store.read(lambda unit, after=cursor: pulls.news(unit, {peer.id: after})) == [
                peer.id
            ]
            got = store.read(lambda unit, after=cursor: pulls.pull(unit, peer.id, after))
            seen += [one.payload for one in got]
            cursor = got[-1].seq
            store.transact(lambda unit, upto=cursor: pulls.pulled(unit, peer.id, upto), None)
            assert store.read(lambda unit, after=cursor: pulls.news(unit, {peer.id: after})) == []
    assert seen == [bytes([n]) for n in range(6)]
    assert cursor == 6


def test_a_page_that_lost_its_connection_may_ask_again(store):
    peer = a_peer(store, "page", channel="web")
    put(store, peer, a_draft(payload=b"1"), a_draft(payload=b"2"))
    assert store.transact(lambda unit: pulls.pulled(unit, peer.id, 2), None) == 2
    got = store.read(lambda unit: pulls.pull(unit, peer.id, 1))
    assert [(one.seq, one.payload, one.lang) for one in got] == [(2, b"2", "ko")]


def test_a_page_without_a_cursor_begins_at_what_it_has_not_got(store):
    peer = a_peer(store, "page", channel="web")
    arrived = lambda: store.read(lambda unit: pulls.arrived(unit, peer.id))  # noqa: E731
    assert arrived() == 0
    put(store, peer, a_draft(), a_draft(), a_draft())
    assert arrived() == 0
    store.transact(lambda unit: pulls.pulled(unit, peer.id, 2), None)
    assert arrived() == 2
    store.transact(lambda unit: pulls.pulled(unit, peer.id, 3), None)
    assert arrived() == 3


def test_a_process_without_pages_asks_nothing(store):
    assert store.read(lambda unit: pulls.news(unit, {})) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_was_sent_long_ago_is_not_looked_at_again(store):
    # The statements themselves, as the database got them: a plan of others would prove nothing.
    peer = a_peer(store)
    asked: list[str] = []
    driver = lambda unit: unit.conn.connection.driver_connection  # noqa: E731
    store.transact(lambda unit: driver(unit).set_trace_callback(asked.append), None)
    put(store, peer, a_draft(), lease=90)
    put(store, peer, a_draft(), lease=90)
    claim(store, LATER)
    store.transact(lambda unit: outbox.drop_peer(unit, peer.id, "gone"), None)
    store.transact(outbox.oldest, None)

    def indexes(words):
        sql = next(sql for sql in asked if words in " ".join(sql.split()))
        plan = store.read(
            lambda unit: unit.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}").all()
        )
        return {word for line in plan for word in str(line[3]).split() if word.startswith("ix_")}

    assert indexes("RETURNING next_seq") == {"ix_outbox_in_line"}
    assert indexes("rank = 0 AND outbox.due_at <=") == {"ix_outbox_in_turn", "ix_outbox_in_line"}
    assert indexes("min(outbox.since)") <= {"ix_outbox_in_turn", "ix_outbox_in_line"}
