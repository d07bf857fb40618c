"""The report, from the first word to the result, as a person goes through it."""

import pytest

from bot.dialogs import engine
from bot.dialogs.engine import Cancelled, Done, Later, Leave
from bot.dialogs.events import Attached, Command, Located, Press
from bot.dialogs.form import Limits
from bot.dialogs.passive_report import PassiveReport
from bot.dialogs.replies import Elsewhere, Phrase, Say
from tests.dialogs.chat import NOW, PHOTO, Chat, context, say

STORY = "10월부터 중앙시장 앞 길이 파여서 세 번 전화했는데 그대로예요"


def result(chat: Chat) -> PassiveReport:
    assert isinstance(chat.turn.outcome, Done)
    assert isinstance(chat.turn.outcome.answers, PassiveReport)
    return chat.turn.outcome.answers


def to_summary(chat: Chat) -> Chat:
    """Answer everything without a name."""
    chat.press("네, 답을 들었는데 그대로예요").press("없어요").say(STORY).press("다 썼어요")
    chat.press("무슨 일인지만 알리고 싶어요").press("맞아요").press("없어요")
    return chat.press("이름 없이 알리기")


def test_the_model_dialog_takes_twelve_actions():
    """The web conversation of the guide: the first words and the press that opens the form are
    the two actions before it."""
    chat = Chat(ctx=context(pages=True, prefill={"what": "길 파인거 몇번을 말해도 안고쳐줘요"}))
    chat.actions = 2
    chat.press("네, 답을 들었는데 그대로예요").say("10월에 전화 두번")
    assert "처음에 쓰신 글을 넣어 두었어요" in chat.text()
    assert "길 파인거 몇번을 말해도 안고쳐줘요" in chat.text()
    chat.say("중앙시장 정문앞").send(PHOTO).press("다 썼어요")
    chat.say("얼른 메꿔주고 왜 미뤘는지 말해줘요. 아내가 넘어졌어요")
    assert "손해를 배상받는 절차는 따로 있어요" in chat.text()
    assert "도로과 일이 맞나요?" in chat.text()
    chat.press("맞아요").press("이름을 밝히고 답 받기")
    assert "개인정보를 이렇게 써요" in chat.text()
    chat.submit(name="김영수", address="가온시 중앙로 12", reply_by="phone", phone="010 1234 5678")
    chat.press("안내를 보았고 이대로 내기")
    assert chat.actions <= 12
    answers = result(chat)
    assert answers.what == "길 파인거 몇번을 말해도 안고쳐줘요\n중앙시장 정문앞"
    assert answers.unit is not None
    assert answers.unit.value == "road"
    assert answers.phone == "010-1234-5678"
    assert answers.share == "ask_first"
    assert [proof.ref for proof in answers.proof] == ["ref-1"]


def test_without_a_name_nothing_of_a_person_is_asked_or_kept():
    chat = to_summary(Chat())
    assert "개인정보를 이렇게 써요" in chat.text()
    assert chat.actions <= 9
    answers = result(chat.press("안내를 보았고 이대로 내기"))
    assert (answers.who, answers.name, answers.address, answers.phone) == (
        "anonymous",
        *[None] * 3,
    )


def test_every_optional_question_can_be_left_open():
    chat = (
        Chat()
        .press("잘 모르겠어요")
        .say("건너뛰기")
        .say("안 고쳐 줘요")
        .say("끝")
        .say("모르겠어요")
    )
    chat.say("고쳐 주세요").say("모르겠어요").say("없어요").say("이름 없이")
    answers = result(chat.say("이대로 내기"))
    assert (answers.prior_no, answers.when_where, answers.unit, answers.proof) == (
        None,
        None,
        None,
        (),
    )


def test_first_report_is_told_of_the_quicker_way_and_never_refused():
    chat = Chat().press("아니요, 처음이에요")
    assert "담당 부서에 바로 알리는 편이 더 빨라요" in chat.text()
    before = chat.state
    turn = engine.advance(chat.form, before, Press(before.turn, 0), chat.ctx)
    assert turn.outcome == Leave("ordinary")
    assert turn.state is before, "what was written stays"
    chat.press("그래도 신고하기")
    assert chat.ask.step == "what", "who was never there before has no number to give"


def test_waiting_report_can_look_up_how_to_ask():
    chat = Chat().say("3번").press("처리 상황 묻는 법")
    assert "031-000-1234" in chat.text()
    assert chat.press("그래도 신고하기").ask.step == "prior_no"


