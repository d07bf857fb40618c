"""What is watched: signs of life that are rows, because every process has to see them."""

from datetime import datetime

from sqlmodel import Field

from storage.models import base as col
from storage.models.base import Ref, Table


class Switch(Table, table=True):
    """Something of the world that an official has said: the portal of another office is down."""

    __tablename__ = "switches"
    __table_args__ = col.KEYED
    name: str = Field(primary_key=True)
    on: bool = col.flag()
    at: datetime = col.moment()
    by_id: Ref = col.ref("users.id", null=True)


class Heartbeat(Table, table=True):
    """When something last happened: a tick, a poll of a messenger, a message that came in."""

    __tablename__ = "heartbeats"
    __table_args__ = col.KEYED
    name: str = Field(primary_key=True)
    at: datetime = col.moment()
