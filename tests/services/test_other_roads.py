"""Passing on, sending elsewhere, closing, many people: with what is told each time."""

import pytest

from bot.dialogs.replies import load
from bot.errors import Refused
from bot.services import facts
from storage.repositories import outbox, users
from tests.services.conftest import Office, answers, at, keys_of

ASK = {"unit": "road", "reason": "보수를 바라시는 일이라", "due": "2026-12-04"}
WITH = {
    "how": "with_name", "unit": "road", "reason": "보수 민원입니다", "new_no": "1AA-2611-1",
    "due": "2026-12-04", "unit_handler": "이도로", "unit_phone": "031-000-0200",
    "remedy": "다시 신고하실 수 있습니다.",
}  # fmt: skip
WITHOUT = {
    "how": "without_name", "unit": "road", "reason": "보수 민원입니다",
    "content": "시장 쪽 포장 상태를 살펴 주십시오.",
}  # fmt: skip


def test_the_reporter_is_asked_before_the_name_goes_to_the_unit(office: Office):
    filed = office.investigating()
    assert office.refused("park", filed.number, "refer", **WITH) == "guard.share_allows"
    office.act("park", filed.number, "ask_refer", **ASK)
    words = office.words(filed, "notice.refer.ask")
    assert "도로과가 처리할 일반 민원으로 보입니다" in words
    assert "12월 4일(금)까지 답합니다" in words
    me = office.reporter(filed)
    done = office.act(me, filed.number, "refer_reply", share="with_name")
    assert keys_of(done.replies) == ["notice.refer.answered"]
    office.act("park", filed.number, "refer", **WITH)
    filing = office.filing(filed.number)
    assert (filing.state, filing.outcome) == ("referred", "referred")
    assert "이도로 031-000-0200" in office.words(filed, "notice.refer.done")
    (passed,) = office.see(lambda u: facts.listed(u, office.people["lee"]))
    assert passed.content["name"] == "홍길동"


def test_silence_passes_the_content_on_without_the_name(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "ask_refer", **ASK)
    office.goes("2026-11-25 18:01")
    filing = office.filing(filed.number)
    assert (filing.state, filing.share) == ("triage", "without_name")
    assert office.refused("park", filed.number, "refer", **WITH) == "guard.share_allows"
    office.act("park", filed.number, "refer", **WITHOUT)
    filing = office.filing(filed.number)
    assert (filing.state, filing.outcome) == ("investigating", "")
    (passed,) = office.see(lambda u: facts.listed(u, office.people["lee"]))
    assert "홍길동" not in str(passed)


def test_who_said_no_is_not_passed_on_at_all(office: Office):
    filed = office.investigating(answers(share="no"))
    for fields in (WITH, WITHOUT):
        assert office.refused("park", filed.number, "refer", **fields) == "guard.share_allows"
    assert office.refused("park", filed.number, "ask_refer", **ASK) == "guard.ask_first"


def test_a_report_for_another_agency_is_sent_there_and_told(office: Office):
    filed = office.investigating()
    office.act(
        "park", filed.number, "transfer", other_agency="나래도", other_phone="02-120",
        reason="도가 맡는 길",
    )  # fmt: skip
    words = office.words(filed, "notice.transfer.agency")
    assert "나래도의 일이라 11월 23일(월)에 그곳으로 보냈습니다" in words
    assert "1번째입니다" in words
    assert office.filing(filed.number).closed_at is not None


def test_an_excluded_matter_is_closed_with_its_reason_and_other_roads(office: Office):
    filed = office.investigating()
    office.act(
        "choi", filed.number, "close_excluded", ground="litigation", reason="소송 중입니다",
        remedy="법원의 절차",
    )  # fmt: skip
    words = office.words(filed, "notice.closed.excluded")
    assert "행정심판·소송, 소송 중입니다" in words
    assert "이용할 수 있는 절차: 법원의 절차" in words


def test_a_repeat_is_closed_only_after_two_answers(office: Office):
    fields = {"count": "3", "dates": "10월 1일, 11월 2일", "reason": "같은 내용"}
    filed = office.investigating()
    assert office.refused("choi", filed.number, "close_repeat", **fields) == (
        "guard.repeat_noticed"
    )
    for _ in range(2):
        last = office.investigating()
        office.act("choi", last.number, "close_excluded", ground="private", reason="r", remedy="r")
    third = office.investigating()
    office.act("choi", third.number, "close_repeat", **fields)
    assert "같은 내용으로 3번 신고" in office.words(third, "notice.closed.repeat")


