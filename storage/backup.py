"""Making a backup of a running service: one moment of the tables, then the files (S13, S36).

Two archives come of it. The data: rows, files, the erasure ledger; kept as long as the agency
likes. The data keys, wrapped: kept seven days, so that whoever was erased stays erased in every
older backup. The key file of the service is in neither.
"""

import contextlib
import fcntl
import json
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from storage import archive, dumping, erasures, migrate, roles
from storage.columns import to_micros
from storage.engine import file_of, open_engine, parse_url
from storage.errors import StartRefused
from storage.host import LAST
from storage.limits import FREE
from storage.models import instance, keys
from storage.transactions import Store

FORMAT = 1
KEYS_LIVE = 7 * 86400.0  # seconds (security S6)
STEPS = 1000  # pages of SQLite copied at a time: writers come between (S22)
PAUSE = 0.005
AGAIN = 3  # times that SQLite may begin anew because somebody wrote; then the rest in one go

Progress = Callable[[str, int, int], None]
"""Told what is at work, how much is done, and of how much (0: unknown)."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was written; `rows` and `files` are how many."""

    data: Path
    keys: Path
    rows: int
    files: int


def quiet(_what: str, _done: int, _all: int) -> None:
    """Tell nobody."""


def backup(store: Store, folder: Path, key: str, at: datetime, progress: Progress = quiet) -> Made:
    """Write a backup into `folder`; half of one never bears its name.

    `at` names it. Raises StartRefused: no public key, no room, one at work already, a newer schema.
    """
    public = archive.recipient(key)
    with _one_at_a_time(store.data_dir):
        _room(store, folder)
        _forget_keys(folder, at)
        name = f"jeokgeuk-{at:%Y%m%dT%H%M%SZ}"
        made = Made(folder / f"{name}.age", folder / f"{name}.keys.age", 0, 0)
        with _moment(store, progress) as conn:
            about = _about(conn, store, at)
            archive.write(made.keys, public, lambda to: _keys(conn, about, to))
            counted: list[int] = []
            try:
                archive.write(
                    made.data, public, lambda to: counted.extend(_all(conn, store, about, to, progress))
                )  # fmt: skip
            except BaseException:
                made.keys.unlink(missing_ok=True)
                raise
        return Made(made.data, made.keys, *counted)


def _keys(conn: sa.Connection, about: dict[str, Any], to: archive.Writer) -> None:
    to.put("meta.json", _json({**about, "holds": "keys"}))
    count = _table(conn, keys, to)
    to.put("end.json", _json({"rows": {dumping.KEYS: count}, "files": 0}))


def _all(
    conn: sa.Connection, store: Store, about: dict[str, Any], to: archive.Writer, tell: Progress
) -> tuple[int, int]:
    to.put("meta.json", _json({**about, "holds": "data", "numbers": dumping.numbers(conn)}))
    rows: dict[str, int] = {}
    every = dumping.tables()
    for done, table in enumerate(every):
        tell("rows", done, len(every))
        rows[table.name] = _table(conn, table, to)
    files = 0
    for path in store.blobs.every():  # after the rows: what they name is still there (S36)
        with contextlib.suppress(FileNotFoundError):  # swept this moment
            to.file(f"blobs/{path.name}", path)
            files += 1
            tell("files", files, 0)
    ledger = store.data_dir / erasures.NAME
    if ledger.exists():
        to.put(erasures.NAME, ledger.read_bytes())
    to.put("end.json", _json({"rows": rows, "files": files}))
    return sum(rows.values()), files


def _table(conn: sa.Connection, table: sa.Table, to: archive.Writer) -> int:
    total = 0
    for number, (count, piece) in enumerate(dumping.pieces(conn, table)):
        to.put(f"tables/{table.name}/{number:06}.jsonl", piece)
        total += count
    return total


def _about(conn: sa.Connection, store: Store, at: datetime) -> dict[str, Any]:
    row = conn.execute(sa.select(instance.c.kind, instance.c.generation)).one()
    revision = migrate.current(conn)
    if revision != migrate.head():
        reason = "표가 이 프로그램보다 새것입니다. 새 프로그램으로 백업해 주세요"
        raise StartRefused("backup", str(revision), reason)
    return {
        "format": FORMAT,
        "at": to_micros(at),
        "revision": revision,
        "kind": row.kind,
        "generation": row.generation,
        "database": store.engine.dialect.name,
        "keys": [one.id.hex() for one in store.ring.keys],
    }


@contextlib.contextmanager
def _moment(store: Store, tell: Progress) -> Iterator[sa.Connection]:
    """Give a connection that sees one moment; a file is copied first, so no long read holds it."""
    url = store.engine.url
    source = file_of(url)
    if source is None:
        engine = open_engine(url, limits=FREE)
        try:
            once = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            with engine.connect().execution_options(**once) as conn, conn.begin():
                roles.see_all(conn)
                yield conn
        finally:
            engine.dispose()
        return
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=store.data_dir) as folder:
        copy = Path(folder) / "copy.db"
        _copy(source, copy, tell)
        engine = open_engine(parse_url(f"sqlite:///{copy}"))
        try:
            with engine.connect() as conn, conn.begin():
                yield conn
        finally:
            engine.dispose()


class _Anew(Exception):  # noqa: N818
    pass


def _copy(source: Path, target: Path, tell: Progress) -> None:
    """Copy a SQLite file page by page while others write (sqlite.org/backup.html).

    A write of another process begins the copy anew; after some of those the rest goes at once.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT, 0o600))
    anew, least = 0, -1

    def step(_status: int, left: int, every: int) -> None:
        nonlocal anew, least
        tell("copy", every - left, every)
        if 0 <= least < left:
            anew += 1
        least = left
        if anew > AGAIN:
            raise _Anew

    with (
        contextlib.closing(sqlite3.connect(source)) as here,
        contextlib.closing(sqlite3.connect(target)) as there,
    ):
        try:
            here.backup(there, pages=STEPS, progress=step, sleep=PAUSE)
        except _Anew:
            here.backup(there, pages=-1)


@contextlib.contextmanager
def _one_at_a_time(data: Path) -> Iterator[None]:
    """Keep a second backup out; what a killed one left in the data folder is removed."""
    handle = os.open(data / ".backup.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartRefused("backup", "lock", "다른 백업이 진행 중입니다") from None
        for left in data.glob(".backup-*"):
            for path in left.glob("*"):
                path.unlink(missing_ok=True)
            left.rmdir()
        yield
    finally:
        os.close(handle)


def _room(store: Store, folder: Path) -> None:
    """Refuse where it would not fit, before anything is written (disk_full)."""
    if not folder.is_dir():
        raise StartRefused("backup", str(folder), "그런 폴더가 없습니다. 먼저 만들어 주세요")
    for half in folder.glob(".jeokgeuk-*.part"):
        half.unlink(missing_ok=True)
    source = file_of(store.engine.url)
    rows = source.stat().st_size if source is not None else 0
    blobs = sum(path.stat().st_size for path in store.blobs.every())
    for place, need in ((store.data_dir, rows), (folder, 2 * rows + blobs)):
        free = store.blobs.look(place).free
        if free < need + LAST:
            reason = f"{free >> 20} MiB만 남았습니다({(need + LAST) >> 20} MiB 필요)"
            raise StartRefused("backup", str(place), reason)


def _forget_keys(folder: Path, at: datetime) -> None:
    """Remove archives of data keys that are older than a week (security S6)."""
    for path in folder.glob("jeokgeuk-*.keys.age"):
        if path.stat().st_mtime < at.timestamp() - KEYS_LIVE:
            path.unlink()


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode()
