"""The whole life of a report, as the services tell it."""

from datetime import date

from bot.services import views
from storage.repositories import days_off
from tests.services.conftest import Office, answers, at, keys_of

RESULT = {
    "judgement": "upheld",
    "checked": "정비 기록과 현장을 보았습니다.",
    "why": "접수 뒤 두 달 동안 계획이 없었습니다.",
    "demands": "보수: 받아들임. 까닭 설명: 받아들임.",
    "action_state": "planned",
    "action": "구간을 다시 포장합니다.",
    "action_due": "2026-12-20",
    "remedy": "다시 신고하실 수 있습니다.",
}
APPROVED = {"doc_no": "감사담당관-1234", "approved_on": "2026-11-23", "approver": "최과장(전결)"}


def test_a_named_report_is_received_at_once_with_its_legal_date(office: Office):
    filed = office.file()
    filing = office.filing(filed.number)
    assert filing.state == "received"
    assert filed.due_at.astimezone(at("2026-12-01").tzinfo).date().isoformat() == "2026-12-01"
    assert filed.code is not None
    receipt = filed.replies[0]
    assert receipt.due_on == "2026-12-01"
    assert receipt.code == filed.code
    said = office.say(receipt.text)
    assert "답변 예정 12월 1일(화)까지" in said
    assert "11월 23일(월) 오전 10시 12분" in said
    assert filed.code not in said


def test_the_main_road_from_receipt_to_the_promised_action(office: Office):
    filed = office.file()
    office.act("kim", filed.number, "assign", handler="park", unit="road", kind="neglect")
    office.clock.advance(hours=1)
    office.act("park", filed.number, "start")
    said = office.words(filed, "notice.started")
    assert "담당: 감사담당관 박감사 031-000-0100" in said
    office.clock.set(at("2026-12-01 14:00"))
    office.act("park", filed.number, "to_approval", **RESULT)
    assert "desk.approval" in office.tasks("choi")
    done = office.act("park", filed.number, "result", **RESULT, **APPROVED)
    assert done.state == "following"
    words = office.words(filed, "notice.result.named")
    for part in (
        "문서번호 감사담당관-1234",
        "시행 2026. 11. 23.",
        "소극행정이 있었다고 판단했습니다",
        "구간을 다시 포장합니다. · 12월 20일",
        "담당: 감사담당관 박감사",
    ):
        assert part in words
    office.clock.set(at("2026-12-18 10:00"))
    office.act("park", filed.number, "action_done", date="2026-12-18", action="다시 포장했습니다")
    thanks = office.act(office.reporter(filed), filed.number, "survey", satisfied="yes")
    assert keys_of(thanks.replies) == ["notice.survey.thanks"]
    office.goes("2027-01-04 10:00")
    assert office.filing(filed.number).state == "closed"
    assert office.filing(filed.number).outcome == "upheld"


def test_a_report_outside_office_hours_is_received_when_the_office_opens(office: Office):
    office.clock.set(at("2026-11-21 22:00"))  # a Saturday
    filed = office.file()
    assert office.filing(filed.number).state == "submitted"
    said = office.say(filed.replies[0].text)
    assert "11월 23일(월) 업무가 시작되면" in said
    assert "12월 1일(화)까지" in said
    # Nobody sends here, so what was told on Saturday has waited its hours: nothing else is done.
    assert office.goes("2026-11-23 08:59") == ["undelivered:1", "upkeep:2026-11-23T08"]
    assert office.filing(filed.number).state == "submitted"
    office.goes("2026-11-23 09:00")
    assert office.filing(filed.number).state == "received"
    assert "notice.receipt.confirmed" in office.told(filed)
    confirmed = office.words(filed, "notice.receipt.confirmed")
    assert "11월 23일(월) 오전 9시에 정식으로 접수했어요" in confirmed
    assert "12월 1일" in confirmed


def test_an_agency_that_receives_by_hand_is_reminded_within_eight_working_hours(build):
    office = build(receive="person")
    filed = office.file()
    assert filed.due_at is None
    assert office.filing(filed.number).state == "submitted"
    assert "11월 24일(화) 오전 10시 12분까지" in office.say(filed.replies[0].text)
    office.goes("2026-11-24 10:13")
    assert "desk.receive_due" in office.tasks("kim")
    office.act("kim", filed.number, "receive")
    assert "notice.receipt.confirmed" in office.told(filed)
    assert office.filing(filed.number).due_at.astimezone(at("2026-12-02").tzinfo).day == 2


