"""Leases, runs, keys of repetition, rates: what many processes agree on (security S11, S14, S15, S18)."""

import threading

import pytest
import sqlalchemy as sa

from storage.columns import db_now
from storage.errors import Fenced
from storage.repositories import erasing, leases, rates, runs, sent_keys
from tests.fakes.clock import MONDAY, FrozenClock
from tests.storage.rows import a_filing


def do(store, act, *args, **how):
    return store.transact(lambda unit: act(unit, *args, **how), None)


def test_a_lease_belongs_to_one_holder_until_it_ends(store):
    assert do(store, leases.take, "tick", "a", 60) == 1
    assert do(store, leases.take, "tick", "b", 60) is None
    assert do(store, leases.take, "tick", "a", 60) == 1
    assert do(store, leases.take, "other", "b", 60) == 1


def test_the_fence_grows_with_every_new_holder_and_after_every_gap(store):
    assert do(store, leases.take, "tick", "a", -1) == 1
    assert do(store, leases.take, "tick", "a", -1) == 2
    assert do(store, leases.take, "tick", "b", 60) == 3
    do(store, leases.give_back, "tick", 2)  # an old fence lets go of nothing
    assert do(store, leases.take, "tick", "a", 60) is None
    do(store, leases.give_back, "tick", 3)
    assert do(store, leases.take, "tick", "a", 60) == 4


def test_whether_anybody_holds_a_lease_is_known(store):
    assert not store.read(lambda unit: leases.held(unit, "tick"))
    do(store, leases.take, "tick", "a", 60)
    assert store.read(lambda unit: leases.held(unit, "tick"))
    do(store, leases.give_back, "tick", 1)
    assert not store.read(lambda unit: leases.held(unit, "tick"))


def test_who_lost_the_lease_writes_nothing_any_more(store):
    fence = do(store, leases.take, "tick", "slow", -1)
    do(store, leases.take, "tick", "quick", 60)

    def write(unit):
        sent_keys.first(unit, "key")
        leases.check(unit, "tick", fence)

    with pytest.raises(Fenced):
        store.transact(write, None)
    with pytest.raises(Fenced):
        do(store, leases.check, "unknown", 1)
    assert not store.read(lambda unit: sent_keys.has(unit, "key"))
    do(store, leases.check, "tick", fence + 1)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_leases_run_on_the_hosts_clock_which_a_test_may_hold_still(opened):
    clock = FrozenClock()
    store = opened(host_clock=clock.micros)
    assert store.read(lambda unit: unit.conn.execute(sa.select(db_now())).scalar_one()) == clock()
    assert do(store, leases.take, "tick", "a", 60) == 1
    clock.advance(seconds=60)
    assert do(store, leases.take, "tick", "b", 60) is None
    clock.advance(seconds=1)
    assert do(store, leases.take, "tick", "b", 60) == 2


def test_a_run_is_done_once_and_begun_anew_when_its_process_died(store):
    assert do(store, runs.begin, "newsletter:2026-12", 1)
    assert not do(store, runs.begin, "newsletter:2026-12", 1)
    assert do(store, runs.begin, "newsletter:2026-12", 2)
    assert not store.read(lambda unit: runs.finished(unit, "newsletter:2026-12"))
    do(store, runs.finish, "newsletter:2026-12")
    assert store.read(lambda unit: runs.finished(unit, "newsletter:2026-12"))
    assert not do(store, runs.begin, "newsletter:2026-12", 3)
    assert not store.read(lambda unit: runs.finished(unit, "never begun"))


def test_what_was_said_once_is_not_said_again_while_its_filing_lives(store):
    filing = a_filing(store)
    assert do(store, sent_keys.first, "remind:1:answer:2026-12-01:3", filing.id)
    assert not do(store, sent_keys.first, "remind:1:answer:2026-12-01:3", filing.id)
    assert do(store, sent_keys.first, "remind:1:answer:2026-12-10:3", filing.id)
    do(store, erasing.erase, filing.id, filing.sid, MONDAY, "clock")
    assert do(store, sent_keys.first, "remind:1:answer:2026-12-01:3", filing.id)


