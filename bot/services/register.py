"""민원 처리부: what came in during a period, and what became of it, a line each, without a name.

민원 처리에 관한 법률 시행령 제6조제2항; 같은 법 시행규칙 제3조제1항(별지 제1호서식), 제4항(전자적
시스템). What such a register has comes first, ours after it; no name, no word that a citizen
wrote. The form itself was not read: an agency compares its columns. Read in pieces, from what the
actor may know of (S8).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from bot.dialogs.replies import Phrase
from bot.errors import Refused
from bot.services import accesses, clocks, house
from bot.services.base import Actor, Desk
from bot.services.sight import visible_filings
from knowledge.calendar import seoul_day
from storage import models
from storage.store import Store
from storage.unit import Unit

COLUMNS = (
    "place", "number", "received", "procedure", "named", "office", "handler", "due", "done",
    "result", "late", "extended", "supplement", "arrived", "channel", "kind", "unit", "state",
)  # fmt: skip
PIECE = 500
YEARS = timedelta(days=3 * 366)
LANG = "ko"
_d, _n, _u = models.deadlines.c, models.units.c, models.users.c
_e, _s = models.extensions.c, models.stops.c


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both in."""

    since: date
    until: date

    def __post_init__(self) -> None:
        if self.until < self.since:
            raise Refused("register.order")
        if self.until - self.since > YEARS:
            raise Refused("register.long")


def rows(svc: Desk, store: Store, actor: Actor, period: Period) -> Iterator[tuple[str, ...]]:
    """Give the lines in the order of arrival, as finished words."""
    last: tuple[datetime, int] | None = None
    place = 0
    while True:
        found = store.read(partial(_piece, svc, actor, period, last))
        for one in found:
            place += 1
            yield (str(place), *_line(svc, one))
        if len(found) < PIECE:
            return
        last = (found[-1]["arrived_at"], found[-1]["id"])


def exported(svc: Desk, unit: Unit, actor: Actor, period: Period, count: int) -> None:
    """Write down who took a register out, before it is handed over."""
    detail = {"since": period.since.isoformat(), "until": period.until.isoformat(), "rows": count}
    house.note(svc, unit, actor, "register_exported", detail)
    accesses.note(svc, unit, actor, "register", count=count)


def _piece(
    svc: Desk, actor: Actor, period: Period, last: tuple[datetime, int] | None, unit: Unit
) -> list[dict[str, Any]]:
    f: Any = visible_filings(actor).subquery("f").c
    main = {one.filing.deadline for one in svc.procedures.values()}
    office = models.units.alias("office")
    found = (
        sa.select(
            *f,
            _n.name.label("unit"),
            _u.name.label("handler"),
            office.c.name.label("office"),
            _d.done_at.label("answered_at"),
        )
        .select_from(f.id.table)
        .outerjoin(models.units, _n.id == f.unit_id)
        .outerjoin(models.users, _u.id == f.assignee_id)
        .outerjoin(office, office.c.id == _u.unit_id)
        .outerjoin(models.deadlines, sa.and_(_d.filing_id == f.id, _d.name.in_(main)))
        .where(
            f.arrived_at > clocks.end_of(period.since - timedelta(days=1)),
            f.arrived_at <= clocks.end_of(period.until),
        )
        .order_by(f.arrived_at, f.id)
        .limit(PIECE)
    )
    if last is not None:
        at, key = last
        later = sa.and_(f.arrived_at == at, f.id > key)
        found = found.where(sa.or_(f.arrived_at > at, later))
    lines = [dict(one) for one in unit.conn.execute(found).mappings()]
    ids = [one["id"] for one in lines]
    extended = _counts(unit, _e.filing_id, ids, _e.deadline.in_(main))
    asked = _counts(unit, _s.filing_id, ids, _s.kind.like("supplement%"))
    for one in lines:
        one["extended"], one["supplement"] = extended.get(one["id"], 0), asked.get(one["id"], 0)
    return lines


def _counts(unit: Unit, column: Any, ids: list[int], which: Any) -> Mapping[int, int]:
    counted = sa.select(column, sa.func.count()).where(column.in_(ids), which).group_by(column)
    return {row[0]: row[1] for row in unit.conn.execute(counted)}


def _line(svc: Desk, one: Mapping[str, Any]) -> tuple[str, ...]:
    def say(key: str, **params: Any) -> str:
        return svc.texts.render(Phrase(key, params), LANG, svc.site.words())

    def day(at: datetime | None) -> str:
        return seoul_day(at).isoformat() if at is not None else ""

    done = one["answered_at"] or one["closed_at"]
    due = one["due_at"]
    late = due is not None and (done or svc.now()) > due
    outcome = one["outcome"]
    told = {
        "number": one["number"],
        "received": day(one["received_at"]),
        "procedure": svc.title(one["procedure"]),
        "named": say(f"desk.mode.{one['mode']}"),
        "office": one["office"] or "",
        "handler": one["handler"] or "",
        "due": day(due),
        "done": day(done),
        "result": say(f"outcome.{outcome}") if svc.texts.has(f"outcome.{outcome}") else "",
        "late": say("register.late") if late else "",
        "extended": str(one["extended"] or ""),
        "supplement": str(one["supplement"] or ""),
        "arrived": day(one["arrived_at"]),
        "channel": say(f"desk.channel.{one['channel']}"),
        "kind": say(f"field.kind.options.{one['kind']}") if one["kind"] else "",
        "unit": one["unit"] or "",
        "state": say(svc.state(one["procedure"], one["state"]).key),
    }
    return tuple(told[name] for name in COLUMNS[1:])
