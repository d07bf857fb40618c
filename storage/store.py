"""Opening the store: every reason not to start is found here, by name (security S6, S22, S32)."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from storage import instance, migrate
from storage.blobs import Blobs
from storage.crypto import KeyRing, Random
from storage.engine import WRITE, HostClock, host_micros, open_engine, parse_url
from storage.errors import StartRefused
from storage.host import FEW, HostLock, boot_id, check_disk, private_file
from storage.transactions import Kind, Store, commit_it
from storage.unit import Key, Unit

__all__ = ["Key", "Kind", "Store", "Unit", "default_url", "open_store"]


def default_url(data_dir: Path) -> str:
    """Give the database of an installation that named none."""
    return f"sqlite:///{data_dir / 'jeokgeuk.db'}"


def open_store(
    database_url: str,
    *,
    kind: Kind,
    secrets: KeyRing,
    data_dir: Path,
    synchronous: Literal["FULL", "NORMAL"] = "FULL",
    host_clock: HostClock = host_micros,
    random: Random = os.urandom,
    commit: Callable[[sa.Transaction], None] = commit_it,
    pool: int = 10,
    options: str = "",
    least: int = FEW,
) -> Store:
    """Open the database and the files beside it; migrates SQLite by itself.

    Raises StartRefused naming the setting: wrong kind, wrong or missing key, a network file
    system, a full disk, a second host, a schema that this code cannot serve.
    `synchronous` NORMAL, `host_clock`, `random`, `commit` are for the bench and for tests.
    """
    url = parse_url(database_url or default_url(data_dir))
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    host: HostLock | None = None
    if url.get_backend_name() == "sqlite":
        file = Path(url.database or "")
        check_disk(file.parent, least=least)
        host = HostLock(file.with_name(file.name + ".host"), boot_id())
        private_file(file)
    engine = open_engine(
        url, synchronous=synchronous, host_clock=host_clock, pool=pool, options=options
    )
    try:
        migrate.on_start(engine, host)
        files = data_dir / "blobs"
        blobs = Blobs(files, random)
        with engine.connect() as conn, conn.execution_options(**{WRITE: True}).begin():
            instance.check_keys(conn, secrets)
            found = instance.check_kind(conn, kind, files, random)
    except sa.exc.OperationalError as error:
        _close(engine, host)
        raise StartRefused("DATABASE_URL", "database", "데이터베이스가 답하지 않습니다") from error
    except BaseException:
        _close(engine, host)
        raise
    return Store(
        engine, secrets, blobs, data_dir, kind, found.hold, random=random, commit=commit, host=host
    )


def _close(engine: sa.Engine, host: HostLock | None) -> None:
    engine.dispose()
    if host is not None:
        host.close()
