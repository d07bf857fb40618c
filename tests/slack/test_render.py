"""Replies as Slack messages, looked at one by one."""

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogs.replies import Ask, Card, Cards, Option, Part, Phrase, Picture, Reply, Say, Words
from bot.handlers.slack.blocks import Speak, bold, escape, line, plain
from bot.handlers.slack.render import BLOCKS, FALLBACK, JSON_SIGNS, Message, render, words_only
from bot.locale import Span, Texts
from tests import issues, shipped
from tests.slack.golden import check

TEXTS = shipped.texts()
OWN = Texts(
    {"ko": {"t.new": "새 신고예요: **{number}**", "t.noted": "**{who}** 님이 메모를 남겼어요."}}
)
NUMBER = "2026-7K3M-Q9"
DESK = f"https://desk.gaon.example/desk/filings/{NUMBER}"


def speak(lang: str = "ko") -> Speak:
    def spoken(words: Words) -> tuple[Span, ...]:
        own = isinstance(words, Phrase) and words.key.startswith("t.")
        return (OWN if own else TEXTS).spans(words, lang, {})

    return spoken


def act(label: str, what: str, **more: object) -> Option:
    return Option(label, command="act", arg=f"{what} {NUMBER} 3", **more)  # type: ignore[arg-type]


def card(**facts: str) -> tuple[Card, ...]:
    return tuple(Card(label.replace("_", " "), value) for label, value in facts.items())


