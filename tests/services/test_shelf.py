"""What every process keeps in memory: made once, made anew beside the turns, swapped whole."""

import threading

import pytest

from bot.services.shelf import LOOK, Shelf
from storage.repositories import versions

one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


class Made:
    """Counts what was made; a shelf on it with a clock that is moved by hand."""

    def __init__(self, store, run=lambda work: work()):
        self.store = store
        self.count = 0
        self.fails = False
        self.now = 0.0
        self.shelf = Shelf(store, "cases", self.make, clock=lambda: self.now, run=run)

    def make(self, _unit):
        if self.fails:
            raise ValueError
        self.count += 1
        return self.count

    def change(self):
        self.store.transact(lambda unit: versions.move(unit, "cases"), None)


@one_database
def test_it_is_made_once_while_nothing_changes(store):
    made = Made(store)
    assert made.shelf.get() == 1
    made.now += LOOK
    assert made.shelf.get() == 1


def test_a_change_is_seen_at_the_next_look_and_not_before(store):
    made = Made(store)
    made.shelf.get()
    made.change()
    assert made.shelf.get() == 1
    made.now += LOOK
    made.shelf.get()
    assert made.shelf.get() == 2


@one_database
def test_who_asks_while_it_is_made_anew_gets_the_old_and_it_is_made_once(store):
    waiting = []
    made = Made(store, run=waiting.append)
    made.shelf.get()
    made.change()
    made.now += LOOK
    assert made.shelf.get() == 1
    made.now += LOOK
    assert made.shelf.get() == 1
    (again,) = waiting
    again()
    assert made.shelf.get() == 2


@one_database
def test_what_cannot_be_made_leaves_the_old_and_is_tried_again(store):
    made = Made(store)
    made.shelf.get()
    made.change()
    made.now += LOOK
    made.fails = True
    assert made.shelf.get() == 1
    made.fails = False
    made.now += LOOK
    made.shelf.get()
    assert made.shelf.get() == 2


@one_database
def test_many_who_ask_first_wait_for_one(store):
    made = Made(store)
    asking = [threading.Thread(target=made.shelf.get) for _ in range(4)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert made.count == 1


class Late:
    """A store whose copy is one change behind."""

    def __init__(self, store):
        self.store = store
        self.behind = False
        self.asked = 0

    def read(self, work):
        return self.store.read(work)

    def stale(self, work):
        self.asked += 1
        at, made = self.store.read(work)
        return (at - 1, "old") if self.behind else (at, made)


@one_database
def test_what_the_copy_has_not_yet_is_made_of_the_primary(store):
    late = Late(store)
    shelf = Shelf(late, "cases", lambda _unit: "new")
    assert shelf.get() == "new"
    late.behind = True
    assert Shelf(late, "cases", lambda _unit: "new").get() == "new"
    assert late.asked == 2
