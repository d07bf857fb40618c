"""Letters that came back to the mailbox of the news: read, acted on, and taken away.

Each reader has a mark of his own behind the plus sign of that mailbox (VERP), so nobody has to
guess from a stranger's sentences who was meant: reports of servers (RFC 3464), of complaints
(RFC 5965), and letters that say `unsubscribe`. What cannot be understood stays where it is.
"""

import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Literal

from bot import log
from bot.handlers.mail_post import nobody
from bot.services import bounces
from bot.services.base import Desk
from storage.store import Store
from storage.unit import Unit

_log = log.get(__name__)

MOST = 1_000_000
"""Bytes of one letter; a report has no need of more, and of the letter it returns only the head."""

AT_ONCE = 200
"""Letters of one look; the next one comes in half a minute."""

PARTS = 40
TO = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "to",
    "cc",
)
"""Where the mailbox stands to which a letter came, the surest first."""

BACK = ("return-path", "list-unsubscribe", "original-mail-from")
"""Where the same stands in what was sent, of which a report returns the head."""

Kind = Literal["hard", "soft", "stop", "none"]


@dataclass(frozen=True, slots=True)
class Returned:
    """What a letter says, and of whom; "none": understood, and nothing to do."""

    kind: Kind
    token: str = ""


def read(raw: bytes, mailbox: str, to: str = "") -> Returned | None:
    """Understand a letter that came back to `mailbox`; None for what cannot be understood.

    `to`: the recipient as the mail server names it, where it does.
    """
    if len(raw) > MOST:
        return None
    try:
        return _read(message_from_bytes(raw), mailbox, to)
    except Exception as error:  # noqa: BLE001 - a stranger wrote it; whatever breaks it, it stays
        _log.warning("letter_broken", error=type(error).__name__)
        return None


def _read(letter: Message, mailbox: str, to: str) -> Returned | None:
    parts = list(islice(letter.walk(), PARTS))
    token = _token(mailbox, letter, parts, to)
    report = next((one for one in parts if _type(one) == "message/feedback-report"), None)
    if report is not None:
        told = _fields(report)
        spares = all(one.get("feedback-type", "").strip() == "not-spam" for one in told)
        return _of("none" if spares else "stop", token)
    status = next((one for one in parts if _type(one) == "message/delivery-status"), None)
    if status is not None:
        recipients = [one for one in _fields(status) if _says(one, "action")]
        return _of(_verdict(recipients), token) if recipients else None
    if _says(letter, "subject").casefold() == "unsubscribe":
        return _of("stop", _token(mailbox, letter, (), to))
    answers = _says(letter, "auto-submitted").casefold() not in {"", "no"}
    by_machine = any(letter.get(name) for name in ("x-autoreply", "x-autorespond"))
    return Returned("none") if answers or by_machine else None


def _of(kind: Kind, token: str) -> Returned | None:
    if kind == "none":
        return Returned(kind)
    return Returned(kind, token) if token else None


def _verdict(recipients: list[Message]) -> Kind:
    """Judge what a server says of each recipient: a letter of ours has only one."""
    found: set[Kind] = {"none"}
    for one in recipients:
        if _says(one, "action").casefold() != "failed":
            continue  # delayed, relayed, delivered: it has not given up
        said = f"{_says(one, 'status')} {_says(one, 'diagnostic-code')}"
        code = re.search(r"(?<![\d.])[45]\d\d(?![\d.])", said)
        found.add("hard" if nobody(int(code[0]) if code else None, said) else "soft")
    return "hard" if "hard" in found else "soft" if "soft" in found else "none"


def _token(mailbox: str, letter: Message, parts: Sequence[Message], to: str) -> str:
    local, _, domain = mailbox.rpartition("@")
    ours = re.compile(
        rf"(?<![\w.+-]){re.escape(local)}\+([a-z2-7]{{16,48}})@{re.escape(domain)}(?![\w-]|\.\w)",
        re.IGNORECASE,
    )
    said = [to, *(value for name in TO for value in _all(letter, name))]
    said += [value for part in parts for name in BACK for value in _all(part, name)]
    said += [
        value
        for part in parts
        if _type(part) in {"message/feedback-report", "text/rfc822-headers"}
        for inner in _fields(part)
        for name in BACK
        for value in _all(inner, name)
    ]
    found = next((match for text in said if (match := ours.search(text))), None)
    return found[1].lower() if found else ""


def _fields(part: Message) -> list[Message]:
    """Give the groups of fields of a report: of the whole, and of each recipient."""
    inside = part.get_payload()
    if isinstance(inside, list):
        return [one for one in inside if isinstance(one, Message)]
    plain = part.get_payload(decode=True)
    return [message_from_bytes(plain)] if isinstance(plain, bytes) else []


def _type(part: Message) -> str:
    return part.get_content_type()


def _says(part: Message, name: str) -> str:
    return " ".join(str(part.get(name, "")).split())


def _all(part: Message, name: str) -> list[str]:
    return [" ".join(str(value).split()) for value in part.get_all(name, [])]


@dataclass(slots=True)
class Returns:
    """What came back, in a Maildir of a mail server on this machine, or letter by letter.

    What was understood is deleted: it holds somebody's address and words, and nobody needs them
    any more. The rest stays in `new`, for a person to look at.
    """

    store: Store
    svc: Desk
    mailbox: str
    folder: Path | None = None
    _left: set[str] = field(default_factory=set)

    def take(self, raw: bytes, to: str = "") -> bool | None:
        """Act on one letter, once; tells whether it ended a subscription. None: not understood."""
        back = read(raw, self.mailbox, to)
        if back is None or back.kind == "none":
            return None if back is None else False
        kind, token = back.kind, back.token

        def work(unit: Unit) -> bool:
            return bounces.told(self.svc, unit, token, kind)

        once = f"bounce:{sha256(raw).hexdigest()}"
        ended = self.store.transact(work, once, again=lambda _unit: False)
        _log.info("letter_came_back", kind=kind, ended=ended)
        return ended

    def look(self) -> int:
        """Act on what lies in the folder; gives how many letters were understood."""
        if self.folder is None or self.store.hold:
            return 0
        done = 0
        names = sorted(one.name for one in (self.folder / "new").iterdir())
        for name in [one for one in names if one not in self._left][:AT_ONCE]:
            done += self._one(self.folder / "new" / name)
        self._left &= set(names)
        return done

    def _one(self, path: Path) -> int:
        try:
            about = path.lstat()
            fits = stat.S_ISREG(about.st_mode) and about.st_size <= MOST
            understood = fits and self.take(path.read_bytes()) is not None
        except FileNotFoundError:
            return 0  # another process was faster
        if understood:
            path.unlink(missing_ok=True)
            return 1
        self._left.add(path.name)
        _log.warning("letter_not_understood", large=not fits)
        return 0
