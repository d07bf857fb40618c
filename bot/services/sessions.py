"""Sessions of officials: eight hours in all, fifteen minutes idle, the account as it was (S30)."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.services import accesses, deputies, endings, house, officials
from bot.services.base import Actor, Desk
from storage.repositories import sessions
from storage.unit import Unit

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=8)
PROVED = timedelta(minutes=10)
"""How long a grave act may follow the last time that the second factor was shown."""


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in official; `secret` goes into the cookie, only its hash is stored."""

    secret: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Own:
    """One of an official's sessions as its owner sees it; `ref` names it in a form."""

    ref: str
    opened_at: datetime
    seen_at: datetime
    here: bool


def new_secret(svc: Desk) -> str:
    return urlsafe_b64encode(svc.random(32)).rstrip(b"=").decode()


def open_(svc: Desk, unit: Unit, actor: Actor, *, salted: str = "", road: str = "") -> Session:
    """Open a session under a new secret; `salted` is the word for the coarse address.

    `road` is "oidc" for who came by the agency's own sign-in.
    """
    assert actor.user_id is not None
    secret, now = new_secret(svc), svc.now()
    sessions.open_(unit, secret, actor.user_id, now, now + ABSOLUTE, road=road)
    house.note(svc, unit, actor, "signed_in", {"network": salted, "road": road})
    accesses.note(svc, unit, actor, "signed_in")
    return Session(secret, actor)


def session(svc: Desk, unit: Unit, secret: str, network: str = "") -> Actor | None:
    """Read a session: idle at most 15 minutes, 8 hours in all, the account still as it was.

    `network` is where this request comes from: the access log names it, nothing else does.
    """
    found: Any = sessions.find(unit, secret)
    if found is None or not _alive(found, svc.now()):
        return None
    who = officials.official(unit, found.user_id)
    if who is None:
        return None
    return replace(deputies.acting(svc, unit, who), network=network)


def touch(svc: Desk, unit: Unit, secret: str) -> None:
    """Note that the session was used (call it at most once a minute)."""
    sessions.touch(unit, secret, svc.now())


def sign_out(svc: Desk, unit: Unit, secret: str) -> None:
    """End one session."""
    actor = session(svc, unit, secret)
    if sessions.close(unit, secret) and actor is not None:
        house.note(svc, unit, actor, "signed_out", {})


def proved(svc: Desk, unit: Unit, secret: str) -> bool:
    """Tell whether the second factor was shown in the last ten minutes."""
    found: Any = sessions.find(unit, secret)
    at = found.proved_at if found is not None else None
    return at is not None and svc.now() - at < PROVED


def prove(svc: Desk, unit: Unit, secret: str) -> None:
    """Note that the second factor was shown just now."""
    sessions.prove(unit, secret, svc.now())


def road(unit: Unit, secret: str) -> str:
    """Tell by which road this session was opened."""
    found: Any = sessions.find(unit, secret)
    return str(found.road) if found is not None else ""


def own(svc: Desk, unit: Unit, actor: Actor, secret: str) -> tuple[Own, ...]:
    """List an official's open sessions, this one first."""
    assert actor.user_id is not None
    mine = sessions.name(secret)
    found = [
        Own(row.token_hash.hex(), row.created_at, row.seen_at, row.token_hash == mine)
        for row in sessions.of(unit, actor.user_id)
        if _alive(row, svc.now())
    ]
    return tuple(sorted(found, key=lambda one: (not one.here, one.opened_at)))


def end_one(svc: Desk, unit: Unit, actor: Actor, ref: str) -> None:
    """End another session of one's own; what is not one's own is passed over."""
    assert actor.user_id is not None
    if sessions.close_named(unit, actor.user_id, ref):
        house.note(svc, unit, actor, "session_ended", {})


def end_all(svc: Desk, unit: Unit, actor: Actor) -> None:
    """Sign out everywhere, here too."""
    assert actor.user_id is not None
    endings.ended(svc, unit, actor.user_id, "signed_out")
    house.note(svc, unit, actor, "sessions_ended", {})


def _alive(row: Any, now: datetime) -> bool:
    alive: bool = row.expires_at > now and row.seen_at + IDLE > now
    return alive
