"""The two pages: who may not see a report, and who stands in for a unit."""

import pytest

from storage.repositories import guards
from tests.desk.conftest import Desk, make
from tests.desk.forms import Page
from tests.guards.test_confirming import NAMED
from tests.services.conftest import Office, answers


@pytest.fixture
def room(office: Office) -> Desk:
    return make(office)


ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""What hangs on pages alone is the same on both databases."""
pytestmark = ONCE


def test_intake_is_led_from_the_report_to_the_guard_and_on_to_the_handler(
    room: Desk, office: Office
):
    filed = office.file(answers(what=NAMED, unit=None))
    kim = room.seat("kim")
    page = kim.open(filed.number)
    assert any(link.endswith("/guard") for link in page.links)
    assert not any("/moves/assign" in link for link in page.links)
    path = f"/filings/{filed.number}/guard"
    page = kim.get(path)
    assert "글에서 찾음" in page.text
    assert "김철수 팀장" in page.text
    form = page.form()
    assert "units" not in form.fields  # proposed, and nothing ticked
    assert form.fields["since"] == ["2026-11-23"]
    lee = str(office.people["lee"].user_id)
    answer = kim.send(path, form, "confirm", units=["road"], people=[lee], unknown=[])
    assert answer.status_code == 303
    page = kim.get(f"/filings/{filed.number}")
    assert any("/moves/assign" in link for link in page.links)
    assert "이도로" in kim.get(path).text
    given = {"handler": str(office.people["park"].user_id)}
    assert kim.move(filed.number, "assign", **given).status_code == 303


def test_what_is_added_from_the_list_is_kept_while_one_goes_on_choosing(
    room: Desk, office: Office
):
    filed = office.file(answers(unit=None))
    kim = room.seat("kim")
    kim.open(filed.number)
    path = f"/filings/{filed.number}/guard"
    form = kim.get(path).form()
    jung = str(office.people["jung"].user_id)
    again = Page(kim.send(path, form, "add", more_units="road", more_people=jung).text).form()
    assert (again.fields["units"], again.fields["people"]) == (["road"], [jung])
    more = Page(kim.send(path, again, "add", more_units="build").text).form()
    assert sorted(more.fields["units"]) == ["build", "road"]
    assert kim.send(path, more, "confirm").status_code == 303
    rows = office.see(lambda u: guards.of(u, filed.filing_id))
    assert len([row for row in rows if row.unit_id]) == 2
    assert [row.user_id for row in rows if row.user_id] == [office.people["jung"].user_id]


def test_whatever_is_wrong_is_said_beside_it_and_nothing_typed_is_lost(room: Desk, office: Office):
    filed = office.file()
    kim = room.seat("kim")
    kim.open(filed.number)
    path = f"/filings/{filed.number}/guard"
    form = kim.get(path).form()
    for given, words in (
        ({"since": ""}, "날짜"),
        ({"since": "2027-01-01"}, "아직 오지 않은 날"),
        ({"more_units": "nowhere"}, "부서를 찾을 수 없습니다"),
        ({"more_people": "x"}, "직원을 찾을 수 없습니다"),
        ({"more_people": "9" * 30}, "직원을 찾을 수 없습니다"),
        ({"more_people": "98765"}, "직원을 찾을 수 없습니다"),
    ):
        answer = kim.send(path, form, "confirm", **given)
        assert answer.status_code == 422, given
        page = Page(answer.text)
        assert words in page.text, given
        assert page.form().fields["units"][0] == "road"
    stale = {**form.fields, "version": ["77"], "step": ["confirm"]}
    answer = kim.post(path, stale)
    assert answer.status_code == 422
    assert "그사이 다른 사람이 바꿨습니다" in Page(answer.text).text
    assert kim.post(path, {**form.fields, "version": "x", "step": "confirm"}).status_code == 303


def test_pressed_twice_and_gone_back_to_it_does_no_harm(room: Desk, office: Office):
    filed = office.file()
    kim = room.seat("kim")
    kim.open(filed.number)
    path = f"/filings/{filed.number}/guard"
    form = kim.get(path).form()
    for _ in range(2):
        assert kim.send(path, form, "confirm").status_code == 303
    other = kim.send(path, form, "confirm", units=["build"])
    assert "이미 보냈습니다" in Page(other.text).text


def test_who_confirms_a_guard_against_himself_is_led_away(room: Desk, office: Office):
    filed = office.file()
    kim = room.seat("kim")
    kim.open(filed.number)
    path = f"/filings/{filed.number}/guard"
    own = str(office.people["kim"].user_id)
    answer = kim.send(path, kim.get(path).form(), "confirm", more_people=own)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/filings")
    assert kim.status(path) == 404
    assert kim.post(path, {"step": "confirm"}).status_code in {403, 404}


def test_the_page_says_when_nobody_would_be_left(room: Desk, office: Office):
    filed = office.file(answers(unit={"value": "minwon", "label": "민원실"}))
    choi = room.seat("choi")
    choi.open(filed.number)
    page = choi.get(f"/filings/{filed.number}/guard")
    assert "맡을 사람이 없습니다" in page.text


def test_a_chain_is_read_and_written(room: Desk, office: Office):
    han = room.seat("han")
    page = han.get("/chains")
    assert "대신 맡을 사람이 없는 곳: 감사담당관, 민원실" in page.text
    form = han.get("/chains/audit").form()
    jung = str(office.people["jung"].user_id)
    assert han.send("/chains/audit", form, "", place1=jung).status_code == 303
    page = han.get("/chains")
    assert "1. 건축과 정건축" in page.text
    assert "없는 곳: 민원실" in page.text
    again = han.get("/chains/audit").form()
    assert again.fields["place1"] == [jung]
    twice = han.send("/chains/audit", again, "", place2=jung)
    assert twice.status_code == 422
    assert "같은 사람이 두 번" in Page(twice.text).text
    own = str(office.people["park"].user_id)
    for wrong, words in ((own, "그 부서에서 일하는 사람"), ("98765", "쓸 수 없는 계정")):
        answer = han.send("/chains/audit", han.get("/chains/audit").form(), "", place1=wrong)
        assert answer.status_code == 422
        assert words in Page(answer.text).text
    assert han.status("/chains/nowhere") == 404
    assert room.seat("park").status("/chains") == 404
