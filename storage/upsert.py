"""INSERT … ON CONFLICT on both databases; the one place that asks which one it is.

Statements that every turn runs are built once and given their values as parameters: building
one costs several times as much as running it.
"""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from storage.quick import Quick


def insert(conn: sa.Connection, table: sa.Table) -> postgresql.Insert:
    """Give an insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`.

    Typed as PostgreSQL's; SQLite's has the same two methods with the same parameters.
    """
    return insert_into(conn.dialect.name, table)


def insert_into(dialect: str, table: sa.Table) -> postgresql.Insert:
    """Give the same for a database by its name, before there is a connection."""
    if dialect == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)  # type: ignore[return-value]


class Upsert:
    """An INSERT … ON CONFLICT that was built once for each database."""

    def __init__(
        self, table: sa.Table, build: Callable[[postgresql.Insert], sa.Executable]
    ) -> None:
        self._built = {
            dialect: build(insert_into(dialect, table)) for dialect in ("sqlite", "postgresql")
        }

    def __call__(self, conn: sa.Connection, values: Mapping[str, Any]) -> sa.CursorResult[Any]:
        result: sa.CursorResult[Any] = conn.execute(self._built[conn.dialect.name], values)
        return result


class NewRow:
    """Inserts a row unless its key is taken; `fixed` are SQL expressions such as `db_now()`."""

    def __init__(self, table: sa.Table, **fixed: Any) -> None:
        key = next(iter(table.primary_key.columns))

        def build(dialect: str) -> sa.Executable:
            made = insert_into(dialect, table).values(**fixed)
            return made.on_conflict_do_nothing().returning(key)

        self._insert = Quick(build)

    def __call__(self, conn: sa.Connection, values: Mapping[str, Any]) -> bool:
        """Tell whether the row was inserted."""
        return bool(self._insert(conn, values).rows)

    def later(self, conn: sa.Connection, values: Mapping[str, Any]) -> None:
        """Insert a row whose key nobody else can have, with the next statement."""
        self._insert.later(conn, values)
