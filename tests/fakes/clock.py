"""A clock that stands still until it is moved, and one that runs away."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.handlers.ladder import Load

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 10:00 in Seoul


class FrozenClock:
    """Call it for the time; `micros` is the same time as SQLite's host clock wants it."""

    def __init__(self, at: datetime = MONDAY) -> None:
        assert at.tzinfo is not None
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def micros(self) -> int:
        return (self.at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)

    def advance(self, **by: float) -> datetime:
        """Move on: `clock.advance(days=3, hours=2)`."""
        self.at += timedelta(**by)
        return self.at

    def set(self, at: datetime) -> None:
        assert at.tzinfo is not None
        self.at = at


def unhurried(loads: Mapping[str, Load]) -> None:
    """Let no measured wait close a door: by its clock nobody waits.

    A machine that is busy with other tests takes its time, and that is no crowd.
    """
    for load in loads.values():
        load.clock = lambda: 0.0
