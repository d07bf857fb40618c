"""Who may open what: every role before every page, and what one may not see is like nothing."""

import pytest
from starlette.requests import Request

from bot.handlers.desk.reception import read
from tests.desk.conftest import Desk
from tests.desk.forms import Page
from tests.services.conftest import Office

READ = {"kim", "park", "choi", "seo"}
ACT = {"kim", "park", "choi"}
APPLY = {"kim", "park", "lim", "choi", "yoon", "lee", "jung", "oh"}
ANSWERS = {"kim", "park", "lim", "choi", "yoon"}
EVERYBODY = ("kim", "park", "lim", "choi", "yoon", "lee", "jung", "han", "seo", "oh")

PAGES: dict[str, set[str]] = {
    "/filings": {"kim", "park", "lim", "choi", "yoon", "seo", "oh"},
    "/tasks": {"kim", "park", "lim", "choi", "yoon", "seo", "han"},
    "/me/news": set(EVERYBODY),
    "/filings/{number}": READ,
    "/filings/{number}/moves/note": ACT,
    "/filings/{number}/reporter": {"park", "choi"},
    "/filings/{number}/print": ACT,
    "/filings/{number}/copy": ACT,
    "/filings/{number}/external": ACT,
    "/filings/{number}/urge": {"oh"},
    "/filings/{number}/papers": set(),
    "/filings/{number}/replies": set(),
    "/replies": {"kim", "park", "lim", "choi", "yoon", "lee", "jung", "oh"},
    "/filings/{number}/unredacted": {"park", "choi"},
    "/search": {"kim", "park", "lim", "choi", "yoon"},
    "/templates": {"park", "lim", "choi", "yoon"},
    "/templates/add": {"park", "lim", "choi", "yoon"},
    "/cases": {"park", "lim", "choi", "yoon"},
    "/cases/new": {"park", "lim", "choi", "yoon"},
    "/cases/AC-001": {"park", "lim", "choi", "yoon"},
    "/cases/AC-001/edit": {"park", "lim", "choi", "yoon"},
    "/newsletters": set(),  # of editors alone: tests/newsletters
    "/newsletters/new": set(),
    "/questions": ANSWERS,
    "/faq": ANSWERS,
    "/faq/new": ANSWERS,
    "/faq/F008": ANSWERS,
    "/faq/F008/edit": ANSWERS,
    "/register": {"choi"},
    "/statistics": {"choi", "oh"},
    "/import": {"kim"},
    "/filings/{number}/letters/3": {"park", "choi"},
    "/facts": {"lee", "jung", "yoon"},
    "/facts/{fact}": {"lee", "yoon"},
    "/applications": APPLY,
    "/applications/new": APPLY,
    "/admin/users": {"han"},
    "/admin/users/add": {"han"},
    "/admin/users/{user}": {"han"},
    "/admin/units": {"han"},
    "/admin/units/add": {"han"},
    "/admin/units/road": {"han"},
    "/admin/days": {"han"},
    "/portal": {"han"},
}


@pytest.fixture
def places(office: Office) -> dict[str, object]:
    """A report that park works on, about the road unit, which was asked for facts."""
    filed = office.investigating()
    office.act(
        "park", filed.number, "fact_request",
        unit="road", matter="보수 경위", questions="언제 접수했습니까", due="2026-11-26",
    )  # fmt: skip
    return {"number": filed.number, "fact": 1, "user": office.people["park"].user_id}


@pytest.mark.parametrize("who", EVERYBODY)
def test_each_role_opens_its_pages_and_no_other(room: Desk, places, who: str):
    seat = room.seat(who)
    if who in ACT:
        seat.open(str(places["number"]))  # says that there is no conflict of interest
    for path, allowed in PAGES.items():
        expected = 200 if who in allowed else 404
        assert seat.status(path.format(**places)) == expected, (who, path)


@pytest.mark.parametrize("who", EVERYBODY)
def test_nobody_is_shown_a_way_that_refuses_him(room: Desk, places, who: str):
    seat = room.seat(who)
    links = Page(seat.client.get(f"{room.parts.url}/").text).links
    if who in ACT:
        links += seat.open(str(places["number"])).links
    for path in sorted({link for link in links if link.startswith("/desk/")}):
        assert seat.client.get(f"https://desk.gaon.example{path}").status_code == 200, (who, path)


