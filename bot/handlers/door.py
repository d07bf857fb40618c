"""The door on the event loop through which updates reach the receiver, in threads."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextvars import copy_context

from bot.channel import Gone, Inbound
from bot.errors import Overloaded, Refused
from bot.handlers.ladder import Load
from bot.measures import Measures
from bot.receive.received import Received
from bot.receive.receiver import Entering, Receiver

AT_ONCE = 16
"""So many go in together; a turn takes a millisecond, so nobody waits noticeably longer."""


class Door:
    """Lets updates in, in the order in which they come.

    Where several may write at a time (`parallel`) each has a thread of its own. On SQLite those
    that come while others are inside wait here and go in together: one thread, one commit. A
    thread for each would wait in the same line, and the threads would wake each other for nothing.
    """

    def __init__(
        self,
        receiver: Receiver,
        *,
        parallel: bool,
        clock: Callable[[], float] = time.monotonic,
        measures: Measures | None = None,
        load: Load | None = None,
    ) -> None:
        self._receiver = receiver
        self._parallel = parallel
        self._clock = clock
        self._measures = measures or Measures()
        self._load = load or Load(AT_ONCE)
        self._waiting: deque[tuple[Entering, asyncio.Future[Received]]] = deque()
        self._porter: asyncio.Task[None] | None = None

    async def receive(self, inbound: Inbound) -> Received:
        """Answer one update as `Receiver.receive` does."""
        # From here on it waits: for a thread as well as for the database (security S20).
        begun = self._load.enters()
        entering = Entering(inbound, copy_context(), self._clock(), begun)
        try:
            with self._measures.turn(inbound.channel, _outcome):
                return await self._receive(entering)
        finally:
            begun()

    async def _receive(self, entering: Entering) -> Received:
        if self._parallel:
            (answer,) = await asyncio.to_thread(self._receiver.receive_all, (entering,))
            if isinstance(answer, BaseException):
                raise answer
            return answer
        mine: asyncio.Future[Received] = asyncio.get_running_loop().create_future()
        self._waiting.append((entering, mine))
        if self._porter is None or self._porter.done():
            self._porter = asyncio.create_task(self._let_in())
        return await mine

    async def gone(self, gone: Gone) -> None:
        """Note that a person left the channel, or came back."""
        await asyncio.to_thread(self._receiver.gone, gone)

    async def show(self, channel: str, account: str, address: str, lang: str | None) -> Received:
        """Give what stands open now; changes nothing."""
        return await asyncio.to_thread(self._receiver.show, channel, account, address, lang)

    async def _let_in(self) -> None:
        while self._waiting:
            many = min(AT_ONCE, len(self._waiting))
            entering = [self._waiting.popleft() for _ in range(many)]
            known = [one for one, _ in entering]
            try:
                answers = await asyncio.to_thread(self._receiver.receive_all, known)
            except Exception as error:  # noqa: BLE001 - a bug of ours leaves nobody waiting
                answers = [error] * many
            except asyncio.CancelledError:
                for _, mine in (*entering, *self._waiting):
                    mine.cancel()
                raise
            for (_, mine), answer in zip(entering, answers, strict=True):
                if mine.done():  # whoever asked has gone; the turn is stored all the same
                    continue
                if isinstance(answer, BaseException):
                    mine.set_exception(answer)
                else:
                    mine.set_result(answer)


def _outcome(error: BaseException) -> str:
    """Name what an error means for the figures: business, load, or a bug of ours."""
    if isinstance(error, Refused):
        return "refused"
    if isinstance(error, Overloaded):
        return "overloaded"
    return "gone" if isinstance(error, asyncio.CancelledError) else "failed"
