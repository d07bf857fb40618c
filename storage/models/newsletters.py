"""What is sent to everybody who asked for it: who asked, what went out, what became of each."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.columns import Id
from storage.models import base as col
from storage.models.base import Bytes, Moment, Ref, Table


class Subscription(Table, table=True):
    """Who asked for news; the consent stands in `consents`. Bits: `knowledge.subjects`."""

    __tablename__ = "subscriptions"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    sid: bytes = col.sid()
    peer_id: int = Field(foreign_key="peers.id", sa_type=Id, unique=True)
    kinds: int = Field(sa_type=sa.BigInteger)
    fields: int = Field(sa_type=sa.BigInteger)  # 0: all
    regions: int = Field(sa_type=sa.BigInteger)  # 0: all
    lang: str
    state: str  # asked (the e-mail is not confirmed), on, off
    text_version: str
    asked_at: datetime = col.moment()
    on_at: Moment = col.moment(null=True)
    renewed_at: Moment = col.moment(null=True)  # when it was last agreed to
    renew_asked_at: Moment = col.moment(null=True)
    renew_reminded_at: Moment = col.moment(null=True)
    ended_at: Moment = col.moment(null=True)
    why: str = col.text()  # of the end: subscriptions.Why
    soft: int = col.number()  # letters that came back for a while, since
    soft_at: Moment = col.moment(null=True)


class SignUp(Table, table=True):
    """What somebody typed to get news by e-mail; the public part puts it here and never reads it."""

    __tablename__ = "sign_ups"
    id: int | None = col.row_id()
    sid: bytes = col.sid()
    content: bytes = col.sealed()
    at: datetime = col.moment()


class Broadcast(Table, table=True):
    """One thing that is sent to many. Its words are public words."""

    __tablename__ = "broadcasts"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    number: str = Field(unique=True)  # 2026-11
    kind: str  # news, cards, notice, alert, correction
    nature: str = col.text()  # not said yet, guide (행정 안내), results (사업 계획·실적)
    state: str = Field(index=True)  # draft, asked, approved, sending, paused, done, cancelled
    lang: str
    title: str
    content: str  # JSON: knowledge.newsletter.Issue
    segment: str  # JSON: who gets it
    send_at: Moment = col.moment(null=True)
    version: int = col.number()
    author_id: Ref = col.ref("users.id", null=True)  # none: the clock
    made_at: datetime = col.moment()
    changed_at: datetime = col.moment()
    approved_hash: str = col.text()
    approved_by_id: Ref = col.ref("users.id", null=True)
    approved_at: Moment = col.moment(null=True)
    begun_at: Moment = col.moment(null=True)
    ended_at: Moment = col.moment(null=True)
    cursor: int = Field(default=0, sa_type=Id, sa_column_kwargs={"server_default": "0"})
    fanned: bool = col.flag()
    why: str = col.text()  # of a pause or a return: a code of ours, or an official's reason
    corrects_id: Ref = col.ref("broadcasts.id", null=True)
    doc_no: str = col.text()
    confirmed: str = col.text()  # JSON: what the editor has looked at (wording.md 12.1)


class BroadcastLine(Table, table=True):
    """How far a broadcast is on one channel. Counters are rows: nothing counts `sendings`."""

    __tablename__ = "broadcast_lines"
    __table_args__ = col.KEYED
    broadcast_id: int = Field(primary_key=True, foreign_key="broadcasts.id", sa_type=Id)
    channel: str = Field(primary_key=True)
    total: int = col.number()
    sent: int = col.number()
    gone: int = col.number()
    dead: int = col.number()
    unknown: int = col.number()
    revived: int = col.number()
    phase: str = col.text("canary")  # canary, open
    window_n: int = col.number()  # verdicts in the window that is looked at
    window_bad: int = col.number()  # … and refusals among them
    gone_ok: bool = col.flag()  # a person has seen that many are gone
    speed: float = Field(
        default=0.0, sa_column_kwargs={"server_default": "0"}
    )  # a second, of late
    begun_at: Moment = col.moment(null=True)
    last_at: Moment = col.moment(null=True)


class BroadcastFailure(Table, table=True):
    """How many were refused on a channel, by the code of ours that says why."""

    __tablename__ = "broadcast_failures"
    __table_args__ = col.KEYED
    broadcast_id: int = Field(primary_key=True, foreign_key="broadcasts.id", sa_type=Id)
    channel: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    n: int = col.number()


class Sending(Table, table=True):
    """One recipient of one broadcast: once for each person on each channel.

    `who` is the person, or, of a peer whose person nobody knows, its number below zero. Nothing is
    checked against other tables: that would take half of the time of a fan-out.
    """

    __tablename__ = "sendings"
    __table_args__ = (
        col.partial("ix_sendings_waiting", "broadcast_id", "channel", "who", where="status < 2"),
        col.KEYED,
    )
    broadcast_id: int = Field(primary_key=True, sa_type=Id)
    channel: str = Field(primary_key=True)
    who: int = Field(primary_key=True, sa_type=Id)
    peer_id: int = Field(sa_type=Id)
    subscription_id: int = Field(sa_type=Id)
    status: int = Field(
        sa_type=sa.SmallInteger
    )  # 0 waiting 1 leased 2 sent 3 gone 4 dead 5 unknown
    claims: int = Field(sa_type=sa.SmallInteger)
    due_at: Moment = col.moment(null=True)  # none: now
    lease_until: Moment = col.moment(null=True)
    lease_token: Bytes = col.raw(null=True)
    code: str | None = None


class BroadcastPicture(Table, table=True):
    """A picture of a broadcast, as everybody gets it."""

    __tablename__ = "broadcast_pictures"
    __table_args__ = col.KEYED
    broadcast_id: int = Field(primary_key=True, foreign_key="broadcasts.id", sa_type=Id)
    n: int = Field(primary_key=True)
    png: bytes = col.raw()
    alt: str
    width: int
    height: int


class PictureUpload(Table, table=True):
    """Under which name a messenger knows a picture that went up before."""

    __tablename__ = "picture_uploads"
    __table_args__ = col.KEYED
    broadcast_id: int = Field(primary_key=True, foreign_key="broadcasts.id", sa_type=Id)
    n: int = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    vendor_id: str
