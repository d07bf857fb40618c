"""A Bot API and a mail server that are not there, as a process of their own.

Lean, so that they are not what is measured. What they accepted outlives whoever sent it, so that
lost and doubled messages can be counted afterwards; `GET /ledger` gives it. With a seed they treat
part of the chats and mailboxes badly (`bot.bench.moods`).

`python -m bot.bench.vendors [--seed 7 --of 20000]` writes both ports to its output, and ends with
its input.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import time
from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from bot.bench.moods import ACCEPTS, ANSWERS, HANG, SILENT, Moods

HOST = "127.0.0.1"
REFUSED = {
    "blocked": b"550 5.1.1 no such user",
    "nobody": b"553 5.1.3 no such name",
    "flood": b"450 4.2.1 try again later",
}
HEAD_END = b"\r\n\r\n"
_length = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_form = re.compile(rb"(?:^|&)chat_id=([^&]*)")
_json = re.compile(rb'"chat_id": ?"?(-?\d+)')
_part = re.compile(rb'name="chat_id"\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]*)')


@dataclass
class Book:
    """What was accepted, in its order: whose it was, and when by the machine's own clock."""

    moods: Moods | None = None
    chats: array[int] = field(default_factory=lambda: array("q"))
    times: array[float] = field(default_factory=lambda: array("d"))
    mails: list[str] = field(default_factory=list)
    mail_times: array[float] = field(default_factory=lambda: array("d"))
    asked: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)

    def mood(self, whom: str) -> str:
        """Say how this one is treated this time."""
        self.asked += 1
        if self.moods is None:
            return "ok"
        chosen = self.moods.next(whom, self.asked)
        self.answers[chosen] += 1
        return chosen

    def plain(self) -> dict[str, Any]:
        return {
            "chats": list(self.chats),
            "times": list(self.times),
            "mails": self.mails,
            "mail_times": list(self.mail_times),
            "asked": self.asked,
            "answers": dict(self.answers),
            "calls": dict(self.calls),
        }


class BotApi(asyncio.Protocol):
    """Telegram's side of one connection: HTTP/1.1, kept open, one request after the other."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(HEAD_END)) >= 0:
            head = self._buffer[:end]
            found = _length.search(head)
            until = end + len(HEAD_END) + (int(found[1]) if found else 0)
            if len(self._buffer) < until:
                return
            body, self._buffer = self._buffer[end + len(HEAD_END) : until], self._buffer[until:]
            self._answer(head.split(b" ", 2)[1].decode(), body)

    def _answer(self, path: str, body: bytes) -> None:
        if path == "/ledger":
            self._write(200, json.dumps(self._book.plain()).encode())
            return
        if path == "/asked":
            self._write(200, b'{"asked":%d}' % self._book.asked)
            return
        method = path.rpartition("/")[2]
        self._book.calls[method] += 1
        if not method.startswith("send"):
            result = {"id": 1, "is_bot": True, "first_name": "b", "username": "bench_bot"}
            self._write(200, json.dumps({"ok": True, "result": result}).encode())
            return
        found = (_json if body[:1] == b"{" else _form).search(body) or _part.search(body)
        chat = int(unquote(found[1].decode())) if found else 0
        mood = self._book.mood(str(chat))
        if mood in ACCEPTS:
            self._book.chats.append(chat)
            self._book.times.append(time.monotonic())
        if mood in HANG:
            return
        if mood in SILENT:
            self._transport.abort()
        elif mood == "ok":
            self._write(200, _accepted(method, chat, len(self._book.chats), body))
        else:
            code, said = ANSWERS[mood]
            self._write(code, said)

    def _write(self, code: int, said: bytes) -> None:
        kind = b"application/json" if said[:1] == b"{" else b"text/html"
        self._transport.write(
            b"HTTP/1.1 %d x\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b"
            % (code, kind, len(said), said)
        )


def _accepted(method: str, chat: int, number: int, body: bytes) -> bytes:
    """Make the vendor's answer; an album is a list with one message for each picture."""
    message = b'{"message_id":%d,"date":1795000000,"chat":{"id":%d,"type":"private"},' % (
        number,
        chat,
    )
    if method == "sendMessage":
        return b'{"ok":true,"result":%b"text":"ok"}}' % message
    photo = b'%b"photo":[{"file_id":"file%d","file_unique_id":"u%d","width":1080,"height":1080}]}'
    if method == "sendPhoto":
        return b'{"ok":true,"result":%b}' % (photo % (message, number, number))
    many = max(1, body.count(b"%22type%22") or body.count(b'"type"'))
    return b'{"ok":true,"result":[%b]}' % b",".join(
        photo % (message, number * 10 + n, number * 10 + n) for n in range(many)
    )


class Mailboxes(asyncio.Protocol):
    """A mail server's side of one connection (RFC 5321), for any address."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._buffer = b""
        self._letter = False
        self._begin()

    def _begin(self) -> None:
        self._to: list[str] = []
        self._mood = "ok"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._say(b"220 bench")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            mark = b"\r\n.\r\n" if self._letter else b"\r\n"
            end = self._buffer.find(mark)
            if end < 0:
                return
            said, self._buffer = self._buffer[:end], self._buffer[end + len(mark) :]
            if self._letter:
                self._letter = False
                self._deliver()
            else:
                self._command(said)

    def _command(self, said: bytes) -> None:
        word = said[:4].upper()
        if word == b"RCPT":
            address = said.partition(b"<")[2].partition(b">")[0].decode()
            self._to = [address]
            self._mood = self._book.mood(address)
            self._say(REFUSED.get(self._mood, b"250 ok"))
        elif word == b"DATA":
            self._letter = True
            self._say(b"354 go on")
        elif word == b"QUIT":
            self._say(b"221 bye")
            self._transport.close()
        elif word == b"EHLO":
            self._say(b"250-bench\r\n250-8BITMIME\r\n250 SMTPUTF8")
        else:
            if word in {b"MAIL", b"RSET"}:
                self._begin()
            self._say(b"250 ok")

    def _deliver(self) -> None:
        if self._mood in ACCEPTS:
            self._book.mails += self._to
            self._book.mail_times.append(time.monotonic())
        if self._mood in HANG:
            return
        if self._mood in SILENT:
            self._transport.abort()
        elif self._mood in {"malformed", "forbidden"}:
            self._say(b"554 5.6.0 not taken")
        elif self._mood in {"server", "proxy"}:
            self._say(b"451 4.3.0 not now")
        else:
            self._say(b"250 taken")
        self._begin()

    def _say(self, line: bytes) -> None:
        self._transport.write(line + b"\r\n")


async def serve(book: Book) -> tuple[asyncio.Server, asyncio.Server]:
    """Listen on two free ports of this machine: the Bot API, the mail server."""
    loop = asyncio.get_running_loop()
    api = await loop.create_server(lambda: BotApi(book), HOST, 0)
    return api, await loop.create_server(lambda: Mailboxes(book), HOST, 0)


def ports(servers: tuple[asyncio.Server, asyncio.Server]) -> dict[str, int]:
    """Name the port of each."""
    names = ("telegram", "smtp")
    return {
        name: int(one.sockets[0].getsockname()[1])
        for name, one in zip(names, servers, strict=True)
    }


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int)
    parser.add_argument("--of", type=int, default=0)
    given = parser.parse_args()
    moods = None if given.seed is None else Moods(given.seed, given.of)
    made = await serve(Book(moods))
    print(json.dumps(ports(made)), flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
