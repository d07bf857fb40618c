"""One update from outside to its commit, and what may follow it.

Both roads (webhook and polling) come through here. An update counts as taken when `take` returns:
then it is committed, and the vendor may be told to forget it. Sending comes after that, beside it.

An album comes as one update for each picture, and each is stored by a commit of its own. Collecting
them for a moment instead would hold citizens' pictures in memory between 200 and commit, and could
not even work: the vendor sends the next update of a chat only after our 200 for the last one. So
the pictures carry their album's number, and the receiver answers the first one for all.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from telegram import Bot
from telegram.error import TelegramError

from bot import log
from bot.channel import Gone, Inbound
from bot.errors import Conflict, Overloaded
from bot.handlers.telegram_inbound import Parser, Unreadable
from bot.receive import Born, Received

_log = log.get(__name__)

MOST_TRIES: Final = 10
"""How often an update that meets a bug is tried before its sender is told to try again.

A webhook doubles its pause up to two minutes: ten tries are a good five minutes, in which a
deployment is rolled back. After that everything else the person writes would wait behind it.
"""


class Receives(Protocol):
    """What is needed of `bot.handlers.door.Door`."""

    async def receive(self, inbound: Inbound) -> Received: ...
    async def gone(self, gone: Gone) -> None: ...


@dataclass(slots=True)
class Intake:
    """`flush` sends rows now; `apologise` tells a person (address, language) that it went wrong."""

    parser: Parser
    receiver: Receives
    flush: Callable[[Sequence[Born]], Awaitable[None]]
    apologise: Callable[[str, str], Awaitable[None]]
    _tries: dict[str, int] = field(default_factory=dict)
    _after: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def bot(self) -> Bot:
        return self.parser.bot

    async def take(self, data: Mapping[str, Any]) -> None:
        """Commit what an update asks for.

        Raises `Overloaded`, and the bug itself while the vendor should send the update again.
        """
        try:
            parsed = self.parser.parse(data)
        except Unreadable:
            # It will not become readable by being sent for a day.
            _log.warning("telegram_update_unreadable")
            return
        if parsed.leave is not None:
            self.later(self._leave(parsed.leave))
        if parsed.event is not None:
            await self._commit(parsed.event)
        if parsed.query is not None:
            self.later(self._answer(parsed.query))

    async def _commit(self, event: Inbound | Gone) -> None:
        try:
            if isinstance(event, Gone):
                await self.receiver.gone(event)
            else:
                received = await self.receiver.receive(event)
                if received.rows:
                    self.later(self._flush(received.rows))
        except Overloaded:
            raise
        except Conflict:
            # The vendor never sends another body under the same number; somebody else does.
            _log.warning("telegram_update_conflict")
        except Exception as error:  # noqa: BLE001 - raised again, until it is enough
            self._give_up(event, error)
        self._tries.pop(event.update_id, None)

    def _give_up(self, event: Inbound | Gone, error: Exception) -> None:
        """Raise the error again, until the update has had its tries."""
        tries = self._tries[event.update_id] = self._tries.get(event.update_id, 0) + 1
        if tries < MOST_TRIES:
            raise error
        _log.error("telegram_update_dropped", tries=tries, exc_info=error)
        if isinstance(event, Inbound):
            self.later(self.apologise(event.address, event.lang or "ko"))

    def later(self, work: Awaitable[None]) -> None:
        """Do something after the commit that nobody waits for."""
        task = asyncio.ensure_future(work)
        self._after.add(task)
        task.add_done_callback(self._after.discard)

    async def settle(self) -> None:
        """Wait for all that was begun after commits: at the end of the process, and in tests."""
        while self._after:
            await asyncio.gather(*self._after, return_exceptions=True)

    async def _flush(self, rows: Sequence[Born]) -> None:
        await self.flush(rows)

    async def _answer(self, query: str) -> None:
        """Stop the little clock on the button. The words come as messages."""
        await self._quietly("answer", self.bot.answer_callback_query(query))

    async def _leave(self, chat: int) -> None:
        """Leave what is not private: others would read along (security S27)."""
        await self._quietly("leave", self.bot.leave_chat(chat))

    async def _quietly(self, what: str, call: Awaitable[bool]) -> None:
        try:
            await call
        except TelegramError as error:
            # Nothing hangs on it: the button calms down by itself, a group's next message comes.
            _log.info("telegram_call_failed", what=what, kind=type(error).__name__)
