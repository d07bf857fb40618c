"""The whole installation on its hosts: a database, two hosts for citizens, two that work."""

import contextlib
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

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

    @property
    def doors(self) -> list[str]:
        """Give the addresses at which citizens are served."""
        return [one.address for one in self.fleet.members.values() if one.words == PUBLIC]

    def begin(self) -> None:
        """Start everybody, the desk first, and wait until all say that they are well."""
        for member in self.fleet.members.values():
            self.fleet.start(member)
        self.outside.open()
        if not until(self.outside.all_well, STARTS):
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
    copies: Callable[[Network, Server], str] | None = None,
) -> Generator[Town]:
    """Build it. `shifts` are the clocks of the first and the second host of each kind.

    With `copies` the processes go to the database directly, by the address with every host that
    it gives (`{role}` in it is whose account); otherwise over a road on which anything can happen.
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
        if copies is not None:
            address = copies(net, server)
        first, second = shifts
        fleet.add("desk", hosts["work1"], DESK, DESK_AT)
        fleet.add("public1", hosts["public1"], PUBLIC, SERVES, first)
        fleet.add("public2", hosts["public2"], PUBLIC, SERVES, second)
        fleet.add("work1", hosts["work1"], WORK, WORKS, second)
        fleet.add("work2", hosts["work2"], WORK, WORKS, first)
        outside = Outside(net.outside, fleet.members, seed)
        stack.callback(fleet.stop)
        yield Town(net, server, fleet, outside, links)


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
