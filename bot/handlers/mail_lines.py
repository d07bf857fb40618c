"""Connections to the mail server, kept and used again.

A connection carries one letter at a time. One that the server closed while it lay idle is found
out at its first command, when nothing can have arrived: the letter goes by a new one.
"""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import aiosmtplib

MOST = 4
"""Connections at once; relays often refuse more of one client."""

LETTERS = 100
AGE = 300.0
"""Letters and seconds of one connection: relays end long sessions themselves, some in the midst."""

IDLE = 30.0
"""Seconds without a letter, after which a connection is given up (RFC 5321 4.5.3.2.7 lets the
server wait five minutes; firewalls forget earlier)."""

FIRST = 5.0
"""Seconds for the first answer of a connection that lay idle: it may be half open."""

ANSWER = 15.0
CLOSING = 421
"""The server ends the session, whatever was asked (RFC 5321 3.8): no word about a letter."""


class Closed(Exception):  # noqa: N818 - no error: the next connection will do
    """The server had ended this session before it answered for the first time anew."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. `tls`: from the first byte; `start_tls`: it must be offered (None: may)."""

    host: str
    port: int
    tls: bool
    start_tls: bool | None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    context: ssl.SSLContext | None = None

    def client(self, seconds: float = ANSWER) -> aiosmtplib.SMTP:
        """Give a client of it that is not connected yet; `seconds` for each answer."""
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            use_tls=self.tls,
            start_tls=False if self.tls else self.start_tls,
            tls_context=self.context,
            timeout=seconds,
        )


@dataclass(slots=True)
class Line:
    """One connection. `stale`: it lay idle, and nobody knows whether it still lives."""

    smtp: aiosmtplib.SMTP
    begun: float
    first: float = FIRST
    letters: int = 0
    stale: bool = False
    half: bool = False  # an envelope was begun and no letter given: to be reset

    async def begin(self, sender: str) -> None:
        """Name the sender; raises Closed, and aiosmtplib's errors of a fresh connection."""
        try:
            if self.half:
                await self.smtp.rset(timeout=self.first)
            await self.smtp.mail(sender, timeout=self.first if self.stale else ANSWER)
        except aiosmtplib.SMTPResponseException as said:
            if self.stale and (said.code == CLOSING or not self.smtp.is_connected):
                raise Closed from said
            raise
        except (aiosmtplib.SMTPException, OSError) as gone:
            if self.stale:
                raise Closed from gone
            raise
        self.stale, self.half = False, True

    def close(self) -> None:
        """Say goodbye without waiting for the answer."""
        if self.smtp.is_connected and isinstance(self.smtp.transport, asyncio.WriteTransport):
            self.smtp.transport.write(b"QUIT\r\n")
        self.smtp.close()


class Lines:
    """The connections of one process to one server; `clock` is monotonic."""

    def __init__(
        self,
        server: Server,
        *,
        most: int = MOST,
        first: float = FIRST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._first = first
        self._clock = clock
        self._gate = asyncio.Semaphore(most)
        self._idle: list[Line] = []
        self._tidying: asyncio.TimerHandle | None = None

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait until one more connection may be used."""
        await self._gate.acquire()
        try:
            yield
        finally:
            self._gate.release()

    async def take(self, *, fresh: bool = False) -> Line:
        """Give a connection that lies idle, or a new one; raises what connecting raises."""
        while self._idle and not fresh:
            line = self._idle.pop()
            if line.smtp.is_connected and not self._old(line):
                line.stale = True
                return line
            line.close()
        smtp = self._server.client()
        try:
            await smtp.connect()
        except BaseException:
            smtp.close()
            raise
        return Line(smtp, self._clock(), self._first)

    def put(self, line: Line) -> None:
        """Keep a connection for the next letter, unless it has done its share."""
        line.letters += 1
        if not line.smtp.is_connected or self._old(line) or line.letters >= LETTERS:
            line.close()
            return
        self._idle.append(line)
        if self._tidying is not None:
            self._tidying.cancel()
        self._tidying = asyncio.get_running_loop().call_later(IDLE, self.hang_up)

    def hang_up(self) -> None:
        """Close what lies idle."""
        if self._tidying is not None:
            self._tidying.cancel()
            self._tidying = None
        while self._idle:
            self._idle.pop().close()

    def _old(self, line: Line) -> bool:
        return self._clock() - line.begun > AGE
