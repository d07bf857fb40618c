"""Numbers for the telephone, codes for the page."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.codes import SIGNS, new_code, new_number, read_code, read_number, spoken


def test_a_number_has_a_year_and_no_sign_that_sounds_or_looks_like_another():
    number = new_number(2026, secrets.token_bytes)
    assert number.startswith("2026-")
    assert not set(number[5:]) & set("O0I1B8U")
    assert read_number(number) == number


@given(st.binary(min_size=400, max_size=400), st.integers(0, 4), st.sampled_from(SIGNS))
def test_one_wrong_sign_is_noticed(seed, place, sign):
    number = new_number(2026, lambda n: seed[:n])
    signs = [*number[5:9], *number[10:]]
    if signs[place] != sign:
        signs[place] = sign
        assert read_number("2026" + "".join(signs)) is None


@given(st.binary(min_size=400, max_size=400), st.integers(0, 4))
def test_two_neighbours_swapped_are_noticed(seed, place):
    number = new_number(2026, lambda n: seed[:n])
    signs = [*number[5:9], *number[10:]]
    swapped = [*signs]
    swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
    if swapped != signs:
        assert read_number("2026" + "".join(swapped)) is None


@pytest.mark.parametrize("change", [str.lower, lambda n: n.replace("-", " "), lambda n: f"  {n}."])
def test_a_number_is_read_as_people_write_it(change):
    number = new_number(2026, secrets.token_bytes)
    assert read_number(change(number)) == number


@pytest.mark.parametrize("typed", ["", "2026", "가나다라-마바사아-자차", "9" * 200, "2026-ZZZZ-Z"])
def test_what_is_no_number_is_none(typed):
    assert read_number(typed) is None


def test_a_number_is_spoken_sign_by_sign():
    assert spoken("2026-7K3M-Q9") == "이 공 이 육 칠 케이 삼 엠 큐 구"
    assert spoken("2026-7K3M-Q9", "en") == "2 0 2 6 7 K 3 M Q 9"


def test_a_code_has_eighty_bits_in_four_groups():
    code = new_code(secrets.token_bytes)
    assert [len(part) for part in code.split("-")] == [4, 4, 4, 4]
    assert new_code(lambda n: b"\xff" * n) == "ZZZZ-ZZZZ-ZZZZ-ZZZZ"
    assert read_code(code.lower().replace("-", " ")) == code


def test_a_code_is_read_with_the_usual_mistakes_of_the_eye():
    assert read_code("oO0i-1lL1-ABCD-EFGH") == "0001-1111-ABCD-EFGH"
