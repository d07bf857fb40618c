"""Officials: accounts, roles, one-time invitations (S30); how they come in is in `signing`."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from bot.errors import Refused
from bot.services import endings, house, officials, passwords
from bot.services.base import ROLES, Actor, Desk, Role
from bot.services.rights import GRAVE
from bot.services.sessions import ABSOLUTE, IDLE, Session, new_secret, session, sign_out, touch
from bot.services.signing import sign_in
from storage.repositories import right_changes, tickets, units, users
from storage.store import Store
from storage.unit import Unit

__all__ = [
    "ABSOLUTE", "IDLE", "ROLES", "Actor", "Invited", "Role", "Session", "add_user", "invite", "invited",
    "session", "set_password", "sign_in", "sign_out", "touch",
]  # fmt: skip

INVITE = "invite"
INVITE_DAYS = 7
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,39}")


@dataclass(frozen=True, slots=True)
class Invited:
    """The one-time secret that lets a person set a password; 7 days, once."""

    user_id: int
    secret: str


def add_user(
    svc: Desk,
    unit: Unit,
    by: Actor | None,
    *,
    login: str,
    name: str,
    unit_code: str,
    phone: str,
    email: str,
    roles: Collection[Role],
    staff_no: str = "",
    title: str = "",
    head: bool = False,
    waits: bool = False,
) -> Invited:
    """Add an account without a password and invite its owner; `by` None is the command line.

    Grave roles are for `accounts.add`: nobody but the command line gives them here. With
    `waits` the account may have no role yet. Raises
    `Refused` access.two_persons, access.login_bad, access.login_taken, access.unit_unknown,
    access.role_unknown, access.not_allowed.
    """
    _admin(by)
    place = units.by_code(unit, unit_code)
    if not _LOGIN.fullmatch(login) or not name.strip():
        raise Refused("access.login_bad")
    if place is None:
        raise Refused("access.unit_unknown")
    if not (roles or waits) or not set(roles) <= set(ROLES):
        raise Refused("access.role_unknown")
    if by is not None and set(roles) & GRAVE:
        raise Refused("access.two_persons")
    user_id = users.add(
        unit, login, name.strip(), svc.now(), unit_id=place.id, phone=phone, email=email,
        staff_no=staff_no, title=title, by=by.user_id if by else None, head=head,
    )  # fmt: skip
    if user_id is None:
        free(unit, staff_no)
        raise Refused("access.login_taken")
    right_changes.add(unit, user_id, "added", svc.now(), by=by.user_id if by else None)
    for role in roles:
        users.grant(unit, user_id, role, svc.now())
        by_id = by.user_id if by else None
        right_changes.add(unit, user_id, "granted", svc.now(), role=role, by=by_id)
    house.note(svc, unit, by, "user_added", {"user": user_id, "roles": sorted(roles)})
    return _invitation(svc, unit, user_id)


def free(unit: Unit, staff_no: str) -> None:
    """Refuse a staff number that is another's. Raises `Refused` access.staff_no."""
    if staff_no and users.by_staff_no(unit, staff_no) is not None:
        raise Refused("access.staff_no")


def invite(svc: Desk, unit: Unit, by: Actor | None, user_id: int) -> Invited:
    """Invite again (a forgotten password): every session ends, the journal knows.

    Raises `Refused` access.not_allowed, access.user_unknown.
    """
    _admin(by)
    if officials.official(unit, user_id) is None:
        raise Refused("access.user_unknown")
    endings.ended(svc, unit, user_id, "invited")
    house.note(svc, unit, by, "user_invited", {"user": user_id})
    return _invitation(svc, unit, user_id)


def invited(svc: Desk, unit: Unit, secret: str) -> Actor | None:
    """Tell whom an invitation is for, without using it up."""
    found = tickets.find(unit, secret, INVITE)
    if found is None or found.used_at is not None or found.expires_at <= svc.now():
        return None
    who = officials.official(unit, found.user_id or 0)
    return officials.actor(who) if who is not None and who.active else None


def set_password(svc: Desk, store: Store, secret: str, password: str, command_id: str) -> Actor:
    """Use an invitation up. Raises `Refused` access.invite_gone, access.password_short."""
    if not passwords.good(password):
        raise Refused("access.password_short")
    if store.read(lambda unit: invited(svc, unit, secret)) is None:
        raise Refused("access.invite_gone")
    hashed = passwords.hashed(password)

    def work(unit: Unit) -> Actor:
        actor = invited(svc, unit, secret)
        used = tickets.use(unit, secret, INVITE, svc.now())
        if actor is None or actor.user_id is None or used is None:
            raise Refused("access.invite_gone")
        users.set_password(unit, actor.user_id, hashed)
        house.note(svc, unit, actor, "password_set", {"user": actor.user_id})
        return actor

    return store.transact(work, command_id)


def _admin(by: Actor | None) -> None:
    if by is not None and not by.may("admin"):
        raise Refused("access.not_allowed")


def _invitation(svc: Desk, unit: Unit, user_id: int) -> Invited:
    tickets.cancel(unit, INVITE, user_id=user_id)
    secret, now = new_secret(svc), svc.now()
    until = now + timedelta(days=INVITE_DAYS)
    tickets.add(unit, secret, INVITE, now, until, user_id=user_id)
    return Invited(user_id, secret)