def test_many_people_need_a_list_on_paper_and_the_clock_waits_for_their_choice(office: Office):
    filed = office.file()
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    office.act("park", filed.number, "many_people", people="12", chosen="no")
    assert "종이 명부" in office.words(filed, "notice.many_people.ask")
    assert office.filing(filed.number).due_at is None
    assert "many_people" in office.tasks("park")
    office.clock.set(at("2026-11-25 10:00"))
    office.act(
        "park", filed.number, "representatives", representatives="홍길동, 김영희", roster="paper"
    )
    assert office.filing(filed.number).due_at is not None
    assert "many_people" not in office.tasks("park")


def test_a_notice_without_a_complete_handler_is_not_sent(office: Office):
    from storage.repositories import users  # noqa: PLC0415

    filed = office.file()
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    park = office.people["park"].user_id
    office.do(lambda u: users.change(u, park, phone=""))
    assert office.refused("park", filed.number, "start") == "guard.handler_complete"
    assert "start" in office.can("park", filed.number, blocked=True)


def test_an_answer_with_an_empty_line_or_without_a_number_is_not_sent(office: Office):
    filed = office.investigating()
    result = {
        "judgement": "upheld", "checked": "c", "why": "w", "demands": "d", "action_state": "none",
        "action": "a", "remedy": "r", "approved_on": "2026-11-23", "approver": "x",
    }  # fmt: skip
    office.act("park", filed.number, "to_approval", **result)
    assert office.refused("park", filed.number, "result", **result) == "guard.doc_no"
    empty = {**result, "why": " ", "doc_no": "1"}
    assert office.refused("park", filed.number, "result", **empty) == "move.fields"


def test_two_officials_cannot_move_over_each_other(office: Office):
    from bot.services import moves  # noqa: PLC0415

    filed = office.investigating()
    version = office.filing(filed.number).version

    def go(unit):
        return moves.perform(
            office.svc, unit, office.people["park"], filed.number, version, "note", {"text": "1"}
        )

    office.do(go)
    with pytest.raises(Refused) as caught:
        office.do(go)
    assert caught.value.key == "move.stale"


def test_who_opened_it_is_told_by_unit_and_role_never_by_name(office: Office):
    from bot.services import views  # noqa: PLC0415

    filed = office.investigating()
    who = office.people["park"]
    office.do(lambda u: views.declare(office.svc, u, who, filed.number, conflict=False))
    office.do(lambda u: views.view(office.svc, u, who, filed.number))
    me = office.reporter(filed)
    asked = office.act(me, filed.number, "request_record")
    assert "12월 3일(목)까지" in office.say(asked.replies[0].text)
    office.act("choi", filed.number, "give_record")
    words = office.words(filed, "notice.record.given")
    assert "11월 23일(월) 오전 10시 12분 감사담당관" in words
    assert "박감사" not in words


def chief(office: Office, login: str = "ryu") -> None:
    """Let the city have a 책임관 beside the audit office."""

    def make(unit) -> None:
        who = users.add(unit, login, "류책임", office.clock(), email="ryu@gaon.example")
        users.grant(unit, who, "chief", office.clock())

    office.do(make)


@pytest.mark.parametrize("there_is_one", [True, False])
def test_what_is_handed_on_twice_comes_to_the_chief_by_its_number(office: Office, there_is_one):
    if there_is_one:
        chief(office)
    filed = office.investigating(answers(share="with_name"))
    office.act("park", filed.number, "refer", **WITHOUT)
    assert office.filing(filed.number).transfers == 1
    office.act(
        "park", filed.number, "transfer", other_agency="나래도", other_phone="1", reason="길"
    )
    assert office.filing(filed.number).transfers == 2
    payloads = office.see(
        lambda u: [outbox.read_payload(u, row.id) or b"" for row in office.rows("mail")]
    )
    (words,) = [load(one) for one in payloads if b"desk.passed_on" in one]
    said = office.say(words.text)
    assert filed.number in said
    assert f"/filings?show=all&number={filed.number}" in said
    assert not any(name in said for name in ("홍길동", "박감사", "나래도", "도로과"))
