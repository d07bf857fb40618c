"""Business silence: all processes live, and yet nothing happens that should (security S10, S15).

A tick that does not come, a legal notice that does not leave, a messenger that is not asked any
more. What is read here are single rows and a partial index, never a growing table (S18).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.services import listing
from bot.services.base import CLOCK, Desk
from storage.repositories import heartbeats, outbox, tasks
from storage.repositories.heartbeats import AWAY, POLL, SOCKET, TICK
from storage.unit import Unit

LEGAL = 1
SOON = timedelta(minutes=10)
"""What is put off for longer waits for the morning on purpose; a try that failed comes sooner."""

FETCHED: Mapping[str, str] = {POLL: "inbound", SOCKET: "socket"}
"""What it is called when a road by which we fetch is silent."""

MANY = 1000
"""So far things are counted: whoever reads "1000" knows enough."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Minutes of silence that are no fault yet."""

    tick: int = 5
    notice: int = 60
    inbound: int = 10
    outbound: int = 30


@dataclass(frozen=True, slots=True)
class Signs:
    """Seconds since each sign of life; `notice` is how long the oldest legal notice waits.

    `away` are the channels to which nothing could be sent while something waits, and for how long.
    """

    ages: Mapping[str, float]
    notice: float
    away: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waits:
    """By rank: how many messages wait (up to a thousand on each channel), the oldest how long."""

    waiting: Mapping[int, int]
    oldest: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """How much waits for people, up to a thousand of each; totals of the agency, never of a unit."""

    overdue: int
    tasks: int


def signs(svc: Desk, unit: Unit, pushed: Collection[str]) -> Signs:
    """Read the signs of life; `pushed` are the channels on which we send by ourselves."""
    since = outbox.oldest(unit, pushed, due_before=svc.now() + SOON)
    waits = [svc.now() - at for rank, at in since.items() if rank <= LEGAL]
    longest = max(waits, default=timedelta(0))
    ages = heartbeats.ages(unit)
    ill = {name: age for name in pushed if (age := ages.get(AWAY + name)) is not None}
    away = {name: ill[name] for name in ill if outbox.oldest(unit, (name,))}
    return Signs(ages, max(0.0, longest.total_seconds()), away)


def silent(
    signs: Signs, patience: Patience, up: float, listens: Collection[str] = ()
) -> list[str]:
    """Name what has been silent for too long; `up` is for how many seconds this process runs.

    `listens` are the roads by which we fetch (`POLL`, `SOCKET`). A process that has just started
    waits as long as it would wait for the others.
    """
    wanted = {"tick": (TICK, patience.tick)} | {
        FETCHED[name]: (name, patience.inbound) for name in listens
    }
    found = [
        fault
        for fault, (name, minutes) in wanted.items()
        if min(signs.ages.get(name, up), up) > minutes * 60
    ]
    found += ["notices"] if signs.notice > patience.notice * 60 else []
    return found + (["outbound"] if away(signs, patience) else [])


def away(signs: Signs, patience: Patience) -> list[str]:
    """Name the channels to which nothing could be sent for too long."""
    return sorted(name for name, age in signs.away.items() if age > patience.outbound * 60)


def waits(svc: Desk, unit: Unit, pushed: Collection[str]) -> Waits:
    """Tell what waits to be sent."""
    now = svc.now()
    since = outbox.oldest(unit, pushed)
    ages = {rank: max(0.0, (now - at).total_seconds()) for rank, at in since.items()}
    return Waits(outbox.waiting_by_rank(unit, pushed, MANY), ages)


def figures(svc: Desk, unit: Unit) -> Figures:
    """Count what waits for people, each kind no further than a thousand."""
    return Figures(
        overdue=listing.count(svc, unit, CLOCK, listing.Wanted(due="overdue")),
        tasks=tasks.count_open(unit, MANY),
    )
