"""Cases kept elsewhere come in once, with their dates, quietly."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from bot.documents import reading
from bot.errors import Refused
from bot.services import clocks, digests, external, importing
from bot.services.base import CLOCK
from bot.services.history import History
from bot.services.importing import Brought
from bot.services.sight import several, visible_filings
from tests.desk.conftest import make
from tests.desk.forms import Page
from tests.services.conftest import Office, at

ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

HEAD = (
    "접수번호",
    "접수일시",
    "상태",
    "부서",
    "제목",
    "내용",
    "처리기한",
    "처리일",
    "이름",
    "전화",
)
ROWS: tuple[tuple[Any, ...], ...] = (
    (
        "1AA-2611-000001", at("2026-11-20 10:00").replace(tzinfo=None), "처리중", "도로과",
        "길 파임", "중앙시장 앞 길이 파였어요.\n두 번 전화했어요.", "2026-11-30", "", "홍길동",
        "010-1234-5678",
    ),
    ("1AA-2611-000002", "2026. 10. 5.", "답변완료", "없는과", "", "가로등", "", "2026-10-12", "", ""),
    ("1AA-2611-000003", "2026-10-30 14:30", "접수", "", "", "보도블록", "2026-11-10", "", "", ""),
)  # fmt: skip


def book(*rows: tuple[Any, ...]) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


def read(*rows: tuple[Any, ...]) -> Any:
    found = reading.lines(book(*rows), rows=100, columns=20, longest=4000, times=True)
    return importing.read([(line.number, line.cells) for line in found])


def bring(office: Office, login: str = "kim") -> tuple[Brought, ...]:
    cases, mistakes = read(HEAD, *ROWS)
    assert mistakes == []
    actor = office.people[login]
    return office.do(
        lambda u: importing.bring(office.svc, u, actor, "passive_report", cases, "f" * 64)
    )


def test_cases_come_into_what_has_the_states_that_other_systems_know(office: Office):
    assert [one.id for one in importing.procedures(office.svc)] == ["passive_report"]


def test_where_nothing_has_those_states_none_can_come_in(office: Office):
    with pytest.raises(Refused, match=r"import\.nowhere"):
        importing.procedure_of(replace(office.svc, procedures={}))


def test_a_case_comes_in_with_its_dates_and_our_clock(office: Office):
    first, second, third = bring(office)
    filing = office.filing(first.number)
    assert (filing.state, filing.mode, filing.channel) == ("investigating", "named", "import")
    assert filing.arrived_at == at("2026-11-20 10:00")
    assert filing.due_at == at("2026-11-30 23:59:59")
    assert not first.differs
    closed = office.filing(second.number)
    assert closed.state == "closed"
    assert closed.closed_at == at("2026-10-12 18:00")
    assert second.unit_unknown
    assert office.filing(third.number).mode == "anonymous"


def test_the_journal_says_who_brought_it_from_which_file(office: Office):
    filing = office.filing(bring(office)[0].number)
    event = office.see(lambda u: History(u, filing.sid).last("imported"))
    assert event.actor == office.people["kim"].mark
    assert event.detail == {"file": "f" * 64, "row": 2, "state": "처리중", "kind": ""}


def test_a_difference_of_dates_is_told(office: Office):
    other = (*ROWS[0][:6], "2026-12-01", *ROWS[0][7:])
    cases, _ = read(HEAD, other)
    (one,) = office.do(
        lambda u: importing.bring(
            office.svc, u, office.people["kim"], "passive_report", cases, "f" * 64
        )
    )
    assert one.differs
    assert (str(one.due), str(one.theirs)) == ("2026-11-30", "2026-12-01")


def test_where_their_date_counts_it_counts_from_the_first_and_nobody_is_told(build):
    office = build(due_authority="theirs")
    other = (*ROWS[0][:6], "2026-12-01", *ROWS[0][7:])
    cases, _ = read(HEAD, other)
    kim = office.people["kim"]
    (one,) = office.do(
        lambda u: importing.bring(office.svc, u, kim, "passive_report", cases, "f" * 64)
    )
    assert (str(one.due), str(one.theirs)) == ("2026-11-30", "2026-12-01")
    assert office.filing(one.number).due_at == at("2026-12-01 23:59:59")
    office.tick()
    # Who has something to do finds it in the morning's list, as every other case.
    assert [row.kind for row in office.rows("mail")] == [digests.MORNING]
    assert office.told(one.number) == []


def test_brought_in_twice_it_does_nothing(office: Office):
    bring(office)
    again = bring(office)
    assert [one.number for one in again] == ["", "", ""]
    everything = office.see(lambda u: several(u, visible_filings(CLOCK)))
    assert len(everything) == 3


def test_nobody_is_told_because_of_an_import(office: Office):
    bring(office)
    assert office.sent("mail") == []
    office.goes("2026-11-24 09:30")
    assert not any("overdue" in task for task in office.tasks("choi"))


def test_the_old_number_finds_it_and_the_unit_complained_of_does_not(office: Office):
    first = bring(office)[0]
    kim, yoon = office.people["kim"], office.people["yoon"]
    found = office.see(lambda u: external.find(u, kim, "1aa 2611 000001"))
    assert found.number == first.number
    with pytest.raises(Refused, match=r"filing\.unknown"):
        office.see(lambda u: external.find(u, yoon, "1AA-2611-000001"))


def test_only_who_may_import_does(office: Office):
    with pytest.raises(Refused, match=r"access\.not_allowed"):
        bring(office, "park")


@pytest.mark.parametrize(
    ("place", "value", "key"),
    [
        (0, "", "import.empty"),
        (1, "어제", "import.day"),
        (1, "2026-13-40", "import.day"),
        (2, "미정", "import.state"),
        (5, "", "import.empty"),
        (6, "곧", "import.day"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(place: int, value: str, key: str):
    row = (*ROWS[0][:place], value, *ROWS[0][place + 1 :])
    cases, mistakes = read(HEAD, row)
    assert cases == []
    assert [(one.row, one.key) for one in mistakes] == [(2, key)]


def test_the_same_number_twice_and_a_missing_column_are_told():
    _, mistakes = read(HEAD, ROWS[1], ROWS[1])
    assert [one.key for one in mistakes] == ["import.twice"]
    for rows in ((), (HEAD[2:],)):
        with pytest.raises(Refused, match=r"import\.columns"):
            read(*rows)


def test_a_case_older_than_our_rules_comes_in_under_the_first_of_them(office: Office):
    old = (ROWS[0][0], "2024-03-04 10:00", *ROWS[0][2:])
    cases, _ = read(HEAD, old)
    kim = office.people["kim"]
    (one,) = office.do(
        lambda u: importing.bring(office.svc, u, kim, "passive_report", cases, "f" * 64)
    )
    assert office.filing(one.number).procedure_version == 1


def test_what_came_in_has_its_next_interim_notice_and_nothing_that_had_passed(office: Office):
    old = (ROWS[0][0], "2026-10-01 10:00", *ROWS[0][2:])
    cases, _ = read(HEAD, old)
    kim = office.people["kim"]
    (one,) = office.do(
        lambda u: importing.bring(office.svc, u, kim, "passive_report", cases, "f" * 64)
    )
    filing = office.filing(one.number)
    running = office.see(lambda u: clocks.running(u, filing.id))
    assert set(running) == {"answer", "interim"}
    due = running["interim"].due_at
    assert office.clock() < due < office.clock() + timedelta(days=31)
    office.goes("2026-11-24 09:30")
    assert office.told(one.number) == []


@ONCE
def test_at_the_desk_a_list_is_looked_at_and_brought_in(office: Office):
    room = make(office)
    kim = room.seat("kim")
    page = kim.get("/import")
    assert kim.client.get(f"{room.parts.url}/import/template").content[:2] == b"PK"
    assert kim.send("/import", page.form("/import")).status_code == 422
    bad = (*ROWS[1][:2], "미정", *ROWS[1][3:])
    late = ("9", "2027-01-04", "접수", "", "", "내일의 일", "", "", "", "")
    total = ("10", "2026-11-02", "접수", "", "", "=1+1", "", "", "", "")
    other = (*ROWS[0][:6], "2026-12-01", *ROWS[0][7:])
    files = {"list": ("list.xlsx", book(HEAD, other, bad, ROWS[2], late, total))}
    answer = kim.send("/import", page.form("/import"), "", files)
    looked = Page(answer.text)
    for words in (
        "새로 들어올 것 2건", "읽지 못한 곳이 3군데", "모르는 상태입니다", "아직 오지 않은 날",
        "수식입니다", "기한이 다른 것 1건",
    ):  # fmt: skip
        assert words in looked.text
    assert office.see(lambda u: several(u, visible_filings(CLOCK))) == ()
    done = kim.send("/import", looked.form("/import"), "save")
    assert "2건이 들어왔습니다" in Page(done.text).text
    assert len(office.see(lambda u: several(u, visible_filings(CLOCK)))) == 2
    assert office.sent("mail") == []
    again = Page(kim.send("/import", page.form("/import"), "", files).text)
    assert "새로 들어올 것 0건, 이미 있는 것 2건" in again.text
    assert room.seat("park").status("/import") == 404


@ONCE
def test_a_long_list_comes_in_by_several_presses(office: Office, monkeypatch):
    monkeypatch.setattr(importing, "AT_ONCE", 1)
    kim = make(office).seat("kim")
    form = kim.get("/import").form("/import")
    files = {"list": ("list.xlsx", book(HEAD, *ROWS))}
    answer = kim.send("/import", form, "", files)
    for left in (2, 1, 0):
        answer = kim.send("/import", Page(answer.text).form("/import"), "save")
        assert f"새로 들어올 것 {left}건" in Page(answer.text).text
    assert len(office.see(lambda u: several(u, visible_filings(CLOCK)))) == 3
