"""What the worker does to the database: claim, renew, settle, rates, breaker. Synchronous."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot import log
from bot.channel import Channel
from bot.dialogs.replies import Phrase, Reply, Say, load
from bot.receive import Born
from bot.services import deliveries, linking, newer, notices, peers, quiet
from bot.services.base import Desk
from bot.worker import chats, shares, verdict
from bot.worker.sending import Row
from bot.worker.shares import Dealer
from bot.worker.verdict import AGAIN, Settled
from knowledge.procedures import NotKnown
from knowledge.release import RELEASE
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
"""Seconds for which a channel with a fault is left alone: as long as it has been away by then."""

SOON = 0.05
"""Seconds until a channel's rate is asked again at the earliest: turns are taken some at once."""

WRONG = (ValueError, LookupError, TypeError, AttributeError, AssertionError)
"""What a row may raise that we cannot make something of; a fault of the database is none."""


@dataclass
class Ledger:
    """The rows of the outbox as this process works on them.

    `clock` is monotonic. `ill` are the channels that have not answered since we saw their fault;
    since when and for how long they are left alone stands in the database, for all processes.
    """

    store: Store
    svc: Desk
    channels: Mapping[str, Channel]
    holder: str
    clock: Callable[[], float]
    ill: set[str] = field(default_factory=set)
    _dealer: Dealer = field(default_factory=Dealer)
    _full: dict[str, float] = field(default_factory=dict)
    _answered: set[str] = field(default_factory=set)

    def claim(self) -> list[Row]:
        """Claim what is due on the channels that are well; nothing while the store is on hold."""
        if self.store.hold:
            return []
        began = self.clock()
        channels = [name for name in self._pushed() if self._full.get(name, began) <= began]

        def work(unit: Unit) -> list[Row]:
            return [row for name in channels for row in self._claim_of(unit, name, began)]

        return self.store.transact(work, None)

    def patience(self) -> float:
        """Say in how many seconds a channel whose rate was used up may be asked again."""
        now = self.clock()
        ahead = [until - now for until in self._full.values() if until > now]
        return min(ahead, default=float("inf"))

    def _pushed(self) -> list[str]:
        return [name for name, channel in self.channels.items() if channel.limits.push]

    def _claim_of(self, unit: Unit, channel: str, began: float) -> list[Row]:
        """Claim on one channel as many rows as it has room for, by the shares of the ranks."""
        now, per_second = self.svc.now(), self.channels[channel].limits.per_second
        wanted = claims.due(unit, now, channel, BATCH)
        if not wanted or broken(unit, channel):
            return []
        if away(unit, channel):
            wanted = {next(iter(wanted)): 1}  # a probe, not a crowd
        quotas, wait = self._dealer.some(unit, channel, per_second, wanted)
        if wait:
            self._full[channel] = began + max(wait, SOON)
            return []
        claimed = claims.claim(unit, now, [channel], quotas=quotas)
        rows: list[Row] = []
        back: list[Settled] = []
        for row in claimed:
            ready = self._must_wait(unit, row) or self._ready(unit, row, began)
            if isinstance(ready, Row):
                rows.append(ready)
            else:
                back.append(ready)
        if back:
            write(self.svc, unit, back)
        shares.back(unit, channel, per_second, sum(quotas.values()) - len(rows))
        return rows

    def _must_wait(self, unit: Unit, row: Claimed) -> Settled | None:
        """Judge a claimed row before it is sent: is it true still, is it day, is there room.

        What only a later release knows waits for that one.
        """
        if newer.strange(self.svc, row, made=deliveries.concerns(self.svc, row)):
            return verdict.newer(row.id, row.token, again=_again(row))
        if row.valid_rule and not notices.still_valid(unit, row.filing_id, row.valid_rule):
            return Settled(row.id, row.token, "dropped", problem="stale")
        now = self.svc.now()
        opens = quiet.until(now) if row.kind in QUIET else None
        if opens is not None:
            return _later(row, (opens - now).total_seconds())
        wait = self._chat(unit, row.channel, row.peer_id, chats.BURST)
        return _later(row, wait) if wait else None

    def _chat(self, unit: Unit, channel: str, peer_id: int, burst: int) -> float:
        """Take a turn of a chat; gives the seconds to wait when there is none."""
        every = 1 / self.channels[channel].limits.per_chat
        return rates.take(unit, f"{channel}:chat:{peer_id}", every=every, burst=burst)

    def chat(self, channel: str, peer_id: int) -> float:
        """Take a turn of a chat for a row that was born leased; the seconds to wait, or 0.0."""

        def work(unit: Unit) -> float:
            return self._chat(unit, channel, peer_id, chats.ANSWERS)

        return self.store.transact(work, None)

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
            again=_again(row),
            newer=row.release > RELEASE,
        )

    def _ready(self, unit: Unit, row: Claimed, leased_at: float) -> Row | Settled:
        """Make a row ready to leave; or judge it: what it tells an official is so no more."""
        ready = self._row(row, leased_at, passes=claims.passes(unit, row, self.svc.now()))
        if not deliveries.concerns(self.svc, row):
            return ready
        try:
            made = deliveries.made(self.svc, unit, row)
        except WRONG as error:
            return self._wrong(row, ready, error)
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

    def _wrong(self, row: Claimed, ready: Row, error: Exception) -> Row | Settled:
        """Judge a row that nothing can be made of: of a later release it waits (S10, S23)."""
        if ready.newer:
            return verdict.newer(row.id, row.token, again=ready.again)
        if isinstance(error, NotKnown):  # a filing by rules that we do not have
            return _later(row, verdict.BUG_AFTER)
        _log.error("row_unreadable", row=row.id, exc_info=error)
        return ready

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
        self.ill.add(channel)
        self._answered.discard(channel)

        def work(unit: Unit) -> float:
            heartbeats.begin(unit, heartbeats.AWAY + channel)
            gone = heartbeats.age(unit, heartbeats.AWAY + channel) or 0.0
            seconds = min(BROKEN_MOST, max(BROKEN_FOR, gone))
            leases.take(unit, breaker(channel), "broken", seconds)
            return seconds

        seconds = self.store.transact(work, None)
        _log.error("channel_fault", channel=channel, fault=code, seconds=seconds)

    def well(self, channel: str) -> None:
        """Note that a channel answered; the next verdicts that are written say so to all."""
        self._answered.add(channel)
        if channel in self.ill:
            self.ill.discard(channel)
            _log.info("channel_well", channel=channel)

    def room(self, channel: str, count: int) -> tuple[int, float]:
        """Take tokens of a channel's rate for rows that were born leased.

        Gives how many, and the seconds to wait when there are none.
        """
        per_second = self.channels[channel].limits.per_second

        def work(unit: Unit) -> tuple[int, float]:
            if self.store.hold or broken(unit, channel) or away(unit, channel):
                return 0, BROKEN_FOR  # whoever claims tries it, with one
            got, wait = self._dealer.some(unit, channel, per_second, {0: count})
            return got[0], wait

        return self.store.transact(work, None)


def _again(row: Claimed) -> bool:
    """Tell whether it was claimed before and never settled: its sender may have sent it (S12)."""
    return row.problem == AGAIN or (row.claims > 1 and not row.problem)


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


def away(unit: Unit, channel: str) -> bool:
    """Tell whether a channel has not answered anybody since its last fault."""
    return heartbeats.age(unit, heartbeats.AWAY + channel) is not None


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
