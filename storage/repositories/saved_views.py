"""Filters of the queue that an official keeps for himself."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import saved_views
from storage.unit import Unit
from storage.upsert import insert

_c = saved_views.c


def put(unit: Unit, user_id: int, name: str, query: str, now: datetime) -> None:
    """Keep a filter; the same name again takes the place of the old one."""
    made = insert(unit.conn, saved_views).values(
        user_id=user_id, name=name, query=query, created_at=now
    )
    unit.conn.execute(
        made.on_conflict_do_update(index_elements=[_c.user_id, _c.name], set_={"query": query})
    )


def of(unit: Unit, user_id: int) -> list[sa.Row[Any]]:
    """List an official's own filters, by name."""
    mine = sa.select(saved_views).where(_c.user_id == user_id).order_by(_c.name, _c.id)
    return list(unit.conn.execute(mine))


def drop(unit: Unit, user_id: int, view_id: int) -> bool:
    """Take one away; False: it is not there, or somebody else's."""
    mine = sa.delete(saved_views).where(_c.id == view_id, _c.user_id == user_id)
    return unit.conn.execute(mine).rowcount == 1
