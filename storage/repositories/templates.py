"""Words for fields of answers: added and ended, never changed."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import templates
from storage.unit import Unit

_c = templates.c


def add(unit: Unit, now: datetime, **values: Any) -> int:
    made = sa.insert(templates).values(created_at=now, **values).returning(_c.id)
    return int(unit.conn.execute(made).scalar_one())


def get(unit: Unit, template_id: int) -> sa.Row[Any] | None:
    return unit.conn.execute(sa.select(templates).where(_c.id == template_id)).one_or_none()


def in_use(unit: Unit) -> list[sa.Row[Any]]:
    """List those that have not ended, by procedure, field and name."""
    now = sa.select(templates).where(_c.ended_at.is_(None))
    return list(unit.conn.execute(now.order_by(_c.procedure, _c.field, _c.name, _c.id)))


def end(unit: Unit, template_id: int, now: datetime) -> bool:
    """End one; False: it had ended."""
    still = sa.update(templates).where(_c.id == template_id, _c.ended_at.is_(None))
    return unit.conn.execute(still.values(ended_at=now)).rowcount == 1
