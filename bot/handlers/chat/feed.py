"""Notices to open pages: one query a second for everybody who listens here (security S17)."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field

import structlog

from bot.handlers.chat.parts import Backing, Waiting
from bot.handlers.chat.problems import Trouble

log = structlog.get_logger()

POLL_SECONDS = 1.0
HEARTBEAT_SECONDS = 20.0
"""Proxies and mobile networks cut what is silent for half a minute."""
RECHECK_SECONDS = 300.0


@dataclass(slots=True, eq=False)
class Listener:
    """One open page. `cursor` is the last `seq` put into its queue; None ends the stream."""

    peer_id: int
    cursor: int
    queue: asyncio.Queue[Waiting | None] = field(default_factory=asyncio.Queue)


class Feed:
    """All listeners of one process."""

    def __init__(
        self,
        back: Backing,
        *,
        most: int,
        per_conversation: int,
        pause: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._back = back
        self._most = most
        self._per = per_conversation
        self._pause = pause or (lambda: asyncio.sleep(POLL_SECONDS))
        self._listeners: dict[int, list[Listener]] = defaultdict(list)
        self._loop: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def listening(self) -> int:
        """Count the open streams of this process."""
        return sum(len(listeners) for listeners in self._listeners.values())

    async def join(self, peer_id: int, after: int | None) -> Listener:
        """Begin to listen after `after` (None: after what is known to have arrived).

        Raises `Trouble` overloaded (process full), too_many (conversation full).
        """
        if self._closed or self.listening >= self._most:
            raise Trouble("overloaded", retry_after=30)
        if len(self._listeners[peer_id]) >= self._per:
            raise Trouble("too_many", retry_after=30)
        listener = Listener(peer_id, -1 if after is None else after)
        self._listeners[peer_id].append(listener)
        if after is None:
            # Taken after the place is: whoever comes meanwhile counts against the limits.
            try:
                listener.cursor = await asyncio.to_thread(self._back.seen, peer_id)
            except BaseException:  # the database is away, or the page has left meanwhile
                self.leave(listener)
                raise
        if self._loop is None or self._loop.done():
            self._loop = asyncio.create_task(self._run())
        return listener

    def leave(self, listener: Listener) -> None:
        """Stop listening."""
        listeners = self._listeners.get(listener.peer_id, [])
        if listener in listeners:
            listeners.remove(listener)
        if not listeners:
            self._listeners.pop(listener.peer_id, None)

    def drop(self, peer_id: int) -> None:
        """End the streams of a conversation that was moved, erased or signed out here."""
        self._end(self._listeners.get(peer_id, []))

    def close(self) -> None:
        """End all streams: the process is going down."""
        self._closed = True
        for listeners in list(self._listeners.values()):
            self._end(listeners)
        if self._loop is not None:
            self._loop.cancel()

    async def tick(self) -> None:
        """Ask once for everybody and hand out what is new."""
        cursors = {
            peer_id: min(listener.cursor for listener in listeners)
            for peer_id, listeners in self._listeners.items()
            if listeners and all(listener.cursor >= 0 for listener in listeners)
        }
        if not cursors:
            return
        for row in await asyncio.to_thread(self._back.waiting, cursors):
            for listener in self._listeners.get(row.peer_id, []):
                if row.seq > listener.cursor >= 0:
                    listener.cursor = row.seq
                    listener.queue.put_nowait(row)

    async def _run(self) -> None:
        while self._listeners:
            try:
                await self.tick()
            except Exception:  # the next second asks again: nobody loses a row
                log.warning("feed.tick_failed", exc_info=True)
            await self._pause()

    @staticmethod
    def _end(listeners: Iterable[Listener]) -> None:
        for listener in listeners:
            listener.queue.put_nowait(None)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a stream may be silent, and after what time its right is asked again (seconds)."""

    heartbeat: float = HEARTBEAT_SECONDS
    recheck: float = RECHECK_SECONDS


async def stream(
    feed: Feed,
    listener: Listener,
    write: Callable[[Waiting], str],
    allowed: Callable[[], Awaitable[bool]],
    back: Backing,
    pace: Pace,
) -> AsyncIterator[str]:
    """Give the events of one page until it leaves, is dropped, or may no longer listen.

    A row counts as arrived once the next one is asked for: the transport has taken it then.
    """
    clock = asyncio.get_running_loop().time
    checked = clock()
    try:
        yield "retry: 3000\n\n"
        while True:
            if clock() - checked >= pace.recheck:
                if not await allowed():
                    return
                checked = clock()
            try:
                row = await asyncio.wait_for(listener.queue.get(), pace.heartbeat)
            except TimeoutError:
                yield ": \n\n"
                continue
            if row is None:
                return
            yield f"id: {row.seq}\nevent: reply\ndata: {write(row)}\n\n"
            await asyncio.to_thread(back.mark_seen, row.peer_id, row.seq)
    finally:
        feed.leave(listener)
