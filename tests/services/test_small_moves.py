"""The lesser moves, each with what it leaves behind."""

from sqlalchemy import select

from bot.services import peers, status, views, wishes
from storage import models
from storage.repositories import peers as repository
from tests.services.conftest import Office, answers, at, keys_of
from tests.services.test_report_story import APPROVED, RESULT


def asked_for_papers(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "ask_supplement", items="사진", why="곳", days="7")
    office.goes("2026-12-01 09:30")
    return filed


def test_an_office_may_go_on_with_what_it_has(office: Office):
    filed = asked_for_papers(office)
    office.act("park", filed.number, "go_on", why="현장 사진으로 충분합니다")
    assert "현장 사진으로 충분합니다" in office.words(filed, "notice.supplement.go_on")
    assert office.filing(filed.number).due_at is not None


def test_a_request_that_came_back_twice_is_a_withdrawal(office: Office):
    filed = asked_for_papers(office)
    office.act(
        "choi",
        filed.number,
        "deem_withdrawn",
        first_return="2026-11-26",
        second_return="2026-11-30",
    )
    filing = office.filing(filed.number)
    assert (filing.state, filing.outcome) == ("withdrawn", "withdrawn")


def test_a_head_sends_an_answer_back_and_the_draft_is_not_lost(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "to_approval", **RESULT)
    office.act("choi", filed.number, "send_back", why="까닭을 더 적어 주세요")
    assert "desk.sent_back" in office.tasks("park")
    from bot.services import moves  # noqa: PLC0415

    found = office.see(
        lambda u: moves.available(office.svc, u, office.people["park"], filed.number)
    )
    again = next(move for move in found if move.action == "to_approval")
    assert again.prefill["why"] == RESULT["why"]
    assert again.form is not None


def test_who_declares_an_interest_hands_the_report_over(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "recuse", why="친척이 그 부서에 있습니다")
    assert office.filing(filed.number).assignee_id is None
    assert office.refused("park", filed.number, "note", text="x") == "filing.unknown"
    assert office.refused("kim", filed.number, "reassign", handler="park") == "guard.conflict"
    office.act("kim", filed.number, "reassign", handler="lim")
    assert office.filing(filed.number).assignee_id == office.people["lim"].user_id


def test_papers_are_given_back_when_asked_for(office: Office):
    filed = office.file()
    office.act(office.reporter(filed), filed.number, "withdraw", return_papers="yes")
    assert "return_papers" in office.tasks("kim")


def test_who_is_not_content_is_asked_what_is_left_and_told_of_other_ways(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "to_approval", **RESULT)
    office.act("park", filed.number, "result", **RESULT, **APPROVED)
    me = office.reporter(filed)
    done = office.act(me, filed.number, "survey", satisfied="no", left="아직 파여 있어요")
    assert keys_of(done.replies) == ["notice.survey.left"]
    assert "국민권익위원회에 소극행정 재신고" in office.say(done.replies[0].text)


def test_each_wish_is_marked_and_the_status_says_it_back(office: Office):
    filed = office.investigating()
    result = RESULT | {"demands": "길 보수: 받아들임.\n\n까닭 설명: 받아들임."}
    office.act("park", filed.number, "to_approval", **result)
    office.act("park", filed.number, "result", **result, **APPROVED)
    me = office.reporter(filed)
    seen = office.see(lambda u: status.by_number(office.svc, u, me, filed.number))
    assert seen.wishes == ""
    unknown = {"satisfied": "partly", "unmet": ["듣지 못한 줄"]}
    assert office.refused(me, filed.number, "survey", **unknown) == "move.fields"
    left = {"satisfied": "partly", "unmet": ["길 보수: 받아들임."]}
    done = office.act(me, filed.number, "survey", **left)
    assert "국민권익위원회에 소극행정 재신고" in office.say(done.replies[0].text)
    seen = office.see(lambda u: status.by_number(office.svc, u, me, filed.number))
    marks = (
        "· 남았다고 하셨어요: 길 보수: 받아들임.\n· 이루어졌다고 하셨어요: 까닭 설명: 받아들임."
    )
    assert office.say(seen.wishes) == marks
    assert marks in office.say(done.replies[0].text)
    assert wishes.some_left(seen.wishes)
    office.act(me, filed.number, "survey", satisfied="yes")
    seen = office.see(lambda u: status.by_number(office.svc, u, me, filed.number))
    assert "남았다고" not in office.say(seen.wishes)
    assert not wishes.some_left(seen.wishes)


