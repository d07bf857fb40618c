"""The only sender: rows that were born leased at once, the others as they are claimed."""

import asyncio
import contextlib
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import log
from bot.channel import Channel
from bot.documents.scan import Scan
from bot.measures import Measures
from bot.receive import Born
from bot.services import broadcast_telling
from bot.services.base import Desk
from bot.worker import ledger
from bot.worker.broadcaster import Broadcaster
from bot.worker.chats import Chats
from bot.worker.dispatch import Dispatch
from bot.worker.fetching import Fetcher
from bot.worker.ledger import Ledger
from bot.worker.sending import Hands, Row, send
from bot.worker.settling import LAST, Settler
from bot.worker.ticking import EVERY, Ticker
from bot.worker.verdict import Settled
from storage.repositories import sendings
from storage.repositories.outbox import PASSED
from storage.store import Store

_log = log.get(__name__)

AT_ONCE = 16
"""Sends in flight; a vendor that takes a second for each still gets through 16 in it."""

IDLE = 1.0
"""Seconds between looks while nothing is due."""

TELL = broadcast_telling.EVERY.total_seconds()

LIVELY = 0.1
"""… and for a while after an answer was sent: the next one of a fast typist is not born leased,
because his last row is not settled yet."""

LIVELY_FOR = 3.0

GRAB = 5
"""Tokens of a channel's rate that are taken ahead for rows that are born leased (P11)."""

GRABBED_FOR = 1.0


