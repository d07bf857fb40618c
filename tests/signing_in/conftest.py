from collections.abc import Callable
from functools import cache

import pyotp
import pytest

from bot.services import passwords
from storage.repositories import users
from tests.desk.conftest import Desk, Seat, make
from tests.desk.stage import PASSWORD
from tests.services.conftest import Office, build, catalog, clock, office, site, texts

__all__ = [
    "Desk", "Office", "Seat", "build", "catalog", "clock", "digits", "office", "site", "texts",
]  # fmt: skip


@cache
def _hash() -> str:
    return passwords.hashed(PASSWORD)


def give_password(office: Office, login: str) -> None:
    """Give an official the password of the tests; Argon2 is asked for it once."""
    user_id = office.people[login].user_id
    office.do(lambda u: users.set_password(u, user_id, _hash()))


@pytest.fixture
def strict(build: Callable[..., Office]) -> Office:
    """Give an office that asks everybody for the second factor, as a service does."""
    return build(totp="required")


@pytest.fixture
def room(strict: Office) -> Desk:
    give_password(strict, "park")
    return make(strict)


@pytest.fixture
def door(room: Desk) -> Seat:
    return room.seat()


def digits(office: Office, secret: str, steps: int = 0) -> str:
    """Give what a telephone shows now, or so many steps of thirty seconds from now."""
    totp = pyotp.TOTP(secret.replace(" ", ""))
    return totp.generate_otp(int(office.clock().timestamp()) // 30 + steps)


def knock(seat: Seat, login: str = "park", password: str = PASSWORD, next_: str = ""):
    page = seat.get(f"/sign-in?next={next_}" if next_ else "/sign-in")
    return seat.send("/sign-in", page.form("/sign-in"), login=login, password=password)


def show(seat: Seat, code: str, path: str = "/second"):
    return seat.send(path, seat.get(path).form(path), code=code)
