"""The engine on a form with every kind of step: what a person may do, and what comes of it."""

from dataclasses import replace
from datetime import UTC
from itertools import pairwise

import pytest
from pydantic import BaseModel

from bot.dialogs import engine
from bot.dialogs.engine import Done, Leave, State
from bot.dialogs.events import Answer, Attach, Attached, Command, Located, Press, Submit
from bot.dialogs.fields import Files
from bot.dialogs.form import Errors, Form, NoLookups
from bot.dialogs.replies import Ask, Phrase, Say, dump, dump_all, load, load_all
from bot.dialogs.wording import keys_of
from tests.dialogs.chat import NOW, PHOTO, TEXTS, Chat, context
from tests.dialogs.survey import FORM, QUICK, Survey, texts

SURVEY_TEXTS = texts(TEXTS)
ASIDE = (Say("7일이에요"),)


def survey(form=FORM, **changes) -> Chat:
    return Chat(form, context(texts=SURVEY_TEXTS, **changes))


def to_story(chat: Chat) -> Chat:
    return chat.say("좋아요").say("빨강").say("다 골랐어요").say("11월 3일")


def to_contact(chat: Chat) -> Chat:
    return to_story(chat).say("이야기예요").say("끝").say("없어요").say("도로과")


def finished(chat: Chat) -> Survey:
    assert isinstance(chat.turn.outcome, Done)
    assert isinstance(chat.turn.outcome.answers, Survey)
    return chat.turn.outcome.answers


def test_every_kind_of_step_is_answered_in_words():
    chat = to_contact(survey()).say("010 1234 5678").say("hong@example.com").say("중앙로 12")
    chat.send(PHOTO).say("다 보냈어요").say("동의해요").say("내기")
    answers = finished(chat)
    assert (answers.colours, answers.phone) == (["red"], "010-1234-5678")
    assert answers.unit["value"] == "road"
    assert answers.agree is True


def test_a_form_without_a_summary_is_done_with_its_last_answer():
    chat = to_contact(survey(QUICK))
    for _ in range(4):
        chat.say("건너뛰기")
    assert finished(chat.say("네")).agree is True


def test_the_subject_comes_back_with_the_answers():
    ctx = context(texts=SURVEY_TEXTS)
    turn = engine.start(QUICK, ctx, 6, subject="2026-1")
    assert turn.state is not None
    assert (turn.state.turn, turn.turn, turn.state.subject) == (7, 7, "2026-1")
    state = replace(turn.state, answers={"mood": "good", "colours": ["red"], "day": "2026-11-03"})
    state.answers |= {"story": "a", "where": None, "unit": {"value": "road", "label": "도로과"}}
    state.answers |= dict.fromkeys(("phone", "email", "address", "files"))
    state.at, state.offered = "agree", [["answer", True]]
    done = engine.advance(QUICK, state, Press(7, 0), ctx)
    assert isinstance(done.outcome, Done)
    assert done.outcome.subject == "2026-1"
    assert (done.state, done.turn) == (None, 8)


def test_a_stale_press_changes_nothing_and_shows_the_question_again():
    chat = survey().say("좋아요")
    before = chat.state
    for event in (Press(before.turn - 1, 0), Press(before.turn, 99), Press(before.turn, -1)):
        turn = engine.advance(chat.form, before, event, chat.ctx)
        assert turn.state is before
        assert turn.replies[0] == Say(Phrase("dialog.stale"))
        assert turn.replies[-1] == chat.last
        assert turn.turn == before.turn


def test_a_stale_page_is_refused_like_a_stale_press():
    chat = to_contact(survey(pages=True))
    turn = engine.advance(chat.form, chat.state, Submit(1, {"phone": "010-1234-5678"}), chat.ctx)
    assert turn.state is chat.state
    assert turn.replies[0] == Say(Phrase("dialog.stale"))


