"""A clamd that knows one virus, EICAR's test string; over TCP or a unix socket."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class _Line(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        command = b""
        while not command.endswith(b"\0"):
            command += self.rfile.read(1)
        if command == b"zPING\0":
            self.wfile.write(b"PONG\0")
            return
        data = b""
        while size := int.from_bytes(self.rfile.read(4), "big"):
            data += self.rfile.read(size)
        answer = self.server.answer  # type: ignore[attr-defined]
        found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in data else b"stream: OK\0"
        self.wfile.write(answer or found)


@contextmanager
def clamd(folder: Path | None = None, answer: bytes = b"") -> Iterator[str]:
    """Run it; gives its address. `answer` is said to everything."""
    kind: Any = (
        socketserver.ThreadingUnixStreamServer if folder else socketserver.ThreadingTCPServer
    )
    server = kind(str(folder / "clamd.ctl") if folder else ("127.0.0.1", 0), _Line)
    server.daemon_threads = True
    server.answer = answer
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        name = server.server_address
        yield f"unix:{name}" if folder else f"tcp://127.0.0.1:{name[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
