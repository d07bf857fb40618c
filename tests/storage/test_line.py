"""The line for the one writer: who leads, who is taken along, who gives up."""

import threading

import pytest

from storage.errors import Busy
from storage.line import Line, _Place


class Busily:
    """Serves, but the first time only when it is told to."""

    def __init__(self):
        self.batches = []
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, jobs):
        self.batches.append(list(jobs))
        if len(self.batches) == 1:
            self.begun.set()
            assert self.go_on.wait(10)


def stand(line, serve, *jobs):
    """Let each stand in line behind the one that is served."""
    threads = []
    for job in jobs:
        threads.append(threading.Thread(target=line.join, args=(job, serve)))
        threads[-1].start()
        while line.waiting < len(threads):
            pass
    return threads


def begin(line, serve):
    first = threading.Thread(target=line.join, args=("first", serve))
    first.start()
    assert serve.begun.wait(10)
    return first


def test_who_stands_behind_is_taken_along_in_the_order_of_coming():
    line, serve = Line(most=3), Busily()
    threads = [begin(line, serve), *stand(line, serve, "a", "b", "c", "d")]
    serve.go_on.set()
    for thread in threads:
        thread.join()
    assert serve.batches == [["first"], ["a", "b", "c"], ["d"]]
    assert line.waiting == 0


def test_who_stands_in_line_too_long_is_told_so_and_leaves_it():
    line, serve = Line(patience=0.01), Busily()
    first = begin(line, serve)
    with pytest.raises(Busy):
        line.join("late", serve)
    serve.go_on.set()
    first.join()
    line.join("next", serve)
    assert serve.batches == [["first"], ["next"]]


class Impatient(_Place):
    """One whose patience ends in the very moment in which the gate opens."""

    def __init__(self, job):
        super().__init__(job)
        real, opened = self.gate, threading.Event()

        class Gate:
            def acquire(self, timeout=None):
                if timeout is None:
                    return real.acquire()
                opened.wait(10)
                return False

            def release(self):
                real.release()
                opened.set()

        self.gate = Gate()

    __slots__ = ()


@pytest.mark.parametrize("jobs", [["a"], ["a", "b"]], ids=["made to lead", "taken along"])
def test_whose_patience_ends_just_as_it_is_his_turn_is_served(jobs):
    line, serve = Line(), Busily()
    line._place = Impatient
    threads = [begin(line, serve), *stand(line, serve, *jobs)]
    serve.go_on.set()
    for thread in threads:
        thread.join(10)
    assert serve.batches == [["first"], jobs]


def test_a_server_that_breaks_does_not_stop_the_line():
    line = Line()

    def breaks(_jobs):
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        line.join("one", breaks)
    served = []
    line.join("two", served.extend)
    assert served == ["two"]