def test_one_of_many_at_once_takes_a_key(opened):
    stores = [opened() for _ in range(3)]
    won = []

    def run(store):
        if do(store, sent_keys.first, "key"):
            won.append(1)

    threads = [threading.Thread(target=run, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [1]


def test_a_rate_grants_its_burst_and_then_says_how_long_to_wait(store):
    waits = [do(store, rates.take, "telegram", every=3600, burst=3) for _ in range(5)]
    assert waits[:3] == [0, 0, 0]
    assert all(3500 < wait <= 3600 for wait in waits[3:])
    assert do(store, rates.take, "telegram:chat:1", every=3600) == 0


def test_turns_are_taken_in_fives(store):
    assert do(store, rates.take, "telegram", every=60, burst=10, count=5) == 0
    assert do(store, rates.take, "telegram", every=60, burst=10, count=5) == 0
    wait = do(store, rates.take, "telegram", every=60, burst=10, count=5)
    assert 290 < wait <= 300
    assert 50 < do(store, rates.take, "telegram", every=60, burst=10, count=1) <= 60


def test_many_turns_are_taken_at_once_as_far_as_there_are_any(store):
    rate = {"every": 60, "burst": 10}
    assert do(store, rates.some, "mail", most=4, **rate) == (4, 0.0)
    assert do(store, rates.some, "mail", most=100, **rate) == (6, 0.0)
    granted, wait = do(store, rates.some, "mail", most=100, least=3, **rate)
    assert granted == 0
    assert 170 < wait <= 180


def test_who_takes_of_half_a_burst_leaves_the_other_half_to_others(store):
    half, whole = {"every": 60, "burst": 5}, {"every": 60, "burst": 10}
    assert do(store, rates.some, "mail", most=100, **half) == (5, 0.0)
    assert [do(store, rates.take, "mail", **whole) for _ in range(5)] == [0.0] * 5
    granted, wait = do(store, rates.some, "mail", most=1, **half)
    assert (granted, wait > 300) == (0, True)
    do(store, rates.push, "mail", every=60, count=1)  # what is its own goes past that
    assert do(store, rates.take, "mail", **whole) > 60


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_rate_taken_in_handfuls_is_used_up_and_never_exceeded(opened):
    clock = FrozenClock()
    store = opened(host_clock=clock.micros)
    granted = 0
    for _ in range(100):
        granted += do(store, rates.some, "mail", every=1 / 30, burst=15, most=32, least=3)[0]
        clock.advance(seconds=0.1)
    assert 0.98 * 300 <= granted <= 300 + 15


def test_what_was_used_already_is_taken_as_far_as_there_is_any(store):
    rate = {"every": 60, "burst": 10}
    assert not do(store, rates.spent, "bytes", **rate)
    do(store, rates.use, "bytes", count=7, **rate)
    assert not do(store, rates.spent, "bytes", count=3, **rate)
    assert do(store, rates.spent, "bytes", count=4, **rate)
    do(store, rates.use, "bytes", count=7, **rate)
    assert do(store, rates.spent, "bytes", **rate)
    assert 50 < do(store, rates.take, "bytes", **rate) <= 60


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_rate_holds_exactly_over_time(opened):
    clock = FrozenClock()
    store = opened(host_clock=clock.micros)
    granted = 0
    for _ in range(200):
        granted += do(store, rates.take, "telegram", every=1 / 30, burst=30) == 0
        clock.advance(milliseconds=10)
    assert granted == 30 + 2 * 30 - 1


def test_a_rate_holds_over_processes(opened):
    stores = [opened() for _ in range(3)]
    granted = []

    def run(store):
        waits = [do(store, rates.take, "telegram", every=3600, burst=7) for _ in range(10)]
        granted.extend(wait for wait in waits if wait == 0)

    threads = [threading.Thread(target=run, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(granted) == 7


def test_rates_that_are_full_again_are_swept(store):
    do(store, rates.take, "old", every=-90_000)
    do(store, rates.take, "new", every=10)
    assert do(store, rates.sweep) == 1
    assert do(store, rates.sweep) == 0
