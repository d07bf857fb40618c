"""Column types and clock functions that mean the same on SQLite and PostgreSQL."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage.crypto import is_sealed
from storage.errors import NotSealed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICRO = timedelta(microseconds=1)


def to_micros(at: datetime) -> int:
    """Give microseconds since 1970 UTC; raises ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return (at - EPOCH) // MICRO


def from_micros(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


class UTCTime(TypeDecorator[datetime]):
    """A moment, always with its zone; microseconds since 1970 on SQLite."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(sa.BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        micros = to_micros(value)
        return value if dialect.name == "postgresql" else micros

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "postgresql":
            moment: datetime = value
            return moment.astimezone(UTC)
        return from_micros(value)


class SealedBytes(TypeDecorator[bytes]):
    """Bytes that `crypto` sealed; anything else is refused on its way in (security S5)."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        if value is not None and not is_sealed(value):
            raise NotSealed("plain bytes for a sealed column")
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else bytes(value)


class Sid(TypeDecorator[bytes]):
    """Sixteen random bytes, made in Python before the row exists (security S5)."""

    impl = sa.LargeBinary(16)
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else bytes(value)


class Id(TypeDecorator[int]):
    """A row's number; SQLite makes numbers only for a column called INTEGER."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = sa.Integer() if dialect.name == "sqlite" else sa.BigInteger()
        return dialect.type_descriptor(kind)


class Numbers(TypeDecorator[Sequence[int]]):
    """Any count of whole numbers in one parameter, so that a statement stays the same."""

    impl = sa.String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.ARRAY(sa.BigInteger))
        return dialect.type_descriptor(sa.String())

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return json.dumps(list(value))


def each(dialect: str, name: str) -> sa.TableValuedAlias:
    """Give the `Numbers` of a parameter as a table with one column, `value`, to join with.

    As a condition SQLite would look at every row and ask whether it is among them.
    """
    numbers = sa.bindparam(name, type_=Numbers())
    if dialect == "postgresql":
        whole = sa.cast(numbers, postgresql.ARRAY(sa.BigInteger))
        return sa.func.unnest(whole).table_valued("value", name="mine").render_derived()
    return sa.func.json_each(numbers).table_valued("value", name="mine")


class db_now(FunctionElement[datetime]):  # noqa: N801 - reads as SQL
    """The database's own clock, for leases (security S11): never the injected one."""

    type = UTCTime()
    inherit_cache = True
    name = "db_now"


class db_later(FunctionElement[datetime]):  # noqa: N801
    """The database's clock plus so many seconds."""

    type = UTCTime()
    inherit_cache = True
    name = "db_later"

    def __init__(self, seconds: float | sa.BindParameter[float]) -> None:
        if not isinstance(seconds, sa.BindParameter):
            seconds = sa.bindparam("seconds", float(seconds), sa.Float, unique=True)
        super().__init__(seconds)


class db_micros(FunctionElement[int]):  # noqa: N801
    """The database's clock as microseconds since 1970, for the arithmetic of rates."""

    type = sa.BigInteger()
    inherit_cache = True
    name = "db_micros"


def read_once(moment: sa.ColumnElement[datetime]) -> sa.ScalarSelect[Any]:
    """Read the database's clock once for a statement.

    PostgreSQL reads it anew for each row that it looks at, and never looks for what moves in an
    index: a sweep would read the whole table.
    """
    return sa.select(moment).scalar_subquery()


@compiles(db_now, "postgresql")
def _now_pg(element: db_now, compiler: Any, **kw: Any) -> str:  # noqa: ARG001
    return "clock_timestamp()"


@compiles(db_now, "sqlite")
@compiles(db_micros, "sqlite")
def _now_sqlite(element: db_now | db_micros, compiler: Any, **kw: Any) -> str:  # noqa: ARG001
    return "host_now()"


@compiles(db_later, "postgresql")
def _later_pg(element: db_later, compiler: Any, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"(clock_timestamp() + make_interval(secs => {seconds}))"


@compiles(db_later, "sqlite")
def _later_sqlite(element: db_later, compiler: Any, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"(host_now() + CAST({seconds} * 1000000 AS INTEGER))"


@compiles(db_micros, "postgresql")
def _micros_pg(element: db_micros, compiler: Any, **kw: Any) -> str:  # noqa: ARG001
    return "(extract(epoch from clock_timestamp()) * 1000000)::bigint"
