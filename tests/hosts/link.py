"""A road between a process and whom it needs, on which anything can happen: a program of its own.

`python -m tests.hosts.link NAME=PORT:HOST:PORT …` listens on 127.0.0.1 and carries TCP. Lines of
its input say how a road is from then on:

    db well | db delay 0.2 | db stall | db hole | db cut | db lossy 0.05 | db lose 2

`stall` holds everything back and lets it go when the road is well again. `hole` swallows what is
said on the connections there are, for ever, and no end is told: they are half open. `cut` resets
all and lets nobody in. `lossy` resets a connection by chance. `lose 2`: the answers to the next two
COMMITs are lost with their connections; what else the road does stays as it is.
"""

import asyncio
import contextlib
import random
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.hosts.netns import Host

ROOT = Path(__file__).parent.parent.parent
CHUNK = 65536
Ends = tuple[asyncio.StreamWriter, asyncio.StreamWriter | None]


@dataclass(eq=False)
class Pipe:
    """One connection that is carried; `dead`: swallowed for ever."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter | None = None
    dead: bool = False
    losing: bool = False  # the next answer is lost

    def reset(self) -> None:
        for end in (self.client, self.server):
            if end is not None:
                end.transport.abort()


@dataclass
class Road:
    """One road, as it is now."""

    to: tuple[str, int]
    chance: random.Random
    how: str = "well"
    amount: float = 0.0
    lose: int = 0
    pipes: set[Pipe] = field(default_factory=set)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def become(self, how: str, amount: float) -> None:
        """Be like this from now on."""
        if how == "lose":
            self.lose = int(amount)
            return
        self.how, self.amount = how, amount
        self._changed.set()
        self._changed = asyncio.Event()
        for pipe in list(self.pipes):
            if how == "hole":
                pipe.dead = True
            elif how == "cut":
                pipe.reset()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection to its end."""
        pipe = Pipe(writer)
        self.pipes.add(pipe)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._through(pipe, reader)
        finally:
            self.pipes.discard(pipe)
            pipe.reset()

    async def _through(self, pipe: Pipe, reader: asyncio.StreamReader) -> None:
        if self.how == "cut":
            return
        if self.how == "hole":
            pipe.dead = True
            while await reader.read(CHUNK):
                pass
            return
        await self._weather(pipe)
        back, pipe.server = await asyncio.open_connection(*self.to)
        ways = (
            asyncio.ensure_future(self._copy(pipe, reader, pipe.server, asks=True)),
            asyncio.ensure_future(self._copy(pipe, back, writer_of(pipe), asks=False)),
        )
        _, rest = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for one in rest:
            one.cancel()
        await asyncio.gather(*ways, return_exceptions=True)

    async def _copy(
        self, pipe: Pipe, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, asks: bool
    ) -> None:
        while data := await reader.read(CHUNK):
            await self._weather(pipe)
            if pipe.dead:
                continue
            if asks and self.lose and b"COMMIT" in data:
                self.lose -= 1
                pipe.losing = True
            elif not asks and pipe.losing:
                return
            writer.write(data)
            await writer.drain()
        if pipe.dead and not asks:
            await asyncio.Event().wait()  # not even that the other end has gone is heard

    async def _weather(self, pipe: Pipe) -> None:
        """Wait as long as the road makes wait; raises OSError where it loses the connection."""
        while self.how == "stall":
            await self._changed.wait()
        if self.how == "delay":
            await asyncio.sleep(self.chance.uniform(0.5, 1.0) * self.amount)
        elif self.how == "lossy" and self.chance.random() < self.amount:
            pipe.reset()
            raise OSError("lost")


def writer_of(pipe: Pipe) -> asyncio.StreamWriter:
    return pipe.client


async def serve(words: list[str]) -> None:
    """Open the roads that are named and obey the input until it ends."""
    roads: dict[str, Road] = {}
    servers = []
    for number, word in enumerate(words):
        name, _, way = word.partition("=")
        port, host, other = way.split(":")
        roads[name] = Road((host, int(other)), random.Random(number))
        servers.append(await asyncio.start_server(roads[name].carry, "127.0.0.1", int(port)))
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        name, how, *amount = line.split()
        roads[name].become(how, float(amount[0]) if amount else 0.0)


class Link:
    """The program on a host, as the test steers it."""

    def __init__(self, host: Host, **roads: str) -> None:
        """`roads`: the name of each, and `port:host:port`."""
        words = [f"{name}={way}" for name, way in roads.items()]
        self._process = host.popen(
            [sys.executable, "-m", "tests.hosts.link", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, bufsize=1,
        )  # fmt: skip
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"no road on {host.name}")

    def become(self, road: str, how: str, amount: float = 0.0) -> None:
        self._say(f"{road} {how} {amount}")

    def close(self) -> None:
        for end in (self._process.stdin, self._process.stdout):
            if end is not None:
                end.close()
        self._process.kill()
        self._process.wait()

    def _say(self, line: str) -> None:
        stdin: Any = self._process.stdin
        stdin.write(f"{line}\n")
        stdin.flush()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(sys.argv[1:]))
