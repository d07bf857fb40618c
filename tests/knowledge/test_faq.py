"""Answers and terms as they are shipped: with a source each, and how sure it is."""

import pytest

from knowledge import faq, glossary, sources
from knowledge.likeness import Nearest
from knowledge.search import CaseIndex


def test_every_answer_names_its_source_and_how_sure_it_is():
    answers = faq.shipped().values()
    for answer in answers:
        assert answer.source
        assert answer.verified == (answer.confidence == "확인")
        assert answer.audience in faq.AUDIENCES
    assert {answer.verified for answer in answers} == {True, False}


def test_every_question_finds_its_own_answer():
    index = CaseIndex.build(map(faq.document, faq.shipped().values()))
    for ref, answer in faq.shipped().items():
        for asked in (answer.question, *answer.also):
            found = index.search(asked)
            assert ref in {hit.key for hit in found.hits or found.near}, asked


@pytest.mark.parametrize(
    ("asked", "term"),
    [
        ("소극행정이 뭐예요?", "소극행정"),
        ("반려가 무슨 뜻이에요", "반려"),
        ("이송이란?", "이송"),
        ("사전컨설팅 뜻 좀 알려주세요", "사전컨설팅"),
        ("복지부동이 뭔가요", "업무해태"),
        ("적극행정위원회가 뭐 하는 데예요", "적극행정위원회"),
        ("what does 이송 mean", "이송"),
    ],
)
def test_a_question_for_a_meaning_finds_the_term(asked: str, term: str):
    found = glossary.meant(asked)
    assert found is not None
    assert found.term == term


@pytest.mark.parametrize(
    "said",
    [
        "", "이송", "적극행정 말고 다른 거요", "소극행정을 신고하고 싶어요", "이송이 왜 안 됐나요",
        "소극행정이 뭐가 문제인지 세 번이나 전화해서 물어봤는데 도로과에서 답을 안 해 주네요",
    ],
)  # fmt: skip
def test_nothing_else_is_taken_for_one(said: str):
    assert glossary.meant(said) is None


def test_a_term_is_found_by_any_of_its_names():
    for term in glossary.every():
        assert term.source
        assert {glossary.called(name) for name in (term.term, *term.also)} == {term}
    assert glossary.called("없는 낱말") is None


def test_only_a_page_by_https_can_be_opened():
    law = sources.link("https://www.law.go.kr/법령/민원처리에관한법률")
    assert law is not None
    assert (law.title, law.host) == ("국가법령정보센터", "www.law.go.kr")
    assert sources.link("https://x.example/a", "안내") == sources.Link(
        "안내", "https://x.example/a"
    )
    for other in (
        "http://x.example/a",
        "민원 처리에 관한 법률 제23조",
        "javascript:alert(1)",
        "https://who@x.example/",
        "https://[x/",
    ):
        assert sources.link(other) is None


def test_a_source_is_named_in_a_line():
    assert sources.named("민원 처리에 관한 법률 제23조") == "민원 처리에 관한 법률 제23조"
    assert sources.named("https://x.example/a?b=c") == "x.example"
    assert sources.named("http://y.example/a") == "y.example"
    assert sources.named("http:///nowhere") == "http:///nowhere"


def test_an_answer_gives_the_pages_that_it_was_read_on():
    answer = faq.shipped()["F001"]
    assert [link.host for link in answer.links] == ["www.law.go.kr"]


def test_words_with_nothing_in_common_find_nothing():
    assert Nearest(["길이 파였어요"]).find("zzzz") is None
