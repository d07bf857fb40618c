"""Where two roads of the procedure cross: what was said is not said again, nor said wrongly."""

from collections.abc import Callable
from datetime import date

import pytest

from bot.dialogs.form import Context
from bot.services import facts, moves, reminders, status
from bot.services.base import CLOCK, citizen
from bot.settings import PassiveReportSite
from storage.repositories import days_off
from tests.services.conftest import Office, answers, at, keys_of, nameless
from tests.services.test_other_roads import ASK, WITH
from tests.services.test_report_story import APPROVED, RESULT

QUESTION = {"unit": "road", "matter": "포장 상태", "questions": "1. 언제", "due": "2026-11-30"}
EXTENDED = {"days": "7", "reason": "자료가 많아", "done": "기록을 보았습니다"}


def now(office: Office, number: str) -> status.Status:
    return office.see(lambda u: status.by_number(office.svc, u, CLOCK, number))


def triaged(office: Office) -> str:
    filed = office.file()
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    return filed.number


def test_every_stop_can_be_read_in_the_derivation(office: Office):
    number = triaged(office)
    office.act("park", number, "many_people", people="12", chosen="no")
    lines = [office.say(one) for one in status.derivation_words(now(office, number).lines)]
    assert lines == ["11월 23일(월)부터 대표 정하기 기간이라 멈춰 있어요"]


@pytest.mark.parametrize(
    ("people", "chosen", "said", "unsaid"),
    [
        ("12", "no", ["종이 명부", "세 분까지 대표"], []),
        ("12", "yes", ["종이 명부"], ["세 분까지 대표"]),
        ("3", "no", ["세 분까지 대표"], ["종이 명부"]),
    ],
)
def test_three_people_choose_and_five_bring_their_list_on_paper(
    office: Office, people: str, chosen: str, said: list[str], unsaid: list[str]
):
    number = triaged(office)
    office.act("park", number, "many_people", people=people, chosen=chosen)
    words = office.say(now(office, number).notices[0])
    assert all(part in words for part in said)
    assert not [part for part in unsaid if part in words]


def test_only_a_report_by_five_or_more_goes_to_the_committee_before_it_is_closed(office: Office):
    fields = {"count": "3", "dates": "10월 1일, 11월 2일", "reason": "같은 내용"}
    for _ in range(2):
        last = office.investigating()
        office.act("choi", last.number, "close_excluded", ground="private", reason="r", remedy="r")
    many = office.investigating()
    few, several = triaged(office), triaged(office)
    office.act("park", few, "many_people", people="4", chosen="yes")
    office.act("park", several, "many_people", people="5", chosen="yes")
    assert office.refused("choi", several, "close_repeat", **fields) == "guard.committee_reviewed"
    office.act("choi", several, "close_repeat", committee="2026-11-20", **fields)
    for number in (few, many.number):
        office.act("choi", number, "close_repeat", **fields)


def test_a_day_off_that_comes_after_the_answer_changes_nothing(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "to_approval", **RESULT)
    office.act("park", filed.number, "result", **RESULT, **APPROVED)
    due = office.filing(filed.number).due_at
    office.do(lambda u: days_off.add(u, date(2026, 11, 27), "임시공휴일", "관보", office.clock()))
    office.tick()
    assert not [key for key in office.tick() if key.startswith("calendar:")]
    assert office.filing(filed.number).due_at == due
    assert "notice.calendar" not in office.told(filed)
    office.goes("2026-12-04 10:00")
    assert not now(office, filed.number).overdue


def test_the_reason_of_a_new_date_names_the_new_day_off_alone(office: Office):
    office.goes("2026-12-22 10:00")
    filed = office.investigating()  # with Christmas on its way
    office.do(lambda u: days_off.add(u, date(2026, 12, 28), "임시공휴일", "관보", office.clock()))
    office.tick()
    assert "까닭: 임시공휴일\n" in office.words(filed, "notice.calendar")


