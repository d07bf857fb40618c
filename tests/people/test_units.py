"""Units that end: successors, people who are posted on, what stays findable, requests that follow."""

from datetime import date
from typing import Any

import pytest

from bot.documents import reading, sheets
from bot.errors import Refused
from bot.services import facts, house, people, reorganise, unit_list, uploads
from bot.services.lookups import Lists
from bot.services.reorganise import Reorganised, Wanted
from storage.repositories import postings, unit_successors, units, users
from tests.desk.conftest import Desk
from tests.desk.forms import Page
from tests.services.conftest import Office, at

TODAY = date(2026, 11, 23)
ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def carry_out(office: Office, *codes: str, **how: Any) -> Reorganised:
    wanted = Wanted(codes, how.pop("day", TODAY), **how)
    han = office.people["han"]
    return office.do(lambda u: reorganise.carry_out(office.svc, u, han, wanted))


def refused(office: Office, *codes: str, **how: Any) -> str:
    with pytest.raises(Refused) as caught:
        carry_out(office, *codes, **how)
    return caught.value.key


def unit_id(office: Office, code: str) -> int:
    row = office.see(lambda u: units.by_code(u, code))
    assert row is not None
    return int(row.id)


def where(office: Office, login: str) -> int:
    return int(office.see(lambda u: users.by_login(u, login)).unit_id)


def test_a_renamed_unit_ends_and_its_people_and_names_go_on(office: Office):
    told = carry_out(office, "road", code="road2", name="도로안전과")
    assert told == Reorganised(("도로과",), "도로안전과", ("이도로", "윤도로"), ())
    new = unit_id(office, "road2")
    assert where(office, "lee") == new
    old = office.see(lambda u: units.get(u, unit_id(office, "road")))
    assert old.valid_until == date(2026, 11, 22)
    lists = office.see(lambda u: Lists.load(u, office.clock()))
    assert [one.value for one in lists.find("units", "도로과")] == ["road2"]
    assert [one.value for one in lists.find("units", "도로")] == ["road2"]
    assert office.see(lambda u: unit_successors.after(u, old.id)) == {old.id, new}
    assert office.see(lambda u: unit_successors.before(u, new)) == {old.id, new}
    lee = office.people["lee"].user_id
    served = office.see(lambda u: postings.since(u, old.id, date(2026, 11, 22)))
    assert lee in served or office.see(lambda u: postings.of(u, lee or 0))[0].unit_id == new


def test_a_change_that_is_to_come_comes_by_the_clock(office: Office):
    carry_out(office, "road", "build", code="infra2", name="기반시설과", day=date(2026, 12, 1))
    old = unit_id(office, "road")
    assert where(office, "lee") == old
    standing = {row.code for row in office.see(lambda u: units.standing(u, TODAY))}
    assert {"road", "build"} <= standing
    assert "infra2" not in standing
    office.goes("2026-12-01 09:20")
    assert {where(office, one) for one in ("lee", "yoon", "jung")} == {unit_id(office, "infra2")}
    assert office.see(lambda u: list(people.due(office.svc, u))) == []
    then = {row.code for row in office.see(lambda u: units.standing(u, date(2026, 12, 1)))}
    assert "infra2" in then
    assert not {"road", "build"} & then


def test_a_question_to_a_unit_follows_its_people(office: Office):
    filed = office.investigating()
    office.act(
        "park", filed.number, "fact_request",
        unit="road", matter="보수 경위", questions="언제 접수했습니까", due="2026-11-26",
    )  # fmt: skip
    carry_out(office, "road", into="build")
    lee = users_actor(office, "lee")
    jung = users_actor(office, "jung")
    assert [one.id for one in office.see(lambda u: facts.listed(u, lee))] == [1]
    assert [one.id for one in office.see(lambda u: facts.listed(u, jung))] == [1]
    done = office.do(
        lambda u: facts.reply(office.svc, u, lee, 1, {"text": "10월 3일에 접수했습니다"})
    )
    assert done is not None


def users_actor(office: Office, login: str) -> Any:
    from bot.services import officials  # noqa: PLC0415

    user = office.people[login].user_id
    return office.see(lambda u: officials.actor(officials.official(u, user)))


def test_what_stood_under_a_unit_stands_under_its_successor(office: Office):
    told = carry_out(office, "infra", code="infra2", name="건설국")
    assert set(told.under) == {"도로과", "건축과"}
    rows = {row.code: row for row in office.see(house.unit_rows)}
    assert rows["road"].parent == "건설국"
    assert rows["infra2"].parent == "가온시"


@ONCE
def test_what_cannot_be_is_refused_by_name(office: Office):
    assert refused(office) == "reorganise.units"
    assert refused(office, "moon") == "reorganise.units"
    assert refused(office, "road") == "reorganise.people"
    assert refused(office, "road", into="road") == "reorganise.into"
    assert refused(office, "road", into="build", name="또") == "reorganise.into"
    assert refused(office, "road", code="build", name="도로과") == "reorganise.code"
    assert refused(office, "road", code="road2") == "reorganise.code"
    assert refused(office, "road", into="build", day=date(2026, 11, 22)) == "reorganise.day"
    assert refused(office, "road", into="build", day=date(2028, 1, 1)) == "reorganise.day"
    empty = office.do(lambda u: units.add(u, "none", "빈 부서", valid_from=TODAY))
    assert carry_out(office, "none").into == ""
    assert office.see(lambda u: units.get(u, empty)).valid_until == TODAY
    assert refused(office, "none", into="build") == "reorganise.units"
    with pytest.raises(Refused):
        office.do(
            lambda u: reorganise.carry_out(
                office.svc, u, office.people["park"], Wanted(["road"], TODAY, into="build")
            )
        )


