"""Who must not see a filing (security S8)."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from storage.models import guards
from storage.quick import Quick
from storage.unit import Unit

_c = guards.c
_add = Quick(sa.insert(guards).inline())
_of = sa.select(guards).where(_c.filing_id == sa.bindparam("filing")).order_by(_c.id)

PRESENT = date(9999, 12, 30)
"""What a guard without a day counts from: only who serves there now, without an end."""


def add(
    unit: Unit,
    filing_id: int,
    *,
    unit_id: int | None = None,
    user_id: int | None = None,
    confirmed_at: datetime | None = None,
    reason: str = "",
    since: date | None = None,
    proposed: bool = False,
) -> None:
    """Guard a filing against a unit or a person; unconfirmed, only intake sees it.

    What is only `proposed` keeps nobody out.
    """
    row = {"filing_id": filing_id, "unit_id": unit_id, "user_id": user_id}
    how = {"reason": reason, "since": since, "proposed": proposed}
    _add.later(unit.conn, {"confirmed_at": confirmed_at, **row, **how})


def of(unit: Unit, filing_id: int) -> list[sa.Row[Any]]:
    return list(unit.conn.execute(_of, {"filing": filing_id}))


def confirm(unit: Unit, filing_id: int, now: datetime) -> int:
    """Confirm every guard of a filing that waits for it."""
    proposed = sa.update(guards).where(_c.filing_id == filing_id, _c.confirmed_at.is_(None))
    return unit.conn.execute(proposed.values(confirmed_at=now)).rowcount


def clear(unit: Unit, filing_id: int, *keep: str) -> None:
    """Take every guard off a filing but those with a reason to `keep`."""
    mine = sa.delete(guards).where(_c.filing_id == filing_id, _c.reason.not_in(keep))
    unit.conn.execute(mine)


def remove(unit: Unit, guard_id: int) -> None:
    unit.conn.execute(sa.delete(guards).where(_c.id == guard_id))
