"""What the worker does to the database: claim, renew, settle, rates, breaker. Synchronous."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot import log
from bot.channel import Channel
from bot.dialogs.replies import Phrase, Reply, Say, load
from bot.receive import Born
from bot.services import deliveries, linking, notices, peers, quiet
from bot.services.base import Desk
from bot.worker.sending import Row
from bot.worker.verdict import AGAIN, Settled
from storage.repositories import claims, heartbeats, leases, outbox, rates
from storage.repositories import peers as addresses
from storage.repositories.claims import Claimed
from storage.store import Store
from storage.unit import Unit

_log = log.get(__name__)

BATCH = 30
DELETE = "delete"
QUIET = frozenset({"notice", "news", "reminder", "draft"})
"""Kinds of rows that keep the night's rest: what a citizen did not just ask for."""

BROKEN_FOR = 5.0
BROKEN_MOST = 300.0
"""Seconds for which a channel with a fault is left alone: doubled each time, up to five minutes."""

CHAT_BURST = 5
"""Messages to one chat at once; Telegram bears short bursts over its one a second."""


@dataclass
class Ledger:
    """The rows of the outbox as this process works on them.

    `clock` is monotonic. `faults` counts a channel's faults in a row, as far as we saw them; for
    how long it is left alone stands in the database, for all processes.
    """

    store: Store
    svc: Desk
    channels: Mapping[str, Channel]
    holder: str
    clock: Callable[[], float]
    faults: dict[str, int] = field(default_factory=dict)
    _answered: set[str] = field(default_factory=set)

    def claim(self) -> list[Row]:
        """Claim what is due on the channels that are well; nothing while the store is on hold."""
        if self.store.hold:
            return []
        began = self.clock()

        def work(unit: Unit) -> list[Row]:
            channels = [name for name in self._pushed() if not broken(unit, name)]
            rows: list[Row] = []
            back: list[Settled] = []
            for row in claims.claim(unit, self.svc.now(), channels, limit=self._limit()):
                wait = self._must_wait(unit, row)
                if wait is not None:
                    back.append(wait)
                    continue
                ready = self._ready(unit, row, began)
                if isinstance(ready, Row):
                    rows.append(ready)
                else:
                    back.append(ready)
            write(self.svc, unit, back)
            return rows

        return self.store.transact(work, None)

    def _pushed(self) -> list[str]:
        return [name for name, channel in self.channels.items() if channel.limits.push]

    def _limit(self) -> int:
        """Claim one row only where a channel was ill a moment ago: a probe, not a crowd."""
        return 1 if any(self.faults.values()) else BATCH

    def _must_wait(self, unit: Unit, row: Claimed) -> Settled | None:
        """Judge a claimed row before it is sent: is it true still, is it day, is there room."""
        if row.valid_rule and not notices.still_valid(unit, row.filing_id, row.valid_rule):
            return Settled(row.id, row.token, "dropped", problem="stale")
        now = self.svc.now()
        opens = quiet.until(now) if row.kind in QUIET else None
        if opens is not None:
            return _later(row, (opens - now).total_seconds())
        wait = self._rate(unit, row)
        return _later(row, wait) if wait else None

    def _rate(self, unit: Unit, row: Claimed) -> float:
        limits = self.channels[row.channel].limits
        chat = f"{row.channel}:chat:{row.peer_id}"
        wait = rates.take(unit, chat, every=1 / limits.per_chat, burst=CHAT_BURST)
        return wait or take(unit, row.channel, limits.per_second, 1)

    def _row(self, row: Claimed, leased_at: float, *, passes: bool) -> Row:
        """Open a row; what cannot be read is sent as nothing and judged as that row's trouble.

        A legal notice that `passes` an earlier message says so (S19).
        """
        reply: Reply | None = None
        if row.kind != DELETE:
            try:
                reply = load(row.payload) if not deliveries.concerns(self.svc, row) else None
                if passes and isinstance(reply, Say):
                    late = Phrase("talk.late", {"late": Phrase("notice.late"), "text": reply.text})
                    reply = replace(reply, text=late)
            except ValueError as error:
                _log.error("row_unreadable", row=row.id, exc_info=error)
        if row.claims == claims.MOST_CLAIMS:
            _log.warning("row_last_claim", row=row.id, rank=row.rank, channel=row.channel)
        return Row(
            id=row.id,
            token=row.token,
            rank=row.rank,
            channel=row.channel,
            peer_id=row.peer_id,
            address=row.address,
            lang=row.lang,
            reply=reply,
            leased_at=leased_at,
            delete=row.payload.decode() if row.kind == DELETE else None,
            # Claimed before and never settled: its sender died, perhaps after sending (S12).
            again=row.problem == AGAIN or (row.claims > 1 and not row.problem),
        )

    def _ready(self, unit: Unit, row: Claimed, leased_at: float) -> Row | Settled:
        """Make a row ready to leave; or judge it: what it tells an official is so no more."""
        ready = self._row(row, leased_at, passes=claims.passes(unit, row, self.svc.now()))
        if not deliveries.concerns(self.svc, row):
            return ready
        try:
            made = deliveries.made(self.svc, unit, row)
        except ValueError as error:
            _log.error("row_unreadable", row=row.id, exc_info=error)
            return ready
        if made is None:
            return Settled(row.id, row.token, "dropped", problem="stale")
        if made.later:
            return _later(row, made.later)
        return replace(
            ready,
            reply=made.reply,
            replaces=made.replaces,
            thread=made.thread,
            delete=made.delete,
            carried=made.carried,
        )

    def let_go(self) -> None:
        """Give back every lease of this process."""
        self.store.transact(lambda unit: leases.release(unit, self.holder), None)

    def renew(self, row: Row) -> bool:
        """Renew a lease; False when it has gone to somebody else."""
        return self.store.transact(lambda unit: outbox.renew(unit, row.id, row.token), None)

    def move(self, row: Row, address: str) -> None:
        """Keep the new address that a messenger told us."""

        def work(unit: Unit) -> None:
            addresses.move(unit, addresses.lock(unit, row.peer_id), address)

        self.store.transact(work, None)

    def settle(self, batch: Sequence[Settled], peer_of: Mapping[int, int]) -> None:
        """Write verdicts, the peers that are gone and the channels that are ill, in one commit."""
        gone = {peer_of[one.id] for one in batch if one.gone and one.id in peer_of}

        answered = frozenset(self._answered)

        def work(unit: Unit) -> None:
            write(self.svc, unit, batch)
            if answered:
                heartbeats.stop(unit, *(heartbeats.AWAY + name for name in answered))
            for peer_id in gone:
                if not linking.lost(self.svc, unit, peer_id):
                    peers.away(self.svc, unit, peer_id, gone=True)

        self.store.transact(work, None)
        self._answered -= answered

    def fault(self, channel: str, code: str) -> None:
        """Leave a channel alone for a while; every process sees it, and since when (S18)."""
        count = self.faults[channel] = self.faults.get(channel, 0) + 1
        seconds = min(BROKEN_MOST, BROKEN_FOR * 2 ** (count - 1))
        _log.error("channel_fault", channel=channel, fault=code, seconds=seconds)
        self._answered.discard(channel)

        def work(unit: Unit) -> None:
            leases.take(unit, breaker(channel), "broken", seconds)
            heartbeats.begin(unit, heartbeats.AWAY + channel)

        self.store.transact(work, None)

    def well(self, channel: str) -> None:
        """Note that a channel answered; the next verdicts that are written say so to all."""
        self._answered.add(channel)
        if self.faults.pop(channel, 0):
            _log.info("channel_well", channel=channel)

    def room(self, channel: str, count: int) -> tuple[int, float]:
        """Take tokens of a channel's rate for rows that were born leased.

        Gives how many, and the seconds to wait when there are none.
        """
        per_second = self.channels[channel].limits.per_second

        def work(unit: Unit) -> tuple[int, float]:
            if self.store.hold or broken(unit, channel):
                return 0, BROKEN_FOR
            wait = 0.0
            for some in sorted({min(count, burst(per_second)), 1}, reverse=True):
                wait = take(unit, channel, per_second, some)
                if not wait:
                    return some, 0.0
            return 0, wait

        return self.store.transact(work, None)


