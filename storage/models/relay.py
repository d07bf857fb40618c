"""What crosses between two networks that may not touch: files, what waits for one, its cases."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.columns import Id
from storage.models import base as col
from storage.models.base import Bytes, Moment, Ref, Table

WAITING = "file_number IS NULL"
"""Literal, because a partial index is used only where the query says the very same."""


class RelayFile(Table, table=True):
    """A file of one direction by its number; without a number one that was refused."""

    __tablename__ = "relay_files"
    __table_args__ = (sa.UniqueConstraint("direction", "number"), col.AUTO)
    id: int | None = col.row_id()
    sid: bytes = col.sid()
    direction: str  # in, out: as the files travel, whoever reads this
    number: int | None = Field(default=None, sa_type=Id)
    status: str  # made, acked, skipped; done; what was wrong with a refused one
    digest: bytes = col.raw()
    blob: str = col.text()  # the very bytes, until some days after they arrived
    size: int = col.number()
    items: int = col.number()
    cursor: int = Field(default=0, sa_type=Id, sa_column_kwargs={"server_default": "0"})
    name: str = col.text()
    at: datetime = col.moment()
    placed_at: Moment = col.moment(null=True)
    acked_at: Moment = col.moment(null=True)


class RelayItem(Table, table=True):
    """One thing that is to cross, or has and was not confirmed; words are sealed to `work`."""

    __tablename__ = "relay_items"
    __table_args__ = (col.partial("ix_relay_items_waiting", "id", where=WAITING), col.AUTO)
    id: int | None = col.row_id()
    sid: bytes = col.sid()
    kind: str  # filing, file, act, task, call; state, acted, gone; piece: of a file that comes
    filing_id: Ref = col.ref("filings.id", null=True, index=True)
    ref: str = col.text()
    content: Bytes = col.sealed(null=True)
    done: int = col.number()  # of a file its bytes that have gone; of a state where it began
    blob: str = col.text()
    file_number: int | None = Field(default=None, sa_type=Id, index=True)
    at: datetime = col.moment()  # the hour only, without a name


class RelayCase(Table, table=True):
    """A filing that stands on both sides; `mirror` is what the inside last said of it."""

    __tablename__ = "relay_cases"
    filing_id: int = Field(primary_key=True, foreign_key="filings.id", sa_type=Id)
    seq: int = col.number()  # inside: the last event of its journal that has crossed
    mirror: Bytes = col.sealed(null=True)
