"""Officials, their roles, their sessions."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from knowledge.calendar import seoul_day
from storage.models import sessions, user_roles, users
from storage.repositories import postings
from storage.unit import Unit
from storage.upsert import NewRow, insert

_u, _r, _s = users.c, user_roles.c, sessions.c
_new_role = NewRow(user_roles)


def add(
    unit: Unit,
    login: str,
    name: str,
    now: datetime,
    *,
    unit_id: int | None = None,
    phone: str = "",
    email: str = "",
    staff_no: str | None = None,
    title: str = "",
    by: int | None = None,
    head: bool = False,
) -> int | None:
    """Add an official without a password, serving in the unit from today.

    Gives the id, None when the login or the staff number is taken; `by` is the account that made
    it.
    """
    row = {"login": login, "name": name, "unit_id": unit_id, "phone": phone, "email": email}
    row |= {"staff_no": staff_no or None, "title": title, "created_by_id": by}
    made = insert(unit.conn, users).values(created_at=now, sid=unit.sid(), **row)
    new = unit.conn.execute(made.on_conflict_do_nothing().returning(_u.id))
    user_id: int | None = new.scalar_one_or_none()
    if user_id is not None and unit_id is not None:
        postings.begin(unit, user_id, unit_id, seoul_day(now), head=head)
    return user_id


def get(unit: Unit, user_id: int) -> sa.Row[Any] | None:
    return unit.conn.execute(sa.select(users).where(_u.id == user_id)).one_or_none()


def sid(unit: Unit, user_id: int) -> bytes:
    """Give the owner of what is sealed to an official; older code left some without one."""
    mine = _u.id == user_id
    none = sa.update(users).where(mine, _u.sid.is_(None)).values(sid=unit.sid())
    found: bytes | None = unit.conn.execute(sa.select(_u.sid).where(mine)).scalar_one()
    if found is None:
        unit.conn.execute(none)
        found = unit.conn.execute(sa.select(_u.sid).where(mine)).scalar_one()
    assert found is not None
    return found


def by_login(unit: Unit, login: str) -> sa.Row[Any] | None:
    return unit.conn.execute(sa.select(users).where(_u.login == login)).one_or_none()


def by_staff_no(unit: Unit, staff_no: str) -> sa.Row[Any] | None:
    return unit.conn.execute(sa.select(users).where(_u.staff_no == staff_no)).one_or_none()


def listed(unit: Unit) -> list[sa.Row[Any]]:
    return list(unit.conn.execute(sa.select(users).order_by(_u.id)))


def roles(unit: Unit, user_id: int) -> frozenset[str]:
    return frozenset(unit.conn.scalars(sa.select(_r.role).where(_r.user_id == user_id)))


def with_role(unit: Unit, *names: str) -> list[sa.Row[Any]]:
    """List the active officials who have any of the roles."""
    having = sa.select(_r.user_id).where(_r.role.in_(names))
    found = sa.select(users).where(_u.id.in_(having), _u.active.is_(True)).order_by(_u.id)
    return list(unit.conn.execute(found))


def grant(unit: Unit, user_id: int, role: str, now: datetime, *, source: str = "") -> bool:
    """Grant a role; False: it was there already. `source` is "group" for one of a group."""
    row = {"user_id": user_id, "role": role, "granted_at": now, "source": source}
    return _new_role(unit.conn, row)


def of_groups(unit: Unit, user_id: int) -> frozenset[str]:
    """Give the roles that the agency's own groups gave."""
    mine = (_r.user_id == user_id, _r.source == "group")
    return frozenset(unit.conn.scalars(sa.select(_r.role).where(*mine)))


def revoke(unit: Unit, user_id: int, role: str) -> bool:
    gone = sa.delete(user_roles).where(_r.user_id == user_id, _r.role == role)
    return unit.conn.execute(gone).rowcount == 1


def set_password(unit: Unit, user_id: int, password_hash: str) -> None:
    """Store a new password's hash; every session ends."""
    values = {"password_hash": password_hash, "epoch": _u.epoch + 1}
    unit.conn.execute(sa.update(users).where(_u.id == user_id).values(values))


def set_active(unit: Unit, user_id: int, *, active: bool) -> None:
    """Close or open an account; every session ends in the same commit."""
    values = {"active": active, "epoch": _u.epoch + 1}
    unit.conn.execute(sa.update(users).where(_u.id == user_id).values(values))


def end_sessions(unit: Unit, user_id: int) -> None:
    unit.conn.execute(sa.update(users).where(_u.id == user_id).values(epoch=_u.epoch + 1))
    unit.conn.execute(sa.delete(sessions).where(_s.user_id == user_id))


def change(unit: Unit, user_id: int, **values: Any) -> None:
    """Change what an account says of its owner; who serves where is for `postings`, too."""
    known = {"name", "unit_id", "phone", "email", "staff_no", "title", "reset_by_id"}
    assert values.keys() <= known
    unit.conn.execute(sa.update(users).where(_u.id == user_id).values(values))
