"""The line to the outside of a rehearsal: it remembers what went over it, and it can be cut."""

import hashlib
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.channel import Channel, Delivered, Delivery, Later, Limits, Parcel, Preview
from bot.rehearsal.letters import NAME

KEPT = 200
PICTURES = 40
"""Of the last few issues."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that left, as its channel would show it.

    `letter` is its file, if it is one; `pictures` are named.
    """

    at: datetime
    channel: str
    to: str
    text: str
    letter: str = ""
    pictures: tuple[str, ...] = ()


@dataclass
class Line:
    """Shared by all channels of a rehearsal."""

    now: Callable[[], datetime]
    broken: bool = False
    sent: deque[Sent] = field(default_factory=lambda: deque(maxlen=KEPT))
    pictures: OrderedDict[str, bytes] = field(default_factory=OrderedDict)

    def passed(self, channel: str, parcel: Parcel, shown: Preview, name: str) -> None:
        """Remember what went over the line; `name` is the vendor's, or the file of a letter."""
        names = tuple(self._keep(png) for png in _pictures(parcel, shown))
        letter = name if NAME.fullmatch(name) else ""
        self.sent.append(Sent(self.now(), channel, parcel.address, shown.text, letter, names))

    def _keep(self, png: bytes) -> str:
        name = hashlib.sha256(png).hexdigest()[:32]
        self.pictures[name] = png
        self.pictures.move_to_end(name)
        while len(self.pictures) > PICTURES:
            self.pictures.popitem(last=False)
        return name

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
            self._line.passed(self.name, parcel, self._channel.preview(parcel), outcome.id or "")
        return outcome


def _pictures(parcel: Parcel, shown: Preview) -> Iterator[bytes]:
    """Give the pictures of an issue in the order in which they arrive."""
    carried = parcel.carried.pictures if parcel.carried is not None else ()
    for piece in shown.pieces:
        yield from (carried[place] for place in piece.pictures if place < len(carried))
