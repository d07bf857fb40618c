"""Words outside any form."""

from typing import Any

import pytest
import sqlalchemy as sa

from bot.dialogs.events import Attach, Attached, Located
from bot.dialogs.replies import Phrase, Say
from bot.receive import ready
from bot.services import attachments
from bot.services.answers import Answers
from knowledge import faq
from storage import models
from storage.errors import Busy
from storage.repositories import peers
from tests.fakes.city import City, Somebody
from tests.pictures import jpeg

ANSWER = (Say(Phrase("talk.nothing_open")),)


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        ("신고", "일을 미루거나"),
        ("report", "일을 미루거나"),
        ("내 신고", "내신 신고가 아직"),
        ("도움", "이렇게 쓰실 수 있어요"),
        ("help", "이렇게 쓰실 수 있어요"),
        ("그만", "쓰던 것이 없어요"),
        ("stop", "쓰던 것이 없어요"),
        ("이어서", "쓰던 것이 없어요"),
        ("처음으로", "무엇을 도와 드릴까요"),
        ("내 정보", "지워 달라고 요구하실 수 있지만"),
        ("직원 연결", "전화해 주세요"),
        ("/start", "무엇을 도와 드릴까요"),
        ("/nonsense", "어떤 일을 도와 드릴까요"),
    ],
)
def test_words_that_are_commands(web: Somebody, words: str, seen: str) -> None:
    web.types(words)
    assert seen in web.text


def test_a_number_picks_from_the_menu(web: Somebody) -> None:
    web.commands("start")
    web.types("1")
    assert "일을 미루거나" in web.text


def test_what_sounds_like_a_report_is_asked_about_and_its_words_are_kept(
    web: Somebody, city: City
) -> None:
    said = "길 파인거 몇번을 말해도 안고쳐줘요"
    city.intents[said] = "report_passive"
    web.types(said)
    assert "신고하시려는 거지요?" in web.text
    web.press("네, 신고하기")
    web.press("답을 들었는데")
    web.press("없어요")
    assert said in web.text


def test_the_other_ways_out_of_the_guess(web: Somebody, city: City) -> None:
    city.intents["안 고쳐줘요"] = "report_passive"
    web.types("안 고쳐줘요")
    web.press("담당 부서에 알리기")
    assert "안 고쳐줘요" in web.text
    assert "담당 부서에 알릴 글" in web.text
    web.commands("stop")
    web.press("지우기")
    web.types("안 고쳐줘요")
    web.press("다른 일이에요")
    assert "어떤 일을 도와 드릴까요" in web.text


def test_with_questions_only_no_words_are_kept_for_a_report(
    telegram: Somebody, city: City
) -> None:
    city.intents["안 고쳐줘요"] = "report_passive"
    telegram.commands("info")
    telegram.types("안 고쳐줘요")
    telegram.press("네, 신고하기")
    telegram.press("만 14세 이상이고")
    telegram.commands("report", "with_words")
    telegram.press("답을 들었는데")
    telegram.press("없어요")
    assert "안 고쳐줘요" not in telegram.text


@pytest.mark.parametrize(
    ("intent", "seen"),
    [
        ("greeting", "무엇을 도와 드릴까요"),
        ("status_query", "내신 신고가 아직"),
        ("privacy_request", "지워 달라고 요구하실 수 있지만"),
        ("human_agent", "전화해 주세요"),
        ("national_application", "국민신청 길잡이를 찾으시는 거지요?"),
        ("abuse_or_threat", "109"),
        ("preconsult", "처분하기 전에 감사 부서의 의견"),
        ("committee_opinion", "적극행정위원회"),
        ("official_support", "공무원"),
        ("recommend_official", "추천"),
        ("newsletter_subscribe", "소식 받기 동의(선택)"),
        ("newsletter_unsubscribe", "받고 계신 소식이 없어요"),
        ("reminder_settings", "저희가 먼저 알려"),
        ("re_report", "다시 신고하실 수"),
        ("objection_info", "통지서에 적힌 기한"),
        ("out_of_scope", "담당 부서에 낼 글"),
        ("deadline_question", "답은 제가 아직 몰라요"),
    ],
)
def test_intents_lead_somewhere(web: Somebody, city: City, intent: str, seen: str) -> None:
    city.intents["아무 말"] = intent
    web.types("아무 말")
    assert seen in web.text


