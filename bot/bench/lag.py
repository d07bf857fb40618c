"""A road to PostgreSQL that takes its time: each way of each connection is late by some seconds.

A process of its own, so that it is not the one who measures that waits for it. `python -m
bot.bench.lag SOCKET` listens on a free port of this machine, writes it to its output, and reads how
late it is to be from its input, a number a line; it ends with its input.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from bot.bench.fleet import ROOT

HOST = "127.0.0.1"
PIECE = 65536


@dataclass
class Road:
    """All connections; `late` is of one way, in seconds."""

    target: str
    late: float = 0.0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until either side has had enough."""
        there, back = await asyncio.open_unix_connection(self.target)
        ways = (self._way(reader, back), self._way(there, writer))
        await asyncio.gather(*ways, return_exceptions=True)

    async def _way(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        arriving = asyncio.create_task(self._leave(waiting, writer))
        clock = asyncio.get_running_loop().time
        with contextlib.suppress(OSError):
            while data := await reader.read(PIECE):
                waiting.put_nowait((clock() + self.late, data))
        waiting.put_nowait((clock(), b""))
        await arriving

    async def _leave(
        self, waiting: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        """Give on each piece at its time, in the order in which they came."""
        clock = asyncio.get_running_loop().time
        with contextlib.suppress(OSError):
            while True:
                at, data = await waiting.get()
                if at > clock():
                    await asyncio.sleep(at - clock())
                if not data:
                    break
                writer.write(data)
                await writer.drain()
        writer.close()


async def main(target: str) -> None:
    road = Road(target)
    server = await asyncio.start_server(road.carry, HOST, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        road.late = float(line)
    os._exit(0)  # connections that are still open end with us, and nobody waits for them


@dataclass(frozen=True, slots=True)
class Lag:
    """The road from outside."""

    port: int
    process: subprocess.Popen[str]

    def late(self, seconds: float) -> None:
        """Let an answer of the database come so many seconds later than it would."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{seconds / 2}\n")
        self.process.stdin.flush()


@contextlib.contextmanager
def lag(socket: str | Path) -> Generator[Lag]:
    """Run the road until the end."""
    command = [sys.executable, "-m", "bot.bench.lag", str(socket)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Lag(int(process.stdout.readline()), process)
        finally:
            process.stdin.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
