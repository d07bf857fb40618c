"""Opening the store: every reason not to start is found here, by name (security S6, S22, S32)."""

import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from storage import erasures, faults, instance, migrate, replica, roles
from storage.blobs import Blobs
from storage.crypto import KeyRing, Random
from storage.engine import (
    WRITE,
    HostClock,
    file_of,
    host_micros,
    open_engine,
    parse_url,
    quick_check,
)
from storage.erasures import Ledger
from storage.host import FEW, HostLock, own_folder, taken
from storage.learning import Learner
from storage.limits import OF_PART, SIZE, Limits
from storage.rotation import Arranged
from storage.transactions import Common, Kind, Store, commit_it
from storage.unit import Key, Unit

QUEUE = 20.0
"""Seconds until another process that opens the database has got out of the way."""

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
    pool: int = SIZE,
    limits: Limits | None = None,
    replica_url: str = "",
    least: int = FEW,
    erasures_copy: Path | None = None,
    part: instance.Part = "all",
    reload: Callable[[], KeyRing] | None = None,
    restoring: bool = False,
) -> Store:
    """Open the database and the files beside it; migrates SQLite by itself.

    Raises StartRefused naming the setting: wrong kind, wrong or missing key, a network file
    system, a full disk, a second host, a schema that this code cannot serve.
    `erasures_copy` is the second place of the erasure ledger. `part` says what the process is;
    `reload` reads its key files anew, for a key that comes while it runs. On PostgreSQL `pool` is
    how many connections each part may hold, `limits` how long (of `storage.limits`, by the part),
    `replica_url` a copy for `Store.stale`.
    `restoring` opens what a restore has not finished.
    `synchronous` NORMAL, `host_clock`, `random`, `commit` are for the bench and for tests.
    """
    url = parse_url(database_url or default_url(data_dir))
    own_folder(data_dir, "JEOKGEUK_DATA")
    with taken(file_of(url), least) as host:
        engine = open_engine(
            url, synchronous=synchronous, host_clock=host_clock, pool=pool,
            limits=limits or OF_PART[part],
        )  # fmt: skip
        try:
            quick_check(engine)
            migrate.on_start(engine, host)
            files = data_dir / "blobs"
            own_folder(files, "JEOKGEUK_DATA")
            blobs = Blobs(files, random)
            arranged, found = _looked_over(
                engine, secrets, part, kind, files, random, restoring=restoring
            )
            copied = replica.opened(replica_url, url, found.generation, part, pool)
        except BaseException as error:
            _close(engine, host)
            if isinstance(error, sa.exc.DBAPIError):
                raise (faults.refusal(error, url) or error) from error
            raise
    learner = Learner(secrets, f"{part}@{platform.node()}:{random(4).hex()}", reload)
    ring = learner.start(arranged)
    return Store(
        engine, Common(ring, found.hold), blobs, data_dir, kind,
        random=random, commit=commit, host=host, learner=learner, replica=copied,
        pools=_several(url, pool) if part == "all" and host is None else None,
        erasures=Ledger(data_dir / erasures.NAME, ring, random, erasures_copy),
    )  # fmt: skip


def _looked_over(
    engine: sa.Engine, secrets: KeyRing, part: instance.Part, kind: Kind, files: Path,
    random: Random, *, restoring: bool,
) -> tuple[Arranged, instance.Found]:  # fmt: skip
    """Look at account, keys and kind, one process at a time; raises StartRefused."""
    with engine.connect() as conn, conn.execution_options(**{WRITE: True}).begin():
        migrate.one_at_a_time(conn, migrate.OPENING, QUEUE)
        if not restoring:  # the owner of the tables puts a backup back
            roles.refuse(roles.standing(conn), part)
        arranged = instance.check_keys(conn, secrets, part)
        return arranged, instance.check_kind(conn, kind, files, random, restoring=restoring)


def _several(url: sa.URL, pool: int) -> Callable[[str], sa.Engine]:
    """Give what opens the pool of a part, in a process that holds several."""
    return lambda part: open_engine(url, pool=pool, limits=OF_PART[part])


def _close(engine: sa.Engine, host: HostLock | None) -> None:
    engine.dispose()
    if host is not None:
        host.close()