def test_a_ready_answer_is_given(web: Somebody, city: City) -> None:
    city.answers["소극행정이 뭐예요?"] = ANSWER
    web.types("소극행정이 뭐예요?")
    assert "쓰던 것이 없어요" in web.text
    assert "더 궁금한 것이 있으세요?" in web.text
    city.answers["그냥 말"] = ANSWER
    web.types("그냥 말")
    assert "쓰던 것이 없어요" in web.text


def test_a_side_question_inside_a_form_is_offered_its_answer(web: Somebody, city: City) -> None:
    city.answers["소극행정이 뭐예요?"] = ANSWER
    web.report()
    web.types("소극행정이 뭐예요?")
    assert "쓰던 것이 없어요" in web.text


def test_what_nobody_understands_gets_ways_on(web: Somebody) -> None:
    web.types("ㅁㄴㅇㄹ")
    assert "어떤 일을 도와 드릴까요" in web.text
    assert "직원과 통화" in web.text


def test_a_number_outside_a_form_is_hidden_and_told(web: Somebody, agreed: Somebody) -> None:
    web.types("제 번호는 900101-1234567 이에요")
    assert "주민등록번호처럼" in web.text
    assert "1234567" not in web.text
    received = agreed.types("제 번호는 900101-1234567 이에요", message="9")
    assert [row.delete for row in received.rows if row.delete] == ["9"]


def test_a_number_inside_a_form_deletes_the_message_it_came_in(agreed: Somebody) -> None:
    agreed.commands("report")
    agreed.press("답을 들었는데")
    received = agreed.types("900101-1234567", message="12")
    assert [row.delete for row in received.rows if row.delete] == ["12"]
    assert "주민등록번호처럼" in agreed.text


def test_despair_is_answered_first(web: Somebody) -> None:
    web.types("죽고 싶어요")
    assert "109" in web.text


def test_the_caption_of_a_photo_is_read(web: Somebody) -> None:
    web.sends("photo", text="신고")
    assert "일을 미루거나" in web.text


def test_what_is_no_word_gets_a_clear_answer(web: Somebody) -> None:
    web.sends("sticker")
    assert "읽을 수 없어요" in web.text
    web.types("   ")
    assert "읽을 수 없어요" in web.text


def test_an_edited_message_is_looked_at_for_numbers_only(agreed: Somebody) -> None:
    received = agreed.types("제 번호는 900101-1234567", message="7", edited=True)
    assert [row.delete for row in received.rows if row.delete] == ["7"]
    assert agreed.types("신고", message="8", edited=True).rows == ()
    assert agreed.sends("photo", edited=True).rows == ()


def test_an_edit_in_the_middle_of_a_form_is_told_not_to_count(agreed: Somebody) -> None:
    agreed.commands("report")
    agreed.press("답을 들었는데")
    agreed.press("없어요")
    agreed.types("길이 파였어요", message="7")
    done = agreed.event_of("다 썼어요")
    agreed.types("길이 크게 파였어요", message="7", edited=True)
    assert "새로 적어 주세요" in agreed.text
    agreed.does(done)
    assert "지난 질문" not in agreed.text
    assert agreed.types("", message="7", edited=True).rows == ()


def test_a_report_with_words_that_nobody_kept_begins_empty(web: Somebody) -> None:
    web.commands("report", "with_words")
    web.press("답을 들었는데")
    web.press("없어요")
    assert "처음에 쓰신 글" not in web.text


def test_what_is_known_is_answered_with_its_source() -> None:
    known = ready.warm(Answers())
    found = known.answer("소극행정이 뭐예요?", "ko")
    assert found is not None
    assert "help.source" in str(found)
    assert known.answer("ㅁㄴㅇㄹ", "ko") is None
    assert known.near("ㅁㄴㅇㄹ") == ()


def test_the_meaning_of_a_term_is_told_with_its_source() -> None:
    found = ready.Ready(Answers()).answer("반려가 무슨 뜻이에요?", "ko")
    assert found is not None
    assert "answers.term" in str(found)
    assert "help.source" in str(found)


