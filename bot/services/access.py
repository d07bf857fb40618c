"""Officials: accounts, roles, one-time invitations, sign-in and sessions (S18, S30)."""

import hashlib
import re
import threading
from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from bot.errors import Refused
from bot.services import house, officials
from bot.services.base import ROLES, Actor, Desk, Role
from storage.repositories import rates, sessions, tickets, units, users
from storage.store import Store
from storage.unit import Unit

__all__ = [
    "IDLE", "ROLES", "Actor", "Invited", "Role", "Session", "add_user", "invite", "invited",
    "session", "set_password", "sign_in", "sign_out", "touch",
]  # fmt: skip

INVITE = "invite"
INVITE_DAYS = 7
IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=8)
LEAST = 12  # signs of a password
MOST = 200
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,39}")
_hasher = PasswordHasher()  # RFC 9106, second recommended: 64 MiB, 3 passes
_two_at_once = threading.BoundedSemaphore(2)
_NOBODY = _hasher.hash("nobody's password")
"""Verified when there is no such account, so that a guess costs the same."""


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in official; `secret` goes into the cookie, only its hash is stored."""

    secret: str
    actor: Actor


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
) -> Invited:
    """Add an account without a password and invite its owner; `by` None is the command line.

    Raises `Refused` access.login_bad, access.login_taken, access.unit_unknown,
    access.role_unknown, access.not_allowed.
    """
    _admin(by)
    place = units.by_code(unit, unit_code)
    if not _LOGIN.fullmatch(login) or not name.strip():
        raise Refused("access.login_bad")
    if place is None:
        raise Refused("access.unit_unknown")
    if not roles or not set(roles) <= set(ROLES):
        raise Refused("access.role_unknown")
    user_id = users.add(
        unit, login, name.strip(), svc.now(), unit_id=place.id, phone=phone, email=email
    )
    if user_id is None:
        raise Refused("access.login_taken")
    for role in roles:
        users.grant(unit, user_id, role, svc.now())
    house.note(svc, unit, by, "user_added", {"user": user_id, "roles": sorted(roles)})
    return _invitation(svc, unit, user_id)


def invite(svc: Desk, unit: Unit, by: Actor | None, user_id: int) -> Invited:
    """Invite again (a forgotten password): every session ends, the journal knows.

    Raises `Refused` access.not_allowed, access.user_unknown.
    """
    _admin(by)
    if officials.official(unit, user_id) is None:
        raise Refused("access.user_unknown")
    users.end_sessions(unit, user_id)
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
    if not LEAST <= len(password) <= MOST:
        raise Refused("access.password_short")
    if store.read(lambda unit: invited(svc, unit, secret)) is None:
        raise Refused("access.invite_gone")
    hashed = _hash(password)

    def work(unit: Unit) -> Actor:
        actor = invited(svc, unit, secret)
        used = tickets.use(unit, secret, INVITE, svc.now())
        if actor is None or actor.user_id is None or used is None:
            raise Refused("access.invite_gone")
        users.set_password(unit, actor.user_id, hashed)
        house.note(svc, unit, actor, "password_set", {"user": actor.user_id})
        return actor

    return store.transact(work, command_id)


def sign_in(
    svc: Desk, store: Store, login: str, password: str, network: str, command_id: str
) -> Session:
    """Check a password and open a session; takes the store, because hashing holds no lock.

    `network` is a salted word for the coarse address. Guessing is slowed down for an account
    from a network and for a network; nothing ever locks, so nobody can keep an official out.
    Raises `Refused` access.wrong, or access.slow with `seconds`.
    """
    wait = store.transact(lambda unit: _guess(unit, login, network), None)
    if wait:
        raise Refused("access.slow", seconds=round(wait) + 1)
    who = store.read(lambda unit: users.by_login(unit, login.strip().lower()))
    known = who is not None and who.active and who.password_hash
    right = _verify(who.password_hash if who is not None and known else _NOBODY, password)
    if who is None or not known or not right:
        raise Refused("access.wrong")
    user_id = int(who.id)
    secret = _secret(svc)

    def work(unit: Unit) -> Session:
        found = officials.official(unit, user_id)
        if found is None or not found.active:
            raise Refused("access.wrong")
        sessions.open_(unit, secret, user_id, svc.now(), svc.now() + ABSOLUTE)
        house.note(svc, unit, officials.actor(found), "signed_in", {"network": network})
        return Session(secret, officials.actor(found))

    return store.transact(work, command_id)


def session(svc: Desk, unit: Unit, secret: str, network: str = "") -> Actor | None:
    """Read a session: idle at most 15 minutes, 8 hours in all, the account still as it was.

    `network` is where this request comes from: the access log names it, nothing else does.
    """
    found: Any = sessions.find(unit, secret)
    now = svc.now()
    if found is None or found.expires_at <= now or found.seen_at + IDLE <= now:
        return None
    who = officials.official(unit, found.user_id)
    return replace(officials.actor(who), network=network) if who is not None else None


def touch(svc: Desk, unit: Unit, secret: str) -> None:
    """Note that the session was used (call it at most once a minute)."""
    sessions.touch(unit, secret, svc.now())


def sign_out(svc: Desk, unit: Unit, secret: str) -> None:
    """End one session."""
    actor = session(svc, unit, secret)
    if sessions.close(unit, secret) and actor is not None:
        house.note(svc, unit, actor, "signed_out", {})


def _admin(by: Actor | None) -> None:
    if by is not None and not by.may("admin"):
        raise Refused("access.not_allowed")


def _invitation(svc: Desk, unit: Unit, user_id: int) -> Invited:
    tickets.cancel(unit, INVITE, user_id=user_id)
    secret, now = _secret(svc), svc.now()
    until = now + timedelta(days=INVITE_DAYS)
    tickets.add(unit, secret, INVITE, now, until, user_id=user_id)
    return Invited(user_id, secret)


def _guess(unit: Unit, login: str, network: str) -> float:
    account = hashlib.sha256(login.strip().lower().encode()).hexdigest()[:24]
    return max(
        rates.take(unit, f"login:{account}:{network}", every=60.0, burst=5),
        rates.take(unit, f"login:net:{network}", every=6.0, burst=40),
    )


def _hash(password: str) -> str:
    with _two_at_once:
        return _hasher.hash(password)


def _verify(hashed: str, password: str) -> bool:
    with _two_at_once:
        try:
            return _hasher.verify(hashed, password[:MOST])
        except VerificationError:
            return False


def _secret(svc: Desk) -> str:
    return urlsafe_b64encode(svc.random(32)).rstrip(b"=").decode()
