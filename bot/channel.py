"""The seam between the service and the messengers: values in, values out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from bot.dialogs.events import Event
from bot.dialogs.replies import Reply


@dataclass(frozen=True, slots=True)
class Source:
    """Where a file that came by a messenger can be fetched; sealed until it has been."""

    ref: str
    locator: str  # Telegram file_id; for web "" (the blob is already stored under `ref`)


@dataclass(frozen=True, slots=True)
class Inbound:
    """One update of one person, parsed but not yet believed.

    `account` is the bot or site it came to, `address` whom it came from, `update_id` the
    vendor's or client's id of this update, `body` the bytes whose keyed hash tells a repeat
    from a conflict. `message` is the vendor's id of the person's message (to delete it).
    `album`: pictures sent together come as one update each, with the same value here. Each is
    stored by a commit of its own (Telegram sends the next one only after our 200), and the answer
    to the first stands for all: the others keep its turn and its buttons, and get no reply.
    """

    channel: str
    account: str
    address: str
    update_id: str
    body: bytes
    event: Event
    at: datetime
    lang: str | None = None
    message: str | None = None
    sources: tuple[Source, ...] = ()
    pages: bool = False  # the client can show a group as one page
    edited: bool = False  # an edited message: looked at for identity numbers only
    name: str | None = None  # display name at the messenger, used only once consent is given
    album: str | None = None
    proved: str = ""  # names the work that a newcomer's machine has done to come in (S34)


@dataclass(frozen=True, slots=True)
class Gone:
    """The person blocked the bot, left, or came back (`gone=False`)."""

    channel: str
    account: str
    address: str
    update_id: str
    gone: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Carried:
    """What an issue (`News`) has beside its words.

    `pictures` are PNGs in the order of the reply's, `uploaded` the vendor's ids of those that
    went up before (None: not yet). The links and the token for bounces are the reader's own, for
    e-mail; `bounce` is what stands behind the plus sign of the envelope's sender.
    """

    pictures: tuple[bytes, ...] = ()
    uploaded: tuple[str | None, ...] = ()
    stop: str = ""
    prefer: str = ""
    bounce: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One reply on its way to one address."""

    address: str
    reply: Reply
    lang: str
    again: bool = False  # sent before without a verdict: marked "(다시 보냄)"
    delete: str | None = None  # instead of sending: delete this message of the chat
    plain: bool = False  # second try after a 400: words only
    replaces: str | None = None  # the message to edit instead of sending one
    thread: str | None = None  # the message under which to send
    carried: Carried | None = None  # of an issue


@dataclass(frozen=True, slots=True)
class Delivered:
    id: str | None = None  # the vendor's id of the message
    uploaded: tuple[str, ...] = ()  # … and of the pictures of an issue, in order


@dataclass(frozen=True, slots=True)
class Later:
    """Not now. `counts` = the try counts against the row; `fault` = the channel is broken."""

    after: float  # seconds
    counts: bool = True
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Never:
    """The vendor said no, in its own JSON; `code` is one of our list, never the vendor's text."""

    code: str
    peer_gone: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """The chat has a new address."""

    address: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Written to the wire, no verdict came back (security S12)."""


Delivery: TypeAlias = Delivered | Later | Never | Moved | Unknown


@dataclass(frozen=True, slots=True)
class Shown:
    """One piece of an issue as it arrives: words, and pictures by their places, above the words."""

    text: str = ""
    pictures: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a channel would send, as a person can look at it.

    `html` is the page of a letter, complete in itself: to be shown where no script runs. `pieces`
    are those of an issue in their order, its pictures where they arrive.
    """

    text: str
    buttons: tuple[tuple[str, ...], ...] = ()
    html: str = ""
    pieces: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel can carry. `push` False: rows are pulled, the worker never claims them.

    `seconds` is the hard limit of one send, at most 60: a lease lasts 90 (S11). `per_domain`: so
    many a second to addresses of one mail domain; 0: no limit of its own.
    """

    text: int
    file_bytes: int
    per_second: float
    per_chat: float
    push: bool = True
    personal: str = "yes"  # yes: may be asked here; offer: only with recorded consent; no: never
    seconds: float = 15.0
    per_domain: float = 0.0


class Channel(Protocol):
    """A road out."""

    name: str
    limits: Limits

    def preview(self, parcel: Parcel) -> Preview: ...
    async def deliver(self, parcel: Parcel) -> Delivery: ...
    async def fetch(self, locator: str, most: int) -> bytes:
        """Get a file that a person sent; raises `Refused` when it is too large or not allowed."""
        ...
