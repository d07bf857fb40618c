"""Officials and units, read by id: who signs a notice, who must be told, who is excluded."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.services.base import Actor, Desk
from knowledge.calendar import seoul_day
from storage.models import guards, units, user_roles, users
from storage.repositories import deputies
from storage.repositories import guards as repository
from storage.repositories.filings import Filing
from storage.unit import Unit

_u, _r, _n, _g = users.c, user_roles.c, units.c, guards.c


@dataclass(frozen=True, slots=True)
class Handler:
    """소속·성명·연락처 (민원처리법 시행령 제31조)."""

    unit: str
    name: str
    phone: str

    def complete(self) -> bool:
        return all(part.strip() for part in (self.unit, self.name, self.phone))


@dataclass(frozen=True, slots=True)
class Official:
    id: int
    login: str
    name: str
    unit_id: int | None
    unit: str
    phone: str
    email: str
    active: bool
    roles: frozenset[str]
    staff_no: str = ""
    title: str = ""


def handler(svc: Desk, unit: Unit, filing: Filing) -> Handler | None:
    """Give who signs: the assignee, else the audit office's head if the site names one.

    During 대직 it is the deputy, whose name things go out under.
    """
    if filing.assignee_id is not None:
        found = present(svc, unit, filing, filing.assignee_id)
        if found is not None and found.active:
            signed = Handler(found.unit, found.name, found.phone)
            return signed if signed.complete() else None
    site = svc.site
    signed = Handler(site.audit_unit, site.audit_head, site.audit_phone)
    return signed if signed.complete() else None


def present(svc: Desk, unit: Unit, filing: Filing, user_id: int) -> Official | None:
    """Give who is there for somebody today: his deputy whom no guard excludes, else himself."""
    for one in sorted(deputies.of(unit, user_id, seoul_day(svc.now()))):
        deputy = official(unit, one)
        if deputy is not None and may_handle(unit, filing.id, deputy):
            return deputy
    return official(unit, user_id)


def official(unit: Unit, user_id: int) -> Official | None:
    """Read one account."""
    return next(iter(_officials(unit, _u.id == user_id)), None)


def everybody(unit: Unit) -> tuple[Official, ...]:
    """List the accounts, by unit and name."""
    return _officials(unit, sa.true())


def with_role(unit: Unit, role: str) -> tuple[Official, ...]:
    """List the active accounts that have a role."""
    has = sa.select(_r.user_id).where(_r.role == role)
    return _officials(unit, sa.and_(_u.active, _u.id.in_(has)))


def of_unit(unit: Unit, unit_id: int) -> tuple[Official, ...]:
    """List the active members of a unit who answer requests."""
    has = sa.select(_r.user_id).where(_r.role == "unit_member")
    return _officials(unit, sa.and_(_u.active, _u.unit_id == unit_id, _u.id.in_(has)))


def may_handle(unit: Unit, filing_id: int, who: Official) -> bool:
    """Tell whether an official is neither excluded by a guard nor gone."""
    mine = [_g.user_id == who.id]
    if who.unit_id is not None:
        mine.append(_g.unit_id == who.unit_id)
    excluded = sa.select(_g.id).where(_g.filing_id == filing_id, sa.or_(*mine))
    return who.active and unit.conn.execute(excluded).first() is None


def actor(who: Official) -> Actor:
    return Actor("official", who.id, who.name, who.unit_id, who.roles)


def unit_by_code(unit: Unit, code: str) -> Any | None:
    """Read a unit by its code."""
    return unit.conn.execute(sa.select(units).where(_n.code == code)).mappings().one_or_none()


def unit_named(unit: Unit, unit_id: int | None) -> str:
    """Give a unit's name, "" without one."""
    if unit_id is None:
        return ""
    found = unit.conn.execute(sa.select(_n.name).where(_n.id == unit_id)).scalar_one_or_none()
    return found or ""


def unit_email(unit: Unit, unit_id: int) -> str:
    return str(unit.conn.execute(sa.select(_n.email).where(_n.id == unit_id)).scalar_one())


def guard(unit: Unit, filing_id: int, unit_id: int | None, confirmed: datetime | None) -> None:
    """Put a unit, those under it and those over it on the guard of a filing (S8).

    The audit and intake units are left out unless they are the very unit: naming the whole
    agency must not lock everybody out.
    """
    for one in _family(unit, unit_id) if unit_id is not None else [None]:
        repository.add(unit, filing_id, unit_id=one, confirmed_at=confirmed)


def unguard_units(unit: Unit, filing_id: int) -> None:
    """Take the units off a guard, to put the confirmed ones on."""
    for one in repository.of(unit, filing_id):
        if one.user_id is None:
            repository.remove(unit, one.id)


def _family(unit: Unit, unit_id: int) -> list[int]:
    rows = unit.conn.execute(sa.select(_n.id, _n.parent_id, _n.kind)).all()
    parent = {row.id: row.parent_id for row in rows}
    kind = {row.id: row.kind for row in rows}
    own = [unit_id, *_above(parent, unit_id), *_below(parent, unit_id)]
    return [one for one in own if one == unit_id or kind.get(one) not in {"audit", "intake"}]


def _above(parent: dict[int, int | None], start: int) -> list[int]:
    found: list[int] = []
    at = parent.get(start)
    while at is not None and at not in found:
        found.append(at)
        at = parent.get(at)
    return found


def _below(parent: dict[int, int | None], start: int) -> list[int]:
    found: list[int] = []
    layer = [start]
    while layer:
        layer = [one for one, up in parent.items() if up in layer and one not in found]
        found += layer
    return found


def _officials(unit: Unit, where: Any) -> tuple[Official, ...]:
    found = (
        sa.select(users, _n.name.label("unit"))
        .outerjoin(units, _n.id == _u.unit_id)
        .where(where)
        .order_by(_n.name, _u.name)
    )
    rows = unit.conn.execute(found).mappings().all()
    ids = [row["id"] for row in rows]
    roles: dict[int, set[str]] = {}
    for row in unit.conn.execute(sa.select(user_roles).where(_r.user_id.in_(ids))):
        roles.setdefault(row.user_id, set()).add(row.role)
    return tuple(
        Official(
            row["id"],
            row["login"],
            row["name"],
            row["unit_id"],
            row["unit"] or "",
            row["phone"],
            row["email"],
            row["active"],
            frozenset(roles.get(row["id"], ())),
            row["staff_no"] or "",
            row["title"],
        )
        for row in rows
    )