def test_a_database_that_is_away_does_not_keep_the_service_from_starting() -> None:
    class Away(Answers):
        def known(self):
            raise Busy

    assert ready.warm(Away()).known.__class__ is Away


def test_where_nobody_talks_nothing_is_read_beforehand():
    class Unread(Answers):
        def known(self) -> Any:
            raise AssertionError

    with pytest.raises(AssertionError):
        ready.warm(Unread())
    assert ready.warm(Unread(), now=False).known.__class__ is Unread


def test_what_nobody_confirmed_says_so() -> None:
    unsure = next(one for one in faq.shipped().values() if not one.verified)
    assert "help.unverified" in str(ready.Ready(Answers()).answer(unsure.question, "ko"))


def test_a_guess_is_made_only_from_words_that_mean_something() -> None:
    assert ready.guess("공무원이 일을 미뤄요") == ("report_passive",)
    assert ready.guess("...") == ()


def test_what_is_not_sure_is_asked_back_as_three() -> None:
    asked = [
        ready.guess(text) for text in ("그거 언제", "신고 그거요", "접수한 거 취소 다시", "확인")
    ]
    assert {len(one) for one in asked} <= {0, 1, 3}
    assert 3 in {len(one) for one in asked}


def test_a_file_that_nobody_asked_for_is_not_kept_and_that_is_said(agreed: Somebody) -> None:
    agreed.sends("photo")
    assert "저장하지 않았어요" in agreed.text
    assert "일을 미뤄서 신고하고 싶어요" in agreed.buttons
    assert "낸 신고 확인하기" in agreed.buttons
    assert kept(agreed) == []
    agreed.press("일을 미뤄서")
    assert "같은 일로 전에" in agreed.text


def test_the_words_under_such_a_file_are_heard_all_the_same(agreed: Somebody) -> None:
    agreed.city.intents["길 파인 거 몇 번을 말해도 안 고쳐줘요"] = "report_passive"
    agreed.sends("photo", text="길 파인 거 몇 번을 말해도 안 고쳐줘요")
    assert "저장하지 않았어요" in agreed.text
    assert "신고하시려는" in agreed.text
    assert kept(agreed) == []


def test_an_album_that_nobody_asked_for_is_answered_once(agreed: Somebody) -> None:
    first = agreed.sends("photo", album="a1")
    assert first.rows
    assert [agreed.sends("photo", album="a1").rows for _ in range(3)] == [(), (), ()]
    assert agreed.sends("photo", album="a2").rows
    assert agreed.sends("photo").rows


def test_a_place_that_nobody_asked_for_is_not_kept_and_that_is_said(agreed: Somebody) -> None:
    agreed.does(Located(37.5, 127.0))
    assert "위치는 저장하지 않았어요" in agreed.text
    assert "일을 미뤄서 신고하고 싶어요" in agreed.buttons


def test_what_cannot_be_read_is_no_lost_file(agreed: Somebody) -> None:
    agreed.sends("sticker", sources=())
    assert "읽을 수 없어요" in agreed.text
    assert "저장하지" not in agreed.text


def test_a_page_deletes_what_it_stored_of_a_file_that_nobody_asked_for(web: Somebody) -> None:
    web.commands("start")
    stored = uploaded(web)
    web.does(Attach((stored,)))
    assert "저장하지 않았어요" in web.text
    assert kept(web) == []
    assert web.city.store.blobs.names() == []


def test_a_form_that_takes_no_files_says_that_one_was_not_kept(web: Somebody) -> None:
    web.report()
    web.press("안내를 보았고")
    web.press("내 신고 보기")
    web.press("거두라는 말을 들었어요")
    web.does(Attach((uploaded(web),)))
    assert "저장하지 않았어요" in web.text
    assert kept(web) == []


def kept(person: Somebody) -> list[Any]:
    table = models.attachments
    return person.city.store.read(lambda unit: list(unit.conn.execute(sa.select(table))))


def uploaded(person: Somebody) -> Attached:
    """Store a file as the page does before it tells the dialog."""
    city = person.city
    peer = city.store.read(lambda unit: peers.find(unit, "web", person.account, person.address))
    assert peer is not None
    return city.store.transact(
        lambda unit: attachments.put(city.svc, unit, unit.blobs, peer.id, "a.jpg", jpeg()), None
    )
