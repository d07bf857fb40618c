"""What is watched: signs of life that are rows, because every process has to see them."""

from datetime import datetime

from sqlmodel import Field

from storage.models import base as col
from storage.models.base import Table


class Heartbeat(Table, table=True):
    """When something last happened: a tick, a poll of a messenger, a message that came in."""

    __tablename__ = "heartbeats"
    __table_args__ = col.KEYED
    name: str = Field(primary_key=True)
    at: datetime = col.moment()
