"""Officials and their doors."""

from datetime import datetime

from sqlmodel import Field

from storage.columns import Id, Sid
from storage.models import base as col
from storage.models.base import Bytes, Moment, Ref, Table


class User(Table, table=True):
    __tablename__ = "users"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    login: str = Field(unique=True)
    name: str
    unit_id: Ref = col.ref("units.id", null=True, index=True)
    phone: str = col.text()
    email: str = col.text()
    password_hash: str = col.text()
    active: bool = col.flag(default=True)
    epoch: int = col.number()  # moved on: every session ends
    created_at: datetime = col.moment()
    # Owner of what is sealed to the official; made at need, so that older code may add accounts.
    sid: Bytes = Field(default=None, sa_type=Sid, nullable=True, unique=True, index=True)
    staff_no: str | None = Field(
        default=None, unique=True, index=True
    )  # 사번: one person, one number
    title: str = col.text()  # 직위
    created_by_id: Ref = Field(default=None, sa_type=Id)  # none: the command line
    reset_by_id: Ref = Field(default=None, sa_type=Id)  # who last asked for a reset of it


class UserRole(Table, table=True):
    __tablename__ = "user_roles"
    user_id: int = Field(primary_key=True, foreign_key="users.id", sa_type=Id)
    role: str = Field(primary_key=True)
    granted_at: datetime = col.moment()
    source: str = col.text()  # "group": given by the agency's own sign-in, taken by it too


class Session(Table, table=True):
    __tablename__ = "sessions"
    token_hash: bytes = col.raw(key=True)
    user_id: int = col.ref("users.id", index=True)
    epoch: int
    created_at: datetime = col.moment()
    seen_at: datetime = col.moment()
    expires_at: datetime = col.moment(index=True)
    proved_at: Moment = col.moment(null=True)  # when the second factor was last shown
    road: str = col.text()  # "oidc": came by the agency's own sign-in


class Ticket(Table, table=True):
    """A link that works once: hand-over, invitation, a look at a code (security S2)."""

    __tablename__ = "tickets"
    hash: bytes = col.raw(key=True)
    sid: bytes = col.sid()
    kind: str
    peer_id: Ref = col.ref("peers.id", null=True, index=True)
    user_id: Ref = col.ref("users.id", null=True, index=True)
    filing_id: Ref = col.ref("filings.id", null=True, index=True)
    detail: Bytes = col.sealed(null=True)
    expires_at: datetime = col.moment(index=True)
    used_at: Moment = col.moment(null=True)
    tries: int = col.number()
    created_at: datetime = col.moment()
