"""How a channel's rate is shared out, so that no flood starves anybody (security S19).

Each rank has a part of the rate that is its own whatever the others want; what is left of the
whole is for whoever asks. All parts together with what is for all never hold more than a burst.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from storage.repositories import rates
from storage.repositories.claims import SHARES
from storage.unit import Unit

PARTS: Mapping[int, float] = dict(SHARES)
NEWS = 9
HOLDS = 0.25
"""Seconds of its part that a rank may use at once: whoever claims comes by more often."""
NEWS_HOLDS = 1.0
"""… a broadcast comes by less often."""
LEAST = 10
"""A smaller burst is not divided: its turns are dealt out by the shares, one by one."""


def burst(per_second: float) -> int:
    """Say how many may leave at once: what a second holds."""
    return max(1, round(per_second))


def own(per_second: float, rank: int) -> float:
    """Say how much of a burst is a rank's own."""
    whole = burst(per_second)
    holds = NEWS_HOLDS if rank == NEWS else HOLDS
    return max(1.0, whole * PARTS[rank] * holds) if whole >= LEAST else 0.0


def for_all(per_second: float) -> float:
    """Say how much of a burst is nobody's own."""
    return burst(per_second) - sum(own(per_second, rank) for rank in PARTS)


def of(
    unit: Unit, channel: str, per_second: float, rank: int, held: float, most: int
) -> tuple[int, float]:
    """Take of what is a rank's own, `held` at once; else the seconds until there is some."""
    every = 1 / per_second
    name, step = f"{channel}:{rank}", every / PARTS[rank]
    taken, wait = rates.some(unit, name, every=step, burst=held, most=most)
    if taken:
        rates.push(unit, channel, every=every, count=taken)
    return taken, wait


@dataclass
class Dealer:
    """Takes of the rates for the ranks; remembers whose turn it is where turns are few."""

    _owed: dict[str, dict[int, float]] = field(default_factory=dict)

    def some(
        self, unit: Unit, channel: str, per_second: float, wanted: Mapping[int, int]
    ) -> tuple[dict[int, int], float]:
        """Take of a channel's rate for each rank up to what is `wanted`.

        Gives how many each got; and where that is nothing the seconds after which it is worth
        asking again. What is not used is given back by `back`.
        """
        every, got, waits = 1 / per_second, dict.fromkeys(wanted, 0), []
        rates.hold(unit, channel)  # before any part: else two may wait for each other
        for rank, most in wanted.items():
            if mine := own(per_second, rank):
                got[rank], wait = of(unit, channel, per_second, rank, mine, most)
                waits.append(wait)
        taken = sum(got.values())
        left = {rank: most - got[rank] for rank, most in wanted.items() if most > got[rank]}
        if left:
            want = sum(left.values())
            free = for_all(per_second)
            many, wait = rates.some(unit, channel, every=every, burst=free, most=want)
            waits.append(wait)
            for _ in range(many):
                got[self._next(channel, left)] += 1
            taken += many
        return got, 0.0 if taken else min(waits, default=0.0)

    def _next(self, channel: str, left: dict[int, int]) -> int:
        """Say whose turn it is among those who want one more; the largest debt goes first."""
        owed = self._owed.setdefault(channel, dict.fromkeys(PARTS, 0.0))
        for rank in left:
            owed[rank] += PARTS[rank]
        rank = max(left, key=lambda one: owed[one])
        owed[rank] -= sum(PARTS[one] for one in left)
        left[rank] -= 1
        if not left[rank]:
            del left[rank]
        return rank


def back(unit: Unit, channel: str, per_second: float, count: int) -> None:
    """Give back what was taken of a channel's rate in this transaction and is not used."""
    if count > 0:
        rates.push(unit, channel, every=1 / per_second, count=-count)
