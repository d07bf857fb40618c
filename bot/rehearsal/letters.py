"""The letters that lie in the folder because there is no mail server, as a mail program shows them.

A letter is shown in a frame that runs nothing and fetches nothing: what was written into it may
come from anybody.
"""

import email
import email.policy
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path

from knowledge.calendar import local
from knowledge.korean import moment_text

NAME = re.compile(r"[0-9]{8}T[0-9]{6}-[0-9a-f]{8}\.eml")
"""As `FolderPost` names them: nothing else in the folder is shown."""

SHOWN = 100
LARGEST = 20_000_000
FRAME = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
"""For the page of a letter: no script, no form, pictures inside it alone; a link opens a window."""

_SOURCE = re.compile(r'(<img [^>]*?src=")cid:([^"]{1,200})(")')
_PICTURES = frozenset({"image/png", "image/jpeg"})


@dataclass(frozen=True, slots=True)
class Heading:
    """One letter in the list."""

    name: str
    to: str
    subject: str
    date: str


@dataclass(frozen=True, slots=True)
class Opened:
    """One letter: what stands at its head, its words, and its page where it has one."""

    name: str
    subject: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Letters:
    """The folder `data/mail` of a rehearsal."""

    folder: Path

    def listed(self) -> list[Heading]:
        """Give the newest letters first."""
        if not self.folder.is_dir():
            return []
        names = sorted((one.name for one in self.folder.iterdir()), reverse=True)
        found = [self._heading(name) for name in names if NAME.fullmatch(name)][:SHOWN]
        return [one for one in found if one is not None]

    def opened(self, name: str) -> Opened | None:
        """Give a letter; None for what is none of ours."""
        raw = self._raw(name)
        if raw is None:
            return None
        letter = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        text, html = letter.get_body(("plain",)), letter.get_body(("html",))
        return Opened(
            name=name,
            subject=str(letter["Subject"]),
            headers=tuple((key, str(value)) for key, value in letter.items()),
            text=text.get_content() if text is not None else "",
            html=_whole(html.get_content(), _pictures(letter)) if html is not None else "",
        )

    def _heading(self, name: str) -> Heading | None:
        path = self.folder / name
        if path.is_symlink() or not path.is_file():
            return None
        with path.open("rb") as file:
            head = BytesHeaderParser(policy=email.policy.default).parse(file)
        at = getattr(head["Date"], "datetime", None)
        date = moment_text(local(at)) if at is not None and at.tzinfo is not None else ""
        return Heading(name, str(head["To"]), str(head["Subject"]), date)

    def _raw(self, name: str) -> bytes | None:
        path = self.folder / name
        fits = NAME.fullmatch(name) and path.is_file() and not path.is_symlink()
        return path.read_bytes() if fits and path.stat().st_size <= LARGEST else None


def _pictures(letter: EmailMessage) -> Mapping[str, str]:
    """Give the pictures inside a letter by their Content-ID, as addresses that hold them."""
    return {
        str(part["Content-ID"]).strip("<> "): "data:{};base64,{}".format(
            part.get_content_type(), b64encode(part.get_content()).decode("ascii")
        )
        for part in letter.walk()
        if part["Content-ID"] and part.get_content_type() in _PICTURES
    }


def _whole(html: str, pictures: Mapping[str, str]) -> str:
    """Put the pictures into a page, and let its links open a window of their own."""
    page = _SOURCE.sub(lambda at: at[1] + pictures.get(at[2], "") + at[3], html)
    return page.replace("<head>", '<head><base target="_blank">', 1)
