"""What proves an official's name, and what was opened under it."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.columns import Id
from storage.models import base as col
from storage.models.base import Bytes, Moment, Ref, Table


class SecondFactor(Table, table=True):
    """The secret of an official's one-time codes (RFC 6238), sealed to the official."""

    __tablename__ = "second_factors"
    user_id: int = Field(primary_key=True, foreign_key="users.id", sa_type=Id)
    secret: bytes = col.sealed()
    last_step: int = Field(sa_type=sa.BigInteger)  # a code is good once, and none before it
    enrolled_at: datetime = col.moment()


class RecoveryCode(Table, table=True):
    """A code on paper that stands in for the telephone once; only its hash is stored."""

    __tablename__ = "recovery_codes"
    hash: bytes = col.raw(key=True)
    user_id: int = col.ref("users.id", index=True)
    made_at: datetime = col.moment()
    used_at: Moment = col.moment(null=True)


class Identity(Table, table=True):
    """An account of the agency's own sign-in that belongs to an official; never an e-mail."""

    __tablename__ = "identities"
    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    user_id: int = col.ref("users.id", index=True)
    linked_at: datetime = col.moment()
    seen_at: Moment = col.moment(null=True)


class ConfirmedRole(Table, table=True):
    """A grave role that a group gives and a second person confirmed, once."""

    __tablename__ = "confirmed_roles"
    user_id: int = Field(primary_key=True, foreign_key="users.id", sa_type=Id)
    role: str = Field(primary_key=True)
    confirmed_at: datetime = col.moment()


class Access(Table, table=True):
    """접속기록: who, when, from where, whose data, what (안전성 확보조치 기준 제8조).

    The only table with officials' addresses; a citizen's is never here.
    """

    __tablename__ = "accesses"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    at: datetime = col.moment(index=True)
    user_id: int = col.ref("users.id", index=True)
    network: str = col.text()
    what: str
    filing_id: Ref = col.ref("filings.id", null=True, index=True)
    sid: Bytes = col.raw(null=True)
    count: int = col.number(1)
    reason: Bytes = col.sealed(null=True)


class AccessReview(Table, table=True):
    """The monthly look at the access log, and what its reviewer remarked."""

    __tablename__ = "access_reviews"
    month: str = Field(primary_key=True)  # 2026-11
    sid: bytes = col.sid()
    task_id: Ref = col.ref("tasks.id", null=True)
    made_at: datetime = col.moment()
    reviewed_at: Moment = col.moment(null=True)
    user_id: Ref = col.ref("users.id", null=True)
    remark: Bytes = col.sealed(null=True)
