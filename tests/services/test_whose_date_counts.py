"""Whose due date counts, where the office works in another system too: one date, for everybody."""

from dataclasses import replace
from datetime import date

import pytest

from bot.services import clocks, external, listing, status
from bot.services.base import CLOCK
from bot.services.listing import Wanted
from storage.repositories import days_off
from tests.services.conftest import Office, answers, at, nameless

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def office(build) -> Office:
    return build(due_authority="theirs")


def note(office: Office, number: str, due: str | None, who: str = "choi", why: str = "") -> None:
    day = date.fromisoformat(due) if due else None
    office.do(
        lambda u: external.put(
            office.svc, u, office.people[who], number, external_no="7", due=day, why=why
        )
    )


def law(office: Office, number: str):
    """Give the date that the law's clock counts, whatever counts for people."""
    filing = office.filing(number)
    return office.see(lambda u: clocks.running(u, filing.id)["answer"].due_at)


def seen(office: Office, number: str) -> status.Status:
    return office.see(lambda u: status.by_number(office.svc, u, CLOCK, number))


def test_their_date_is_the_date_of_the_queue_of_the_reporter_and_of_every_notice(office: Office):
    filed = office.investigating()
    note(office, filed.number, "2026-12-03")
    assert office.filing(filed.number).due_at == at("2026-12-03 23:59:59")
    assert law(office, filed.number) == at("2026-12-01 23:59:59")
    now = seen(office, filed.number)
    assert now.due_at == at("2026-12-03 23:59:59")
    assert "12월 3일" in office.say(now.then)
    *_, counted, last = [office.say(one) for one in status.derivation_words(now.lines)]
    assert "12월 1일" in counted
    assert "새올" in last
    assert "12월 3일" in last


def test_the_reporter_is_told_the_new_day_and_why(office: Office):
    filed = office.investigating()
    note(office, filed.number, "2026-12-03", why="새올에서 접수한 날부터 셉니다.")
    assert office.told(filed)[-1] == "notice.due_theirs"
    words = office.words(filed, "notice.due_theirs")
    for part in ("12월 1일", "12월 3일", "새올", "새올에서 접수한 날부터"):
        assert part in words
    note(office, filed.number, "2026-12-03")  # the same again: nothing is news
    assert office.told(filed).count("notice.due_theirs") == 1
    note(office, filed.number, None)
    assert office.told(filed)[-1] == "notice.due_ours"
    assert office.filing(filed.number).due_at == at("2026-12-01 23:59:59")


def test_a_day_that_has_passed_is_not_promised(office: Office):
    filed = office.investigating()
    note(office, filed.number, "2026-11-20")
    assert "notice.due_theirs" not in office.told(filed)
    assert seen(office, filed.number).overdue


def test_reminders_and_the_apology_come_by_their_date(office: Office):
    filed = office.investigating()
    note(office, filed.number, "2026-12-03")
    office.goes("2026-11-27 09:10")  # three working days before the first were yesterday
    assert "desk.answer_due" not in office.tasks("park")
    office.goes("2026-11-30 09:10")
    assert "desk.answer_due" in office.tasks("park")
    office.goes("2026-12-02 09:10")
    assert "notice.overdue.late" not in office.told(filed)
    assert not seen(office, filed.number).overdue
    office.goes("2026-12-04 09:10")
    assert "12월 3일" in office.words(filed, "notice.overdue.late")
    assert seen(office, filed.number).overdue


def test_an_earlier_date_of_theirs_is_late_earlier(office: Office):
    filed = office.investigating()
    note(office, filed.number, "2026-11-27")
    office.goes("2026-11-30 09:10")
    assert "notice.overdue.late" in office.told(filed)


def test_the_interim_notice_names_their_date(office: Office):
    filed = office.investigating()
    note(office, filed.number, "2027-01-29")
    office.goes("2026-12-24 09:10")
    assert "1월 29일" in office.words(filed, "notice.interim")


