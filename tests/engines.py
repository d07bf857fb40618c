"""What the engines of one process share in tests: compiled SQL, connections to PostgreSQL.

Each test opens the database anew. Without this it compiles every statement again, and waits for a
server process that begins and looks every table up.
"""

import os
import select
from collections import defaultdict
from contextlib import suppress
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from psycopg import Connection, Error
from psycopg.pq import TransactionStatus
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from tests.heap import Backwards


class Alike:
    """A dialect that is equal to every other of its class; their engines share what is compiled."""

    compiled: ClassVar[LRUCache[Any, Any]]
    _type_memos: ClassVar[WeakKeyDictionary[Any, Any]]

    def __init_subclass__(cls) -> None:
        cls.compiled, cls._type_memos = LRUCache(4000), WeakKeyDictionary()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: sa.Engine) -> None:
        engine._compiled_cache = cls.compiled


class SQLite(Alike, SQLiteDialect_pysqlite):
    supports_statement_cache = True


class PostgreSQL(Alike, PGDialect_psycopg):
    """Keeps what is closed, as new, for the next who connects in the same way.

    Only where nothing stands between: through a proxy a test wants the line itself.
    """

    supports_statement_cache = True
    idle: ClassVar[dict[str, list[Connection[Any]]]] = defaultdict(list)
    asked: ClassVar[WeakKeyDictionary[Connection[Any], str]] = WeakKeyDictionary()

    # DISCARD ALL without what is prepared.
    ANEW = (
        "CLOSE ALL; RESET SESSION AUTHORIZATION; RESET ALL; UNLISTEN *; "
        "SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES"
    )

    def connect(self, *args: Any, **how: Any) -> Any:
        asked = repr((args, sorted((k, v) for k, v in how.items() if k != "context")))
        with suppress(IndexError):
            while True:
                raw = self.idle[asked].pop()
                if not select.select([raw], [], [], 0)[0]:  # else the server said good-bye
                    return raw
                raw.close()
        made = super().connect(*args, **how, cursor_factory=Backwards)
        if str(how.get("host")).startswith("/"):
            self.asked[made] = asked
        return made

    def do_close(self, dbapi_connection: Any) -> None:
        raw: Connection[Any] = dbapi_connection
        if raw not in self.asked or raw.info.transaction_status != TransactionStatus.IDLE:
            raw.close()
            return
        try:
            raw.autocommit = True
            raw.execute(self.ANEW)
            raw.autocommit, raw.read_only, raw.isolation_level = False, None, None
        except Error:
            raw.close()
            return
        raw._notice_handlers.clear()
        self.idle[self.asked[raw]].append(raw)

    def do_terminate(self, dbapi_connection: Any) -> None:
        dbapi_connection.close()


def share() -> None:
    """Let every engine that is made from here on be one of these; a fork begins with none."""
    os.register_at_fork(after_in_child=in_fork)
    registry.register("sqlite", __name__, SQLite.__name__)
    registry.register("postgresql.psycopg", __name__, PostgreSQL.__name__)


def let_go() -> None:
    """Close what is kept."""
    for kept in PostgreSQL.idle.values():
        for raw in kept:
            raw.close()
    PostgreSQL.idle.clear()


_others: list[list[Connection[Any]]] = []


def in_fork() -> None:
    """Leave alone in a fork what is its parent's: neither used nor closed."""
    _others.extend(PostgreSQL.idle.values())
    PostgreSQL.idle.clear()