SAMPLES: dict[str, Callable[[], Reply]] = {
    "card": lambda: Cards(
        Phrase("t.new", {"number": NUMBER}),
        card(절차="소극행정 신고", 상태="접수 대기", 기한="12월 1일(화)", 담당="아직 없음"),
        (
            act("접수", "receive", role="confirm"),
            act("배정", "assign"),
            act("메모", "note"),
            Option("직원 화면에서 열기", url=DESK),
        ),
    ),
    "say_with_a_link": lambda: Say(
        "처리 기한이 하루 남았어요.", (Option("직원 화면에서 열기", url=DESK),)
    ),
    "thread_line": lambda: Say(Phrase("t.noted", {"who": "김*감*사* <@U1>"})),
    "list": lambda: Cards(
        "기다리는 신고 2건이에요.",
        (
            Card(NUMBER, "접수 대기 · 12월 1일(화)까지", (Option("열기", url=DESK),)),
            Card(
                "2026-9XXM-Q2",
                "조사중 · 12월 3일(목)까지",
                (act("알림", "remind"), Option("열기", url=DESK)),
            ),
        ),
        (Option("모두 보기", url="https://desk.gaon.example/desk"),),
    ),
    "buttons_with_words": lambda: Say(
        "이렇게 쓸 수 있어요.",
        (
            Option("기다리는 신고", command="civic", arg="대기", hint="아직 접수하지 않은 신고"),
            Option("연결 해제", command="civic", arg="연결 해제", danger=True),
            Option("내 일", command="civic", arg="내 일"),
        ),
    ),
    "words_of_a_filing": lambda: Cards(
        "신고 내용이에요.",
        (
            *card(언제="10월 3일", 무엇="도로가 파였어요. *별* _밑줄_ <http://x|청렴포털> " * 20),
            *card(바라는_것="고쳐 주세요", 비어_있음=""),
        ),
    ),
    "picture": lambda: Picture("blob1", alt="막대그래프", caption="11월 처리 현황 <b>"),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_reply_is_laid_out_as_the_golden_file_shows(name: str) -> None:
    check(name, render(SAMPLES[name](), speak()))


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("kind", [issues.monthly, issues.cards])
def test_an_issue_is_laid_out_as_the_golden_file_shows(
    kind: Callable[[], Reply], lang: str
) -> None:
    check(f"news/{kind.__name__}.{lang}", render(kind(), speak(lang)))


def test_what_is_sent_again_says_so_in_either_language() -> None:
    assert [
        render(Say("네."), speak(lang), again=True)[0].words.split("\n")[0]
        for lang in ("ko", "en")
    ] == ["(다시 보냄)", "(sent again)"]
    assert render(Picture("b", "그림"), speak(), again=True)[0].words == "(다시 보냄)\n그림"


@pytest.mark.parametrize(
    "words",
    [
        "<!channel> <!here> <!everyone>",
        "<@U0123ABCD> <#C0123ABCD> <!subteam^S1>",
        "<http://evil.example|청렴포털>",
        "http://evil.example",
        "*굵게* _기울임_ ~줄~ `코드` ```여러 줄```",
        "> 인용\n• 목록 :tada: &lt;!channel&gt; &amp;",
        "\u202e거꾸로\u202c \u2066앞\u2069",
    ],
)
def test_no_word_of_a_person_is_read_as_markup(words: str) -> None:
    """What Slack reads is mrkdwn and `text`; the rest it shows as it is (security S31)."""
    option = Option(words, command="act", arg="note 1 1", hint=words)
    replies: tuple[Reply, ...] = (
        Say(words, (option,)),
        Cards(words, (Card(words, words), Card(words, words, (option,))), (option,)),
    )
    for reply in replies:
        for message in render(reply, speak()):
            for read in (message.text, *_read(message.blocks)):
                assert not {"<", ">", "\u202e", "\u2066"} & set(read)
                assert "&" not in read.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
            for read in _read(message.blocks):
                assert not set("_~`") & set(read)
                assert read.startswith("*")
                assert read.endswith("*")
                assert "*" not in read[1:-1]


def _read(value: object) -> list[str]:
    """Find what Slack would parse."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            assert value["verbatim"] is True
            return [value["text"]]
        return [text for one in value.values() for text in _read(one)]
    if isinstance(value, list | tuple):
        return [text for one in value for text in _read(one)]
    return []


def test_a_long_text_becomes_several_messages_and_the_buttons_stand_under_the_last() -> None:
    text = "보도블록이 깨졌는데 " * 3000
    messages = render(Say(text, (act("메모", "note"),)), speak())
    assert len(messages) > 3
    assert " ".join(message.words.replace("\n\n", " ") for message in messages) == text.strip()
    assert [message.blocks[-1]["type"] for message in messages] == [
        *["section"] * (len(messages) - 1),
        "actions",
    ]


def test_many_findings_become_several_messages_and_none_is_left_out() -> None:
    cards = tuple(Card(f"{n}번", "접수 대기", (act("접수", "receive"),)) for n in range(120))
    messages = render(Cards("모두예요.", cards), speak())
    assert all(len(message.blocks) <= BLOCKS for message in messages)
    said = "\n".join(message.words for message in messages)
    assert all(f"{n}번\n" in said for n in range(120))
    assert json.dumps([message.blocks for message in messages]).count('"act:receive"') == 120


def test_more_buttons_than_one_row_holds_go_on_in_the_next() -> None:
    options = tuple(Option(f"{n}", command=f"c{n}") for n in range(30))
    (message,) = render(Say("x", options), speak())
    rows = [block for block in message.blocks if block["type"] == "actions"]
    assert [len(row["elements"]) for row in rows] == [25, 5]


def test_the_same_id_never_stands_twice_in_one_block() -> None:
    options = (act("하나", "receive"), act("둘", "receive"))
    (message,) = render(Say("x", options), speak())
    assert [len(block.get("elements", ())) for block in message.blocks] == [0, 1, 1]


def test_a_label_too_long_for_a_button_is_said_in_words() -> None:
    label = "가온시 도시안전국 도로시설물유지관리과 " * 5
    (message,) = render(Say("x", (act(label, "note"),)), speak())
    (button,) = message.blocks[-1]["elements"]
    assert 60 < len(button["text"]["text"]) <= 75
    assert button["text"]["text"].endswith("…")
    assert " ".join(label.split()) in message.words


def test_a_value_that_does_not_fit_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(ValueError, match="too long"):
        render(Say("x", (Option("x", command="act", arg="note " + "9" * 2000),)), speak())


def test_what_officials_are_never_sent_is_a_bug_that_shows() -> None:
    with pytest.raises(TypeError, match="no layout for Ask"):
        render(Ask("what", "long", "무슨 일이 있었나요?", 1), speak())


@pytest.mark.parametrize("words", ["", " \n ", "\u200b", "\u202e", "\x00"])
def test_words_without_a_visible_sign_still_make_a_message(words: str) -> None:
    (message,) = render(Say(words), speak())
    assert message.words == "…"
    assert [one.text for one in words_only([message])] == ["…"]


def test_the_second_try_says_the_same_words_without_layout() -> None:
    reply = SAMPLES["words_of_a_filing"]()
    messages = words_only(render(reply, speak()))
    assert not any(message.blocks for message in messages)
    said = " ".join(" ".join(message.words.split()) for message in messages)
    assert said == " ".join(" ".join(one.words.split()) for one in render(reply, speak()))
    assert all(len(message.text) <= FALLBACK for message in messages)


hostile = st.text(
    alphabet=st.characters(codec=None) | st.sampled_from("\u202e\u200b\x00*_`<>&\ud800\n👨‍👩"),
    max_size=300,
)


@given(hostile, st.integers(1, 12))
def test_whatever_is_said_fits(text: str, times: int) -> None:
    whole = text * times * 5
    options = (Option(whole, command="act", arg="note 1 1", hint=whole),)
    reply = Cards(whole, (Card(whole, whole), Card(whole, whole, options)), options)
    for message in (*render(reply, speak()), *words_only(render(reply, speak()))):
        assert 0 < len(message.text) <= FALLBACK
        assert len(message.blocks) <= BLOCKS
        # One block may be longer than a message should be, two may not.
        size = len(json.dumps(message.blocks, ensure_ascii=False))
        assert size <= JSON_SIGNS + 1000
        json.dumps(message.blocks, ensure_ascii=False).encode()


@given(hostile, st.integers(20, 80))
def test_a_text_object_is_never_empty_and_never_too_long(text: str, most: int) -> None:
    name = line([Span(text)])
    for made in (plain(name, most), bold(name, most)):
        assert 0 < len(made["text"]) <= most + 2


def test_a_link_of_ours_cannot_be_broken_out_of() -> None:
    made = bold("<가>", 99, "https://desk.example/a?b=1&c=|>")
    assert made["text"] == "*<https://desk.example/a?b=1&amp;c=%7C%3E|&lt;가&gt;>*"
    assert escape("<&>") == "&lt;&amp;&gt;"


def whole(message: Message) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


def test_an_issue_too_long_for_one_message_says_where_the_rest_is() -> None:
    parts = tuple(Part(f"{n}번", "가나다라 " * 60) for n in range(60))
    (message,) = render(replace(issues.monthly(), parts=parts), speak())
    assert len(message.blocks) <= BLOCKS
    assert len(whole(message)) <= JSON_SIGNS + 1000
    rest, buttons = message.blocks[-2:]
    assert rest["elements"][0]["text"] == "나머지는 누리집에서 볼 수 있습니다."
    assert [one["action_id"] for one in buttons["elements"]] == ["open:0", "say:news_stop"]
    assert "0번" in message.words
    assert "59번" not in message.words


def test_without_a_public_page_slack_shows_the_words_of_the_pictures() -> None:
    (message,) = render(replace(issues.cards(), page="http://127.0.0.1:8080/news/c-12"), speak())
    assert '"image"' not in whole(message)
    assert "그림 5: 출처." in message.words


@pytest.mark.parametrize("page", ["https://gaon.example/news/2026-11", None])
def test_a_link_in_an_issue_stays_on_our_pages(page: str | None) -> None:
    (message,) = render(replace(issues.hostile("이름"), page=page), speak())
    links = re.findall(r"<(http[^|]*)\|", whole(message))
    assert links == (["https://gaon.example/cases/x"] if page else [])
    assert "이름 (evil.example)" in message.words


def test_a_picture_that_nobody_described_is_named_after_its_issue() -> None:
    (message,) = render(replace(issues.cards(), pictures=(Picture("news:c-12:0", ""),)), speak())
    assert [one["alt_text"] for one in message.blocks if one["type"] == "image"] == [
        "카드뉴스: 공유 주차장"
    ]
    assert [one.pictures for one in message.pieces if one.pictures] == [(0,)]
