"""Identity numbers are found in every disguise, and what is none is left alone (S27)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.slots import mask_numbers

TODAY = date(2026, 11, 23)
HIDDEN = "90****-*******"


@pytest.mark.parametrize(
    "text",
    [
        "900101-1234567",
        "9001011234567",
        "900101 - 1234567",
        "900101–1234567",
        "９００１０１－１２３４５６７",
        "9 0 0 1 0 1 1 2 3 4 5 6 7",
        "900101.1234567",
        "900101\u200b1234567",
        "90 01 01 1234567",
        "900101-123 4567",
        "구공공일공일 일이삼사오육칠",
        "구공공일공일-일이삼사오육칠이에요",
        "九〇〇一〇一 一二三四五六七",
        "19900101-1234567",
        "9⓪⓪1⓪1-①234567",
        "٩٠٠١٠١-١٢٣٤٥٦٧",
        "900101\n1234567",
    ],
)
def test_a_resident_number_is_hidden_however_it_is_written(text: str):
    masked = mask_numbers(f"제 번호 {text}", TODAY)
    assert masked.found == (HIDDEN,)
    assert masked.text.startswith(f"제 번호 {HIDDEN}")


@pytest.mark.parametrize(
    "ending", ["이에요", "입니다", "예요", "일 거예요", "이고", "구요", " 원래", "번"]
)
def test_the_words_after_a_number_do_not_hide_it(ending: str):
    assert mask_numbers(f"9001011234567{ending}", TODAY).found == (HIDDEN,)


@pytest.mark.parametrize("seventh", "0123456789")
def test_every_century_and_foreigners_count_without_a_check_digit(seventh: str):
    assert mask_numbers(f"050615-{seventh}999999", TODAY).found == ("05****-*******",)


def test_a_date_that_cannot_be_is_no_birth_date():
    assert not mask_numbers("991301-1234567", TODAY).found
    assert not mask_numbers("990230-1234567", TODAY).found
    assert not mask_numbers("261231-3234567", TODAY).found, "born in the future"
    assert mask_numbers("261231-3234567").found, "without a today every date may be past"


@pytest.mark.parametrize(
    "text",
    [
        "1AA-2611-0123456",
        "010-1234-5678",
        "010 1234 5678 90",
        "031-000-1234",
        "110-123-456789",
        "301-0123-4567-81",
        "301-0121-4567-81",
        "900101 123456789",
        "2026년 11월 23일 오후 1시 23분 45초",
        "24.11.03 1234567원",
        "2026-7K3M-Q9",
        "서울시 중구 세종대로 110",
        "90010112345678901",
        "이 일을 이 일 이 사람이",
        "",
    ],
)
def test_other_numbers_are_left_alone(text: str):
    masked = mask_numbers(text, TODAY)
    assert (masked.text, masked.found) == (text, ())


def test_a_number_beside_other_numbers_is_found():
    masked = mask_numbers("3. 900101-1234567, 010-1234-5678", TODAY)
    assert masked.text == f"3. {HIDDEN}, 010-1234-5678"


def test_several_numbers_are_all_hidden():
    masked = mask_numbers("900101-1234567 그리고 850505-2234567", TODAY)
    assert masked.found == (HIDDEN, "85****-*******")
    assert "234567" not in masked.text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("M12345678", "M********"),
        ("여권은 m123a4567 이에요", "M********"),
        ("여권번호: AB1234567", "*********"),
        ("passport no. X1234567", "*********"),
        ("11-90-123456-78", "11-**-******-**"),
        ("운전면허 119012345678", "11-**-******-**"),
    ],
)
def test_passports_and_licences_are_hidden(text: str, shown: str):
    assert mask_numbers(text, TODAY).found == (shown,)


def test_numbers_that_lie_in_each_other_are_hidden_once():
    assert mask_numbers("여권 M12345678 번호", TODAY).found == ("M********",)
    assert mask_numbers("면허 900101-1234567 11-90-123456-78", TODAY).text.count("*") > 10
    assert mask_numbers("여권 900101-1234567", TODAY).text == f"여권 {HIDDEN}"


def test_a_letter_and_digits_are_not_a_passport_without_reason():
    for text in ("AB1234567", "X1234567", "A-12345678", "면허 문의 010-1234-5678"):
        assert not mask_numbers(text, TODAY).found


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("제 번호는 900101", "1234567"),
        ("900101-", "1234567 이에요"),
        ("900101-1", "234567"),
        ("구공공일공일", "일이삼사오육칠이에요"),
        ("９００１０１", "- 1234567"),
    ],
)
def test_two_halves_in_two_messages_are_put_together(first: str, second: str):
    before = mask_numbers(first, TODAY)
    after = mask_numbers(second, TODAY, before.tail)
    assert before.tail
    assert after.halves
    assert after.text.startswith("*******")


def test_a_half_that_nothing_follows_is_left_alone():
    tail = mask_numbers("길이 900101", TODAY).tail
    for text in ("안녕하세요", "12345678", "123456", "11월 3일"):
        assert not mask_numbers(text, TODAY, tail).found
    assert not mask_numbers("0000000", TODAY, "991301").found


def test_a_telephone_or_a_receipt_is_no_first_half():
    for text in ("010-1234-5678", "1AA-2611-0123456", "110-123-456789", "991301", "900101 번지"):
        assert mask_numbers(text, TODAY).tail == ""


@given(st.text(max_size=60))
def test_any_text_goes_through_and_only_loses_numbers(text: str):
    masked = mask_numbers(text, TODAY)
    assert bool(masked.found) == (masked.text != text)


@given(
    st.dates(date(1920, 1, 1), date(2020, 12, 31)),
    st.integers(0, 999999),
    st.sampled_from(["", "-", " ", " - ", "\u200b", "."]),
    st.sampled_from(["", "주민번호 ", "번호:", "(", "a "]),
    st.sampled_from(["", "입니다", " 이에요", ")", "."]),
)
def test_no_resident_number_gets_through(born: date, rest: int, gap: str, before: str, after: str):
    seventh = "1" if born.year < 2000 else "3"
    number = f"{born:%y%m%d}{gap}{seventh}{rest:06d}"
    assert mask_numbers(f"{before}{number}{after}", TODAY).found
