"""The pages of what an agency has to see to, and putting reminders off at the desk."""

import pytest

from bot.services import queue_checks
from storage.repositories import snoozes
from tests.desk.conftest import Desk
from tests.desk.forms import Page
from tests.services.conftest import Office, at

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_the_month_s_check_shows_what_is_late_and_keeps_what_was_found(room: Desk, office: Office):
    number = office.investigating().number
    office.clock.set(at("2026-12-02 10:00"))
    office.do(lambda u: queue_checks.begin(office.svc, u, "2026-12"))
    choi = room.seat("choi")
    page = choi.get("/tasks")
    assert "/desk/queue-checks" in page.links
    assert "/desk/queue-checks/2026-12" in choi.get("/queue-checks").links
    path = "/queue-checks/2026-12"
    sheet = choi.get(path)
    assert f"/desk/filings/{number}" in sheet.links
    assert choi.send(path, sheet.form(), remark="짧").status_code == 422
    done = choi.send(path, sheet.form(), remark="한 건이 늦어 오늘 답하기로 했습니다")
    assert done.status_code == 303
    kept = choi.get(path)
    assert "오늘 답하기로 했습니다" in kept.text
    assert not kept.asks(path)
    assert room.seat("park").status("/queue-checks") == 404
    assert f"/desk/filings/{number}/urge" not in room.seat("oh").get(path).links
    assert choi.status("/queue-checks/2020-01") == 404


def test_the_head_confirms_a_value_with_its_ground(room: Desk):
    choi = room.seat("choi")
    page = choi.get("/values")
    assert "확인을 기다리는 값이" in page.text
    assert "답변 예정일: 7근무일" in page.text
    heard = choi.client.get("/desk/values").text
    assert 'aria-label="답변 예정일: 이 값으로 확인"' in heard  # what is seen is in what is said
    assert choi.send("/values", page.form("/values"), basis="조례 제3조").status_code == 303
    after = choi.get("/values")
    assert "조례 제3조" in after.text
    assert "최과장" in after.text
    form = after.form("/values")
    stale = choi.send("/values", form, mark="0" * 64)
    assert stale.status_code == 422
    assert "값이 바뀌었습니다" in Page(stale.text).text
    assert room.seat("han").status("/values") == 404


def test_a_date_of_the_agency_is_added_seen_and_ended(room: Desk):
    choi = room.seat("choi")
    form = choi.get("/dates").form("/dates")
    given = {
        "kind": "election", "title": "보궐선거", "day": "2027-04-07", "repeats": "once",
        "ahead": "30, 7, 0", "role": "chief",
    }  # fmt: skip
    wrong = choi.send("/dates", form, **{**given, "ahead": "곧", "day": ""})
    assert wrong.status_code == 422
    assert "비어 있습니다" in Page(wrong.text).text
    ahead = choi.send("/dates", choi.get("/dates").form("/dates"), **{**given, "ahead": "곧"})
    assert "쉼표로" in Page(ahead.text).text
    assert choi.send("/dates", choi.get("/dates").form("/dates"), **given).status_code == 303
    page = choi.get("/dates")
    assert "보궐선거" in page.text
    assert "선거 때문에 2026년 10월 9일(금)부터 홍보를 미룹니다" in page.text
    end = next(path for path in ("/dates/1/end",) if page.asks(path))
    assert choi.send(end, page.form(end)).status_code == 303
    assert "적어 둔 일정이 없습니다" in choi.get("/dates").text
    assert choi.send(end, page.form(end)).status_code in {303, 404}
    assert room.seat("kim").status("/dates") == 404


def test_the_administrator_looks_over_the_days_off_of_next_year(room: Desk):
    han = room.seat("han")
    page = han.get("/admin/days")
    assert "2027년의 쉬는 날" in page.text
    assert "삼일절" in page.text
    form = page.form("/admin/days/looked-over")
    assert han.send("/admin/days/looked-over", form).status_code == 303
    after = han.get("/admin/days")
    assert "한관리 님이 살펴보았습니다" in after.text
    assert not after.asks("/admin/days/looked-over")


def test_reminders_of_a_report_are_put_off_from_its_page(room: Desk, office: Office):
    number = office.investigating().number
    park = room.seat("park")
    path = f"/filings/{number}/later"
    assert f"/desk{path}" in park.open(number).links
    form = park.get(path).form()
    past = park.send(path, form, until="day", day="2026-11-20")
    assert past.status_code == 422
    assert "이미 지난 날" in Page(past.text).text
    assert park.send(path, park.get(path).form(), until="three").status_code == 303
    user = office.people["park"].user_id or 0
    filing = office.filing(number).id
    until = office.see(lambda u: snoozes.until(u, user, filing))
    assert until == at("2026-11-26 09:00")
    assert "11월 26일(목) 오전 9시까지 미룸" in park.get(path).text
    assert room.seat("lim").status(path) == 404
    office.act(office.reporter(office.filing(number)), number, "withdraw")
    assert park.status(path) == 409