def test_a_supplement_stops_the_clock_and_its_days_are_left_out(office: Office):
    filed = office.investigating()
    office.clock.set(at("2026-11-25 11:00"))
    office.act("park", filed.number, "ask_supplement", items="사진", why="곳을 찾으려고", days="7")
    assert office.filing(filed.number).due_at is None
    assert "12월 2일(수)까지 (7일)" in office.words(filed, "notice.supplement.ask")
    me = office.reporter(filed)
    office.clock.set(at("2026-11-27 20:00"))
    done = office.act(me, filed.number, "supplement_reply", text="사진을 보냅니다")
    assert keys_of(done.replies) == ["notice.supplement.received"]
    assert "12월 4일(금)로 다시 계산" in office.say(done.replies[0].text)
    assert office.filing(filed.number).state == "investigating"


def test_a_reporter_extends_a_supplement_twice_and_no_more(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "ask_supplement", items="사진", why="곳", days="7")
    me = office.reporter(filed)
    first = office.act(me, filed.number, "supplement_extend", days="3")
    assert "남은 횟수 1번" in office.say(first.replies[0].text)
    office.act(me, filed.number, "supplement_extend", days="7")
    assert office.refused(me, filed.number, "supplement_extend", days="3") == (
        "guard.extension_left"
    )


def test_a_silent_reporter_is_asked_once_more_and_then_the_report_goes_back(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "ask_supplement", items="사진", why="곳", days="7")
    assert office.refused("park", filed.number, "ask_again", items="사진", days="5") == (
        "guard.supplement_over"
    )
    office.goes("2026-12-01 09:30")
    assert "desk.supplement_over" in office.tasks("park")
    assert office.refused(
        "park", filed.number, "return", reason="자료 없음", remedy="다시 신고"
    ) == ("guard.asked_again")
    assert office.refused("park", filed.number, "ask_again", items="사진", days="11") == (
        "move.fields"
    )
    office.act("park", filed.number, "ask_again", items="사진", days="10")
    words = office.words(filed, "notice.supplement.second")
    assert "11월 30일(월)까지 자료가 오지 않았습니다" in words
    office.goes("2026-12-14 09:30")
    office.act("park", filed.number, "return", reason="자료 없음", remedy="다시 신고")
    filing = office.filing(filed.number)
    assert (filing.state, filing.outcome) == ("returned", "returned")
    assert "담당: 감사담당관 박감사" in office.words(filed, "notice.returned")


def test_the_onsite_time_is_known_beforehand_and_ends_by_itself(office: Office):
    filed = office.investigating()
    office.clock.set(at("2026-11-24 10:00"))
    assert office.refused(
        "park", filed.number, "onsite", place="중앙시장", start="2026-11-25", until="2026-12-09"
    ) == ("guard.within_onsite")
    office.act(
        "park", filed.number, "onsite", place="중앙시장", start="2026-11-25", until="2026-12-04"
    )
    words = office.words(filed, "notice.onsite.begin")
    assert "중앙시장을 현장에서 확인합니다" in words
    assert "새 답변 예정일 12월 11일(금)" in words
    office.act("park", filed.number, "onsite_extend", days="7", reason="비가 와서")
    assert "12월 11일(금)까지 길어집니다" in office.words(filed, "notice.onsite.extend")
    office.goes("2026-12-12 10:00")
    filing = office.filing(filed.number)
    assert filing.state == "investigating"
    assert office.refused(
        "park", filed.number, "onsite", place="x", start="2026-12-14", until="2026-12-15"
    ) == ("guard.onsite_once")


def test_the_first_extension_is_the_office_s_the_second_needs_an_explicit_yes(office: Office):
    filed = office.investigating()
    fields = {"reason": "조사할 것이 남아", "done": "자료를 받음"}
    assert office.refused("park", filed.number, "extend", days="8", **fields) == (
        "guard.first_extension"
    )
    office.act("park", filed.number, "extend", days="7", **fields)
    words = office.words(filed, "notice.extension.first")
    assert "12월 1일(화)에서 12월 10일(목)로 바뀌었습니다" in words
    assert office.refused("park", filed.number, "extend", days="1", **fields) == (
        "guard.first_extension"
    )
    office.act("park", filed.number, "ask_extension2", days="5", reason="감정이 늦어")
    asked = office.words(filed, "notice.extension.second_ask")
    assert "새 예정일: 12월 17일(목)" in asked
    assert "12월 10일(목)까지 확인한 내용으로" in asked
    me = office.reporter(filed)
    office.act(me, filed.number, "extension2_reply", agree="yes")
    assert office.filing(filed.number).due_at.astimezone(at("2026-12-17").tzinfo).day == 17
    assert office.refused(me, filed.number, "extension2_reply", agree="yes") == (
        "guard.consent_asked"
    )


def test_silence_is_no_consent(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "extend", days="7", reason="r", done="d")
    office.act("park", filed.number, "ask_extension2", days="5", reason="r")
    office.goes("2026-12-11 09:30")
    assert "desk.consent_over" in office.tasks("park")
    me = office.reporter(filed)
    assert office.refused(me, filed.number, "extension2_reply", agree="yes") == (
        "guard.consent_asked"
    )
    assert office.filing(filed.number).due_at.astimezone(at("2026-12-10").tzinfo).day == 10


