"""Moving the schema forward: one head, four-digit names, expand, deploy, contract (security S23)."""

import sqlite3
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage import faults, lines, roles
from storage.columns import db_now
from storage.engine import WRITE, file_of, host_micros, open_engine, parse_url
from storage.errors import StartRefused
from storage.host import HostLock, taken
from storage.limits import FREE
from storage.models import schema_revisions

# Alembic is imported where it works: who only looks whether the schema fits, as every process of
# the service does, needs seven megabytes and a third of a second less.
if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import Script, ScriptDirectory

CODE = 1  # grows when older code could no longer live beside this one
FOLDER = Path(__file__).parent / "migrations"
COPIES_LIVE = 7 * 24 * 3600  # seconds; a copy holds keys, and erased must stay erased (S6)
MIGRATING, OPENING = 0x6A650001, 0x6A650002
"""Advisory locks of PostgreSQL; the number is ours and means nothing else."""
QUEUE = 600.0  # seconds; two who migrate at once: the second finds nothing left to do
PAUSES = (2.0, 4.0, 8.0, 16.0)  # seconds between the tries for a lock


def config(connection: sa.Connection | None = None) -> "Config":
    """Give Alembic's settings; there is no ini file."""
    from alembic.config import Config  # noqa: PLC0415

    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["connection"] = connection
    return made


def scripts() -> "ScriptDirectory":
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return ScriptDirectory.from_config(config())


@cache
def revisions() -> tuple[str, ...]:
    """Name every revision, the oldest first: each file's name begins with its four digits."""
    return tuple(sorted(path.name[:4] for path in (FOLDER / "versions").glob("[0-9]*.py")))


def head() -> str:
    """Name the newest revision."""
    return revisions()[-1]


def current(conn: sa.Connection) -> str | None:
    """Name the revision that the database is at; None when it is empty."""
    if not sa.inspect(conn).has_table("alembic_version"):
        return None
    versions = sa.table("alembic_version", sa.column("version_num", sa.String))
    return conn.execute(sa.select(versions.c.version_num)).scalar()


def migrate(
    database_url: str,
    to: str = "head",
    *,
    with_roles: bool = False,
    wait: Callable[[float], object] = time.sleep,
) -> str:
    """Bring a database to a revision, the newest, and name it; SQLite: the service is stopped.

    `with_roles` puts the walls between the parts up (`storage.roles`); once they stand, every
    migration sets them up for what is new. `wait` is told how many seconds pass before a lock
    that was not given is asked for again.
    """
    url = parse_url(database_url)
    with taken(file_of(url), least=0) as host:
        engine = open_engine(url, limits=FREE)
        try:
            upgrade(engine, host, to, wait)
            if to == "head":
                _walls(engine, first=with_roles)
        except sa.exc.DBAPIError as error:
            raise (faults.refusal(error, url) or error) from error
        finally:
            engine.dispose()
            if host is not None:
                host.close()
    return head() if to == "head" else to


def _walls(engine: sa.Engine, *, first: bool) -> None:
    if engine.dialect.name != "postgresql":
        return
    with engine.begin() as conn:
        found = roles.standing(conn)
        if first or (found is not None and found.walled):
            roles.apply(conn, first=first)


def on_start(engine: sa.Engine, host: HostLock | None) -> None:
    """Let the service start only on a schema that it knows; SQLite is moved forward by itself."""
    with engine.connect() as conn:
        at = current(conn)
        if at == head():
            return
        if at is not None and at not in revisions():
            _newer(conn, at)
            return
    if host is None:
        raise StartRefused(
            "DATABASE_URL", "schema", "표가 오래되었습니다. 실행해 주세요: jeokgeuk migrate"
        )
    upgrade(engine, host)


def _newer(conn: sa.Connection, at: str) -> None:
    """Let older code live beside newer tables, as long as every revision bears it (S23)."""
    c = schema_revisions.c
    known = conn.execute(sa.select(c.revision, c.min_code)).all()
    least = max((row.min_code for row in known), default=0)
    if at not in {row.revision for row in known} or least > CODE:
        raise StartRefused(
            "DATABASE_URL",
            at,
            f"표가 이 프로그램보다 새것입니다(코드 {least} 이상, 이 프로그램은 {CODE}). 새 판의 "
            "프로그램으로 시작하거나, 옮기기 전의 백업을 되돌려 주세요",
        )


