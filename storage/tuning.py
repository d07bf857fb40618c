"""How PostgreSQL keeps the hot tables: parts, room in their pages, when they are vacuumed (S16).

SQLite keeps plain tables and needs none of it. Nothing here is known to who reads and writes.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, NamedTuple

import sqlalchemy as sa

PARTS = 8
"""Into how many the inbox is split by the hash of the peer.

At five million rows a part has 600,000: a vacuum of one takes less than a second, and several
autovacuum workers share the rest. Not more, because a statement that names no peer (the sweep)
locks every part, and up to sixteen locks cost a backend nothing (PostgreSQL before 18); figures in
decision 0030.
"""

_OFTEN = {
    "autovacuum_vacuum_threshold": "1000",
    "autovacuum_vacuum_scale_factor": "0.02",
    "autovacuum_analyze_threshold": "1000",
    "autovacuum_analyze_scale_factor": "0.02",
    "autovacuum_vacuum_cost_limit": "1000",
}
"""After two hundredths of the rows instead of a fifth, and five times as fast as by default: many
short vacuums instead of one that runs at noon."""
_SMALL = {
    "fillfactor": "50",
    "autovacuum_vacuum_threshold": "200",
    "autovacuum_vacuum_scale_factor": "0",
    "autovacuum_vacuum_cost_delay": "0",
}
"""For a few rows that are written all the time: half of each page stays free, so that the new
version lies beside the old one and no index is touched."""

HOT: Mapping[str, Mapping[str, str]] = {
    # Only grows at one end and is swept at the other; answers are taken out after a day.
    "inbox": {**_OFTEN, "autovacuum_vacuum_insert_scale_factor": "0.1"},
    # Each row is written two or three times; what was claimed stays in the index of what waits.
    "outbox": _OFTEN,
    "sendings": _OFTEN,
    # Written at every turn, in columns without an index.
    "peers": {**_OFTEN, "fillfactor": "85"},
    "dialogs": {**_OFTEN, "fillfactor": "70"},
    "rates": {**_SMALL, "autovacuum_vacuum_threshold": "1000"},
    "leases": _SMALL,
    "heartbeats": _SMALL,
    "dialog_counts": _SMALL,
    "broadcast_lines": _SMALL,
}


class Off(NamedTuple):
    """A storage parameter that is not what was shipped; `found` None: it is not set."""

    table: str
    name: str
    shipped: str
    found: str | None


def off(conn: sa.Connection) -> Iterator[Off]:
    """Say which storage parameters of the hot tables are not what was shipped."""
    if conn.dialect.name != "postgresql":
        return
    for table, shipped in HOT.items():
        for row in conn.execute(_LEAVES, {"table": table}):
            found = dict(one.split("=", 1) for one in row.reloptions or ())
            for name, value in shipped.items():
                if found.get(name) != value:
                    yield Off(row.leaf, name, value, found.get(name))


# A table that a later revision makes is not there yet; one in parts has its rows in its leaves.
_LEAVES = sa.text(
    "SELECT c.oid::regclass::text AS leaf, c.reloptions FROM pg_class c "
    "WHERE c.relkind = 'r' AND (c.oid = to_regclass(:table) OR c.oid IN "
    "(SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass(:table))) ORDER BY 1"
)


def put(conn: sa.Connection) -> None:
    """Set them as shipped, in a revision; nobody who reads or writes waits for it."""
    changes: dict[str, list[str]] = {}
    for one in off(conn):
        changes.setdefault(one.table, []).append(f"{one.name} = {one.shipped}")
    for table, values in changes.items():
        conn.exec_driver_sql(f"ALTER TABLE {table} SET ({', '.join(values)})")


def shipped(table: str) -> str:
    """Give the clause that makes a part of a table with its parameters."""
    return f"WITH ({', '.join(f'{name} = {value}' for name, value in HOT[table].items())})"


def parts(table: str) -> tuple[str, ...]:
    """Name the parts of a table; none where it stands in one piece."""
    return tuple(f"{table}_p{n}" for n in range(PARTS)) if table == "inbox" else ()


def is_known(name: str | None, kind: str, _parents: MutableMapping[Any, Any]) -> bool:
    """Tell Alembic which tables it has to know: the parts of another stand in no model."""
    return kind != "table" or name not in _PARTS


_PARTS = frozenset(part for table in HOT for part in parts(table))