def test_the_intro_is_said_once_with_other_ways_to_report():
    chat = Chat()
    assert "소극행정 신고라고 해요" in chat.text()
    chat.press("다른 방법 보기")
    assert "국민신문고" in chat.text()
    assert chat.ask.step == "prior"
    assert "소극행정 신고라고 해요" not in chat.press("잘 모르겠어요").text()


def test_time_and_place_are_asked_only_when_the_story_has_neither():
    chat = Chat().press("잘 모르겠어요").press("없어요").say("안 고쳐 줘요").press("다 썼어요")
    assert chat.ask.step == "when_where"
    chat.do(Located(37.5, 127.0))
    assert chat.state.answers["when_where"] == {"text": "", "lat": 37.5, "lon": 127.0}
    assert chat.ask.step == "wish"


def test_a_place_sent_early_saves_the_question():
    chat = Chat().press("잘 모르겠어요").do(Located(37.5, 127.0))
    assert "위치를 적어 두었어요" in chat.text()
    chat.press("없어요").say("안 고쳐 줘요").press("다 썼어요")
    assert chat.ask.step == "wish"


def test_photos_sent_anywhere_are_kept_as_proof_and_not_asked_for_again():
    chat = Chat().send(PHOTO)
    assert "붙인 것에 넣어 두었어요" in chat.text()
    chat.press("잘 모르겠어요").press("없어요").say(STORY).press("다 썼어요").say("고쳐 주세요")
    assert chat.press("맞아요").ask.step == "who"


def test_an_album_is_one_message_and_five_files_are_enough():
    album = tuple(Attached(f"r{n}", "photo", size=10) for n in range(7))
    chat = Chat().send(*album)
    assert chat.text().count("5개까지") == 1
    assert len(chat.state.answers["proof"]) == 5  # type: ignore[arg-type]


def test_files_are_asked_for_when_none_came():
    chat = (
        Chat().press("잘 모르겠어요").press("없어요").say(STORY).press("다 썼어요").say("고쳐요")
    )
    chat.press("맞아요")
    assert chat.ask.step == "proof"
    chat.send(Attached("x", "video", "a.mp4", 10))
    assert "열 수 없는 종류예요" in chat.text()
    chat.send(Attached("x", "document", "a.pdf", 30 * 1024 * 1024))
    assert "파일이 너무 커요(30 MB). 20 MB까지 돼요" in chat.text()
    chat.send(Attached("ok", "document", "답변서.HWP", 10))
    assert "1개를 받았어요" in chat.text()
    chat.ctx = context(limits=Limits(day_bytes=25))
    chat.send(Attached("a", "photo", size=20), Attached("b", "photo", size=20))
    assert "오늘 받을 수 있는 양(30 MB)을 넘었어요" in chat.text()
    assert [one["ref"] for one in chat.state.answers["proof"]] == ["ok", "a"]
    assert chat.press("다 보냈어요").ask.step == "who"
    assert chat.press("뒤로").ask.step == "proof"


def test_who_says_that_all_is_written_where_nothing_has_to_be_sent_goes_on():
    chat = (
        Chat().press("잘 모르겠어요").press("없어요").say(STORY).press("다 썼어요").say("고쳐요")
    )
    assert chat.press("맞아요").say("다 보냈어요").ask.step == "who"


def test_words_at_the_files_question_are_kept_with_the_story():
    chat = (
        Chat().press("잘 모르겠어요").press("없어요").say(STORY).press("다 썼어요").say("고쳐요")
    )
    chat.press("맞아요").say("사진은 없지만 매일 지나가요")
    assert "'무슨 일' 칸에 넣어 두었어요" in chat.text()
    assert str(chat.state.answers["what"]).endswith("사진은 없지만 매일 지나가요")
    assert chat.ask.error is None


def test_a_voice_alone_asks_for_one_line():
    chat = Chat().press("잘 모르겠어요").press("없어요")
    chat.send(Attached("v", "voice", mime="audio/ogg", size=10))
    assert "음성은 글로 옮길 수 없어서 파일로 붙였어요" in chat.text()
    chat.press("다 썼어요")
    assert chat.ask.step == "what"
    assert chat.ask.error is not None
    assert chat.say("길이 파였어요").press("다 썼어요").ask.step == "when_where"


def test_a_story_of_4000_letters_keeps_its_beginning():
    chat = Chat().press("잘 모르겠어요").press("없어요").say("가" * 3000)
    assert "4,000자" not in chat.text()
    chat.say("나" * 3000)
    assert "앞의 4,000자를 저장했어요" in chat.text()
    chat.press("다 썼어요")
    what = str(chat.state.answers["what"])
    assert len(what) == 4000
    assert what.startswith("가" * 3000)


