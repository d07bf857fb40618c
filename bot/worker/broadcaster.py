"""Sends broadcasts: for each channel rows are claimed, sent by a fixed few, settled together.

One bad recipient never stops the others, and a channel's fault blames nobody (security S10-S12).
Nothing is done row by row that a batch can do: no thread, no transaction, no line in the log.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot import log
from bot.channel import Channel, Delivered, Delivery, Moved, Never, Parcel
from bot.measures import Measures
from bot.worker.dispatch import IDLE, RANK, Dispatch, Job, Settlement
from bot.worker.sending import LONGEST
from bot.worker.settling import KEEPS, LAST
from bot.worker.verdict import Settled, bug, judge, unknown
from storage.errors import Busy
from storage.repositories.sendings import DEAD, GONE, SENT, UNKNOWN, WAITING, Outcome

_log = log.get(__name__)

AT_ONCE = 32
"""Sends in flight on one channel."""
MOST = 500
"""Rows in our hands: what a crash sends twice at the very worst, and far below the lease."""
AHEAD = 0.25
"""Seconds of work that are claimed ahead, by how fast the vendor takes them."""
SETTLE = 0.1
"""Seconds after which a verdict is written."""
SPARE = 10.0
"""Seconds of a lease that are left when a send that takes its full time is over."""
SILENT = 20
"""Sends in a row without any verdict: that is no row's trouble, it is the channel's."""
TRIES = 20
"""How often verdicts are tried to be written which the database refuses; the leases end then."""

_STATUS = {"sent": SENT, "pending": WAITING, "dead": DEAD, "unknown": UNKNOWN}


class Broadcaster:
    """All channels of one process. `clock` is monotonic."""

    def __init__(
        self,
        dispatch: Dispatch,
        channels: Mapping[str, Channel],
        measures: Measures,
        *,
        at_once: int = AT_ONCE,
        settle: float = SETTLE,
        idle: float = IDLE,
    ) -> None:
        self._dispatch = dispatch
        self._idle = idle
        self._awake = asyncio.Event()
        self._lanes = [
            Lane(dispatch, channel, measures, at_once, settle) for channel in channels.values()
        ]

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`, then finish what is in flight and settle it."""
        await asyncio.gather(self._look(stop), *(self._drive(lane, stop) for lane in self._lanes))

    async def round(self) -> int:
        """Do what there is to do now, once through; gives how many were sent or tried."""
        if not await asyncio.to_thread(self._dispatch.prepare):
            return 0
        return sum([await lane.once() for lane in self._lanes])

    async def _look(self, stop: asyncio.Event) -> None:
        """Begin what is due; wake the lanes while something may leave."""
        while not stop.is_set():
            try:
                ready = await asyncio.to_thread(self._dispatch.prepare)
            except Exception as error:  # noqa: BLE001 - a worker that stops sends nothing
                _log.error("broadcasts_not_prepared", exc_info=error)
                ready = False
            if ready:
                self._awake.set()
            else:
                self._awake.clear()
            await _rest(stop, self._idle)
        self._awake.set()

    async def _drive(self, lane: "Lane", stop: asyncio.Event) -> None:
        while not stop.is_set():
            if not lane.busy:
                await self._awake.wait()
            if not stop.is_set():
                await lane.step(stop)
        await lane.close()


