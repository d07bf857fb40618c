"""How far a broadcast is, for the desk, the console and the officials' messenger."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.dialogs.replies import Phrase
from bot.services import pressing, quiet
from bot.services.base import Desk
from bot.services.broadcast_runs import SMOOTH, WHYS, faded, why_words
from storage.repositories import broadcast_lines, broadcasts
from storage.repositories.broadcast_lines import Count
from storage.repositories.broadcasts import PAUSED, SENDING, Broadcast
from storage.unit import Unit

CODES = (
    "gone", "stopped", "claims", "render", "later", "unknown", "sealed", "forbidden",
    "bad_request", "too_old", "moved_twice",
)  # fmt: skip
"""Why somebody did not get it, as words are there for it; another code is shown as it is."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is. `why` is a code of a pause ("" none), `channel` whose refusals caused it.

    `resting_until`: nothing leaves at night. `waits`: a process is full, and it goes on by itself
    when it is not (S20). `seconds_left` None: nobody can say.
    """

    number: str
    state: str
    why: str
    channel: str
    lines: tuple[Count, ...]
    failures: Mapping[tuple[str, str], int]
    fanned: bool
    begun_at: datetime | None
    ended_at: datetime | None
    resting_until: datetime | None
    waits: bool
    per_second: float
    seconds_left: float | None

    def _sum(self, name: str) -> int:
        return sum(getattr(line, name) for line in self.lines)

    @property
    def total(self) -> int:
        return self._sum("total")

    @property
    def sent(self) -> int:
        return self._sum("sent")

    @property
    def gone(self) -> int:
        return self._sum("gone")

    @property
    def dead(self) -> int:
        return self._sum("dead")

    @property
    def unknown(self) -> int:
        return self._sum("unknown")

    @property
    def revived(self) -> int:
        return self._sum("revived")

    @property
    def failed(self) -> int:
        return self.gone + self.dead

    @property
    def left(self) -> int:
        return self._sum("left")


def progress(svc: Desk, unit: Unit, one: Broadcast) -> Progress:
    """Read how far it is: single rows of counters, whatever their number."""
    now = svc.now()
    lines = broadcast_lines.counts(unit, one.id)
    why, _, channel = one.why.partition(":")
    rests = quiet.until(now) if one.state == SENDING else None
    speeds = {line.channel: _speed(line, now) for line in lines}
    return Progress(
        number=one.number,
        state=one.state,
        why=why if one.state == PAUSED or why in WHYS else "",
        channel=channel,
        lines=lines,
        failures=broadcasts.failures(unit, one.id),
        fanned=one.fanned,
        begun_at=one.begun_at,
        ended_at=one.ended_at,
        resting_until=rests,
        waits=one.state == SENDING and rests is None and pressing.pressed(unit),
        per_second=sum(speeds.values()) if one.state == SENDING else 0.0,
        seconds_left=_left(lines, speeds, rests, now) if one.state == SENDING else None,
    )


def why(found: Progress) -> Phrase | None:
    """Say why it waits for a person; None when it does not."""
    if found.why not in WHYS:
        return None
    return why_words(f"{found.why}:{found.channel}" if found.channel else found.why)


def code(name: str) -> Phrase:
    """Say why somebody did not get it."""
    return Phrase(
        f"sending.code.{name}" if name in CODES else "sending.code.other", {"code": name}
    )


def _speed(line: Count, now: datetime) -> float:
    """Give sendings a second, of late; at the beginning of what has been seen so far."""
    if line.begun_at is None or line.last_at is None:
        return 0.0
    since = max(1.0, (line.last_at - line.begun_at).total_seconds())
    return faded(line, now) / (1 - math.exp(-since / SMOOTH))


def _left(
    lines: tuple[Count, ...], speeds: Mapping[str, float], rests: datetime | None, now: datetime
) -> float | None:
    """Give the seconds until the slowest channel is through."""
    waits = [line for line in lines if line.left]
    if any(speeds[line.channel] <= 0 for line in waits):
        return None
    longest = max((line.left / speeds[line.channel] for line in waits), default=0.0)
    return longest + (max(0.0, (rests - now).total_seconds()) if rests else 0.0)
