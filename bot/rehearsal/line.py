"""The line to the outside of a rehearsal: it remembers what went over it, and it can be cut."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.channel import Channel, Delivered, Delivery, Later, Limits, Parcel, Preview

KEPT = 200


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that left, as its channel would show it."""

    at: datetime
    channel: str
    to: str
    text: str


@dataclass
class Line:
    """Shared by all channels of a rehearsal."""

    now: Callable[[], datetime]
    broken: bool = False
    sent: deque[Sent] = field(default_factory=lambda: deque(maxlen=KEPT))

    def over(self, channel: Channel) -> Channel:
        """Lay this line in front of a channel."""
        return _Wired(channel, self)


class _Wired:
    """A channel whose messages pass the line."""

    def __init__(self, channel: Channel, line: Line) -> None:
        self._channel = channel
        self._line = line
        self.name: str = channel.name
        # Weeks pass in seconds here, and nobody's server has to be spared.
        self.limits: Limits = replace(channel.limits, per_second=1e4, per_chat=1e4)

    def preview(self, parcel: Parcel) -> Preview:
        return self._channel.preview(parcel)

    async def fetch(self, locator: str, most: int) -> bytes:
        return await self._channel.fetch(locator, most)

    async def deliver(self, parcel: Parcel) -> Delivery:
        if self._line.broken:
            return Later(60, counts=False, fault="line_cut")
        outcome = await self._channel.deliver(parcel)
        if isinstance(outcome, Delivered) and parcel.delete is None:
            text = self._channel.preview(parcel).text
            self._line.sent.append(Sent(self._line.now(), self.name, parcel.address, text))
        return outcome