def test_a_late_answer_is_apologised_for_and_can_be_demanded(office: Office):
    filed = office.investigating()
    me = office.reporter(filed)
    assert office.refused(me, filed.number, "demand_correction") == "guard.overdue"
    office.goes("2026-12-02 08:30")
    assert "notice.overdue.late" not in office.told(filed)
    office.goes("2026-12-02 09:00")
    words = office.words(filed, "notice.overdue.late")
    assert "12월 1일(화)까지 드리기로 한 답변" in words
    assert "바로잡아 달라고 요구하실 수 있고" in words
    assert office.told(filed).count("notice.overdue.late") == 1
    office.goes("2026-12-08 09:30")
    assert office.told(filed).count("notice.overdue.late") == 1
    office.goes("2026-12-10 09:30")
    assert office.told(filed).count("notice.overdue.late") == 2
    done = office.act(me, filed.number, "demand_correction")
    assert keys_of(done.replies) == ["notice.overdue.demanded"]
    assert {"demand_correction", "desk.demanded"} <= set(office.tasks("choi"))
    assert office.see(lambda u: views.by_number(office.svc, u, me, filed.number)).overdue


def test_after_thirty_days_the_reporter_is_told_where_it_stands(office: Office):
    filed = office.investigating()
    office.clock.set(at("2026-11-24 10:00"))
    office.act("park", filed.number, "extend", days="7", reason="r", done="d")
    office.goes("2026-12-24 09:30")
    assert office.told(filed).count("notice.interim") == 1
    assert "접수한 지 31일이 지나" in office.words(filed, "notice.interim")
    office.goes("2026-12-24 15:30")
    assert office.told(filed).count("notice.interim") == 1
    office.goes("2027-01-26 09:30")
    assert office.told(filed).count("notice.interim") == 2


def test_a_withdrawn_report_is_told_nothing_more(office: Office):
    filed = office.investigating()
    me = office.reporter(filed)
    assert "withdraw" in office.can(me, filed.number)
    done = office.act(me, filed.number, "withdraw")
    assert keys_of(done.replies) == ["notice.withdraw.done_passive_report"]
    assert "desk.withdrawn" in office.tasks("park")
    office.goes("2027-01-10 09:30")
    assert "notice.overdue.late" not in office.told(filed)
    assert office.can(me, filed.number) == {"message", "pressure", "request_record"}


def test_pressure_to_withdraw_is_read_by_the_head_alone(office: Office):
    filed = office.investigating()
    me = office.reporter(filed)
    office.act(me, filed.number, "pressure", text="담당자가 거두라고 했어요")
    assert "pressure" in office.tasks("choi")

    def read(who):
        def look(unit):
            views.declare(office.svc, unit, office.people[who], filed.number, conflict=False)
            found = views.view(office.svc, unit, office.people[who], filed.number)
            return [one.detail.get("text") for one in found.timeline if one.kind == "pressure"]

        return office.do(look)

    assert read("park") == []
    assert read("choi") == ["담당자가 거두라고 했어요"]


def test_a_day_off_that_comes_later_makes_the_date_longer_and_both_are_shown(office: Office):
    filed = office.investigating()
    office.do(lambda u: days_off.add(u, date(2026, 11, 27), "임시공휴일", "관보", office.clock()))
    office.tick()
    words = office.words(filed, "notice.calendar")
    assert "알려 드린 날: 12월 1일(화)" in words
    assert "법에 따른 기한: 12월 2일(수)" in words
    assert "임시공휴일" in words
    office.do(lambda u: days_off.remove(u, date(2026, 11, 27)))
    office.tick()
    assert office.filing(filed.number).due_at.astimezone(at("2026-12-02").tzinfo).day == 2
    assert "desk.shorter" in office.tasks("park")
    assert office.told(filed).count("notice.calendar") == 1


def test_an_english_report_keeps_its_language_and_gets_a_summary(office: Office):
    filed = office.investigating(answers(), lang="en")
    assert "Answer due by **" not in office.say(filed.replies[0].text, "en")
    assert "Answer due by Tue 1 Dec 2026" in office.say(filed.replies[0].text, "en")
    office.act("park", filed.number, "to_approval", **RESULT)
    assert office.refused("park", filed.number, "result", **RESULT, **APPROVED) == (
        "guard.english_summary"
    )
    summary = {"summary_en": "We found that the repair was put off. It will be paved."}
    office.act("park", filed.number, "result", **RESULT, **APPROVED, **summary)
    assert "English summary: We found" in office.words(filed, "notice.result.named", "en")
