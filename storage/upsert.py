"""INSERT … ON CONFLICT on both databases; the one place that asks which one it is."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def insert(conn: sa.Connection, table: sa.Table) -> postgresql.Insert:
    """Give an insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`.

    Typed as PostgreSQL's; SQLite's has the same two methods with the same parameters.
    """
    if conn.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)  # type: ignore[return-value]


def insert_new(conn: sa.Connection, table: sa.Table, values: dict[str, Any]) -> bool:
    """Insert a row unless its key is taken; tells whether it was inserted."""
    key = next(iter(table.primary_key.columns))
    made = insert(conn, table).values(values).on_conflict_do_nothing().returning(key)
    return conn.execute(made).first() is not None
