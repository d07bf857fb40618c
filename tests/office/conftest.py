"""The small city's office with a messenger for its officials; nobody here knows which."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.channel import Delivered, Delivery, Limits, Parcel
from bot.services import base, linking, rooms
from bot.services.base import Actor
from bot.worker import Worker
from tests import shipped
from tests.fakes.channel import FakeChannel
from tests.guards.test_confirming import confirm
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

    return shipped.texts()


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


class Editing(FakeChannel):
    """A messenger whose edited messages keep their ids."""

    async def deliver(self, parcel: Parcel) -> Delivery:
        found = await super().deliver(parcel)
        if isinstance(found, Delivered) and parcel.replaces is not None:
            return Delivered(parcel.replaces)
        return found


@dataclass
class Messenger:
    """What arrives at the messenger: each parcel as the worker sent it."""

    office: Office
    channel: FakeChannel
    worker: Worker

    async def round(self, times: int = 6) -> list[Parcel]:
        """Send what is due; gives what arrived."""
        seen = len(self.channel.sent)
        for _ in range(times):
            await self.worker.round()
        return self.channel.sent[seen:]

    def script(self, *steps: Any) -> None:
        """Let the next messages come to something else than having arrived."""
        self.channel._script = iter(steps)


@pytest.fixture
def messenger(office: Office) -> Messenger:
    return at_messenger(office)


def at_messenger(office: Office) -> Messenger:
    fast = Limits(text=4000, file_bytes=0, per_second=1000, per_chat=1000)
    channel = Editing(name=CHANNEL, limits=fast)
    worker = Worker(office.store, office.svc, {CHANNEL: channel}, settle_after=0.0, idle=0.01)
    return Messenger(office, channel, worker)


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


def clean(office: Office) -> None:
    """Let the office's room be found clean."""
    office.do(lambda u: rooms.note_clean(office.svc, u))


def guarded(office: Office, number: str, *units: str, since: str = "2026-11-20") -> None:
    """Confirm the guard of a report, as 접수 does."""
    confirm(office, number, *units, since=since)
