"""What the public pages and the public API are given by `bot.app`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from bot.channel import Inbound
from bot.dialogs.events import Attached
from bot.dialogs.replies import Called, Reply
from bot.handlers.chat.guard import WebLimits
from bot.handlers.chat.shape import Say
from bot.handlers.pages import origins
from bot.receive import Received

if TYPE_CHECKING:
    from bot.dialogs.form import Context
    from bot.documents.letters import Letter
    from bot.handlers.chat.book import Book
    from bot.handlers.chat.readers import Readers
    from bot.locale import Texts
    from bot.services.moves import MoveForm
    from bot.services.publishing import Published
    from bot.services.status import Status
    from storage.receipts import Receipt

CHANNEL = "web"
ACCOUNT = "web"


class Talk(Protocol):
    """The door to the receiver, as the web needs it."""

    async def receive(self, inbound: Inbound) -> Received: ...
    async def show(
        self, channel: str, account: str, address: str, lang: str | None
    ) -> Received: ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that lies ready for a conversation; `seq` counts per peer, without gaps."""

    peer_id: int
    seq: int
    lang: str
    reply: Reply


@dataclass(frozen=True, slots=True)
class Case:
    """A filing as its reporter may see it, with what may be done and what its forms look up."""

    status: "Status"
    moves: "tuple[MoveForm, ...]"
    ctx: "Context"


@dataclass(frozen=True, slots=True)
class Deed:
    """A move that a reporter makes; `command` is the id of the form it came from."""

    version: int
    action: str
    answers: Mapping[str, object]
    command: str


class Backing(Protocol):
    """What the pages do beside talking; synchronous, each call one transaction of its own.

    Every method may raise `Overloaded` when the database is away. `book` reads what is published.
    """

    @property
    def book(self) -> "Book": ...

    @property
    def readers(self) -> "Readers":
        """Do what the pages of the news do."""
        ...

    def find(self, address: str) -> int | None:
        """Give the peer of a conversation; None for one that never was or was erased."""
        ...

    def seen(self, peer_id: int) -> int:
        """Give the last `seq` that a page loaded anew need not be given."""
        ...

    def waiting(self, after: Mapping[int, int]) -> Sequence[Waiting]:
        """Give what lies beyond these cursors, by `seq`; one query tells for all who has news."""
        ...

    def mark_seen(self, peer_id: int, upto: int) -> None:
        """Note what arrived: it is no work item for anybody any more."""
        ...

    def mine(self, peer_id: int) -> Mapping[str, Any]:
        """Give everything that is kept about somebody, as plain values."""
        ...

    def published(self) -> "Published | None":
        """Give the figures for everybody; None where the agency publishes none."""
        ...

    def keep(self, address: str, name: str, data: bytes) -> Attached:
        """Keep an uploaded file; raises `Refused` file.kind, file.size, file.budget."""
        ...

    def keep_for(self, filing_id: int, name: str, data: bytes) -> Attached:
        """Keep a file of somebody who has shown the code of a filing; raises as `keep`."""
        ...

    def offered(self, secret: str) -> tuple[str, str] | None:
        """Look at a one-time link without using it up: (dialog or code, channel it came from)."""
        ...

    def move_dialog(
        self,
        secret: str,
        digits: str,
        address: str,
        lang: str,
        *,
        tell_number: bool,
        over: bool = False,
    ) -> None:
        """Move a dialog into this conversation, `over` a draft that stands there.

        Raises `Refused` link.gone, link.number, link.draft.
        """
        ...

    def show_code(self, secret: str) -> tuple[str, Called, str]:
        """Use a code link up: (number, what it is called, new code). Raises `Refused` link.gone."""
        ...

    def typed_back(self, number: str, code: str) -> bool:
        """Note that somebody without a name has kept the code; False when it is not right."""
        ...

    def by_code(self, number: str, code: str, network: str) -> tuple[int, str]:
        """Open a filing by its code: gives its id, and its number as we write it.

        Raises `Refused` code.wrong, code.slow (with `seconds`).
        """
        ...

    def lost(self, receipt: str, number: str) -> "Receipt | None":
        """Give a receipt of ours whose report is not here; asked after `by_code` refused."""
        ...

    def receipt_keys(self) -> Mapping[str, str]:
        """Give the public keys that check our receipts: key id to key."""
        ...

    def case(self, filing_id: int, number: str) -> Case:
        """Read a filing for whoever has shown its code. Raises `Refused` filing.unknown."""
        ...

    def letter(self, filing_id: int, number: str, seq: int) -> "Letter":
        """Make the letter of a notice. Raises `Refused` filing.unknown."""
        ...

    def perform(self, filing_id: int, number: str, deed: Deed) -> "tuple[Reply, ...]":
        """Make a move, once; gives what is said to whoever made it.

        Raises `Refused` move.stale, move.not_now, guard.…; `BadFields`.
        """
        ...

    def seal(self, purpose: str, value: str) -> str:
        """Give a keyed mark of a value, the same in every process of this installation."""
        ...

    def sealed(self, purpose: str, value: str, mark: str) -> bool:
        """Tell whether a mark was made by us for this value."""
        ...


@dataclass(frozen=True, slots=True)
class WebParts:
    """Everything the public pages and the API need, passed in once.

    `url` is the address citizens open: its scheme decides the cookie (browsers keep `__Host-`
    for https only), its origin is the only one that may use the cookie. `site` are the words of
    `site.toml`, `menu` what can be begun: its command and the key of its label. `framed` lets the rehearsal's page show ours beside the desk. `random(n)` gives
    n random bytes.
    """

    talk: Talk
    back: Backing
    texts: "Texts"
    site: Mapping[str, str]
    url: str
    now: Callable[[], datetime]
    random: Callable[[int], bytes]
    menu: tuple[tuple[str, str], ...] = ()
    draft_days: int = 30
    rehearsal: bool = False
    framed: bool = False
    limits: WebLimits = field(default_factory=WebLimits)

    @property
    def secure(self) -> bool:
        return urlsplit(self.url).scheme == "https"

    @property
    def cookie(self) -> str:
        """Name the conversation's cookie."""
        return "__Host-chat" if self.secure else "chat"

    def origins(self, host: str) -> frozenset[str]:
        """Give the origins that may use our cookie; a rehearsal answers to this machine too."""
        return origins(self.url, host, here=self.rehearsal)

    def say(self, lang: str) -> Say:
        """Give the renderer of one language."""
        return Say(self.texts, lang, self.site)