def test_a_stale_press_after_the_surroundings_changed_asks_anew():
    chat = to_contact(survey())
    turn = engine.advance(chat.form, chat.state, Press(1, 0), replace(chat.ctx, pages=True))
    assert turn.turn == chat.state.turn + 1
    assert turn.replies[-1].kind == "page"


def test_an_act_of_another_release_counts_as_stale():
    chat = survey()
    state = replace(chat.state, offered=[["fly", None]])
    turn = engine.advance(chat.form, state, Press(state.turn, 0), chat.ctx)
    assert Say(Phrase("dialog.stale")) in turn.replies


def test_a_state_of_an_older_form_goes_on_at_what_still_exists():
    chat = survey().say("좋아요")
    old = replace(chat.state, version=0, at="gone", answers={"mood": "good", "gone": 1})
    turn = engine.advance(chat.form, old, Answer("빨강"), chat.ctx)
    assert turn.state is not None
    assert (turn.state.version, turn.state.at) == (1, "colours")
    assert "gone" not in turn.state.answers
    stale = engine.advance(chat.form, old, Press(0, 0), chat.ctx)
    assert stale.turn == old.turn + 1


def test_three_wrong_answers_show_an_example_and_a_way_to_a_person():
    chat = survey().say("좋아요").say("빨강").say("다 골랐어요")
    errors = []
    for _ in range(6):
        chat.say("글쎄")
        assert chat.ask.error is not None
        errors.append(chat.read(chat.ask.error))
    assert all(one != other for one, other in pairwise(errors))
    assert "예: 11월 3일" in errors[1]
    assert "031-000-1234" in errors[2]
    assert "직원과 통화" in chat.labels()
    turn = engine.advance(
        chat.form,
        chat.state,
        Press(chat.state.turn, chat.find("직원과 통화").index or 0),
        chat.ctx,
    )
    assert turn.outcome == Leave("human")
    assert "직원과 통화" not in chat.say("11월 3일").labels()


def test_the_same_error_is_never_said_twice_in_a_row_even_when_no_other_fits():
    chat = survey().say("몰라몰라")
    first = chat.ask.error
    assert chat.say("몰라몰라").ask.error != first


def test_a_side_question_at_a_closed_question_is_answered_and_asked_on():
    chat = survey().say("며칠 걸려요?", aside=ASIDE)
    assert chat.turn.replies[0] == ASIDE[0]
    assert (chat.ask.step, chat.ask.error, chat.state.misses) == ("mood", None, 0)


def test_a_side_question_at_an_open_question_is_asked_back():
    chat = survey().say("나빠요").say("괜찮아요")
    assert chat.ask.step == "why"
    chat.say("며칠 걸려요?", aside=ASIDE)
    assert chat.labels() == ["질문이에요", "이대로 적을게요"]
    assert "며칠 걸려요?" in chat.text()
    kept = State.from_json(chat.state.to_json())
    asked = engine.advance(chat.form, kept, Press(kept.turn, 0), chat.ctx)
    assert asked.replies[0] == ASIDE[0]
    assert asked.state is not None
    assert asked.state.at == "why"
    as_is = engine.advance(chat.form, kept, Press(kept.turn, 1), chat.ctx)
    assert as_is.state is not None
    assert as_is.state.answers["why"] == "며칠 걸려요?"


def test_words_after_a_held_question_answer_it_and_are_taken():
    chat = (
        survey().say("나빠요").say("괜찮아요").say("며칠 걸려요?", aside=ASIDE).say("비가 와서요")
    )
    assert chat.turn.replies[0] == ASIDE[0]
    assert chat.state.answers["why"] == "비가 와서요"


def test_a_held_question_in_a_story_is_kept_as_it_is():
    chat = to_story(survey()).say("이게 언제 되나요?", aside=ASIDE).say("이대로 적을게요")
    assert chat.state.drafts["story"] == {"text": "이게 언제 되나요?", "by": "typed"}