def test_who_handles_it_is_said_once_and_again_when_another_takes_over(office: Office):
    filed = office.investigating()
    me = office.reporter(filed)
    office.act("park", filed.number, "ask_refer", **ASK)
    office.act(me, filed.number, "refer_reply", share="no")
    office.act("park", filed.number, "start")
    assert office.told(filed).count("notice.started") == 1
    other = office.investigating()
    office.act("park", other.number, "ask_refer", **ASK)
    office.act("choi", other.number, "reassign", handler="lim")
    office.act(office.reporter(other), other.number, "refer_reply", share="no")
    office.act("lim", other.number, "start")
    assert office.told(other).count("notice.started") == 2


def test_a_report_that_waits_for_anybody_is_told_of_after_thirty_days_too(office: Office):
    waiting = office.file()
    asked = office.investigating()
    office.clock.advance(days=29)
    office.act("park", asked.number, "ask_refer", **{**ASK, "due": "2026-12-28"})
    office.goes("2026-12-24 10:00")
    office.goes("2027-01-26 10:00")
    for filed in (waiting, asked):
        assert office.told(filed).count("notice.interim") == 2
    words = office.words(asked, "notice.interim")
    assert "12월 24일(목) 뒤에 이름을 빼고" in words
    assert "예정일: 정해지면 알려 드립니다" in words  # the date that was told has passed


def test_what_was_promised_anew_stands_in_the_interim_notice(office: Office):
    filed = office.investigating()
    office.goes("2026-12-02 10:00")
    office.act("park", filed.number, "overdue", reason="자료가 늦어", promise="2027-01-08")
    office.goes("2026-12-24 10:00")
    assert "예정일: 1월 8일(금)" in office.words(filed, "notice.interim")


def test_an_apology_that_had_to_wait_comes_when_it_can(office: Office):
    filed = office.investigating()
    office.goes("2026-12-02 10:00")
    office.act("park", filed.number, "ask_supplement", items="사진", why="곳", days="7")
    office.goes("2026-12-09 10:00")
    office.act(office.reporter(filed), filed.number, "supplement_reply", text="없어요")
    assert office.told(filed).count("notice.overdue.late") == 1
    office.goes("2026-12-10 10:00")
    assert office.told(filed).count("notice.overdue.late") == 2


def test_a_yes_to_a_second_extension_counts_during_a_visit_on_site(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "extend", **EXTENDED)
    office.act("park", filed.number, "ask_extension2", days="3", reason="더 볼 것이 있어")
    visit = {"place": "시장", "start": "2026-11-23", "until": "2026-11-30"}
    office.act("park", filed.number, "onsite", **visit)
    office.act(office.reporter(filed), filed.number, "extension2_reply", agree="yes")
    assert "notice.extension.second_yes" in office.told(filed)


def test_how_long_a_visit_may_last_stands_in_the_procedure(office: Office):
    filed = office.investigating()
    visit = {"place": "시장", "start": "2026-11-23"}
    long = {**visit, "until": "2026-12-07"}
    assert office.refused("park", filed.number, "onsite", **long) == "guard.within_onsite"
    rules = office.svc.procedures["passive_report"]
    assert rules.deadlines["onsite"].amount == 14
    office.act("park", filed.number, "onsite", **visit, until="2026-12-06")


def test_a_unit_is_not_asked_any_more_once_the_report_is_closed(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "fact_request", **QUESTION)
    office.act(office.reporter(filed), filed.number, "withdraw")
    (asked,) = office.see(lambda u: facts.listed(u, office.people["lee"]))
    assert asked.state == "closed"


def test_two_open_questions_keep_their_own_days(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "fact_request", **QUESTION)
    office.act("park", filed.number, "fact_request", **{**QUESTION, "due": "2026-11-27"})
    first, second = office.see(lambda u: facts.of_filing(u, filed.filing_id))
    lee = office.people["lee"]
    office.do(lambda u: facts.reply(office.svc, u, lee, second.id, {"text": "답합니다"}))
    assert f"fact:{first.id}:2026-11-30" in office.goes("2026-12-01 10:00")


def test_who_was_passed_on_reads_the_new_date(office: Office):
    filed = office.investigating(answers(share="with_name"))
    office.act("park", filed.number, "refer", **WITH)
    seen = now(office, filed.number)
    assert office.say(seen.now) == "도로과에서 일반 민원으로 처리해요."
    assert office.say(seen.then) == "새 기한 12월 4일(금)"


