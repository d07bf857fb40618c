"""Officials: accounts, roles, one-time invitations, sign-in and sessions (S18, S30)."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.services.base import ROLES, Actor, Desk, Role
from storage.store import Store
from storage.unit import Unit

__all__ = ["ROLES", "Actor", "Role", "Session"]


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
    roles: Sequence[Role],
) -> Invited:
    """Add an account without a password and invite its owner; `by` None is the command line.

    Raises `Refused` access.login_taken, access.unit_unknown, access.not_allowed.
    """
    raise NotImplementedError


def invite(svc: Desk, unit: Unit, by: Actor | None, user_id: int) -> Invited:
    """Invite again (forgotten password): ends every session, notes it in the journal."""
    raise NotImplementedError


def invited(svc: Desk, unit: Unit, secret: str) -> Actor | None:
    """Tell whom an invitation is for, without using it up."""
    raise NotImplementedError


def set_password(svc: Desk, store: Store, secret: str, password: str, command_id: str) -> Actor:
    """Use an invitation up. Raises `Refused` access.invite_gone, access.password_short."""
    raise NotImplementedError


def sign_in(
    svc: Desk, store: Store, login: str, password: str, network: str, command_id: str
) -> Session:
    """Check a password and open a session; takes the store, because hashing holds no lock.

    `network` is the coarse address (a salted hash of it is all that is kept). Raises `Refused`
    access.wrong, or access.slow with `seconds`: guessing slows down, nothing ever locks.
    """
    raise NotImplementedError


def session(svc: Desk, unit: Unit, secret: str) -> Actor | None:
    """Read a session: idle at most 15 minutes, 8 hours in all, the account still as it was."""
    raise NotImplementedError


def touch(svc: Desk, unit: Unit, secret: str) -> None:
    """Note that the session was used (call it at most once a minute)."""
    raise NotImplementedError


def sign_out(svc: Desk, unit: Unit, secret: str) -> None:
    """End one session."""
    raise NotImplementedError