def test_an_open_step_that_cannot_parse_a_side_question_answers_it():
    chat = survey().say("좋아요").say("빨강").say("다 골랐어요").say("기한 좀 알자", aside=ASIDE)
    assert chat.turn.replies[0] == ASIDE[0]
    assert chat.ask.error is None


def test_many_are_marked_and_unmarked():
    chat = survey().say("좋아요").say("빨강").say("2번")
    assert "✓ 빨강" in chat.labels()
    chat.press("✓ 빨강")
    assert chat.state.drafts["colours"] == ["green"]
    chat.press("다 골랐어요")
    assert chat.state.answers["colours"] == ["green"]
    chat.press("뒤로").press("파랑")
    assert chat.state.drafts["colours"] == ["green", "blue"]


def test_many_need_one():
    chat = survey().say("좋아요").press("다 골랐어요")
    assert chat.ask.error is not None


def test_a_required_lookup_asks_again_until_it_is_found():
    chat = to_story(survey()).say("이야기").say("끝").say("없어요")
    assert chat.say("우주과학부 본청").ask.error is not None
    chat.say("건축허가")
    assert "어느 것" in chat.text()
    assert chat.ask.error is None
    chat.press("없어요")
    assert chat.ask.step == "unit"
    chat.say("건축허가").say("1")
    assert chat.state.answers["unit"] == {"value": "building", "label": "건축과", "note": ""}


def test_a_sticker_where_words_are_asked_gets_a_kind_word():
    chat = to_story(survey()).send(Attached("s", "sticker"))
    assert "스티커는 읽을 수 없어요" in chat.text()
    assert chat.ask.step == "story"


def test_a_caption_is_taken_like_any_words():
    chat = to_story(survey()).send(PHOTO, text="이 사진이에요")
    assert chat.state.drafts["story"] == {"text": "이 사진이에요", "by": "typed"}
    assert len(chat.state.answers["files"]) == 1


def test_a_caption_at_a_closed_question_goes_to_the_story():
    chat = survey().send(PHOTO, text="900101-1234567 이 사람이에요")
    assert chat.state.drafts["story"] == {"text": "90****-******* 이 사람이에요", "by": "prefill"}
    assert chat.ask.error is None


def test_a_place_at_its_question_answers_it():
    chat = to_story(survey()).say("이야기").say("끝").do(Located(37.5, 127.0))
    assert chat.ask.step == "unit"


def test_files_and_places_have_nowhere_to_go_in_a_form_without_them():
    form = replace(QUICK, steps=QUICK.steps[:2] + QUICK.steps[3:4], answers=_Small)
    chat = Chat(form, context(texts=SURVEY_TEXTS))
    assert "파일을 받지 않는 차례" in chat.send(PHOTO, text="길이 파였는데요").text()
    assert "위치를 받지 않는 차례" in chat.do(Located(1, 2)).text()
    assert chat.say("저기 있잖아요 이건 긴 이야기인데요").ask.error is not None


class _Small(Survey.__base__):  # type: ignore[misc, name-defined]
    mood: str
    why: str | None = None


def test_one_field_can_be_submitted_alone():
    chat = survey().submit(mood="bad")
    assert chat.ask.step == "comfort"
    chat.do(Submit(chat.state.turn, {})).say("괜찮아요")
    chat.submit(why="900101-1234567 때문에")
    assert chat.turn.masked == ("90****-*******",)
    chat.submit(colours=["red", "blue"]).submit(day="2026-11-03").submit(story="이야기")
    assert chat.state.answers["colours"] == ["red", "blue"]
    assert chat.submit(where={"lat": "x", "lon": 1}).ask.error == Phrase("error.place")
    assert chat.submit(where={"lat": 37.5, "lon": 127}).ask.step == "unit"


def test_a_page_at_the_summary_is_no_answer():
    chat = to_contact(survey())
    for _ in range(4):
        chat.say("건너뛰기")
    chat.say("네").do(Submit(chat.state.turn, {"mood": "bad"}))
    assert chat.summary.items
    assert chat.say("글쎄요 이게").summary.items
    assert chat.say("며칠?", aside=ASIDE).turn.replies[0] == ASIDE[0]


