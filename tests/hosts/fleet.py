"""The processes of the service on their hosts: `serve` twice for citizens, a desk, `work` twice.

Each is what an agency would run, in a namespace of its own, with the account and the keys of its
part. Whoever has died is started again, as a service manager would, each time with another clock.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from storage import roles
from storage.crypto import KeyRing, new_desk_text, new_key_text
from storage.key_files import add
from storage.migrate import migrate
from storage.store import Store, open_store
from tests.hosts.netns import Host
from tests.hosts.postgres import Server
from tests.hosts.vendor import SECRET, TOKEN
from tests.services.conftest import SITE, settle_city

ROOT = Path(__file__).parent.parent.parent
SERVES, WORKS, DESK_AT = 8080, 8081, 8082
PLENTY = "\n".join(
    f"budget_{name} = 1000000" for name in ("newcomers", "drafts", "filings", "questions")
)
"""A street of the test has more people in it in an hour than a town."""

PUBLIC = ("serve", "--parts", "public,hooks")
DESK = ("serve", "--parts", "desk")
WORK = ("work",)


@dataclass
class Member:
    """One process; `address` is where its probes answer. `shift` is by how much its clock is wrong."""

    name: str
    host: Host
    words: Sequence[str]
    port: int
    shift: int = 0
    process: subprocess.Popen[Any] | None = None
    since: float = 0.0
    again_at: float = 0.0

    @property
    def address(self) -> str:
        return f"http://{self.host.address}:{self.port}"

    @property
    def role(self) -> str:
        return {DESK: roles.DESK, WORK: roles.WORK}.get(tuple(self.words), roles.PUBLIC)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def figure(self, name: str) -> int:
        """Read a figure of /proc/PID/status: VmRSS in kB, Threads."""
        assert self.process is not None
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
        raise LookupError(name)


@dataclass
class Fleet:
    """All of them. `database` gives the address of the database for a role, `api` the vendor's."""

    folder: Path
    database: Callable[[str], str]
    api: str
    outside: str
    members: dict[str, Member] = field(default_factory=dict)
    kills: int = 0
    starts: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        (self.folder / "keys").mkdir(mode=0o700)
        (self.folder / "logs").mkdir()
        add(self.folder / "keys" / "ring", new_key_text())
        add(self.folder / "keys" / "desk", new_desk_text())
        site = SITE.read_text(encoding="utf-8")
        head, table, rest = site.partition("\n[")
        whole = f"{head}\n{PLENTY}\n{table}{rest}"
        (self.folder / "site.toml").write_text(whole, encoding="utf-8")

    def found(self, server: Server) -> None:
        """Make the tables, the walls and the city."""
        migrate(server.url, with_roles=True)
        for role in roles.ROLES:
            server.do(f"ALTER ROLE {role} LOGIN")
        self.store(server, "desk").close()  # it makes its key known to the others
        store = self.store(server)
        try:
            now = datetime.now(UTC)
            store.transact(lambda unit: settle_city(Fixed(now), unit), None)  # type: ignore[arg-type]
        finally:
            store.close()

    def store(self, server: Server, part: Literal["work", "desk"] = "work") -> Store:
        """Open the database as a part does, past the network."""
        keys = self.folder / "keys"
        ring = KeyRing.from_file(keys / "ring", self.folder / "data", keys / "desk")
        url = server.url.replace("postgres@", f"{roles.PART_ROLES[part]}@")
        return open_store(
            url, kind="service", secrets=ring, data_dir=self.folder / "data", least=0, part=part
        )

    def add(
        self, name: str, host: Host, words: Sequence[str], port: int, shift: int = 0
    ) -> Member:
        self.members[name] = Member(name, host, words, port, shift)
        return self.members[name]

    def start(self, member: Member) -> None:
        """Start one; it lives when its probes say so."""
        log = self.folder / "logs" / f"{member.name}.log"
        with log.open("ab") as said:
            member.process = member.host.popen(
                [sys.executable, "-m", "tests.hosts.shifted", *member.words],
                env=self.environment(member), stdout=said, stderr=said, cwd=ROOT,
            )  # fmt: skip
        member.since, member.again_at = time.monotonic(), 0.0
        self.starts += 1

    def kill(self, member: Member, pause: float, shift: int) -> None:
        """Kill one; `keep` starts it again after `pause` seconds, with a clock that is so wrong."""
        if member.process is not None and member.alive:
            member.process.send_signal(signal.SIGKILL)
            member.process.wait()
            self.kills += 1
        member.shift = shift
        member.again_at = time.monotonic() + pause

    def keep(self) -> list[str]:
        """Start again whoever is not there; names those that ended by themselves.

        Who could not begin because the database was away has said so, and begins again later.
        """
        ended = []
        for member in self.members.values():
            if member.alive:
                continue
            if not member.again_at:
                if self._could_not_begin(member):
                    self.refused += 1
                else:
                    ended.append(member.name)
                member.again_at = time.monotonic() + 1.0
            elif time.monotonic() >= member.again_at:
                self.start(member)
        return ended

    def stop(self) -> list[int]:
        """Ask everybody to end; gives how each ended."""
        alive = [one.process for one in self.members.values() if one.process and one.alive]
        for process in alive:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        ends = []
        for process in alive:
            try:
                ends.append(process.wait(60))
            except subprocess.TimeoutExpired:
                process.kill()
                ends.append(process.wait())
        return ends

    def log(self, name: str) -> str:
        return (self.folder / "logs" / f"{name}.log").read_text(errors="replace")

    def _could_not_begin(self, member: Member) -> bool:
        said = self.log(member.name).splitlines()
        return bool(said) and said[-1].startswith("DATABASE_URL: ")

    def environment(self, member: Member) -> dict[str, str]:
        env = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "PYTHONPATH": str(ROOT),
            "JEOKGEUK_SHIFT": str(member.shift),
            "JEOKGEUK_KIND": "service",
            "JEOKGEUK_DATA": str(self.folder / "data"),
            "JEOKGEUK_SITE": str(self.folder / "site.toml"),
            "JEOKGEUK_PUBLIC_URL": "https://talk.gaon.example",
            "JEOKGEUK_DESK_URL": "https://desk.gaon.example/desk",
            "JEOKGEUK_KEY_FILE": str(self.folder / "keys" / "ring"),
            "JEOKGEUK_BIND": "0.0.0.0",
            "JEOKGEUK_PORT": str(SERVES),
            "JEOKGEUK_DESK_BIND": "0.0.0.0",
            "JEOKGEUK_DESK_PORT": str(DESK_AT),
            "JEOKGEUK_WORK_PORT": str(WORKS),
            "JEOKGEUK_PROXIES": self.outside,
            "JEOKGEUK_LOG": "warning",
            "MAIL_FROM": "noreply@gaon.example",
            "DATABASE_URL": self.database(member.role),
        }
        if member.role != roles.PUBLIC:
            env["JEOKGEUK_DESK_KEY_FILE"] = str(self.folder / "keys" / "desk")
        if member.role != roles.DESK:
            env |= {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": self.api}
            env["TELEGRAM_WEBHOOK_SECRET"] = SECRET
        return env


@dataclass(frozen=True)
class Fixed:
    """What settling a city asks of the service: the time."""

    at: datetime

    def now(self) -> datetime:
        return self.at
