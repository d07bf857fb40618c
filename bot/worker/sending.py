"""Sending one row: the lease is ours, the time is limited, what came of it is judged."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from bot import log
from bot.channel import Carried, Channel, Delivered, Delivery, Moved, Never, Parcel
from bot.dialogs.replies import Picture, Reply, Say, Sheet
from bot.worker.verdict import AGAIN, MARKED, Settled, bug, judge, newer, unknown

_log = log.get(__name__)

LONGEST = 60.0
"""The hard limit of any send in seconds, and of one that carries media (S11)."""

FRESH = 10.0
"""A lease taken so many seconds ago by our own clock needs no renewal: 10 + 60 < 90."""

WORDS_ONLY = "bad_request"
"""A vendor's 400: on ranks 0-5 the row goes once more as words without markup (S10)."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row in our hands. `leased_at` is our own monotonic clock, read before the lease was taken.

    `reply` None: the message `delete` of the chat is deleted instead. `again`: it may have
    arrived before. `newer`: a later release wrote it.
    """

    id: int
    token: bytes
    rank: int
    channel: str
    peer_id: int
    address: str
    lang: str
    reply: Reply | None
    leased_at: float
    delete: str | None = None
    again: bool = False
    replaces: str | None = None
    thread: str | None = None
    carried: Carried | None = None
    newer: bool = False

    def parcel(self) -> Parcel:
        if self.reply is None and self.delete is None:
            raise ValueError("a row with nothing to do")
        reply = self.reply if self.reply is not None else Say("")
        return Parcel(
            self.address, reply, self.lang, again=self.again, delete=self.delete,
            replaces=self.replaces, thread=self.thread, carried=self.carried,
        )  # fmt: skip

    def timeout(self, channel: Channel) -> float:
        """Give the hard limit of this send in seconds."""
        media = isinstance(self.reply, Picture | Sheet) or self.carried is not None
        return LONGEST if media else min(channel.limits.seconds, LONGEST)


@dataclass(frozen=True, slots=True)
class Hands:
    """What sending needs of the rest; the two callables touch the database in a thread."""

    clock: Callable[[], float]
    renew: Callable[[Row], Awaitable[bool]]
    move: Callable[[Row, str], Awaitable[None]]


async def send(row: Row, channel: Channel, hands: Hands) -> Settled | None:
    """Send one row and judge it; None when the lease is no longer ours: somebody else sends.

    Never raises: whatever goes wrong here is this row's trouble and nobody else's (S10).
    """
    try:
        if hands.clock() - row.leased_at > FRESH and not await hands.renew(row):
            _log.warning("lease_lost", row=row.id)
            return None
        return await _send(row, channel, hands)
    except Exception as error:  # noqa: BLE001
        _log.error("row_failed", row=row.id, rank=row.rank, channel=row.channel, exc_info=error)
        return (newer if row.newer else bug)(row.id, row.token, again=row.again)


async def _send(row: Row, channel: Channel, hands: Hands) -> Settled | None:
    parcel = row.parcel()
    verdict = await _within(row, channel, parcel)
    if isinstance(verdict, Moved):
        await hands.move(row, verdict.address)
        if not await hands.renew(row):  # the first try may have used the lease up
            return None
        parcel = replace(parcel, address=verdict.address)
        verdict = await _within(row, channel, parcel)
    refused = isinstance(verdict, Never) and verdict.code == WORDS_ONLY
    if refused and row.rank <= MARKED and row.delete is None and await hands.renew(row):
        verdict = await _within(row, channel, replace(parcel, plain=True))
    if isinstance(verdict, Moved):
        verdict = Never("moved_twice")
    if verdict is None:
        return unknown(row.id, row.token, row.rank)
    if not isinstance(verdict, Delivered):
        _log.info("row_not_sent", row=row.id, rank=row.rank, verdict=type(verdict).__name__)
    settled = judge(row.id, row.token, row.rank, verdict)
    if row.again and settled.status == "pending":
        return replace(settled, problem=AGAIN)  # it still may have arrived the time before
    return settled


async def _within(row: Row, channel: Channel, parcel: Parcel) -> Delivery | None:
    """Deliver, or give None when the time is over: it was perhaps written, nobody knows."""
    try:
        async with asyncio.timeout(row.timeout(channel)):
            return await channel.deliver(parcel)
    except TimeoutError:
        return None
