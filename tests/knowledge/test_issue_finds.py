"""The head of the agency, persons and cars are found where they stand; nothing is decided."""

from datetime import date

import pytest

from knowledge.issue_finds import head, persons

TODAY = date(2026, 11, 2)
NAMES = ("홍길동", "시장", "가온시장")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("홍길동 시장이 말했다", ["name", "title"]),
        ("홍 길 동", ["name"]),
        ("가온시장은 현장을 찾았다", ["title"]),
        ("시장님 말씀", ["title", "words"]),
        ("홍길동 시장 기념촬영", ["name", "title", "picture"]),
        ("축사를 싣습니다", ["words"]),
        ("민선 8기 공약", ["term", "term"]),
        ("중앙시장 앞 길", []),
        ("전통시장에서 장을 봤다", []),
        ("시장 상인회", []),
        ("부시장", []),
        ("담당자 말씀대로 사진을 보냈다", []),
        ("과장이 밝혔다", []),
    ],
)
def test_the_head_is_found_by_name_title_words_and_picture(text, found):
    spans = head(text, NAMES)
    assert [one.what for one in spans] == found
    assert all(text[one.start : one.end] == one.said for one in spans)


def test_without_settings_only_what_is_always_the_head_s_is_found():
    assert head("홍길동 시장", ()) == ()
    assert [one.what for one in head("신년사", ("", " "))] == ["words"]


@pytest.mark.parametrize(
    ("text", "what", "said"),
    [
        ("12가 3456 차", "car", "12가 3456"),
        ("서울 12바3456", "car", "서울 12바3456"),
        ("123하4567", "car", "123하4567"),
        ("김철수 주무관이 고쳤다", "person", "김철수 주무관"),
        ("전화 010-1234-5678", "number", "010-1234-5678"),
        ("gaon@example.org", "number", "gaon@example.org"),
        ("박하늘이 도왔다", "person", "박하늘"),
    ],
)
def test_persons_their_numbers_and_cars_are_found(text, what, said):
    assert (what, said) in [(one.what, one.said) for one in persons(text, TODAY, ("박하늘",))]


def test_years_amounts_and_laws_are_no_cars_and_an_identity_number_is_not_repeated():
    assert persons("2025년 11월 3일 120가구 3000명에게 15개 2026년", TODAY) == ()
    told = persons("900101-1234568", TODAY)
    assert [one.what for one in told] == ["number"]
    assert told[0].said == ""