@ONCE
def test_units_are_merged_on_a_page_that_shows_it_first(room: Desk, office: Office):
    han = room.seat("han")
    form = han.get("/admin/reorganise?unit=road").form("/admin/reorganise")
    assert form.fields["units"] == ["road"]
    wrong = han.send("/admin/reorganise", form, "look", units=["road"], day="언젠가")
    assert wrong.status_code == 422
    looked = Page(han.send("/admin/reorganise", form, "look", units=["road"], into="build").text)
    assert "이도로, 윤도로" in looked.text
    assert where(office, "lee") == unit_id(office, "road")
    answer = han.send("/admin/reorganise", looked.form("/admin/reorganise"), "save")
    assert answer.status_code == 303
    assert where(office, "lee") == unit_id(office, "build")
    assert "11월 22일(일)까지" in han.get("/admin/units").text
    office.clock.set(at("2026-11-24 10:00"))
    assert "도로과" not in str(han.get("/admin/users/add").form().fields)


def listed(rows: list[list[Any]], head: Any = unit_list.HEAD) -> uploads.Given:
    content = sheets.sheet("부서", head, rows)
    return uploads.Given(reading.lines(content, rows=2000, columns=40))


def dry(office: Office, rows: list[list[Any]], **how: Any) -> unit_list.Plan:
    given = unit_list.read(listed(rows, **how).lines)
    return office.see(lambda u: unit_list.plan(office.svc, u, given))


LIST = [
    ["water", "상수도과", "works", "수돗물, 물", "", ""],
    ["works", "맑은물사업소", "city", "", "works@gaon.example", "아니오"],
    ["road", "도로안전과", "infra", "도로", "road@gaon.example", "예"],
]


@ONCE
def test_a_list_of_units_does_what_its_dry_run_said(office: Office):
    han, given = office.people["han"], listed(LIST)
    plan = dry(office, LIST)
    assert [(one.row.code, one.new) for one in plan.units] == [
        ("water", True), ("works", True), ("road", False),
    ]  # fmt: skip
    assert [(c.column, c.old, c.new) for c in plan.units[2].changes] == [
        ("부서", "도로과", "도로안전과")
    ]
    assert "건축과" in plan.absent
    svc, sheet = office.svc, unit_list.SHEET
    shown, secret = office.do(lambda u: uploads.look(svc, u, han, sheet, given))
    assert shown == plan
    office.do(lambda u: uploads.press(svc, u, han, sheet, secret, plan.mark))
    rows = {row.code: row for row in office.see(house.unit_rows)}
    assert (rows["water"].parent, rows["water"].aliases) == ("맑은물사업소", ("수돗물", "물"))
    assert not rows["works"].open
    assert rows["road"].parent == "건설교통국"
    again = dry(office, LIST)
    assert (again.units, again.same) == ((), 3)
    with pytest.raises(Refused):  # used up
        office.do(lambda u: uploads.press(svc, u, han, sheet, secret, plan.mark))


@ONCE
def test_a_mistake_in_a_list_of_units_is_told_by_row_and_column(office: Office):
    carry_out(office, "build", into="road")
    office.clock.set(at("2026-11-24 10:00"))
    rows = [
        ["", "이름만", "", "", "", ""],
        ["한글", "부호", "", "", "", ""],
        ["a1", "", "moon", "", "골뱅이", "글쎄"],
        ["a2", "하나", "a3", "", "", ""],
        ["a3", "둘", "a2", "", "", ""],
        ["a3", "셋", "", "", "", ""],
        ["build", "건축과", "", "", "", ""],
    ]
    found = {(one.row, one.column, one.key) for one in dry(office, rows).mistakes}
    assert found >= {
        (2, "부서코드", "staff.wrong.empty"),
        (3, "부서코드", "units_list.code"),
        (4, "부서", "staff.wrong.empty"),
        (4, "위부서코드", "staff.wrong.unit"),
        (4, "전자우편", "staff.wrong.email"),
        (4, "시민이 고를 수 있음", "staff.wrong.head"),
        (7, "부서코드", "staff.wrong.twice"),
        (8, "부서코드", "units_list.ended"),
    }
    circle = [["a2", "하나", "a3"], ["a3", "둘", "a2"]]
    keys = {one.key for one in dry(office, circle, head=unit_list.HEAD[:3]).mistakes}
    assert keys == {"units_list.circle"}
    with pytest.raises(Refused):
        dry(office, [["a"]], head=["부서코드"])
    with pytest.raises(Refused):
        dry(office, [])


@ONCE
def test_a_list_of_units_is_uploaded_and_a_unit_with_people_is_not_just_ended(
    room: Desk, office: Office
):
    han = room.seat("han")
    form = han.get("/admin/unit-list").form("/admin/unit-list")
    assert han.send("/admin/unit-list", form).status_code == 422
    files = {"list": ("units.xlsx", sheets.sheet("부서", unit_list.HEAD, LIST))}
    looked = Page(han.send("/admin/unit-list", form, "", files).text)
    assert "부서: 도로과 → 도로안전과" in looked.text
    office.do(lambda u: units.call(u, unit_id(office, "road"), ["길"]))
    stale = Page(han.send("/admin/unit-list", looked.form("/admin/unit-list"), "save").text)
    assert "그 사이에" in stale.text
    done = han.send("/admin/unit-list", stale.form("/admin/unit-list"), "save")
    assert "목록대로 바꾸었습니다" in Page(done.text).text
    assert "상수도과" in han.get("/admin/units").text
    path = "/admin/units/road"
    ended = han.send(path, han.get(path).form(), until="2026-12-31")
    assert ended.status_code == 422
    assert "이 부서에 2명이 있습니다" in Page(ended.text).text