def _later(row: Claimed, seconds: float) -> Settled:
    """Put a row off without blaming it; what was noted of it stays."""
    return Settled(row.id, row.token, "pending", after=seconds, blame=False, problem=row.problem)


def born(row: Born) -> Row:
    """Make a row of what a turn gave into our hands."""
    return Row(
        row.id, row.token, row.rank, row.channel, row.peer_id, row.address, row.lang,
        row.reply, row.leased_at, row.delete,
    )  # fmt: skip


def breaker(channel: str) -> str:
    return f"breaker:{channel}"


def broken(unit: Unit, channel: str) -> bool:
    """Tell whether a channel is left alone now."""
    return leases.held(unit, breaker(channel))


def take(unit: Unit, channel: str, per_second: float, count: int) -> float:
    """Take `count` of a channel's rate; gives the seconds to wait when there are none."""
    most = burst(per_second)
    return rates.take(unit, channel, every=1 / per_second, burst=most, count=count)


def burst(per_second: float) -> int:
    """Say how many may leave at once: what a second holds."""
    return max(1, round(per_second))


def write(svc: Desk, unit: Unit, batch: Collection[Settled]) -> None:
    """Write verdicts; a row that dies of ranks 0-5 is a task for a person (`reminders`).

    What an official could not be told at the messenger goes by mail in the same commit.
    """
    now = svc.now()
    known = {one.id: one for one in deliveries.before(svc, unit, [one.id for one in batch])}
    for one in batch:
        about = known.get(one.id)
        if about is not None and about.token == one.token:
            _inside(svc, unit, about, one)
    outbox.settle(
        unit,
        [
            outbox.Verdict(
                one.id,
                one.token,
                "dropped" if one.status == "dead" and one.id in known else one.status,
                one.problem,
                now + timedelta(seconds=one.after) if one.status == "pending" else None,
                one.blame,
                one.message,
            )
            for one in batch
        ],
    )
    for one in batch:
        if one.status in {"dead", "quarantined"}:
            _log.error("row_dead", row=one.id, problem=one.problem)


def _inside(svc: Desk, unit: Unit, about: outbox.Told, one: Settled) -> None:
    """Note what became of a row for the officials' messenger."""
    if one.status == "sent":
        deliveries.arrived(svc, unit, about, one.message)
    elif one.status == "dead":
        deliveries.by_mail(svc, unit, about)
