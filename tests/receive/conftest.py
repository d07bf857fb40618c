"""Fixtures of a city that people write to; the city itself is `tests.fakes.city`."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.locale import Texts
from bot.settings import Site, read_site
from storage.store import Store
from tests import shipped
from tests.fakes.city import SITE, City, Clock, Somebody


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def site() -> Site:
    return read_site(SITE)


@pytest.fixture(scope="session")
def texts() -> Texts:
    return shipped.texts()


@pytest.fixture
def city(store: Store, clock: Clock, site: Site, texts: Texts) -> City:
    return City(store, clock, site, texts)


@pytest.fixture
def web(city: City) -> Somebody:
    return city.person("web")


@pytest.fixture
def paged(city: City) -> Somebody:
    return city.person("web", "p", pages=True)


@pytest.fixture
def telegram(city: City) -> Somebody:
    return city.person("telegram")


@pytest.fixture
def agreed(telegram: Somebody) -> Somebody:
    """Somebody who went through the second door."""
    telegram.commands("start")
    telegram.press("텔레그램에서 쓰기")
    telegram.press("만 14세 이상이고")
    return telegram


@pytest.fixture
def changed(store: Store, clock: Clock, site: Site, texts: Texts) -> Callable[..., City]:
    """Make a city with another site."""

    def make(**values: Any) -> City:
        return City(store, clock, site.model_copy(update=values), texts)

    return make
