"""A day off that is set or taken back later moves every date that was counted with it."""

from datetime import date, datetime
from typing import Any

import pytest

from bot.errors import Refused
from bot.services import clocks, house, moves, recounting, sight, views
from bot.services.base import CLOCK
from bot.services.history import History
from bot.services.work import Work
from storage.repositories import days_off, tasks, terms
from tests.services.conftest import Office, answers, at, nameless

ASKED = {"items": "사진", "why": "어디인지 보려고", "days": "7"}
REFER = {"unit": "road", "reason": "보수는 도로과의 일입니다.", "due": "2026-12-04"}
ONSITE = {"place": "중앙시장", "start": "2026-11-24", "until": "2026-11-27"}


def off(office: Office, day: str) -> None:
    """Set a day off, as the administrator does, and let the clock tick."""
    when = date.fromisoformat(day)
    office.do(lambda u: days_off.add(u, when, "임시공휴일", "관보", office.clock()))
    office.tick()


def on(office: Office, day: str) -> None:
    """Take a day off back."""
    office.do(lambda u: days_off.remove(u, date.fromisoformat(day)))
    office.tick()


def due(office: Office, number: str, name: str) -> datetime | None:
    filing = office.filing(number)
    here = office.see(lambda u: clocks.running(u, filing.id)[name].due_at)
    return here and here.astimezone(at("2026-11-23").tzinfo)


def day(office: Office, number: str, name: str) -> str:
    found = due(office, number, name)
    return found.date().isoformat() if found else ""


def noted(office: Office, number: str, kind: str) -> list[Any]:
    filing = office.filing(number)
    events = office.see(lambda u: History(u, filing.sid).all)
    return [one.detail for one in events if one.kind == kind]


def test_the_time_for_papers_grows_and_both_days_are_told(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "ask_supplement", **ASKED)
    off(office, "2026-11-30")
    assert day(office, filed.number, "supplement") == "2026-12-01"
    words = office.words(filed, "notice.calendar_beside")
    assert "보내실 기한: 알려 드린 날 11월 30일(월) → 새로 계산한 날 12월 1일(화)" in words
    assert "Your papers: we told you Mon 30 Nov 2026" in office.words(
        filed, "notice.calendar_beside", "en"
    )
    assert "notice.calendar" not in office.told(filed)  # its clock stands still
    assert noted(office, filed.number, "recounted_beside") == [
        {"moved": {"supplement": ["2026-11-30", "2026-12-01"]}}
    ]
    assert office.tick() == []


def test_time_for_papers_that_was_extended_is_counted_from_its_start(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "ask_supplement", **ASKED)
    office.act(office.reporter(filed), filed.number, "supplement_extend", days="3")
    assert day(office, filed.number, "supplement") == "2026-12-03"
    off(office, "2026-11-30")  # the seven days now end on the next day, the three follow
    assert day(office, filed.number, "supplement") == "2026-12-04"


def test_the_time_to_answer_about_passing_on_grows_with_the_main_date(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "ask_refer", **REFER)
    off(office, "2026-11-25")
    assert due(office, filed.number, "refer_answer") == at("2026-11-26 10:12")
    told = office.told(filed)
    assert told[-2:] == ["notice.calendar", "notice.calendar_beside"]
    assert "이관에 답하실 기한" in office.words(filed, "notice.calendar_beside")


def test_a_visit_that_goes_on_ends_later_and_so_does_its_stop(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "onsite", **ONSITE)
    office.act("park", filed.number, "onsite_extend", days="3", reason="비가 와서")
    before = day(office, filed.number, "answer")
    off(office, "2026-11-30")
    assert day(office, filed.number, "onsite") == "2026-12-01"
    filing = office.filing(filed.number)
    (stop,) = office.see(lambda u: terms.stops_of(u, filing.id))
    assert stop.until == due(office, filed.number, "onsite")
    assert day(office, filed.number, "answer") > before


