"""Changing the road: what was written waits, and what means the same is brought along."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel

from bot.dialogs import engine
from bot.dialogs.fields import Choice, Day, Files, LongText, Lookup, Place, Text
from bot.dialogs.form import Form
from bot.dialogs.passive_report import FORM
from bot.dialogs.state import MENU, State, Turn
from bot.errors import BadStart
from tests.dialogs.chat import PHOTO, Chat, context, say


class Other(BaseModel):
    what: str = ""
    goal: str | None = None
    where: dict[str, Any] | None = None
    unit: dict[str, Any] | None = None
    proof: list[dict[str, Any]] = []
    who: str | None = None
    when: str | None = None


REPORT = "passive_report"
OTHER = Form(
    "other",
    1,
    Other,
    steps=(
        LongText("what", 60, text=f"{REPORT}.what"),
        Text("goal", 12, optional=True, text=f"{REPORT}.wish"),
        Place("where", optional=True, text=f"{REPORT}.when_where"),
        Lookup("unit", "units", optional=True, text=f"{REPORT}.proof"),
        Files("proof", 2, optional=True, text=f"{REPORT}.proof"),
        Choice("who", ("named", "anonymous"), optional=True, text=f"{REPORT}.who"),
        Day("when", optional=True, text=f"{REPORT}.prior_no"),
    ),
    summary=False,
    carries={
        "what": ("nowhere.what", f"{REPORT}.what"),
        "goal": (f"{REPORT}.wish",),
        "where": (f"{REPORT}.when_where",),
        "unit": (f"{REPORT}.unit",),
        "proof": (f"{REPORT}.proof",),
        "who": (f"{REPORT}.who",),
        "when": (f"{REPORT}.prior_no",),
    },
)
BACK = replace(FORM, carries={"what": ("other.what",), "wish": ("other.goal",)})


def text(turn: Turn) -> str:
    return "\n".join(say(reply.text) for reply in turn.replies)  # type: ignore[union-attr]


def state_of(turn: Turn) -> State:
    assert turn.state is not None
    return turn.state


def written() -> Chat:
    chat = Chat().press("잘 모르겠어요").press("없어요").say("중앙시장 앞 길이 파였어요")
    return chat.press("다 썼어요").say("길을 고쳐 주세요.\n왜 미뤘는지도요")


def switched(chat: Chat) -> Turn:
    return engine.switch(OTHER, chat.state, context(), chat.turn.turn)


def test_what_means_the_same_is_brought_along_and_shown():
    turn = switched(written())
    assert "소극행정 신고는 그대로 두었어요" in text(turn)
    assert "옮겨 적었어요" in text(turn)
    assert "중앙시장 앞 길이 파였어요" in text(turn)
    chat = Chat(OTHER)
    chat.turn = turn
    assert "길을 고쳐 주세요" in chat.press("다 썼어요").text()
    assert chat.press("그대로 두기").state.answers["goal"] == "길을 고쳐 주세요. 왜"


def test_a_place_a_unit_files_and_a_choice_are_brought_as_they_are_kept():
    chat = written()
    chat.turn = replace(chat.turn, state=replace(chat.state, answers={
        **chat.state.answers,
        "when_where": {"text": "중앙시장", "lat": None, "lon": None},
        "unit": {"value": "road", "label": "도로과", "note": ""},
        "proof": [{"ref": str(n), "kind": "photo", "name": "", "size": 1, "mime": ""}
                  for n in range(3)],
        "who": "named",
        "prior_no": "11월 초 전화",
    }))  # fmt: skip
    other = Chat(OTHER)
    other.turn = switched(chat)
    other.press("다 썼어요").press("그대로 두기")
    assert '"중앙시장"' in other.text()
    other.press("그대로 두기")
    assert "도로과가 맞나요" in other.text()
    other.press("맞아요")
    assert len(other.state.answers["proof"]) == 2  # type: ignore[arg-type]
    assert "앞에서 쓰신 답" in other.text()
    other.press("이름을 밝히고 답 받기")
    assert "앞에서 쓰신 답" not in other.text()  # 11월 초 전화 is no day


def test_what_was_left_open_on_purpose_stays_open_and_a_place_on_the_map_goes_along():
    chat = written()
    seoul = {"text": "", "lat": 37.5, "lon": 127.0}
    chat.turn = replace(
        chat.turn, state=replace(chat.state, answers={**chat.state.answers, "when_where": seoul})
    )
    first = Chat(OTHER).say("길").press("다 썼어요").say("건너뛰기")
    other = Chat(OTHER)
    other.turn = switched(chat)
    other.press("다 썼어요").say("건너뛰기")
    assert other.press("그대로 두기").state.answers["where"] == seoul
    waiting = replace(first.state, parked={})
    report = replace(chat.state, parked={"other": waiting.to_json()})
    answers = {**waiting.answers, "goal": None}
    report.parked["other"] = {**waiting.to_json(), "answers": answers}
    back = state_of(engine.switch(OTHER, report, context(), 9))
    assert back.answers["goal"] is None
    assert "goal" not in back.drafts


def test_a_unit_that_was_brought_along_can_be_another_one():
    chat = Chat(OTHER)
    chat.turn = engine.start(
        OTHER, context(prefill={"unit": {"value": "road", "label": "도로과"}}), 0
    )
    chat.say("길").press("다 썼어요").say("건너뛰기").say("건너뛰기")
    assert "도로과가 맞나요" in chat.text()
    assert chat.press("아니에요").ask.step == "unit"
    assert "도로과" not in chat.text()


def test_what_waited_comes_back_with_what_the_same_story_grew_to():
    first = switched(written())
    chat = Chat(OTHER)
    chat.turn = first
    chat.say("가로등도 꺼졌어요")
    back = engine.switch(BACK, chat.state, context(), chat.turn.turn)
    assert "가로등도 꺼졌어요" in text(back)
    assert state_of(back).at == "what"
    assert state_of(back).answers["wish"] == "길을 고쳐 주세요.\n왜 미뤘는지도요"
    again = engine.switch(
        BACK, engine.switch(OTHER, written().state, context(), 9).state, context(), 10
    )  # type: ignore[arg-type]
    assert state_of(again).at == "unit"
    assert "쓰시던 데서" in text(again)


def test_nothing_written_is_nothing_left_behind():
    turn = switched(Chat())
    assert state_of(turn).parked == {}
    assert "그대로 두었어요" not in text(turn)
    menu = engine.switch(OTHER, State(MENU, 1, 3, parked={"x": {}}), context(), 3)
    assert state_of(menu).parked == {"x": {}}


def test_turns_go_on_and_no_old_button_presses_anything():
    chat = written()
    turn = switched(chat)
    assert turn.turn == chat.turn.turn + 1
    assert [kept for kept in state_of(turn).parked.values() if "offered" in str(kept)] == []


def test_the_same_form_opened_again_goes_on_where_it_was():
    chat = written()
    turn = engine.switch(FORM, chat.state, context(), chat.turn.turn)
    assert state_of(turn).answers == chat.state.answers
    assert state_of(turn).parked == {}
    assert "그대로 두었어요" not in text(turn)


def test_a_prefill_does_not_write_over_what_waits():
    chat = written()
    ctx = context(prefill={"what": "다른 글", "nowhere": "x", "wish": None})
    turn = engine.switch(FORM, chat.state, ctx, chat.turn.turn)
    assert state_of(turn).answers["what"] == "중앙시장 앞 길이 파였어요"


def test_what_waits_is_open_again_without_files_that_went_elsewhere():
    chat = written().send(PHOTO, replace(PHOTO, ref="ref-2"))
    inner = state_of(switched(chat))
    deeper = engine.switch(BACK, engine.switch(OTHER, inner, context(), 8).state, context(), 9)  # type: ignore[arg-type]
    both = replace(state_of(deeper), parked={**state_of(deeper).parked, "x": "no state"})
    assert engine.latest(both) is None
    opened = engine.unpark(inner, FORM, context(), 9, frozenset({"ref-1"}))
    assert [one["ref"] for one in opened.answers["proof"]] == ["ref-2"]  # type: ignore[union-attr,index,call-overload]
    assert opened.parked == {}
    none = engine.unpark(inner, FORM, context(), 9, frozenset({"ref-1", "ref-2"}))
    assert "proof" not in none.answers
    assert none.answers["what"] == "중앙시장 앞 길이 파였어요"


def test_the_latest_that_waits_comes_first_and_the_others_go_on_waiting():
    inner = state_of(switched(written()))
    third = replace(OTHER, id="third")
    deep = state_of(engine.switch(third, inner, context(), 9))
    assert list(deep.parked) == ["passive_report", "other"]
    opened = engine.unpark(deep, OTHER, context(), 10, frozenset())
    assert opened.form == "other"
    assert list(opened.parked) == ["passive_report"]
    assert engine.latest(State(MENU, 1, 1)) is None
    assert engine.latest(None) is None


def test_a_summary_that_waits_is_a_summary_again():
    chat = written().press("모르겠어요").press("없어요").press("이름 없이 알리기")
    inner = state_of(switched(chat))
    opened = engine.unpark(inner, FORM, context(), 9, frozenset())
    assert opened.at is None


def test_a_newer_form_lets_go_what_it_no_longer_asks():
    inner = state_of(switched(written()))
    newer = replace(BACK, version=2)
    old = replace(inner, parked={REPORT: {**inner.parked[REPORT], "answers": {"gone": "x"}}})  # type: ignore[dict-item]
    back = engine.switch(newer, old, context(), 9)
    assert state_of(back).version == 2
    assert "gone" not in state_of(back).answers


def test_a_table_that_names_a_question_that_is_not_there_stops_the_start():
    with pytest.raises(BadStart):
        Form("bad", 1, Other, OTHER.steps, carries={"nowhere": ("other.what",)})


def test_what_was_read_is_said_except_what_may_not_be_asked_here():
    known = {"wish": "고쳐 주세요", "phone": "010-0000-1234"}
    here = engine.start(FORM, context(prefill=known), 0)
    assert "전화번호: 010-0000-1234" in say(here.replies[0].text)
    away = engine.start(FORM, context(prefill=known, personal="no"), 0)
    assert not any("이렇게 읽었어요" in say(one.text) for one in away.replies)
    assert away.state is not None
    assert away.state.drafts["phone"] == "010-0000-1234"
