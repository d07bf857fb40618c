"""A question that nobody can answer: near ones, honestly none, and left for the officials."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.services import peers as people
from bot.services import questions, reminders, replay
from knowledge import faq
from storage import erasures, models
from storage.repositories import questions as rows
from tests.fakes.city import City, Somebody

PARKING = "청사 주차장은 몇 시에 닫나요?"


def left(city: City) -> list[rows.Left]:
    return city.store.read(lambda unit: rows.waiting(unit, 100))


def askers(city: City) -> int:
    count = sa.select(sa.func.count()).select_from(models.question_askers)
    return city.store.read(lambda unit: unit.conn.execute(count).scalar_one())


def answer(city: City) -> None:
    """Let the question that waits have an answer."""

    def work(unit):
        row = {
            "ref": "A-1", "status": "published", "lang": "ko", "question": PARKING,
            "answer": "밤 열 시예요.", "source": "청사 규정", "confidence": "확인",
            "made_at": city.clock(), "changed_at": city.clock(),
        }  # fmt: skip
        made = unit.conn.execute(sa.insert(models.faqs).values(row).returning(models.faqs.c.id))
        ids = [one.id for one in rows.waiting(unit, 10)]
        rows.give(unit, ids, made.scalar_one())
        rows.close(unit, ids, "answered", city.clock())

    city.store.transact(work, None)


def tell(city: City) -> int:
    due = city.store.read(lambda unit: list(questions.due(city.svc, unit)))
    for _, _, work in due:
        city.store.transact(work, None)
    return len(due)


def test_what_is_not_known_is_said_to_be_so(web: Somebody) -> None:
    web.types(PARKING)
    assert "제가 아직 몰라요" in web.text
    assert "질문 남기기" in web.buttons


def test_a_question_is_left_without_who_asked(web: Somebody) -> None:
    web.types("김철수 주무관 전화가 010-1234-5678 맞나요?")
    web.press("질문 남기기")
    assert "누가 물으셨는지는 남기지 않았어요" in web.text
    (one,) = left(web.city)
    assert one.text == "○○○ 주무관 전화가 ▇▇▇ 맞나요?"
    assert askers(web.city) == 0


def test_the_same_words_again_are_only_counted(city: City) -> None:
    for name in "abc":
        somebody = city.person("web", name)
        somebody.types(PARKING if name != "b" else "청사 주차장은 몇시에 닫나요")
        somebody.press("질문 남기기")
    (one,) = left(city)
    assert one.times == 3


def test_what_is_near_is_asked_back_and_told_when_chosen(web: Somebody) -> None:
    web.city.near["언제 되나요?"] = (faq.shipped()["F008"], faq.shipped()["F009"])
    web.types("언제 되나요?")
    assert "혹시 이 질문인가요" in web.text
    web.press(faq.shipped()["F008"].question)
    assert "토요일과 공휴일은 빼고" in web.text
    assert "근거" in web.text


def test_an_answer_that_is_gone_is_said_to_be(web: Somebody) -> None:
    web.commands("faq", "F999")
    assert "이제 여기에 없어요" in web.text


def test_an_answer_in_the_middle_of_a_form_leaves_it_open(web: Somebody) -> None:
    web.commands("report")
    web.commands("faq", "F008")
    assert "토요일과 공휴일은 빼고" in web.text
    assert "같은 일로 전에" in web.text
    web.commands("question")
    assert "궁금한 것을 그대로" in web.text
    assert "같은 일로 전에" in web.text


def test_nothing_is_left_where_words_may_not_be_kept(telegram: Somebody) -> None:
    telegram.commands("start")
    telegram.press("궁금한 것만 묻기")
    telegram.types(PARKING)
    assert "질문 남기기" not in telegram.buttons
    telegram.commands("question", "with_words")
    assert "누리집" in telegram.text
    assert left(telegram.city) == []


def test_who_wants_to_hear_is_told_once_and_then_forgotten(agreed: Somebody) -> None:
    city = agreed.city
    agreed.types(PARKING)
    agreed.press("질문 남기기")
    agreed.press("답이 올라오면 알려 주세요")
    assert "알려 드릴게요" in agreed.text
    assert askers(city) == 1
    assert tell(city) == 0
    answer(city)
    again = city.store.read(lambda unit: list(questions.due(city.svc, unit)))
    assert tell(city) == 1
    assert askers(city) == 0
    for _, _, work in again:  # two processes at once
        city.store.transact(work, None)
    sent = sa.select(sa.func.count()).select_from(models.outbox)
    told = sent.where(models.outbox.c.kind == "notice")
    assert city.store.read(lambda unit: unit.conn.execute(told).scalar_one()) == 1
    agreed.commands("faq", "A-1")
    assert "밤 열 시예요" in agreed.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_clock_finds_whom_to_tell(web: Somebody) -> None:
    city = web.city
    web.types(PARKING)
    web.press("질문 남기기")
    web.press("답이 올라오면 알려 주세요")
    answer(city)
    due = city.store.read(lambda unit: [one.run_key for one in reminders.due_work(city.svc, unit)])
    assert [key for key in due if key.startswith("answered:")]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("mark", ["nonsense", "1.0011223344556677", "99.00", "1.é", ""])
def test_a_question_that_is_gone_cannot_be_waited_for(web: Somebody, mark: str) -> None:
    web.commands("question_tell", mark)
    assert "이제 여기에 없어요" in web.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_person_has_a_measure_a_day(web: Somebody) -> None:
    for n in range(questions.MOST):
        web.types(f"{n}번 청사 주차장은 몇 시에 닫나요?")
        web.press("질문 남기기")
    web.types("정문 옆 주차장은 몇 시에 닫나요?")
    web.press("질문 남기기")
    assert "다 쓰셨어요" in web.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_all_together_have_a_measure_an_hour(changed) -> None:
    city = changed(budget_questions=10)
    for n in range(10):
        somebody = city.person("web", f"n{n}")
        somebody.types(f"{n}층 화장실은 어디에 있나요?")
        somebody.press("질문 남기기")
    last = city.person("web", "last")
    last.types("지하층 화장실은 어디에 있나요?")
    last.press("질문 남기기")
    assert "남기시는 질문이 많아요" in last.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_question_without_words_is_none(web: Somebody) -> None:
    def work(unit):
        with pytest.raises(Exception, match=r"answers\.empty"):
            questions.leave(web.city.svc, unit, 1, "?!", "ko")

    web.city.store.transact(work, None)


def test_who_waits_sees_it_among_his_data_and_can_stop_it(web: Somebody) -> None:
    web.types(PARKING)
    web.press("질문 남기기")
    web.press("답이 올라오면 알려 주세요")
    web.commands("mydata_show")
    assert "알려 드리기로 한 질문: 1개" in web.text
    web.press("질문 알림 그만 받기")
    assert "이제 질문의 답을 알려 드리지 않아요" in web.text
    assert askers(web.city) == 0
    assert len(left(web.city)) == 1
    web.commands("question_forget")
    assert "지울 것이 없어요" in web.text


def test_a_report_without_a_name_cuts_what_the_same_person_asked(web: Somebody) -> None:
    web.types(PARKING)
    web.press("질문 남기기")
    web.press("답이 올라오면 알려 주세요")
    web.commands("report")
    web.press("답을 들었는데")
    web.press("없어요")
    web.types("도로과가 길을 안 고쳐요. 석 달째예요.")
    web.press("다 썼어요")
    web.press("알리고 싶어요")
    while "이름을 밝히고" not in web.text:
        web.press("모르겠어요" if "[모르겠어요]" in web.text else "없어요")
    web.press("이름 없이")
    web.press("안내를 보았고")
    assert askers(web.city) == 0
    assert "이어 둔 것도 지웠어요" in web.text
    assert len(left(web.city)) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_waits_for_an_answer_is_no_unused_peer(web: Somebody, clock) -> None:
    web.types(PARKING)
    web.press("질문 남기기")
    web.press("답이 올라오면 알려 주세요")
    city = web.city
    peer = web.last.peer_id
    city.store.transact(lambda unit: unit.conn.execute(sa.delete(models.dialogs)), None)
    clock.goes(days=10)
    city.store.transact(lambda unit: people.forget_unused(city.svc, unit), None)
    assert askers(city) == 1
    city.store.transact(lambda unit: people.cut(city.svc, unit, peer, clock()), None)
    assert askers(city) == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_question_is_destroyed_when_its_time_is_over(web: Somebody, clock) -> None:
    web.types(PARKING)
    web.press("질문 남기기")
    web.press("답이 올라오면 알려 주세요")
    city = web.city
    before = clock() - timedelta(days=1)
    assert city.store.transact(lambda unit: rows.sweep(unit, before), None) == 0
    assert city.store.transact(lambda unit: rows.sweep(unit, clock() + timedelta(1)), None) == 1
    assert left(city) == []
    assert askers(city) == 0


def test_a_question_that_is_about_something_else_can_be_left_too(web: Somebody) -> None:
    web.city.intents[PARKING] = "status_query definition_faq human_agent"
    web.types(PARKING)
    web.press("다른 일이에요")
    assert "제가 아직 몰라요" in web.text
    web.press("질문 남기기")
    assert len(left(web.city)) == 1


def test_of_a_question_that_may_be_several_things_the_near_answers_are_asked_back(
    web: Somebody,
) -> None:
    web.city.intents["답변 기간"] = "deadline_question status_query"
    web.city.near["답변 기간"] = (faq.shipped()["F007"],)
    web.types("답변 기간")
    assert faq.shipped()["F007"].question in web.buttons


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_waited_is_forgotten_again_after_a_restore(web: Somebody) -> None:
    city, store = web.city, web.city.store
    web.types(PARKING)
    web.press("질문 남기기")
    web.press("답이 올라오면 알려 주세요")
    c = models.question_askers.c
    was = store.read(lambda unit: unit.conn.execute(sa.select(c)).mappings().one())
    web.commands("question_forget")
    back = sa.insert(models.question_askers).values(was)
    store.transact(lambda unit: unit.conn.execute(back), None)
    lines = erasures.read(store.erasures.path, store.ring)
    done = store.transact(lambda unit: replay.replay(city.svc, unit, lines), None)
    assert done == {questions.FORGOTTEN: 1}
    assert askers(city) == 0
