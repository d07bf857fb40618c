"""What one process counts of itself while it works; the rest is read when it is asked for.

Numbers only, labelled with names from closed sets: no person, no report, no unit of the agency,
whose small numbers would tell who complained of whom.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram

TURN = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds; a turn takes some milliseconds and must not take two seconds (performance)."""


class Measures:
    """The counters of a process, on a registry of their own."""

    def __init__(self) -> None:
        at = self.registry = CollectorRegistry()
        self.turns = Counter("jt_turns", "Turns by outcome", ["channel", "outcome"], registry=at)
        self.seconds = Histogram(
            "jt_turn_seconds", "From the door to the answer", buckets=TURN, registry=at
        )
        self.waits = Histogram(
            "jt_turn_wait_seconds", "From the door to the transaction", buckets=TURN, registry=at
        )
        self.deliveries = Counter(
            "jt_deliveries", "What became of messages", ["channel", "verdict"], registry=at
        )
        self.broadcasts = Counter(
            "jt_broadcast_sendings", "What became of sendings", ["channel", "outcome"], registry=at
        )

    def broadcast(self, channel: str, outcome: str, count: int) -> None:
        """Count sendings of broadcasts that ended alike."""
        self.broadcasts.labels(channel, outcome).inc(count)

    def delivered(self, channel: str, verdict: str) -> None:
        """Count one message that was sent or not."""
        self.deliveries.labels(channel, verdict).inc()

    @contextmanager
    def turn(self, channel: str, outcome: Callable[[BaseException], str]) -> Iterator[None]:
        """Count and time one turn; `outcome` names what an error means."""
        name = "done"
        with self.seconds.time():
            try:
                yield
            except BaseException as error:
                name = outcome(error)
                raise
            finally:
                self.turns.labels(channel, name).inc()