def upgrade(
    engine: sa.Engine,
    host: HostLock | None,
    to: str = "head",
    wait: Callable[[float], object] = time.sleep,
) -> None:
    """Run what is missing; SQLite: in one go, alone, after a copy, with foreign keys checked.

    A server's other processes go on meanwhile: each revision commits by itself, so that no lock
    of one is held while the next runs.
    """
    if host is None:
        with engine.connect() as conn:
            at = current(conn)
        steps = missing(at, head() if to == "head" else to)
        for script in steps if at is not None else steps[-1:]:  # in a new one nobody waits
            _step(engine, script, wait, new=at is None)
        return
    if not host.alone():
        raise StartRefused("DATABASE_URL", "schema", "다른 프로세스를 모두 멈춘 뒤에 해 주세요")
    try:
        _upgrade_file(engine, to)
    finally:
        host.share()


def missing(at: str | None, to: str) -> list["Script"]:
    """List the revisions after one, up to another, the oldest first."""
    found = reversed(list(scripts().iterate_revisions(to, "base")))
    return [script for script in found if at is None or script.revision > at]


def _step(
    engine: sa.Engine, script: "Script", wait: Callable[[float], object], *, new: bool
) -> None:
    """Go to a revision; a lock that is not given within two seconds is asked for again later.

    Whoever comes to that table after us waits as long as we do: hence two seconds, and a pause in
    which they all go on. What `before` has prepared stays.
    """
    before = None if new else getattr(script.module, "before", None)
    for pause in (*PAUSES, None):
        try:
            with engine.begin() as turn:
                one_at_a_time(turn, MIGRATING, QUEUE)
                if (current(turn) or "") >= script.revision:
                    return  # another who migrates has done it
                if before is not None:
                    before(engine)  # on connections of its own; ours lets nobody else begin
                    before = None
                _run(turn, script.revision)
                return
        except sa.exc.OperationalError as error:
            if not faults.locked_out(error):
                raise
            if pause is None:
                reason = "표를 제때 잠그지 못해 바꾸지 못했습니다(jeokgeuk migrate --plan)"
                raise StartRefused("migrate", script.revision, reason) from error
            wait(pause)


def one_at_a_time(conn: sa.Connection, name: int, wait: float) -> None:
    """Let one process at a time go past here until its commit; SQLite has one writer anyway."""
    if conn.dialect.name == "postgresql":
        with lines.patient(conn, wait):
            conn.execute(sa.select(sa.func.pg_advisory_xact_lock(name)))


def _upgrade_file(engine: sa.Engine, to: str) -> None:
    with engine.connect() as conn:
        raw: Any = conn.connection.dbapi_connection
        path = Path(engine.url.database or "")
        _forget_copies(path)
        if _has_schema(raw):
            _copy(raw, path)
        raw.execute("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction
        try:
            conn.execution_options(**{WRITE: True})
            with conn.begin():
                _run(conn, to)
                broken = conn.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise StartRefused("migration", broken[0][0], "부모 없는 줄을 남깁니다")
        finally:
            raw.execute("PRAGMA foreign_keys=ON")


def _run(conn: sa.Connection, to: str) -> None:
    if conn.dialect.name == "postgresql":  # the owner sees rows here and nowhere else (S7)
        conn.execute(sa.select(sa.func.set_config("jt.owner", "migrate", True)))
    from alembic import command  # noqa: PLC0415

    before = current(conn)
    command.upgrade(config(conn), to)
    for script in scripts().iterate_revisions(current(conn) or to, before or "base"):
        row = {"revision": script.revision, "min_code": script.module.min_code, "at": db_now()}
        conn.execute(sa.insert(schema_revisions).values(row))


def _has_schema(raw: sqlite3.Connection) -> bool:
    names = raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")
    return names.fetchone() is not None


def _copy(raw: sqlite3.Connection, path: Path) -> None:
    stamp = host_micros() // 1_000_000
    target = path.with_name(f"{path.name}.before-{head()}-{stamp}")
    target.touch(mode=0o600)
    with sqlite3.connect(target) as copy:
        raw.backup(copy)
    copy.close()


def _forget_copies(path: Path) -> None:
    for copy in path.parent.glob(f"{path.name}.before-*"):
        if copy.stat().st_mtime < host_micros() / 1_000_000 - COPIES_LIVE:
            copy.unlink()
