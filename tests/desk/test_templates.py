"""Words for answers: made, put into a field with their holes filled, ended."""

import pytest

from bot.services import templates
from tests.desk.conftest import Desk, Seat
from tests.desk.forms import Page
from tests.services.conftest import Office

WHY = "{접수번호} 건은 {접수일}에 접수했고 {기한}까지 답합니다. 담당 {담당부서} {담당자}"


@pytest.fixture
def number(office: Office) -> str:
    return office.investigating().number


def add(seat: Seat, status: int = 303, **given: str) -> Page:
    form = seat.get("/templates/add").form()
    answer = seat.send("/templates/add", form, **given)
    assert answer.status_code == status, Page(answer.text).text
    return Page(answer.text)


def test_words_are_put_into_a_field_with_their_holes_filled(room: Desk, number: str):
    park = room.seat("park")
    add(park, field="passive_report why", name="까닭 기본", body=WHY)
    path = f"/filings/{number}/moves/to_approval"
    form = park.get(path).form()
    form.fields["words.why"] = [form.fields["words.why"][0] or "1"]
    answer = park.send(path, form, "insert.why", why="먼저 쓴 글", checked="기록")
    assert answer.status_code == 200
    again = Page(answer.text).form()
    filled = f"{number} 건은 11월 23일(월)에 접수했고 12월 1일(화)까지 답합니다."
    assert again.fields["why"] == [f"먼저 쓴 글\n{filled} 담당 감사담당관 박감사"]
    assert again.fields["checked"] == ["기록"]  # nothing typed is lost


def test_a_hole_that_nothing_fills_stops_the_sending(room: Desk, office: Office, number: str):
    park = room.seat("park")
    office.act("kim", number, "reassign", handler="park", unit="road")
    path = f"/filings/{number}/moves/to_approval"
    form = park.get(path).form()
    given = {
        "judgement": "not_upheld", "checked": "기록", "why": "{말씀하신 부서}에 물었습니다.",
        "demands": "어려움", "action_state": "none", "action": "없음", "remedy": "다시 신고",
    }  # fmt: skip
    answer = park.send(path, form, "send", **given)
    assert answer.status_code == 422
    assert "채우지 않은 자리 없음" in Page(answer.text).text
    assert office.filing(number).state == "investigating"


def test_only_known_holes_fields_and_whole_words_are_taken(room: Desk):
    park = room.seat("park")
    for given, words in (
        (
            {"field": "passive_report why", "name": "이름", "body": "{신고인}"},
            "신고인은 채울 수 없는",
        ),
        ({"field": "passive_report nothing", "name": "이름", "body": "글"}, "넣을 수 없는 칸"),
        ({"field": "passive_report why", "name": " ", "body": "글"}, "이름을 적어 주세요"),
        ({"field": "passive_report why", "name": "이름", "body": "ㄱ" * 4001}, "4000자까지"),
    ):
        page = add(park, 422, **given)
        assert words in page.text
        assert page.form().fields["body"] == [given["body"]]
    add(park, field="passive_report why", name="이름", body="글")
    assert (
        "같은 이름이 있습니다"
        in add(park, 422, field="passive_report why", name="이름", body="다른 글").text
    )


def test_words_of_a_unit_are_its_own_and_what_is_ended_is_gone(room: Desk, office: Office, number):
    park = room.seat("park")
    add(park, field="passive_report why", name="우리 것", body="글", own="yes")
    add(park, field="passive_report why", name="모두의 것", body="글")
    yoon = room.seat("yoon")  # an auditor who serves in another unit
    assert "우리 것" not in yoon.get("/templates").text
    assert "모두의 것" in yoon.get("/templates").text
    page = park.get("/templates")
    end = next(form for form in page.forms if form.action.endswith("/1/end"))
    yoon_end = end.action.removeprefix("/desk")
    form = yoon.get("/templates").form("/end")
    assert yoon.post(yoon_end, form.fields).status_code == 404
    assert park.post(yoon_end, end.fields).status_code == 303
    assert "우리 것" not in park.get("/templates").text
    filing = office.filing(number)
    fits = office.see(lambda u: templates.fitting(u, office.people["park"], filing))
    assert [one.name for one in fits["why"]] == ["모두의 것"]


def test_words_that_ended_meanwhile_are_told_and_change_nothing(room: Desk, number: str):
    park = room.seat("park")
    add(park, field="passive_report why", name="곧 끝남", body="글")
    path = f"/filings/{number}/moves/to_approval"
    form = park.get(path).form()
    end = park.get("/templates").form("/end")
    park.post(end.action.removeprefix("/desk"), end.fields)
    form.fields["words.why"] = ["1"]
    add(park, field="passive_report why", name="다른 것", body="글")
    answer = park.send(path, form, "insert.why", why="쓴 글")
    assert "없는 문구입니다" in Page(answer.text).text
    assert Page(answer.text).form().fields["why"] == ["쓴 글"]


def test_names_of_officials_in_an_answer_are_shown_to_who_sends_it(room: Desk, office, number):
    park = room.seat("park")
    given = {
        "judgement": "not_upheld", "checked": "이도로 주무관과 이야기", "why": "까닭",
        "demands": "어려움", "action_state": "none", "action": "없음", "remedy": "다시 신고",
    }  # fmt: skip
    office.act("park", number, "to_approval", **given)
    assert "직원 이름이 들어 있습니다: 이도로" in park.get(f"/filings/{number}/moves/result").text
