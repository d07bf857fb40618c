"""What was asked for and who decided; words are sealed to the approval."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import approvals
from storage.unit import Unit

_c = approvals.c
OPEN, WAITING, DONE = "open", "waiting", "done"
REFUSED, VOID, STOPPED = "refused", "void", "stopped"
LIVE = (OPEN, WAITING)


@dataclass(frozen=True, slots=True)
class Approval:
    """`detail` holds JSON values; `why` is the asker's reason, `answer` the decider's.

    States: open (nobody decided), waiting (decided yes; carried out at `due_at`, or to be used
    until then), done, refused, void (the subject changed), stopped (taken back in time).
    """

    id: int
    kind: str
    subject: int
    state: str
    bound: str
    detail: Mapping[str, Any]
    why: str
    asked_by: int | None
    asked_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    answer: str
    due_at: datetime | None
    ended_at: datetime | None


def add(
    unit: Unit,
    kind: str,
    subject: int,
    bound: str,
    detail: Mapping[str, Any],
    why: str,
    asked_by: int | None,
    now: datetime,
) -> int:
    sid = unit.sid()
    words = json.dumps({"detail": dict(detail), "why": why}, ensure_ascii=False).encode()
    row = {
        "sid": sid,
        "kind": kind,
        "subject_id": subject,
        "bound": bound,
        "detail": unit.keys.seal("approvals.detail", sid, words),
        "asked_by_id": asked_by,
        "asked_at": now,
    }
    made = sa.insert(approvals).values(row).returning(_c.id)
    return int(unit.conn.execute(made).scalar_one())


def get(unit: Unit, approval_id: int, *, lock: bool = False) -> Approval | None:
    found = sa.select(approvals).where(_c.id == approval_id)
    if lock:
        found = found.with_for_update()
    row = unit.conn.execute(found).mappings().one_or_none()
    return None if row is None else _approval(unit, row)


def live(unit: Unit, kind: str = "", subject: int | None = None) -> tuple[Approval, ...]:
    """List what is open or waits to be carried out, the oldest first."""
    asked: list[sa.ColumnElement[bool]] = [_c.state.in_(LIVE)]
    asked += [_c.kind == kind] if kind else []
    asked += [_c.subject_id == subject] if subject is not None else []
    return _several(unit, sa.select(approvals).where(*asked).order_by(_c.id))


def ended(unit: Unit, limit: int = 100) -> tuple[Approval, ...]:
    """List what is over, the newest first."""
    over = sa.select(approvals).where(_c.state.not_in(LIVE)).order_by(_c.id.desc()).limit(limit)
    return _several(unit, over)


def due(unit: Unit, now: datetime) -> tuple[Approval, ...]:
    """List what was decided and whose time has come."""
    ripe = sa.select(approvals).where(_c.state == WAITING, _c.due_at <= now).order_by(_c.id)
    return _several(unit, ripe)


def decided(
    unit: Unit, approval: Approval, state: str, by: int | None, answer: str, now: datetime,
    due_at: datetime | None,
) -> None:  # fmt: skip
    """Write down a decision; what is carried out or refused at once has ended too."""
    row = {
        "state": state,
        "decided_by_id": by,
        "decided_at": now,
        "decision": _sealed(unit, approval.id, answer),
        "due_at": due_at,
        "ended_at": None if state == WAITING else now,
    }
    unit.conn.execute(sa.update(approvals).where(_c.id == approval.id).values(row))


def end(unit: Unit, approval_id: int, state: str, now: datetime) -> None:
    values = {"state": state, "ended_at": now}
    unit.conn.execute(sa.update(approvals).where(_c.id == approval_id).values(values))


def _sealed(unit: Unit, approval_id: int, answer: str) -> bytes:
    sid = unit.conn.execute(sa.select(_c.sid).where(_c.id == approval_id)).scalar_one()
    return unit.keys.seal("approvals.decision", sid, answer.encode())


def _several(unit: Unit, found: sa.Select[Any]) -> tuple[Approval, ...]:
    return tuple(_approval(unit, row) for row in unit.conn.execute(found).mappings())


def _approval(unit: Unit, row: sa.RowMapping) -> Approval:
    sid, sealed = row["sid"], row["decision"]
    words = json.loads(unit.keys.open("approvals.detail", sid, row["detail"]))
    answer = "" if sealed is None else unit.keys.open("approvals.decision", sid, sealed).decode()
    return Approval(
        row["id"],
        row["kind"],
        row["subject_id"],
        row["state"],
        row["bound"],
        words["detail"],
        words["why"],
        row["asked_by_id"],
        row["asked_at"],
        row["decided_by_id"],
        row["decided_at"],
        answer,
        row["due_at"],
        row["ended_at"],
    )
