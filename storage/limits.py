"""How long each part may keep PostgreSQL busy, and how long it waits (security S20).

Whoever waits for a lock holds others himself, so nobody waits for one longer than a second. What
differs is the statement: citizens are many and each asks little, an official looks over a year,
and the work of the house counts everybody. All stay below 15 s, which is what the rotation of
keys takes for the longest transaction (`storage.learning.STEP`).
"""

from dataclasses import dataclass

GRACE = 3.0
"""Seconds after the server's own limit until the line counts as dead: it should have answered."""

SIZE = 10
"""Connections of one part in one process, where no setting says otherwise. A turn holds one for
5 to 20 ms: ten carry more turns than two cores compute."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds; 0 is no limit. `connect` is for each address that is tried, at least 2."""

    statement: float
    lock: float
    wait: float  # for a free connection of the pool
    connect: int
    idle: float = 15.0  # in a transaction, between its statements
    grace: float = GRACE

    def settings(self) -> dict[str, str]:
        """Give what the server has to be told."""
        return {
            "statement_timeout": _ms(self.statement),
            "lock_timeout": _ms(self.lock),
            "idle_in_transaction_session_timeout": _ms(self.idle),
            "TimeZone": "UTC",
            "jit": "off",  # compiling takes longer (half a second and more) than what we ask
        }

    @property
    def answer(self) -> float | None:
        """Say after how many seconds without an answer the line is dead."""
        return self.statement + self.grace if self.statement else None


PUBLIC = Limits(statement=2, lock=1, wait=1, connect=2)
"""A messenger asks again after 3 to 5 s: better to be turned away before."""
DESK = Limits(statement=5, lock=1, wait=2, connect=2)
"""Lists and statistics of a year; somebody sits before the page."""
WORK = Limits(statement=10, lock=1, wait=5, connect=5)
"""Fan-out, sweeps, commands of the console; nobody waits before a page."""
COPY = Limits(statement=10, lock=1, wait=1, connect=2)
"""The read replica: all cases at once for the search, a year of figures."""
FREE = Limits(statement=0, lock=2, wait=5, connect=5, idle=0)
"""Migration and backup: as long as they take, alone on their connection."""

OF_PART = {"public": PUBLIC, "desk": DESK, "work": WORK, "all": WORK}


def _ms(seconds: float) -> str:
    return str(round(seconds * 1000))
