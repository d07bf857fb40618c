"""대량 유입: what comes above a channel's budget is received all the same, and waits together (S34).

Budgets are rates over all processes, never counts of a table; nothing is refused because of what
it says. The eight working hours for 접수 run for what waits as for everything else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from bot.errors import Refused
from bot.services import sight
from bot.services.base import Actor, Desk, hour, stamp
from bot.services.sight import visible_filings
from knowledge import sketch
from storage import journal
from storage.repositories import crowds, filings, rates, sent_keys, sketches, tasks
from storage.repositories.filings import Filing
from storage.unit import Unit

HOUR = 3600
MOST = 1000  # of what waits on one page; the oldest come first
BYTES = 1024 * 1024
PARTS = 8
SPLIT = 1000
"""A budget from so many on an hour is kept in so many parts."""
ALLOWED = ("intake", "audit_head")


@dataclass(frozen=True, slots=True)
class Group:
    """Reports that are alike; `numbers` by age, and how the oldest begins."""

    numbers: tuple[str, ...]
    first_at: datetime
    last_at: datetime
    begins: str


def counted(svc: Desk, unit: Unit, filing: Filing) -> None:
    """Count a report against its channel's hour; above the budget it waits with its like."""
    name, budget = part(f"file:{filing.channel}", svc.site.budget_filings, filing.number)
    if not over(unit, name, budget):
        return
    crowds.add(unit, filing.id, stamp(filing.mode, svc.now()))
    if sent_keys.first(unit, f"flood:{filing.channel}:{hour(svc.now())}"):
        tasks.add(unit, "flood", svc.now(), reason=filing.channel)


def over(unit: Unit, name: str, budget: int, *, burst: int | None = None, count: int = 1) -> bool:
    """Take of a budget an hour; tell whether it was spent. Nothing is taken then."""
    return bool(room(unit, name, budget, burst=burst, count=count))


def part(name: str, budget: int, whom: str) -> tuple[str, int]:
    """Give the part of a large budget out of which this one takes: its name and what it holds.

    Whoever takes of a row holds it until his commit, and all who begin in that moment, in every
    process, would stand in one line behind him. A small budget stays whole, and exact.
    """
    if budget < SPLIT:
        return name, budget
    return f"{name}.{crc32(whom.encode()) % PARTS}", budget // PARTS


def room(unit: Unit, name: str, budget: int, *, burst: int | None = None, count: int = 1) -> float:
    """Take of a budget an hour; give the seconds until it is worth asking again, 0.0 when taken."""
    most = budget if burst is None else max(burst, count)
    return rates.take(unit, name, every=HOUR / budget, burst=most, count=min(count, most))


def use(unit: Unit, name: str, budget: int, count: int) -> None:
    """Take of a budget an hour what has been used already, though it may be more than is left."""
    rates.use(unit, name, every=HOUR / budget, burst=budget, count=min(count, budget))


def spent(unit: Unit, name: str, budget: int, count: int) -> bool:
    """Tell whether a budget of an hour has not so much left, and take nothing of it."""
    count = min(count, budget)
    return rates.spent(unit, name, every=HOUR / budget, burst=budget, count=count)


def waiting(unit: Unit, actor: Actor) -> tuple[Group, ...]:
    """Give what waits, what is alike together, the group with the oldest report first."""
    seen = visible_filings(actor)
    c = seen.selected_columns
    mine = seen.where(c.id.in_(crowds.waiting())).order_by(c.arrived_at, c.id).limit(MOST)
    found = {one.id: one for one in sight.several(unit, mine)}
    drawn = sketches.of(unit, found)
    grouped = sketch.groups({one: drawn.get(one, ()) for one in found})
    return tuple(_group(unit, [found[one] for one in ids]) for ids in grouped)


def let_in(svc: Desk, unit: Unit, actor: Actor, numbers: Sequence[str]) -> int:
    """Put reports among the others of the queue; gives how many were still waiting.

    Raises `Refused` filing.unknown, access.not_allowed.
    """
    if not actor.may(*ALLOWED):
        raise Refused("access.not_allowed")
    done = 0
    for number in numbers:
        filing = sight.find(unit, actor, number, lock=True)
        if crowds.let_in(unit, filing.id, svc.now()):
            at = stamp(filing.mode, svc.now(), actor)
            journal.append(unit, filing.sid, at, actor.mark, "let_in", {})
            done += 1
    return done


def _group(unit: Unit, members: Sequence[Filing]) -> Group:
    words = sketches.text_of(filings.answers(unit, members[0]))
    return Group(
        tuple(one.number for one in members),
        members[0].arrived_at,
        members[-1].arrived_at,
        " ".join(words.split())[:120],
    )
