"""The desk's page for linking, and the administrator's look at who is linked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from storage.repositories import sessions
from tests.desk.conftest import Desk, Seat, make
from tests.desk.forms import Page
from tests.office.conftest import ACCOUNT, address, link
from tests.office.test_acts import says
from tests.office.test_linking import id_of, linked
from tests.services.conftest import Office

ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
pytestmark = ONCE


@pytest.fixture
def room(office: Office) -> Desk:
    return make(office)


@pytest.fixture
def seat(room: Desk) -> Callable[[str], Seat]:
    return room.seat


def prove(office: Office, seat: Seat) -> None:
    """Let the second factor have been shown a moment ago."""
    secret = seat.client.cookies["__Host-desk"]
    office.do(lambda u: sessions.prove(u, secret, office.clock()))


def test_a_code_is_shown_once_after_the_second_factor(office: Office, seat: Any):
    park = seat("park")
    page = park.get("/slack")
    assert "아직 연결하지 않았습니다" in page.text
    form = page.form("/slack")
    office.clock.set(office.clock() + timedelta(minutes=11))
    asked = park.send("/slack", form, "offer")
    assert asked.status_code == 401
    assert "/civic" not in asked.text
    prove(office, park)
    shown = park.send("/slack", form, "offer")
    assert shown.status_code == 200
    text = Page(shown.text).text
    code = text.split("/civic 연결 ")[1].split()[0]
    assert "/civic" not in Page(park.send("/slack", form, "offer").text).text  # not twice
    assert "이어졌습니다" in office.say(says(office, "park", f"연결 {code}").text)
    after = park.get("/slack")
    assert "메신저 연결됨" in after.text
    assert ACCOUNT not in after.text
    assert address("park") not in after.text
    answer = park.send("/slack", after.form("/slack"), "unlink")
    assert answer.status_code == 303
    assert not linked(office, "park")


def test_the_way_there_stands_on_the_page_of_oneself(office: Office, seat: Any):
    assert "메신저 연결" in seat("lee").get("/me").text


def test_without_a_messenger_there_is_no_such_page(build: Any):
    office = build()
    park = make(office).seat("park")
    assert park.status("/slack") == 404
    assert "메신저" not in park.get("/me").text
    assert "메신저" not in make(office).seat("han").get("/admin/users").text


def test_the_administrator_sees_who_is_linked_and_ends_it(office: Office, seat: Any):
    link(office, "park")
    han = seat("han")
    assert "메신저 연결됨" in han.get("/admin/users").text
    path = f"/admin/users/{id_of(office, 'park')}"
    page = han.get(path)
    assert "메신저 연결됨" in page.text
    form = next(one for one in page.forms if "unlink" in {value for _, value, _ in one.buttons})
    assert han.send(path, form, "unlink").status_code == 303
    assert not linked(office, "park")
    assert "메신저" not in han.get(path).text
