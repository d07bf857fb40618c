"""Typed words instead of a press: what people really type, and what must not count."""

import pytest

from bot.dialogs.commands import command_of
from bot.dialogs.events import Command
from bot.dialogs.matching import choose

PRIOR = [
    "네, 답을 들었는데 그대로예요", "네, 기한이 지나도 답이 없어요", "네, 아직 기다리는 중이에요",
    "아니요, 처음이에요", "잘 모르겠어요",
]  # fmt: skip
WHO = ["이름을 밝히고 답 받기", "이름 없이 알리기"]
YES_NO = ["맞아요", "다른 부서예요", "모르겠어요"]


@pytest.mark.parametrize(
    ("typed", "labels", "place"),
    [
        ("1", PRIOR, 0),
        ("4번이요", PRIOR, 3),
        ("둘째", PRIOR, 1),
        ("9번", PRIOR, None),
        ("아니요, 처음이에요", PRIOR, 3),
        ("아니요 처음이에요!!", PRIOR, 3),
        ("처음", PRIOR, 3),
        ("처음이에여", PRIOR, 3),
        ("아니요", PRIOR, 3),
        ("네", PRIOR, None),
        ("그대로예요", PRIOR, 0),
        ("아직 기다리는중", PRIOR, 2),
        ("모르겠어요", PRIOR, 4),
        ("기한 지나도 답 없어요", PRIOR, 1),
        ("길이 파였는데 세 번이나 전화해도 안 고쳐 줘요", PRIOR, None),
        ("이름없이 알리기", WHO, 1),
        ("이름 없이요", WHO, 1),
        ("이름", WHO, None),
        ("밝히고 답 받기", WHO, 0),
        ("", PRIOR, None),
        ("!!", PRIOR, None),
        ("ㅇ", PRIOR, None),
    ],
)
def test_what_is_typed_means_a_label_or_nothing(typed: str, labels: list[str], place: int | None):
    assert choose(typed, labels) == place


@pytest.mark.parametrize(
    ("typed", "place"), [("네", 0), ("ㅇㅇ", 0), ("아니요", 1), ("응 맞아", None), ("yes", 0)]
)
def test_a_plain_yes_or_no_means_the_label_that_says_so(typed: str, place: int | None):
    assert choose(typed, YES_NO, ["yes", "no", ""]) == place


def test_a_long_text_that_happens_to_hold_a_label_is_no_choice():
    assert (
        choose("저는 그 일이 우편 때문에 늦어졌다고 들었는데 아니래요", ["우편", "전화"]) is None
    )


def test_nothing_can_be_chosen_from_nothing():
    assert choose("네", []) is None
    assert choose("아무거나요", []) is None


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("처음으로", Command("start")),
        ("내 신고", Command("my")),
        ("그만!", Command("stop")),
        ("뒤로", Command("back")),
        ("동의 철회", Command("revoke")),
        ("STOP", Command("stop")),
        ("/start abc", Command("start", "abc")),
        ("/my@gaon_bot", Command("my")),
        ("/한글", None),
        ("신고했는데 안 고쳐 줘요", None),
        ("", None),
        ("그만 좀 미루고 고쳐 주세요 제발 부탁이에요", None),
    ],
)
def test_words_alone_are_commands_and_in_a_story_they_are_not(typed: str, command: Command | None):
    assert command_of(typed) == command
