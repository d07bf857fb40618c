"""A channel that answers as a script says; everything it was given is kept in `sent`."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.channel import Delivered, Delivery, Limits, Parcel, Preview
from bot.errors import Refused

LIMITS = Limits(text=4096, file_bytes=20 * 2**20, per_second=1000, per_chat=1000)


@dataclass(frozen=True)
class Hang:
    """In a script: the vendor accepts the message and never answers."""


Scripted = Delivery | Exception | Hang | Callable[[Parcel], Delivery]


@dataclass
class FakeChannel:
    """Gives what `script` says, one entry for each delivery, then delivers everything."""

    script: Iterable[Scripted] = ()
    name: str = "fake"
    limits: Limits = LIMITS
    sent: list[Parcel] = field(default_factory=list)
    files: dict[str, bytes | Exception] = field(default_factory=dict)
    shown: Preview | None = None

    def __post_init__(self) -> None:
        self._script = iter(self.script)

    def preview(self, parcel: Parcel) -> Preview:
        return self.shown or Preview(repr(parcel.reply))

    async def deliver(self, parcel: Parcel) -> Delivery:
        self.sent.append(parcel)
        step = next(self._script, None)
        if step is None:
            return Delivered(str(len(self.sent)))
        if isinstance(step, Hang):
            await asyncio.Event().wait()
        if isinstance(step, Exception):
            raise step
        return step(parcel) if callable(step) else step  # type: ignore[return-value]

    async def fetch(self, locator: str, most: int) -> bytes:
        found = self.files.get(locator)
        if found is None:
            raise Refused("file.gone")
        if isinstance(found, Exception):
            raise found
        if len(found) > most:
            raise Refused("file.size")
        return found
