"""The small city's office with a messenger for its officials; nobody here knows which."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.services import base, linking
from bot.services.base import Actor
from tests.services.conftest import Office, build, catalog, clock, site

__all__ = [
    "ACCOUNT",
    "ROOM",
    "address",
    "build",
    "catalog",
    "clock",
    "here",
    "link",
    "site",
    "texts",
]

CHANNEL, ACCOUNT, ROOM = "slack", "T0GAON", "C0AUDIT"


@pytest.fixture(scope="session")
def texts() -> Any:
    from bot.locale import Texts  # noqa: PLC0415 - strict here, as at the desk's tests

    return Texts.load(strict=True)


def with_messenger(office: Office, level: str = "numbers") -> Office:
    there = base.Office(CHANNEL, ACCOUNT, ROOM, level)  # type: ignore[arg-type]
    office.svc = replace(office.svc, office=there)
    return office


@pytest.fixture
def office(build: Callable[..., Office]) -> Office:
    return with_messenger(build())


@pytest.fixture
def full(build: Callable[..., Office]) -> Office:
    return with_messenger(build(), "full")


def address(login: str) -> str:
    return f"U0{login.upper()}"


def link(office: Office, *logins: str) -> None:
    """Tie officials' accounts, as they do it themselves."""
    for login in logins:
        code = office.do(lambda u, who=login: linking.offer(office.svc, u, office.people[who]))
        office.do(
            lambda u, who=login, code=code: linking.link(
                office.svc, u, ACCOUNT, address(who), code
            )
        )


def here(office: Office, login: str) -> Actor:
    """Give the actor of somebody who speaks from the messenger."""
    actor: Actor = office.do(lambda u: linking.actor(office.svc, u, ACCOUNT, address(login)))
    return actor
