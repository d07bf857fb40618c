"""Rows as lines of text, the same for both databases: what a backup holds of the tables.

A value is JSON; what JSON does not know is a pair: ["b", base64], ["t", microseconds since 1970
UTC], ["d", day]. A table goes in pieces, so that neither side holds it whole.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from storage.columns import from_micros, to_micros
from storage.models import metadata

PIECE = 1 << 20  # bytes of one piece, about
BATCH = 500  # rows read and written at once
KEYS = "keys"
LEFT_OUT = frozenset({KEYS, "schema_revisions", "sessions", "leases", "rates"})
"""Keys go apart (S6); the rest is of this moment only, or written by the migrations."""


def tables() -> list[sa.Table]:
    """Give the tables of a backup, those that others point at first."""
    return [one for one in metadata.sorted_tables if one.name not in LEFT_OUT]


def pieces(conn: sa.Connection, table: sa.Table) -> Iterator[tuple[int, bytes]]:
    """Give a table piece by piece: how many rows, and their lines; the first names the columns."""
    names = [column.name for column in table.columns]
    found = conn.execution_options(yield_per=BATCH).execute(
        sa.select(table).order_by(*table.primary_key.columns)
    )
    head = json.dumps(names).encode() + b"\n"
    lines, size = [head], len(head)
    for row in found:
        line = json.dumps([_plain(value) for value in row], ensure_ascii=False).encode() + b"\n"
        lines.append(line)
        size += len(line)
        if size >= PIECE:
            yield len(lines) - 1, b"".join(lines)
            lines, size = [head], len(head)
    if len(lines) > 1:
        yield len(lines) - 1, b"".join(lines)


def numbers(conn: sa.Connection) -> dict[str, int]:
    """Give the last number of each table that never gives one twice."""
    found: dict[str, int] = {}
    for table in tables():
        if not _counts(table):
            continue
        if conn.dialect.name == "sqlite":
            asked = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name")
            last = conn.execute(asked, {"name": table.name}).scalar()
        else:
            # Not the sequence itself: the part that backs up may use it, but not read it (S7).
            asked = sa.text("SELECT pg_sequence_last_value(CAST(:name AS regclass))")
            asked = asked.bindparams(name=f"{table.name}_id_seq")
            last = conn.execute(asked).scalar()
        found[table.name] = int(last or 0)
    return found


class Loader:
    """Puts pieces into empty tables; `finish` ties what pointed at rows that came later."""

    def __init__(self, conn: sa.Connection) -> None:
        self._conn = conn
        self._later: list[tuple[sa.Table, str, dict[str, Any]]] = []
        self.counts: dict[str, int] = {}

    def put(self, name: str, piece: bytes) -> None:
        """Insert the rows of a piece; raises KeyError for a table that this code does not know."""
        table = metadata.tables[name]
        head, *lines = piece.splitlines()
        names = json.loads(head)
        rows = [dict(zip(names, map(_value, json.loads(line)), strict=True)) for line in lines]
        self._put_off(table, rows)
        for some in _batches(rows):
            self._conn.execute(sa.insert(table), list(some))
        self.counts[name] = self.counts.get(name, 0) + len(rows)

    def finish(self, last: dict[str, int]) -> None:
        """Tie what was put off, and let no number be given a second time."""
        for table, column, values in self._later:
            here = [table.c[key.name] == values[key.name] for key in table.primary_key.columns]
            self._conn.execute(sa.update(table).where(*here).values({column: values[column]}))
        for name, number in last.items():
            _go_on(self._conn, metadata.tables[name], number)

    def _put_off(self, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        """Leave empty, for now, what points into its own table or into one that comes later."""
        order = [one.name for one in tables()]
        here = order.index(table.name) if table.name in order else len(order)
        for key in table.foreign_keys:
            to, column = key.column.table.name, key.parent.name
            if to not in order[:here] and key.parent.nullable:
                for row in rows:
                    if row.get(column) is not None:
                        self._later.append((table, column, dict(row)))
                        row[column] = None


def _counts(table: sa.Table) -> bool:
    key = list(table.primary_key.columns)
    return len(key) == 1 and key[0].name == "id" and table.name != "instance"


def _go_on(conn: sa.Connection, table: sa.Table, number: int) -> None:
    if not _counts(table) or number < 1:
        return
    if conn.dialect.name == "postgresql":
        conn.execute(sa.select(sa.func.setval(f"{table.name}_id_seq", number)))
        return
    moved = sa.text("UPDATE sqlite_sequence SET seq = :seq WHERE name = :name")
    if conn.execute(moved, {"seq": number, "name": table.name}).rowcount == 0:
        made = sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)")
        conn.execute(made, {"seq": number, "name": table.name})


def _batches(rows: Sequence[dict[str, Any]]) -> Iterator[Iterable[dict[str, Any]]]:
    return (rows[at : at + BATCH] for at in range(0, len(rows), BATCH))


def _plain(value: Any) -> Any:
    match value:
        case bytes() | memoryview():
            return ["b", base64.b64encode(value).decode()]
        case datetime():
            return ["t", to_micros(value)]
        case date():
            return ["d", value.isoformat()]
    return value


def _value(plain: Any) -> Any:
    match plain:
        case ["b", str(text)]:
            return base64.b64decode(text)
        case ["t", int(micros)]:
            return from_micros(micros)
        case ["d", str(text)]:
            return date.fromisoformat(text)
    return plain
