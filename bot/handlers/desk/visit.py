"""What a page of the desk is given: who asks, with what in hand."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.errors import Refused

if TYPE_CHECKING:
    from bot.handlers.desk.parts import DeskParts
    from bot.services.base import Actor


SECRETS = frozenset({"old", "new", "again"})
"""Fields that are never shown again."""
LONGEST_ID = 18
"""Digits of a row's number; more than that fits no database's integer."""


def row_number(text: str) -> int | None:
    """Read the number of a row, or of a version; None for what can be neither."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_ID else None


class Missing(Exception):  # noqa: N818 - an answer, not an accident
    """Not there, or not for this person's eyes: from outside the two look alike."""


class Unproved(Exception):  # noqa: N818 - a question, not an accident
    """The second factor has to be shown before this visit goes on; `error`: it was wrong."""

    def __init__(self, visit: "Visit", error: Refused | None = None) -> None:
        super().__init__()
        self.visit = visit
        self.error = error


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent: words by field, and the files beside them."""

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: Mapping[str, tuple[UploadFile, ...]] = field(default_factory=dict)

    def get(self, name: str) -> str:
        values = self.words.get(name, ())
        return values[-1] if values else ""

    def all(self, name: str) -> tuple[str, ...]:
        return self.words.get(name, ())

    def typed(self) -> list[tuple[str, str]]:
        """Give what a person put in, field by field; nothing where only a button was pressed."""
        words = [
            (name, value)
            for name, values in self.words.items()
            if name not in {"seal", "command", "proof"}
            for value in values
        ]
        return words if any(value for name, value in words if name != "step") else []

    def sentences(self) -> list[str]:
        """Give what a person wrote in words of his own, to be shown to him again."""
        return [value for name, value in self.typed() if " " in value and name not in SECRETS]


@dataclass(frozen=True, slots=True)
class Knock:
    """A request before anybody is known: the pages to sign in and to accept an invitation."""

    parts: "DeskParts"
    request: Request
    token: str  # of the session, or of the door before there is one
    sent: Sent

    @property
    def seal(self) -> str:
        """What a form must carry back: tied to the session, with no way back to its token."""
        return hashlib.sha256(b"desk form\0" + self.token.encode()).hexdigest()

    @property
    def post(self) -> bool:
        return self.request.method == "POST"

    @property
    def network(self) -> str:
        """Where the request comes from: behind a proxy of ours, what that one says."""
        return self.request.client.host if self.request.client else ""

    def asked(self, name: str) -> str:
        """Give a part of the query string."""
        return self.request.query_params.get(name, "").replace("\0", "")

    def path(self, name: str) -> str:
        """Give a part of the path. Raises `Missing` for what can name nothing in a database."""
        part = str(self.request.path_params[name])
        if "\0" in part or (part.isdecimal() and len(part) > LONGEST_ID):
            raise Missing
        return part


@dataclass(frozen=True, slots=True)
class Visit(Knock):
    """A request of an official who has signed in."""

    actor: "Actor"
    stale: bool = False  # the form's seal was of another session: show it again, do nothing


def inside(wanted: str) -> str:
    """Give a place within the desk to go to after signing in; never somebody else's address."""
    parts = urlsplit(wanted)
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    away = parts.scheme or parts.netloc or "\\" in wanted
    if not plain or away or wanted in {"/sign-out", "/prove"}:
        return "/"
    return quote(parts.path, safe="/-_.~")


def see(url: str) -> Response:
    """Send the browser on with a GET, so that a reload repeats nothing."""
    return RedirectResponse(url, status_code=303)