def test_one_letter_is_a_story_and_none_is_not():
    chat = Chat().press("잘 모르겠어요").press("없어요").press("다 썼어요")
    assert "한 문장이어도 괜찮아요" in chat.text()
    chat.say("…").press("다 썼어요")
    assert chat.ask.step == "what"
    assert chat.say("길").press("다 썼어요").ask.step == "when_where"


def test_the_unit_is_asked_back_found_or_left_to_the_audit_office():
    start = (
        Chat().press("잘 모르겠어요").press("없어요").say(STORY).press("다 썼어요").say("고쳐요")
    )
    assert "도로과 일이 맞나요?" in start.text()
    chat = start.press("다른 부서예요")
    assert "어느 부서 일인가요?" in chat.text()
    chat.say("건축허가 담당")
    assert "비슷한 부서예요" in chat.text()
    chat.press("여기 없어요")
    assert chat.state.answers["unit"] == {"value": "", "label": "건축허가 담당", "note": ""}
    chat.press("뒤로").say("교통과")
    assert chat.state.answers["unit"] == {"value": "traffic", "label": "교통과", "note": ""}


def test_words_that_fit_no_unit_are_kept_as_they_are():
    chat = Chat().press("잘 모르겠어요").press("없어요").say("작년에 그랬어요").press("다 썼어요")
    chat.say("고쳐 주세요").say("뭐라더라 거기")
    assert chat.state.answers["unit"] == {"value": "", "label": "뭐라더라 거기", "note": ""}


def test_a_report_about_the_audit_office_says_who_takes_it():
    chat = Chat().press("잘 모르겠어요").press("없어요").say("작년에 그랬어요").press("다 썼어요")
    chat.say("고쳐 주세요").say("감사실")
    assert "감사 부서에 대한 신고는 부시장에서 맡아요" in chat.text()


def test_sensitive_words_are_asked_about_apart_and_taken_out():
    chat = Chat().press("잘 모르겠어요").press("없어요")
    chat.say("10월부터 길이 파였어요. 저는 우울증 약을 먹어요.").press("다 썼어요").say(
        "고쳐 주세요"
    )
    assert chat.ask.step == "sensitive"
    assert chat.labels()[:2] == ["지울게요", "필요해요, 처리에 동의해요"]
    chat.press("지울게요")
    assert chat.state.answers["what"] == "10월부터 길이 파였어요."
    assert chat.ask.step == "unit"


def test_sensitive_words_can_stay_with_a_consent_that_is_recorded():
    chat = (
        Chat().press("잘 모르겠어요").press("없어요").say("10월에 우울증 상담").press("다 썼어요")
    )
    chat.say("고쳐요").press("필요해요, 처리에 동의해요").say("모르겠어요").say("없어요").say(
        "이름 없이"
    )
    answers = result(chat.press("안내를 보았고 이대로 내기"))
    assert answers.sensitive is True
    assert "우울증" in answers.what


def test_a_story_that_was_all_sensitive_is_asked_for_again():
    chat = Chat().press("잘 모르겠어요").press("없어요").say("우울증이 있어요").press("다 썼어요")
    chat.say("모르겠어요").say("고쳐 주세요")
    assert chat.ask.step == "sensitive"
    assert chat.press("지울게요").ask.step == "what"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("다리가 무너질 것 같아요", "112(경찰)·119(구조)"),
        ("죽고 싶어요 너무 억울해서", "109(자살예방 상담, 24시간)"),
        ("직원이 뒷돈을 달래요", "부패·공익신고"),
        ("이런 씨발", "화가 많이 나셨을 일이에요. 내용은 저장했어요"),
    ],
)
def test_certain_words_get_one_answer_once(words: str, said: str):
    chat = Chat().press("잘 모르겠어요").press("없어요").say(words)
    assert said in chat.text()
    assert words in str(chat.state.drafts["what"])
    assert said not in chat.say(words).text()


def test_corruption_points_to_the_better_protected_road_and_goes_on():
    chat = Chat().press("잘 모르겠어요").press("없어요").say("돈봉투를 줬대요")
    link = chat.find("부패·공익신고 안내")
    assert (link.url, link.index) == ("https://gaon.example/corruption", None)
    assert chat.press("그래도 여기서 신고").ask.step == "what"


