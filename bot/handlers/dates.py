"""The third clock: the Date of answers that others give us anyway (security S33).

Our own clock and the database's may be wrong together, on one machine they are one. Then codes
of TOTP and the time windows of messengers are the first to die.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

KEEPS = 900.0
"""Seconds for which what was seen counts."""


def ahead(header: str | None, wall: float) -> float | None:
    """Tell by how many seconds `wall` is ahead of an HTTP Date; None for what is none.

    A Date has whole seconds: half of one is given to it.
    """
    try:
        told = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return wall - told.timestamp() - 0.5


@dataclass(slots=True)
class Dates:
    """Keeps the last Date that was seen. `wall` is this machine's clock, `clock` monotonic."""

    wall: Callable[[], float] = time.time
    clock: Callable[[], float] = time.monotonic
    _ahead: float | None = field(default=None)
    _at: float = field(default=float("-inf"))

    def note(self, header: str | None) -> None:
        """Take the Date of an answer that has just come."""
        found = ahead(header, self.wall())
        if found is not None:
            self._ahead, self._at = found, self.clock()

    def drift(self) -> float | None:
        """Give the seconds that we are ahead; None when nobody told us lately."""
        return self._ahead if self.clock() - self._at < KEEPS else None
