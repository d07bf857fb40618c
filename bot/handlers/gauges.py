"""What is measured when somebody asks for it; nothing here counts a growing table (S18)."""

import contextlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.handlers.dates import Dates
from bot.handlers.ladder import TURNED_AWAY, Load
from bot.services import pressing, silence
from bot.services.base import Desk
from storage.errors import Busy
from storage.repositories import heartbeats
from storage.store import Store
from storage.unit import Unit

FAULTS = (
    "database", "clock", "disk", "hold", "tick", "notices", "outbound", "inbound", "socket",
)  # fmt: skip
"""What may keep the service from being ready, by name."""


@dataclass(frozen=True, eq=False)
class Gauges(Collector):
    """The figures of one moment; `faults` names what is wrong, `listeners` counts open pages.

    `loads` by the side that they are of: the public's, the desk's.
    """

    store: Store
    svc: Desk
    loads: Mapping[str, Load]
    pushed: Collection[str]
    listeners: Callable[[], int]
    dates: Dates
    faults: Callable[[], Collection[str]]

    def collect(self) -> Iterable[Metric]:
        """Give the gauges."""
        yield from self._process()
        wrong = self.faults()
        named = {(name,): float(name in wrong) for name in FAULTS}
        yield _gauge("jt_fault", "1 while this keeps the service from being ready", named, "name")
        for look in (self._beats, self._waits, self._business):
            # A part that may not read a table (S7) leaves that figure to those that may.
            with contextlib.suppress(Busy, sa.exc.DBAPIError):
                yield from self.store.read(look)

    def _process(self) -> Iterable[Metric]:
        space = self.store.space()
        inside = {(side,): float(load.inside) for side, load in self.loads.items()}
        yield _gauge("jt_requests_inside", "Requests now", inside, "side")
        full = {(side,): load.share() for side, load in self.loads.items()}
        yield _gauge("jt_load_share", "Of what is let in; 1 is full", full, "side")
        yield self._refused()
        yield _counter("jt_database_busy", "Works that the database could not do", self.store.busy)
        yield _gauge("jt_listeners", "Open pages that wait for notices", self.listeners())
        yield _gauge("jt_disk_free_bytes", "Free space beside the data", space.free)
        yield _gauge("jt_hold", "1 while nothing may leave", int(bool(self.store.hold)))
        ahead = self.dates.drift()
        if ahead is not None:
            yield _gauge("jt_clock_ahead_seconds", "Our clock against others' Date", ahead)

    def _refused(self) -> Metric:
        made = CounterMetricFamily(
            "jt_requests_refused", "Turned away at the door", labels=["side", "step"]
        )
        for side, load in self.loads.items():
            for step in TURNED_AWAY:
                made.add_metric([side, step], load.refused[step])
        return made

    @staticmethod
    def _beats(unit: Unit) -> list[Metric]:
        named = {(name,): age for name, age in heartbeats.ages(unit).items()}
        waits = int(pressing.pressed(unit))
        return [
            _gauge("jt_heartbeat_age_seconds", "Since the last sign of life", named, "name"),
            _gauge("jt_newsletters_wait", "1 while newsletters wait for the others", waits),
        ]

    def _waits(self, unit: Unit) -> list[Metric]:
        found = silence.waits(self.svc, unit, self.pushed)
        ages = _ranks(found.oldest)
        return [
            _gauge("jt_outbox_waiting", "Messages that wait", _ranks(found.waiting), "rank"),
            _gauge("jt_outbox_oldest_seconds", "Age of the oldest message", ages, "rank"),
        ]

    def _business(self, unit: Unit) -> list[Metric]:
        found = silence.figures(self.svc, unit)
        return [
            _gauge("jt_overdue", "Open reports past their date (1000: or more)", found.overdue),
            _gauge("jt_tasks_open", "What waits for a hand (1000: or more)", found.tasks),
        ]


def _ranks(values: Mapping[int, float]) -> dict[tuple[str, ...], float]:
    return {(str(rank),): value for rank, value in values.items()}


def _gauge(name: str, text: str, value: Any, label: str = "") -> Metric:
    """Make a gauge of one number, or of one for each value of a label."""
    if not label:
        return GaugeMetricFamily(name, text, value)
    made = GaugeMetricFamily(name, text, labels=[label])
    for labels, each in value.items():
        made.add_metric(list(labels), each)
    return made


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(name, text, value)
