"""Putting a backup back: into an empty database, as a new generation that sends nothing (S13).

The rows are committed last, when every file is there; until the erasures that came after the
backup have been repeated (`instance.RESTORING`), no part of the service starts on it.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

import pyrage
import sqlalchemy as sa

from storage import archive, erasures, faults, files, instance, journal, migrate, roles, roots
from storage.backup import FORMAT, Progress, quiet
from storage.blobs import NAME as BLOB
from storage.crypto import KeyRing, Random
from storage.dumping import Loader
from storage.engine import WRITE, file_of, open_engine, parse_url
from storage.errors import SealError, StartRefused
from storage.host import own_folder, taken
from storage.limits import FREE
from storage.models import attachments, filings, heads, keys, peers
from storage.models import instance as instances
from storage.store import open_store
from storage.transactions import Store
from storage.unit import Unit

LEDGER = "erasures.backup.jsonl"
"""The erasure ledger as the backup had it, beside the one that a restore goes on with."""


@dataclass(frozen=True, slots=True)
class Backup:
    """The two archives of one moment, the private key that opens them, the ring of the service."""

    data: Path
    keys: Path
    identity: pyrage.x25519.Identity
    ring: KeyRing


@dataclass
class Loaded:
    """What came out: rows by table, how many files, what the backup says of itself."""

    meta: dict[str, Any]
    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    blobs: set[str] = field(default_factory=set)


def load(
    backup: Backup, database_url: str, data_dir: Path, random: Random, progress: Progress = quiet
) -> Loaded | None:
    """Put rows and files back; None where that is done and only the end of it is missing.

    Raises StartRefused: the database is not empty, the archives do not open, do not belong
    together, or need a key that the ring lacks.
    """
    meta = _checked(backup)
    url = parse_url(database_url)
    own_folder(data_dir, "JEOKGEUK_DATA")
    if _half_done(database_url):
        return None
    migrate.migrate(database_url, meta["revision"])
    blobs = data_dir / "blobs"
    own_folder(blobs, "JEOKGEUK_DATA")
    with _writing(database_url) as conn:
        try:
            loaded = _fill(
                conn, backup, meta, lambda name, content: _place(data_dir, name, content), progress
            )
        except sa.exc.DBAPIError as error:
            raise (faults.refusal(error, url) or error) from error
        instance.restored(conn, blobs, random(16).hex(), instance.RESTORING)
    migrate.migrate(database_url)
    return loaded


def _checked(backup: Backup) -> dict[str, Any]:
    """Read what both archives say of themselves, and refuse what does not belong together."""
    meta, other = (_meta(path, backup.identity) for path in (backup.data, backup.keys))
    for path, about, holds in ((backup.data, meta, "data"), (backup.keys, other, "keys")):
        if about.get("holds") != holds:
            raise StartRefused(path.name, "archive", "자료와 자료 열쇠의 백업이 뒤바뀌었습니다")
    if other["at"] < meta["at"]:
        raise StartRefused(backup.keys.name, "archive", "자료보다 오래된 열쇠 백업입니다")
    if meta["format"] > FORMAT or meta["revision"] not in migrate.revisions():
        raise StartRefused(backup.data.name, "archive", "이 프로그램보다 새 프로그램의 백업입니다")
    missing = [kid for kid in other["keys"] if not backup.ring.has(bytes.fromhex(kid))]
    if missing:
        reason = f"백업할 때의 열쇠({missing[0]})가 열쇠 파일에 없습니다"
        raise StartRefused("JEOKGEUK_KEY_FILE", "key", reason)
    return meta


def _meta(path: Path, identity: pyrage.x25519.Identity) -> dict[str, Any]:
    with archive.members(path, identity) as found:
        for name, content in found:
            if name == "meta.json":
                about: dict[str, Any] = json.loads(content.read())
                return about
            break
    raise StartRefused(path.name, "archive", "적극톡의 백업이 아닙니다")


def _half_done(database_url: str) -> bool:
    """Tell whether rows are there of a restore that was interrupted; refuses any others."""
    url = parse_url(database_url)
    file = file_of(url)
    if file is not None and not file.exists():
        return False
    engine = open_engine(url)
    try:
        with engine.connect() as conn:
            if migrate.current(conn) is None:
                return False
            why = conn.execute(sa.select(instances.c.hold)).scalar()
    except sa.exc.DBAPIError as error:
        raise (faults.refusal(error, url) or error) from error
    finally:
        engine.dispose()
    if why not in {None, instance.RESTORING}:
        reason = "이미 쓰던 데이터베이스입니다. 비어 있는 것에만 되살립니다"
        raise StartRefused("DATABASE_URL", "restore", reason)
    return why == instance.RESTORING


@contextmanager
def _writing(database_url: str) -> Iterator[sa.Connection]:
    """Give the one connection that has an empty database for itself."""
    url = parse_url(database_url)
    with taken(file_of(url)) as host:
        engine = open_engine(url, limits=FREE)
        try:
            with engine.connect() as conn, conn.execution_options(**{WRITE: True}).begin():
                roles.see_all(conn)
                yield conn
        finally:
            engine.dispose()
            if host is not None:
                host.close()


Place = Callable[[str, IO[bytes]], None]


def _fill(
    conn: sa.Connection, backup: Backup, meta: dict[str, Any], place: Place, tell: Progress
) -> Loaded:
    loader, loaded = Loader(conn), Loaded(meta)
    for path in (backup.data, backup.keys):
        end: dict[str, Any] | None = None
        before = dict(loader.counts)
        with archive.members(path, backup.identity) as found:
            for name, content in found:
                if name.startswith("tables/"):
                    loader.put(name.split("/")[1], content.read())
                    tell("rows", sum(loader.counts.values()), 0)
                elif name.startswith("blobs/"):
                    place(name, content)
                    loaded.files += 1
                    loaded.blobs.add(name.removeprefix("blobs/"))
                    tell("files", loaded.files, 0)
                elif name == erasures.NAME:
                    place(name, content)
                elif name == "end.json":
                    end = json.loads(content.read())
        got = {name: n - before.get(name, 0) for name, n in loader.counts.items()}
        if end is None or {n: c for n, c in end["rows"].items() if c} != {
            name: count for name, count in got.items() if count
        }:
            raise StartRefused(path.name, "archive", archive.BROKEN)
    loader.finish(meta["numbers"])
    loaded.rows = loader.counts
    return loaded


def _place(data_dir: Path, name: str, content: IO[bytes]) -> None:
    """Write a file of the archive where it belongs; a name that is none of ours is refused."""
    if name == erasures.NAME:
        files.keep(data_dir / LEDGER, content.read())
        return
    blob = name.removeprefix("blobs/")
    if not BLOB.fullmatch(blob):
        raise StartRefused("restore", "archive", archive.BROKEN)
    folder = data_dir / "blobs" / blob[:2]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.keep(folder / blob, content.read())


@dataclass(frozen=True, slots=True)
class Report:
    """What a trial restore found; without faults the backup can be relied on."""

    meta: dict[str, Any]
    rows: int
    files: int
    chains: int
    faults: tuple[str, ...]


def verify(backup: Backup, random: Random, progress: Progress = quiet) -> Report:
    """Put a backup back into a place of its own, look at all of it, and throw that away (S36)."""
    meta = _checked(backup)
    with tempfile.TemporaryDirectory(prefix="jeokgeuk-verify-") as folder:
        place = Path(folder)
        url = f"sqlite:///{place / 'trial.db'}"
        migrate.migrate(url, meta["revision"])
        with _writing(url) as conn:
            loaded = _fill(conn, backup, meta, lambda _name, content: _read(content), progress)
            instance.restored(conn, place, random(16).hex(), instance.RESTORING)
        migrate.migrate(url)
        store = open_store(
            url, kind=meta["kind"], secrets=backup.ring, data_dir=place, least=0, restoring=True
        )
        try:
            chains, wrong = _chains(store, progress)
            wrong += store.read(roots.verify)
            wrong += store.read(_sealed)
            wrong += store.read(lambda unit: _blobs(unit, loaded.blobs))
        finally:
            store.close()
    return Report(meta, sum(loaded.rows.values()), loaded.files, chains, tuple(wrong))


def _read(content: IO[bytes]) -> None:
    while content.read(1 << 16):
        pass


def _chains(store: Store, tell: Progress) -> tuple[int, list[str]]:
    subjects = store.read(lambda unit: list(unit.conn.scalars(sa.select(heads.c.subject))))
    wrong: list[str] = []
    for done, subject in enumerate(subjects):
        tell("chains", done, len(subjects))
        found = store.read(partial(journal.verify, subject=subject))
        wrong += [f"{subject.hex()} {fault.seq}: {fault.what}" for fault in found]
    return len(subjects), wrong


def _sealed(unit: Unit) -> list[str]:
    """Open one sealed value for each key of the ring that wraps anything."""
    wrong: list[str] = []
    used = sa.select(keys.c.key_id).where(keys.c.wrapped.is_not(None)).distinct()
    for kid in unit.conn.scalars(used):
        try:
            if not _opened(unit, kid):
                wrong.append(f"key {kid}: nothing to open")
        except SealError as error:
            wrong.append(f"key {kid}: {error}")
    return wrong


def _opened(unit: Unit, kid: str) -> bool:
    for table, column in ((filings, "answers"), (peers, "address"), (attachments, "name")):
        value = table.c[column]
        under = sa.select(keys.c.owner).where(
            keys.c.key_id == kid, keys.c.purpose == "content", keys.c.owner == table.c.sid
        )
        found = sa.select(table.c.sid, value).where(value.is_not(None), under.exists()).limit(1)
        row = unit.conn.execute(found).one_or_none()
        if row is not None:
            unit.keys.open(f"{table.name}.{column}", row[0], row[1])
            return True
    any_ = sa.select(keys.c.owner, keys.c.purpose, keys.c.wrapped).where(keys.c.key_id == kid)
    owner, purpose, wrapped = unit.conn.execute(any_.limit(1)).one()
    return bool(unit.keys.ring.unwrap(purpose, owner, wrapped))


def _blobs(unit: Unit, there: set[str]) -> list[str]:
    """Name files that a row knows and the backup lacks."""
    c = attachments.c
    named = unit.conn.execute(sa.select(c.id, c.blob, c.clean_blob))
    return [
        f"attachment {row.id}: no file"
        for row in named
        if any(name and name not in there for name in (row.blob, row.clean_blob))
    ]
