"""The page of statistics: figures, pictures with their words, tables, files."""

import csv
import io

import pytest
from openpyxl import load_workbook

from storage.repositories import dialog_counts, units, users
from tests.desk.conftest import BASE, Desk, Seat
from tests.services.conftest import Office, answers, nameless
from tests.services.test_statistics import answered


def raw(seat: Seat, query: str = "") -> str:
    return seat.client.get(f"{BASE}/statistics{query}").text


@pytest.fixture
def counted(office: Office) -> None:
    answered(office)
    office.act(
        "kim", office.file(nameless(), address="b").number, "assign", handler="park", unit="build"
    )
    day = office.clock().date()
    rows = [("passive_report", 1, "started", "")] * 4 + [("passive_report", 1, "finished", "")] * 2
    rows += [
        ("passive_report", 1, "stopped", "who"),
        ("passive_report", 1, "forgotten", "summary"),
    ]
    office.do(lambda u: dialog_counts.add(u, day, rows))


def test_the_page_tells_figures_and_every_picture_has_words_and_a_table(room: Desk, counted):
    page = room.seat("choi").get("/statistics")
    for words in ("근무일 5일, 달력 4일", "2026년 11월", "인정", "대화가 그친 곳"):
        assert words in page.text
    seat = room.seat("choi")
    html = raw(seat)
    assert 'alt="결과까지 걸린 날(가운데값).' in html
    assert "25.12월: 근무일 없음, 달력 없음" in html
    names = ("received", "result", "outcomes", "stops")
    for name in names:
        assert f"/statistics/pictures/{name}.png?" in html
        answer = seat.client.get(f"{BASE}/statistics/pictures/{name}.png")
        assert answer.headers["content-type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG")
    assert seat.status("/statistics/pictures/read.png") == 404  # nobody has opened one


def test_what_is_chosen_stays_in_the_address_and_in_every_way_from_it(room: Desk, counted):
    html = raw(room.seat("choi"), "?by=unit&unit=build&since=2026-11&until=2026-11")
    for path in ("pictures/received.png", "files/figures.csv", "files/figures.xlsx"):
        assert (
            f"/statistics/{path}?since=2026-11&amp;until=2026-11&amp;unit=build&amp;by=unit"
            in html
        )
    assert '<option value="build" selected>' in html


def test_an_empty_period_says_so_and_offers_no_file(room: Desk, counted):
    page = room.seat("choi").get("/statistics?since=2025-01&until=2025-02")
    assert "이 기간에는 볼 수 있는 건이 없습니다" in page.text
    assert "files/figures" not in raw(room.seat("choi"), "?since=2025-01&until=2025-02")


def test_the_files_say_the_same_as_the_page_and_run_nothing(room: Desk, counted, office: Office):
    def rename(unit) -> None:
        row = units.by_code(unit, "road")
        units.add(unit, "road", "=도로과()", valid_from=row.valid_from, parent_id=row.parent_id)

    office.do(rename)
    seat = room.seat("choi")
    asked = f"{BASE}/statistics/files/figures"
    sheet = seat.client.get(f"{asked}.csv?by=unit")
    assert sheet.content.startswith(b"\xef\xbb\xbf")
    assert sheet.headers["content-disposition"].startswith("attachment")
    lines = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert [line["대상 부서"] for line in lines] == ["건축과", "'=도로과()", "모두"]
    assert [line["받은 것"] for line in lines] == ["1", "1", "2"]
    book = load_workbook(io.BytesIO(seat.client.get(f"{asked}.xlsx?by=unit").content))
    first = book.worksheets[0]
    assert first["A3"].value == "'=도로과()"
    assert first["A3"].data_type == "s"
    assert [leaf.title for leaf in book.worksheets] == [
        "대상 부서마다", "결과", "대화", "대화가 그친 곳", "뜻",
    ]  # fmt: skip
    assert seat.status("/statistics/files/figures.pdf") == 404


def test_who_is_kept_from_a_report_finds_it_in_no_figure_and_no_picture(
    room: Desk, office: Office
):
    answered(office)
    other = office.file(answers(unit={"value": "build", "label": "건축과"}), address="c")
    office.act("kim", other.number, "assign", handler="lim", unit="build")
    lee = office.people["lee"].user_id or 0
    office.do(lambda u: users.grant(u, lee, "chief", office.clock()))
    html = raw(room.seat("lee"), "?by=unit")
    assert "건축과" in html
    assert "도로과" not in html
    assert "도로과" in raw(room.seat("choi"), "?by=unit")
