"""What an agency has to see to beside its cases: checks, confirmations, dates of its own."""

from datetime import date, datetime

from sqlmodel import Field

from storage.models import base as col
from storage.models.base import Bytes, Moment, Ref, Table


class QueueCheck(Table, table=True):
    """The monthly look at how cases stand (민원처리법 시행령 제22조), and what it came to."""

    __tablename__ = "queue_checks"
    month: str = Field(primary_key=True)  # 2026-11
    sid: bytes = col.sid()
    made_at: datetime = col.moment()
    checked_at: Moment = col.moment(null=True)
    user_id: Ref = col.ref("users.id", null=True)
    found: Bytes = col.sealed(null=True)  # figures and remark, as JSON


class Confirmation(Table, table=True):
    """That somebody stands for a value which no law gives; `mark` says which value it was."""

    __tablename__ = "confirmations"
    name: str = Field(primary_key=True)  # passive_report.deadlines.answer, holidays.2027
    sid: bytes = col.sid()
    mark: str
    user_id: Ref = col.ref("users.id", null=True)
    at: datetime = col.moment()
    basis: bytes = col.sealed()


class AgencyDate(Table, table=True):
    """A day that the agency wants to be reminded of, perhaps again and again."""

    __tablename__ = "agency_dates"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    kind: str  # selection, plan, training, meeting, election, other
    title: str
    day: date
    repeats: str = col.text()  # monthly, quarterly, yearly, "" once
    ahead: str = col.text()  # days before, with commas
    role: str
    made_by_id: Ref = col.ref("users.id", null=True)
    made_at: datetime = col.moment()
    ended_at: Moment = col.moment(null=True)
