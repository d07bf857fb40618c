"""Free words lead to the right road, and what they tell beyond doubt is there already."""

import pytest

from bot.dialogs.replies import Phrase, Say, Summary
from bot.receive import triage
from knowledge import intents
from tests.fakes.city import City, Somebody

TOLD = "10월부터 중앙시장 앞 길이 파였는데 도로과에 1AA-2611-0123456으로 냈어도 그대로예요"


def begun(web: Somebody, city: City, text: str = TOLD) -> Somebody:
    city.intents[text] = "report_passive"
    web.types(text)
    web.press("네, 신고하기")
    web.press("답을 들었는데")
    return web


def test_a_number_a_day_and_a_place_of_the_first_words_are_shown_and_can_be_kept(
    web: Somebody, city: City
) -> None:
    begun(web, city)
    assert '앞에서 쓰신 답: "1AA-2611-0123456"' in web.text
    web.press("그대로 두기")
    assert TOLD in web.text
    web.press("다 썼어요")
    web.types("고쳐 주세요")
    assert "도로과 일이 맞나요" in web.text
    web.press("맞아요")
    web.press("없어요")
    web.press("이름 없이")
    (summary,) = [reply for reply in web.seen if isinstance(reply, Summary)]
    lines = {web.words(one.label): web.words(one.value) for one in summary.items}
    assert lines["언제, 어디서"] == "10월부터, 중앙시장 앞 길"
    assert lines["그때 접수번호"] == "1AA-2611-0123456"
    assert lines["부서"] == "도로과"


def test_what_was_read_can_be_changed(web: Somebody, city: City) -> None:
    begun(web, city)
    web.types("11월 초 전화")
    web.press("지우고 다시 쓰기")
    web.types("길이 파였어요")
    web.press("다 썼어요")
    web.types("고쳐 주세요")
    web.press("모르겠어요")
    web.press("없어요")
    web.press("이름 없이")
    assert "11월 초 전화" in web.text
    web.press("언제, 어디서")
    web.types("11월쯤 시청 앞")
    assert "11월쯤 시청 앞" in web.text


@pytest.mark.parametrize("text", [
    "길이 파였는데 1AA-2611-0123456, 2BB-2611-0123457 두 번 냈어요",
    "길이 파였어요",
])  # fmt: skip
def test_nothing_is_read_that_is_not_beyond_doubt(web: Somebody, city: City, text: str) -> None:
    begun(web, city, text)
    assert "앞에서 쓰신 답" not in web.text


def test_words_that_nobody_understands_go_along_on_the_road_that_is_chosen(
    web: Somebody,
) -> None:
    web.types("가로등이 꺼졌어요")
    assert "어떤 일을 도와 드릴까요" in web.text
    web.press("담당 부서에 알리기")
    assert "가로등이 꺼졌어요" in web.text
    web.commands("stop")
    web.press("지우기")
    web.types("가로등이 또 꺼졌어요")
    web.press("일을 미뤄서")
    web.press("잘 모르겠어요")
    web.press("없어요")
    assert "가로등이 또 꺼졌어요" in web.text


def test_who_means_something_else_chooses_without_writing_again(web: Somebody, city: City) -> None:
    city.intents["허가가 거부됐어요"] = "national_application"
    web.types("허가가 거부됐어요")
    assert "담당 부서에 알리기" not in web.buttons
    web.press("다른 일이에요")
    web.press("담당 부서에 알리기")
    assert "허가가 거부됐어요" in web.text


def test_citizens_are_told_where_officials_ask_and_are_led_there_where_they_may(
    web: Somebody, city: City
) -> None:
    web.types("사전컨설팅")
    assert "처분하기 전에 감사 부서의 의견을 듣는 절차" in web.text
    ours = city.site.preconsulting.model_copy(update={"citizens": True})
    city.settles(preconsulting=ours)
    city.intents["컨설팅을 받고 싶어요"] = "preconsult"
    web.types("컨설팅을 받고 싶어요")
    assert "찾으시는 거지요?" in web.text
    web.press("네, 시작하기")
    assert "사전컨설팅" in web.text


LONG = (
    "10월 5일부터 새봄시장 사거리 보도블록이 깨져 있어서 도로과에 두 번 전화했어요. "
    "그때마다 기다리라고만 합니다. 보도블록을 고쳐 주세요. 제 번호는 010-0000-1234예요."
)


