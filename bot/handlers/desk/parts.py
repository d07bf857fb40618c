"""What the desk is given by `bot.app`, and its cookies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from bot.errors import BadStart
from bot.handlers.chat.guard import Networks
from bot.handlers.pages import origins
from bot.services import guesses
from bot.services.search import Searches
from bot.services.signing import Caller

if TYPE_CHECKING:
    from bot.catalogue import Book
    from bot.channel import Channel
    from bot.services import Desk
    from storage.store import Store

SESSION_SECONDS = 8 * 3600
"""Absolute life of a session (security S30); the services enforce it, the cookie only follows."""


@dataclass(frozen=True, slots=True)
class DeskParts:
    """Everything the desk's pages need, passed in once.

    `url` is the address officials open (scheme and host decide the cookies and the origin that
    forms must come from); `channels` show a notice exactly as it would go out; `upload_bytes`
    bounds one file.
    """

    store: "Store"
    svc: "Desk"
    book: "Book"
    url: str
    channels: Mapping[str, "Channel"]
    rehearsal: bool = False
    upload_bytes: int = 10 * 1024 * 1024
    searches: Searches = field(default_factory=Searches)
    networks: Networks = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "networks", Networks(self.svc.now, self.svc.random))
        if not self.secure and not self.rehearsal:
            raise BadStart("settings", "JEOKGEUK_DESK_URL", "운영에서는 https여야 합니다")

    @property
    def base(self) -> str:
        """Where the desk begins on its host: `/desk` beside the citizens' pages, or nothing."""
        return urlsplit(self.url).path.rstrip("/")

    @property
    def secure(self) -> bool:
        return urlsplit(self.url).scheme == "https"

    def origins(self, host: str) -> frozenset[str]:
        """Give the origins a form may come from; `host` is the Host header of the request."""
        return origins(self.url, host, here=self.rehearsal)

    def cookie(self, name: str) -> str:
        """Browsers keep `__Host-` for https; a rehearsal on this machine speaks plain http."""
        return f"__Host-{name}" if self.secure else name

    def caller(self, request: Request, login: str) -> Caller:
        """Tell where a request comes from, and whether this browser is known to `login`."""
        host = request.client.host if request.client else ""
        cookies = request.cookies
        known = cookies.get(self.cookie(_known(login)), "")
        return Caller(self.networks.name(host), host, known, cookies.get(self.cookie("desk"), ""))

    def remember(self, answer: Response, login: str, device: str) -> None:
        """Let the browser be known to `login`, so that strangers' guesses cannot keep it out."""
        seconds = int(guesses.REMEMBERED.total_seconds())
        self.set_cookie(answer, _known(login), device, seconds)

    def set_cookie(
        self,
        answer: Response,
        name: str,
        value: str,
        seconds: int | None,
        *,
        same: Literal["strict", "lax"] = "strict",
    ) -> None:
        """Set a cookie of ours; "lax" comes along when another site sends the browser back."""
        answer.set_cookie(
            self.cookie(name),
            value,
            max_age=seconds,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite=same,
        )

    def drop_cookie(self, answer: Response, name: str) -> None:
        answer.delete_cookie(
            self.cookie(name), path="/", secure=self.secure, httponly=True, samesite="strict"
        )


def _known(login: str) -> str:
    """Name the cookie of a known browser: several officials may share one machine."""
    return f"desk-known-{guesses.account(login)[:8]}"
