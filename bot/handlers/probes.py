"""Is it alive, is it ready, how does it do: no personal data, no volume for strangers."""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

import sqlalchemy as sa
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.handlers.dates import Dates
from bot.handlers.gauges import FAULTS, Gauges
from bot.handlers.ladder import Load
from bot.measures import Measures
from bot.services import silence
from bot.services.base import Desk
from bot.services.silence import Patience
from bot.settings import is_loopback
from storage import replication
from storage.columns import db_now
from storage.errors import Busy
from storage.store import Store

DRIFT = 30.0
"""Seconds between two clocks before it is a fault (S33)."""


def drift(store: Store, wall: Callable[[], float]) -> float:
    """Tell by how many seconds this machine is ahead of the database; raises Busy.

    Half of the way there and back is given to the answer: a slow network is no drift.
    """
    asked = wall()
    now = store.read(lambda unit: unit.conn.execute(sa.select(db_now())).scalar_one())
    return (asked + wall()) / 2 - float(now.timestamp())


@dataclass(frozen=True, slots=True)
class Watched:
    """What a process watches of itself and of the service.

    `pushed` are the channels on which we send by ourselves, `listens` are the roads by which we
    fetch from a messenger, `networks` may read the figures beside this machine, `listeners` counts open pages.
    `wall` is this machine's own clock in seconds since 1970 (a rehearsal moves another one),
    `clock` is monotonic.
    """

    store: Store
    svc: Desk
    loads: Mapping[str, Load]
    measures: Measures = field(default_factory=Measures)
    dates: Dates = field(default_factory=Dates)
    pushed: Collection[str] = ()
    listens: Collection[str] = ()
    patience: Patience = field(default_factory=Patience)
    networks: Collection[str] = ()
    listeners: Callable[[], int] = lambda: 0
    wall: Callable[[], float] = time.time
    clock: Callable[[], float] = time.monotonic


class Probes:
    """The three pages for machines."""

    def __init__(self, watched: Watched) -> None:
        self._w = watched
        self._born = watched.clock()
        self._networks = [ip_network(one) for one in watched.networks]

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
        """Name what is wrong, of `FAULTS`: machine first, then what is silent."""
        w = self._w
        found: list[str] = []
        try:
            if not w.store.read(replication.writable):
                found.append("database")
            third = w.dates.drift()
            if max(abs(drift(w.store, w.wall)), abs(third or 0.0)) > DRIFT:
                found.append("clock")
            found += self._silent()
        except Busy:
            found.append("database")
        if w.store.space().room == "no_dialogs":
            found.append("disk")
        if w.store.hold:
            found.append("hold")
        return sorted(set(found), key=FAULTS.index)

    def _silent(self) -> list[str]:
        w = self._w
        signs = w.store.read(lambda unit: silence.signs(w.svc, unit, w.pushed))
        up = w.clock() - self._born
        silent = silence.silent(signs, w.patience, up, w.listens)
        # On hold nothing may leave: that is said already, and a person decides (S13).
        return [
            fault for fault in silent if not (w.store.hold and fault in {"notices", "outbound"})
        ]

    async def metrics(self, request: Request) -> Response:
        """Give figures to whom the settings name: how much comes in is nobody else's business."""
        if not self._allowed(request):
            return PlainTextResponse("", 404)
        data = await asyncio.to_thread(self._figures)
        return Response(data, headers={"content-type": CONTENT_TYPE_LATEST})

    def _figures(self) -> bytes:
        w = self._w
        now = CollectorRegistry()
        now.register(Gauges(w.store, w.svc, w.loads, w.pushed, w.listeners, w.dates, self.faults))
        return bytes(generate_latest(w.measures.registry) + generate_latest(now))

    def _allowed(self, request: Request) -> bool:
        """Tell a request of a known machine from one that a proxy passed on."""
        passed_on = {"forwarded", "x-forwarded-for", "x-real-ip"} & set(request.headers)
        if passed_on or request.client is None:
            return False
        host = request.client.host
        if is_loopback(host):
            return True
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._networks)
