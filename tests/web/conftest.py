"""The real stack behind the pages, and a browser without a script before them."""

import pytest
from starlette.testclient import TestClient

from bot.handlers.public import application
from tests.web.browse import Browser
from tests.web.city import City
from tests.web.reporter import HERE, Reporter


@pytest.fixture
def city(tmp_path):
    made = City(tmp_path)
    yield made
    made.close()


@pytest.fixture
def client(city):
    return TestClient(application(city.parts), base_url=HERE)


@pytest.fixture
def browser(client):
    return Browser(client)


@pytest.fixture
def filed(client):
    return Reporter(client).file()
