"""Who works where and when, who stands in for whom, what two persons decide."""

from datetime import date, datetime

from sqlmodel import Field

from storage.columns import Id
from storage.models import base as col
from storage.models.base import Bytes, Moment, Ref, Table


class Posting(Table, table=True):
    """An official in a unit from day to day; both days count. Without an end it is the present."""

    __tablename__ = "postings"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    user_id: int = col.ref("users.id", index=True)
    unit_id: int = col.ref("units.id", index=True)
    head: bool = col.flag()
    first_day: date
    last_day: date | None = None


class Deputy(Table, table=True):
    """Somebody who acts for another (대직), from day to day; both days count."""

    __tablename__ = "deputies"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    person_id: int = col.ref("users.id", index=True)
    deputy_id: int = col.ref("users.id", index=True)
    first_day: date
    last_day: date
    set_by_id: Ref = col.ref("users.id", null=True)
    set_at: datetime = col.moment()
    ended_at: Moment = col.moment(null=True)


class UnitSuccessor(Table, table=True):
    """Where the work of a unit went when it ended: renamed, merged, split."""

    __tablename__ = "unit_successors"
    unit_id: int = Field(primary_key=True, foreign_key="units.id", sa_type=Id)
    successor_id: int = Field(primary_key=True, foreign_key="units.id", sa_type=Id, index=True)
    from_day: date


class Approval(Table, table=True):
    """What one official asked for and another one decides (security S9)."""

    __tablename__ = "approvals"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    sid: bytes = col.sid()
    kind: str
    subject_id: int = Field(index=True, sa_type=Id)  # of an account, of a filing: the kind knows
    state: str = col.text("open", index=True)
    bound: str = col.text()  # what it was asked about, as a hash: changed, it is void
    detail: bytes = col.sealed()
    asked_by_id: Ref = col.ref("users.id", null=True)  # none: the command line
    asked_at: datetime = col.moment()
    decided_by_id: Ref = col.ref("users.id", null=True)
    decided_at: Moment = col.moment(null=True)
    decision: Bytes = col.sealed(null=True)
    due_at: Moment = col.moment(null=True)  # when it is carried out, or lapses
    ended_at: Moment = col.moment(null=True)


class RightChange(Table, table=True):
    """Given, changed or taken rights of access (안전성 확보조치 기준 제5조제3항: kept for years)."""

    __tablename__ = "right_changes"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    at: datetime = col.moment(index=True)
    user_id: int = col.ref("users.id", index=True)
    what: str
    role: str = col.text()
    by_id: Ref = col.ref("users.id", null=True)  # none: the command line or the clock
    approval_id: Ref = col.ref("approvals.id", null=True)
