"""Letters, particles, numbers and dates as people write them."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import korean

TODAY = date(2026, 11, 23)


def test_syllables_come_apart():
    assert korean.jamo("길 파임 a1") == "ㄱㅣㄹ ㅍㅏㅇㅣㅁ a1"
    assert korean.initials("도로과 A") == "ㄷㄹㄱ A"
    assert korean.fold(" 도로 과! Ａ") == "도로과a"


@pytest.mark.parametrize(
    ("text", "pair", "whole"),
    [
        ("도로과", "을/를", "도로과를"),
        ("건축팀", "을/를", "건축팀을"),
        ("서울", "으로/로", "서울로"),
        ("부산", "으로/로", "부산으로"),
        ("120", "으로/로", "120으로"),
        ("5", "이/가", "5가"),
        ("PDF", "은/는", "PDF는"),
        ("SMS(LAN)", "은/는", "SMS(LAN)은"),
        ("…", "이/가", "…가"),
    ],
)
def test_the_particle_fits_how_a_word_is_read(text: str, pair: str, whole: str):
    assert korean.with_josa(text, pair) == whole


def test_days_and_times_are_written_as_people_do():
    assert korean.day_text(date(2026, 12, 1)) == "12월 1일(화)"
    assert korean.moment_text(datetime(2026, 11, 23, 10, 12)) == "11월 23일(월) 오전 10시 12분"  # noqa: DTZ001
    assert korean.moment_text(datetime(2026, 11, 23, 0, 0)) == "11월 23일(월) 오전 0시"  # noqa: DTZ001
    assert korean.moment_text(datetime(2026, 11, 23, 13, 5)) == "11월 23일(월) 오후 1시 5분"  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("2", 2), ("2번", 2), ("②", 2), ("둘째", 2), ("두 번째 거요", 2), ("2번이요", 2), ("#3", 3),
        ("세번째요", 3), ("０", None), ("0", None), ("12345", None), ("10월에", None), ("네", None), ("", None),
    ],
)  # fmt: skip
def test_a_place_in_a_list_is_read(text: str, place: int | None):
    assert korean.ordinal(text) == place


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-03", date(2026, 11, 3)),
        ("2026년 11월 3일", date(2026, 11, 3)),
        ("11월 3일", date(2026, 11, 3)),
        ("12/25", date(2025, 12, 25)),
        ("지난주 금요일", date(2026, 11, 20)),
        ("지지난주 월요일", date(2026, 11, 9)),
        ("3일 전", date(2026, 11, 20)),
        ("이틀 전", date(2026, 11, 21)),
        ("2주 전", date(2026, 11, 9)),
        ("일주일 뒤", date(2026, 11, 30)),
        ("어제", date(2026, 11, 22)),
        ("그저께쯤", date(2026, 11, 21)),
        ("2월 30일", None),
        ("2026-13-01", None),
        ("0026-11-03", None),
        ("9999-12-31", None),
        ("글쎄요", None),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, day: date | None):
    assert korean.read_day(text, TODAY) == day


def test_a_day_without_a_year_is_the_nearest():
    assert korean.read_day("1월 2일", TODAY, past=False) == date(2027, 1, 2)
    assert korean.read_day("12월 2일", TODAY, past=False) == date(2026, 12, 2)
    assert korean.read_day("2월 29일", date(2024, 1, 5)) is None, "2023 had none"


def test_hidden_signs_are_taken_out_of_lines():
    assert korean.clean_line("홍\u202e길\u200b동\x00\n 12\u00ad") == "홍길동 12"
    assert korean.clean_line("\u1112\u1169\u11bc") == "홍"
    assert korean.clean_text("a\r\nb\x00\u202ec\td") == "a\nbc d"
    assert korean.clean_text("👨\u200d👩") == "👨\u200d👩", "joined signs stay joined in a story"


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str):
    once = korean.clean_line(text)
    assert korean.clean_line(once) == once
    assert korean.clean_text(korean.clean_text(text)) == korean.clean_text(text)
