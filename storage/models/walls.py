"""What the walls between the parts need: keys of the desk, who has read which key, errands."""

from datetime import datetime

from sqlmodel import Field

from storage.models import base as col
from storage.models.base import Moment, Table


class DeskKeyCheck(Table, table=True):
    """The public half of a key of the desk; `mac` is the ring's, so nobody puts in his own."""

    __tablename__ = "desk_keys"
    key_id: str = Field(primary_key=True)
    mark: str = col.text("1")
    public: bytes = col.raw()
    mac: bytes = col.raw()
    writes: bool = col.flag()
    added_at: datetime = col.moment()
    retired_at: Moment = col.moment(null=True)


class KeyReader(Table, table=True):
    """Which process has, or lacks, a key that waits for its rotation."""

    __tablename__ = "key_readers"
    process: str = Field(primary_key=True)
    key_id: str = Field(primary_key=True)
    has: bool = col.flag()
    at: datetime = col.moment()


class Errand(Table, table=True):
    """What the public part leaves to `work`, because it cannot open who reported (security S7)."""

    __tablename__ = "errands"
    __table_args__ = (col.AUTO,)
    id: int | None = col.row_id()
    filing_id: int = col.ref("filings.id", index=True)
    kind: str  # told, beside, news, case
    event: int  # the event of the filing that is to be carried
    rank: int
    by_hand: bool = col.flag(default=True)
    expires_at: Moment = col.moment(null=True)
    valid_rule: str = col.text()
    at: datetime = col.moment()
