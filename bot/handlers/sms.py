"""The seam for an agency's own text messages: a gateway of theirs, one short sentence of ours.

A text message says that there is news and where; nothing of a report ever stands in it. The
agency writes a `Gateway` for the service it has a contract with, and `bot.app` puts it here.
"""

from collections.abc import Mapping
from typing import Protocol

from bot.channel import Delivery, Limits, Never, Parcel, Preview
from bot.dialogs.replies import Phrase
from bot.errors import Refused
from bot.locale import Texts

NAME = "sms"


class Gateway(Protocol):
    """Somebody's service for text messages."""

    async def send(self, number: str, text: str) -> Delivery:
        """Send `text` to a number written as 010-1234-5678, and give that service's verdict."""
        ...


class SmsChannel:
    """The road by text message."""

    name = NAME
    limits = Limits(text=90, file_bytes=0, per_second=5.0, per_chat=0.1, personal="no")

    def __init__(self, gateway: Gateway, texts: Texts, site: Mapping[str, str], page: str) -> None:
        self._gateway = gateway
        self._texts = texts
        self._site = site
        self._page = page

    def preview(self, parcel: Parcel) -> Preview:
        """Give the sentence: the same for every notice."""
        said = Phrase("sms.text", {"url": self._page})
        return Preview(self._texts.render(said, parcel.lang, self._site))

    async def deliver(self, parcel: Parcel) -> Delivery:
        """Send the sentence."""
        if parcel.delete is not None:
            return Never("sms_not_deletable")
        return await self._gateway.send(parcel.address, self.preview(parcel).text)

    async def fetch(self, locator: str, most: int) -> bytes:  # noqa: ARG002
        """Refuse: nothing comes by text message."""
        raise Refused("file.unknown")
