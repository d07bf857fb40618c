"""What every table shares: names of constraints, kinds of columns."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.columns import Id, SealedBytes, Sid, UTCTime

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = sa.MetaData(naming_convention=NAMES)

AUTO = {"sqlite_autoincrement": True}
"""A number is never given twice, even after its row was destroyed."""


KEYED: dict[str, Any] = {"sqlite_with_rowid": False}
"""Small rows found by their key only: on SQLite one tree instead of two, half the pages to write."""


class Table(SQLModel):
    metadata = metadata


def partial(name: str, *columns: str, where: str) -> sa.Index:
    """Index a few rows among many: what is open, what waits. `where` is literal SQL."""
    condition = sa.text(where)
    return sa.Index(name, *columns, postgresql_where=condition, sqlite_where=condition)


def row_id() -> Any:
    return Field(default=None, primary_key=True, sa_type=Id)


def ref(to: str, *, null: bool = False, index: bool = False) -> Any:
    """Point at another table; no cascade: a rebuild on SQLite would wipe the children (P12)."""
    default = None if null else ...
    return Field(default=default, foreign_key=to, nullable=null, index=index, sa_type=Id)


def sid() -> Any:
    return Field(sa_type=Sid, unique=True)


def sealed(*, null: bool = False) -> Any:
    return Field(default=None if null else ..., sa_type=SealedBytes, nullable=null)


def moment(*, null: bool = False, index: bool = False) -> Any:
    return Field(default=None if null else ..., sa_type=UTCTime, nullable=null, index=index)


def raw(*, null: bool = False, key: bool = False) -> Any:
    """Open bytes: hashes and message codes."""
    default = None if null else ...
    return Field(default=default, sa_type=sa.LargeBinary, nullable=null, primary_key=key)


def text(default: str = "", *, index: bool = False) -> Any:
    return Field(default=default, index=index, sa_column_kwargs={"server_default": default})


def number(default: int = 0) -> Any:
    return Field(default=default, sa_column_kwargs={"server_default": str(default)})


def flag(*, default: bool = False) -> Any:
    server = sa.true() if default else sa.false()
    return Field(default=default, sa_column_kwargs={"server_default": server})


Moment = datetime | None
Bytes = bytes | None
Ref = int | None


def table(model: type[SQLModel]) -> sa.Table:
    """Give the Core table behind a model: what all statements are built from."""
    found: sa.Table = model.__table__  # type: ignore[attr-defined]
    return found