class Worker:
    """Sends, settles, fetches, ticks. Any number of processes may run one (SQLite: one process).

    `clock` is monotonic, `pause(seconds)` waits; both are given so that tests need no time.
    `chores` are done at every tick beside it, in this process whoever else ticks.
    """

    def __init__(
        self,
        store: Store,
        svc: Desk,
        channels: Mapping[str, Channel],
        *,
        clock: Callable[[], float] = time.monotonic,
        settle_after: float = 0.05,
        idle: float = IDLE,
        scan: Scan | None = None,
        measures: Measures | None = None,
        chores: Sequence[Callable[[], object]] = (),
        lease: float = sendings.LEASE,
    ) -> None:
        holder = secrets.token_hex(8)
        self._channels = channels
        self._clock = clock
        self._idle = idle
        self._measures = measures or Measures()
        self._chores = chores
        self.ledger = Ledger(store, svc, channels, holder, clock)
        self.dispatch = Dispatch(self.ledger, clock, lease)
        self.broadcaster = Broadcaster(self.dispatch, channels, self._measures, idle=idle)
        self.ticker = Ticker(store, svc, holder)
        self.fetcher = Fetcher(store, svc, channels, holder, scan)
        self._settler = Settler(self._settle, pause=settle_after)
        self._hands = Hands(clock, self._renew, self._move)
        self._peers: dict[int, int] = {}
        self._outages: Counter[str] = Counter()
        self._chats = Chats(clock)
        self._tokens: dict[str, tuple[float, int]] = {}
        self._grabbed: dict[str, int] = {}
        self._grabbing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._lively_until = float("-inf")
        self._stop: asyncio.Event | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Claim and send until `stop`, then finish what is in flight and settle it."""
        self._stop = stop
        await self._woken()
        scheduler = AsyncIOScheduler(timezone=UTC)
        scheduler.add_job(
            asyncio.to_thread, "interval", args=[self._tick], seconds=EVERY, id="tick",
            coalesce=True, max_instances=1, misfire_grace_time=None,
        )  # fmt: skip
        scheduler.add_job(
            asyncio.to_thread, "interval", args=[self._tell], id="tell",
            seconds=TELL, coalesce=True, max_instances=1, misfire_grace_time=None,
        )  # fmt: skip
        scheduler.start()
        loops = (self._until(stop, self.round), self._until(stop, self.fetcher.work))
        try:
            await asyncio.gather(asyncio.to_thread(self._tick), *loops, self.broadcaster.run(stop))
        finally:
            scheduler.shutdown(wait=False)
            await self._settler.drain(LAST)
            await self._let_go()

    async def _woken(self) -> None:
        """Look for how long nobody was there, before our first tick says that somebody is."""
        try:
            await asyncio.to_thread(self.dispatch.wake)
        except Exception as error:  # noqa: BLE001 - the database is away
            _log.error("not_woken", exc_info=error)

    async def _let_go(self) -> None:
        """Give the leases back: whoever goes on need not wait until they end by themselves."""
        try:
            await asyncio.to_thread(self.ledger.let_go)
        except Exception as error:  # noqa: BLE001 - they end by themselves then
            _log.warning("leases_not_given_back", exc_info=error)

    async def flush(self, rows: Sequence[Born]) -> None:
        """Send rows that were born leased, now, in their order; never raises.

        What there is no room for is given back and claimed by the next round.
        """
        self._lively_until = self._clock() + LIVELY_FOR
        try:
            held: set[tuple[int, int]] = set()  # who is put off keeps his place in the line
            for row in rows:
                mine = ledger.born(row)
                line = (mine.peer_id, mine.rank)
                ready = mine.channel in self._channels and line not in held
                wait = await self._chat(mine) if ready else 0.0
                if not ready or wait or not await self._room(mine.channel):
                    self._put(mine, Settled(mine.id, mine.token, "pending", wait, blame=False))
                    held.add(line)
                elif not await self._send(mine, self._outages[mine.channel]):
                    held.add(line)
        except Exception as error:  # noqa: BLE001 - the rows are stored; the lease ends
            _log.error("flush_failed", rows=len(rows), exc_info=error)

    def tick(self) -> int:
        """Do what is due, under the lease `tick`; gives how many things were done."""
        return self.ticker.tick()

    async def round(self) -> int:
        """Claim once and send what was claimed; gives how many rows there were."""
        outages = self._outages.copy()
        rows = await asyncio.to_thread(self.ledger.claim)
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(row: Row) -> None:
            async with gate:
                stopped = self._stop is not None and self._stop.is_set()
                if stopped or self._outages[row.channel] != outages[row.channel]:
                    # Not begun yet: the next process sends it, without a try counted against it;
                    # or the next round, when the channel is well.
                    self._put(row, Settled(row.id, row.token, "pending", blame=False))
                else:
                    await self._send(row, outages[row.channel])

        await asyncio.gather(*(one(row) for row in rows))
        if rows:
            await self.settled()
        return len(rows)

    async def settled(self) -> None:
        """Wait until every verdict so far is written."""
        await self._settler.drain()

    async def _until(self, stop: asyncio.Event, work: Callable[[], Awaitable[int]]) -> None:
        """Repeat until the end; a fault (the database is away) is told and waited out."""
        while not stop.is_set():
            try:
                busy = await work()
            except Exception as error:  # noqa: BLE001 - a worker that stops sends nothing
                _log.error("round_failed", exc_info=error)
                busy = 0
            if not busy:
                await self._rest(stop, lively=work == self.round)

    async def _rest(self, stop: asyncio.Event, *, lively: bool) -> None:
        """Wait a little; less while somebody is being talked with, or for a turn of a rate."""
        soon = lively and self._clock() < self._lively_until
        longest = min(self._idle, LIVELY) if soon else self._idle
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(longest, self.ledger.patience())):
                await stop.wait()

    def _tell(self) -> None:
        """Let those who follow a broadcast know how far it is."""
        try:
            self.ticker.tell()
        except Exception as error:  # noqa: BLE001 - the next one comes in a moment
            _log.error("telling_failed", exc_info=error)

    def _tick(self) -> None:
        for chore in (self.tick, self.fetcher.scan_again, *self._chores):
            try:
                chore()
            except Exception as error:  # noqa: BLE001 - the next one comes in half a minute
                _log.error("tick_failed", exc_info=error)

    async def _send(self, row: Row, outages: int) -> bool:
        """Send a row; tells whether the rows behind it may go.

        `outages` of its channel had been seen when it was taken: what fails with others of that
        time is one and the same outage.
        """
        settled = await send(row, self._channels[row.channel], self._hands)
        if settled is None:
            return False
        if settled.fault is not None:
            await self._fault(row.channel, settled.fault, outages)
        elif settled.problem != "render":
            self.ledger.well(row.channel)
        self._put(row, settled)
        return settled.status != "pending" or settled.problem in PASSED

    async def _fault(self, channel: str, fault: str, outages: int) -> None:
        """Leave a channel alone; one outage is one fault, however many it reached at once."""
        if self._outages[channel] == outages:
            self._outages[channel] += 1
            self._tokens[channel] = (self._clock() + ledger.BROKEN_FOR, 0)
            await asyncio.to_thread(self.ledger.fault, channel, fault)

    def _put(self, row: Row, settled: Settled) -> None:
        if settled.gone:
            self._peers[row.id] = row.peer_id
        self._measures.delivered(row.channel, settled.problem or settled.status)
        self._settler.put(settled)

    async def _settle(self, batch: Sequence[Settled]) -> None:
        peers: dict[int, int] = {}
        for one in batch:
            if one.id in self._peers:
                peers[one.id] = self._peers.pop(one.id)
        await asyncio.to_thread(self.ledger.settle, batch, peers)

    async def _room(self, channel: str) -> bool:
        """Take one token of the channel's rate, from those that were grabbed ahead.

        One grabs for all: several at once would take the tokens from each other. While there are
        none the database is not asked again for each row.
        """
        async with self._grabbing[channel]:
            until, left = self._tokens.get(channel, (float("-inf"), 0))
            if left <= 0 and self._clock() < until:
                return False
            if left <= 0 or self._clock() >= until:
                # What is grabbed and not used is nobody's: little more than the last time.
                used = self._grabbed.get(channel, 0) - left
                most = max(GRAB, int(self._channels[channel].limits.per_second / GRAB))
                many = min(most, max(GRAB, used + used // 2))
                left, wait = await asyncio.to_thread(self.ledger.room, channel, many)
                self._grabbed[channel] = left
                until = self._clock() + (GRABBED_FOR if left else wait)
            # The last token gone, the next one asks at once; refused, he waits until then.
            self._tokens[channel] = (until if left != 1 else float("-inf"), max(0, left - 1))
            return left > 0

    async def _chat(self, row: Row) -> float:
        """Take a turn of a chat; gives the seconds to wait when there is none."""
        per_chat = self._channels[row.channel].limits.per_chat
        if row.delete is not None or self._chats.free(row.channel, row.peer_id, per_chat):
            return 0.0
        return await asyncio.to_thread(self.ledger.chat, row.channel, row.peer_id)

    async def _renew(self, row: Row) -> bool:
        return await asyncio.to_thread(self.ledger.renew, row)

    async def _move(self, row: Row, address: str) -> None:
        await asyncio.to_thread(self.ledger.move, row, address)