def test_a_day_that_a_person_gave_stays(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "onsite", **ONSITE)
    off(office, "2026-11-27")
    assert day(office, filed.number, "onsite") == "2026-11-27"
    assert "notice.calendar_beside" not in office.told(filed)


def test_what_only_the_office_waits_for_is_not_told(office: Office):
    filed = office.file()
    off(office, "2026-11-24")
    assert due(office, filed.number, "route") == at("2026-11-25 10:12")
    assert noted(office, filed.number, "recounted_beside")
    assert "notice.calendar_beside" not in office.told(filed)
    on(office, "2026-11-24")
    assert due(office, filed.number, "route") == at("2026-11-24 10:12")


def test_where_a_person_receives_the_new_time_of_receipt_is_told(build):
    office = build(receive="person")
    filed = office.file()
    off(office, "2026-11-24")
    assert due(office, filed.number, "receive") == at("2026-11-25 10:12")
    assert "접수하는 때" in office.words(filed, "notice.calendar_beside")


def test_what_was_met_or_has_passed_stays(office: Office):
    met, passed = office.investigating(), office.investigating()
    for filed in (met, passed):
        office.act("park", filed.number, "ask_supplement", **ASKED)
    office.act(office.reporter(met), met.number, "supplement_reply", text="여기 있어요")
    office.goes("2026-12-01 10:00")
    off(office, "2026-11-30")
    for filed in (met, passed):
        assert day(office, filed.number, "supplement") == "2026-11-30"
        assert "notice.calendar_beside" not in office.told(filed)


def test_a_record_that_was_asked_for_outlives_the_report_and_is_counted_too(office: Office):
    filed = office.investigating()
    me = office.reporter(filed)
    office.act(me, filed.number, "withdraw")
    office.act(me, filed.number, "request_record")
    off(office, "2026-12-03")
    assert day(office, filed.number, "record") == "2026-12-04"
    assert "열람 기록을 드리는 날" in office.words(filed, "notice.calendar_beside")


def test_a_report_without_a_name_is_told_on_its_page(office: Office):
    filed = office.investigating(nameless())
    office.act("park", filed.number, "ask_supplement", **ASKED)
    off(office, "2026-11-30")
    assert day(office, filed.number, "supplement") == "2026-12-01"
    assert "참고번호" in office.words(filed, "notice.calendar_beside_anonymous")


def test_without_a_change_every_date_is_what_it_is_counted_to_be(office: Office):
    office.clock.set(at("2026-11-23 10:12").replace(second=31, microsecond=123456))
    ways = [office.file(), office.file(nameless())]
    for _ in range(4):
        ways.append(office.investigating())
        office.clock.advance(minutes=7, microseconds=11)
    supplement, refer, onsite, late = ways[2:]
    office.act("park", supplement.number, "ask_supplement", **ASKED)
    office.act(office.reporter(supplement), supplement.number, "supplement_extend", days="3")
    office.act("park", refer.number, "ask_refer", **REFER)
    office.act("park", onsite.number, "onsite", **ONSITE)
    office.act("park", onsite.number, "onsite_extend", days="5", reason="비가 와서")
    office.act(office.reporter(late), late.number, "request_record")
    office.goes("2026-12-04 09:10")
    office.act("park", supplement.number, "ask_again", items="사진", days="10")
    office.goes("2026-12-24 09:10")
    seen = set()

    def look(unit):
        for filed in ways:
            filing = sight.find(unit, CLOCK, filed.number)
            rules = moves.procedure_of(office.svc, filing)
            work = Work(
                office.svc, unit, CLOCK, filing, rules, rules.moves["note"], {}, at("2026-11-23")
            )
            for name, here in clocks.running(unit, filing.id).items():
                if name != "answer":
                    assert recounting.counted(work, rules.deadlines[name]) == here.due_at, name
                    seen.add(name)

    office.see(look)
    assert seen >= {
        "receive", "route", "supplement", "supplement_again", "onsite", "refer_answer",
        "interim", "overdue_again", "record",
    }  # fmt: skip


# ------------------------------------------------------------------ a date that comes earlier


