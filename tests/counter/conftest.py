"""The office of the services' tests with its desk; its services on both databases."""

import pytest

from bot.locale import Texts
from tests import shipped
from tests.desk.conftest import Desk, make
from tests.services.conftest import Office, build, catalog, clock, office, site

__all__ = ["Desk", "build", "catalog", "clock", "office", "room", "site", "texts"]


@pytest.fixture(scope="session")
def texts() -> Texts:
    """Say nothing in place of a word that is missing: a gap in a page is an error here."""
    return shipped.texts()


@pytest.fixture
def room(office: Office) -> Desk:
    return make(office)
