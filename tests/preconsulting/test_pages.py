"""사전컨설팅 at the desk: the whole form, the head's page, one's own page, the audit office's."""

from collections.abc import Callable
from typing import Any

from bot.services import sight
from bot.services.base import CLOCK
from tests.desk.forms import Page
from tests.preconsulting.conftest import Seat
from tests.services import applying
from tests.services.conftest import Office

Sit = Callable[[str], Seat]
NEW = "/applications/new?procedure=preconsulting"


def hand_up(seat: Seat, path: str = NEW, **changes: Any) -> Any:
    form = seat.get(path).form("", "올리기")
    words = {name: value for name, value in applying.words(**changes).items() if value}
    return seat.send("/applications/new", form, **{**words, "declare": "yes"})


def number_of(office: Office) -> str:
    """Give the number of the newest filing."""
    found = office.see(lambda u: sight.several(u, sight.visible_filings(CLOCK)))
    return max(found, key=lambda one: one.id).number


def test_an_application_goes_from_the_form_over_the_head_to_the_audit_office(
    office: Office, seat: Sit
):
    writer, head, intake = seat("lee"), seat("gil"), seat("kim")
    assert "의견을 듣는 절차입니다" in writer.get(NEW).text
    answer = hand_up(writer)
    assert answer.status_code == 303
    assert "부서장에게 올렸습니다" in writer.get("/applications?said=sent").text
    number = number_of(office)
    assert intake.status(f"/filings/{number}") == 404
    page = head.get(f"/applications/{number}")
    assert "이도로" in page.text
    assert "승인하면 감사 부서에 제출됩니다" in page.text
    path = f"/applications/{number}/approve"
    form = head.get(path).form("", "승인하고")
    undeclared = head.send(path, form)
    assert undeclared.status_code == 422
    done = head.send(path, Page(undeclared.text).form("", "승인하고"), declare="yes")
    assert done.headers["location"].endswith(f"/applications/{number}?done=approve")
    assert office.filing(number).state == "handed"
    assert applying.words()["task"] in intake.open(number).text
    assert intake.move(number, "receive").status_code == 303
    assert office.filing(number).state == "received"


def test_a_ground_shows_another_road_and_keeps_every_word(office: Office, seat: Sit):
    writer = seat("lee")
    answer = hand_up(writer, clear="yes")
    assert answer.status_code == 422
    page = Page(answer.text)
    assert "법령이 분명하면 사전컨설팅 대상이 아닙니다" in page.text
    assert 'data-when="clear" data-is="yes"' in answer.text
    kept = page.form("", "올리기").fields
    assert kept["background"] == [applying.words()["background"]]
    assert kept["clear"] == ["yes"]
    again = writer.send("/applications/new", page.form("", "올리기"), clear="no")
    assert again.status_code == 303


def test_what_is_sent_back_is_written_on(office: Office, seat: Sit):
    number = applying.apply(office)
    head, writer = seat("gil"), seat("lee")
    assert head.move(number, "ask_revision", why="을설을 더 적어 주세요").status_code == 303
    page = writer.get(f"/applications/{number}")
    assert "을설을 더 적어 주세요" in page.text
    path = f"{NEW}&after={number}"
    form = writer.get(path).form("", "올리기")
    assert form.fields["task"] == [applying.words()["task"]]
    assert "declare" not in form.fields
    done = writer.send("/applications/new", form, declare="yes", view_b="더 적은 을설")
    assert done.status_code == 303
    second = number_of(office)
    assert office.filing(number).state == "revised"
    assert number in writer.get(f"/applications/{second}").text
    assert second in writer.get(f"/applications/{number}").text


def test_the_reply_is_read_question_by_question_and_the_outcome_told(office: Office, seat: Sit):
    number = applying.reviewing(office)
    auditor, writer = seat("park"), seat("lee")
    auditor.open(number)
    form = auditor.get(f"/filings/{number}/moves/reply").form()
    assert "opinion_2" in form.names
    assert "opinion_3" not in form.names  # it was not asked
    assert applying.words()["question_2"] in auditor.get(f"/filings/{number}/moves/reply").text
    applying.replied(office, number)
    page = writer.get(f"/filings/{number}")  # the link of every notice
    assert "질문 2에서 지킬 조건" in page.text
    assert "사실이 다르면 이 의견을 그대로 쓸 수 없습니다" in page.text
    answer = writer.move(number, "report_outcome", followed="as_advised", text="그대로 했습니다.")
    assert answer.status_code == 303
    assert office.filing(number).state == "reported"


def test_nobody_else_opens_it(office: Office, seat: Sit):
    number = applying.apply(office)
    for who in ("nam", "jung", "kim", "choi", "han", "seo"):
        assert seat(who).status(f"/applications/{number}") == 404, who
        assert seat(who).status(f"/applications/{number}/approve") == 404, who
    assert seat("lee").status(f"/applications/{number}/approve") == 303  # only to its page


def test_the_same_form_sent_twice_is_one_application(office: Office, seat: Sit):
    writer = seat("lee")
    form = writer.get(NEW).form("", "올리기")
    words = {name: value for name, value in applying.words().items() if value}
    for _ in range(2):
        assert writer.send("/applications/new", form, **{**words, "declare": "yes"})
    lines = writer.get("/applications").text
    assert lines.count("승인 대기") == 1


def test_two_who_decide_at_once_the_second_is_told(office: Office, seat: Sit):
    number = applying.apply(office)
    head = seat("gil")
    path = f"/applications/{number}/approve"
    form = head.get(path).form("", "승인하고")
    office.act("gil", number, "ask_revision", why="고쳐 주세요")
    late = head.send(path, form, declare="yes")
    assert (
        late.status_code == 303
    )  # there is nothing to approve any more: its page says how it stands
    assert office.filing(number).state == "sent_back"


def test_beside_the_replies_stand_published_cases_that_are_like_it(office: Office, seat: Sit):
    writer = seat("lee")
    form = writer.get(NEW).form("", "올리기")
    words = {name: value for name, value in applying.words().items() if value}
    given = {**words, "task": "봉안당 증축", "question_1": "봉안당을 늘릴 수 있습니까?"}
    looked = writer.send("/applications/new", form, **{**given, "step": "look"})
    assert "참고할 사례" in looked.text
    assert "/cases/AC-001" in looked.text
    assert "봉안당을 늘릴 수 있습니까?" in looked.text