def test_prefilled_answers_are_shown_and_may_stay():
    chat = survey(prefill={"why": "비", "mood": "bad", "where": None, "nothing": 1})
    assert chat.ask.value == "bad"
    chat.say("나빠요").say("괜찮아요")
    assert chat.ask.value == "비"
    assert chat.press("그대로 두기").state.answers["why"] == "비"


def test_going_back_and_forth_keeps_other_answers():
    chat = to_contact(survey())
    answers = dict(chat.state.answers)
    for _ in range(12):
        chat.say("뒤로")
    assert chat.ask.step == "mood"
    assert chat.state.answers == answers
    assert chat.say("좋아요").ask.step == "phone"


def test_a_finished_form_that_lacks_something_asks_for_it():
    chat = to_contact(survey())
    for _ in range(4):
        chat.say("건너뛰기")
    chat.say("네")
    state = replace(chat.state, answers={**chat.state.answers})
    del state.answers["day"]
    turn = engine.advance(chat.form, state, Press(state.turn, 0), chat.ctx)
    assert turn.state is not None
    assert turn.state.at == "day"


def test_a_menu_leads_to_commands():
    turn = engine.menu("무엇을?", [("신고", "report", ""), ("내 신고", "my", "all")], 4)
    assert turn.state is not None
    assert turn.state.form == engine.MENU
    state = State.from_json(turn.state.to_json())
    ctx = context()
    assert engine.press_menu(state, Press(5, 1), ctx).outcome == Leave("my", "all")
    assert engine.press_menu(state, Answer("1번"), ctx).outcome == Leave("report")
    assert engine.press_menu(state, Answer("내 신고"), ctx).outcome == Leave("my")
    assert engine.press_menu(state, Command("help", "x"), ctx).outcome == Leave("help", "x")
    assert engine.press_menu(state, Answer("길이 파였어요"), ctx).outcome is None
    assert engine.press_menu(state, Attach((PHOTO,)), ctx).outcome is None
    stale = engine.press_menu(state, Press(4, 0), ctx)
    assert stale.outcome is None
    assert stale.replies
    assert engine.press_menu(state, Press(5, 7), ctx).replies


def test_replies_survive_the_outbox():
    chat = to_contact(survey(pages=True))
    assert load_all(dump_all(chat.turn.replies)) == chat.turn.replies


def test_the_progress_counts_questions_only():
    chat = survey()
    assert isinstance(chat.last, Ask)
    assert chat.last.progress == (1, 11)
    assert chat.say("나빠요").ask.progress is None
    assert chat.say("괜찮아요").ask.progress == (2, 12)
    paged = to_contact(survey(pages=True))
    assert paged.page.progress == (7, 9)


def test_the_day_is_the_one_in_seoul():
    late = NOW.replace(hour=0, minute=5)
    chat = survey(now=late.astimezone(tz=UTC))
    assert chat.ctx.today.isoformat() == "2026-11-23"


def test_a_forged_state_cannot_answer_where_nothing_is_asked():
    chat = survey()
    held = {"text": "x", "aside": "[]"}
    for act in ("answer", "done", "skip", "as_is"):
        state = replace(chat.state, at=None, offered=[[act, "x"]], hold="aside", held=held)
        turn = engine.advance(chat.form, state, Press(state.turn, 0), chat.ctx)
        assert turn.state is not None
        assert turn.state.answers == chat.state.answers


def test_a_page_where_nothing_personal_may_be_asked_is_not_taken():
    chat = Chat(ctx=context(messenger="slack", personal="no"))
    chat.say("1").say("없어요").do(Submit(chat.state.turn, {"what": "길이 파였어요"}))
    assert chat.last.kind == "elsewhere"
    assert "what" not in chat.state.answers