def test_what_was_understood_of_a_long_message_is_said_at_once_and_asked_again(
    web: Somebody, city: City
) -> None:
    city.intents[LONG] = "report_passive"
    web.types(LONG)
    web.press("네, 신고하기")
    assert "이렇게 읽었어요" in web.text
    assert "언제, 어디서: 10월 5일부터, 새봄시장 사거리" in web.text
    assert "바라는 것: 보도블록을 고쳐 주세요." in web.text
    web.press("답을 들었는데")
    web.types("넘어가기")
    web.press("다 썼어요")
    assert '앞에서 쓰신 답: "보도블록을 고쳐 주세요."' in web.text
    web.press("그대로 두기")
    assert "도로과 일이 맞나요" in web.text


def test_of_words_that_tell_nothing_more_nothing_is_said(web: Somebody, city: City) -> None:
    city.intents["신고합니다"] = "report_passive"
    web.types("신고합니다")
    web.press("네, 신고하기")
    assert "이렇게 읽었어요" not in web.text


PERHAPS = "report_passive case_search definition_faq"


def test_what_is_not_sure_is_asked_back_and_its_words_go_along(web: Somebody, city: City) -> None:
    city.intents["길이 파였는데"] = PERHAPS
    web.types("길이 파였는데")
    assert "혹시 이 일인가요?" in web.text
    assert web.buttons == [
        "일을 미뤄서 신고하고 싶어요",
        "사례 찾기",
        "말뜻·제도 묻기",
        "다른 일이에요",
    ]
    web.press("일을 미뤄서")
    web.press("잘 모르겠어요")
    web.press("없어요")
    assert "길이 파였는데" in web.text


def test_none_of_the_three_leads_to_every_road_with_the_words(web: Somebody, city: City) -> None:
    city.intents["길이 파였는데"] = PERHAPS
    web.types("길이 파였는데")
    web.press("다른 일이에요")
    web.press("담당 부서에 알리기")
    assert "길이 파였는데" in web.text


def test_a_question_that_was_asked_back_is_answered_without_writing_again(
    web: Somebody, city: City
) -> None:
    city.intents["보완이 그거"] = PERHAPS
    web.types("보완이 그거")
    city.answers["보완이 그거"] = (Say(Phrase("talk.nothing_open")),)
    web.press("말뜻")
    assert "쓰던 것이 없어요" in web.text


def test_with_questions_only_a_question_is_written_again(telegram: Somebody, city: City) -> None:
    city.intents["보완이 그거"] = PERHAPS
    telegram.commands("info")
    telegram.types("보완이 그거")
    telegram.press("말뜻")
    assert "편하게 물어보세요" in telegram.text
    telegram.types("보완이 그거")
    telegram.press("일을 미뤄서")
    assert "동의" in telegram.text


def test_a_ready_answer_comes_before_three_questions(web: Somebody, city: City) -> None:
    city.intents["보완이 뭐예요"] = PERHAPS
    city.answers["보완이 뭐예요"] = (Say(Phrase("talk.nothing_open")),)
    web.types("보완이 뭐예요")
    assert "쓰던 것이 없어요" in web.text
    assert "혹시 이 일인가요?" not in web.text


def test_every_intent_that_may_be_asked_back_has_a_button_and_leads_on(
    web: Somebody, city: City
) -> None:
    for intent in sorted(set(intents.shipped().names) - triage.NEVER_ASKED):
        city.intents["그거요"] = f"{intent} greeting withdraw"
        web.types("그거요")
        assert len(web.buttons) == 4
        web.press(web.buttons[0])
        assert "혹시 이 일인가요?" not in web.text
        web.commands("stop")
        if any("지우기" in one for one in web.buttons):
            web.press("지우기")


def test_nobody_is_asked_whether_he_threatens(web: Somebody, city: City) -> None:
    city.intents["그거요"] = "abuse_or_threat withdraw greeting"
    web.types("그거요")
    assert "어떤 일을 도와 드릴까요" in web.text
    city.intents["이 미친놈들"] = "abuse_or_threat withdraw greeting"
    web.types("이 미친놈들")
    assert "화가 많이" in web.text
    city.intents["이거요"] = "withdraw abuse_or_threat greeting"
    web.types("이거요")
    assert web.buttons == ["낸 신고 거두기", "처음 화면 보기", "다른 일이에요"]


@pytest.mark.parametrize(
    ("text", "seen", "unseen"),
    [
        ("미친놈들아", "화가 많이", "109"),
        ("씨발 죽고 싶어요", "109", "화가 많이"),
        ("칼 들고 있어요", "112", "화가 많이"),
        ("차라리 없어지는 게", "109", "화가 많이"),
    ],
)
def test_anger_despair_and_danger_are_each_answered(
    web: Somebody, city: City, text: str, seen: str, unseen: str
) -> None:
    city.intents[text] = "abuse_or_threat"
    web.types(text)
    assert seen in web.text
    assert unseen not in web.text
