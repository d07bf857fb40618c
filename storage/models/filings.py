"""Filings, what belongs to them, and their journal."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.columns import Sid
from storage.models import base as col
from storage.models.base import Bytes, Moment, Ref, Table

TODO = "status IN ('waiting', 'stored', 'found')"
"""Literal, because a partial index is used only where the query says the very same."""


class Filing(Table, table=True):
    """What a citizen filed. Open columns hold nothing that says who it was (security S1)."""

    __tablename__ = "filings"
    __table_args__ = (
        col.partial("ix_filings_open_due", "due_at", where="closed_at IS NULL"),
        col.partial("ix_filings_closed", "arrived_at", "id", where="closed_at IS NOT NULL"),
        col.AUTO,
    )
    id: int | None = col.row_id()
    sid: bytes = col.sid()
    number: str = Field(unique=True)
    procedure: str
    procedure_version: int
    state: str = Field(index=True)
    mode: str  # named, anonymous
    kind: str = col.text()
    peer_id: Ref = col.ref("peers.id", null=True, index=True)
    unit_id: Ref = col.ref("units.id", null=True, index=True)  # the unit complained of
    assignee_id: Ref = col.ref("users.id", null=True, index=True)
    lang: str = col.text("ko")
    channel: str
    share: str = col.text()
    arrived_at: datetime = col.moment()  # the hour only, without a name
    received_at: Moment = col.moment(null=True)
    due_at: Moment = col.moment(null=True, index=True)
    calendar_version: str = col.text()
    version: int = col.number(1)
    answers: Bytes = col.sealed(null=True)
    identity: Bytes = col.sealed(null=True)
    exact: Bytes = col.sealed(null=True)  # the exact times of a filing without a name
    code_mac: Bytes = col.raw(null=True)
    derivation: str = col.text()
    outcome: str = col.text()
    result_at: Moment = col.moment(null=True)  # when that was first known; the hour without a name
    survey: str = col.text()  # what the reporter thought of it: yes, partly, no
    transfers: int = col.number()  # how often it was handed to another unit or agency
    first_read_at: Moment = col.moment(null=True)
    closed_at: Moment = col.moment(null=True)
    overdue_noticed_at: Moment = col.moment(null=True)
    erased_at: Moment = col.moment(null=True)
    restricted_at: Moment = col.moment(null=True)  # nobody here may handle it (security S8)
    stand_in_id: Ref = col.ref("users.id", null=True, index=True)
    reach: str = col.text("audit")  # whose it is: audit, unit, own (`knowledge.procedure.Filing`)
    author_id: Ref = col.ref("users.id", null=True, index=True)  # the official who filed
    from_unit_id: Ref = col.ref("units.id", null=True, index=True)  # in whose name
    approver_id: Ref = col.ref("users.id", null=True, index=True)  # its head, who is asked for it
    handed_at: Moment = col.moment(null=True)  # when it came to the audit office from there
    after_id: Ref = col.ref("filings.id", null=True, index=True)  # what it goes on from


class Stop(Table, table=True):
    """Days or hours that do not count (보완, 이송, 현장조사 ...)."""

    __tablename__ = "stops"
    id: int | None = col.row_id()
    filing_id: int = col.ref("filings.id", index=True)
    kind: str
    started_at: datetime = col.moment()
    ended_at: Moment = col.moment(null=True)
    until: Moment = col.moment(null=True)  # what the other side was given


class Extension(Table, table=True):
    __tablename__ = "extensions"
    id: int | None = col.row_id()
    filing_id: int = col.ref("filings.id", index=True)
    deadline: str
    kind: str  # first, second, onsite, supplement ...
    amount: int
    at: datetime = col.moment()
    by_user_id: Ref = col.ref("users.id", null=True)


class Deadline(Table, table=True):
    __tablename__ = "deadlines"
    __table_args__ = (sa.UniqueConstraint("filing_id", "name"),)
    id: int | None = col.row_id()
    filing_id: int = col.ref("filings.id")
    name: str
    due_at: Moment = col.moment(null=True, index=True)
    done_at: Moment = col.moment(null=True)


class Guard(Table, table=True):
    """Who must not see a filing (security S8): a unit or a person.

    `since` is the day of what is complained of; a `proposed` row was found in the words and keeps
    nobody out. A row of neither unit nor person waits for somebody at 접수.
    """

    __tablename__ = "guards"
    id: int | None = col.row_id()
    filing_id: int = col.ref("filings.id", index=True)
    unit_id: Ref = col.ref("units.id", null=True, index=True)
    user_id: Ref = col.ref("users.id", null=True, index=True)
    confirmed_at: Moment = col.moment(null=True)
    reason: str = col.text()  # complained, named, self, unknown
    since: date | None = None
    proposed: bool = col.flag()


class FactRequest(Table, table=True):
    """Questions to a unit in the auditor's own words; sealed to the filing."""

    __tablename__ = "fact_requests"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    filing_id: int = col.ref("filings.id", index=True)
    unit_id: int = col.ref("units.id", index=True)
    by_user_id: Ref = col.ref("users.id", null=True)
    asked: Bytes = col.sealed(null=True)
    reply: Bytes = col.sealed(null=True)
    state: str = col.text("open")
    due_at: datetime = col.moment()
    created_at: datetime = col.moment()
    replied_at: Moment = col.moment(null=True)