def test_of_one_wish_nothing_is_marked(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "to_approval", **RESULT)
    office.act("park", filed.number, "result", **RESULT, **APPROVED)
    me = office.reporter(filed)
    office.act(me, filed.number, "survey", satisfied="no", unmet=[RESULT["demands"]])
    seen = office.see(lambda u: status.by_number(office.svc, u, me, filed.number))
    assert seen.wishes == ""


def test_the_handler_does_not_see_whose_mark_it_was(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "to_approval", **RESULT)
    office.act("park", filed.number, "result", **RESULT, **APPROVED)
    office.act(office.reporter(filed), filed.number, "survey", satisfied="no", left="x")
    who = office.people["park"]
    office.do(lambda u: views.declare(office.svc, u, who, filed.number, conflict=False))
    seen = office.do(lambda u: views.view(office.svc, u, who, filed.number))
    assert "survey" not in {one.kind for one in seen.timeline}
    told = {one.detail.get("key") for one in seen.timeline}
    assert "notice.result.named" in told
    assert "notice.survey.left" not in told


def test_a_second_question_about_papers_keeps_its_own_time(office: Office):
    filed = asked_for_papers(office)
    office.act("park", filed.number, "ask_again", items="사진", days="10")
    assert "12월 11일(금)까지(10일 이내)" in office.words(filed, "notice.supplement.second")
    me = office.reporter(filed)
    seen = office.see(lambda u: views.by_number(office.svc, u, me, filed.number))
    assert "12월 11일" in office.say(seen.then)
    assert "supplement_extend" not in seen.actions
    office.act(me, filed.number, "supplement_reply", text="없습니다")
    assert office.filing(filed.number).state == "investigating"


def test_a_status_says_where_it_went(office: Office):
    filed = office.investigating()
    office.act(
        "park", filed.number, "transfer", other_agency="나래도", other_phone="110", reason="r"
    )
    me = office.reporter(filed)
    seen = office.see(lambda u: views.by_number(office.svc, u, me, filed.number))
    assert "나래도 일이라" in office.say(seen.now)
    assert seen.closed


def test_a_derivation_is_told_line_by_line(office: Office):
    filed = office.investigating()
    office.clock.set(at("2026-11-25 11:00"))
    office.act("park", filed.number, "ask_supplement", items="사진", why="곳", days="7")
    office.clock.set(at("2026-11-27 10:00"))
    office.act(office.reporter(filed), filed.number, "supplement_reply", text="x")
    me = office.reporter(filed)
    seen = office.see(lambda u: views.by_number(office.svc, u, me, filed.number))
    told = [office.say(words) for words in views.derivation_words(seen.lines)]
    assert told[0] == "11월 23일(월) 1일째"
    assert "11월 25일(수)~11월 27일(금) 보완 기간 뺌 (나간 날·돌아온 날 포함)" in told
    assert "11월 28일(토)~11월 29일(일) 토·일 뺌" in told
    assert told[-1] == "→ 12월 4일(금)까지"


def test_cutting_a_messenger_off_ends_the_thread_to_its_reports(office: Office):
    filed = office.file(answers(), channel="telegram", address="77")
    peer = office.filing(filed.number).peer_id
    office.do(lambda u: peers.agree(office.svc, u, peer, peers.TRANSFER, "v1"))
    office.do(lambda u: peers.unlink(office.svc, u, peer))
    assert office.filing(filed.number).peer_id is None
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    office.act("park", filed.number, "start")
    assert office.rows("telegram") == []
    office.clock.advance(days=1, minutes=1)
    office.tick()
    assert office.see(lambda u: repository.find(u, "telegram", "telegram", "77")) is None
    left = office.see(lambda u: u.conn.execute(select(models.consents)).all())
    assert left == []
