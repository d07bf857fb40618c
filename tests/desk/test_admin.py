"""Officials, units and days off, as the administrator keeps them."""

from datetime import date

import pytest

from bot.services import access
from storage.repositories import days_off, users
from tests.desk.conftest import Desk, Seat
from tests.desk.forms import Page
from tests.services.conftest import Office, at

NEW = {"login": "go", "name": "고새롬", "unit": "audit", "phone": "031-000-0109", "email": ""}


@pytest.fixture
def han(room: Desk) -> Seat:
    return room.seat("han")


def test_a_new_official_is_invited_by_a_link_shown_once(han: Seat, office: Office):
    form = han.get("/admin/users/add").form()
    given = {**NEW, "login": "go.saerom", "roles": ["unit_member"]}
    answer = han.send("/admin/users/add", form, **given)
    assert answer.status_code == 200
    link = answer.text.split('value="https://desk.gaon.example/desk/invite#')[1].split('"')[0]
    who = office.see(lambda u: access.invited(office.svc, u, link))
    assert (who.name, who.roles) == ("고새롬", frozenset({"unit_member"}))
    again = han.send("/admin/users/add", form, **given)
    assert again.status_code == 200
    assert "invite#" not in again.text
    assert sum(one.login == "go.saerom" for one in office.see(users.listed)) == 1


def test_what_is_wrong_with_a_new_official_is_said_beside_it(han: Seat):
    form = han.get("/admin/users/add").form()
    empty = han.send("/admin/users/add", form, name="고새롬")
    assert empty.status_code == 422
    for name in ("login", "unit", "roles"):
        assert f'id="f-{name}-error"' in empty.text
    taken = han.send("/admin/users/add", form, **{**NEW, "login": "park", "roles": ["auditor"]})
    assert "이미 있는 아이디" in Page(taken.text).text


def test_changing_roles_ends_the_sessions(han: Seat, room: Desk, office: Office):
    lim = room.seat("lim")
    lim.get("/filings")
    user = office.people["lim"].user_id
    form = han.get(f"/admin/users/{user}").form("", "저장")
    assert han.send(f"/admin/users/{user}", form, roles=["examiner"]).status_code == 303
    assert lim.status("/filings") == 303
    assert office.see(lambda u: users.roles(u, user)) == {"examiner"}


def test_nobody_changes_his_own_roles_or_closes_his_own_door(han: Seat, office: Office):
    own = office.people["han"].user_id
    page = han.get(f"/admin/users/{own}")
    assert not any("계정 닫기" in words for one in page.forms for _, _, words in one.buttons)
    answer = han.send(f"/admin/users/{own}", page.form("", "저장"), roles=["admin", "auditor"])
    assert answer.status_code == 422
    assert "권한이 없습니다" in Page(answer.text).text
    assert office.see(lambda u: users.roles(u, own)) == {"admin"}


def test_a_unit_is_added_changed_and_ended(han: Seat):
    form = han.get("/admin/units/add").form()
    given = {
        "code": "park-green",
        "name": "공원녹지과",
        "parent": "infra",
        "aliases": "공원\n나무",
    }
    assert han.send("/admin/units/add", form, **given).status_code == 303
    assert "공원, 나무" in han.get("/admin/units").text
    path = "/admin/units/park-green"
    assert han.send(path, han.get(path).form(), until="2026-12-31").status_code == 303
    assert "12월 31일(목)까지" in han.get("/admin/units").text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"code": "공원", "name": "공원과"}, "로마자와 숫자"),
        ({"code": "road", "name": "새 도로과"}, "이미 있는 부호"),
        ({"code": "", "name": "이름만"}, "비어 있습니다. 채워 주세요"),
        ({"code": "x1", "name": "새 과", "until": "언젠가"}, "날짜를 알아보지 못했어요"),
    ],
)
def test_a_wrong_unit_is_not_added(han: Seat, given: dict[str, str], said: str):
    answer = han.send("/admin/units/add", han.get("/admin/units/add").form(), **given)
    assert answer.status_code == 422
    assert said in Page(answer.text).text


def test_a_day_off_shows_which_dates_it_moves_before_it_is_saved(
    han: Seat, room: Desk, office: Office
):
    filed = office.file()
    assert office.filing(filed.number).due_at.astimezone(at("2026-12-01").tzinfo).day == 1
    form = han.get("/admin/days").form("/admin/days/add")
    given = {"day": "2026-11-27", "name": "임시공휴일", "source": "국무회의 2026-11-20"}
    looked = Page(han.send("/admin/days", form, "look", **given).text)
    assert "12월 1일(화) 12월 2일(수) 1건" in looked.text
    assert filed.number not in looked.text
    assert "더한 날이 없습니다" in han.get("/admin/days").text
    assert han.send("/admin/days/add", looked.form("/admin/days/add"), "save").status_code == 303
    assert "임시공휴일" in han.get("/admin/days").text
    office.tick()
    page = room.seat("kim").open(filed.number)
    assert "알려 드린 날 12월 1일(화) · 법에 따른 기한 12월 2일(수)" in page.text
    assert "11월 27일(금) 임시공휴일 뺌" in page.text


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-28", "이미 쉬는 날"),
        ("2026-11-20", "지난 날"),
        ("모레", "날짜를 알아보지 못했어요"),
        ("", "비어 있습니다. 채워 주세요"),
    ],
)
def test_a_day_that_cannot_be_added_is_said_beside_its_field(han: Seat, day: str, said: str):
    form = han.get("/admin/days").form("/admin/days/add")
    answer = han.send("/admin/days/add", form, "look", day=day, name="휴일", source="관보")
    assert answer.status_code == 422
    assert said in Page(answer.text).text


def test_a_day_off_is_taken_back(han: Seat):
    form = han.get("/admin/days").form("/admin/days/add")
    given = {"day": "2026-11-27", "name": "임시공휴일", "source": "관보"}
    looked = Page(han.send("/admin/days", form, "look", **given).text)
    han.send("/admin/days/add", looked.form("/admin/days/add"), "save")
    page = han.get("/admin/days")
    assert han.send("/admin/days/remove", page.form("/admin/days/remove")).status_code == 303
    assert "더한 날이 없습니다" in han.get("/admin/days").text


def test_a_date_that_comes_earlier_is_decided_from_the_list_of_tasks(room: Desk, office: Office):
    day = date(2026, 11, 27)
    office.do(lambda u: days_off.add(u, day, "임시공휴일", "관보", office.clock()))
    number = office.investigating().number
    office.do(lambda u: days_off.remove(u, day))
    office.tick()
    park = room.seat("park")
    park.open(number)
    page = park.get("/tasks")
    assert "앞당길지 정해 주세요" in page.text
    assert f"/desk/filings/{number}/moves/recount" in page.links
    path = f"/filings/{number}/moves/recount"
    looked = Page(park.send(path, park.get(path).form(), "look", dates="earlier").text)
    assert "새로 계산한 날 12월 1일(화)" in looked.text
    assert park.send(path, looked.form(), "send").status_code == 303
    assert "앞당길지 정해 주세요" not in park.get("/tasks").text
    assert "답변 예정일 12월 2일(수) → 12월 1일(화)" in park.open(number).text
