"""The page of figures for everybody: only where the agency wishes it, and nothing small in it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from bot.handlers.chat.backing import StoreBacking
from bot.handlers.public import application
from bot.services import publishing, reminders
from bot.services.figures import WHOLE
from storage.repositories import publications
from storage.unit import Unit
from tests.storage.rows import add_filing
from tests.web.browse import Browser
from tests.web.city import City
from tests.web.reporter import HERE


@pytest.fixture
def publishes(city: City) -> City:
    """Let the agency publish; some months had many answers, the last one few."""
    site = city.site.model_copy(update={"public_statistics": True})
    city.svc = replace(city.svc, site=site)
    city.parts = replace(city.parts, back=StoreBacking(city.store, city.svc), site=site.words())
    return city


def answered(unit: Unit, city: City, count: int, months_ago: int, unit_id: int | None) -> None:
    at = city.clock() - timedelta(days=31 * months_ago)
    for n in range(count):
        add_filing(
            unit, f"2026-{months_ago}{unit_id or 0}{n:02}", unit_id=unit_id, state="answered",
            arrived_at=at, received_at=at, first_read_at=at, result_at=at + timedelta(days=7),
            outcome="upheld",
        )  # fmt: skip


def ticks(city: City) -> list[str]:
    found = city.store.read(lambda u: reminders.due_work(city.svc, u))
    due = [one for one in found if one.run_key.startswith("publish:")]
    for one in due:
        city.store.transact(one.work, one.run_key)
    return [one.run_key for one in due]


def test_where_the_agency_publishes_nothing_there_is_no_page_and_no_way_to_one(city, client):
    assert ticks(city) == []
    for path in ("/statistics", "/statistics.png"):
        assert client.get(path).status_code == 404
    assert "/statistics" not in client.get("/").text


def test_once_a_month_figures_are_made_and_shown_with_their_picture(publishes: City):
    for count, ago in ((40, 4), (20, 3), (20, 2), (3, 1)):
        publishes.store.transact(
            lambda u, n=count, m=ago: answered(u, publishes, n, m, None), None
        )
    publishes.store.transact(lambda u: answered(u, publishes, 4, 2, 1), None)  # the road unit
    assert len(ticks(publishes)) == 1
    assert ticks(publishes) == []
    client = TestClient(application(publishes.parts), base_url=HERE)
    page = Browser(client).open("/statistics")
    told = publishes.store.read(lambda u: publishing.published(publishes.svc, u))
    assert told is not None
    months = {name: one.counts["done"] for name, one in told.months.items()}
    assert (months.pop(WHOLE), set(months.values())) == (83, {20, 40, None}), months
    assert "가림" in page.html
    assert "도로과" not in page.html
    assert 'alt="달마다 답한 것.' in page.html
    picture = client.get("/statistics.png")
    assert picture.content.startswith(b"\x89PNG")
    assert client.get("/statistics.png").content == picture.content
    english = Browser(client).open("/statistics?lang=en")
    assert "hidden" in english.html
    assert "/statistics" in client.get("/").text


def test_an_agency_with_too_few_says_so_and_shows_no_number(publishes: City):
    publishes.store.transact(lambda u: answered(u, publishes, 4, 2, 1), None)
    ticks(publishes)
    client = TestClient(application(publishes.parts), base_url=HERE)
    page = Browser(client).open("/statistics")
    assert "아직 보여 드릴 만큼" in page.html
    assert "<table" not in page.html


def test_a_new_month_takes_the_place_of_the_last_and_turning_it_off_closes_the_page(
    publishes: City,
):
    ticks(publishes)
    publishes.clock.move(days=31)
    (key,) = ticks(publishes)
    rows = publishes.store.read(publications.latest)
    assert rows is not None
    assert key == f"publish:{rows.month}"
    closed = replace(publishes.svc, site=publishes.site)
    assert publishes.store.read(lambda u: publishing.published(closed, u)) is None
