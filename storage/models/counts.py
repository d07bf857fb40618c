"""What is counted and never about anybody: how dialogs go, and the figures that are published."""

from datetime import date, datetime

from sqlmodel import Field

from storage.models import base as col
from storage.models.base import Table


class DialogCount(Table, table=True):
    """How many dialogs of a form did something on a day (in Seoul): no person, no time of day."""

    __tablename__ = "dialog_counts"
    __table_args__ = col.KEYED
    day: date = Field(primary_key=True)
    form: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    what: str = Field(primary_key=True)  # `bot.dialogs.tally`
    step: str = Field(primary_key=True)  # where it stood; "" for the whole
    n: int = col.number()


class Publication(Table, table=True):
    """Figures for everybody, small numbers hidden; made once a month by the clock."""

    __tablename__ = "publications"
    month: date = Field(primary_key=True)  # the first day of the last month that is in it
    figures: str  # JSON
    made_at: datetime = col.moment()
