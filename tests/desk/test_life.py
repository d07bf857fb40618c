"""The whole life of a report worked on the desk; the citizen's side is checked by the services."""

import pytest

from bot.services import access
from tests import shipped
from tests.conftest import Database
from tests.desk.conftest import Desk, make
from tests.desk.stage import PASSWORD
from tests.services.conftest import Office, answers, at

RESULT = {
    "judgement": "upheld",
    "checked": "정비 기록과 현장을 보았습니다.",
    "why": "접수 뒤 두 달 동안 계획이 없었습니다.",
    "demands": "보수: 받아들임. 까닭 설명: 받아들임.",
    "action_state": "planned",
    "action": "구간을 다시 포장합니다.",
    "action_due": "2026-12-20",
}


@pytest.fixture(params=["sqlite", "walled"])
def database(request, tmp_path, ring):
    """Run on both, unlike the other tests of pages; on PostgreSQL each part in its own role."""
    if request.param == "walled":
        walls = request.getfixturevalue("walls")
        return Database(walls.url("jt_work"), tmp_path, walls.desk)
    return Database(f"sqlite:///{shipped.new_file(tmp_path)}", tmp_path, ring)


@pytest.fixture
def room(request, office, database):
    if database.name == "sqlite":
        yield make(office)
        return
    store = request.getfixturevalue("walls").open("desk")
    yield make(office, store=store)
    store.close()


def test_who_is_invited_chooses_a_password_and_signs_in(room: Desk, office: Office):
    user_id = office.people["park"].user_id
    made = office.do(lambda u: access.invite(office.svc, u, None, user_id))
    seat = room.seat()
    chosen = {"ticket": made.secret, "password": PASSWORD, "again": PASSWORD}
    assert seat.send("/invite", seat.get("/invite").form("/invite"), **chosen).status_code == 303
    form = seat.get("/sign-in").form("/sign-in")
    assert seat.send("/sign-in", form, login="park", password="다른 암호 한 줄").status_code == 401
    assert seat.send("/sign-in", form, login="park", password=PASSWORD).status_code == 303
    assert "박감사" in seat.get("/filings").text


def test_a_report_is_worked_from_the_first_look_to_the_promised_action(room: Desk, office: Office):
    filed = office.file()
    number = filed.number
    kim, park, lee = room.seat("kim"), room.seat("park"), room.seat("lee")
    handler = str(office.people["park"].user_id)

    assert number in kim.get("/filings?show=new").text
    kim.open(number)
    assert (
        kim.move(number, "assign", handler=handler, unit="road", kind="neglect").status_code == 303
    )

    park.open(number)
    assert park.move(number, "start").status_code == 303
    assert "담당: 감사담당관 박감사" in office.words(filed, "notice.started")

    asked = {"items": "10월 통화 기록", "why": "날짜를 확인합니다.", "days": "7"}
    assert park.move(number, "ask_supplement", **asked).status_code == 303
    assert "notice.supplement.ask" in office.told(filed)
    office.clock.set(at("2026-11-25 11:00"))
    office.act(office.reporter(filed), number, "supplement_reply", text="10월 5일과 12일입니다.")
    park, lee = room.seat("park"), room.seat("lee")  # the day after: signed in anew
    page = park.open(number)
    assert "10월 5일과 12일입니다." in page.text
    assert "보완 기간 뺌" in page.text

    facts = {
        "unit": "road", "matter": "보수 요청의 처리 경위", "questions": "1. 접수한 날",
        "due": "2026-11-30",
    }  # fmt: skip
    assert park.move(number, "fact_request", **facts).status_code == 303
    request = next(link for link in lee.get("/facts").links if "/facts/" in link)
    path = request.removeprefix("/desk")
    given = {"text": "10월 5일에 접수했습니다."}
    assert lee.send(path, lee.get(path).form(), "", **given).status_code == 303
    assert "10월 5일에 접수했습니다." in park.open(number).text

    assert park.move(number, "to_approval", **RESULT).status_code == 303
    approved = {
        "doc_no": "감사담당관-1234",
        "approved_on": "2026-11-25",
        "approver": "최과장(전결)",
    }
    assert park.move(number, "result", no_names="yes", **approved).status_code == 303
    said = office.words(filed, "notice.result.named")
    for part in ("감사담당관-1234", "소극행정이 있었다고 판단했습니다", "12월 20일"):
        assert part in said
    assert office.filing(number).state == "following"

    office.clock.set(at("2026-12-18 10:00"))
    park = room.seat("park")
    done = {"date": "2026-12-18", "action": "다시 포장했습니다."}
    assert park.move(number, "action_done", **done).status_code == 303
    assert "notice.action.done" in office.told(filed)
    history = park.open(number).text
    for what in ("접수", "담당 정하기", "조사 시작 알리기", "보완 부탁", "부서에 사실 확인",
                 "사실 확인에 답하기", "결재 올리기", "시민에게 보내기", "조치 마침 알리기"):  # fmt: skip
        assert what in history


def test_a_withdrawn_report_shows_its_end_and_offers_only_words(room: Desk, office: Office):
    filed = office.investigating(answers())
    office.act(office.reporter(filed), filed.number, "withdraw")
    park = room.seat("park")
    page = park.open(filed.number)
    assert "취하" in page.text
    offered = {link.rsplit("/", 1)[1] for link in page.links if "/moves/" in link}
    assert offered <= {"message", "note"}
