"""What is meant by a few words after the command, in two languages and with typing errors."""

import os

import pytest

from bot.services import civic, codes
from tests import shipped

TEXTS = shipped.texts()


def meant(said: str) -> tuple[str, str]:
    wish = civic.understand(TEXTS, said)
    return wish.what, wish.rest


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("대기", "waiting"), ("대기 목록", "waiting"), ("waiting", "waiting"), ("NEW", "waiting"),
        ("내 일", "mine"), ("내일", "mine"), ("mine", "mine"), ("지남", "overdue"),
        ("late", "overdue"), ("통계", "statistics"), ("stats", "statistics"), ("알림", "snoozed"), ("사전컨설팅", "preconsulting"),
        ("사전 컨설팅", "preconsulting"), ("연결 해제", "unlink"), ("unlink", "unlink"),
        ("소식", "news"),
        ("newsletter", "news"), ("소식 그만", "news_stop"), ("news_no", "news_no"),
        ("도움말", "help"), ("", "help"), ("  ", "help"), ("?", "help"),
    ],
)  # fmt: skip
def test_the_words_of_both_languages_are_known(said: str, what: str):
    assert meant(said) == (what, "")


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("데기", "waiting"), ("지낫", "overdue"), ("지남ㅇ", "overdue"), ("연결해재", "unlink"),
        ("연결 해재", "unlink"), ("도움멀", "help"), ("wating", "waiting"), ("overdu", "overdue"),
        ("ㄷㅐ기", "waiting"), ("사전컨설탕", "preconsulting"),
    ],
)  # fmt: skip
def test_typing_errors_are_forgiven(said: str, what: str):
    assert meant(said) == (what, "")


def test_what_stands_behind_the_words_is_kept_as_it_was():
    assert meant("연결 abcd-EFGH-0123-4567") == ("link", "abcd-EFGH-0123-4567")
    assert meant("사례 도로 점용") == ("cases", "도로 점용")
    assert meant("사레 도로 점용") == ("cases", "도로 점용")


def test_decomposed_and_full_width_signs_are_the_same_words():
    assert meant("대기") == ("waiting", "")
    assert meant("ｗａｉｔｉｎｇ") == ("waiting", "")


@pytest.mark.parametrize("number", ["2026-DTAQ-DE", "2026-LGNL-LE", "2026-LECL-A2"])
def test_a_number_is_known_however_it_is_written_or_read_out(number):
    plain = number.replace("-", "")
    for said in (number, plain.lower(), " ".join(plain), number.replace("-", " · ")):
        assert meant(said) == ("show", number)
    out_loud = codes.spoken(number)
    assert meant(out_loud) == ("show", number)
    assert meant(out_loud.replace(" ", "")) == ("show", number)
    bare = codes.heard(out_loud.replace("(영어)", ""))
    assert bare in {number, None}  # 2 and E sound alike: where both fit, nothing is guessed


def test_a_number_with_a_wrong_sign_is_told_from_words():
    number = codes.new_number(2026, os.urandom)
    other = next(sign for sign in codes.SIGNS if sign != number[-1])
    assert meant(number[:-1] + other) == ("wrong_number", number[:-1] + other)
    assert codes.heard("공 공") is None
    assert codes.heard("대기!") is None
    assert codes.heard("이" * 40) is None


def test_what_nobody_knows_is_answered_with_what_it_may_have_been():
    wish = civic.understand(TEXTS, "알려줘")
    assert (wish.what, wish.near) == ("unknown", ("snoozed",))
    assert civic.understand(TEXTS, "피자 먹고 싶다 " * 40).what == "unknown"
    assert civic.understand(TEXTS, "zzz").near == ()


def test_no_word_means_two_things():
    words = [
        (civic.fold(word), wish)
        for wish in civic.WISHES
        for lang in TEXTS.languages
        for word in TEXTS.raw(f"civic.word.{wish}", lang).split("|")
    ]
    meanings: dict[str, set[str]] = {}
    for word, wish in words:
        meanings.setdefault(word, set()).add(wish)
    assert {word: found for word, found in meanings.items() if len(found) > 1} == {}
