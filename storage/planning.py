"""What a migration would lock, before it does: each revision is run on an empty copy (S23).

The copy stands in the temporary schema of one connection, which nobody else sees and which goes
with it. PostgreSQL itself says which locks a revision took there, which tables it read from end
to end and which it wrote anew; how large those are is asked of the tables that are meant.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy import event

from storage import lines, migrate
from storage.engine import file_of, open_engine, parse_url
from storage.errors import StartRefused
from storage.limits import FREE
from storage.models import schema_revisions

if TYPE_CHECKING:
    from alembic.script import Script

How = Literal["names", "reads", "rewrites", "copies", "builds", "drops"]

READ, WRITE = 100e6, 25e6
"""Bytes a second on a machine of two cores with a disk of its own: reading a table from end to
end, and writing it anew with its indexes (5 million rows, 930 MB: 17 to 34 s)."""

MODES = (
    "AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock",
    "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock",
)  # fmt: skip
"""The weakest first."""
WRITERS_WAIT, ALL_WAIT = MODES.index("ShareLock"), MODES.index("AccessExclusiveLock")


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is; `rows` None: the database has never counted them."""

    rows: int | None
    bytes: int


@dataclass(frozen=True, slots=True)
class Touched:
    """What a revision does with a table that is there; `mode` is empty where nobody waits."""

    table: str
    mode: str
    how: How
    size: Size

    @property
    def waits(self) -> Literal["nobody", "writers", "everybody"]:
        """Say who waits while the lock is held."""
        rank = MODES.index(self.mode) if self.mode else 0
        if rank >= ALL_WAIT:
            return "everybody"
        return "writers" if rank >= WRITERS_WAIT else "nobody"

    @property
    def seconds(self) -> float:
        """Estimate how long it takes; 0: names alone are changed."""
        speed = {"reads": READ, "builds": READ, "rewrites": WRITE, "copies": WRITE}.get(self.how)
        return self.size.bytes / speed if speed else 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """One revision: what it does beforehand, beside everybody, and what it then locks.

    `raised`: code that is older than `min_code` may not stay up.
    """

    revision: str
    min_code: int
    raised: bool
    before: tuple[Touched, ...]
    locks: tuple[Touched, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A SQLite file: how large, and how much room there is for the copy."""

    path: str
    bytes: int
    free: int


@dataclass(frozen=True, slots=True)
class Plan:
    """`at` is None for an empty database. `busy`: seconds of transactions that are open now."""

    at: str | None
    head: str
    steps: tuple[Step, ...]
    file: File | None = None
    busy: tuple[float, ...] = ()


def plan_of(database_url: str) -> Plan:
    """Say what `migrate` would do here; changes nothing. Raises StartRefused."""
    url = parse_url(database_url)
    path = file_of(url)
    if path is not None and not path.exists():
        return Plan(None, migrate.head(), _bare(migrate.missing(None, migrate.head()), 1))
    engine = open_engine(url, limits=FREE)
    try:
        with engine.connect() as conn:
            return _plan(conn, path)
    finally:
        engine.dispose()


def _plan(conn: sa.Connection, path: Path | None) -> Plan:
    at, head = migrate.current(conn), migrate.head()
    if at is not None and at not in migrate.revisions():
        return Plan(at, head, ())  # it is newer than we are
    steps = migrate.missing(at, head)
    least = _least(conn, at)
    if path is not None:
        room = File(str(path), path.stat().st_size, shutil.disk_usage(path.parent).free)
        return Plan(at, head, _bare(steps, least), room)
    if at is None or not steps:
        return Plan(at, head, _bare(steps, least))
    if lines.pooled(conn):
        reason = (
            "데이터베이스에 바로 잇는 주소가 있어야 합니다(지금은 사이에 PgBouncer가 있습니다)"
        )
        raise StartRefused("DATABASE_URL", "migrate --plan", reason)
    sizes, busy = _sizes(conn), _busy(conn)
    conn.rollback()
    found = []
    with scratch(conn, at) as copy:
        for script in steps:
            found.append(_step(copy, script, sizes, least))
            least = max(least, script.module.min_code)
    return Plan(at, head, tuple(found), busy=busy)


def _bare(scripts: "list[Script]", least: int) -> tuple[Step, ...]:
    return tuple(
        Step(one.revision, one.module.min_code, one.module.min_code > least, (), ())
        for one in scripts
    )


def _step(copy: "Scratch", script: "Script", sizes: Mapping[str, Size], least: int) -> Step:
    there = getattr(script.module, "BEFORE", {})
    modes = copy.before(script) if there else {}
    before = tuple(
        Touched(table, modes.get(table, ""), "copies" if how == "copy" else "builds", sizes[table])
        for table, how in there.items()
    )
    locks = tuple(
        Touched(one.table, one.mode, _how(one, there.get(one.table)), sizes[one.table])
        for one in copy.run(script)
        if one.table in sizes and one.mode != MODES[0]
    )
    code = script.module.min_code
    return Step(script.revision, code, code > least, before, locks)


def _how(one: "Done", before: str | None) -> How:
    if one.gone:
        return "drops"
    if one.rewritten or one.replaced:
        return "names" if before == "copy" else "rewrites"
    return "reads" if one.read and before is None else "names"


@dataclass(frozen=True, slots=True)
class Done:
    """What a revision did to a table of the copy: the strongest lock, and what became of it."""

    table: str
    mode: str
    read: bool
    rewritten: bool
    replaced: bool
    gone: bool


class Scratch:
    """Empty tables at some revision, in the temporary schema of a connection."""

    def __init__(self, conn: sa.Connection) -> None:
        self.conn = conn
        self._modes: dict[int, int] = {}

    def run(self, script: "Script") -> tuple[Done, ...]:
        """Run a revision and say what it did to the tables that were there."""
        there = self._begin()
        with self.begin() as conn:
            _upgrade(conn, script)
            now = self._tables()
        return tuple(self._done(was, now) for was in there.values() if was.oid in self._modes)

    def before(self, script: "Script") -> dict[str, str]:
        """Run what a revision does beforehand, as on an engine; gives the strongest locks."""
        there = self._begin()
        script.module.before(self)
        return {
            name: MODES[self._modes[was.oid]]
            for name, was in there.items()
            if was.oid in self._modes
        }

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Begin a transaction, as an engine does, and note at its end what it has locked."""
        with self.conn.begin():
            yield self.conn
            for oid, mode in self.conn.execute(_LOCKS):
                self._modes[oid] = max(MODES.index(mode), self._modes.get(oid, 0))

    def connect(self) -> "Scratch":
        return self

    @contextmanager
    def execution_options(self, **options: Any) -> Iterator[sa.Connection]:
        """Give the connection with these options, as an engine's would be."""
        yield self.conn.execution_options(**options)
        self.conn.commit()
        self.conn.execution_options(isolation_level="READ COMMITTED")

    def _begin(self) -> dict[str, Any]:
        with self.conn.begin():
            there = self._tables()
        self._modes.clear()
        return there

    def _tables(self) -> dict[str, Any]:
        return {row.name: row for row in self.conn.execute(_TABLES)}

    def _done(self, was: Any, tables: Mapping[str, Any]) -> Done:
        now = tables.get(was.name)
        stays = now is not None and now.oid == was.oid
        elsewhere = any(one.oid == was.oid and one.name != was.name for one in tables.values())
        return Done(
            was.name,
            MODES[self._modes[was.oid]],
            read=stays and now.scans > was.scans,  # type: ignore[union-attr]
            rewritten=stays and now.node != was.node,  # type: ignore[union-attr]
            replaced=now is not None and not stays,
            gone=now is None or elsewhere,
        )


_TABLES = sa.text(
    "SELECT relname AS name, oid, relfilenode AS node, pg_stat_get_xact_numscans(oid) AS scans "
    "FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind IN ('r', 'p') "
    "AND NOT relispartition"
)
_LOCKS = sa.text(
    "SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'"
)
_TRIGGER = re.compile(r"EXECUTE FUNCTION (?=\w+\()")


@contextmanager
def scratch(conn: sa.Connection, at: str) -> Iterator[Scratch]:
    """Give the empty tables of a revision; nothing else of the database can be named meanwhile.

    Raises StartRefused behind a pooler: they would be left in a session that others get next.
    """
    if lines.pooled(conn):
        reason = "PgBouncer를 거치면 어림할 수 없습니다. 데이터베이스 서버의 주소로 해 주세요"
        raise StartRefused("DATABASE_URL", "pooler", reason)

    def beside(_c: Any, _cur: Any, statement: str, values: Any, *_rest: Any) -> tuple[str, Any]:
        # A function of the temporary schema is found only where the schema is named.
        return _TRIGGER.sub("EXECUTE FUNCTION pg_temp.", statement), values

    event.listen(conn, "before_cursor_execute", beside, retval=True)
    with conn.begin():
        conn.execute(sa.text("SET search_path = pg_temp"))
        for script in migrate.missing(None, at):
            _upgrade(conn, script)
    try:
        yield Scratch(conn)
        with conn.begin():
            conn.execute(sa.text("DISCARD TEMP"))
    finally:
        conn.invalidate()  # the session ends, and whatever is left of its tables with it


def _upgrade(conn: sa.Connection, script: "Script") -> None:
    from alembic.operations import Operations  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    with Operations.context(MigrationContext.configure(conn)):
        script.module.upgrade()


def _least(conn: sa.Connection, at: str | None) -> int:
    if at is None:
        return 1
    column = schema_revisions.c.min_code
    found = conn.execute(sa.select(column).where(schema_revisions.c.revision == at)).scalar()
    return int(found or 1)


def _sizes(conn: sa.Connection) -> dict[str, Size]:
    """Ask how large the tables are, with their indexes; parts count for the whole."""
    found = conn.execute(
        sa.text(
            "SELECT coalesce(p.relname, c.relname) AS name, bool_and(c.reltuples < 0) AS unknown, "
            "sum(greatest(c.reltuples, 0))::bigint AS rows, "
            "sum(pg_total_relation_size(c.oid))::bigint AS bytes "
            "FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid "
            "LEFT JOIN pg_class p ON p.oid = i.inhparent "
            "WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace GROUP BY 1"
        )
    )
    return {row.name: Size(None if row.unknown else row.rows, row.bytes) for row in found}


def _busy(conn: sa.Connection) -> tuple[float, ...]:
    """Say for how long others' transactions have been open that are older than five seconds."""
    ages = conn.scalars(
        sa.text(
            "SELECT extract(epoch FROM now() - xact_start)::float FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend' AND xact_start < now() - interval '5 seconds' "
            "ORDER BY 1 DESC"
        )
    )
    return tuple(ages)
