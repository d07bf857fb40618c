"""The pages of the telephone and the flood, as their forms send them."""

import pytest

from bot.dialogs.call_back import CallBack
from bot.services import calls, crowd
from tests.counter.pages.test_writing import words_of
from tests.desk.conftest import Desk
from tests.desk.forms import Page
from tests.services.conftest import WHAT, Office, answers


def test_a_call_is_opened_made_and_gone(room: Desk, office: Office):
    peer = office.peer()
    wanted = CallBack(phone="010-1234-5678", wish="morning")
    office.do(lambda u: calls.ask(office.svc, u, peer, "ko", wanted))
    seat = room.seat("kim")
    assert "010-1234" not in seat.get("/calls").text
    page = seat.get("/calls/1")
    assert "010-1234-5678" in page.text
    empty = seat.send("/calls/1", page.form(), "done")
    assert empty.status_code == 422
    assert "한 줄 적어" in Page(empty.text).text
    done = seat.send("/calls/1", page.form(), "missed")
    assert done.headers["location"].endswith("/calls?said=missed")
    assert "두 번째면" in seat.get("/calls?said=missed").text
    form = seat.get("/calls/1").form()
    assert seat.send("/calls/1", form, "done", text="설명함").status_code == 303
    assert "기다리는 전화가 없습니다" in seat.get("/calls?said=done").text
    assert seat.status("/calls/1") == 404
    assert room.seat("lee").status("/calls") == 404


def test_a_call_is_noted_and_stands_in_the_timeline(room: Desk, office: Office):
    number = office.investigating().number
    seat = room.seat("park")
    seat.open(number)
    path = f"/filings/{number}/call"
    form = seat.get(path).form()
    wrong = seat.send(path, form, **{"with": "unit"})
    assert wrong.status_code == 422
    given = {"with": "unit", "way": "in", "text": "자료를 내일 낸다고 함"}
    assert seat.send(path, form, **given).status_code == 303
    page = seat.get(f"/filings/{number}").text
    assert "전화 기록" in page
    assert "자료를 내일 낸다고 함" in page
    assert "말씀하신 부서" in page
    assert room.seat("lim").status(path) == 404


def test_a_caller_is_found_by_a_form_that_leaves_no_name_in_an_address(room: Desk, office: Office):
    filed = office.file(answers(reply_by="phone", phone="010-1234-5678", email=None))
    seat = room.seat("kim")
    form = seat.get("/callers").form()
    found = seat.send("/callers", form, name="홍길동", contact="5678")
    assert filed.number in found.text
    none = seat.send("/callers", form, name="홍길동", contact="0000")
    assert "맞는 신고가 없습니다" in none.text
    assert seat.send("/callers", form, name="홍길동").status_code == 422
    both = seat.send("/callers", form, name="홍길동", contact="56")
    assert "함께 적어" in both.text


def test_a_flood_waits_grouped_and_is_let_in(room: Desk, build):
    office = room.office
    office.svc = room.office.svc
    site = office.svc.site.model_copy(update={"budget_filings": 10})
    object.__setattr__(office.svc, "site", site)
    for n in range(13):
        office.file(answers(what=f"{WHAT}"), address=f"f{n}")
    seat = room.seat("kim")
    page = seat.get("/crowd")
    assert "3건" in page.text
    numbers = page.form("/crowd/let-in")
    waiting = office.see(lambda u: crowd.waiting(u, office.people["kim"]))
    (group,) = waiting
    assert len(group.numbers) == 3
    assert not any(number in seat.get("/filings").text for number in group.numbers)
    done = seat.send("/crowd/let-in", numbers, numbers=" ".join(group.numbers))
    assert done.headers["location"].endswith("done=3")
    assert "3건을 옮겼습니다" in seat.get("/crowd?done=3").text
    assert group.numbers[0] in seat.get("/filings").text
    assert seat.send("/crowd/let-in", numbers, numbers="2026-AAAA-22").status_code == 404
    assert room.seat("park").status("/crowd") == 404


def test_a_poster_leads_to_the_page_and_promises_nothing(room: Desk, office: Office):
    seat = room.seat("kim")
    assert seat.get("/poster").text
    made = seat.client.get(f"{room.parts.url}/poster.pdf?from=lobby")
    assert made.headers["content-type"] == "application/pdf"
    words = words_of(made.content)
    assert "talk.gaon.example" in words
    assert office.svc.site.call in words
    assert "분쯤" not in words
    assert seat.client.get(f"{room.parts.url}/poster?from=<b>").status_code == 422
    odd = seat.client.get(f"{room.parts.url}/poster.pdf?from=%ED%99%8D")
    assert odd.status_code == 200
    assert room.seat("lee").status("/poster") == 404


def test_minutes_that_were_measured_may_stand_on_the_poster(room: Desk, office: Office):
    site = office.svc.site.model_copy(update={"measured_minutes": 6})
    object.__setattr__(office.svc, "site", site)
    made = room.seat("kim").client.get(f"{room.parts.url}/poster.pdf")
    assert "6분쯤" in words_of(made.content)


@pytest.mark.parametrize("answer", [True, False])
def test_a_repeat_is_shown_with_what_is_new(room: Desk, office: Office, answer: bool):
    first = office.investigating()
    if answer:
        office.act(
            "choi", first.number, "close_excluded", ground="private", reason="r", remedy="r"
        )
    again = office.investigating(answers(what=f"{WHAT} 어제는 아이가 넘어져 병원에 갔어요."))
    seat = room.seat("park")
    assert seat.post(f"/filings/{again.number}/repeats", {}).status_code in {303, 403}
    seat.open(again.number)
    page = seat.get(f"/filings/{again.number}/repeats")
    assert "먼저 열어" in page.text
    seat.open(first.number)
    text = seat.get(f"/filings/{again.number}/repeats").text
    assert "어제는 아이가 넘어져 병원에 갔어요." in text
    assert "새 내용" in text
    assert "지금은 되풀이로 종결할 수 없습니다" in text
    assert ("1번 답변을 알렸습니다" in text) == answer
    assert room.seat("lim").status(f"/filings/{again.number}/repeats") == 404
