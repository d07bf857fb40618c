"""Statements of the hot path: compiled once by SQLAlchemy, then run on the driver's own cursor.

SQLAlchemy's execution costs three to four times what SQLite needs for the statement itself, and
a turn runs half a dozen. Types are bound and read as always (times, sealed bytes, sids), and what
the driver raises is given as SQLAlchemy's exception, so nobody else notices.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import acting, behind

Process = Callable[[Any], Any] | None
Built = Callable[[str], Any] | Any


class _Param(NamedTuple):
    """One parameter as the driver wants it; `value` stands where nobody gives one."""

    name: str
    process: Process
    value: Any


class _Plan(NamedTuple):
    sql: str
    params: tuple[_Param, ...]
    named: bool
    reads: tuple[tuple[int, Callable[[Any], Any]], ...]


class Answer(NamedTuple):
    """What came back: the rows, and how many were changed."""

    rows: list[tuple[Any, ...]]
    changed: int

    def one(self) -> tuple[Any, ...]:
        (row,) = self.rows
        return row


class Quick:
    """A statement that is run very often. `build(dialect)` gives it, where databases differ."""

    def __init__(self, build: Built) -> None:
        self._build = build if callable(build) else lambda _dialect: build
        self._plans: dict[tuple[str, tuple[str, ...]], _Plan] = {}

    def __call__(self, conn: sa.Connection, values: Mapping[str, Any]) -> Answer:
        """Run it with these values and give its rows."""
        plan = self._plan(conn, tuple(values))
        return _run(conn, plan, lambda cursor: cursor.execute(plan.sql, _bound(plan, values)))

    def later(self, conn: sa.Connection, values: Mapping[str, Any]) -> None:
        """Run it without asking what came of it: with the next statement, or with the COMMIT."""
        plan = self._plan(conn, tuple(values))
        bound = _bound(plan, values)
        acting.say(conn)
        if not behind.add(conn, plan.sql, bound):
            _run(conn, plan, lambda cursor: cursor.execute(plan.sql, bound))

    def many(self, conn: sa.Connection, batch: Sequence[Mapping[str, Any]]) -> int:
        """Run it for each of the values; gives how many rows were changed."""
        plan = self._plan(conn, tuple(batch[0]))
        bound = [_bound(plan, values) for values in batch]
        return _run(conn, plan, lambda cursor: cursor.executemany(plan.sql, bound)).changed

    def _plan(self, conn: sa.Connection, keys: tuple[str, ...]) -> _Plan:
        at = (conn.dialect.name, keys)
        plan = self._plans.get(at)
        if plan is None:
            plan = self._plans[at] = _compile(self._build(at[0]), conn.dialect, keys)
        return plan


def _compile(statement: Any, dialect: sa.Dialect, keys: Iterable[str]) -> _Plan:
    compiled = statement.compile(
        dialect=dialect, column_keys=list(keys), compile_kwargs={"render_postcompile": True}
    )
    # What stands in the statement itself: constants, lists of IN, defaults of columns.
    fixed = {**compiled.params, **{c.key: c.default.arg for c in compiled.insert_prefetch}}
    order = compiled.positiontup if compiled.positional else list(compiled.params)
    types = [column.type for column in statement.exported_columns] if _returns(statement) else []
    readers = [(at, kind.dialect_impl(dialect)) for at, kind in enumerate(types)]
    reads = [(at, kind.result_processor(dialect, None)) for at, kind in readers]
    return _Plan(
        compiled.string,
        tuple(_param(compiled.binds.get(name), name, fixed, dialect) for name in order),
        not compiled.positional,
        tuple((at, read) for at, read in reads if read is not None),
    )


def _returns(statement: Any) -> bool:
    return bool(statement.is_select or getattr(statement, "_returning", ()))


def _param(bind: Any, name: str, fixed: Mapping[str, Any], dialect: sa.Dialect) -> _Param:
    process = None if bind is None else bind.type.dialect_impl(dialect).bind_processor(dialect)
    return _Param(name, process, fixed.get(name))


def _bound(plan: _Plan, values: Mapping[str, Any]) -> Any:
    found = [
        value if param.process is None else param.process(value)
        for param in plan.params
        for value in (values.get(param.name, param.value),)
    ]
    if plan.named:
        return {param.name: value for param, value in zip(plan.params, found, strict=True)}
    return found


def _run(conn: sa.Connection, plan: _Plan, execute: Callable[[Any], object]) -> Answer:
    acting.say(conn)
    raw: Any = conn.connection.driver_connection
    cursor = raw.cursor()
    try:
        with behind.along(conn):
            execute(cursor)
        rows = cursor.fetchall() if cursor.description else []
        count = cursor.rowcount
    except conn.dialect.loaded_dbapi.Error as error:
        raise _told(conn, plan.sql, cursor, error) from error
    cursor.close()
    if plan.reads:
        rows = [_read(row, plan.reads) for row in rows]
    return Answer(rows, count)


def _read(
    row: Sequence[Any], reads: tuple[tuple[int, Callable[[Any], Any]], ...]
) -> tuple[Any, ...]:
    values = list(row)
    for at, read in reads:
        values[at] = read(values[at])
    return tuple(values)


def _told(conn: sa.Connection, sql: str, cursor: Any, error: Any) -> Exception:
    """Give the driver's error as SQLAlchemy would; a lost connection is not used again."""
    raw: Any = conn.connection.driver_connection
    lost = conn.dialect.is_disconnect(error, raw, cursor)
    told: Exception = sa.exc.DBAPIError.instance(
        sql, None, error, conn.dialect.loaded_dbapi.Error, hide_parameters=True,
        connection_invalidated=lost, dialect=conn.dialect,
    )  # fmt: skip
    if lost:
        conn.invalidate(error)
    return told
