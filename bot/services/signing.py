"""Signing in: the password, then the second factor; half-way is a ticket of five minutes (S30).

An unknown account, a closed one and a wrong password get the same answer after the same work.
"""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from bot.errors import Refused
from bot.services import guesses, house, linking, officials, passwords, sessions, totp
from bot.services.base import Actor, Desk
from bot.services.sessions import Session
from storage.repositories import tickets, users
from storage.store import Store
from storage.unit import Unit

HALF = "half"
HALF_LIFE = timedelta(minutes=5)
TRIES = 5  # wrong codes on one ticket; then the password is asked for again
Needs = Literal["code", "enrol"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Where somebody signs in from.

    `salted` is a word for the coarse address (rates, journal), `network` the address itself
    (access log alone), `device` the token of a browser that is known, `before` the session that
    it still carries and that ends now.
    """

    salted: str
    network: str = ""
    device: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Half:
    """Half signed in: `secret` opens the second step, for five minutes."""

    secret: str
    needs: Needs


@dataclass(frozen=True, slots=True)
class HalfWay:
    """Who stands half-way, and for enrolling the secret that the telephone is to learn."""

    actor: Actor
    login: str
    needs: Needs
    secret: str
    road: str


@dataclass(frozen=True, slots=True)
class Entered:
    """In: the session, the token by which this browser is known again, new codes on paper."""

    session: Session
    login: str
    device: str
    paper: tuple[str, ...] = ()


def sign_in(
    svc: Desk, store: Store, login: str, password: str, network: str, command_id: str
) -> Session | Half:
    """Check a password from a network; the short form of `enter`."""
    return enter(svc, store, login, password, Caller(network), command_id)


def enter(
    svc: Desk, store: Store, login: str, password: str, caller: Caller, command_id: str
) -> Session | Half:
    """Check a password; takes the store, because hashing holds no lock.

    Gives the way to the second factor, or the session itself where the site leaves the factor
    open and the account has none. Raises `Refused` access.wrong, or access.slow with `seconds`.
    """
    at = svc.now()
    wait = store.transact(
        lambda unit: guesses.password(unit, login, caller.salted, caller.device, at), None
    )
    if wait:
        raise Refused("access.slow", seconds=round(wait) + 1)
    who = store.read(lambda unit: users.by_login(unit, login.strip().lower()))
    known = who is not None and who.active
    right = passwords.holds(who.password_hash if who is not None and known else "", password)
    if who is None or not right:
        raise Refused("access.wrong")
    user_id = int(who.id)
    return store.transact(lambda unit: through(svc, unit, user_id, caller), command_id)


def through(
    svc: Desk, unit: Unit, user_id: int, caller: Caller, *, road: str = ""
) -> Session | Half:
    """Let in whoever has shown the first factor: to the second, or inside where there is none.

    Raises `Refused` access.wrong for a closed account.
    """
    found = officials.official(unit, user_id)
    if found is None or not found.active:
        raise Refused("access.wrong")
    second = second_step(svc, unit, user_id, road=road)
    return second or open_(svc, unit, officials.actor(found), caller, road)


def second_step(svc: Desk, unit: Unit, user_id: int, *, road: str = "") -> Half | None:
    """Open the second step; None where the site leaves the factor open and there is none."""
    if totp.has(unit, user_id):
        return half(svc, unit, user_id, "code", road=road)
    return half(svc, unit, user_id, "enrol", road=road) if svc.site.totp == "required" else None


def half(svc: Desk, unit: Unit, user_id: int, needs: Needs, *, road: str = "") -> Half:
    """Open the second step for an account; an earlier one that was not gone through is void."""
    tickets.cancel(unit, HALF, user_id=user_id)
    secret, now = sessions.new_secret(svc), svc.now()
    learned = totp.new_secret(svc) if needs == "enrol" else ""
    told = {"needs": needs, "road": road, "secret": learned}
    detail = json.dumps(told).encode()
    tickets.add(unit, secret, HALF, now, now + HALF_LIFE, user_id=user_id, detail=detail)
    return Half(secret, needs)


def halfway(svc: Desk, unit: Unit, secret: str) -> HalfWay | None:
    """Tell who stands half-way with this ticket, without using it up."""
    found = tickets.find(unit, secret, HALF) if secret else None
    if found is None or found.used_at is not None or found.expires_at <= svc.now():
        return None
    who = officials.official(unit, found.user_id or 0)
    if who is None or not who.active or found.tries >= TRIES:
        return None
    told = json.loads(found.detail)
    needs: Needs = "enrol" if told["needs"] == "enrol" else "code"
    return HalfWay(officials.actor(who), who.login, needs, told["secret"], told["road"])


def finish(
    svc: Desk, store: Store, secret: str, code: str, caller: Caller, command_id: str
) -> Entered:
    """Check the code of the second step, or the first code of a telephone that enrols.

    Raises `Refused` access.half_gone (the password again), access.slow, totp.wrong.
    """
    at = svc.now()

    def guess(unit: Unit) -> float:
        here = halfway(svc, unit, secret)
        if here is None:
            raise Refused("access.half_gone")
        return guesses.code(unit, here.login, caller.salted, caller.device, at)

    wait = store.transact(guess, None)
    if wait:
        raise Refused("access.slow", seconds=round(wait) + 1)
    entered = store.transact(lambda unit: _second(svc, unit, secret, code, caller), command_id)
    if entered is None:
        raise Refused("totp.wrong")
    return entered


def _second(svc: Desk, unit: Unit, secret: str, code: str, caller: Caller) -> Entered | None:
    here = halfway(svc, unit, secret)
    if here is None or here.actor.user_id is None:
        raise Refused("access.half_gone")
    paper: tuple[str, ...] = ()
    if here.needs == "enrol":
        if totp.has(unit, here.actor.user_id):  # meanwhile, on another machine
            raise Refused("access.half_gone")
        made = totp.enrol(svc, unit, here.actor, here.secret, code)
        right, paper = made is not None, made or ()
    else:
        right = totp.shows(svc, unit, here.actor.user_id, code)
    if not right:
        house.note(svc, unit, here.actor, "code_wrong", {"network": caller.salted})
        tickets.tried(unit, secret)
        return None
    if tickets.use(unit, secret, HALF, svc.now()) is None:
        raise Refused("access.half_gone")
    session = open_(svc, unit, here.actor, caller, here.road)
    device = guesses.remember(unit, here.login, svc.now())
    return Entered(session, here.login, device, paper)


def prove(svc: Desk, store: Store, actor: Actor, token: str, given: str, caller: Caller) -> None:
    """Show once more who sits there: a code, or the password where there is no second factor.

    Raises `Refused` access.slow, totp.wrong, access.wrong_password, access.sign_in_again.
    """
    assert actor.user_id is not None
    user_id, at = actor.user_id, svc.now()
    who = store.read(lambda unit: users.get(unit, user_id))
    assert who is not None
    wait = store.transact(
        lambda unit: guesses.code(unit, who.login, caller.salted, caller.device, at), None
    )
    if wait:
        raise Refused("access.slow", seconds=round(wait) + 1)
    if store.read(lambda unit: totp.has(unit, user_id)):
        if not store.transact(lambda unit: _shown(svc, unit, user_id, token, given), None):
            raise Refused("totp.wrong")
        return
    if not who.password_hash:
        raise Refused("access.sign_in_again")
    if not passwords.holds(who.password_hash, given):
        raise Refused("access.wrong_password")
    store.transact(lambda unit: sessions.prove(svc, unit, token), None)


def has_password(unit: Unit, user_id: int) -> bool:
    """Tell whether an official has a password, and not only the agency's own sign-in."""
    who = users.get(unit, user_id)
    return who is not None and bool(who.password_hash)


def change_password(
    svc: Desk, store: Store, actor: Actor, old: str, new: str, caller: Caller, command_id: str
) -> Session:
    """Change one's own password; every session ends and this browser gets a new one.

    Raises `Refused` access.slow, access.wrong_password, access.password_short.
    """
    assert actor.user_id is not None
    user_id, at = actor.user_id, svc.now()
    if not passwords.good(new):
        raise Refused("access.password_short")
    who = store.read(lambda unit: users.get(unit, user_id))
    assert who is not None
    wait = store.transact(
        lambda unit: guesses.password(unit, who.login, caller.salted, caller.device, at), None
    )
    if wait:
        raise Refused("access.slow", seconds=round(wait) + 1)
    if not passwords.holds(who.password_hash, old):
        raise Refused("access.wrong_password")
    hashed = passwords.hashed(new)

    def work(unit: Unit) -> Session:
        road = sessions.road(unit, caller.before)
        users.set_password(unit, user_id, hashed)
        linking.end(svc, unit, user_id, "password")
        house.note(svc, unit, actor, "password_changed", {"user": user_id})
        return open_(svc, unit, actor, caller, road)

    return store.transact(work, command_id)


def _shown(svc: Desk, unit: Unit, user_id: int, token: str, given: str) -> bool:
    right = totp.shows(svc, unit, user_id, given)
    if right:
        sessions.prove(svc, unit, token)
    return right


def open_(svc: Desk, unit: Unit, actor: Actor, caller: Caller, road: str) -> Session:
    """Open the session; the one that the browser still carries ends."""
    if caller.before:
        sessions.sign_out(svc, unit, caller.before)
    here = replace(actor, network=caller.network)
    return sessions.open_(svc, unit, here, salted=caller.salted, road=road)