class Attachment(Table, table=True):
    """A file; it has a data key of its own, so that it moves from a dialog to a filing."""

    __tablename__ = "attachments"
    __table_args__ = (
        col.partial("ix_attachments_todo", "status", "id", where=TODO),
        col.partial("ix_attachments_unscanned", "id", where="scan = 'away'"),
        col.AUTO,
    )
    id: int | None = col.row_id()
    sid: bytes = col.sid()
    filing_id: Ref = col.ref("filings.id", null=True, index=True)
    peer_id: Ref = col.ref("peers.id", null=True, index=True)
    blob: str = col.text()
    clean_blob: str = col.text()
    kind: str
    size: int = col.number()
    mime: str = col.text()
    mac: Bytes = col.raw(null=True)  # of the plain original, with the owner's key
    clean_mac: Bytes = col.raw(null=True)
    name: Bytes = col.sealed(null=True)
    locator: Bytes = col.sealed(null=True)
    # waiting, stored, clean, no_preview, failed; found and, once it was told, quarantined
    status: str = col.text("waiting")
    scan: str = col.text()  # clean, found, away (asked again), "" (no scanner)
    created_at: datetime = col.moment(index=True)


class Event(Table, table=True):
    """The journal: rows are only ever added; `detail` may be taken away (security S4)."""

    __tablename__ = "events"
    __table_args__ = (sa.UniqueConstraint("subject", "seq"),)
    id: int | None = col.row_id()
    subject: bytes = Field(sa_type=Sid)
    seq: int
    at: datetime = col.moment()
    actor: str
    kind: str
    commitment: bytes = col.raw()
    detail: Bytes = col.sealed(null=True)
    hash: bytes = col.raw()
    key_id: str


class Head(Table, table=True):
    """The end of each subject's chain, locked by whoever appends."""

    __tablename__ = "heads"
    subject: bytes = Field(primary_key=True, sa_type=Sid)
    seq: int
    hash: bytes = col.raw()


class Root(Table, table=True):
    """A signed hour of the journal."""

    __tablename__ = "roots"
    id: int | None = col.row_id()
    at: datetime = col.moment()
    subjects: int
    events: int
    merkle: bytes = col.raw()
    prev: bytes = col.raw()
    key_id: str
    signature: bytes = col.raw()


class Task(Table, table=True):
    """Something a person must do because the service cannot (a letter, a telephone call)."""

    __tablename__ = "tasks"
    __table_args__ = (col.partial("ix_tasks_open", "id", where="done_at IS NULL"),)
    id: int | None = col.row_id()
    filing_id: Ref = col.ref("filings.id", null=True, index=True)
    outbox_id: int | None = None
    kind: str
    reason: str = col.text()
    created_at: datetime = col.moment()
    done_at: Moment = col.moment(null=True)
    done_by_id: Ref = col.ref("users.id", null=True)


class Unit(Table, table=True):
    """A unit of the agency, with its days of validity (security S8)."""

    __tablename__ = "units"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    code: str = Field(unique=True)
    name: str
    aliases: str = col.text()  # one a line
    parent_id: Ref = col.ref("units.id", null=True)
    kind: str = col.text("unit")  # unit, audit, intake, outside
    valid_from: date
    valid_until: date | None = None
    email: str = col.text()
    open: bool = col.flag(default=True)  # may be chosen by citizens


class DayOff(Table, table=True):
    __tablename__ = "days_off"
    day: date = Field(primary_key=True)
    name: str
    source: str
    added_at: datetime = col.moment()
