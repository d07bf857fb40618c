"""What is sent to many: its words, its state, its pictures, how far it is."""

import contextlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from knowledge import newsletter
from knowledge.newsletter import Issue, Segment
from knowledge.procedures import NotKnown
from storage.models import (
    broadcast_failures,
    broadcast_lines,
    broadcast_pictures,
    broadcasts,
    picture_uploads,
)
from storage.quick import Quick
from storage.unit import Unit
from storage.upsert import insert

_c, _l, _f = broadcasts.c, broadcast_lines.c, broadcast_failures.c
_p, _u = broadcast_pictures.c, picture_uploads.c

DRAFT, ASKED, APPROVED = "draft", "asked", "approved"
SENDING, PAUSED = "sending", "paused"
DONE, CANCELLED = "done", "cancelled"
OUT = (SENDING, PAUSED, DONE)
"""States in which somebody may have read it already."""

PUBLIC = (
    "id", "number", "kind", "nature", "state", "lang", "title", "content", "segment", "send_at",
    "version", "begun_at", "ended_at", "corrects_id",
)  # fmt: skip
"""What the public part reads of what is out: neither who made it nor who let it go."""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One thing that is sent to many; `author_id` None: the clock made it.

    On the public part what is none of `PUBLIC` is not there, and reads as nothing.
    """

    id: int
    number: str
    kind: str
    nature: str
    state: str
    lang: str
    title: str
    issue: Issue
    segment: Segment
    send_at: datetime | None
    version: int
    begun_at: datetime | None
    ended_at: datetime | None
    corrects_id: int | None
    author_id: int | None = None
    made_at: datetime | None = None
    changed_at: datetime | None = None
    approved_hash: str = ""
    approved_by_id: int | None = None
    approved_at: datetime | None = None
    cursor: int = 0
    fanned: bool = False
    why: str = ""
    doc_no: str = ""
    confirmed: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """How far a broadcast is on one channel."""

    channel: str
    total: int
    sent: int
    gone: int
    dead: int
    unknown: int
    revived: int
    phase: str
    begun_at: datetime | None
    last_at: datetime | None

    @property
    def left(self) -> int:
        """How many wait, or are on their way."""
        return self.total - self.sent - self.gone - self.dead - self.unknown


@dataclass(frozen=True, slots=True)
class Open:
    """What the worker asks about each moment: neither words nor pictures."""

    id: int
    version: int
    kind: str
    state: str
    fanned: bool
    send_at: datetime | None


_open_ones = Quick(
    sa.select(*(_c[name] for name in Open.__dataclass_fields__))
    .where(_c.state.in_((APPROVED, SENDING)))
    .order_by(_c.kind != "correction", _c.begun_at, _c.id)
)


@dataclass(frozen=True, slots=True)
class Picture:
    n: int
    png: bytes
    alt: str
    width: int
    height: int


def add(
    unit: Unit,
    *,
    number: str,
    kind: str,
    issue: Issue,
    segment: Segment,
    author_id: int | None,
    now: datetime,
    **more: Any,
) -> int:
    """Keep a new draft; gives its id. `more` are further columns."""
    row = {
        "number": number,
        "kind": kind,
        "state": DRAFT,
        "author_id": author_id,
        "made_at": now,
        "changed_at": now,
        **words(issue, segment),
        **more,
    }
    made = sa.insert(broadcasts).values(row).returning(_c.id)
    return int(unit.conn.execute(made).scalar_one())


def words(issue: Issue, segment: Segment) -> dict[str, Any]:
    """Give the columns of what is said and to whom."""
    return {
        "title": issue.title,
        "lang": issue.lang,
        "content": json.dumps(newsletter.to_plain(issue), ensure_ascii=False),
        "segment": json.dumps(asdict(segment), ensure_ascii=False),
    }


def get(unit: Unit, broadcast_id: int, *, lock: bool = False) -> Broadcast | None:
    return _one(unit, _c.id == broadcast_id, lock=lock)


def of_number(unit: Unit, number: str, *, lock: bool = False) -> Broadcast | None:
    return _one(unit, _c.number == number, lock=lock)


def listed(
    unit: Unit,
    states: Collection[str] = (),
    kinds: Collection[str] = (),
    *,
    most: int = 100,
    skip: int = 0,
) -> tuple[Broadcast, ...]:
    """List them, the newest first."""
    asked = [_c.state.in_(states)] if states else []
    asked += [_c.kind.in_(kinds)] if kinds else []
    found = sa.select(broadcasts).where(*asked).order_by(_c.id.desc()).limit(most).offset(skip)
    return _several(unit, found)


def published(
    unit: Unit,
    kinds: Collection[str] = (),
    natures: Collection[str] = (),
    *,
    most: int = 100,
    skip: int = 0,
) -> tuple[Broadcast, ...]:
    """List what is out, the newest first, as the public part may read it."""
    asked = [_c.kind.in_(kinds)] if kinds else []
    asked += [_c.nature.in_(natures)] if natures else []
    found = _out().where(*asked).order_by(_c.begun_at.desc(), _c.id.desc())
    return _several(unit, found.limit(most).offset(skip))


def published_one(unit: Unit, number: str) -> Broadcast | None:
    """Read one that is out, as the public part may read it."""
    row = unit.conn.execute(_out().where(_c.number == number)).mappings().one_or_none()
    return None if row is None else _read(row)


def corrections(unit: Unit, broadcast_ids: Collection[int]) -> tuple[Broadcast, ...]:
    """List what is out and corrects one of these, the oldest first."""
    found = _out().where(_c.corrects_id.in_(broadcast_ids)).order_by(_c.begun_at, _c.id)
    return _several(unit, found)


def published_of_id(unit: Unit, broadcast_id: int) -> Broadcast | None:
    """Read one that is out by its row, as the public part may read it."""
    row = unit.conn.execute(_out().where(_c.id == broadcast_id)).mappings().one_or_none()
    return None if row is None else _read(row)


def _out() -> sa.Select[Any]:
    """Select what somebody may have read: what was stopped before it reached anybody is not out."""
    reached = sa.select(_l.broadcast_id).where(_l.broadcast_id == _c.id, _l.sent + _l.unknown > 0)
    begun = sa.and_(_c.state.in_(OUT), _c.begun_at.is_not(None))  # one may wait before it began
    out = sa.or_(begun, sa.and_(_c.state == CANCELLED, reached.exists()))
    return sa.select(*[_c[name] for name in PUBLIC]).where(out)


def results_between(unit: Unit, first: datetime, end: datetime, *, but: int) -> int:
    """Count what of the agency's results is let go or went out from one moment until another.

    Without `but`, and without corrections: those repair what was counted.
    """
    at = sa.func.coalesce(_c.begun_at, _c.send_at, type_=_c.send_at.type)
    out = sa.or_(_c.state.in_((APPROVED, *OUT)), _c.begun_at.is_not(None))
    counted = sa.select(sa.func.count()).where(
        _c.nature == "results", _c.kind != "correction", _c.id != but, out, at >= first, at < end
    )
    return int(unit.conn.execute(counted).scalar_one())


def change(
    unit: Unit, broadcast_id: int, version: int, values: Mapping[str, Any], now: datetime
) -> bool:
    """Change what was seen at `version`; False: somebody changed it meanwhile."""
    still = sa.update(broadcasts).where(_c.id == broadcast_id, _c.version == version)
    done = still.values(version=version + 1, changed_at=now, **dict(values))
    return unit.conn.execute(done).rowcount == 1


def mark(unit: Unit, broadcast_id: int, values: Mapping[str, Any]) -> None:
    """Write how far it is; this is no change of what is sent, and the version stays."""
    unit.conn.execute(sa.update(broadcasts).where(_c.id == broadcast_id).values(dict(values)))


def move(
    unit: Unit, broadcast_id: int, state: str, values: Mapping[str, Any], **still: Any
) -> bool:
    """Write columns of a broadcast that is in a state; False: it is in another one."""
    there = [_c[name] == value for name, value in still.items()]
    mine = sa.update(broadcasts).where(_c.id == broadcast_id, _c.state == state, *there)
    return unit.conn.execute(mine.values(dict(values))).rowcount == 1


def open_ones(unit: Unit) -> tuple[Open, ...]:
    """List what is approved or on its way: corrections first, then the one that began first."""
    return tuple(Open(*row) for row in _open_ones(unit.conn, {}).rows)


def lines(unit: Unit, broadcast_id: int) -> tuple[Line, ...]:
    """Read how far it is on each channel."""
    columns = [_l[name] for name in Line.__dataclass_fields__]
    found = sa.select(*columns).where(_l.broadcast_id == broadcast_id).order_by(_l.channel)
    return tuple(Line(*row) for row in unit.conn.execute(found))


def failures(unit: Unit, broadcast_id: int) -> dict[tuple[str, str], int]:
    """Count what was refused, by channel and code."""
    found = sa.select(_f.channel, _f.code, _f.n).where(_f.broadcast_id == broadcast_id)
    return {(row.channel, row.code): row.n for row in unit.conn.execute(found)}


def pictures(unit: Unit, broadcast_id: int) -> tuple[Picture, ...]:
    """Read its pictures in order."""
    columns = [_p[name] for name in Picture.__dataclass_fields__]
    found = sa.select(*columns).where(_p.broadcast_id == broadcast_id).order_by(_p.n)
    return tuple(Picture(*row) for row in unit.conn.execute(found))


def put_pictures(unit: Unit, broadcast_id: int, made: Collection[Picture]) -> None:
    """Keep these pictures in place of those it had; what went up of the old ones is forgotten."""
    unit.conn.execute(sa.delete(picture_uploads).where(_u.broadcast_id == broadcast_id))
    unit.conn.execute(sa.delete(broadcast_pictures).where(_p.broadcast_id == broadcast_id))
    if made:
        rows = [{"broadcast_id": broadcast_id, **asdict(one)} for one in made]
        unit.conn.execute(sa.insert(broadcast_pictures), rows)


def uploads(unit: Unit, broadcast_id: int, channel: str) -> dict[int, str]:
    """Read under which names a channel knows the pictures, by their places."""
    found = sa.select(_u.n, _u.vendor_id).where(
        _u.broadcast_id == broadcast_id, _u.channel == channel
    )
    return {row.n: row.vendor_id for row in unit.conn.execute(found)}


def uploaded(unit: Unit, broadcast_id: int, channel: str, ids: Collection[str]) -> None:
    """Keep under which names a channel knows the pictures; what it says last is right."""
    rows = [
        {"broadcast_id": broadcast_id, "channel": channel, "n": n, "vendor_id": vendor_id}
        for n, vendor_id in enumerate(ids)
    ]
    if rows:
        made = insert(unit.conn, picture_uploads)
        known = made.on_conflict_do_update(
            index_elements=[_u.broadcast_id, _u.n, _u.channel],
            set_={"vendor_id": made.excluded.vendor_id},
        )
        unit.conn.execute(known, rows)


def _one(unit: Unit, which: sa.ColumnElement[bool], *, lock: bool) -> Broadcast | None:
    found = sa.select(broadcasts).where(which)
    row = unit.conn.execute(found.with_for_update() if lock else found).mappings().one_or_none()
    return None if row is None else _read(row)


def _several(unit: Unit, found: sa.Select[Any]) -> tuple[Broadcast, ...]:
    """Read them all, but for those of a later release: its processes show them (S23)."""
    every = []
    for row in unit.conn.execute(found).mappings():
        with contextlib.suppress(NotKnown):
            every.append(_read(row))
    return tuple(every)


def _read(row: sa.RowMapping) -> Broadcast:
    """Read a row; raises `NotKnown` for one that says what only a later release says."""
    values = {name: row[name] for name in row if name not in {"content", "segment", "confirmed"}}
    if "confirmed" in row:
        values["confirmed"] = json.loads(row["confirmed"] or "{}")
    try:
        issue = newsletter.from_plain(json.loads(row["content"]))
        segment = newsletter.segment_from(json.loads(row["segment"]))
    except (TypeError, ValueError) as error:
        raise NotKnown(str(row["number"])) from error
    return Broadcast(issue=issue, segment=segment, **values)