class Lane:
    """One channel: a queue of claimed jobs, a fixed few who send them, verdicts to be written."""

    def __init__(
        self,
        dispatch: Dispatch,
        channel: Channel,
        measures: Measures,
        at_once: int,
        settle: float,
    ) -> None:
        self._dispatch, self._channel, self._measures = dispatch, channel, measures
        self._clock: Callable[[], float] = dispatch.clock
        self._at_once, self._pause = at_once, settle
        self._queue: deque[Job] = deque()
        self._ended: list[Settlement] = []
        self._more, self._wake = asyncio.Event(), asyncio.Event()
        self._senders: list[asyncio.Task[None]] = []
        self._flying = 0
        self._depth = at_once
        self._not_before = float("-inf")
        self._running: frozenset[int] = frozenset()
        self._closing = self._shut = False  # what is in the queue goes back
        self._fault, self._fault_at = "", float("-inf")
        self._hush = 0.0
        self._silent = self._failed = self._extra = 0
        self._pace, self._paced_at = 0.0, self._clock()
        self._failed_at = float("-inf")
        self._told: set[tuple[int, str]] = set()

    @property
    def busy(self) -> bool:
        """Tell whether something is still in our hands."""
        return bool(self._queue or self._flying or self._ended)

    async def once(self) -> int:
        """Claim once, send what was claimed, settle it; gives how many there were."""
        await self._exchange(self._depth)
        done = len(self._queue)
        await asyncio.gather(*(self._drain() for _ in range(self._at_once)))
        self._shut = False
        if self._ended:
            await self._exchange(0)
        return done

    async def step(self, stop: asyncio.Event) -> None:
        """Write what came, claim what there is room for, wait until there is more to do."""
        if not self._senders:
            self._senders = [asyncio.create_task(self._sender()) for _ in range(self._at_once)]
        self._shut = self._shut and bool(self._queue)
        may = self._clock() >= self._not_before and not self._shut
        want = self._room if may and self._low else 0
        if want or self._ended:
            wait = await self._exchange(want)
            if want or wait:
                self._not_before = self._clock() + wait
        left = self._not_before - self._clock()
        longest = self._pause if self.busy else IDLE
        if left > 0:
            await _rest(stop, min(left, longest))
        elif not self._low:
            self._wake.clear()
            await _rest(self._wake, longest)

    async def close(self) -> None:
        """Give back what has not begun, wait for what is in flight, write it all down."""
        self._closing = True
        self._more.set()
        await asyncio.gather(*self._senders)
        while self._ended:
            await self._exchange(0)
            if self._ended:
                await asyncio.sleep(self._pause)

    @property
    def _room(self) -> int:
        return self._depth - len(self._queue) - self._flying

    @property
    def _low(self) -> bool:
        """Tell whether it is time to claim: half of what is claimed ahead is under way."""
        return self._room * 2 >= self._depth

    async def _exchange(self, want: int) -> float:
        """Write and claim in a thread; gives the seconds in which there is nothing to claim.

        What cannot be written is kept and tried again: the leases are long.
        """
        batch, self._ended = self._ended, []
        extra, self._extra = self._extra, 0
        self._measure(len(batch))
        try:
            await self._say_ill()
            taken = await asyncio.to_thread(
                self._dispatch.exchange, self._channel, batch, want, extra
            )
        except Exception as error:  # noqa: BLE001 - the verdicts must not be lost
            self._keep(batch, error)
            return IDLE  # verdicts are tried at once, a claim only then: it may be what fails
        self._failed = 0
        self._running = taken.running
        for outcome, n in taken.done.items():
            self._measures.broadcast(self._channel.name, outcome, n)
        if taken.jobs:
            self._queue.extend(taken.jobs)
            self._more.set()
        return taken.wait

    def _keep(self, batch: list[Settlement], error: Exception) -> None:
        now = self._clock()
        self._failed_at = self._failed_at if self._failed else now
        self._failed += 1
        _log.warning("sendings_not_settled", channel=self._channel.name, exc_info=error)
        away = isinstance(error, Busy) and now - self._failed_at < (
            LAST if self._closing else KEEPS
        )
        if away or self._failed < TRIES:
            self._ended = batch + self._ended
        else:
            _log.error("sendings_given_up", channel=self._channel.name, rows=len(batch))
            self._failed = 0

    async def _say_ill(self) -> None:
        """Tell all processes that the channel is to be left alone: a fault once, not per row."""
        name = self._channel.name
        fault, self._fault = self._fault, ""
        hush, self._hush = self._hush, 0.0
        if fault:
            await asyncio.to_thread(self._dispatch.ledger.fault, name, fault)
        if hush:
            await asyncio.to_thread(self._dispatch.hush, name, hush)

    def _measure(self, ended: int) -> None:
        """Claim ahead what the vendor takes in a moment; of one who is slow, little."""
        now = self._clock()
        passed = now - self._paced_at
        if ended and passed > 0:
            self._pace += (ended / passed - self._pace) / 2
            self._depth = max(self._at_once, min(MOST, int(self._pace * AHEAD)))
        self._paced_at = now

    async def _sender(self) -> None:
        while not self._closing:
            await self._more.wait()
            await self._drain()
            if not self._closing:
                self._more.clear()
        await self._drain()

    async def _drain(self) -> None:
        queue = self._queue
        while queue:
            job = queue.popleft()
            self._flying += 1
            try:
                ended = await self._one(job)
            finally:
                self._flying -= 1
            self._ended.append(ended)
            if self._low:
                self._wake.set()

    async def _one(self, job: Job) -> Settlement:
        """Send one and judge it. Never raises: what goes wrong is this row's trouble (S10)."""
        limit = self._limit(job)
        lease = self._dispatch.lease
        late = self._clock() - job.leased_at > max(lease / 3, lease - limit - SPARE)
        if self._shut or self._closing or late or job.broadcast_id not in self._running:
            return _back(job)
        try:
            verdict = await self._deliver(job, limit)
        except Exception as error:  # noqa: BLE001
            key = (job.broadcast_id, type(error).__name__)
            if key not in self._told:  # the same for everybody is told once
                self._told.add(key)
                _log.error("sending_failed", channel=self._channel.name, exc_info=error)
            return self._settle(job, bug(job.who, job.token))
        if verdict is None:
            return self._settle(job, unknown(job.who, job.token, RANK))
        settled = judge(job.who, job.token, RANK, verdict)
        if isinstance(verdict, Delivered):
            if verdict.id:
                self._extra += verdict.id.count(",")
            return self._settle(job, settled, verdict.uploaded)
        return self._settle(job, settled)

    def _limit(self, job: Job) -> float:
        """Give the hard limit of this send in seconds; pictures that go up take their time."""
        uploads = job.carried is not None and None in job.carried.uploaded
        return LONGEST if uploads else min(self._channel.limits.seconds, LONGEST)

    async def _deliver(self, job: Job, limit: float) -> Delivery | None:
        """Deliver; None when the time is over: it was perhaps written, nobody knows."""
        parcel = Parcel(job.address, job.reply, job.lang, carried=job.carried)
        try:
            async with asyncio.timeout(limit):
                verdict = await self._channel.deliver(parcel)
                if isinstance(verdict, Moved):
                    await asyncio.to_thread(self._dispatch.move, job.peer_id, verdict.address)
                    verdict = await self._channel.deliver(replace(parcel, address=verdict.address))
        except TimeoutError:
            return None
        return Never("moved_twice") if isinstance(verdict, Moved) else verdict

    def _settle(self, job: Job, settled: Settled, uploaded: Sequence[str] = ()) -> Settlement:
        """Make of a verdict what is written of the row, and note what it means for the channel."""
        self._listen(job, settled)
        due_at: datetime | None = None
        status = _STATUS[settled.status]
        if status == DEAD and settled.gone:
            status = GONE
        if status == WAITING and settled.fault is None:
            due_at = self._dispatch.now() + timedelta(seconds=settled.after)
        keeps = settled.blame or status != WAITING
        code = settled.problem if keeps and status != SENT else ""
        outcome = Outcome(job.who, job.token, status, code, due_at, settled.blame)
        known = job.carried.uploaded if job.carried is not None else ()
        fresh = tuple(uploaded) if tuple(uploaded) != known else ()
        return Settlement(
            job.broadcast_id, job.peer_id, outcome, judged=status != WAITING, gone=settled.gone,
            uploaded=fresh,
        )  # fmt: skip

    def _listen(self, job: Job, settled: Settled) -> None:
        """Hear what a verdict says about the channel."""
        fault = settled.fault
        self._silent = self._silent + 1 if settled.status == "unknown" else 0
        if self._silent >= SILENT:
            self._silent, fault = 0, "no_verdict"
        if fault is not None:
            self._shut = True
            if job.leased_at > self._fault_at:  # what left before it says the same of one moment
                self._fault, self._fault_at = fault, self._clock()
        elif settled.status == "pending" and not settled.blame:
            self._shut = True  # asked for patience (429)
            self._hush = max(self._hush, settled.after)
        elif settled.problem not in {"render", "unknown"}:
            self._dispatch.ledger.well(self._channel.name)


def _back(job: Job) -> Settlement:
    """Give back what was not sent; the claim does not count."""
    outcome = Outcome(job.who, job.token, WAITING, counts=False)
    return Settlement(job.broadcast_id, job.peer_id, outcome, judged=False)


async def _rest(until: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await until.wait()