def test_abuse_at_a_closed_question_does_not_claim_that_it_was_saved():
    chat = Chat().say("씨발")
    assert "화가 많이 나셨을 일이에요. 사실을" in chat.text()
    assert chat.ask.step == "prior"


def test_an_identity_number_is_hidden_told_and_offered_back():
    chat = Chat().press("잘 모르겠어요").say("900101-1234567")
    assert "가렸어요(90****-*******)" in chat.text()
    assert chat.turn.masked == ("90****-*******",)
    assert "1234567" not in str(chat.state.to_json())
    chat.press("전화번호·접수번호예요")
    assert chat.ask.step == "prior_no"
    chat.say("9001011234567")
    assert chat.state.answers["prior_no"] == "9001011234567"
    chat.press("뒤로").press("그대로 두기")


def test_a_number_that_is_plainly_one_is_never_let_through():
    chat = Chat().press("잘 모르겠어요").say("900101-1234567").press("전화번호·접수번호예요")
    chat.say("900101-1234567")
    assert "1234567" not in str(chat.state.to_json())


def test_two_halves_in_two_messages_are_found():
    chat = (
        Chat()
        .press("잘 모르겠어요")
        .press("없어요")
        .say("제 번호는 900101-1")
        .say("234567 이에요")
    )
    assert "234567" not in str(chat.state.to_json())
    assert "900101-1" not in str(chat.state.to_json())


def test_two_halves_across_two_questions_are_found():
    chat = Chat().press("잘 모르겠어요").say("900101").say("1234567")
    assert "900101" not in str(chat.state.to_json())
    assert "1234567" not in str(chat.state.to_json())


def test_on_a_messenger_a_name_less_report_is_called_by_its_right_name():
    chat = Chat(ctx=context(messenger="telegram", personal="offer"))
    chat.press("네, 답을 들었는데 그대로예요").press("없어요").say(STORY).press("다 썼어요")
    chat.say("고쳐 주세요").press("맞아요").press("없어요").press("가명으로 알리기")
    assert "익명이 아니라 가명이에요" in chat.text()
    turn = engine.advance(chat.form, chat.state, Press(chat.state.turn, 0), chat.ctx)
    assert turn.outcome == Leave("web")
    chat.press("텔레그램에서 가명으로")
    assert "이 대화와 신고를 이어 둘까요?" in chat.text()
    chat.press("잇지 않기")
    assert result(chat.press("안내를 보았고 이대로 내기")).link == "no"


def test_on_a_messenger_names_are_offered_elsewhere_first():
    chat = Chat(ctx=context(messenger="telegram", personal="offer"))
    chat.press("네, 답을 들었는데 그대로예요").press("없어요").say(STORY).press("다 썼어요")
    chat.say("고쳐 주세요").press("맞아요").press("없어요").press("이름을 밝히고 답 받기")
    assert isinstance(chat.last, Elsewhere)
    assert say(chat.last.label) == "누리집에서 적기(권장)"
    chat.say("김영수")
    assert isinstance(chat.last, Elsewhere)
    assert "김영수" not in str(chat.state.to_json())
    chat.press("여기서 적기")
    assert chat.ask.step == "name"
    chat.say("김영수").say("가온시 중앙로 12").say("이메일")
    chat.say("전자우편").say("hong@EXAMPLE.com")
    assert chat.state.answers["email"] == "hong@example.com"
    chat.say("먼저 저에게")
    answers = result(chat.say("네"))
    assert (answers.name, answers.reply_by) == ("김영수", "email")


def test_where_personal_words_may_not_be_asked_the_own_page_takes_over():
    chat = Chat(ctx=context(messenger="slack", personal="no"))
    chat.press("네, 답을 들었는데 그대로예요").press("없어요")
    assert isinstance(chat.last, Elsewhere)
    for event in ("길이 파였어요", "다 썼어요"):
        chat.say(event)
        assert isinstance(chat.last, Elsewhere)
    chat.send(PHOTO)
    assert chat.state.answers.keys() == {"prior", "prior_no"}
    assert chat.state.drafts == {}
    assert chat.press("뒤로").ask.step == "prior_no"


def test_the_dialog_goes_on_at_the_own_page_where_it_was():
    chat = Chat(ctx=context(messenger="telegram", personal="no"))
    chat.press("네, 답을 들었는데 그대로예요").press("없어요")
    turn = engine.resume(chat.form, chat.state, context(pages=True))
    assert turn.state is not None
    assert turn.state.at == "what"
    assert turn.turn == chat.state.turn + 1


