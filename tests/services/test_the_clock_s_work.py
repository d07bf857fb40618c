"""What a tick does is done once, whatever was slept through; closed cases are left alone."""

import pytest

from bot.services import reminders
from storage.errors import Repeated
from storage.repositories import dialogs
from storage.repositories import peers as repository
from tests.services.conftest import Office, at


def test_a_tick_that_has_nothing_to_do_does_nothing(office: Office):
    office.investigating()
    office.tick()
    assert office.tick() == []


def test_a_run_that_was_done_is_not_done_again(office: Office):
    office.clock.set(at("2026-11-21 22:00"))
    filed = office.file()
    office.clock.set(at("2026-11-23 09:00"))
    first = office.see(lambda u: reminders.due_work(office.svc, u))
    second = office.see(lambda u: reminders.due_work(office.svc, u))
    for due in first:
        office.store.transact(due.work, due.run_key)
    for due in second:
        with pytest.raises(Repeated):
            office.store.transact(due.work, due.run_key)
        office.store.transact(due.work, None)  # even so, its key stands
    assert office.told(filed).count("notice.receipt.confirmed") == 1


def test_the_handler_is_reminded_three_days_and_one_day_before(office: Office):
    filed = office.investigating()
    seen = {
        day: f"remind:{filed.filing_id}:answer:2026-12-01:{n}" in office.goes(f"{day} 09:30")
        for day, n in (("2026-11-25", 3), ("2026-11-26", 3), ("2026-11-27", 3), ("2026-11-30", 1))
    }
    assert list(seen.values()) == [False, True, False, True]
    assert "desk.answer_due" in office.tasks("park")


def test_an_extended_date_is_reminded_of_anew(office: Office):
    filed = office.investigating()
    office.goes("2026-11-26 09:30")
    office.act("park", filed.number, "extend", days="7", reason="r", done="d")
    assert any(":2026-12-10:3" in key for key in office.goes("2026-12-07 09:30"))


def test_after_a_long_sleep_only_the_nearest_reminder_comes(office: Office):
    filed = office.investigating()
    keys = [key for key in office.goes("2026-12-01 09:30") if key.startswith("remind:")]
    assert keys == [f"remind:{filed.filing_id}:answer:2026-12-01:0"]


def test_an_agency_may_look_at_the_apology_first(build):
    office = build(overdue_notice="reviewed")
    filed = office.investigating()
    office.goes("2026-12-02 09:00")
    assert "notice.overdue.late" not in office.told(filed)
    assert "desk.overdue_wanted" in office.tasks("park")
    office.act("park", filed.number, "overdue", reason="감정이 늦어", promise="2026-12-04")
    words = office.words(filed, "notice.overdue.late")
    assert "감정이 늦어" in words
    assert "12월 4일(금)" in words


def test_a_late_answer_without_anybody_to_sign_it_is_a_task(build):
    office = build(audit_head="")
    filed = office.file()
    office.goes("2026-12-02 09:00")
    assert "notice.overdue.late" not in office.told(filed)
    assert "undelivered" in office.tasks("kim")


def test_a_unit_that_does_not_answer_is_told_to_the_handler(office: Office):
    filed = office.investigating()
    office.act(
        "park", filed.number, "fact_request", unit="road", matter="m", questions="q",
        due="2026-11-25",
    )  # fmt: skip
    office.goes("2026-11-26 09:30")
    office.goes("2026-11-26 10:30")
    assert office.tasks("park").count("desk.fact_due") == 1


def test_a_draft_is_warned_of_and_then_deleted(office: Office):
    there = office.peer("telegram", "1")

    def draft(unit):
        peer = repository.lock(unit, there)
        dialogs.save(unit, peer, "passive_report", b"{}", office.clock())

    office.do(draft)
    office.goes("2026-12-19 22:30")
    assert office.rows("telegram") == []
    office.goes("2026-12-20 22:30")
    (row,) = office.rows("telegram")
    assert row.due_at == at("2026-12-21 08:00")
    assert "이어서 쓸 수 있고" in office.say(office.sent("telegram")[0].text)
    office.goes("2026-12-24 10:30")
    gone = office.see(lambda u: dialogs.get(u, repository.get(u, there)))
    assert gone is None
    assert len(office.rows("telegram")) == 1


def test_two_years_of_ticks_leave_a_closed_report_alone(office: Office):
    filed = office.investigating()
    office.act(office.reporter(filed), filed.number, "withdraw")
    before = office.told(filed)
    for day in ("2026-12-02", "2026-12-24", "2027-01-29", "2027-06-01", "2028-11-23"):
        keys = office.goes(f"{day} 10:00")
        # Nobody sends here: what was told on the way is undelivered.
        of_no_report = (
            "upkeep:",
            "mornings:",
            "idle:20",
            "duty:",
            "news",
            "alert:",
            "undelivered:",
        )
        assert [key for key in keys if not key.startswith(of_no_report)] == []
    assert office.told(filed) == before
