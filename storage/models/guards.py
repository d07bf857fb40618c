"""Who takes a report over that nobody of the office may handle."""

import sqlalchemy as sa

from storage.models import base as col
from storage.models.base import Table


class StandIn(Table, table=True):
    """One link of a unit's chain: the first who is not kept out himself (security S8)."""

    __tablename__ = "stand_ins"
    __table_args__ = (
        sa.UniqueConstraint("unit_id", "place"),
        sa.UniqueConstraint("unit_id", "user_id"),
    )
    id: int | None = col.row_id()
    unit_id: int = col.ref("units.id")
    place: int
    user_id: int = col.ref("users.id", index=True)
