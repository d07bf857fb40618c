"""What the public pages and the public API are given by `bot.app`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from bot.channel import Inbound
from bot.dialogs.events import Attached
from bot.dialogs.replies import Reply
from bot.handlers.chat.guard import WebLimits
from bot.handlers.chat.shape import Say
from bot.receive import Received

if TYPE_CHECKING:
    from bot.locale import Texts
    from bot.services.moves import MoveForm, Performed
    from bot.services.views import Status

CHANNEL = "web"
ACCOUNT = "web"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "testserver"})


class Talk(Protocol):
    """The receiver, as the web needs it: synchronous, called in a thread."""

    def receive(self, inbound: Inbound) -> Received: ...
    def show(self, channel: str, account: str, address: str, lang: str | None) -> Received: ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that lies ready for a conversation; `seq` counts per peer, without gaps."""

    peer_id: int
    seq: int
    lang: str
    reply: Reply


class Backing(Protocol):
    """What the pages do beside talking; synchronous, each call one transaction of its own."""

    def find(self, address: str) -> int | None:
        """Give the peer of a conversation; None for one that never was or was erased."""
        ...

    def seen(self, peer_id: int) -> int:
        """Give the last `seq` that this conversation is known to have got."""
        ...

    def waiting(self, after: Mapping[int, int]) -> Sequence[Waiting]:
        """Give all notices beyond these cursors, for all peers in one query, by `seq`."""
        ...

    def mark_seen(self, upto: Mapping[int, int]) -> None:
        """Note what arrived: these are no work items for anybody any more."""
        ...

    def keep(self, address: str, name: str, data: bytes) -> Attached:
        """Keep an uploaded file; raises `Refused` file.kind, file.size, file.budget."""
        ...

    def offered(self, secret: str) -> tuple[str, str] | None:
        """Look at a one-time link: (dialog or code, channel it came from)."""
        ...

    def move_dialog(self, secret: str, digits: str, address: str) -> str:
        """Move a dialog into this conversation; gives the channel it left. Raises `Refused`."""
        ...

    def show_code(self, secret: str) -> tuple[str, str]:
        """Use a code link up: (number, new code). Raises `Refused`."""
        ...

    def by_code(self, number: str, code: str, network: str) -> "Status":
        """Open a case. Raises `Refused` code.wrong or code.slow (with `seconds`)."""
        ...

    def status(self, number: str) -> "Status | None":
        """Read a case again for somebody who has shown its code already."""
        ...

    def moves(self, number: str) -> "tuple[MoveForm, ...]":
        """Give what the reporter may do with the case now."""
        ...

    def perform(
        self, number: str, version: int, action: str, answers: Mapping[str, object], command: str
    ) -> "Performed":
        """Do it; `command` is the id of this form, so that a second press does nothing more."""
        ...

    def seal(self, purpose: str, value: str) -> str:
        """Give a keyed mark of a value, the same in every process of this installation."""
        ...


@dataclass(frozen=True, slots=True)
class WebParts:
    """Everything the public pages and the API need, passed in once.

    `url` is the address citizens open: its scheme decides the cookie (browsers keep `__Host-`
    for https only), its origin is the only one that may use the cookie. `site` are the words of
    `site.toml`. `framed` lets the rehearsal's page show ours beside the desk. `random(n)` gives
    n random bytes.
    """

    talk: Talk
    back: Backing
    texts: "Texts"
    site: Mapping[str, str]
    url: str
    now: Callable[[], datetime]
    random: Callable[[int], bytes]
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
        parts = urlsplit(self.url)
        own = {f"{parts.scheme}://{parts.netloc}"}
        if self.rehearsal and (urlsplit(f"//{host}").hostname or "") in LOOPBACK:
            own.add(f"http://{host}")
        return frozenset(own)

    def say(self, lang: str) -> Say:
        """Give the renderer of one language."""
        return Say(self.texts, lang, self.site)