def test_what_one_may_not_see_looks_like_what_is_not_there(room: Desk, places):
    lim = room.seat("lim")  # an auditor, but not of this report
    number = places["number"]
    for hidden, missing in (
        (f"/filings/{number}", "/filings/2026-AAAA-22"),
        (f"/filings/{number}/moves/note", "/filings/2026-AAAA-22/moves/note"),
        (f"/filings/{number}/reporter", "/filings/2026-AAAA-22/reporter"),
        (f"/filings/{number}/files/{'0' * 32}", "/filings/2026-AAAA-22/files/x"),
        ("/admin/users", "/admin/nothing"),
    ):
        one = lim.client.get(f"{room.parts.url}{hidden}")
        other = lim.client.get(f"{room.parts.url}{missing}")
        assert (one.status_code, other.status_code) == (404, 404)
        assert Page(one.text).text == Page(other.text).text


def test_the_unit_complained_of_never_sees_the_report(room: Desk, places):
    number = str(places["number"])
    for login in ("lee", "yoon"):  # yoon is an auditor too, but serves in the road unit
        seat = room.seat(login)
        assert seat.status(f"/filings/{number}") == 404
        assert number not in seat.get("/facts").text
        assert number not in seat.get("/facts/1").text
    assert number not in room.seat("yoon").get("/filings?show=mine").text


def test_an_inspector_reads_and_never_acts(room: Desk, places, office: Office):
    number = str(places["number"])
    page = room.seat("seo").get(f"/filings/{number}")
    assert "처리 기록" in page.text
    assert "중앙시장" not in page.text
    assert "홍길동" not in page.text
    assert not any("/moves/" in link for link in page.links)
    seat = room.seat("seo")
    for path in (f"/filings/{number}/moves/note", f"/filings/{number}/reporter", "/tasks/1/done"):
        assert seat.status(path, "POST") == 404


def test_an_administrator_has_no_report_anywhere(room: Desk, places):
    han = room.seat("han")
    number = str(places["number"])
    assert han.status("/", "GET") == 303
    for path in ("/tasks", "/admin/users", "/admin/units", "/admin/days"):
        assert number not in han.get(path).text


def test_the_desk_sends_everybody_to_his_work(room: Desk, office: Office):
    for login, home in (("kim", "/filings"), ("lee", "/facts"), ("han", "/admin/users")):
        answer = room.seat(login).client.get(f"{room.parts.url}/", follow_redirects=False)
        assert answer.headers["location"] == f"/desk{home}"


def test_every_opening_is_in_the_journal_before_it_is_on_the_screen(room: Desk, places, office):
    number = str(places["number"])
    park = room.seat("park")
    park.open(number)
    page = park.get(f"/filings/{number}")
    assert "열어 본 기록 2건" in page.text


def test_somebody_with_a_conflict_of_interest_is_shown_nothing(room: Desk, places, office):
    number = str(places["number"])
    park = room.seat("park")
    page = park.get(f"/filings/{number}")
    assert "이해관계가 있습니까" in page.text
    assert "중앙시장" not in page.text
    form = page.form("/conflict")
    assert (
        park.post(f"/filings/{number}/conflict", {**form.fields, "answer": "some"}).status_code
        == 303
    )
    assert park.status(f"/filings/{number}") == 404
    assert "desk.recused" in office.tasks("choi")


@pytest.mark.parametrize(
    "path",
    [
        "/admin/users/{n}",
        "/admin/users/%00",
        "/filings/%00",
        "/filings?assignee={n}",
        "/filings?after=%00",
        "/tasks/{n}/done",
        "/facts/{n}",
        "/filings/2026-AAAA-22/letters/{n}",
    ],
)
def test_a_name_that_fits_no_database_is_nobodys_name(room: Desk, path: str):
    for who in ("kim", "park", "choi", "han", "yoon"):
        assert room.seat(who).status(path.format(n="9" * 30)) in {200, 404}


async def test_a_nul_in_a_form_is_left_out():
    async def receive():
        return {"type": "http.request", "body": b"login=ki%00m&seal=x", "more_body": False}

    kind = (b"content-type", b"application/x-www-form-urlencoded")
    sent = await read(Request({"type": "http", "headers": [kind]}, receive), 1000)
    assert sent.get("login") == "kim"
