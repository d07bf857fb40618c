"""Calls that people asked for; the number is sealed under a key of its own and dies early."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import calls
from storage.unit import Unit

_c = calls.c


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is asked for; its number and words by `words`."""

    id: int
    sid: bytes
    peer_id: int | None
    filing_id: int | None
    lang: str
    wish: str  # any, morning, afternoon
    state: str  # waiting, done, missed, replaced
    tries: int
    due_at: datetime
    created_at: datetime
    done_at: datetime | None


_open = tuple(_c[name] for name in Call.__dataclass_fields__)


def add(
    unit: Unit,
    *,
    phone: str,
    about: str,
    wish: str,
    lang: str,
    now: datetime,
    due_at: datetime,
    peer_id: int | None,
    filing_id: int | None,
) -> int:
    """Write a request."""
    sid = unit.sid()
    row = {
        "sid": sid,
        "peer_id": peer_id,
        "filing_id": filing_id,
        "lang": lang,
        "wish": wish,
        "phone": unit.keys.seal("calls.phone", sid, phone.encode()),
        "about": unit.keys.seal("calls.about", sid, about.encode()) if about else None,
        "due_at": due_at,
        "created_at": now,
    }
    return int(unit.conn.execute(sa.insert(calls).values(row).returning(_c.id)).scalar_one())


def lock(unit: Unit, call_id: int) -> Call | None:
    """Read a request for a change; others wait."""
    found = sa.select(*_open).where(_c.id == call_id).with_for_update(key_share=True)
    return next(iter(_read(unit, found)), None)


def waiting(unit: Unit, limit: int = 500) -> list[Call]:
    """List what waits for a hand, what is due first at the head."""
    found = sa.select(*_open).where(_c.state == "waiting").order_by(_c.due_at, _c.id)
    return _read(unit, found.limit(limit))


def of_peer(unit: Unit, peer_id: int) -> list[Call]:
    """List what a peer waits for."""
    found = sa.select(*_open).where(_c.peer_id == peer_id, _c.state == "waiting")
    return _read(unit, found.order_by(_c.id))


def words(unit: Unit, call: Call) -> tuple[str, str]:
    """Open the number and what it is about; ("", "") once they were erased."""
    found = sa.select(_c.phone, _c.about).where(_c.id == call.id)
    row = unit.conn.execute(found).one()
    if row.phone is None:
        return "", ""
    about = b"" if row.about is None else unit.keys.open("calls.about", call.sid, row.about)
    return unit.keys.open("calls.phone", call.sid, row.phone).decode(), about.decode()


def settle(unit: Unit, call: Call, state: str, now: datetime, user_id: int | None) -> None:
    """End a request."""
    mine = sa.update(calls).where(_c.id == call.id, _c.state == "waiting")
    unit.conn.execute(mine.values(state=state, done_at=now, done_by_id=user_id))


def tried(unit: Unit, call: Call, due_at: datetime) -> int:
    """Note that nobody answered; gives how often that was."""
    again = sa.update(calls).where(_c.id == call.id)
    more = again.values(tries=_c.tries + 1, due_at=due_at).returning(_c.tries)
    return int(unit.conn.execute(more).scalar_one())


def sweep(unit: Unit, before: datetime, now: datetime, limit: int = 500) -> int:
    """Erase the number and words of what ended before; gives of how many."""
    return _erase(unit, sa.and_(_c.done_at < before, _c.erased_at.is_(None)), now, limit)


def forget_peer(unit: Unit, peer_id: int, now: datetime) -> None:
    """Let a peer's calls go: nobody could be told how they ended."""
    _erase(unit, sa.and_(_c.peer_id == peer_id, _c.erased_at.is_(None)), now, None)
    unit.conn.execute(sa.update(calls).where(_c.peer_id == peer_id).values(peer_id=None))


def _erase(unit: Unit, which: sa.ColumnElement[bool], now: datetime, limit: int | None) -> int:
    rows = unit.conn.execute(sa.select(_c.id, _c.sid, _c.state).where(which).limit(limit)).all()
    for row in rows:
        unit.keys.destroy(row.sid)
        gone: dict[str, Any] = {"phone": None, "about": None, "erased_at": now}
        if row.state == "waiting":
            gone |= {"state": "replaced", "done_at": now}
        unit.conn.execute(sa.update(calls).where(_c.id == row.id).values(gone))
    return len(rows)


def _read(unit: Unit, found: sa.Select[Any]) -> list[Call]:
    return [Call(**row) for row in unit.conn.execute(found).mappings()]
