"""Whatever a person does, in whatever order, the promises of the engine hold."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogs import engine
from bot.dialogs.engine import Done, Later, Leave, State
from bot.dialogs.events import Answer, Attach, Attached, Command, Event, Located, Press, Submit
from bot.dialogs.form import Context, Form
from bot.dialogs.passive_report import FORM as REPORT
from bot.dialogs.replies import Ask, Reply, Say, Summary
from tests.dialogs.chat import PHOTO, TEXTS, context, shown
from tests.dialogs.survey import FORM as SURVEY
from tests.dialogs.survey import texts

CONTEXTS = (
    context(),
    context(pages=True),
    context(lang="en"),
    context(messenger="telegram", personal="offer"),
    context(messenger="slack", personal="no"),
    context(aside=(Say("7일이에요"),)),
)
WORDS = [
    "네", "아니요", "없어요", "1", "2번", "둘째", "다 썼어요", "뒤로", "그만", "나중에", "건너뛰기",
    "이어서", "새로 쓰기", "처음으로", "길이 파였어요", "10월에 중앙시장 앞에서 넘어졌어요",
    "며칠 걸려요?", "우울증이 있어요", "씨발", "뒷돈을 받아요", "죽고 싶어요", "무너질 것 같아요",
    "900101-2222222", "900101", "1234567", "도로과", "건축", "감사실", "김영수",
    "가온시 중앙로 12", "010-1234-5678", "hong@example.com", "우편", "이름을 밝히고 답 받기",
    "이름 없이 알리기", "여기서 적기", "11월 3일", "빨강", "", "\u202e\u200b", "지우고 다시 쓰기",
]  # fmt: skip
PAGE = {
    "name": "김영수",
    "address": "가온시 중앙로 12",
    "reply_by": "post",
    "share": "no",
    "phone": "010-1234-5678",
    "email": "hong@example.com",
}

said = st.sampled_from(WORDS) | st.text(max_size=30)
raw: st.SearchStrategy[Any] = st.none() | said | st.booleans() | st.lists(said, max_size=2)
files = st.builds(
    Attached,
    ref=st.just("r"),
    kind=st.sampled_from(["photo", "document", "voice", "video", "sticker"]),
    name=st.sampled_from(["", "a.pdf", "a.exe"]),
    size=st.sampled_from([10, 10**9]),
)
# What is done: a press by its place (modulo what is offered), or an event as it is.
moves = st.one_of(
    st.tuples(st.just("press"), st.integers(0, 30)),
    st.tuples(st.just("press"), st.integers(0, 3)),
    st.tuples(st.just("stale"), st.integers(-2, 40)),
    st.tuples(st.just("event"), st.builds(Answer, said)),
    st.tuples(
        st.just("event"),
        st.builds(Attach, st.lists(files, min_size=1, max_size=3).map(tuple), said),
    ),
    st.tuples(st.just("event"), st.just(Located(37.5, 127.0))),
    st.tuples(
        st.just("event"),
        st.builds(Command, st.sampled_from(["back", "skip", "stop", "later", "new", "my"])),
    ),
    st.tuples(
        st.just("submit"), st.just(PAGE) | st.dictionaries(st.sampled_from([*PAGE, "what"]), raw)
    ),
)


def event_of(state: State, move: tuple[str, Any]) -> Event:
    kind, what = move
    if kind == "press":
        return Press(state.turn, what % max(1, len(state.offered)))
    if kind == "stale":
        return Press(state.turn - 1, what)
    if kind == "submit":
        return Submit(state.turn, what)
    assert isinstance(what, Event.__args__)  # type: ignore[attr-defined]
    return what


def check_replies(replies: tuple[Reply, ...], state: State | None, ctx: Context) -> None:
    """Everything can be said in both languages; every button is one of those offered."""
    indexes: list[int] = []
    for reply in replies:
        for lang in ("ko", "en"):
            shown(reply, replace(ctx, lang=lang))
        indexes += [o.index for o in reply.options if o.index is not None]
        indexes += [i.edit for i in getattr(reply, "items", ()) if i.edit is not None]
    assert len(indexes) == len(set(indexes))
    assert state is None or all(0 <= index < len(state.offered) for index in indexes)


def check_summary(form: Form[Any], state: State, reply: Reply, ctx: Context) -> None:
    if not isinstance(reply, Summary):
        return
    for step in form.visible(state.answers, ctx):
        needed = not step.optional and step.ask == "always" and step.input != "notice"
        assert not needed or step.name in state.answers, step.name


def error_of(reply: Reply, ctx: Context) -> str | None:
    error = reply.error if isinstance(reply, Ask) else None
    return ctx.texts.render(error, "ko", ctx.site) if error else None


def play(form: Form[Any], ctx: Context, what: list[tuple[str, Any]]) -> None:
    turn = engine.start(form, ctx, 0)
    last_error = None
    for move in what:
        state = turn.state
        assert state is not None
        kept = state.to_json()
        event = event_of(state, move)
        turn = engine.advance(form, state, event, ctx)
        assert state.to_json() == kept, "the state that came in is never changed"
        twin = engine.advance(form, State.from_json(kept), event, ctx)
        assert (twin.replies, twin.outcome) == (turn.replies, turn.outcome)
        if isinstance(turn.outcome, Leave) or (move[0] == "stale"):
            assert turn.state is state
            turn = replace(turn, outcome=None)
            continue
        assert turn.turn == state.turn + 1
        check_replies(turn.replies, turn.state, ctx)
        if turn.state is None:
            if isinstance(turn.outcome, Done):
                whole = form.validate(state.answers, ctx)
                assert whole == turn.outcome.answers
            turn = engine.start(form, ctx, turn.turn)
            last_error = None
            continue
        assert "2222222" not in str(turn.state.to_json())
        check_summary(form, turn.state, turn.replies[-1], ctx) if turn.replies else None
        error = error_of(turn.replies[-1], ctx)
        assert error is None or error != last_error
        last_error = error
        if isinstance(turn.outcome, Later):  # its buttons end there; somebody comes back
            turn = engine.resume(form, turn.state, ctx)
            last_error = None


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(CONTEXTS), st.lists(moves, max_size=30))
def test_a_report_survives_whatever_is_done(ctx: Context, what: list[tuple[str, Any]]):
    play(REPORT, ctx, what)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(CONTEXTS), st.lists(moves, max_size=30))
def test_a_form_of_every_kind_survives_whatever_is_done(ctx: Context, what: list[tuple[str, Any]]):
    play(SURVEY, replace(ctx, texts=texts(TEXTS)), what)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_back_and_edit_never_lose_another_answer(data: st.DataObject):
    ctx = context(pages=data.draw(st.booleans()))
    turn = engine.start(REPORT, ctx, 0)
    for move in data.draw(st.lists(moves, max_size=25)):
        assert turn.state is not None
        turn = engine.advance(REPORT, turn.state, event_of(turn.state, move), ctx)
        if turn.state is None:
            turn = engine.start(REPORT, ctx, 0)
    assert turn.state is not None
    for index, (act, _) in enumerate(turn.state.offered):
        if act in {"back", "edit", "cancel", "show", "stay"}:
            after = engine.advance(REPORT, turn.state, Press(turn.state.turn, index), ctx)
            assert after.state is not None
            assert after.state.answers == turn.state.answers


HAPPY = [
    "네, 기한이 지나도 답이 없어요", "2611-0123456", "10월부터 길이 파여 있어요", "다 썼어요",
    "고쳐 주세요", "맞아요", "(사진)", "다 보냈어요", "이름을 밝히고 답 받기", "김영수",
    "가온시 중앙로 12", "전화로 설명 듣기", "010-1234-5678", "먼저 저에게 물어보기",
]  # fmt: skip


@pytest.mark.parametrize("stop", range(len(HAPPY) + 1))
def test_the_state_can_be_put_down_and_taken_up_at_every_step(stop: int):
    """A dialog goes on from JSON, days later, to the same result."""
    ctx = context()
    turn = engine.start(REPORT, ctx, 0)
    for number, words in enumerate([*HAPPY, "네"]):
        assert turn.state is not None
        state = State.from_json(turn.state.to_json())
        if number == stop:
            resumed = engine.resume(REPORT, state, ctx)
            assert resumed.state is not None
            assert resumed.state.at == state.at
            state = resumed.state
        event = Attach((PHOTO,)) if words == "(사진)" else Answer(words)
        turn = engine.advance(REPORT, state, event, ctx)
    assert isinstance(turn.outcome, Done)
    assert turn.outcome.answers.model_dump()["name"] == "김영수"


def test_turn_by_turn_page_by_page_and_whole_give_the_same_answers():
    by_turn = engine.start(REPORT, context(), 0)
    for words in [*HAPPY, "네"]:
        event = Attach((PHOTO,)) if words == "(사진)" else Answer(words)
        assert by_turn.state is not None
        state = by_turn.state
        by_turn = engine.advance(REPORT, state, event, context())
    assert isinstance(by_turn.outcome, Done)
    paged = engine.start(REPORT, context(pages=True), 0)
    fields = {
        name: state.answers.get(name) for name in ("name", "address", "reply_by", "phone", "share")
    }
    for words in [*HAPPY[:9], fields, "네"]:
        assert paged.state is not None
        event = Attach((PHOTO,)) if words == "(사진)" else Answer(str(words))
        if isinstance(words, dict):
            event = Submit(paged.state.turn, words)
        paged = engine.advance(REPORT, paged.state, event, context(pages=True))
    assert isinstance(paged.outcome, Done)
    whole = REPORT.validate(state.answers, context())
    assert whole == by_turn.outcome.answers
    assert paged.outcome.answers == whole
