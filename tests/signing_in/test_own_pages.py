"""One's own sessions and password, and the question before a grave page (S30)."""

import pytest

from bot.services import sessions, totp
from tests.desk.conftest import BASE, Desk, database, make
from tests.desk.forms import Page
from tests.desk.stage import PASSWORD
from tests.services.conftest import Office
from tests.signing_in.conftest import digits, give_password, knock

__all__ = ["database"]
NEW = "새로 정한 긴 암호 한 줄"


@pytest.fixture
def office(build) -> Office:
    made = build()
    give_password(made, "park")
    return made


@pytest.fixture
def room(office: Office) -> Desk:
    return make(office)


def status(seat, path: str = "/me") -> int:
    return seat.client.get(f"{BASE}{path}", follow_redirects=False).status_code


def test_an_official_sees_the_own_sessions_and_ends_one_or_all(room: Desk, office: Office):
    one, two, kim = room.seat("park"), room.seat("park"), room.seat("kim")
    page = one.get("/me")
    assert "지금 이곳" in page.text
    form = next(form for form in page.forms if form.fields.get("ref"))
    assert one.post("/me", form.fields).status_code == 303
    assert status(two) == 303
    assert status(one) == 200
    stolen = kim.get("/me").form("", "모든 곳에서 로그아웃").fields
    ref = office.see(
        lambda u: sessions.own(
            office.svc, u, office.people["park"], one.client.cookies["__Host-desk"]
        )
    )[0].ref
    kim.post("/me", {**stolen, "ref": ref})
    assert status(one) == 200  # what is not one's own is passed over
    three = room.seat("park")
    answer = one.send("/me", one.get("/me").form("", "모든 곳에서 로그아웃"), "everywhere")
    assert answer.status_code == 303
    assert [status(seat) for seat in (one, three, kim)] == [303, 303, 200]


def test_the_page_tells_from_where_one_signed_in_last(room: Desk):
    seat = room.seat()
    knock(seat)
    assert "testclient" in seat.get("/me").text


def test_a_password_is_changed_with_the_old_one_and_ends_the_other_sessions(
    room: Desk, office: Office
):
    here, there = room.seat("park"), room.seat("park")
    before = here.client.cookies["__Host-desk"]

    def change(old: str, new: str, again: str):
        form = here.get("/me/password").form("")
        return here.send("/me/password", form, old=old, new=new, again=again)

    for old, new, again, words in (
        ("아닌 암호입니다요 네", NEW, NEW, "지금 쓰는 비밀번호가 맞지 않습니다"),
        (PASSWORD, NEW, NEW + "!", "desk.invite.error.differ"),
        (PASSWORD, "짧아요", "짧아요", "12자 이상"),
        (PASSWORD, "1" * 20, "1" * 20, "12자 이상"),
        ("", NEW, NEW, "desk.error.required"),
    ):
        answer = change(old, new, again)
        assert answer.status_code == 422
        said = office.texts.raw(words) if "." in words else words
        assert said in Page(answer.text).text
        assert NEW not in answer.text
    assert status(there) == 200
    assert change(PASSWORD, NEW, NEW).status_code == 303
    assert status(there) == 303
    assert status(here) == 200
    assert here.client.cookies["__Host-desk"] != before
    assert knock(room.seat()).status_code == 401
    assert knock(room.seat(), password=NEW).status_code == 303


def test_signing_in_renews_the_secret_and_ends_the_session_of_before(room: Desk):
    seat = room.seat()
    knock(seat)
    first = seat.client.cookies["__Host-desk"]
    knock(seat)
    assert seat.client.cookies["__Host-desk"] != first
    old = room.seat()
    old.client.cookies.set("__Host-desk", first, domain="desk.gaon.example")
    assert status(old) == 303


def test_a_grave_page_asks_again_after_ten_minutes_and_keeps_what_was_typed(
    room: Desk, office: Office
):
    filed = office.investigating()
    seat = room.seat("park")
    seat.open(filed.number)
    path = f"/filings/{filed.number}/reporter"
    form = seat.get(path).form("")
    office.clock.advance(minutes=10)
    seat.get("/me")
    asked = seat.send(path, form, reason="주소를 확인하려고 합니다", code="reply")
    assert asked.status_code == 401
    page = Page(asked.text)
    assert "홍길동" not in page.text
    again = page.form("/reporter")
    assert again.fields["reason"] == ["주소를 확인하려고 합니다"]
    wrong = seat.send(path, again, proof="아닌 암호입니다요 네")
    assert wrong.status_code == 401
    assert "홍길동" not in wrong.text
    right = seat.send(path, Page(wrong.text).form("/reporter"), proof=PASSWORD)
    assert right.status_code == 200
    assert "홍길동" in right.text
    assert PASSWORD not in right.text
    seat.get(path)  # for the next ten minutes nobody asks


def test_a_grave_page_that_is_opened_asks_first_and_goes_on_there(room: Desk, office: Office):
    filed = office.investigating()
    secret = totp.new_secret(office.svc)
    park = office.people["park"]
    office.do(lambda u: totp.enrol(office.svc, u, park, secret, digits(office, secret)))
    seat = room.seat("park")
    seat.open(filed.number)
    office.clock.advance(minutes=11)
    path = f"/filings/{filed.number}/reporter"
    asked = seat.client.get(f"{BASE}{path}")
    assert asked.status_code == 401
    form = Page(asked.text).form("/prove")
    answer = seat.send("/prove", form, proof=digits(office, secret))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk{path}")
    seat.get(path)


def test_guessing_at_the_question_slows_down(room: Desk, office: Office):
    seat = room.seat("park")
    office.clock.advance(minutes=11)
    seat.get("/me")
    answers = []
    for _ in range(7):
        asked = seat.client.get(f"{BASE}/me/codes")
        form = Page(asked.text).form("/prove")
        answers.append(seat.send("/prove", form, proof="아닌 암호입니다요 네"))
    assert [one.status_code for one in answers] == [401] * 5 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) > 0


def test_new_codes_on_paper_void_the_old(room: Desk, office: Office):
    secret = totp.new_secret(office.svc)
    park = office.people["park"]
    old = office.do(lambda u: totp.enrol(office.svc, u, park, secret, digits(office, secret)))
    seat = room.seat("park")
    assert "남은 복구 코드 10개" in seat.get("/me").text
    form = seat.get("/me/codes").form("/me/codes")
    page = Page(seat.send("/me/codes", form).text)
    assert not any(code in page.text for code in old)
    assert seat.send("/me/codes", form).status_code == 303  # the same form makes none anew
    assert not office.do(lambda u: totp.shows(office.svc, u, park.user_id, old[0]))
