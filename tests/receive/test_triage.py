"""Free words lead to the right road, and what they tell beyond doubt is there already."""

import pytest

from bot.dialogs.replies import Summary
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
    assert lines["언제, 어디서"] == "10월, 중앙시장"
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
