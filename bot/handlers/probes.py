"""Is it alive, is it ready, how does it do: no personal data, no volume for strangers."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.handlers.admission import Load
from bot.settings import is_loopback
from storage.columns import db_now
from storage.errors import Busy
from storage.repositories import outbox
from storage.store import Store
from storage.unit import Unit

DRIFT = 30.0
"""Seconds between our clock and the database's before it is a fault (S33)."""


def drift(store: Store, wall: Callable[[], float]) -> float:
    """Tell by how many seconds this machine is ahead of the database; raises Busy.

    Half of the way there and back is given to the answer: a slow network is no drift.
    """
    asked = wall()
    now = store.read(lambda unit: unit.conn.execute(sa.select(db_now())).scalar_one())
    return (asked + wall()) / 2 - float(now.timestamp())


@dataclass(frozen=True, slots=True)
class Probes:
    """`wall` is this machine's own clock in seconds since 1970; a rehearsal moves another one."""

    store: Store
    load: Load
    wall: Callable[[], float] = time.time

    def routes(self) -> list[Route]:
        return [
            Route("/healthz", self.alive),
            Route("/readyz", self.ready),
            Route("/metrics", self.metrics),
        ]

    async def alive(self, _request: Request) -> Response:
        """Answer: the process runs and its loop turns."""
        return PlainTextResponse("ok")

    async def ready(self, _request: Request) -> Response:
        """Say what keeps the service from working; 503 while anything does."""
        faults = await asyncio.to_thread(self.faults)
        status = 503 if faults else 200
        return JSONResponse({"ready": not faults, "faults": faults}, status)

    def faults(self) -> list[str]:
        """Name what is wrong: database, clock, disk, hold."""
        found: list[str] = []
        try:
            if abs(drift(self.store, self.wall)) > DRIFT:
                found.append("clock")
        except Busy:
            found.append("database")
        if self.store.space().room == "no_dialogs":
            found.append("disk")
        if self.store.hold:
            found.append("hold")
        return found

    async def metrics(self, request: Request) -> Response:
        """Give gauges to this machine only: how much comes in is nobody else's business."""
        if not _from_here(request):
            return PlainTextResponse("", 404)
        registry = CollectorRegistry()
        registry.register(Gauges(self.store, self.load, self.wall))
        data = await asyncio.to_thread(generate_latest, registry)
        return Response(data, headers={"content-type": CONTENT_TYPE_LATEST})


def _from_here(request: Request) -> bool:
    """Tell a request of this machine from one that a proxy on it passed on."""
    passed_on = {"forwarded", "x-forwarded-for", "x-real-ip"} & set(request.headers)
    return not passed_on and request.client is not None and is_loopback(request.client.host)


@dataclass(frozen=True, eq=False)
class Gauges(Collector):
    """What is measured when it is asked for; nothing here counts a growing table (S18)."""

    store: Store
    load: Load
    wall: Callable[[], float]

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Give the gauges."""
        yield GaugeMetricFamily("jt_requests_inside", "Requests now", self.load.inside)
        yield GaugeMetricFamily(
            "jt_requests_refused", "Turned away since start", self.load.refused
        )
        yield GaugeMetricFamily("jt_turn_wait_seconds", "Wait for a transaction", self.load.wait)
        space = self.store.space()
        yield GaugeMetricFamily("jt_disk_free_bytes", "Free space beside the data", space.free)
        yield GaugeMetricFamily("jt_hold", "1 while nothing may leave", int(bool(self.store.hold)))
        try:
            yield self.store.read(self._outbox)
        except Busy:
            yield GaugeMetricFamily("jt_database_away", "1 while the database is away", 1)

    def _outbox(self, unit: Unit) -> GaugeMetricFamily:
        ages = GaugeMetricFamily(
            "jt_outbox_oldest_seconds", "Age of the oldest waiting row", labels=["rank"]
        )
        for rank, since in outbox.oldest(unit).items():
            ages.add_metric([str(rank)], max(0.0, self.wall() - since.timestamp()))
        return ages
