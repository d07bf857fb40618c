"""What somebody keeps for himself changes nothing on any desk: pages, counts, search, files."""

import pytest

from bot.dialogs.national_application import NationalApplication
from bot.services import filings
from tests.desk.conftest import Desk
from tests.desk.test_copies import register, sheet
from tests.desk.test_rights import PAGES
from tests.services.conftest import Office

PLAIN = tuple(sorted({path for path in PAGES if "{" not in path} - {"/import"}))
WHO = ("kim", "choi", "seo", "oh", "han")
"""접수, head, inspector, examiner, administrator: whoever sees more than what is assigned to him."""


def follow(office: Office) -> filings.Filed:
    answers = NationalApplication(
        notice="refused", reason="no_law", kind="permit", goal="옥상", wish="허가", sent="later",
        follow="yes", reply_by="email", email="hong@example.com",
    )  # fmt: skip
    prefs = filings.Prefs("web", "web", "ko", office.clock(), own_page=True)
    peer = office.peer(address="somebody")
    return office.do(
        lambda u: filings.file(office.svc, u, "national_application", answers, peer, prefs)
    )


@pytest.fixture
def report(office: Office) -> str:
    return office.investigating().number


def test_every_page_of_every_official_says_what_it_said_before(
    room: Desk, office: Office, report: str
):
    def look() -> dict[tuple[str, str], str]:
        found = {}
        for who in WHO:
            seat = room.seat(who)
            for path in PLAIN:
                if seat.status(path) == 200:
                    found[who, path] = seat.get(path).text
        return found

    before = look()
    filed = follow(office)
    after = look()
    assert report in before["kim", "/filings"]
    assert ("choi", "/statistics") in before
    assert after == before
    for who in WHO:
        seat = room.seat(who)
        for path in ("", "/print", "/moves/told_filed", "/reporter", "/copy", "/urge", "/papers"):
            assert seat.status(f"/filings/{filed.number}{path}") == 404, (who, path)


def test_no_file_and_no_search_has_it(room: Desk, office: Office, report: str):
    filed = follow(office)
    lines = register(room, "choi", "2026-11-23", "2026-11-23")
    assert report in str(sheet(lines.content))
    assert filed.number not in str(sheet(lines.content))
    choi = room.seat("choi")
    found = choi.client.get("https://desk.gaon.example/desk/search?q=옥상")
    assert filed.number not in found.text
    jump = choi.post("/filings/find", {"number": filed.number})
    assert filed.number not in jump.headers.get("location", "")
