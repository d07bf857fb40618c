"""The officials' messenger: whose account is whose, which message shows a filing, who sleeps on it."""

from datetime import datetime

from sqlmodel import Field

from storage.columns import Id
from storage.models import base as col
from storage.models.base import Moment, Table


class OfficialLink(Table, table=True):
    """An official's account at the messenger: one each, and each of one official (security S29)."""

    __tablename__ = "official_links"
    user_id: int = Field(primary_key=True, foreign_key="users.id", sa_type=Id)
    peer_id: int = Field(foreign_key="peers.id", sa_type=Id, unique=True)
    linked_at: datetime = col.moment()
    checked_at: datetime = col.moment()  # when the messenger last said that the account is whole


class Posted(Table, table=True):
    """The message that shows a filing to a peer, to be edited instead of sent anew."""

    __tablename__ = "posted"
    __table_args__ = (col.KEYED,)
    filing_id: int = Field(primary_key=True, foreign_key="filings.id", sa_type=Id)
    peer_id: int = Field(primary_key=True, foreign_key="peers.id", sa_type=Id, index=True)
    message_id: str
    at: datetime = col.moment()


class Snooze(Table, table=True):
    """An official will hear of a filing again at `until`; legal notices to citizens never wait."""

    __tablename__ = "snoozes"
    __table_args__ = (col.KEYED,)
    user_id: int = Field(primary_key=True, foreign_key="users.id", sa_type=Id)
    filing_id: int = Field(primary_key=True, foreign_key="filings.id", sa_type=Id, index=True)
    until: datetime = col.moment()
    told_at: Moment = col.moment(null=True)
