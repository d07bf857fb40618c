"""How a letter leaves: SMTP, or a folder of `.eml` files that somebody else carries away.

Only what the mail server itself said is a verdict on a letter. A server that does not answer, or
does not know us, is a fault of the channel, and no letter is blamed for it (S10). A letter that
was handed over without an answer may have arrived (S12).
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bot.channel import Delivered, Delivery, Later, Never, Unknown
from bot.errors import BadStart
from storage.files import keep

ASKING, HANDING = 25.0, 15.0
"""Seconds for finding the server and naming both ends, and for giving it the letter. Apart,
because only what was being given may have arrived; together below the lease of 90 s (S11)."""

AGAIN = 3600.0
"""Greylisting and full mailboxes pass in an hour; after five tries a person looks (S10)."""

FAULT = 60.0
NOBODY = frozenset({550, 551, 553})
"""Codes that are about the mailbox itself (RFC 5321 4.2.3): not here, moved, no such name."""


class Post(Protocol):
    """Carries one letter to one address."""

    async def send(self, letter: EmailMessage, sender: str, address: str) -> Delivery: ...


@dataclass(frozen=True, slots=True)
class SmtpPost:
    """A mail server. `tls`: from the first byte; `start_tls`: it must be offered (None: may)."""

    host: str
    port: int
    tls: bool
    start_tls: bool | None
    username: str | None = None
    password: str | None = None
    context: ssl.SSLContext | None = None

    async def send(self, letter: EmailMessage, sender: str, address: str) -> Delivery:
        server = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            use_tls=self.tls,
            start_tls=False if self.tls else self.start_tls,
            tls_context=self.context,
            timeout=HANDING,
        )
        try:
            refusal = await _ask(server, sender, address)
            return await _hand_over(server, letter) if refusal is None else refusal
        finally:
            server.close()


async def _ask(server: aiosmtplib.SMTP, sender: str, address: str) -> Delivery | None:
    """Find the server and name sender and reader; None: it takes a letter for them."""
    try:
        async with asyncio.timeout(ASKING):
            await server.connect()
            await server.mail(sender)
            await server.rcpt(address)
    except aiosmtplib.SMTPAuthenticationError:
        return Later(FAULT, counts=False, fault="smtp_login")
    except aiosmtplib.SMTPSenderRefused:
        return Later(FAULT, counts=False, fault="smtp_sender")
    except aiosmtplib.SMTPRecipientRefused as refused:
        return _refused(refused.code)
    except (aiosmtplib.SMTPException, OSError):  # a time-out is an OSError too
        return Later(FAULT, counts=False, fault="smtp_connect")
    return None


async def _hand_over(server: aiosmtplib.SMTP, letter: EmailMessage) -> Delivery:
    try:
        await server.data(letter.as_bytes(policy=WIRE))
    except aiosmtplib.SMTPDataError as refused:
        return Never("mail_refused") if refused.code >= 500 else Later(AGAIN)
    except (aiosmtplib.SMTPException, OSError):
        return Unknown()
    return Delivered(str(letter["Message-ID"]))


def _refused(code: int) -> Delivery:
    if code in NOBODY:
        return Never("mail_nobody", peer_gone=True)
    return Never("mail_refused") if code >= 500 else Later(AGAIN)


@dataclass(frozen=True, slots=True)
class FolderPost:
    """A folder with one `.eml` file per letter, readable by its owner only."""

    folder: Path
    now: Callable[[], datetime]
    random: Callable[[int], bytes]

    async def send(self, letter: EmailMessage, sender: str, address: str) -> Delivery:  # noqa: ARG002
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{self.now():%Y%m%dT%H%M%S}-{self.random(4).hex()}.eml"
        path = self.folder / name
        keep(path, letter.as_bytes(policy=WIRE), self.random)
        return Delivered(name)


def post(
    url: str | None, folder: Path, now: Callable[[], datetime], random: Callable[[int], bytes]
) -> Post:
    """Make the way out: `smtp://user:password@host:587`, `smtps://…:465`, or None for the folder.

    Words leave a machine only under TLS; a server on this machine may do without. Raises
    `BadStart` for an address that is none.
    """
    if url is None:
        return FolderPost(folder, now, random)
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise BadStart("settings", "SMTP_URL", "smtp:// 또는 smtps:// 주소가 아닙니다")
    tls = parts.scheme == "smtps"
    home = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return SmtpPost(
        parts.hostname,
        parts.port or (465 if tls else 587),
        tls,
        None if home else True,
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
    )
