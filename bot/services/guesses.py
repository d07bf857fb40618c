"""How often somebody may guess at an account: slower and slower, and never shut (S18, S30).

A browser in which an official has signed in before carries a token that names it. It has a
budget of its own, so no number of strangers can keep the official out, while all strangers
together share one budget for the account and one for the house.
"""

import hashlib
from datetime import datetime, timedelta

from storage.repositories import rates
from storage.unit import Unit

REMEMBERED = timedelta(days=90)
PURPOSE = "device"
EACH = (60.0, 5)  # seconds for one more, and how many at once: an account from one place
PLACE = (6.0, 40)  # all accounts from one network
ACCOUNT = (30.0, 30)  # an account from everywhere that is not known
HOUSE = (0.5, 240)  # everybody who is not known: what Argon2 can bear
CODES = (60.0, 10)  # one-time codes for an account, from everywhere that is not known


def account(login: str) -> str:
    """Name an account where its login must not stand."""
    return hashlib.sha256(login.strip().lower().encode()).hexdigest()[:24]


def password(unit: Unit, login: str, network: str, device: str, now: datetime) -> float:
    """Take one try at a password; gives the seconds to wait, 0.0 when it may be tried.

    `network` is a salted word for the coarse address, `device` the token of the browser.
    """
    whose = account(login)
    known = recognised(unit, login, device, now)
    if known:
        return _take(unit, f"login:{whose}:{known}", EACH)
    return (
        _take(unit, f"login:{whose}:{network}", EACH)
        or _take(unit, f"login:net:{network}", PLACE)
        or _take(unit, f"login:{whose}", ACCOUNT)
        or _take(unit, "login:all", HOUSE)
    )


def code(unit: Unit, login: str, network: str, device: str, now: datetime) -> float:
    """Take one try at a one-time code, under the same rate of account and place."""
    whose = account(login)
    known = recognised(unit, login, device, now)
    if known:
        return _take(unit, f"login:{whose}:{known}", EACH)
    each = _take(unit, f"login:{whose}:{network}", EACH)
    return each or _take(unit, f"totp:{whose}", CODES)


def remember(unit: Unit, login: str, now: datetime) -> str:
    """Make the token of a browser in which this account has just signed in."""
    nonce, until = unit.random(12).hex(), int((now + REMEMBERED).timestamp())
    return f"{nonce}.{until}.{_mac(unit, login, nonce, until).hex()}"


def recognised(unit: Unit, login: str, device: str, now: datetime) -> str:
    """Give the name of a known browser, "" for every other."""
    nonce, _, rest = device[:300].partition(".")
    until, _, mac = rest.partition(".")
    try:
        given, ends = bytes.fromhex(mac), int(until)
    except ValueError:
        return ""
    parts = (account(login).encode(), nonce.encode(), str(ends).encode())
    holds = unit.keys.ring.mac_holds(PURPOSE, given, *parts)
    return nonce if holds and ends > now.timestamp() else ""


def _mac(unit: Unit, login: str, nonce: str, until: int) -> bytes:
    parts = (account(login).encode(), nonce.encode(), str(until).encode())
    return unit.keys.ring.mac(PURPOSE, *parts)


def _take(unit: Unit, name: str, rate: tuple[float, int]) -> float:
    every, burst = rate
    return rates.take(unit, name, every=every, burst=burst)
