"""What became of a broadcast, held against what the vendors accepted: lost and doubled. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

ENDS = ("sent", "gone", "dead", "unknown")


@dataclass(frozen=True, slots=True)
class Reckoned:
    """How many recipients there were, how many rows ended how, and what does not fit.

    `forgotten` have no row. `lost`: nobody accepted anything for them and their row does not say
    so (it says sent). `doubled` counts what came beyond the first time, of which `allowed` may be.
    """

    recipients: int
    sent: int
    gone: int
    dead: int
    unknown: int
    left: int
    forgotten: int
    accepted: int
    lost: int
    doubled: int
    allowed: int

    @property
    def adds_up(self) -> bool:
        ended = self.sent + self.gone + self.dead + self.unknown
        return ended == self.recipients and not self.left and not self.forgotten

    @property
    def within(self) -> bool:
        return self.adds_up and not self.lost and self.doubled <= self.allowed


def reckon(
    recipients: Collection[str],
    ended: Mapping[str, str],
    accepted: Iterable[str],
    *,
    allowed: int,
) -> Reckoned:
    """Hold the rows (`ended`: address to how it ended) against what was accepted, in any order."""
    took = Counter(accepted)
    ends = Counter(ended.values())
    known = {name: ends.pop(name, 0) for name in ENDS}
    return Reckoned(
        recipients=len(recipients),
        **known,
        left=ends.total(),
        forgotten=sum(one not in ended for one in recipients),
        accepted=len(took),
        lost=sum(end == "sent" and not took[address] for address, end in ended.items()),
        doubled=sum(took[one] - 1 for one in took),
        allowed=allowed,
    )


def over_rate(times: Iterable[float], rate: float) -> float:
    """Say how many more there were, in the worst stretch of time, than `rate` for its seconds.

    What a burst holds may come at once, so up to that this is well. `times` are in order.
    """
    worst, least = 0.0, float("inf")
    for place, at in enumerate(times):
        ahead = place - rate * at
        least = min(least, ahead)
        worst = max(worst, ahead - least + 1)
    return worst
