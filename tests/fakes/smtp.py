"""A mail server in the test's own loop: it keeps what it took, and says what it was told to say."""

import asyncio
import email
import email.policy
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP


class Box:
    """`rcpt`, `data`, `mail`: the answer instead of 250; "hang up" closes the connection.

    `sessions` are the connections that were opened, `said` the commands of all of them. Each
    letter that begins to come is in `coming`, and waits for `slow`.
    """

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str], bytes]] = []
        self.sessions: list[SMTP] = []
        self.said: list[str] = []
        self.rcpt = self.data = self.mail = ""
        self.coming: asyncio.Queue[SMTP] = asyncio.Queue()
        self.slow = asyncio.Event()
        self.slow.set()
        self.left = asyncio.Event()
        self.most = 0
        self._now = 0

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        self.said.append("MAIL")
        if self.mail == "hang up":
            server.transport.close()
            return "421 bye"
        if self.mail:
            return self.mail
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        self.said.append("RCPT")
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_RSET(self, server, session, envelope):  # noqa: N802
        self.said.append("RSET")
        return "250 OK"

    async def handle_QUIT(self, server, session, envelope):  # noqa: N802
        self.said.append("QUIT")
        self.left.set()
        return "221 Bye"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self._now += 1
        self.most = max(self.most, self._now)
        self.coming.put_nowait(server)
        await self.slow.wait()
        self._now -= 1
        if self.data == "hang up":
            server.transport.close()
            return "421 bye"
        if self.data:
            return self.data
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 OK"

    def hang_up(self) -> None:
        """Close every connection, as a server does with those that lie idle."""
        for one in self.sessions:
            if one.transport is not None:
                one.transport.close()

    def letter(self, place: int = -1) -> EmailMessage:
        return email.message_from_bytes(self.taken[place][2], policy=email.policy.default)


@asynccontextmanager
async def mailbox(tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[Box, int]]:
    """Give a server and its port; with `tls` it offers STARTTLS."""
    box = Box()

    def session() -> SMTP:
        one = SMTP(
            box,
            decode_data=False,
            enable_SMTPUTF8=True,
            hostname="mx.gaon.example",
            tls_context=tls,
        )
        box.sessions.append(one)
        return one

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0)
    try:
        yield box, server.sockets[0].getsockname()[1]
    finally:
        box.slow.set()
        server.close()
        box.hang_up()
        await asyncio.sleep(0)
