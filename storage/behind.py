"""Writes whose outcome nobody asks for: they travel with the next statement that somebody waits for.

PostgreSQL is a network away, and a turn that asks twenty things waits twenty times. What is only
written waits on our side and goes in one exchange (a pipeline of psycopg) with the next question,
or with the COMMIT; in the same order, in the same transaction. What such a write breaks is raised
there. SQLite, and PostgreSQL behind a pooler, is told at once.
"""

import weakref
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from storage import lines

_WAITS, _OPEN = "jeokgeuk_waits", "jeokgeuk_open"


def listen(engine: sa.Engine) -> None:
    """Let every statement on a PostgreSQL engine take along what waits."""
    event.listen(engine, "connect", _connect)
    event.listen(engine, "begin", _nothing_waits)
    event.listen(engine, "rollback_savepoint", _nothing_waits)
    event.listen(engine, "before_cursor_execute", _before)
    event.listen(engine, "after_cursor_execute", _after)
    event.listen(engine, "handle_error", _failed)


def add(conn: sa.Connection, sql: str, bound: Any) -> bool:
    """Let a statement wait for the next one; False: here it has to be run at once."""
    waits = conn.info.get(_WAITS)
    if waits is None or lines.pooled(conn):
        return False
    waits.append((sql, bound))
    return True


@contextmanager
def along(conn: sa.Connection) -> Iterator[None]:
    """Send what waits and what is executed inside in one exchange."""
    waits = conn.info.get(_WAITS)
    if not waits:
        yield
        return
    raw: Any = conn.connection.driver_connection
    with raw.pipeline():
        _send(raw, waits)
        yield


def _send(raw: Any, waits: list[tuple[str, Any]]) -> None:
    sent = waits.copy()
    waits.clear()
    for sql, bound in sent:
        raw.execute(sql, bound)


class _Commit:
    """Stands in the place of psycopg's `Connection.commit`: the last writes travel with it."""

    def __init__(self, raw: Any, waits: list[tuple[str, Any]]) -> None:
        self._raw = weakref.ref(raw)
        self._waits = waits

    def __call__(self) -> None:
        raw: Any = self._raw()
        if not self._waits:
            type(raw).commit(raw)
            return
        try:
            with raw.pipeline():
                _send(raw, self._waits)
                raw.execute("COMMIT", prepare=False)  # its own commit() would wait twice here
        except BaseException:
            with suppress(Exception):  # a COMMIT that is refused ends the transaction
                raw.rollback()
            raise


def _connect(raw: Any, record: Any) -> None:
    waits: list[tuple[str, Any]] = []
    record.info[_WAITS] = waits
    raw.commit = _Commit(raw, waits)


def _nothing_waits(conn: sa.Connection, *_which: Any) -> None:
    conn.info[_WAITS].clear()


def _before(conn: sa.Connection, cursor: Any, *_what: Any) -> None:
    if not conn.info[_WAITS]:
        return
    if getattr(cursor, "name", None):  # a cursor of the server's takes nobody along
        with along(conn):
            return
    stack = conn.info[_OPEN] = ExitStack()
    stack.enter_context(along(conn))


def _after(conn: sa.Connection, *_what: Any) -> None:
    stack = conn.info.pop(_OPEN, None)
    if stack is not None:
        stack.close()


def _failed(context: Any) -> None:
    """Leave the pipeline of a statement that could not even be sent."""
    if context.connection is not None and not context.connection.invalidated:
        with suppress(Exception):
            _after(context.connection)
