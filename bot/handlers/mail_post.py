"""How a letter leaves: SMTP, or a folder of `.eml` files that somebody else carries away.

Only what the mail server itself said is a verdict on a letter. A server that does not answer, or
does not know us, is a fault of the channel, and no letter is blamed for it (S10). A letter that
was handed over without an answer may have arrived (S12).
"""

import asyncio
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bot.channel import Delivered, Delivery, Later, Never, Unknown
from bot.errors import BadStart
from bot.handlers.mail_lines import CLOSING, Closed, Line, Lines, Server
from storage.files import keep

WAITING, ASKING, HANDING = 12.0, 18.0, 28.0
"""Seconds for a free connection; for finding the server and naming both ends; for giving it the
letter, which many servers look through before they answer. Apart, because only what was being
given may have arrived; together below the 60 of a send and the lease of 90 (S11)."""

SOON = 5.0
AGAIN = 3600.0
"""Greylisting and full mailboxes pass in an hour; after five tries a person looks (S10)."""

FAULT = 60.0
NOBODY = frozenset({550, 551, 553})
"""Codes that are about the mailbox itself (RFC 5321 4.2.3): not here, moved, no such name."""

PASSES = frozenset({"5.2.2", "5.3", "5.4", "5.5", "5.6", "5.7"})
"""Classes of RFC 3463 that a server calls final and that do not say "nobody is here": a full
mailbox, its own trouble, the road, our words, its rules. A provider that lists our server for a
day refuses everybody in one hour with 550 5.7.1: that must not end every subscription."""

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it goes over the wire, lines ended by CR LF; `id` is its Message-ID."""

    id: str
    wire: bytes


class Post(Protocol):
    """Carries one letter to one address."""

    async def send(self, letter: Letter, sender: str, address: str) -> Delivery: ...

    async def close(self) -> None:
        """Close what was kept open."""


class SmtpPost:
    """A mail server, and the connections to it that are kept."""

    def __init__(
        self, server: Server, lines: Lines | None = None, *, waiting: float = WAITING
    ) -> None:
        self.server = server
        self._waiting = waiting
        self._lines = lines or Lines(server)

    async def send(self, letter: Letter, sender: str, address: str) -> Delivery:
        try:
            async with asyncio.timeout(self._waiting) as limit, self._lines.place():
                limit.reschedule(None)
                return await self._send(letter, sender, address)
        except TimeoutError:
            return Later(SOON, counts=False)

    async def close(self) -> None:
        self._lines.hang_up()
        await asyncio.sleep(0)  # the loop closes what was left at its next turn

    async def _send(self, letter: Letter, sender: str, address: str) -> Delivery:
        line, refusal = await self._ask(sender, address)
        if line is None:
            return refusal or Later(FAULT, counts=False, fault="smtp_connect")
        try:
            verdict = refusal or await _hand_over(line, letter)
        except BaseException:
            line.smtp.close()
            raise
        self._lines.put(line)
        return verdict

    async def _ask(self, sender: str, address: str) -> tuple[Line | None, Delivery | None]:
        """Find the server and name sender and reader; no verdict yet: it takes a letter for them.

        A connection that was closed while it lay idle counts as none: nothing can have arrived.
        """
        try:
            async with asyncio.timeout(ASKING):
                line = await self._lines.take()
                try:
                    return line, await _name(line, sender, address)
                except Closed:
                    line.smtp.close()
                line = await self._lines.take(fresh=True)
                return line, await _name(line, sender, address)
        except aiosmtplib.SMTPAuthenticationError:
            return None, Later(FAULT, counts=False, fault="smtp_login")
        except (aiosmtplib.SMTPException, OSError):  # a time-out is an OSError too
            return None, Later(FAULT, counts=False, fault="smtp_connect")


async def _name(line: Line, sender: str, address: str) -> Delivery | None:
    """Name sender and reader; None: the server takes a letter for them. Raises Closed."""
    try:
        await line.begin(sender)
        await line.smtp.rcpt(address)
    except aiosmtplib.SMTPSenderRefused as refused:
        if refused.code == CLOSING:
            return _busy()
        return Later(FAULT, counts=False, fault="smtp_sender")
    except aiosmtplib.SMTPRecipientRefused as refused:
        return _refused(refused.code, refused.message)
    except BaseException:
        line.smtp.close()
        raise
    return None


async def _hand_over(line: Line, letter: Letter) -> Delivery:
    try:
        async with asyncio.timeout(HANDING):
            await line.smtp.data(letter.wire, timeout=HANDING)
    except aiosmtplib.SMTPDataError as refused:
        if refused.code == CLOSING:
            return _busy()
        return Never("mail_refused") if refused.code >= 500 else Later(AGAIN)
    except (aiosmtplib.SMTPException, OSError):
        line.smtp.close()
        return Unknown()
    line.half = False
    return Delivered(letter.id)


def nobody(code: int | None, said: str) -> bool:
    """Tell whether a refusal is about the mailbox itself: its code, and the finer one behind it."""
    status = _STATUS.search(said)
    if status is None or (status[1] == "5" and int(status[2]) == 0):  # 5.0: nothing finer
        return code in NOBODY if code else status is not None
    return status[1] == "5" and not {status[0], f"5.{status[2]}"} & PASSES


def _refused(code: int, said: str) -> Delivery:
    if code == CLOSING:
        return _busy()
    if code >= 500 and nobody(code, said):
        return Never("mail_nobody", peer_gone=True)
    return Never("mail_refused") if code >= 500 else Later(AGAIN)


def _busy() -> Later:
    """Say that the server turns everybody away just now."""
    return Later(FAULT, counts=False, fault="smtp_busy")


@dataclass(frozen=True, slots=True)
class FolderPost:
    """A folder with one `.eml` file per letter, readable by its owner only."""

    folder: Path
    now: Callable[[], datetime]
    random: Callable[[int], bytes]

    async def send(self, letter: Letter, sender: str, address: str) -> Delivery:  # noqa: ARG002
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{self.now():%Y%m%dT%H%M%S}-{self.random(4).hex()}.eml"
        path = self.folder / name
        keep(path, letter.wire, self.random)
        return Delivered(name)

    async def close(self) -> None:
        """Do nothing: every file is closed already."""


def post(
    url: str | None, folder: Path, now: Callable[[], datetime], random: Callable[[int], bytes]
) -> Post:
    """Make the way out: a mail server, or None for the folder. Raises `BadStart`."""
    return FolderPost(folder, now, random) if url is None else SmtpPost(server(url))


def server(url: str, context: ssl.SSLContext | None = None) -> Server:
    """Read `smtp://user:password@host:587` or `smtps://…:465`.

    Words leave a machine only under TLS; a server on this machine may do without. Raises
    `BadStart` for an address that is none.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise BadStart("settings", "SMTP_URL", "smtp:// 또는 smtps:// 주소가 아닙니다")
    tls = parts.scheme == "smtps"
    home = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return Server(
        parts.hostname,
        parts.port or (465 if tls else 587),
        tls,
        None if home else True,
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
        context,
    )
