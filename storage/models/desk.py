"""What officials keep beside the filings: their own filters, words for answers, other numbers."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.columns import Id
from storage.models import base as col
from storage.models.base import Bytes, Moment, Ref, Table


class SavedView(Table, table=True):
    """A filter of the queue under a name, of one official alone."""

    __tablename__ = "saved_views"
    __table_args__ = (sa.UniqueConstraint("user_id", "name"),)
    id: int | None = col.row_id()
    user_id: int = col.ref("users.id")
    name: str
    query: str  # of a closed set of open columns, as `services.listing` writes it
    created_at: datetime = col.moment()


class Template(Table, table=True):
    """Words for one field of an answer; ended, never changed, so that it is known who wrote what."""

    __tablename__ = "templates"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    procedure: str
    field: str
    name: str
    body: str
    unit_id: Ref = col.ref("units.id", null=True)  # whose officials use it; none: everybody
    by_user_id: Ref = col.ref("users.id", null=True)
    created_at: datetime = col.moment()
    ended_at: Moment = col.moment(null=True)


class ExternalNumber(Table, table=True):
    """The number of a filing in the office's other system; sealed, found by a blind index (S6)."""

    __tablename__ = "external_numbers"
    filing_id: int = Field(primary_key=True, foreign_key="filings.id", sa_type=Id)
    system: str
    number: Bytes = col.sealed(null=True)
    number_ix: Bytes = Field(default=None, sa_type=sa.LargeBinary, nullable=True, index=True)
    ix_key_id: str = col.text()
    due_at: Moment = col.moment(null=True)  # the end of the day that the other system names
    by_user_id: Ref = col.ref("users.id", null=True)
    at: datetime = col.moment()
