"""국민신청 길잡이: what the three questions come to, and the words that are made of the answers."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogs import national_application as national
from bot.dialogs.engine import Done, Leave
from bot.dialogs.events import Command
from bot.dialogs.form import Context
from bot.dialogs.replies import Ask, Elsewhere, Sheet
from bot.settings_values import EPEOPLE
from tests.dialogs.chat import SITE, Chat, context

LOOKED_UP = {
    **SITE,
    "limits.objection.days": "60",
    "limits.objection.checked": "2026-10-05",
    "limits.suggestion_reexam.days": "15",
    "limits.suggestion_reexam.checked": "2026-10-05",
}
NEVER = "여기서 쓴 것만으로는 신청된 것이 아니에요"


def chat(ctx: Context | None = None) -> Chat:
    return Chat(form=national.FORM, ctx=ctx or context())


def to_card(one: Chat, *presses: str, day: str = "모르겠어요") -> Chat:
    for label in presses:
        one.press(label)
    if isinstance(one.last, Ask) and one.last.step == "notified":
        one.say(day)
    return one


def to_sheet(one: Chat) -> Chat:
    to_card(one, "민원이 거부됐다는 통지", "법이나 규정이 없대요", "허가·등록·신고")
    one.press("신청글 준비하기").say("가온시 건축과, 2026-1234")
    one.say("옥상에서 음식을 팔고 싶어요").press("다 썼어요").say("규정이 없어 허가할 수 없음")
    return one.say("기준을 세워 주세요. 작은 가게들이 좋아져요").press("다 썼어요")


def result(one: Chat) -> national.NationalApplication:
    assert isinstance(one.turn.outcome, Done)
    assert isinstance(one.turn.outcome.answers, national.NationalApplication)
    return one.turn.outcome.answers


@pytest.mark.parametrize(
    ("presses", "card", "why"),
    [
        (
            ("민원이 거부됐다는 통지", "법이나 규정이 없대요", "허가·등록·신고"),
            "맞을 수 있어요",
            "법이나 규정이 없다는 까닭으로 민원이",
        ),
        (
            ("제안이 채택되지 않았다는 통지", "법이 분명하지 않대요"),
            "맞을 수 있어요",
            "법이 분명하지 않다는 까닭으로 제안이",
        ),
        (("받은 통지가 없어요",), "어려워 보여요", "통지를 받은 뒤에"),
        (
            ("민원이 거부됐다는 통지", "법이나 규정이 없대요", "그 밖의 간단한 생활 불편"),
            "어려워 보여요",
            "기타민원",
        ),
        (
            ("민원이 거부됐다는 통지", "법에서 안 된다고 해요", "허가·등록·신고"),
            "어려워 보여요",
            "법에서 안 된다고 정한 일은 달라요",
        ),
        (
            ("제안이 채택되지 않았다는 통지", "다른 까닭"),
            "어려워 보여요",
            "까닭일 때 하는 것이에요",
        ),
        (
            ("민원이 거부됐다는 통지", "법이 분명하지 않대요", "모르겠어요"),
            "통지서를 봐야 알 수 있어요",
            "통지서를 보면 알 수 있어요",
        ),
    ],
)
def test_the_card_says_what_it_is_and_why(presses: tuple[str, ...], card: str, why: str):
    one = to_card(chat(), *presses)
    assert card in one.text()
    assert why in one.text()
    assert "국민권익위원회가 판단해요" in one.text()


def test_a_reason_that_nobody_knows_is_asked_in_the_words_of_the_notice():
    one = to_card(chat(), "민원이 거부됐다는 통지", "잘 모르겠어요")
    assert "그 문장을 그대로" in one.text()
    one.say("조례에 근거가 없어 어렵습니다").press("불편·억울함을 풀어 달라").say("모르겠어요")
    assert "통지서를 봐야 알 수 있어요" in one.text()
    one.press("신청글 준비하기").press("건너뛰기").say("쉼터를 늘리고 싶어요").press("다 썼어요")
    assert one.ask.step == "wish"  # the sentence was told already
    one.say("늘려 주세요").press("다 썼어요")
    assert "조례에 근거가 없어 어렵습니다" in one.text()


@pytest.mark.parametrize(
    ("presses", "roads"),
    [
        (("받은 통지가 없어요",), ["소극행정 신고:", "일반 민원:"]),
        (("제안이 채택되지 않았다는 통지", "다른 까닭"), ["제안 재심사:"]),
        (
            ("민원이 거부됐다는 통지", "법에서 안 된다고 해요", "허가·등록·신고"),
            ["이의신청:", "규제 개선 건의:", "소극행정 신고:"],
        ),
        (
            ("민원이 거부됐다는 통지", "다른 까닭", "법령·제도 질문"),
            ["고충민원:", "소극행정 신고:"],
        ),
    ],
)
def test_where_it_does_not_fit_there_are_other_roads_and_this_one_stays_open(
    presses: tuple[str, ...], roads: list[str]
):
    one = to_card(chat(), *presses)
    at = [one.text().index(road) for road in roads]
    assert at == sorted(at)
    assert "그래도 국민신문고에 내실 수는 있어요" in one.text()
    one.press("그래도 글 준비하기")
    assert one.ask.step in {"ref", "goal"}


@pytest.mark.parametrize(
    ("presses", "day", "said"),
    [
        (
            ("민원이 거부됐다는 통지", "다른 까닭", "허가·등록·신고"),
            "11월 3일",
            "1월 2일(토)까지로",
        ),
        (("제안이 채택되지 않았다는 통지", "다른 까닭"), "11월 3일", "11월 18일(수)까지였던"),
        (("제안이 채택되지 않았다는 통지", "다른 까닭"), "11월 8일", "11월 23일(월)까지로"),
    ],
)
def test_a_running_time_limit_is_told_with_the_day_it_was_looked_up(
    presses: tuple[str, ...], day: str, said: str
):
    one = to_card(chat(context(site=LOOKED_UP)), *presses, day=day)
    assert said in one.text()
    assert "2026년 10월 5일" in one.text()
    assert "통지서에 적힌 기한이 먼저예요" in one.text()


@pytest.mark.parametrize(
    ("site", "presses", "day"),
    [
        (SITE, ("민원이 거부됐다는 통지", "다른 까닭", "허가·등록·신고"), "11월 3일"),
        (LOOKED_UP, ("민원이 거부됐다는 통지", "다른 까닭", "허가·등록·신고"), "모르겠어요"),
        (LOOKED_UP, ("민원이 거부됐다는 통지", "다른 까닭", "법령·제도 질문"), "11월 3일"),
    ],
)
def test_no_date_is_told_that_nobody_has_looked_up(site: Any, presses: Any, day: str):
    one = to_card(chat(context(site=site)), *presses, day=day)
    assert "통지서에 적힌 기한을 먼저 봐 주세요" in one.text()
    assert "→" not in one.text()


def test_the_words_are_made_of_the_answers_alone():
    one = to_sheet(chat())
    sheet = one.sheet
    assert {one.read(block.label): block.text for block in sheet.blocks} == {
        "제목": "옥상에서 음식을 팔고 싶어요",
        "신청 내용": "[하려던 일]\n옥상에서 음식을 팔고 싶어요\n\n[받은 통지]\n가온시 건축과, 2026-1234",
        "까닭": "법령이 없다는 까닭으로 거절되었습니다.\n\n"
        "[통지서에 적힌 문장]\n규정이 없어 허가할 수 없음",
        "바라는 처리와 기대 효과": "기준을 세워 주세요. 작은 가게들이 좋아져요",
    }
    assert NEVER in one.text()
    assert one.find("국민신문고 열기").url == EPEOPLE


def test_the_words_are_korean_for_whoever_writes_in_another_language():
    one = to_sheet(chat())
    english = replace(one.ctx, lang="en")
    ours = national.compose(one.state.answers, one.ctx)
    assert [block.text for block in national.compose(one.state.answers, english)] == [
        block.text for block in ours
    ]


def test_with_the_least_that_can_be_said_there_is_a_text():
    blocks = national.compose({"goal": "쉼터", "wish": "늘려 주세요", "notice": "none"}, context())
    assert [block.text for block in blocks] == ["쉼터", "[하려던 일]\n쉼터", "늘려 주세요"]


def test_the_day_of_the_notice_stands_in_the_text():
    known = {"goal": "쉼터", "wish": "늘려 주세요", "notified": "2026-11-03"}
    assert "통지 받은 날: 2026. 11. 3." in str(national.compose(known, context())[1].text)


@given(st.text(min_size=1, max_size=400))
def test_a_title_is_one_line_that_begins_as_it_was_written(goal: str):
    made = national.title(goal)
    assert "\n" not in made
    assert len(made) <= national.TITLE
    assert goal.strip().startswith(made.removesuffix("…"))


def test_a_wrong_answer_at_the_end_does_not_give_everything_again():
    one = to_sheet(chat()).say("글쎄요")
    assert isinstance(one.last, Ask)
    assert one.last.error is not None
    assert isinstance(one.say("뒤로").press("다 썼어요").last, Sheet)


def test_while_the_portal_is_closed_its_opening_can_be_waited_for():
    one = to_sheet(chat(context(site={**SITE, "epeople_down": "yes"})))
    assert "지금 국민신문고가 열리지 않아요" in one.text()
    assert "국민신문고 열기" not in one.labels()
    one.press("열리면 알려 주세요")
    assert one.turn.outcome == Leave("portal")
    assert one.turn.state is not None  # the draft stays as it was


def test_that_the_portal_is_closed_is_said_at_the_beginning():
    assert (
        "지금은 국민신문고가 열리지 않아요"
        in chat(context(site={**SITE, "epeople_down": "yes"})).text()
    )
    assert "열리지 않아요" not in chat().text()
    assert NEVER in chat().text()


def test_only_who_agrees_is_asked_again():
    one = to_sheet(chat()).press("국민신문고에 냈어요")
    assert "쓰신 글은 여기에 남기지 않아요" in one.text()
    one.press("괜찮아요")
    assert (result(one).sent, result(one).follow, result(one).reply_by) == ("filed", "no", None)
    again = to_sheet(chat()).press("아직이에요, 나중에").press("동의해요, 물어봐 주세요")
    again.press("전자우편으로").say("hong@example.com")
    assert (result(again).follow, result(again).email) == ("yes", "hong@example.com")


def test_who_stops_is_asked_nothing_more():
    one = to_sheet(chat()).press("여기서 마칠게요")
    assert (result(one).sent, result(one).follow) == ("stop", "no")


def test_later_said_as_a_word_keeps_the_draft_and_shows_the_text_again():
    one = to_sheet(chat()).say("나중에")
    assert "저장했어요" in one.text()
    assert isinstance(one.do(Command("continue")).last, Sheet)


def test_what_somebody_tells_is_not_asked_where_it_may_not_be_written():
    one = to_card(chat(context(personal="no")), "받은 통지가 없어요")
    assert isinstance(one.press("그래도 글 준비하기").last, Elsewhere)


@pytest.mark.parametrize(
    ("goal", "title"),
    [
        (" 옥상에서 장사\n둘째 줄", "옥상에서 장사"),
        ("가" * national.TITLE, "가" * national.TITLE),
        ("앞말, " + "가" * national.TITLE, "앞말…"),
        ("가" * (national.TITLE + 1), "가" * (national.TITLE - 1) + "…"),
    ],
)
def test_the_title_is_the_first_line_cut_at_a_word(goal: str, title: str):
    assert national.title(goal) == title
