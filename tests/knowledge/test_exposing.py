"""By what somebody can be told: found with where it stands."""

from datetime import date

import pytest

from knowledge import cases
from knowledge.exposing import Exposed, blamed, exposed

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("주민번호는 900101-1234567 이다.", "number", "90****-*******"),
        ("문의 031-000-0100", "phone", "031-000-0100"),
        ("０１０－１２３４－５６７８로 전화", "phone", "010-1234-5678"),
        ("02 123 4567로 전화", "phone", "02 123 4567"),
        ("hong@example.com으로 보냈다.", "email", "hong@example.com"),
        ("김철수 주무관이 조례를 고쳤다.", "person", "김철수 주무관"),
        ("홍길동이 직접 찾아갔다.", "person", "홍길동"),
    ],
)
def test_what_tells_who_it_is_is_found(text, kind, said):
    assert Exposed(kind, said) in exposed(text, TODAY, ["홍길동"])


@pytest.mark.parametrize(
    "text",
    [
        "담당 부서가 조례를 고쳐 25건을 해결했다.",
        "2025년 3월 1일부터 344억 원을 아꼈다.",
        "도로 담당이 현장을 살폈다.",
        "https://example.go.kr/news/20251128000022",
    ],
)
def test_what_tells_nobody_is_let_be(text):
    assert exposed(text, TODAY) == ()


def test_one_official_who_is_blamed_is_found_and_several_are_not():
    one = "보완을 두 번 시켰다. 담당자가 징계를 받았다! 그 뒤 고쳤다."
    assert list(blamed(one)) == [Exposed("blame", "담당자가 징계를 받았다")]
    assert list(blamed("감사에서 담당 공무원 51명을 문책했다.")) == []
    assert list(blamed("담당자가 서류를 늦게 보냈다.")) == []


def test_the_recognised_cases_that_were_shipped_blame_nobody():
    for case in cases.shipped().values():
        assert list(blamed(f"{case.title}\n{case.body}")) == [], case.ref
        found = {one.kind for one in exposed(f"{case.title}\n{case.body}", TODAY)}
        assert found <= {"person"}, case.ref  # 반대로 시장: a person looks at it and says no
