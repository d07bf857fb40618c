"""Officials and units, read by id: who signs a notice, who must be told, who is excluded."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from bot.services import rights
from bot.services.barred import bars
from bot.services.base import Actor, Desk
from knowledge.calendar import seoul_day
from storage.models import units, user_roles, users
from storage.repositories import deputies, stand_ins, unit_successors
from storage.repositories.filings import Filing
from storage.unit import Unit

_u, _r, _n = users.c, user_roles.c, units.c
_ACCOUNT = (
    _u.id,
    _u.login,
    _u.name,
    _u.unit_id,
    _u.phone,
    _u.email,
    _u.active,
    _u.staff_no,
    _u.title,
)
"""What the public part may read of an account: nothing to sign in with (security S7)."""

LENT = frozenset({"intake", "auditor", "audit_head", "unit_member", "unit_head"})
"""Roles that a deputy has for the days: what working on cases takes, never accounts."""
APART = frozenset({"admin", "inspector"})
"""Who looks after accounts, or over shoulders, never works on a case, not for a day either."""


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

    During 대직 it is the deputy, whose name things go out under. Of a report that is not the
    audit office's it is who stands in for it, or nobody of it but the agency (S8).
    """
    site = svc.site
    if filing.restricted_at is not None:
        return Handler(site.agency, site.self_route or site.agency, site.call)
    who = filing.assignee_id if filing.assignee_id is not None else filing.stand_in_id
    if who is not None:
        found = present(svc, unit, filing, who)
        if found is not None and found.active:
            signed = Handler(found.unit, found.name, found.phone)
            return signed if signed.complete() else None
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
    return next(iter(_officials(unit, "one", which=user_id)), None)


def at_address(unit: Unit, address: str) -> tuple[Official, ...]:
    """List the active accounts whose mail goes to an address."""
    return _officials(unit, "address", which=address)


def everybody(unit: Unit) -> tuple[Official, ...]:
    """List the accounts, by unit and name."""
    return _officials(unit, "everybody")


def with_role(unit: Unit, role: str) -> tuple[Official, ...]:
    """List the active accounts that have a role."""
    return _officials(unit, "role", which=role)


def of_unit(unit: Unit, unit_id: int) -> tuple[Official, ...]:
    """List the active members of a unit, or of what took over from it, who answer requests."""
    has = sa.select(_r.user_id).where(_r.role == "unit_member")
    there = _u.unit_id.in_(unit_successors.after(unit, unit_id))
    return _read(unit, _accounts(sa.and_(_u.active, there, _u.id.in_(has))))


def may_handle(unit: Unit, filing_id: int, who: Official) -> bool:
    """Tell whether an official is neither excluded by a guard nor gone."""
    return who.active and not unit.conn.scalar(_kept_out(who.id), {"filing": filing_id})


@lru_cache(maxsize=256)
def _kept_out(user_id: int) -> sa.Select[Any]:
    """Build the question once for an account: building it takes longer than asking it."""
    return sa.select(bars(sa.bindparam("filing", type_=sa.Integer), user_id))


def first(svc: Desk, unit: Unit, login: str) -> bool:
    """Tell whether somebody at 접수 sees what is not confirmed yet: named ones, or all (S8).

    Names of accounts that are gone, or have left 접수, count as none.
    """
    named = set(svc.site.guard_intake)
    if not named:
        return True
    there = {who.login for who in with_role(unit, "intake")} & named
    return login in there or not there


def at_desk(svc: Desk, unit: Unit, who: Official) -> Actor:
    """Give the actor of an official as he stands today: 대직 and what it takes, his place (S8)."""
    own = actor(who)
    people = deputies.standing_for(unit, who.id, seoul_day(svc.now()))
    if own.roles & APART:  # got the role while he was a deputy already
        people = frozenset()
    others = [one for user in sorted(people) if (one := official(unit, user)) is not None]
    roles = set(own.roles).union(*(one.roles & LENT for one in others))
    logins = [one.login for one in (who, *others) if "intake" in one.roles]
    return replace(
        own,
        roles=frozenset(roles),
        stands_for=people,
        stands_in=stand_ins.stands(unit, who.id),
        first="intake" not in roles or any(first(svc, unit, login) for login in logins),
    )


def actor(who: Official) -> Actor:
    """Make the actor of an official; roles that do not go together do not count."""
    return Actor("official", who.id, who.name, who.unit_id, rights.together(who.roles))


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


def _officials(unit: Unit, kind: str, **values: Any) -> tuple[Official, ...]:
    return _read(unit, _question(kind), **values)


@lru_cache
def _question(kind: str) -> sa.Select[Any]:
    """Build each question once: building it takes longer than asking it."""
    if kind == "everybody":
        return _accounts(sa.true())
    if kind == "one":
        return _accounts(_u.id == sa.bindparam("which", type_=_u.id.type))
    if kind == "address":
        return _accounts(
            sa.and_(_u.active, _u.email == sa.bindparam("which", type_=_u.email.type))
        )
    has = sa.select(_r.user_id).where(_r.role == sa.bindparam("which", type_=_r.role.type))
    return _accounts(sa.and_(_u.active, _u.id.in_(has)))


def _accounts(where: Any) -> sa.Select[Any]:
    return (
        sa.select(*_ACCOUNT, _n.name.label("unit"))
        .outerjoin(units, _n.id == _u.unit_id)
        .where(where)
        .order_by(_n.name, _u.name)
    )


_ROLES = sa.select(user_roles).where(_r.user_id.in_(sa.bindparam("ids", expanding=True)))


def _read(unit: Unit, found: sa.Select[Any], **values: Any) -> tuple[Official, ...]:
    rows = unit.conn.execute(found, values).mappings().all()
    roles: dict[int, set[str]] = {}
    if rows:
        for row in unit.conn.execute(_ROLES, {"ids": [row["id"] for row in rows]}):
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
