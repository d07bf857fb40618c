"""What the audit office makes of closed filings: the words sealed, each under a key of its own."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import case_drafts, cases
from storage.unit import Unit

OPEN, ASKED, RELEASED, DROPPED, TAKEN_BACK = "open", "asked", "released", "dropped", "taken_back"
LIVE = (OPEN, ASKED, RELEASED)
_c = case_drafts.c


def add(
    unit: Unit, filing_id: int, content: Mapping[str, Any], author_id: int, now: datetime
) -> int:
    """Write a draft; gives its id."""
    sid = unit.sid()
    row = {
        "sid": sid,
        "filing_id": filing_id,
        "state": OPEN,
        "content": _seal(unit, sid, content),
        "version": 0,
        "author_id": author_id,
        "made_at": now,
        "changed_at": now,
    }
    made = sa.insert(case_drafts).values(row).returning(_c.id)
    return int(unit.conn.execute(made).scalar_one())


def live(unit: Unit, filing_id: int, *, lock: bool = False) -> sa.Row[Any] | None:
    """Give the draft of a filing that is in the making or was let out; None without one."""
    found = sa.select(case_drafts).where(_c.filing_id == filing_id, _c.state.in_(LIVE))
    found = found.order_by(_c.id.desc()).limit(1)
    return unit.conn.execute(found.with_for_update() if lock else found).one_or_none()


def last(unit: Unit, filing_id: int) -> sa.Row[Any] | None:
    """Give the newest draft of a filing, whatever became of it."""
    found = sa.select(case_drafts).where(_c.filing_id == filing_id).order_by(_c.id.desc())
    return unit.conn.execute(found.limit(1)).one_or_none()


def of_live() -> sa.Select[tuple[int]]:
    """Select the filings that have a draft in the making or let out."""
    return sa.select(_c.filing_id).where(_c.state.in_(LIVE))


def any_live(unit: Unit) -> bool:
    """Tell whether there is any at all: where there is none, nothing has to be looked for."""
    found = sa.select(_c.id).where(_c.state.in_(LIVE)).limit(1)
    return unit.conn.execute(found).first() is not None


def content(unit: Unit, row: sa.Row[Any]) -> dict[str, Any]:
    """Open what a draft says."""
    found: dict[str, Any] = json.loads(unit.keys.open("case_drafts.content", row.sid, row.content))
    return found


def write(
    unit: Unit, row: sa.Row[Any], new: Mapping[str, Any], author_id: int, now: datetime
) -> bool:
    """Write a draft anew: open again, whoever was asked; False: somebody was first."""
    sealed = _seal(unit, row.sid, new)
    return move(unit, row, OPEN, now, content=sealed, author_id=author_id)


def move(unit: Unit, row: sa.Row[Any], state: str, now: datetime, **values: Any) -> bool:
    """Bring a draft into another state as it was read; False: somebody was first."""
    still = sa.update(case_drafts).where(_c.id == row.id, _c.version == row.version)
    done = still.values(state=state, version=row.version + 1, changed_at=now, **values)
    return unit.conn.execute(done).rowcount == 1


def close(unit: Unit, row: sa.Row[Any], state: str, now: datetime) -> bool:
    """End a draft; its words die with its key."""
    done = move(unit, row, state, now)
    if done:
        unit.keys.destroy(row.sid)
    return done


def case_ref(unit: Unit, case_id: int | None) -> str:
    """Give the ref of the case that came of a draft, "" without one."""
    found = unit.conn.execute(sa.select(cases.c.ref).where(cases.c.id == case_id)).scalar()
    return str(found or "")


def published(unit: Unit, agency: str) -> list[sa.Row[Any]]:
    """Give where, when and of what published cases of an agency are that no filing is behind."""
    own = (cases.c.status == "published", cases.c.agency == agency, cases.c.origin != "filing")
    columns = (cases.c.ref, cases.c.unit, cases.c.year, cases.c.field)
    return list(unit.conn.execute(sa.select(*columns).where(*own).limit(1000)))


def _seal(unit: Unit, sid: bytes, content: Mapping[str, Any]) -> bytes:
    plain = json.dumps(content, ensure_ascii=False).encode()
    return unit.keys.seal("case_drafts.content", sid, plain)
