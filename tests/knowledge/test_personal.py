"""Personal data in what everybody may read."""

from datetime import date

import pytest

from knowledge.cases import shipped
from knowledge.personal import find


@pytest.mark.parametrize(
    ("text", "what", "shown"),
    [
        ("홍길동 주무관이 처리했다", "name", "홍길동 주무관"),
        ("민원인 홍길동씨는", "name", "홍길동씨"),
        ("남궁민수 팀장", "name", "남궁민수 팀장"),
        ("홍길동(52세) 대표", "name", "홍길동(52세) 대표"),
        ("김○○ 씨가", "name", "김○○ 씨"),
        ("박모(45) 씨는", "name", "박모(45) 씨"),
        ("통장 박○○, 주민", "name", "박○○"),
        ("연락처 010-1234-5678", "phone", "010-1234-5678"),
        ("전화 ０１０１２３４５６７８", "phone", "０１０１２３４５６７８"),
        ("담당 02) 123-4567", "phone", "02) 123-4567"),
        ("문의: hong@example.com", "email", "hong@example.com"),
        ("http://a.example/?m=hong@example.com", "email", "hong@example.com"),
        ("농협 352-0123-4567-83", "account", "352-0123-4567-83"),
        ("카드 1234-5678-1234-5678", "account", "1234-5678-1234-5678"),
    ],
)
def test_what_tells_of_one_person_is_found_where_it_stands(text, what, shown):
    assert [(one.what, text[one.start : one.end]) for one in find(text)] == [(what, shown)]


def test_a_resident_number_is_found_in_its_disguise():
    assert [one.what for one in find("주민번호 900101 - 1234567", date(2026, 11, 23))] == [
        "number"
    ]
    assert find("코드 991231-3234567", date(2026, 11, 23)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "A씨가 물었다",
        "정책과 과장이 결재했다",
        "강서구 주무관",
        "안성시 과장",
        "이용자 대표 12명",
        "하시고 과장님을",
        "김구○○동",
        "날씨와 마음씨",
        "대표번호 1588-1234, 080-123-4567",
        "조례 제0123호 2024년",
        "2025. 01. 2024",
        "은행 예산 10000000000원",
        "https://a.example/20251128000022/01012345678",
        "https://www.youtube.com/@city",
    ],
)
def test_what_tells_of_nobody_is_left_alone(text):
    assert find(text) == ()


def test_no_shipped_case_tells_of_a_person():
    for ref, case in shipped().items():
        assert find(f"{case.title}\n{case.agency}\n{case.body}\n{case.source}") == (), ref