@pytest.fixture
def earlier(office: Office):
    """A report whose date comes a day earlier: a day off was taken back."""
    off(office, "2026-11-27")
    filed = office.investigating()
    assert day(office, filed.number, "answer") == "2026-12-02"
    on(office, "2026-11-27")
    assert day(office, filed.number, "answer") == "2026-12-02"
    return filed


def look(office: Office, number: str) -> None:
    """Open a report, as its handler does every day."""
    park = office.people["park"]
    if office.see(lambda u: not views.conflict_asked(u, park, number)):
        office.do(lambda u: views.declare(office.svc, u, park, number, conflict=False))
    office.do(lambda u: views.view(office.svc, u, park, number))


def test_a_date_that_comes_earlier_waits_for_a_decision(office: Office, earlier: Any):
    look(office, earlier.number)
    assert "desk.shorter" in office.tasks("park")
    filing, park = office.filing(earlier.number), office.people["park"]
    waiting = office.see(lambda u: tasks.open_(u, filing_id=filing.id))
    (task,) = [one for one in waiting if one.kind == "desk.shorter"]
    with pytest.raises(Refused):
        office.do(lambda u: views.done(office.svc, u, park, task.id))
    assert "recount" in office.can("park", earlier.number)


def test_a_person_brings_the_date_forward_and_the_reporter_is_told(office: Office, earlier: Any):
    office.act("park", earlier.number, "recount", dates="earlier")
    assert day(office, earlier.number, "answer") == "2026-12-01"
    assert office.filing(earlier.number).due_at == due(office, earlier.number, "answer")
    words = office.words(earlier, "notice.calendar_earlier")
    assert "답변 예정일: 알려 드린 날 12월 2일(수) → 새로 계산한 날 12월 1일(화)" in words
    assert noted(office, earlier.number, "recount") == [
        {"dates": "earlier", "moved": {"answer": ["2026-12-02", "2026-12-01"]}}
        | {"due_at": "2026-12-01T23:59:59+09:00"}
    ]
    assert "desk.shorter" not in office.tasks("park")
    assert office.refused("park", earlier.number, "recount", dates="keep") == "guard.earlier"


def test_a_person_keeps_the_date_that_was_told(office: Office, earlier: Any):
    office.act("park", earlier.number, "recount", dates="keep")
    assert day(office, earlier.number, "answer") == "2026-12-02"
    assert "notice.calendar_earlier" not in office.told(earlier)
    assert noted(office, earlier.number, "recount") == [
        {"dates": "keep", "moved": {"answer": ["2026-12-02", "2026-12-01"]}}
    ]
    assert "desk.shorter" not in office.tasks("park")
    assert office.tick() == []


def test_what_came_right_again_asks_nobody(office: Office, earlier: Any):
    off(office, "2026-11-27")
    assert "desk.shorter" not in office.tasks("park")
    assert office.refused("park", earlier.number, "recount", dates="keep") == "guard.earlier"


def test_time_for_papers_is_shortened_by_a_person_only(office: Office):
    off(office, "2026-11-30")
    filed = office.investigating(answers(), lang="en")
    office.act("park", filed.number, "ask_supplement", **ASKED)
    on(office, "2026-11-30")
    assert day(office, filed.number, "supplement") == "2026-12-01"
    assert office.tasks("park").count("desk.shorter") == 1
    office.act("park", filed.number, "recount", dates="earlier")
    assert day(office, filed.number, "supplement") == "2026-11-30"
    assert "Your papers" in office.words(filed, "notice.calendar_earlier", "en")


def test_the_administrator_sees_what_a_day_off_moves(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "ask_refer", **REFER)
    han, when = office.people["han"], date(2026, 11, 25)
    moved = office.do(
        lambda u: house.add_day(office.svc, u, han, when, "임시공휴일", "관보 제1호")
    )
    assert [(one.name, one.old.day, one.new.day, one.count) for one in moved] == [
        ("answer", 1, 2, 1),
        ("refer_answer", 25, 26, 1),
    ]
