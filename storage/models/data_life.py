"""What becomes of filed cases at the end: holds, the decision to destroy, what it covers."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.columns import Id
from storage.models import base as col
from storage.models.base import Bytes, Moment, Ref, Table


class Hold(Table, table=True):
    """A filing that may not be destroyed or erased, whatever else is decided (security S35)."""

    __tablename__ = "holds"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    sid: bytes = col.sid()
    filing_id: int = col.ref("filings.id", index=True)
    reason: bytes = col.sealed()
    set_by_id: Ref = col.ref("users.id", null=True)
    set_at: datetime = col.moment()
    end_reason: Bytes = col.sealed(null=True)
    ended_by_id: Ref = col.ref("users.id", null=True)
    ended_at: Moment = col.moment(null=True)


class Disposal(Table, table=True):
    """One 심의 and the filings it lets go; nothing of it is ever removed (공공기록물법 제27조)."""

    __tablename__ = "disposals"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    sid: bytes = col.sid()
    held_on: date
    members: int
    decision: bytes = col.sealed()
    state: str = col.text("drafted")  # drafted, exported, asked, approved, done, dropped
    made_by_id: Ref = col.ref("users.id", null=True)
    made_at: datetime = col.moment()
    bundle: str = col.text()  # SHA-256 of the transfer bundle, hexadecimal
    bundle_size: int = Field(
        default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"}
    )
    exported_by_id: Ref = col.ref("users.id", null=True)
    exported_at: Moment = col.moment(null=True)
    approval_id: int | None = None
    approved_by_id: Ref = col.ref("users.id", null=True)
    approved_at: Moment = col.moment(null=True)
    finished_at: Moment = col.moment(null=True)


class DisposalItem(Table, table=True):
    """A filing of a disposal. `version` is what was exported: moved on since, it stays."""

    __tablename__ = "disposal_items"
    disposal_id: int = Field(primary_key=True, foreign_key="disposals.id", sa_type=Id)
    filing_id: int = Field(primary_key=True, foreign_key="filings.id", sa_type=Id, index=True)
    version: int = col.number()
    state: str = col.text("waiting")  # waiting, done, held, changed
    files: int = col.number()
    events: int = col.number()
    done_at: Moment = col.moment(null=True)