def test_a_report_without_a_name_is_never_told_of_a_date_that_does_not_run(office: Office):
    office.goes("2026-11-21 22:00")
    filed = office.file(nameless())
    office.goes("2026-11-23 09:00")
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    office.act("park", filed.number, "start")
    me = citizen(None, filed.filing_id)
    office.act("park", filed.number, "ask_supplement", items="사진", why="곳", days="7")
    office.act(me, filed.number, "supplement_reply", text="없어요")
    visit = {"place": "시장", "start": "2026-11-23", "until": "2026-11-30"}
    office.act("park", filed.number, "onsite", **visit)
    seen = now(office, filed.number)
    office.act("park", filed.number, "onsite_extend", days="2", reason="비")
    office.act("park", filed.number, "onsite_end")
    assert "extend" not in office.can("park", filed.number)
    office.act("park", filed.number, "conclude", judgement="for_reference", summary="참고합니다")
    said = [
        office.say(words) for words in (seen.now, seen.then, *now(office, filed.number).notices)
    ]
    assert not [words for words in said if "답변 예정" in words or "처리기간" in words]


def test_who_waits_for_a_late_answer_may_ask_for_a_call(office: Office):
    filed = office.investigating()
    me = office.reporter(filed)
    assert "request_call" not in office.can(me, filed.number)
    office.goes("2026-12-02 10:00")
    done = office.act(me, filed.number, "request_call", time="오후 두 시, 010-1234-5678")
    assert keys_of(done.replies) == ["notice.overdue.call"]
    assert "desk.call" in office.tasks("park")


def test_more_time_is_offered_in_three_and_seven_days(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "ask_supplement", items="사진", why="곳", days="7")
    me = office.reporter(filed)
    found = office.see(lambda u: moves.available(office.svc, u, me, filed.number))
    form = next(one.form for one in found if one.action == "supplement_extend")
    (step,) = form.steps
    context = Context(now=office.clock(), texts=office.texts)
    picks = step.options(form.base(step), {}, context)
    assert [(pick.value, office.say(pick.label)) for pick in picks] == [(3, "3일"), (7, "7일")]


def test_a_report_whose_action_took_months_is_closed_all_the_same(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "to_approval", **RESULT)
    office.act("park", filed.number, "result", **RESULT, **APPROVED)
    office.goes("2026-12-28 10:00")
    assert office.filing(filed.number).state == "following"
    office.act("park", filed.number, "action_done", date="2026-12-28", action="포장했습니다")
    office.goes("2026-12-29 10:00")
    assert office.filing(filed.number).state == "closed"


def test_late_answers_that_were_told_of_hide_no_other(office: Office):
    for _ in range(3):
        office.investigating()
    office.goes("2026-12-02 10:00")
    last = office.investigating()
    office.clock.set(at("2026-12-11 10:00"))
    for _ in range(9):  # three at a time
        for due in office.see(lambda u: reminders.due_work(office.svc, u, limit=3)):
            office.store.transact(due.work, due.run_key)
    assert "notice.overdue.late" in office.told(last)


def test_the_unit_that_must_answer_reads_what_is_wished_for(office: Office):
    filed = office.investigating(answers(share="with_name"))
    office.act("park", filed.number, "refer", **WITH)
    (passed,) = office.see(lambda u: facts.listed(u, office.people["lee"]))
    assert passed.content["content"].endswith("길을 고치고 왜 미뤘는지 알고 싶어요.")


def test_a_period_of_up_to_five_days_is_told_in_hours(build: Callable[..., Office]):
    office = build(passive_report=PassiveReportSite(days=5))
    said = office.say(office.file().replies[0].text)
    assert "접수한 때부터 근무시간 40시간" in said
    assert "1일째" not in said
    assert "11월 30일(월)까지" in said


def test_a_note_for_somebody_without_a_name_has_its_english_summary_too(office: Office):
    filed = office.file(nameless(), lang="en")
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    note = {"judgement": "for_reference", "summary": "참고합니다"}
    assert office.refused("park", filed.number, "conclude", **note) == "guard.english_summary"
    office.act("park", filed.number, "conclude", summary_en="We will use it.", **note)
    assert "English summary: We will use it." in office.words(
        filed, "notice.result.anonymous", "en"
    )
