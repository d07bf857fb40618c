"""What the sending of broadcasts does to the database: begin, fan out, claim, settle. Synchronous."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import product
from typing import NamedTuple

from bot import log
from bot.channel import Carried, Channel, Parcel
from bot.dialogs.replies import News, dump
from bot.services import (
    bounces,
    broadcast_runs,
    linking,
    mail_addresses,
    peers,
    pressing,
    quiet,
)
from bot.services.base import Desk
from bot.worker import shares
from bot.worker.ledger import Ledger, away, broken
from bot.worker.shelf import LETTERS, Held, Shelf, own
from knowledge import subjects
from storage.errors import SealError, UnknownKey
from storage.repositories import (
    broadcast_lines,
    heartbeats,
    leases,
    outbox,
    rates,
    sendings,
)
from storage.repositories import broadcasts as repository
from storage.repositories import peers as addresses
from storage.repositories.broadcast_lines import CANARY, Count
from storage.repositories.broadcasts import APPROVED, SENDING, Open
from storage.repositories.sendings import DEAD, SENT, WAITING, Batch, Outcome
from storage.unit import Unit

_log = log.get(__name__)

KIND, RANK = "news", 9
HALF = 0.5
"""Of a burst: a broadcast leaves the other half to replies, and has its own part however many of
them there are (`bot.worker.shares`)."""
GATHER = 0.1
"""Seconds of the rate that are taken at once: whoever asks for each one asks too often."""
PULLED = 100
"""Rows of a channel that is pulled, in one commit."""
IDLE = 1.0
"""Seconds until it is looked again where nothing may leave, or nothing waits."""
FRESH = 0.5
"""Seconds for which tokens are good that no row was there for."""


class Job(NamedTuple):
    """A sending in our hands. `leased_at` is our own clock, read before the lease was taken."""

    broadcast_id: int
    who: int
    token: bytes
    peer_id: int
    address: str
    lang: str
    reply: News
    carried: Carried | None
    leased_at: float


class Settlement(NamedTuple):
    """What became of a job; `gone`: the person cannot be reached there any more."""

    broadcast_id: int
    peer_id: int
    outcome: Outcome
    judged: bool = True
    gone: bool = False
    uploaded: tuple[str, ...] = ()


class Taken(NamedTuple):
    """What one exchange gave. `running` may still be sent; `wait` seconds there is nothing."""

    jobs: Sequence[Job]
    running: frozenset[int]
    wait: float
    done: Mapping[str, int]


@dataclass
class Dispatch:
    """`lease` is in seconds; `clock` is monotonic."""

    ledger: Ledger
    clock: Callable[[], float]
    lease: float = sendings.LEASE
    domain_of: Callable[[str], str] = mail_addresses.mail_domain
    _shelf: Shelf = field(default_factory=Shelf)
    _spare: dict[str, tuple[int, float]] = field(default_factory=dict)

    @property
    def _svc(self) -> Desk:
        return self.ledger.svc

    def wake(self) -> None:
        """Let what was on its way wait for a person, if nobody was there for a long while.

        To be asked before the first tick of this process tells that somebody is.
        """
        store, svc = self.ledger.store, self._svc
        away = store.read(heartbeats.ages).get(heartbeats.TICK, 0.0)
        if away > svc.site.newsletter.late_minutes * 60 and self._open():
            store.transact(lambda unit: broadcast_runs.halt_late(svc, unit), None)

    def prepare(self) -> bool:
        """Begin what is due, make the recipients of what has begun; True: something may leave."""
        store, svc = self.ledger.store, self._svc
        if store.hold:
            return False
        for one in self._open():
            if one.state == APPROVED and (one.send_at is None or one.send_at <= svc.now()):
                begin = partial(
                    broadcast_runs.begin, svc, broadcast_id=one.id, shown=self._shown(one)
                )
                store.transact(begin, None)
        for one in self._open():
            if one.state == SENDING and not one.fanned:
                chunk = partial(broadcast_runs.fan_out, svc, broadcast_id=one.id)
                while not store.read(pressing.pressed):  # else it waits, too (S20)
                    if not store.transact(chunk, None):
                        store.transact(sendings.analyze, None)
                        break
        if quiet.until(svc.now()) is not None or store.read(pressing.pressed):
            return False
        return any(one.state == SENDING and one.fanned for one in self._open())

    def _shown(self, one: Open) -> bool:
        """Lay it out once for each channel: what cannot be laid out is sent to nobody."""
        held = self.ledger.store.read(lambda unit: self._shelf.hold(self._svc, unit, one))
        for lang, channel in product(self._svc.texts.languages, self.ledger.channels.values()):
            try:
                channel.preview(Parcel("", held.news, lang))
            except Exception as error:  # noqa: BLE001 - a fault of a template, whatever it is
                _log.error("broadcast_not_laid_out", channel=channel.name, exc_info=error)
                return False
        return True

    def _open(self) -> tuple[Open, ...]:
        return self.ledger.store.read(partial(self._shelf.open_ones, self._svc))

    def now(self) -> datetime:
        return self._svc.now()

    def exchange(
        self, channel: Channel, ended: Sequence[Settlement], want: int, extra: int = 0
    ) -> Taken:
        """Write what became of jobs and claim up to `want` others, in one commit.

        `extra` messages left beside one for each job: the rate is of messages.
        """
        began = self.clock()

        def work(unit: Unit) -> Taken:
            done = self._write(unit, channel, ended)
            if extra:
                rates.push(unit, channel.name, every=1 / channel.limits.per_second, count=extra)
            if any(one.judged for one in ended) and channel.name not in self.ledger.ill:
                heartbeats.stop(unit, heartbeats.AWAY + channel.name)
            every = self._shelf.open_ones(self._svc, unit)
            running = [one for one in every if one.state == SENDING]
            jobs: list[Job] = []
            wait = 0.0
            if want > 0:
                jobs, wait = self._claim(unit, channel, running, want, began)
            return Taken(jobs, frozenset(one.id for one in running), wait, done)

        return self.ledger.store.transact(work, None)

    def hush(self, channel: str, seconds: float) -> None:
        """Let broadcasts leave a channel alone: its vendor has asked for patience."""
        store = self.ledger.store
        store.transact(lambda unit: leases.take(unit, _hushed(channel), "hush", seconds), None)

    def move(self, peer_id: int, address: str) -> None:
        """Keep the new address that a messenger told us."""

        def work(unit: Unit) -> None:
            addresses.move(unit, addresses.lock(unit, peer_id), address)

        self.ledger.store.transact(work, None)

    # what became of them

    def _write(self, unit: Unit, channel: Channel, ended: Sequence[Settlement]) -> Counter[str]:
        """Write verdicts with the counters' changes, and who is gone."""
        by: dict[int, list[Settlement]] = {}
        for one in ended:
            by.setdefault(one.broadcast_id, []).append(one)
        told: Counter[str] = Counter()
        for broadcast_id, batch in by.items():
            for one in batch:
                if one.uploaded:
                    repository.uploaded(unit, broadcast_id, channel.name, one.uploaded)
                    self._shelf.forget(broadcast_id, channel.name)
            for judged in (True, False):
                outcomes = [one.outcome for one in batch if one.judged is judged]
                done = sendings.settle(unit, broadcast_id, channel.name, outcomes)
                broadcast_runs.count(
                    self._svc, unit, broadcast_id, channel.name, done, judged=judged
                )
                for (status, code), n in done.items():
                    if status > WAITING:
                        told[code or "sent"] += n
        self._refused(
            unit,
            channel,
            [
                (one.peer_id, one.outcome.code, one.gone)
                for one in ended
                if one.gone or one.outcome.status == DEAD
            ],
        )
        for peer_id in {one.peer_id for one in ended if one.gone}:
            if not linking.lost(self._svc, unit, peer_id):
                peers.away(self._svc, unit, peer_id, gone=True)
        return told

    def _refused(self, unit: Unit, channel: Channel, who: Iterable[tuple[int, str, bool]]) -> None:
        """Count letters that mail servers would not take; another channel has no bounces."""
        if channel.name == LETTERS:
            for peer_id, code, gone in who:
                bounces.refused(self._svc, unit, peer_id, code, gone=gone)

    # what is next

    def _claim(
        self, unit: Unit, channel: Channel, running: Sequence[Open], want: int, began: float
    ) -> tuple[list[Job], float]:
        now = self._svc.now()
        if self.ledger.store.hold or quiet.until(now) is not None:
            return [], IDLE
        ill = broken(unit, channel.name) or leases.held(unit, _hushed(channel.name))
        if ill or pressing.pressed(unit):
            return [], IDLE
        lines = [
            (one, line)
            for one in running
            if one.fanned
            and (line := broadcast_lines.count(unit, one.id, channel.name)) is not None
            and line.left
            and sendings.due(unit, one.id, channel.name, now)
        ]
        if not lines:
            return [], IDLE
        if not channel.limits.push:
            return [], 0.0 if self._pull(
                unit, channel, [one for one, _line in lines], now
            ) else IDLE
        if away(unit, channel.name):
            want = 1  # a probe, not a crowd
        tokens, wait = self._tokens(unit, channel, want)
        if not tokens:
            return [], wait
        jobs: list[Job] = []
        for one, line in lines:
            if len(jobs) < tokens:
                jobs += self._claim_of(unit, channel, one, line, tokens - len(jobs), began)
        self._spare[channel.name] = (tokens - len(jobs), began)
        return jobs, 0.0 if jobs else GATHER

    def _tokens(self, unit: Unit, channel: Channel, want: int) -> tuple[int, float]:
        """Take of the channel's rate; gives how many, else the seconds until it is worth asking."""
        spare, since = self._spare.pop(channel.name, (0, 0.0))
        if self.clock() - since > FRESH:
            spare = 0  # used so late they would come on top of what others have taken since
        if spare >= want:
            return want, 0.0
        per_second = channel.limits.per_second
        every, most = 1 / per_second, want - spare
        least = min(want, max(1, round(per_second * GATHER)))
        burst = min(shares.burst(per_second) * HALF, shares.for_all(per_second))
        taken, wait = rates.some(
            unit, channel.name, every=every, burst=burst, most=most, least=least
        )
        if not taken and wait > GATHER + every:  # replies have more than half of it
            mine = max(1.0, shares.own(per_second, RANK))
            most = min(want, int(mine))
            taken, own = shares.of(unit, channel.name, per_second, RANK, mine, most)
            wait = min(wait, own)
        return spare + taken, 0.0 if spare + taken else wait

    def _claim_of(
        self, unit: Unit, channel: Channel, one: Open, line: Count, want: int, began: float
    ) -> list[Job]:
        """Claim jobs of one broadcast: of the first few only until these are through."""
        held = self._shelf.hold(self._svc, unit, one)
        batch = self._batch(unit, channel, one, want, _first(self._svc, line, held))
        opener = unit.keys.opener("peers.address")
        shared = self._shelf.shared(unit, channel.name, one, held)
        jobs: list[Job] = []
        broken_rows: list[Outcome] = []
        for row in batch.rows:
            try:
                address = opener(row.sid, row.address, row.wrapped).decode()
            except UnknownKey:
                raise
            except SealError:
                broken_rows.append(Outcome(row.who, batch.token, DEAD, "sealed"))
                continue
            letter = channel.name == LETTERS
            carried = own(self._svc, unit, shared, row) if letter else shared
            jobs.append(
                Job(
                    one.id, row.who, batch.token, row.peer_id, address, row.lang, held.news,
                    carried, began,
                )
            )  # fmt: skip
        self._known(unit, channel, one, batch, broken_rows)
        return self._apart(unit, channel, one, jobs)

    def _batch(
        self, unit: Unit, channel: Channel, one: Open, want: int, first: int | None
    ) -> Batch:
        bit = subjects.bits((one.kind,), subjects.KINDS) if one.kind in subjects.KINDS else 0
        return sendings.claim(
            unit, one.id, channel.name, self._svc.now(), want if first is None else min(want, first),
            kind=bit, first=first, lease=self.lease,
        )  # fmt: skip

    def _known(
        self, unit: Unit, channel: Channel, one: Open, batch: Batch, sealed: Sequence[Outcome]
    ) -> None:
        """Count those that ended at the claim: who has stopped, whom nobody can open."""
        done: Counter[tuple[int, str]] = Counter((row.status, row.code) for row in batch.over)
        done.update(sendings.settle(unit, one.id, channel.name, sealed))
        dead = [row for row in batch.over if row.status == DEAD]
        self._refused(unit, channel, [(row.peer_id, row.code, False) for row in dead])
        broadcast_runs.count(self._svc, unit, one.id, channel.name, done, judged=False)

    def _apart(self, unit: Unit, channel: Channel, one: Open, jobs: list[Job]) -> list[Job]:
        """Give back those whose mail domain has had its share of this moment."""
        per_domain = channel.limits.per_domain
        if not per_domain:
            return jobs
        by: dict[str, list[Job]] = {}
        for job in jobs:
            by.setdefault(self.domain_of(job.address), []).append(job)
        mine: list[Job] = []
        back: list[Outcome] = []
        now = self._svc.now()
        for domain, its in by.items():
            # A domain may be one person's own: its name stands nowhere.
            name = f"{channel.name}:domain:{unit.keys.ring.mac('domain', domain.encode()).hex()}"
            burst = max(1, round(per_domain))
            few, wait = rates.some(unit, name, every=1 / per_domain, burst=burst, most=len(its))
            mine += its[:few]
            later = now + timedelta(seconds=max(wait, len(its[few:]) / per_domain / 2))
            back += [_back(job, later) for job in its[few:]]
        sendings.settle(unit, one.id, channel.name, back)
        return mine

    def _pull(self, unit: Unit, channel: Channel, ready: Sequence[Open], now: datetime) -> int:
        """Put rows into the outbox of a channel that is pulled: there they are read."""
        done = 0
        for one in ready:
            batch = self._batch(unit, channel, one, PULLED, None)
            payload = dump(self._shelf.hold(self._svc, unit, one).news)
            row = outbox.Draft(RANK, KIND, payload, now, broadcast_id=one.id)
            for claimed in batch.rows:
                outbox.put(unit, claimed.peer_id, [row], now)
            sent = [Outcome(row.who, batch.token, SENT) for row in batch.rows]
            self._known(unit, channel, one, batch, sent)
            done += len(batch.rows) + len(batch.over)
        return done


def _first(svc: Desk, line: Count, held: Held) -> int | None:
    """Say of how many of the first only one may claim; None: of all.

    Pictures go up with the very first alone, so that they go up once.
    """
    if held.pictures and not line.sent and line.channel != LETTERS:
        return 1
    if line.phase != CANARY:
        return None
    left = min(svc.site.newsletter.canaries, line.total) - line.ended
    return left if left > 0 else None


def _back(job: Job, due_at: datetime | None) -> Outcome:
    return Outcome(job.who, job.token, WAITING, "", due_at, counts=False)


def _hushed(channel: str) -> str:
    return f"hush:{channel}"
