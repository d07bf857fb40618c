"""The inspector's pages of the access log."""

import io

import openpyxl
import pytest

from bot.documents import sheets
from bot.services import access_reviews
from tests.desk.conftest import BASE, Desk, database, make
from tests.desk.forms import Page
from tests.services.conftest import Office, at

__all__ = ["database"]


@pytest.fixture
def office(build) -> Office:
    return build()


@pytest.fixture
def room(office: Office) -> Desk:
    return make(office)


def test_the_inspector_reads_who_opened_what_and_nobody_else_does(room: Desk, office: Office):
    filed = office.investigating()
    room.seat("park").open(filed.number)
    seat = room.seat("seo")
    page = seat.get("/access-log")
    assert "접속기록" in seat.get("/").text
    for words in ("박감사 (park)", "신고 열기", filed.number, "testclient"):
        assert words in page.text
    narrowed = seat.get("/access-log?login=kim&since=2026-11-01&until=2026-11-23")
    assert "신고 열기" not in narrowed.text
    for login in ("kim", "park", "choi", "han", "lee"):
        for path in ("/access-log", "/access-log/download", "/access-log/reviews/2026-11"):
            assert room.seat(login).status(path) == 404


@pytest.mark.parametrize(
    "query",
    ["since=never", "until=9999-12-31", "since=2026-12-01&until=2026-11-01", "since=0001-01-01"],
)
def test_days_that_are_none_are_said_and_the_last_month_is_shown(room: Desk, query: str):
    answer = room.seat("seo").client.get(f"{BASE}/access-log?{query}&after=x'; drop")
    assert answer.status_code == 422
    assert "error-summary" in answer.text


def test_a_table_is_taken_along_with_a_reason(room: Desk, office: Office):
    room.seat("park").open(office.investigating().number)
    seat = room.seat("seo")
    form = seat.get("/access-log/download").form("/access-log/download")
    refused = seat.send("/access-log/download", form, reason="네")
    assert refused.status_code == 422
    taken = seat.send("/access-log/download", form, reason="점검 보고에 붙임")
    assert taken.headers["content-disposition"].startswith("attachment")
    leaf = openpyxl.load_workbook(io.BytesIO(taken.content)).active
    rows = [[cell.value for cell in row] for row in leaf.rows]
    assert rows[0][:2] == ["때", "직원"]
    assert "박감사 (park)" in [row[1] for row in rows]
    assert "점검 보고에 붙임" in seat.get("/access-log").text


def test_a_month_is_reviewed_on_its_page(room: Desk, office: Office):
    room.seat("park").open(office.investigating().number)
    office.clock.set(at("2026-12-01 09:30"))
    office.do(lambda u: access_reviews.upkeep(office.svc, u))
    seat = room.seat("seo")
    assert "지난달 접속기록을 점검해 주세요" in seat.get("/tasks").text
    path = "/access-log/reviews/2026-11"
    assert f"/desk{path}" in seat.get("/access-log").links
    short = seat.send(path, seat.get(path).form(""), remark="네")
    assert short.status_code == 422
    assert "점검한 결과를" in Page(short.text).text
    form = seat.get(path).form("")
    assert seat.send(path, form, remark="모두 살펴보았습니다").status_code == 303
    assert seat.send(path, form, remark="모두 살펴보았습니다").status_code == 303  # twice
    page = seat.get(path)
    assert "모두 살펴보았습니다" in page.text
    assert not [one for one in page.forms if "remark" in one.names]
    for none in ("2026-10", "2026-99", "9999-12", "x"):
        assert seat.status(f"/access-log/reviews/{none}") == 404


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"), ("+8210", "'+8210"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\tx"),
        ("＝1", "'＝1"), ("가나", "가나"), ("a=1", "a=1"), ("a\x00\x1bb", "ab"), ("", ""),
    ],
)  # fmt: skip
def test_a_cell_is_text_and_never_a_formula(text: str, cell: str):
    assert sheets.plain(text) == cell
    book = openpyxl.load_workbook(io.BytesIO(sheets.sheet("표", ["열"], [[text], [3]])))
    kinds = [row[0].data_type for row in book.active.iter_rows(min_row=2)]
    assert "f" not in kinds
    assert (book.active["A2"].value or "") == cell
