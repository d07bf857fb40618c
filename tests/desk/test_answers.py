"""Questions that nobody could answer, and the answers: one writes, another lets out."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.errors import Refused
from bot.services import answering, question_lists
from bot.services.answering import Entry
from knowledge import faq
from storage import models
from storage.repositories import questions
from tests.desk.conftest import Desk
from tests.desk.forms import Form, Page
from tests.services.conftest import Office

PARKING = "청사 주차장은 몇 시에 닫나요?"
LIKE = "청사 주차장 몇 시에 닫나요?"
OTHER = "여권은 어디에서 만드나요?"
GIVEN = {
    "question": PARKING, "text": "밤 열 시에 닫습니다.", "source": "가온시 청사 관리 규정",
    "confidence": "확인", "audience": "시민", "category": "청사", "also": LIKE,
}  # fmt: skip


@pytest.fixture
def left(office: Office) -> Office:
    """Let three questions wait, two of them alike."""

    def work(unit):
        for words, times in ((PARKING, 3), (LIKE, 1), (OTHER, 2)):
            for _ in range(times):
                questions.add(unit, words, "ko", office.clock())

    office.do(work)
    return office


def lines(office: Office, what: str) -> list[int]:
    c = models.accesses.c
    found = sa.select(c.count).where(c.what == what)
    return office.see(lambda unit: list(unit.conn.scalars(found)))


def kinds(office: Office) -> list[str]:
    c = models.events.c
    found = sa.select(c.kind).where(c.kind.like("answer%") | c.kind.like("question%"))
    return office.see(lambda unit: list(unit.conn.scalars(found.order_by(c.seq))))


def entry(office: Office, ref: str, login: str = "choi") -> Entry:
    who = office.people[login]
    return office.see(lambda unit: answering.entry(office.svc, unit, who, ref))


def test_what_is_alike_stands_together_the_most_asked_first(left: Office, room: Desk):
    page = room.seat("kim").get("/questions")
    assert page.text.index(PARKING) < page.text.index(OTHER)
    assert "4번" in page.text
    assert "비슷한 질문 1개" in page.text
    assert lines(left, "questions_read") == [3]


def test_a_question_becomes_an_answer_by_two_persons(left: Office, room: Desk):
    kim, choi = room.seat("kim"), room.seat("choi")
    form = kim.get("/faq/new?question=1").form()
    assert form.fields["question"] == [PARKING]
    assert form.fields["also"] == [LIKE]
    answer = kim.send("/faq/new", form, **GIVEN)
    assert answer.status_code == 303
    place = answer.headers["location"].removeprefix("/desk")
    own = kim.get(place)
    assert "쓰신 분은 공개할 수 없습니다" in own.text
    ref = place.rpartition("/")[2]
    assert entry(left, ref).answer.status == "draft"
    assert entry(left, ref).waits == 2
    assert "답 쓰는 중" in kim.get("/questions").text
    form = choi.get(place).form(button="공개하기")
    answer = choi.send(place, form, "publish")
    assert answer.status_code == 303, Page(answer.text).text
    one = entry(left, ref)
    assert one.answer.status == faq.PUBLISHED
    assert one.proposed is None
    assert [group.text for group in _waiting(left)] == [OTHER]
    assert kinds(left) == ["answer_written", "answer_published"]


def _waiting(office: Office):
    who = office.people["kim"]
    return office.do(lambda unit: question_lists.listed(office.svc, unit, who))


def test_whoever_wrote_cannot_let_out_and_a_stale_page_lets_out_nothing(office: Office):
    svc, people = office.svc, office.people
    made = replace(faq.shipped()["F008"], text="우리 시에서는 이렇게 셉니다.")
    office.do(lambda u: answering.write(svc, u, people["park"], made, 0))
    for who, version, why in (("park", 1, "own"), ("choi", 7, "stale")):
        with pytest.raises(Refused, match=f"answers.{why}"):
            office.do(lambda u, w=who, v=version: answering.publish(svc, u, people[w], "F008", v))
    with pytest.raises(Refused, match=r"answers\.stale"):
        office.do(lambda u: answering.write(svc, u, people["choi"], made, 0))
    with pytest.raises(Refused, match=r"answers\.stale"):
        office.do(lambda u: answering.publish(svc, u, people["choi"], "F007", 0))


def test_what_is_published_stays_until_the_new_words_are_let_out(office: Office):
    svc, people = office.svc, office.people
    came = faq.shipped()["F008"]
    made = replace(came, text="우리 시에서는 이렇게 셉니다.")
    office.do(lambda u: answering.write(svc, u, people["park"], made, 0))
    known = svc.library.answers
    assert office.see(lambda u: known.present(u, ["F008"]))["F008"] == came
    office.do(lambda u: answering.publish(svc, u, people["choi"], "F008", 1))
    assert office.see(lambda u: known.present(u, ["F008"]))["F008"] == made


def test_a_shipped_answer_can_be_taken_away_by_one_and_comes_back_by_two(
    office: Office, room: Desk
):
    park = room.seat("park")
    form = park.get("/faq/F008").form(button="내리기")
    answer = park.send("/faq/F008", form, "withdraw")
    assert answer.status_code == 303, Page(answer.text).text
    known = office.svc.library.answers
    assert office.see(lambda u: known.present(u, ["F008"])) == {}
    assert "내림" in park.get("/faq/F008").text
    svc, people = office.svc, office.people
    with pytest.raises(Refused, match=r"answers\.stale"):
        office.do(lambda u: answering.withdraw(svc, u, people["park"], "F008", 1))
    office.do(lambda u: answering.write(svc, u, people["park"], faq.shipped()["F008"], 1))
    office.do(lambda u: answering.publish(svc, u, people["choi"], "F008", 2))
    assert office.see(lambda u: known.present(u, ["F008"])) == {"F008": faq.shipped()["F008"]}


def test_a_draft_that_is_taken_away_lets_its_questions_wait_for_another(left: Office):
    svc, people = left.svc, left.people
    made, wrong = answering.read(GIVEN)
    assert wrong == {}
    ref = left.do(lambda u: answering.write(svc, u, people["kim"], made, 0, [1, 2]))
    assert entry(left, ref).waits == 2
    with pytest.raises(Refused, match=r"answers\.stale"):
        left.do(lambda u: answering.withdraw(svc, u, people["choi"], ref, 9))
    left.do(lambda u: answering.withdraw(svc, u, people["choi"], ref, 1))
    assert entry(left, ref).waits == 0
    assert len(_waiting(left)) == 2


@pytest.mark.parametrize(
    ("field", "value", "key"),
    [
        ("question", "", "error.required"),
        ("source", " \n", "error.required"),
        ("confidence", "아마", "error.required"),
        ("audience", "모두", "error.required"),
        ("text", "가" * 2001, "answers.long"),
        ("also", "가" * 201, "answers.line"),
        ("text", "김씨 번호는 900101-1234567", "answers.personal"),
        ("text", "010-1234-5678로 전화하세요", "answers.personal"),
    ],
)
def test_an_answer_without_what_it_needs_is_not_kept(field: str, value: str, key: str):
    _, wrong = answering.read({**GIVEN, field: value})
    assert wrong[field] == key


def test_an_offices_own_number_may_stand_in_an_answer():
    assert answering.read({**GIVEN, "text": "031-111-2222로 전화하세요"})[1] == {}


def test_a_page_says_what_is_missing_and_loses_nothing(left: Office, room: Desk):
    kim = room.seat("kim")
    form = kim.get("/faq/new?question=1").form()
    answer = kim.send("/faq/new", form, **{**GIVEN, "source": ""})
    assert answer.status_code == 422
    again = Page(answer.text).form()
    assert again.fields["text"] == [GIVEN["text"]]
    assert again.fields["asked"] == ["1"]


def test_two_who_write_at_once_see_it(office: Office, room: Desk):
    park, choi = room.seat("park"), room.seat("choi")
    first, second = park.get("/faq/F007/edit").form(), choi.get("/faq/F007/edit").form()
    assert park.send("/faq/F007/edit", first, text="이레 안에 답합니다.").status_code == 303
    answer = choi.send("/faq/F007/edit", second, text="일곱 날입니다.")
    assert answer.status_code == 409
    assert "먼저 고쳤습니다" in Page(answer.text).text
    assert (
        choi.send("/faq/F007/edit", choi.get("/faq/F007/edit").form(), text="").status_code == 422
    )


def test_a_group_ends_with_a_reason(left: Office, room: Desk):
    kim = room.seat("kim")
    form = _to_end(kim.get("/questions"))
    answer = kim.send("/questions", form, reason=" ")
    assert answer.status_code == 422
    answer = kim.send("/questions", _to_end(Page(answer.text)), reason="이 창구의 일이 아님")
    assert answer.status_code == 303
    assert [group.text for group in _waiting(left)] == [PARKING]
    assert kinds(left) == ["question_dropped"]
    assert left.do(
        lambda u: question_lists.drop(left.svc, u, left.people["kim"], [3], "또")
    ) == 0  # fmt: skip


def _to_end(page: Page) -> Form:
    """Give the form that ends the group which was asked least."""
    return [one for one in page.forms if "reason" in one.names][-1]


def test_what_is_asked_again_after_its_answer_waits_anew(left: Office):
    left.do(lambda u: questions.close(u, [1, 2], "answered", left.clock()))
    assert [group.text for group in _waiting(left)] == [OTHER]
    left.clock.advance(hours=1)
    left.do(lambda u: questions.add(u, PARKING, "ko", left.clock()))
    assert {group.text for group in _waiting(left)} == {OTHER, PARKING}


def test_what_is_not_there_looks_like_nothing(left: Office, room: Desk):
    kim = room.seat("kim")
    assert kim.status("/faq/A-99") == 404
    assert kim.status("/faq/A-99/edit") == 404
    assert kim.get("/faq/new?question=99").form().fields["question"] == [""]
    form = kim.get("/faq/F008").form(button="내리기")
    assert kim.send("/faq/F008", form, "nothing").status_code == 404


@pytest.mark.parametrize("login", ["lee", "jung", "han", "seo"])
def test_nobody_else_may(left: Office, login: str):
    svc, who = left.svc, left.people[login]
    works = (
        lambda u: answering.listed(svc, u, who),
        lambda u: answering.entry(svc, u, who, "F001"),
        lambda u: answering.write(svc, u, who, faq.shipped()["F001"], 0),
        lambda u: question_lists.listed(svc, u, who),
        lambda u: question_lists.one(svc, u, who, 1),
        lambda u: question_lists.drop(svc, u, who, [1], "왜"),
    )
    for work in works:
        with pytest.raises(Refused, match=r"access\.not_allowed"):
            left.do(work)


@pytest.mark.parametrize("typed", ["9" * 19, "9" * 5000, "²"])
def test_a_number_that_no_row_has_is_nothing_of_ours(left: Office, room: Desk, typed: str):
    kim = room.seat("kim")
    form = kim.get("/questions").form()
    answer = kim.send("/questions", form, ids=typed, reason="다른 질문과 같음")
    assert answer.status_code in {303, 422}
    assert len(_waiting(left)) == 2
    assert kim.get(f"/faq/new?question={typed}").form().fields["question"] == [""]