def test_without_an_address_setting_the_address_is_not_asked():
    ctx = context(pages=True, site={**context().site, "need_address": "none"})
    chat = (
        to_summary(Chat(ctx=ctx))
        .press("고치기")
        .press("이름 밝히기")
        .press("이름을 밝히고 답 받기")
    )
    assert [field.step for field in chat.page.fields][:3] == ["notice", "name", "reply_by"]


def test_a_page_shows_all_its_errors_at_once_and_keeps_what_was_right():
    chat = to_summary(Chat(ctx=context(pages=True)))
    chat.press("고치기").press("이름 밝히기").press("이름을 밝히고 답 받기")
    chat.submit(name="", address="몰라요", reply_by="email", email="hong", phone="")
    wrong = {field.step: say(field.error) for field in chat.page.fields if field.error}
    assert wrong.keys() == {"name", "address", "email"}
    assert "이름 없이 알리기" in wrong["name"]
    assert chat.page.error is not None
    chat.submit(name="김영수", address="가온시 중앙로 12", email="hong@example.com")
    assert chat.summary.items


def test_a_page_pressed_without_its_fields_says_what_is_missing():
    chat = to_summary(Chat(ctx=context(pages=True)))
    chat.press("고치기").press("이름 밝히기").press("이름을 밝히고 답 받기").press("다음")
    assert {field.step for field in chat.page.fields if field.error} == {
        "name",
        "address",
        "reply_by",
    }


def test_words_at_a_page_are_told_where_to_go():
    chat = to_summary(Chat(ctx=context(pages=True)))
    chat.press("고치기").press("이름 밝히기").press("이름을 밝히고 답 받기").say("김영수")
    assert chat.page.error == Phrase("error.on_page")
    chat.say("김영수라고요")
    assert chat.page.error == Phrase("error.press")
    chat.say("며칠 걸려요?", aside=(Say("7일이에요"),))
    assert "7일이에요" in chat.text()
    assert chat.say("건너뛰기").page.step == "person"
    assert chat.say("뒤로").ask.step == "who"


def test_the_kind_is_only_asked_from_the_summary():
    chat = to_summary(Chat()).press("유형 고르기(선택)")
    assert chat.ask.step == "kind"
    chat.press("미루거나 하지 않았어요")
    assert "유형: 미루거나 하지 않았어요" in chat.text()
    assert result(chat.press("안내를 보았고 이대로 내기")).kind == "neglect"


def test_an_answer_is_changed_from_the_summary_and_the_summary_comes_back():
    chat = to_summary(Chat()).press("고치기")
    assert "무엇을 고칠까요?" in chat.text()
    chat.press("바라는 것")
    assert "그대로 두기" in chat.labels()
    chat.say("빨리 고쳐 주세요")
    assert "바라는 것: 빨리 고쳐 주세요" in chat.text()
    chat.press("고치기").press("고치지 않기")
    assert chat.summary


def test_a_story_is_changed_or_written_anew():
    chat = to_summary(Chat()).press("무슨 일")
    assert STORY in chat.text()
    chat.say("그리고 또 있어요").press("다 썼어요")
    assert chat.state.answers["what"] == f"{STORY}\n그리고 또 있어요"
    chat.press("무슨 일").press("지우고 다시 쓰기").press("다 썼어요")
    assert chat.ask.error is not None
    chat.say("새 글이에요").press("다 썼어요")
    assert chat.state.answers["what"] == "새 글이에요"


def test_going_back_while_changing_one_answer_returns_to_the_summary():
    chat = to_summary(Chat()).press("바라는 것").press("뒤로")
    assert chat.summary
    assert chat.press("뒤로").ask.step == "who"


def test_a_name_given_first_and_then_withheld_is_not_in_the_result():
    chat = to_summary(Chat(ctx=context(pages=True)))
    chat.press("이름 밝히기").press("이름을 밝히고 답 받기")
    chat.submit(name="김영수", address="가온시 중앙로 12", reply_by="post")
    assert "이름: 김*수" in chat.text()
    chat.press("이름 밝히기").press("이름 없이 알리기")
    assert chat.state.answers["name"] == "김영수", "it comes back if they change their mind"
    assert result(chat.press("안내를 보았고 이대로 내기")).name is None


