"""The audit office with a division that asks it for advice; one database, pages and services."""

from collections.abc import Callable

import pytest

from tests.desk.conftest import Desk, Seat, catalog, clock, database, make, site, texts
from tests.services import applying
from tests.services.conftest import Office
from tests.services.conftest import build as any_build
from tests.services.conftest import office as small_city

__all__ = ["Desk", "Seat", "catalog", "clock", "database", "site", "small_city", "texts"]

build = any_build


@pytest.fixture
def office(build: Callable[..., Office]) -> Office:
    made = build()
    applying.staff(made)
    return made


@pytest.fixture
def room(office: Office) -> Desk:
    return make(office)


@pytest.fixture
def seat(room: Desk) -> Callable[[str], Seat]:
    return room.seat
