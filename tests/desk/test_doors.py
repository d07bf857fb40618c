"""Signing in and out, sessions, invitations, and forms that came from elsewhere."""

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from bot.errors import BadStart
from bot.services import access
from tests.desk.conftest import BASE, HOST, Desk, Seat, make
from tests.desk.forms import Page
from tests.desk.stage import PASSWORD, give_password
from tests.services.conftest import Office


@pytest.fixture
def door(room: Desk, office: Office) -> Seat:
    give_password(office, "park")
    return room.seat()


def enter(seat: Seat, login: str = "park", password: str = PASSWORD, next_: str = ""):
    page = seat.get(f"/sign-in?next={next_}" if next_ else "/sign-in")
    return seat.send("/sign-in", page.form("/sign-in"), login=login, password=password)


def test_an_official_signs_in_and_out(door: Seat):
    answer = enter(door)
    assert answer.status_code == 303
    cookie = next(v for v in answer.headers.get_list("set-cookie") if v.startswith("__Host-desk="))
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    page = door.get("/filings")
    assert "박감사" in page.text
    out = page.form("/sign-out")
    assert door.post("/sign-out", out.fields).status_code == 303
    assert door.client.get(f"{BASE}/filings", follow_redirects=False).status_code == 303


def test_wrong_name_and_wrong_password_get_the_same_answer(door: Seat):
    one, other = enter(door, password="틀린 암호입니다요"), enter(door, login="nobody")
    assert one.status_code == other.status_code == 401
    assert Page(one.text).text == Page(other.text).text
    assert "아이디나 비밀번호가 맞지 않습니다" in Page(one.text).text


def test_guessing_slows_down_and_never_locks(door: Seat, office: Office):
    answers = [enter(door, password="틀린 암호입니다요").status_code for _ in range(7)]
    assert answers[-1] == 429
    assert 401 in answers
    slow = enter(door)
    assert slow.status_code == 429
    assert int(slow.headers["retry-after"]) > 0


def test_a_session_ends_after_fifteen_idle_minutes(door: Seat, office: Office):
    enter(door)
    office.clock.advance(minutes=14)
    door.get("/filings")
    office.clock.advance(minutes=14)
    door.get("/filings")
    office.clock.advance(minutes=16)
    answer = door.client.get(f"{BASE}/filings", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/desk/sign-in?next=/filings"


def test_a_session_ends_after_eight_hours_whatever_happens(door: Seat, office: Office):
    enter(door)
    for _ in range(47):
        office.clock.advance(minutes=10)
        door.get("/filings")
    office.clock.advance(minutes=11)
    assert door.client.get(f"{BASE}/filings", follow_redirects=False).status_code == 303


def test_writing_keeps_a_session_alive(door: Seat, office: Office):
    enter(door)
    seal = door.get("/filings").form("/sign-out").fields["seal"][0]
    for _ in range(3):
        office.clock.advance(minutes=13)
        assert door.post("/stay", {"seal": seal}).status_code == 204
    door.get("/filings")


def test_a_closed_account_is_out_at_once(room: Desk, office: Office):
    park, han = room.seat("park"), room.seat("han")
    park.get("/filings")
    user = office.people["park"].user_id
    page = han.get(f"/admin/users/{user}")
    assert han.send(f"/admin/users/{user}", page.form("", "계정 닫기"), "close").status_code == 303
    assert park.client.get(f"{BASE}/filings", follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": HOST, "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "same-site"},
        {},
    ],
)
def test_a_form_from_elsewhere_does_nothing(room: Desk, office: Office, headers):
    park = room.seat("park")
    seal = park.get("/filings").form("/sign-out").fields["seal"][0]
    answer = park.client.post(
        f"{BASE}/sign-out", data={"seal": seal}, headers=headers, follow_redirects=False
    )
    assert answer.status_code == 403
    park.get("/filings")


def test_a_browser_that_hides_its_origin_is_believed_by_sec_fetch_site(room: Desk):
    park = room.seat("park")
    seal = park.get("/filings").form("/sign-out").fields["seal"][0]
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert park.post("/stay", {"seal": seal}, headers=headers).status_code == 204


@pytest.mark.parametrize("seal", ["", "0" * 64, "다른 것"])
def test_a_form_without_the_sessions_seal_does_nothing(room: Desk, seal: str):
    park = room.seat("park")
    assert park.post("/sign-out", {"seal": seal}).status_code == 403
    park.get("/filings")


def test_another_persons_seal_is_no_seal(room: Desk):
    stolen = room.seat("choi").get("/filings").form("/sign-out").fields["seal"][0]
    assert room.seat("park").post("/sign-out", {"seal": stolen}).status_code == 403


def test_signing_in_needs_the_doors_own_seal(door: Seat):
    answer = door.post("/sign-in", {"login": "park", "password": PASSWORD, "seal": "x"})
    assert answer.status_code == 403


