"""What the service needs to know of itself: keys, leases, rates, the instance."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.columns import Sid
from storage.models import base as col
from storage.models.base import Bytes, Moment, Table


class Instance(Table, table=True):
    """One row. `kind` is fixed when it is made (security S32)."""

    __tablename__ = "instance"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)
    id: int = Field(default=1, primary_key=True)
    kind: str
    generation: str
    created_at: datetime = col.moment()
    last_seen: datetime = col.moment()
    clock_offset: int = col.number()  # seconds; a rehearsal only
    hold: str = col.text()  # why nothing may leave (security S13); empty: it may
    ring_version: int = col.number()  # moves whenever another key begins or ends


class SchemaRevision(Table, table=True):
    """Which code a revision of the schema still serves (security S23)."""

    __tablename__ = "schema_revisions"
    revision: str = Field(primary_key=True)
    min_code: int
    at: datetime = col.moment()


class DataKey(Table, table=True):
    """A data key under the ring; destroyed: the row stays, the key is gone (security S6)."""

    __tablename__ = "keys"
    __table_args__ = col.KEYED
    owner: bytes = Field(primary_key=True, sa_type=Sid)
    purpose: str = Field(primary_key=True)
    key_id: str = col.text(index=True)
    wrapped: Bytes = col.sealed(null=True)
    created_at: datetime = col.moment()
    destroyed_at: Moment = col.moment(null=True)


class KeyCheck(Table, table=True):
    """Which keys of the ring this database knows (security S6)."""

    __tablename__ = "key_checks"
    key_id: str = Field(primary_key=True)
    name: str
    check_value: bytes = col.raw()
    mark: str = col.text("1")  # the module that the key belongs to
    writes: bool = col.flag()  # one of them does; the others are read, or wait for a rotation
    kept: Bytes = col.sealed(null=True)  # what must outlive a retired key
    added_at: datetime = col.moment()
    retired_at: Moment = col.moment(null=True)


class Lease(Table, table=True):
    """Work that one process at a time may do; `fence` grows with every new holder."""

    __tablename__ = "leases"
    __table_args__ = col.KEYED
    name: str = Field(primary_key=True)
    holder: str
    fence: int
    until: datetime = col.moment()


class Run(Table, table=True):
    """A piece of the clock's work, by its key (security S15)."""

    __tablename__ = "runs"
    run_key: str = Field(primary_key=True)
    started_at: datetime = col.moment()
    finished_at: Moment = col.moment(null=True)
    fence: int = col.number()


class Rate(Table, table=True):
    """Theoretical arrival time of the generic cell rate algorithm, in microseconds."""

    __tablename__ = "rates"
    __table_args__ = col.KEYED
    name: str = Field(primary_key=True)
    tat: int = Field(sa_type=sa.BigInteger)
