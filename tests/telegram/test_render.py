"""Replies as Telegram messages, looked at one by one."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogs.replies import (
    Ask,
    Block,
    Card,
    Cards,
    Elsewhere,
    Item,
    Option,
    Page,
    Phrase,
    Picture,
    Receipt,
    Reply,
    Say,
    Sheet,
    Summary,
    Words,
)
from bot.handlers.cutting import clean, units
from bot.handlers.telegram_render import LABEL, Key, Speak, render
from bot.handlers.telegram_text import Draft
from bot.locale import Span, Texts
from tests import issues, shipped
from tests.telegram.golden import check, marked

TEXTS = shipped.texts()
OWN = Texts(
    {
        "ko": {
            "t.bold": "**신고를 접수했어요.** 접수번호 **{number}**",
            "t.code": "접수번호 **{number}** · 확인 코드 **{code}**",
        }
    }
)


def speak(lang: str = "ko") -> Speak:
    def spoken(words: Words) -> tuple[Span, ...]:
        own = isinstance(words, Phrase) and words.key.startswith("t.")
        return (OWN if own else TEXTS).spans(words, lang, {})

    return spoken


def options(*labels: str) -> tuple[Option, ...]:
    return tuple(Option(label, index=index) for index, label in enumerate(labels))


SAMPLES: dict[str, Callable[[], Reply]] = {
    "say": lambda: Say("네, 편하게 물어보세요."),
    "ask_with_error_progress_and_hint": lambda: Ask(
        step="what",
        input="long",
        text="무슨 일이 있었나요?",
        turn=7,
        hint="언제, 어디서, 어떤 일인지 아는 만큼만요.",
        error="아직 적으신 내용이 없어요.",
        progress=(3, 9),
        options=(
            Option("다 썼어요", "done", 0),
            Option("뒤로", "back", 1),
            Option("그만두기", "cancel", 2, danger=True),
        ),
    ),
    "choice_with_hints": lambda: Ask(
        step="who",
        input="choice",
        text="이름을 밝히고 답변을 받으시겠어요?",
        turn=12,
        progress=(6, 9),
        options=(
            Option("이름을 밝히고 답 받기", index=0, hint="감사 부서만 이름을 봐요."),
            Option("이름 없이 알리기", index=1, hint="답변 의무가 없어요."),
        ),
    ),
    "labels_too_long_for_a_button": lambda: Ask(
        step="unit",
        input="lookup",
        text="비슷한 부서예요. 여기 있나요?",
        turn=9,
        options=options(
            "도로과",
            "가온시 도시안전국 도로시설물유지관리과 제2팀",
            "여기 없어요",
        ),
    ),
    "place": lambda: Ask(
        step="when_where",
        input="place",
        text="언제쯤, 어디에서 있었던 일인가요?",
        turn=4,
        options=(Option("모르겠어요", "skip", 0),),
    ),
    "summary": lambda: Summary(
        text=Phrase("t.bold", {"number": "x"}),
        items=(
            Item(
                "what", "무슨 일", "길이 파…", edit=3, full="길이 파였어요.\n세 번 전화했어요 🙏"
            ),
            Item("wish", "바라는 것", "고쳐 주세요 **꼭**", edit=4),
        ),
        turn=20,
        notice="개인정보를 이렇게 써요",
        options=(
            Option("안내를 보았고 이대로 내기", "confirm", 0),
            Option("고치기", "edit", 1),
            Option("나중에 내기", "info", 2),
            Option("그만두기", "cancel", 3, danger=True),
        ),
    ),
    "cards": lambda: Cards(
        text="내신 신고예요.",
        cards=(
            Card("2026-7K3M-Q9", "조사중", (Option("자세히", command="status", arg="1"),)),
            Card("2026-9XXM-Q2", "접수", (Option("자세히", command="status", arg="2"),)),
        ),
        options=(Option("처음으로", command="start"),),
    ),
    "receipt": lambda: Receipt(
        number="2026-7K3M-Q9",
        text=Phrase("t.code", {"number": "2026-7K3M-Q9", "code": "AAAA-BBBB-CCCC-DDDD"}),
        code="AAAA-BBBB-CCCC-DDDD",
        due_on="2026-12-01",
        options=(
            Option("누리집에서 코드 보기", url="https://gaon.example/c#x"),
            Option("내 신고 보기", command="my"),
        ),
    ),
    "elsewhere": lambda: Elsewhere(
        text="아래 버튼을 누르면 가온시 누리집이 열려요.", url="https://gaon.example/c#abc"
    ),
    "sheet": lambda: Sheet(
        text=Phrase("t.bold", {"number": "2026-7K3M-Q9"}),
        blocks=(
            Block("제목", "옥외 영업 허가 기준을 세워 주세요"),
            Block("신청 내용", "1. 하려던 일\n**옥상**에서 파는 것 👨‍👩‍👧‍👦"),
        ),
        file="신청글.txt",
        turn=9,
        options=(
            Option("국민신문고 열기", url="https://www.epeople.go.kr"),
            Option("냈어요", index=0),
            Option("그만두기", "cancel", 1, danger=True),
        ),
    ),
    "picture": lambda: Picture("blob1", alt="막대그래프", caption="11월 처리 현황"),
    "page": lambda: Page(
        step="person",
        text="답을 보낼 곳을 적어 주세요.",
        fields=(Ask("name", "text", "이름", 3), Ask("phone", "phone", "전화번호", 3)),
        turn=3,
        error="빈 칸이 있어요.",
        options=(Option("다음", "done", 0),),
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_reply_is_laid_out_as_the_golden_file_shows(name: str) -> None:
    check(f"kinds/{name}", render(SAMPLES[name](), speak()))


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("kind", [issues.monthly, issues.cards])
def test_an_issue_is_laid_out_as_the_golden_file_shows(
    kind: Callable[[], Reply], lang: str
) -> None:
    check(f"news/{kind.__name__}.{lang}", render(kind(), speak(lang)))


def test_what_is_sent_again_says_so() -> None:
    (message,) = render(Say("안녕하세요."), speak(), again=True)
    assert message.part.text == "(다시 보냄)\n\n안녕하세요."


def test_a_block_longer_than_a_message_is_set_as_words_to_copy_in_all_its_parts() -> None:
    sheet = Sheet(
        "여기 있어요.", (Block("까닭", "허가 기준이 없다고 합니다 " * 600),), "신청글.txt"
    )
    file, *messages = render(sheet, speak())
    assert file.file is not None
    assert "".join(file.file.text.split()).endswith("없다고합니다" * 1)
    assert len(messages) > 1
    assert all(message.part.marks[-1].kind == "pre" for message in messages)


def test_a_receipt_never_shows_the_code() -> None:
    (message,) = render(SAMPLES["receipt"](), speak())
    assert "AAAA-BBBB" not in message.part.text


def test_what_cannot_be_undone_stands_alone_in_the_last_row() -> None:
    reply = Say(
        "거두시겠어요?",
        (Option("거두기", index=0, danger=True), Option("계속 둘게요", index=1)),
        turn=3,
    )
    (message,) = render(reply, speak())
    assert [[key.label for key in row] for row in message.keys] == [["계속 둘게요"], ["거두기"]]


def test_a_button_of_a_notice_is_a_command() -> None:
    reply = Say("새 소식이 있습니다.", (Option("보기", command="status", arg="2026-7K3M-Q9"),))
    (message,) = render(reply, speak())
    assert message.keys == ((Key("보기", data="c:status:2026-7K3M-Q9"),),)


def test_data_over_64_bytes_is_refused_before_anything_is_sent() -> None:
    reply = Say("x", (Option("x", command="status", arg="가" * 20),))
    with pytest.raises(ValueError, match="64 bytes"):
        render(reply, speak())


def test_more_than_a_hundred_buttons_lose_the_ones_before_the_last() -> None:
    many = tuple(Option(f"{n}번째 부서와 그 이름", index=n) for n in range(150))
    (message,) = render(
        Say("x", (*many, Option("지우기", index=150, danger=True)), turn=1), speak()
    )
    assert sum(map(len, message.keys)) == 100
    assert message.keys[-1][0].label == "지우기"


@pytest.mark.parametrize("words", ["", " \n ", "\u200b", "\u202e", "\x00"])
def test_words_without_a_visible_sign_still_make_a_message(words: str) -> None:
    (message,) = render(Say(words), speak())
    assert message.part.text == "…"


def test_an_unknown_kind_of_reply_is_a_bug_that_shows() -> None:
    with pytest.raises(TypeError, match="no layout for str"):
        render("x", speak())  # type: ignore[arg-type]


def test_a_long_text_is_cut_at_eojeol_and_the_buttons_stand_under_the_last() -> None:
    text = "보도블록이 깨졌는데 " * 1000
    messages = render(Say(text, options("네"), turn=1), speak())
    assert len(messages) == 3
    assert all(message.part.text.endswith(("보도블록이", "깨졌는데")) for message in messages)
    assert [bool(message.keys) for message in messages] == [False, False, True]
    assert " ".join(message.part.text for message in messages) == text.strip()


def test_a_word_longer_than_a_message_is_cut_between_whole_signs() -> None:
    family = "👨‍👩‍👧‍👦"
    parts = Draft().add([Span(family * 900)]).parts()
    assert "".join(part.text for part in parts) == family * 900
    assert all(units(part.text) <= 4096 for part in parts)
    assert all(part.text.startswith("👨") and part.text.endswith("👦") for part in parts)


def test_the_marks_go_on_in_the_next_message() -> None:
    words = "가나다라 " * 1200
    parts = Draft().add([Span("앞 "), Span(words, bold=True)]).parts()
    shown = [marked(part.text, part.marks) for part in parts]
    assert shown[0].startswith("앞 **가나다라")
    assert all(text.endswith("가나다라**") for text in shown)


hostile = st.text(
    alphabet=st.characters(codec=None) | st.sampled_from("\u202e\u200b\x00*_`<>&\ud800\n👨‍👩"),
    max_size=200,
)


@given(st.lists(st.tuples(hostile, st.booleans()), max_size=12), st.integers(8, 300))
def test_whatever_is_said_fits_and_every_mark_lies_on_its_words(
    said: list[tuple[str, bool]], most: int
) -> None:
    parts = Draft().add([Span(text, bold) for text, bold in said]).parts(most)
    for part in parts:
        assert 0 < units(part.text) <= most
        assert part.text == part.text.strip()
        part.text.encode()  # no half of a surrogate pair
        end = 0
        for mark in part.marks:
            assert mark.offset >= end
            assert mark.length > 0
            end = mark.offset + mark.length
        assert end <= units(part.text)
    kept = "".join("".join(part.text.split()) for part in parts)
    assert kept == "".join("".join(clean(text) for text, _ in said).split())


@given(hostile, st.integers(0, 9))
def test_a_label_is_never_longer_than_twenty_letters_and_never_empty(
    text: str, index: int
) -> None:
    (*_, message) = render(Say("x", (Option(text, index=index),), turn=1), speak())
    assert 0 < len(message.keys[0][0].label) <= LABEL