def test_a_known_session_is_not_taken_over_by_signing_in(door: Seat):
    door.client.cookies.set("__Host-desk", "chosen-by-somebody", domain="desk.gaon.example")
    answer = enter(door)
    assert "chosen-by-somebody" not in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("wanted", "goes"),
    [
        ("/filings/2026-AAAA-22", "/desk/filings/2026-AAAA-22"),
        ("https://evil.example/", "/desk/"),
        ("//evil.example/", "/desk/"),
        ("/\\evil.example", "/desk/"),
        ("javascript:alert(1)", "/desk/"),
        ("/sign-out", "/desk/"),
    ],
)
def test_after_signing_in_one_stays_on_the_desk(door: Seat, wanted: str, goes: str):
    assert enter(door, next_=wanted).headers["location"] == goes


def test_a_link_from_a_mail_brings_the_cookie_on_the_second_try(room: Desk):
    park = room.seat()
    answer = park.client.get(
        f"{BASE}/filings", headers={"Sec-Fetch-Site": "cross-site"}, follow_redirects=False
    )
    assert answer.status_code == 200
    assert answer.headers["refresh"] == "0"


def test_an_invitation_works_once_and_opening_it_uses_nothing_up(room: Desk, office: Office):
    made = office.do(lambda u: access.invite(office.svc, u, None, office.people["kim"].user_id))
    seat = room.seat()
    seat.get("/invite")
    page = seat.get("/invite")
    form = page.form("/invite")
    good = {"ticket": made.secret, "password": PASSWORD, "again": PASSWORD}
    for wrong, said in (
        ({"password": "짧다", "again": "짧다"}, "12자 이상"),
        ({"again": "다르게 적은 긴 암호"}, "다릅니다"),
    ):
        answer = seat.send("/invite", form, **{**good, **wrong})
        assert answer.status_code == 422
        assert said in Page(answer.text).text
    assert seat.send("/invite", form, **good).status_code == 303
    again = seat.send("/invite", form, **good)
    assert again.status_code == 422
    assert "이미 쓰였거나" in Page(again.text).text
    assert enter(seat, "kim").status_code == 303


def test_an_invitation_is_over_after_a_week(room: Desk, office: Office):
    made = office.do(lambda u: access.invite(office.svc, u, None, office.people["kim"].user_id))
    office.clock.advance(days=7, seconds=1)
    seat = room.seat()
    form = seat.get("/invite").form("/invite")
    fields = {"ticket": made.secret, "password": PASSWORD, "again": PASSWORD}
    assert seat.send("/invite", form, **fields).status_code == 422


def test_a_rehearsal_on_this_machine_speaks_plain_http(office: Office):
    give_password(office, "park")
    room = make(office, url="http://127.0.0.1:8080/desk", rehearsal=True)
    client = TestClient(room.app, base_url="http://localhost:8080")
    page = Page(client.get("/desk/sign-in").text)
    form = page.form("/sign-in")
    fields = {**form.fields, "login": "park", "password": PASSWORD}
    answer = client.post(
        "/desk/sign-in",
        data=fields,
        headers={"Origin": "http://localhost:8080"},
        follow_redirects=False,
    )
    assert answer.status_code == 303
    cookie = next(v for v in answer.headers.get_list("set-cookie") if v.startswith("desk="))
    assert "Secure" not in cookie
    assert "HttpOnly" in cookie


def test_a_service_without_https_does_not_start(office: Office):
    with pytest.raises(BadStart, match="JEOKGEUK_DESK_URL"):
        make(office, url="http://desk.example/desk")


def test_every_answer_carries_the_headers_of_a_page_nobody_may_keep(room: Desk, office: Office):
    filed = office.file()
    kim = room.seat("kim")
    for path in ("/sign-in", "/filings", f"/filings/{filed.number}", "/nothing/here"):
        answer = kim.client.get(f"{BASE}{path}")
        assert answer.headers["cache-control"] == "no-store"
        assert "'unsafe" not in answer.headers["content-security-policy"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
        page = Page(answer.text)
        assert all(one.startswith("/desk/static/") for one in page.scripts)
        assert " style=" not in answer.text
        assert " on" + "click=" not in answer.text
        assert "http://" not in answer.text.replace("http://www.w3.org", "")


def test_a_form_that_is_too_large_is_not_read_to_its_end(room: Desk, office: Office):
    kim = room.seat("kim")
    answer = kim.post("/stay", {"seal": "x" * 600_000})
    assert answer.status_code == 413


def test_the_clock_of_a_session_is_the_services_not_the_machines(room: Desk, office: Office):
    park = room.seat("park")
    office.clock.advance(hours=8, minutes=1)
    assert park.client.get(f"{BASE}/filings", follow_redirects=False).status_code == 303
    assert timedelta(hours=8) == access.ABSOLUTE
