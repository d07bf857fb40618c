"""Accounts of the agency's own sign-in, and grave roles of groups that a second person confirmed."""

from datetime import datetime

import sqlalchemy as sa

from storage.models import confirmed_roles, identities
from storage.unit import Unit
from storage.upsert import NewRow

_i, _c = identities.c, confirmed_roles.c
_new = NewRow(identities)
_new_role = NewRow(confirmed_roles)


def user_of(unit: Unit, issuer: str, subject: str) -> int | None:
    """Find whose an identity is."""
    found = sa.select(_i.user_id).where(_i.issuer == issuer, _i.subject == subject)
    user_id: int | None = unit.conn.execute(found).scalar_one_or_none()
    return user_id


def of(unit: Unit, user_id: int, issuer: str) -> str | None:
    """Give the subject that is tied to an official, as this issuer names it."""
    found = sa.select(_i.subject).where(_i.user_id == user_id, _i.issuer == issuer)
    subject: str | None = unit.conn.execute(found).scalars().first()
    return subject


def add(unit: Unit, issuer: str, subject: str, user_id: int, now: datetime) -> bool:
    """Tie an identity to an official; False: it is tied, or the official has one there."""
    if of(unit, user_id, issuer) is not None:
        return False
    row = {"issuer": issuer, "subject": subject, "user_id": user_id, "linked_at": now}
    return _new(unit.conn, row)


def seen(unit: Unit, issuer: str, subject: str, now: datetime) -> None:
    mine = sa.update(identities).where(_i.issuer == issuer, _i.subject == subject)
    unit.conn.execute(mine.values(seen_at=now))


def confirmed(unit: Unit, user_id: int) -> frozenset[str]:
    return frozenset(unit.conn.scalars(sa.select(_c.role).where(_c.user_id == user_id)))


def confirm(unit: Unit, user_id: int, role: str, now: datetime) -> None:
    _new_role(unit.conn, {"user_id": user_id, "role": role, "confirmed_at": now})


def unconfirm(unit: Unit, user_id: int, role: str) -> None:
    """Forget a yes when its group was left: who comes back is confirmed anew."""
    gone = sa.delete(confirmed_roles).where(_c.user_id == user_id, _c.role == role)
    unit.conn.execute(gone)
