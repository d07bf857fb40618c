"""Who handles a report where the guard leaves nobody of the office (security S8).

First the office itself: 접수 until the guard is confirmed, then the auditors. If nobody of them
may, the next in the chain of the unit that should (`stand_ins`). If the chain ends, the report is
restricted: the inspector alone sees it, the reporter is told where else to go, and the clock
runs on. All of it is looked at again when people or units have changed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select

from bot.dialogs.replies import Phrase
from bot.services import cards, notices, officials, rights, said, sight
from bot.services.barred import bars_one_of
from bot.services.base import CLOCK, Desk, stamp
from bot.services.officials import Official
from bot.services.sight import Filing, visible_filings
from storage import journal, models
from storage.repositories import filings, guards, stand_ins
from storage.unit import Unit

AUDIT, INTAKE = "audit", "intake"
HANDLERS = ("auditor", "audit_head")
RESTRICTED, TAKEN, LIFTED, RELEASED = "restricted", "stand_in", "unrestricted", "released"
_n, _u, _r = models.units.c, models.users.c, models.user_roles.c


@dataclass(frozen=True, slots=True)
class Hands:
    """`office`: somebody of it may handle the report; else who stands in, None for nobody."""

    office: bool
    stand_in: Official | None


def settle(svc: Desk, unit: Unit, filing_id: int) -> None:
    """Give a report into the hands that may have it; nothing for one that is closed."""
    with unit.as_service():
        filing = sight.get(unit, filing_id, CLOCK, lock=True)
        ours = filing.reach != sight.OWN and filing.closed_at is None
        if not ours or not _guarded(unit, filing):
            return
        if filing.reach != sight.AUDIT and filing.handed_at is None:
            return  # not in the office's hands
        found = of(svc, unit, filing)
        stand_in = found.stand_in.id if found.stand_in is not None else None
        nobody = not found.office and stand_in is None
        changes: dict[str, Any] = {}
        if filing.assignee_id is not None and not _still(unit, filing):
            changes["assignee_id"] = None
        if stand_in != filing.stand_in_id:
            changes["stand_in_id"] = stand_in
        if nobody != (filing.restricted_at is not None):
            changes["restricted_at"] = svc.now() if nobody else None
        if not changes:
            return
        filings.change(unit, filing.id, filing.version, **changes)
        _tell(svc, unit, filing, changes, nobody=nobody)
        cards.changed(svc, unit, filing, filing.id)


def of(svc: Desk, unit: Unit, filing: Filing) -> Hands:
    """Find who may handle a report now; the account itself is looked at, not its office."""
    confirmed = all(one.confirmed_at is not None for one in guards.of(unit, filing.id))
    ready = _after(unit, filing) if confirmed else _before(svc, unit, filing)
    if ready:
        return Hands(office=True, stand_in=None)
    able = (one for one in _next(unit, confirmed=confirmed) if _may(unit, filing, one))
    return Hands(office=False, stand_in=next(able, None))


def held(unit: Unit, user_id: int) -> tuple[int, ...]:
    """Name the open reports that somebody has in his hands."""
    known = visible_filings(CLOCK)
    c = known.selected_columns
    his = sa.or_(c.assignee_id == user_id, c.stand_in_id == user_id)
    found = known.with_only_columns(c.id).where(c.closed_at.is_(None), his).order_by(c.id)
    return tuple(unit.conn.scalars(found))


def unsettled(unit: Unit, limit: int) -> tuple[int, ...]:
    """Name the open reports that may be in the wrong hands: nobody's, somebody else's, barred."""
    return tuple(unit.conn.scalars(_doubtful(), {"most": limit}))


@cache
def _doubtful() -> Select[Any]:
    """Build the question once: building it takes longer than asking it."""
    known = visible_filings(CLOCK)
    c = known.selected_columns
    known = known.where(c.reach != sight.AWAY)
    staff = sa.select(_r.user_id).where(_r.role.in_((*HANDLERS, INTAKE)))
    active = sa.select(_u.id).where(_u.active, _u.id.in_(staff))
    able = sa.select(_u.id).where(_u.id.in_(active), ~bars_one_of(c.id, _u.id, active))
    groups = (HANDLERS, (INTAKE, "audit_head"), (INTAKE,))
    # Whoever stands in works on this one report without a role of the office.
    works = sa.or_(_has(_u.id, *HANDLERS), c.stand_in_id == _u.id)
    gone = sa.select(_u.id).where(_u.id == c.assignee_id, _u.active, works)
    everybody = sa.select(_u.id).where(_u.active)
    barred = bars_one_of(c.id, c.assignee_id, everybody)
    asked = sa.or_(
        c.restricted_at.is_not(None),
        c.stand_in_id.is_not(None),
        sa.and_(c.assignee_id.is_not(None), sa.or_(~gone.exists(), barred)),
        *(
            sa.and_(
                active.where(_has(_u.id, *roles)).exists(),
                ~able.where(_has(_u.id, *roles)).exists(),
            )
            for roles in groups
        ),
    )
    here = sa.or_(c.reach == sight.AUDIT, c.handed_at.is_not(None))
    found = known.with_only_columns(c.id).where(c.closed_at.is_(None), here, asked)
    return found.order_by(c.id).limit(sa.bindparam("most", type_=sa.Integer))


def _guarded(unit: Unit, filing: Filing) -> bool:
    """Tell whether there is anything to look at: most reports keep nobody out yet."""
    placed = (filing.assignee_id, filing.stand_in_id, filing.restricted_at)
    firm = (one.unit_id or one.user_id for one in guards.of(unit, filing.id) if not one.proposed)
    return any(one is not None for one in placed) or any(firm)


def _before(svc: Desk, unit: Unit, filing: Filing) -> bool:
    """Until the guard is confirmed: one of the named persons at 접수."""
    staff = officials.with_role(unit, INTAKE)
    return _one_of(unit, filing, [who for who in staff if officials.first(svc, unit, who.login)])


def _after(unit: Unit, filing: Filing) -> bool:
    """Then: somebody who may work on it, and somebody who may hand it out."""
    work = _one_of(unit, filing, _with(unit, *HANDLERS))
    given = filing.assignee_id is not None and _still(unit, filing)
    return work and (given or _one_of(unit, filing, _with(unit, INTAKE, "audit_head")))


def _one_of(unit: Unit, filing: Filing, staff: Sequence[Official]) -> bool:
    """Tell whether one of these may; an office without anybody yet is not kept out by a guard."""
    return not staff or any(_may(unit, filing, who) for who in staff)


def _with(unit: Unit, *roles: str) -> list[Official]:
    return [who for role in roles for who in officials.with_role(unit, role)]


def _next(unit: Unit, *, confirmed: bool) -> Iterator[Official]:
    """Give who comes then, in order: 접수's own first, while it is theirs."""
    if not confirmed:
        yield from officials.with_role(unit, INTAKE)
    yield from _chain(unit, AUDIT if confirmed else INTAKE)
    if not confirmed:
        yield from officials.with_role(unit, "audit_head")
        yield from _chain(unit, AUDIT)


