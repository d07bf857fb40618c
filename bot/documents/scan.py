"""Asking ClamAV about a file, over clamd's own socket (clamd(8), INSTREAM).

The file goes through a socket, never through a folder, and only the verdict comes back: the name
of what was found is not kept, because it may come from the file.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["clean", "found", "away"]
Scan = Callable[[bytes], Verdict]

SECONDS = 30.0
PIECE = 64 * 1024
ANSWER = 4096


@dataclass(frozen=True, slots=True)
class Clamd:
    """`unix:/run/clamav/clamd.ctl` or `tcp://host:3310`; calling it asks about one file."""

    address: str
    seconds: float = SECONDS

    def __call__(self, data: bytes) -> Verdict:
        """Give clean or found; away when nobody answers or the answer is neither."""
        try:
            answer = self._ask(b"zINSTREAM\0", data)
        except OSError:
            return "away"
        if answer.endswith(b" OK"):
            return "clean"
        return "found" if answer.endswith(b" FOUND") else "away"

    def lives(self) -> bool:
        """Tell whether clamd answers a ping."""
        try:
            return self._ask(b"zPING\0", None) == b"PONG"
        except OSError:
            return False

    def _ask(self, command: bytes, data: bytes | None) -> bytes:
        with self._connect() as line:
            line.settimeout(self.seconds)
            line.sendall(command)
            if data is not None:
                for start in range(0, len(data), PIECE):
                    piece = data[start : start + PIECE]
                    line.sendall(len(piece).to_bytes(4, "big") + piece)
                line.sendall(bytes(4))
            answer = b""
            while len(answer) < ANSWER and (more := line.recv(ANSWER)):
                answer += more
        return answer.strip(b"\0\n ")

    def _connect(self) -> socket.socket:
        if self.address.startswith("unix:"):
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                line.settimeout(self.seconds)
                line.connect(self.address.removeprefix("unix:"))
            except OSError:
                line.close()
                raise
            return line
        host, _, port = self.address.removeprefix("tcp://").rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), self.seconds)
