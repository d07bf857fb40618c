"""Disposals: a 심의, the filings that it lets go, and how far their destruction has come."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from storage.models import attachments, disposal_items, disposals, events, filings
from storage.unit import Unit

LIVE = ("drafted", "exported", "asked", "approved")
_d, _i = disposals.c, disposal_items.c


def add(
    unit: Unit,
    held_on: date,
    members: int,
    decision: str,
    items: Sequence[tuple[int, int]],
    user_id: int | None,
    now: datetime,
) -> int:
    """Write a disposal and its filings, each with the version that it has now."""
    sid = unit.sid()
    row = {
        "sid": sid,
        "held_on": held_on,
        "members": members,
        "decision": unit.keys.seal("disposals.decision", sid, decision.encode()),
        "made_by_id": user_id,
        "made_at": now,
    }
    made = int(unit.conn.execute(sa.insert(disposals).values(row).returning(_d.id)).scalar_one())
    unit.conn.execute(
        sa.insert(disposal_items),
        [
            {"disposal_id": made, "filing_id": filing, "version": version}
            for filing, version in items
        ],
    )
    return made


def get(unit: Unit, disposal_id: int, *, lock: bool = False) -> sa.Row[Any] | None:
    found = sa.select(disposals).where(_d.id == disposal_id)
    return unit.conn.execute(found.with_for_update() if lock else found).one_or_none()


def listed(unit: Unit, limit: int = 100) -> list[sa.Row[Any]]:
    """List disposals, the newest first."""
    return list(unit.conn.execute(sa.select(disposals).order_by(_d.id.desc()).limit(limit)))


def change(unit: Unit, disposal_id: int, **values: Any) -> None:
    unit.conn.execute(sa.update(disposals).where(_d.id == disposal_id).values(values))


def decision(unit: Unit, row: sa.Row[Any]) -> str:
    return unit.keys.open("disposals.decision", row.sid, row.decision).decode()


def items(unit: Unit, disposal_id: int) -> list[sa.Row[Any]]:
    """List the filings of a disposal with their numbers, in the order of their numbers."""
    found = (
        sa.select(disposal_items, filings.c.number, filings.c.sid, filings.c.closed_at)
        .join(filings, filings.c.id == _i.filing_id)
        .where(_i.disposal_id == disposal_id)
        .order_by(filings.c.number)
    )
    return list(unit.conn.execute(found))


def item_is(
    unit: Unit, disposal_id: int, filing_id: int, state: str, now: datetime, **counts: int
) -> None:
    """Write what became of one filing."""
    mine = sa.update(disposal_items).where(
        _i.disposal_id == disposal_id, _i.filing_id == filing_id
    )
    unit.conn.execute(mine.values(state=state, done_at=now, **counts))


def item_version(unit: Unit, disposal_id: int, filing_id: int, version: int) -> None:
    """Note which version of a filing was exported."""
    mine = sa.update(disposal_items).where(
        _i.disposal_id == disposal_id, _i.filing_id == filing_id
    )
    unit.conn.execute(mine.values(version=version))


def size(unit: Unit, filing_id: int, sid: bytes) -> tuple[int, int]:
    """Count the files and the lines of the journal of a filing."""
    files = sa.select(sa.func.count()).select_from(attachments)
    lines = sa.select(sa.func.count()).select_from(events)
    return (
        int(unit.conn.execute(files.where(attachments.c.filing_id == filing_id)).scalar_one()),
        int(unit.conn.execute(lines.where(events.c.subject == sid)).scalar_one()),
    )


def taken(filing_id: sa.ColumnElement[int]) -> sa.Exists:
    """Give the condition that a filing is in a disposal that goes on."""
    live = sa.select(_d.id).where(_d.id == _i.disposal_id, _d.state.in_(LIVE))
    return sa.select(_i.filing_id).where(_i.filing_id == filing_id, live.exists()).exists()


def waiting(unit: Unit, limit: int) -> list[sa.Row[Any]]:
    """List what approved disposals have not destroyed yet."""
    found = (
        sa.select(_i.disposal_id, _i.filing_id)
        .join(disposals, _d.id == _i.disposal_id)
        .where(_d.state == "approved", _i.state == "waiting")
        .order_by(_i.disposal_id, _i.filing_id)
    )
    return list(unit.conn.execute(found.limit(limit)))


def finish(unit: Unit, disposal_id: int, now: datetime) -> bool:
    """End a disposal when nothing of it waits any more."""
    left = sa.select(_i.filing_id).where(_i.disposal_id == disposal_id, _i.state == "waiting")
    done = sa.update(disposals).where(_d.id == disposal_id, ~left.exists())
    return unit.conn.execute(done.values(state="done", finished_at=now)).rowcount == 1