def test_what_is_known_before_is_not_asked():
    chat = Chat(ctx=context(prefill={"when_where": {"text": "시장", "lat": None, "lon": None}}))
    chat.say("1").say("없어요").say("안 고쳐 줘요").say("끝")
    assert chat.ask.step == "wish"


def test_a_card_is_passed_by_its_value_too():
    chat = survey().say("나빠요").submit(comfort="x")
    assert chat.ask.step == "comfort"
    assert chat.submit(comfort="go").ask.step == "why"


def test_required_files_wait_for_one():
    form = Form("survey", 1, _Photo, (Files("files"),), summary=False)
    chat = Chat(form, context(texts=SURVEY_TEXTS)).press("다 보냈어요")
    assert chat.ask.error is not None
    chat.send(PHOTO).press("다 보냈어요")
    assert isinstance(chat.turn.outcome, Done)


class _Photo(BaseModel):
    files: list[dict[str, object]]


def test_a_required_lookup_on_a_page_cannot_be_left_to_others():
    errors = FORM.validate({"unit": "건축허가 담당"}, context(texts=SURVEY_TEXTS))
    assert isinstance(errors, Errors)
    assert errors.by["unit"] == Phrase("error.several")
    nothing = FORM.validate({"unit": "도로과"}, context(texts=SURVEY_TEXTS, lookups=NoLookups()))
    assert isinstance(nothing, Errors)
    assert errors.by["unit"] != nothing.by["unit"]


def test_links_that_a_site_does_not_have_are_not_shown():
    site = {k: v for k, v in context().site.items() if not k.endswith("_url")}
    chat = Chat(ctx=context(site=site)).say("1").say("없어요").say("뒷돈을 달래요")
    assert [option.url for option in chat.options()] == [None] * len(chat.options())
    chat.say("끝").say("모르겠어요").say("넘어졌으니 고쳐 주세요")
    assert "손해를 배상받는" in chat.text()


def test_a_form_without_a_summary_needs_no_words_for_one():
    assert not [key for key in keys_of(QUICK) if ".summary." in key]
    assert [key for key in keys_of(FORM) if ".summary." in key]


def test_one_reply_survives_the_outbox():
    reply = survey().last
    assert load(dump(reply)) == reply


def test_a_story_that_was_begun_is_taken_when_the_field_comes_empty():
    chat = to_story(survey()).say("이야기예요").do(Submit(0, {}))
    assert chat.ask.step == "story"
    chat.do(Submit(chat.state.turn, {}))
    assert chat.state.answers["story"] == "이야기예요"


@pytest.mark.parametrize("nothing", ["", " \n", "\u200b\u202e", "\ufeff\u2060"])
def test_nothing_that_can_be_seen_is_no_part_of_a_story(nothing):
    chat = to_story(survey()).say(nothing)
    assert "아직 적으신 내용이 없어요" in chat.text()
    assert "story" not in chat.state.drafts
    chat.say("이야기예요").say(nothing).say("끝이 아니에요 😀")
    assert chat.state.drafts["story"]["text"] == "이야기예요\n끝이 아니에요 😀"


def test_what_was_prefilled_stays_when_resumed():
    chat = survey(prefill={"why": "비", "story": "처음"})
    turn = engine.resume(chat.form, chat.state, chat.ctx)
    assert turn.state is not None
    assert turn.state.drafts == chat.state.drafts


def test_a_guess_that_fits_no_unit_asks_openly():
    chat = Chat(ctx=context(prefill={"what": "등본을 안 떼 줘요. 작년부터요"}))
    chat.say("1").say("없어요").say("끝").say("고쳐 주세요")
    assert "어느 부서 일인가요?" in chat.text()


def test_the_visible_steps_follow_the_answers():
    names = [step.name for step in FORM.visible({"mood": "bad"}, context())]
    assert names[:4] == ["hello", "mood", "comfort", "why"]
    assert "why" not in [step.name for step in FORM.visible({}, context())]
