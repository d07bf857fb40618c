"""Questions about the procedure get the answer that was read somewhere, or none."""

import pytest

from knowledge import faq
from knowledge.likeness import Nearest


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("며칠 걸려요?", "F007"),
        ("소극행정이 뭔가요", "F001"),
        ("주말도 처리기간에 들어가나요?", "F008"),
        ("이름 안 밝혀도 되나요", "F013"),
        ("연장은 몇 번까지 돼요?", "F009"),
        ("주민등록번호 적어야 하나요", "F034"),
        ("국민신청 자격이 뭐예요?", "F020"),
        ("텔레그램 쓰면 해외에 저장되나요", "F037"),
        ("소식지 구독 해지", "F038"),
        ("결과가 불만이면 다시 신고할 수 있나요?", "F018"),
    ],
)
def test_the_right_answer_is_found(asked: str, found: str):
    answer = faq.answer(asked)
    assert answer is not None
    assert answer.id == found


@pytest.mark.parametrize(
    "said",
    [
        "", "네", "길을 고쳐 주세요", "10월에 전화 두번", "중앙시장 정문앞", "오늘 날씨 어때?",
        "이게 말이 되나?", "언제 고쳐 주나요?", "돈 드나요?", "얼른 메꿔주고 왜 미뤘는지 말해줘요",
    ],
)  # fmt: skip
def test_no_answer_is_made_up(said: str):
    assert faq.answer(said) is None


def test_every_question_finds_its_own_answer():
    for answer in faq.every():
        found = faq.answer(answer.question)
        assert found is not None
        assert found.id == answer.id


def test_every_answer_names_its_source_and_how_sure_it_is():
    for answer in faq.every():
        assert answer.source
        assert answer.verified == (answer.confidence == "확인")
    assert {answer.verified for answer in faq.every()} == {True, False}


def test_words_with_nothing_in_common_find_nothing():
    assert Nearest(["길이 파였어요"]).find("zzzz") is None