def _chain(unit: Unit, kind: str) -> Iterator[Official]:
    places = sa.select(_n.id).where(_n.kind == kind, _n.valid_until.is_(None)).order_by(_n.id)
    for place in unit.conn.scalars(places).all():
        for user_id in stand_ins.of(unit, place):
            who = officials.official(unit, user_id)
            if who is not None:
                yield who


def _may(unit: Unit, filing: Filing, who: Official) -> bool:
    return officials.may_handle(unit, filing.id, who)


def _still(unit: Unit, filing: Filing) -> bool:
    who = officials.official(unit, filing.assignee_id or 0)
    if who is None or not _may(unit, filing, who):
        return False
    return filing.stand_in_id == who.id or bool(rights.together(who.roles) & set(HANDLERS))


def _has(user: sa.ColumnElement[Any], *roles: str) -> sa.ColumnElement[bool]:
    return sa.select(_r.role).where(_r.user_id == user, _r.role.in_(roles)).exists()


def _tell(svc: Desk, unit: Unit, before: Filing, changes: dict[str, Any], *, nobody: bool) -> None:
    """Write it down and tell who has to know; who is kept out learns nothing."""
    filing = sight.get(unit, before.id)
    at = stamp(filing.mode, svc.now())
    for kind in _what(changes, nobody=nobody):
        detail = {"handler": before.assignee_id} if kind == RELEASED else {}
        journal.append(unit, filing.sid, at, CLOCK.mark, kind, detail)
    if "restricted_at" in changes and nobody:
        _told_citizen(svc, unit, filing)
        notices.tell_officials(svc, unit, filing, "inspector", "notice.desk.restricted")
    elif filing.stand_in_id is not None and "stand_in_id" in changes:
        notices.tell_officials(svc, unit, filing, "stand_in", "notice.desk.stand_in")
    elif changes.keys() & {"assignee_id", "restricted_at", "stand_in_id"}:
        notices.tell_officials(svc, unit, filing, "audit_head", "notice.desk.unassigned")


def _what(changes: dict[str, Any], *, nobody: bool) -> Iterable[str]:
    if "restricted_at" in changes:
        yield RESTRICTED if nobody else LIFTED
    if changes.get("stand_in_id") is not None:
        yield TAKEN
    if "assignee_id" in changes:
        yield RELEASED


def _told_citizen(svc: Desk, unit: Unit, filing: Filing) -> None:
    """Say that this office cannot look at it, and who else can (규정 제17조의3, 시행령 제17조제8항)."""
    params = said.base(svc, unit, filing, svc.now())
    about = models.units.c
    kind = unit.conn.scalar(sa.select(about.kind).where(about.id == filing.unit_id))
    own_road = kind == AUDIT and bool(svc.site.self_route)
    params["road"] = Phrase("notice.restricted_road") if own_road else ""
    notices.tell(
        svc, unit, filing, notices.Message("notice.restricted", params, once=_once(filing))
    )


def _once(filing: Filing) -> str:
    at = filing.restricted_at
    return f"restricted:{filing.id}:{at.isoformat() if at is not None else ''}"
