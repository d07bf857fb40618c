"""A road to PostgreSQL on which the answer to a COMMIT can get lost."""

import contextlib
import socket
import threading
from typing import Literal

import sqlalchemy as sa

Fault = Literal["none", "drop_answer", "drop_question", "away", "swallow"]


class CommitProxy:
    """Listens on 127.0.0.1; `fault` strikes the next COMMIT, once, or every connection (`away`).

    `drop_answer`: the server commits, nobody hears of it. `drop_question`: it never gets there.
    `swallow`: every line stays open, what goes in is taken and never comes out.
    """

    def __init__(self, url: str) -> None:
        server = sa.make_url(url)
        self._target = f"{server.query['host']}/.s.PGSQL.{server.port or 5432}"
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        changed = server.set(host="127.0.0.1", port=port, query={})
        self.url = changed.render_as_string(hide_password=False)
        self.fault: Fault = "none"
        self.struck = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            if self.fault == "away":
                client.close()
                continue
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            server.connect(self._target)
            threading.Thread(target=self._carry, args=(client, server), daemon=True).start()
            threading.Thread(target=self._copy, args=(server, client), daemon=True).start()

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if b"COMMIT" in data and self.fault in {"drop_answer", "drop_question"}:
                    kind, self.fault = self.fault, "none"
                    self.struck += 1
                    if kind == "drop_answer":
                        client.shutdown(socket.SHUT_RDWR)  # before the server can answer
                        server.sendall(data)
                        server.recv(1)  # now it is committed
                    break
                if self.fault == "swallow":
                    self.struck += 1
                    continue
                server.sendall(data)
        _end(client, server)

    def _copy(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
        _end(client, server)


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
