"""What news can be about."""

import pytest

from knowledge.cases import shipped
from knowledge.newsletter import Issue, Item, from_plain, to_plain
from knowledge.subjects import FIELDS, KINDS, REGIONS, bits, field_of, names


def test_a_sum_of_bits_is_read_back() -> None:
    assert names(bits(["cards", "news"], KINDS), KINDS) == ("news", "cards")
    assert bits([], FIELDS) == 0
    assert names(0, REGIONS) == ()


def test_a_bit_belongs_to_its_name_for_good() -> None:
    assert bits(["환경·자원순환"], FIELDS) == 1
    assert bits(["기타"], FIELDS) == 1 << 11
    assert bits(["제주"], REGIONS) == 1 << 17
    assert bits(["alert"], KINDS) == 8


def test_what_is_not_known_has_no_bit() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        bits(["없는 것"], FIELDS)


def test_every_shipped_case_is_counted_under_a_field_and_a_region() -> None:
    active = [one for one in shipped().values() if one.kind == "active"]
    assert {field_of(one.field) for one in active} < set(FIELDS)
    assert {one.region for one in active} <= set(REGIONS)


def test_an_issue_is_read_back_as_it_was() -> None:
    items = (Item("case", "제목", "글", ref="AC-001"), Item("text", "알림", picture=0))
    issue = Issue("2026년 11월호", "머리말", items)
    assert from_plain(to_plain(issue)) == issue
