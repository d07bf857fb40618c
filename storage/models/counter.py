"""The telephone and the counter: calls, callers, what is alike, what came in a flood."""

from datetime import datetime

from sqlmodel import Field

from storage.columns import Id
from storage.models import base as col
from storage.models.base import Bytes, Moment, Ref, Table


class Call(Table, table=True):
    """A call that somebody asked for; it has a data key of its own and dies before its filing."""

    __tablename__ = "calls"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    sid: bytes = col.sid()
    peer_id: Ref = col.ref("peers.id", null=True, index=True)
    filing_id: Ref = col.ref("filings.id", null=True, index=True)
    lang: str = col.text("ko")
    wish: str = col.text("any")  # any, morning, afternoon
    phone: Bytes = col.sealed(null=True)
    about: Bytes = col.sealed(null=True)
    state: str = col.text("waiting", index=True)  # waiting, done, missed, replaced
    tries: int = col.number()
    due_at: datetime = col.moment()
    created_at: datetime = col.moment()
    done_at: Moment = col.moment(null=True)
    done_by_id: Ref = col.ref("users.id", null=True)
    erased_at: Moment = col.moment(null=True)


class Finder(Table, table=True):
    """By what a caller is found: a name with one contact, as a keyed index (security S6)."""

    __tablename__ = "finders"
    id: int | None = col.row_id()
    filing_id: int = col.ref("filings.id", index=True)
    kind: str  # phone, email, address
    ix: bytes = Field(index=True)
    key_id: str = col.text(index=True)


class Sketch(Table, table=True):
    """What a report is like (64 keyed MinHash values), sealed to it (security S28)."""

    __tablename__ = "sketches"
    filing_id: int = Field(primary_key=True, foreign_key="filings.id", sa_type=Id)
    key_id: str = col.text(index=True)
    sketch: Bytes = col.sealed(null=True)


class Crowd(Table, table=True):
    """A report that came above the budget and waits in 대량 유입 (security S34)."""

    __tablename__ = "crowds"
    filing_id: int = Field(primary_key=True, foreign_key="filings.id", sa_type=Id)
    at: datetime = col.moment()
    let_in_at: Moment = col.moment(null=True, index=True)
