"""What citizens call a unit, and what it is called."""

from datetime import date

import pytest

from bot.errors import Refused
from bot.services import moves
from bot.services.lookups import Lists
from storage.repositories import units
from tests.services.conftest import Office


@pytest.fixture
def lists(office: Office) -> Lists:
    return office.see(lambda u: Lists.load(u, office.clock()))


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("도로과", "road"), ("도로", "road"), ("road", "road"), ("도로 과", "road"),
        ("도로관", "road"), ("건축과에서", "build"), ("감사담당관", "audit"),
    ],
)  # fmt: skip
def test_a_unit_is_found_by_name_alias_code_and_with_a_slip_of_the_finger(lists, said, found):
    assert lists.find("units", said)[0].value == found


@pytest.mark.parametrize("said", ["", "과", "우주개발", "🙂", "x" * 5000])
def test_what_is_like_nothing_finds_nothing(lists, said):
    assert lists.find("units", said) == []


def test_an_exact_name_says_so_and_the_audit_office_is_marked(lists):
    (one,) = lists.find("units", "감사담당관")
    assert (one.exact, one.note) == (True, "self")
    assert lists.find("units", "도로관")[0].exact is False


def test_only_who_may_handle_is_offered(lists):
    names = {one.label for one in lists.all("auditors")}
    assert "박감사 (감사담당관)" in names
    assert not any("김접수" in name or "이도로" in name for name in names)
    assert lists.find("nothing", "도로") == []


def test_a_unit_that_has_ended_is_not_offered(office: Office):
    office.do(
        lambda u: units.add(
            u, "old", "옛도로과", valid_from=date(2020, 1, 1), valid_until=date(2025, 12, 31)
        )
    )
    lists = office.see(lambda u: Lists.load(u, office.clock()))
    assert all(one.value != "old" for one in lists.all("units"))


def test_a_button_s_argument_is_read_or_refused():
    assert moves.read_arg("survey 2026-7K3M-Q9 satisfied=yes") == (
        "survey", "2026-7K3M-Q9", {"satisfied": "yes"},
    )  # fmt: skip
    for bad in ("", "survey", "../x 1", "survey 1 loose"):
        with pytest.raises(Refused):
            moves.read_arg(bad)
