"""Hosts that are network namespaces of this machine, on a bridge that stands in one of its own.

Nothing is added to the machine's own network: the bridge lives in a namespace too, which is at the
same time the outside world (citizens, messengers). `ip` of iproute2 does all of it, as root. What a
run that was killed has left is taken away by the next one: the names carry the number of the
process that made them.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
OURS = "jeokgeuk-"
PLACES = Path("/run/netns")
BRIDGE = "bridge0"
_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def why_not() -> str:
    """Say in one line why there can be no namespaces here; empty where there can."""
    if os.geteuid() != 0:
        return "test-hosts에는 root가 필요합니다: 네트워크 네임스페이스를 만듭니다"
    if shutil.which("ip") is None:
        return "test-hosts에는 ip(iproute2)가 필요합니다: JEOKGEUK_SETUP=1 make test-hosts"
    tried = Host(f"{OURS}{os.getpid()}-try")
    made = subprocess.run(["ip", "netns", "add", tried.name], capture_output=True, check=False)
    if made.returncode:
        return "이 기계는 네트워크 네임스페이스를 만들게 하지 않습니다(CAP_SYS_ADMIN)"
    tried.remove()
    return ""


def ip(*words: str, of: str = "") -> None:
    """Run `ip`, in a namespace if one is named; raises RuntimeError with what it said."""
    command = ["ip", *(["-n", of] if of else []), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")


@dataclass(frozen=True, slots=True)
class Host:
    """One namespace. `address` is empty for one that stands alone; `port` is its end at the bridge."""

    name: str
    address: str = ""
    bridge: str = ""
    port: str = ""

    def popen(self, command: Sequence[str], **how: Any) -> subprocess.Popen[Any]:
        """Start a program there; its process is the one that is given."""
        return subprocess.Popen(["ip", "netns", "exec", self.name, *command], **how)

    def run(
        self, command: Sequence[str], *, check: bool = True, **how: Any
    ) -> subprocess.CompletedProcess[Any]:
        """Run a program there to its end."""
        whole = ["ip", "netns", "exec", self.name, *command]
        return subprocess.run(whole, check=check, **how)

    def inside(self, work: Callable[[], T]) -> T:
        """Call something there, in a thread of its own: the sockets that it makes stay there."""
        found: list[T] = []
        failed: list[BaseException] = []

        def enter() -> None:
            try:
                self._enter()
                found.append(work())
            except BaseException as error:  # noqa: BLE001 - raised again where it was asked for
                failed.append(error)

        thread = threading.Thread(target=enter, name=self.name, daemon=True)
        thread.start()
        thread.join()
        if failed:
            raise failed[0]
        return found[0]

    def down(self) -> None:
        """Pull the cable: what is sent is lost and nobody is told."""
        ip("link", "set", self.port, "down", of=self.bridge)

    def up(self) -> None:
        ip("link", "set", self.port, "up", of=self.bridge)

    def remove(self) -> None:
        """Kill what runs there and take the namespace away."""
        found = subprocess.run(
            ["ip", "netns", "pids", self.name], capture_output=True, text=True, check=False
        )
        for pid in found.stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True, check=False)

    def _enter(self) -> None:
        """Move the calling thread there, for good."""
        place = os.open(PLACES / self.name, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if _libc.setns(place, _CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), f"setns {self.name}")
        finally:
            os.close(place)


@dataclass(slots=True)
class Network:
    """A bridge and who is on it. `outside` is where the bridge stands, the first address.

    `network` is the first three parts of every address.
    """

    outside: Host
    network: str = "10.77.0"
    hosts: dict[str, Host] = field(default_factory=dict)

    def host(self, name: str) -> Host:
        """Add a host to the bridge: it reaches every other one there, and nothing else."""
        number = len(self.hosts) + 10
        full, port = f"{OURS}{os.getpid()}-{name}", f"port{number}"
        made = Host(full, f"{self.network}.{number}", self.outside.name, port)
        ip("netns", "add", full)
        self.hosts[name] = made
        ip("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", full,
           of=self.outside.name)  # fmt: skip
        ip("link", "set", port, "master", BRIDGE, "up", of=self.outside.name)
        ip("addr", "add", f"{made.address}/24", "dev", "eth0", of=full)
        ip("link", "set", "eth0", "up", of=full)
        ip("link", "set", "lo", "up", of=full)
        return made


@contextlib.contextmanager
def network(name: str = "world") -> Generator[Network]:
    """Make a bridge, and take it away with everybody on it. Two of them have no route between."""
    clear()
    outside = Host(f"{OURS}{os.getpid()}-{name}", "10.77.0.1")
    made = Network(outside)
    ip("netns", "add", outside.name)
    try:
        ip("link", "set", "lo", "up", of=outside.name)
        ip("link", "add", BRIDGE, "type", "bridge", of=outside.name)
        ip("addr", "add", f"{outside.address}/24", "dev", BRIDGE, of=outside.name)
        ip("link", "set", BRIDGE, "up", of=outside.name)
        yield made
    finally:
        for host in (*made.hosts.values(), outside):
            host.remove()


@contextlib.contextmanager
def alone(name: str) -> Generator[Host]:
    """Make a host that has its own loopback and no way to anybody."""
    clear()
    made = Host(f"{OURS}{os.getpid()}-{name}")
    ip("netns", "add", made.name)
    try:
        ip("link", "set", "lo", "up", of=made.name)
        yield made
    finally:
        made.remove()


def clear() -> None:
    """Take away what runs that are no more have left."""
    for name in sorted(place.name for place in PLACES.glob(f"{OURS}*")):
        owner = name.removeprefix(OURS).partition("-")[0]
        if owner.isdecimal() and not Path(f"/proc/{owner}").exists():
            Host(name).remove()


if __name__ == "__main__":
    print(why_not())