def test_a_long_answer_is_shortened_in_the_summary_and_whole_behind_it():
    chat = (
        Chat()
        .press("잘 모르겠어요")
        .press("없어요")
        .say("10월에 " + "가" * 300)
        .press("다 썼어요")
    )
    chat.say("고쳐요").say("모르겠어요").press("없어요").press("이름 없이 알리기")
    item = next(item for item in chat.summary.items if item.step == "what")
    assert isinstance(item.value, str)
    assert len(item.value) <= 201
    assert isinstance(item.full, str)
    assert len(item.full) > 300


def test_stopping_asks_first_and_deletes_only_then():
    chat = to_summary(Chat()).say("그만")
    assert chat.labels() == ["지우기", "계속 쓰기"]
    assert chat.press("계속 쓰기").summary
    chat.say("그만").say("지우기")
    assert chat.turn.outcome == Cancelled()
    assert chat.turn.state is None


def test_an_answer_to_stopping_that_is_neither_goes_on_with_the_question():
    chat = Chat().press("잘 모르겠어요").say("그만").say("11월 초 전화")
    assert chat.state.answers["prior_no"] == "11월 초 전화"


def test_a_draft_waits_for_another_day():
    chat = to_summary(Chat()).press("나중에 내기")
    assert chat.turn.outcome == Later()
    assert "30일 동안 이어서 쓸 수 있어요" in chat.text()
    state = engine.State.from_json(chat.state.to_json())
    turn = engine.resume(chat.form, state, context())
    assert turn.state is not None
    assert turn.state.at is None
    assert "이어서 할게요" in say(turn.replies[0].text)  # type: ignore[union-attr]


def test_later_while_something_else_is_asked_keeps_the_draft_too():
    chat = Chat().press("잘 모르겠어요").say("그만").say("나중에")
    assert chat.turn.outcome == Later()
    assert chat.state.hold == ""


def test_a_story_in_the_making_is_shown_again_when_resumed():
    chat = Chat().press("잘 모르겠어요").press("없어요").say("길이 파였어요")
    turn = engine.resume(chat.form, chat.state, context())
    assert "길이 파였어요" in say(turn.replies[-1].text)  # type: ignore[union-attr]


def test_a_story_in_the_making_is_shown_again_to_who_comes_back_to_it():
    chat = Chat().press("잘 모르겠어요").press("없어요").say("길이 파였어요")
    chat.press("뒤로").press("없어요")
    assert "길이 파였어요" in chat.text()


def test_a_second_report_asks_about_the_open_one():
    chat = Chat().press("잘 모르겠어요")
    asked = engine.collide(chat.form, chat.state, chat.ctx, "report")
    assert asked.state is not None
    assert asked.state.started == NOW.isoformat()
    new = engine.advance(chat.form, asked.state, Press(asked.turn, 1), chat.ctx)
    assert new.outcome == Leave("new", "report")
    kept = engine.advance(chat.form, asked.state, Press(asked.turn, 0), chat.ctx)
    assert kept.state is not None
    assert kept.state.at == "prior_no"


@pytest.mark.parametrize("command", ["start", "my", "help", "revoke", "human", "report"])
def test_other_commands_are_given_back_and_nothing_is_lost(command: str):
    chat = Chat().press("잘 모르겠어요")
    turn = engine.advance(chat.form, chat.state, Command(command, "x"), chat.ctx)
    assert turn.outcome == Leave(command, "x")
    assert turn.state is chat.state
    assert turn.turn == chat.state.turn


def test_commands_of_the_form_are_done_by_it():
    chat = Chat().press("잘 모르겠어요").do(Command("skip"))
    assert chat.ask.step == "what"
    assert chat.do(Command("back")).ask.step == "prior_no"
    assert chat.do(Command("continue")).ask.step == "prior_no"
    assert chat.say("새로 쓰기").labels() == ["이어서 쓰기", "새로 쓰기"]
    assert chat.do(Command("back")).ask.step == "prior_no"
    assert chat.do(Command("stop")).labels() == ["지우기", "계속 쓰기"]


def test_skipping_what_is_needed_says_so():
    chat = Chat().press("잘 모르겠어요").press("없어요").say("건너뛰기")
    assert "건너뛸 수 없어요" in chat.text()
    assert chat.say("그만").say("건너뛰기").labels() == ["지우기", "계속 쓰기"]


@pytest.mark.parametrize("number", ["1", "1번", "첫번째", "하나"])
def test_a_number_at_the_summary_never_files(number):
    chat = to_summary(Chat()).say(number)
    assert chat.turn.outcome is None
    assert chat.summary.items
    assert "아래에서 골라 주세요" in chat.text()
    assert isinstance(chat.say("이대로 내기").turn.outcome, Done)
