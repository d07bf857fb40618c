"""Every page of the desk before axe-core: wide and plain, narrow and in high contrast."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page
from starlette.routing import Mount

from bot.handlers import desk
from tests.browser.conftest import DESK, PHONE
from tests.browser.every_page import MORE, NO_PAGES, PAGES, enter, furnish
from tests.desk.conftest import make
from tests.desk.stage import open_office, serving
from tests.services.conftest import Office

pytestmark = pytest.mark.browser

HIGH = "document.documentElement.setAttribute('data-contrast', 'high')"
NORMAL = "document.documentElement.removeAttribute('data-contrast')"
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LOGINS = sorted({login for login, _ in PAGES.values()} | {login for login, _ in MORE})
NARROW = ("color-contrast", "target-size", "scrollable-region-focusable")


@dataclass
class House:
    office: Office
    url: str
    names: dict[str, Any]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("every")
    office = open_office(folder / "data")
    names = furnish(office, folder)
    with serving(office) as url:
        yield House(office, url, names)
    office.store.close()


def test_every_address_of_the_desk_is_a_page_here_or_none(house: House):
    [mount] = desk.routes(make(house.office).parts)
    assert isinstance(mount, Mount)
    known = {getattr(route, "path", "") for route in mount.app.app.routes}
    assert known == PAGES.keys() | NO_PAGES
    assert not PAGES.keys() & NO_PAGES


def places(login: str, names: dict[str, Any]) -> list[str]:
    """Give the addresses that somebody looks at."""
    own = [path or route for route, (who, path) in PAGES.items() if who == login]
    return [path.format(**names) for path in [*own, *(path for who, path in MORE if who == login)]]


def arrive(page: Page, house: House, place: str) -> None:
    """Come to a page; that somebody has no conflict is said where it is asked."""
    answer = page.goto(f"{house.url}{place}")
    assert answer is not None
    if place != "/nothing":
        assert answer.status == 200, (place, answer.status)
    none = page.get_by_role("button", name="없음", exact=True)
    if none.count():
        none.click()
        page.goto(f"{house.url}{place}")
    assert page.url == f"{house.url}{place}" or place == "/me/enrol"


@pytest.mark.parametrize("login", LOGINS)
def test_nothing_serious_stands_in_anybodys_way_on_any_page(
    house: House, chrome: Browser, audit: Callable[..., list[str]], login: str
):
    context = chrome.new_context(locale="ko-KR", viewport=DESK, reduced_motion="reduce")
    if login:
        cookie = {"name": "desk", "value": enter(house.office, login)}
        context.add_cookies([{**cookie, "domain": urlsplit(house.url).hostname, "path": "/"}])
    page = context.new_page()
    found: list[object] = []
    for place in places(login, house.names):
        page.set_viewport_size(DESK)
        arrive(page, house, place)
        found += [(place, one) for one in audit(page)]
        page.set_viewport_size(PHONE)
        page.evaluate(HIGH)
        found += [(place, "high", one) for one in audit(page, NARROW)]
        page.evaluate(NORMAL)
        found += [(place, "narrow", one) for one in audit(page, NARROW[1:])]
        for width in (PHONE["width"], 320):
            page.set_viewport_size({"width": width, "height": 740})
            over = page.evaluate(OVER)
            found += [(place, width, over)] if over > 0 else []
    context.close()
    assert found == []
