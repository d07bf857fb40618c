"""The whole installation on its hosts: a database, two hosts for citizens, two that work."""

import contextlib
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.hosts.fleet import DESK, DESK_AT, PUBLIC, SERVES, WORK, WORKS, Fleet
from tests.hosts.link import Link
from tests.hosts.netns import Host, Network, network
from tests.hosts.outside import API, Outside
from tests.hosts.postgres import NAME, PORT, Server
from tests.hosts.waiting import until

TO_DATABASE, TO_VENDOR = 6432, 6443
STARTS = 120.0


@dataclass
class Town:
    """Everything, as a test sees it; `links` by the name of their host."""

    net: Network
    server: Server
    fleet: Fleet
    outside: Outside
    links: dict[str, Link]
    copy: Server | None = None

    @property
    def doors(self) -> list[str]:
        """Give the addresses at which citizens are served."""
        return [one.address for one in self.fleet.members.values() if one.words == PUBLIC]

    def begin(self) -> None:
        """Start everybody, the desk first, and wait until all say that they are well."""
        for member in self.fleet.members.values():
            self.fleet.start(member)
        self.outside.open()
        members = self.fleet.members.values()
        over = until(
            lambda: self.outside.all_well() or not all(one.alive for one in members), STARTS
        )
        if not over or not self.outside.all_well():
            said = {name: self.fleet.log(name)[-1500:] for name in self.fleet.members}
            raise RuntimeError(f"not everybody began: {said}")

    def end(self) -> list[int]:
        """Ask everybody to end; gives how each ended."""
        ends = self.fleet.stop()
        self.outside.close()
        return ends


@contextlib.contextmanager
def town(
    folder: Path,
    seed: int,
    *,
    shifts: tuple[int, int] = (0, 0),
    copied: Literal["", "synchronous", "asynchronous"] = "",
) -> Generator[Town]:
    """Build it. `shifts` are the clocks of the first and the second host of each kind.

    `copied`: a sixth host follows the database, and the processes know both and go there directly;
    otherwise they go over a road on which anything can happen.
    """
    with network() as net, contextlib.ExitStack() as stack:
        server = Server(net.host("database"), folder / "server")
        server.make()
        stack.callback(server.stop)
        hosts = {name: net.host(name) for name in ("public1", "public2", "work1", "work2")}
        links = {name: stack.enter_context(_link(host, server)) for name, host in hosts.items()}
        address = f"postgresql://{{role}}@127.0.0.1:{TO_DATABASE}/{NAME}"
        fleet = Fleet(
            folder, lambda role: address.format(role=role), f"http://127.0.0.1:{TO_VENDOR}",
            net.outside.address,
        )  # fmt: skip
        fleet.found(server)
        copy = None
        if copied:
            copy = _copy(net, server, folder, wait=copied == "synchronous")
            stack.callback(copy.stop)
            both = ",".join(f"{one.host.address}:{PORT}" for one in (server, copy))
            address = f"postgresql://{{role}}@{both}/{NAME}"
        first, second = shifts
        fleet.add("desk", hosts["work1"], DESK, DESK_AT)
        fleet.add("public1", hosts["public1"], PUBLIC, SERVES, first)
        fleet.add("public2", hosts["public2"], PUBLIC, SERVES, second)
        fleet.add("work1", hosts["work1"], WORK, WORKS, second)
        fleet.add("work2", hosts["work2"], WORK, WORKS, first)
        outside = Outside(net.outside, fleet.members, seed)
        stack.callback(fleet.stop)
        yield Town(net, server, fleet, outside, links, copy)


def _copy(net: Network, server: Server, folder: Path, *, wait: bool) -> Server:
    """Let another host follow the database; with `wait` no commit is answered before it has it."""
    made = Server(net.host("copy"), folder / "copy")
    made.copy_of(server, "copy")
    follows = "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"
    if not until(lambda: server.do(follows)):
        raise RuntimeError("the copy does not follow")
    if wait:
        server.do("ALTER SYSTEM SET synchronous_standby_names = 'copy'")
        server.do("SELECT pg_reload_conf()")
        waits = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
        if not until(lambda: server.do(waits)):
            raise RuntimeError("nobody waits for the copy")
    return made


@contextlib.contextmanager
def _link(host: Host, server: Server) -> Generator[Link]:
    made = Link(
        host,
        db=f"{TO_DATABASE}:{server.host.address}:{PORT}",
        vendor=f"{TO_VENDOR}:10.77.0.1:{API}",
    )
    try:
        yield made
    finally:
        made.close()
