"""Words that say that somebody looks for something, and not for what."""

import pytest

from bot.services.library import Library
from knowledge.searching import fillers


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("버스 사례 찾아줘", "버스"),
        ("혹시 주차 관련 사례 있나요?", "주차"),
        ("쓰레기 줄인 우수사례 알려 주세요", "쓰레기 줄인"),
        ("사례관리사 배치", "사례관리사 배치"),
        ("사례 찾아줘", "사례 찾아줘"),
    ],
)
def test_they_are_left_out_while_something_is_left(asked, left):
    assert " ".join(fillers.without(asked).split()) == left


def test_a_word_is_found_however_it_is_asked_for():
    index = Library().cases()
    alone = [hit.key for hit in index.search("버스").hits]
    assert alone
    assert [hit.key for hit in index.search("혹시 버스 관련 사례 있나요?").hits] == alone


def test_where_many_fit_they_are_asked_back():
    found = Library().cases().search("쓰레기 줄인 사례")
    assert "AC-091" in [hit.key for hit in found.near]


def test_a_question_that_only_says_that_one_looks_is_known():
    for text in ("사례 찾아줘", "적극행정 사례", "", "...", "혹시 사례 있나요?", "😀"):
        assert fillers.only(text), text
    for text in ("버스 사례", "ㅂ", "QR", "사례관리사"):
        assert not fillers.only(text), text