def test_a_stop_and_its_end_move_the_laws_clock_alone(office: Office):
    filed = office.investigating()
    note(office, filed.number, "2026-12-03")
    office.act("park", filed.number, "ask_supplement", items="접수증", why="확인", days="7")
    assert law(office, filed.number) is None
    assert office.filing(filed.number).due_at == at("2026-12-03 23:59:59")
    office.clock.set(at("2026-11-25 10:00"))
    office.act(office.reporter(filed), filed.number, "supplement_reply", text="여기 있어요.")
    assert law(office, filed.number) > at("2026-12-03 23:59:59")
    assert office.filing(filed.number).due_at == at("2026-12-03 23:59:59")


def test_what_is_lengthened_is_lengthened_there(office: Office):
    filed = office.investigating()
    assert "extend" in office.can("park", filed.number)
    note(office, filed.number, "2026-12-03")
    for move in ("extend", "ask_extension2"):
        given = {"days": "3", "reason": "자료를 기다립니다", "done": "현장을 보았습니다"}
        given = given if move == "extend" else {k: v for k, v in given.items() if k != "done"}
        assert office.refused("park", filed.number, move, **given) == "guard.ours_counts"


def test_a_new_day_off_moves_the_laws_clock_and_nobody_is_told(office: Office):
    filed = office.investigating()
    note(office, filed.number, "2026-12-03")
    before = office.told(filed)
    office.do(
        lambda u: days_off.add(u, date(2026, 11, 30), "임시공휴일", "agency", office.clock())
    )
    office.tick()
    assert law(office, filed.number) == at("2026-12-02 23:59:59")
    assert office.filing(filed.number).due_at == at("2026-12-03 23:59:59")
    assert office.told(filed) == before
    office.do(lambda u: days_off.remove(u, date(2026, 11, 30)))
    office.tick()
    assert law(office, filed.number) == at("2026-12-01 23:59:59")
    assert "desk.shorter" not in office.tasks("park")


def test_without_a_name_there_is_no_date_of_theirs_either(office: Office):
    filed = office.file(nameless())
    note(office, filed.number, "2026-12-03", who="kim")
    assert office.filing(filed.number).due_at is None
    assert seen(office, filed.number).due_at is None


def test_a_date_that_is_noted_before_receipt_waits_for_it(build):
    office = build(due_authority="theirs", receive="person")
    filed = office.file()
    note(office, filed.number, "2026-12-03", who="kim")
    assert office.filing(filed.number).due_at is None
    office.act("kim", filed.number, "receive")
    assert office.filing(filed.number).due_at == at("2026-12-03 23:59:59")


def test_an_answer_ends_it_whatever_is_noted_afterwards(office: Office):
    filed = office.investigating(answers())
    office.act(office.reporter(filed), filed.number, "withdraw")
    due = office.filing(filed.number).due_at
    note(office, filed.number, "2026-12-03")
    assert office.filing(filed.number).due_at == due
    assert "notice.due_theirs" not in office.told(filed)


def test_where_ours_counts_a_date_of_theirs_is_only_noted(build):
    office = build(due_authority="ours")
    filed = office.investigating()
    note(office, filed.number, "2026-12-03")
    assert office.filing(filed.number).due_at == at("2026-12-01 23:59:59")
    assert "notice.due_theirs" not in office.told(filed)
    (row,) = office.see(lambda u: listing.rows(office.svc, u, office.people["choi"], Wanted()))
    assert not row.theirs


def test_a_changed_setting_is_followed_at_the_next_tick_both_ways(build):
    ours = build(due_authority="ours")
    filed = ours.investigating()
    note(ours, filed.number, "2026-12-03")
    assert ours.tick() is not None
    ours.svc = _with(ours, "theirs")
    ours.tick()
    assert ours.filing(filed.number).due_at == at("2026-12-03 23:59:59")
    assert ours.told(filed)[-1] == "notice.due_theirs"
    assert not [key for key in ours.tick() if key.startswith("whose")]
    ours.svc = _with(ours, "ours")
    ours.tick()
    assert ours.filing(filed.number).due_at == at("2026-12-01 23:59:59")
    assert ours.told(filed)[-1] == "notice.due_ours"


def _with(office: Office, authority: str):
    site = office.svc.site.model_copy(update={"due_authority": authority})
    return replace(office.svc, site=site)
