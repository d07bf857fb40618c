"""One engine per process, for SQLite or PostgreSQL."""

import re
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url

from storage import acting, behind, lines
from storage.errors import StartRefused
from storage.limits import PUBLIC, SIZE, Limits

WRITE = "jeokgeuk_write"
HostClock = Callable[[], int]


def host_micros() -> int:
    """Give the host's clock: on SQLite, the database's own (security S11)."""
    return time.time_ns() // 1000


def parse_url(database_url: str, setting: str = "DATABASE_URL") -> URL:
    """Read DATABASE_URL; PostgreSQL always means psycopg 3.

    Several hosts (`h1:5432,h2:5432`, as libpq writes them) are tried in their order.
    """
    plain, hosts, ports = _hosts(database_url)
    try:
        url = make_url(plain)
    except (sa.exc.ArgumentError, ValueError) as error:  # ValueError: the port
        raise StartRefused(setting, "value", "데이터베이스 주소가 아닙니다") from error
    if hosts:
        url = url.update_query_dict({"host": hosts, "port": ports})
    if url.drivername in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise StartRefused(setting, url.drivername, "sqlite나 postgresql이어야 합니다")
    if url.drivername == "sqlite" and url.database in {None, "", ":memory:"}:
        raise StartRefused(setting, "sqlite", "파일이 있어야 합니다")
    return url


def _hosts(url: str) -> tuple[str, str, str]:
    """Take several hosts out of an address; the address without them, hosts, ports."""
    found = re.match(r"([a-z0-9+]+://(?:[^/?#]*@)?)([^/?#]*,[^/?#]*)(.*)", url, re.DOTALL)
    if found is None:
        return url, "", ""
    before, listed, after = found.groups()
    parts = [re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::([0-9]*))?", one) for one in listed.split(",")]
    if None in parts:
        return "", "", ""
    hosts = ",".join(one[1].strip("[]") for one in parts if one)
    return before + after, hosts, ",".join(one[2] or "5432" for one in parts if one)


def file_of(url: URL) -> Path | None:
    """Name the file of a SQLite database; None for a server."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def open_engine(
    url: URL,
    *,
    synchronous: Literal["FULL", "NORMAL"] = "FULL",
    host_clock: HostClock = host_micros,
    pool: int = SIZE,
    limits: Limits = PUBLIC,
    patience: float = 30.0,
    writes: bool = True,
) -> sa.Engine:
    """Make the engine; `patience` is how many seconds SQLite waits for another process.

    `pool` and `limits` are PostgreSQL's. `writes`: only a server that takes writes will do.
    `synchronous` NORMAL may lose the last commits in a power cut: for the bench only.
    """
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, synchronous, host_clock, patience)
    return _postgres(url, pool, limits, writes=writes)


def _sqlite(url: URL, synchronous: str, host_clock: HostClock, patience: float) -> sa.Engine:
    engine = sa.create_engine(
        url, poolclass=sa.QueuePool, connect_args={"timeout": patience, "check_same_thread": False},
        pool_size=16, max_overflow=16, pool_timeout=5, hide_parameters=True,
        pool_use_lifo=True,  # the connection that wrote last has the pages in its cache
    )  # fmt: skip

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: object) -> None:
        raw.isolation_level = None  # BEGIN is ours: the driver's own waits until a write
        answer = raw.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        if answer != "wal":
            raise StartRefused(
                "DATABASE_URL", "journal_mode", f"SQLite가 wal이 아니라 {answer}로 답합니다"
            )
        raw.execute(f"PRAGMA synchronous={synchronous}")
        raw.execute("PRAGMA secure_delete=ON")  # erased stays erased in the file (P17)
        raw.execute("PRAGMA foreign_keys=ON")
        raw.execute("PRAGMA temp_store=MEMORY")
        raw.create_function("host_now", 0, host_clock)

    @event.listens_for(engine, "begin")
    def begin(conn: sa.Connection) -> None:
        begun = "BEGIN IMMEDIATE" if conn.get_execution_options().get(WRITE) else "BEGIN"
        raw: Any = conn.connection.driver_connection
        try:
            raw.execute(begun)  # past SQLAlchemy: every turn begins, and this is 40 µs less
        except sqlite3.OperationalError as error:
            raise sa.exc.OperationalError(begun, None, error) from error

    return engine


def _postgres(url: URL, pool: int, limits: Limits, *, writes: bool) -> sa.Engine:
    told = " ".join(f"-c {name}={value}" for name, value in limits.settings().items())
    asked = {"connect_timeout": limits.connect, "options": told, **lines.TCP}
    if writes:  # of several hosts the primary, wherever it is now
        asked["target_session_attrs"] = "read-write"
    try:
        engine = sa.create_engine(
            url,
            isolation_level="READ COMMITTED",
            hide_parameters=True,  # an error is shown to whoever runs a command
            pool_size=pool,
            max_overflow=0,
            pool_timeout=limits.wait,
            connect_args={name: it for name, it in asked.items() if name not in url.query},
        )
    except ImportError as error:  # it is an extra of the package
        raise StartRefused("DATABASE_URL", "psycopg", "설치되어 있지 않습니다") from error
    lines.listen(engine, limits, writes=writes)
    acting.listen(engine)
    behind.listen(engine)  # after it: who asks is said on the way
    return engine


def quick_check(engine: sa.Engine, seconds: float = 2.0) -> None:
    """Look whether a SQLite file is whole, for so long at most; raises StartRefused.

    A large file is looked at in part: a start must not take minutes, and what is broken further
    behind is told when it is read.
    """
    if engine.dialect.name != "sqlite":
        return
    until = time.monotonic() + seconds
    with engine.connect() as conn:
        raw: Any = conn.connection.driver_connection
        raw.set_progress_handler(lambda: time.monotonic() > until, 10_000)
        try:
            said = raw.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise sa.exc.OperationalError("quick_check", None, error) from error
            said = "ok"
        except sqlite3.DatabaseError as error:
            raise sa.exc.DatabaseError("quick_check", None, error) from error
        finally:
            raw.set_progress_handler(None, 0)
    if said != "ok":
        reason = "SQLite 파일이 깨졌습니다. 지우지 말고 옮겨 둔 뒤 백업에서 되살려 주세요"
        raise StartRefused("DATABASE_URL", str(engine.url.database), reason)
