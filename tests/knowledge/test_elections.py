"""The days of local elections follow from the law; those that were are as they were."""

from datetime import date

import pytest

from knowledge.elections import local_election, next_local


@pytest.mark.parametrize(
    "day",
    [
        date(2010, 6, 2), date(2014, 6, 4), date(2018, 6, 13), date(2022, 6, 1), date(2026, 6, 3),
        date(2030, 6, 12),
    ],
)  # fmt: skip
def test_the_law_gives_the_days_on_which_people_voted(day):
    assert local_election(day.year) == day
    assert local_election(day.year + 1) is None


def test_the_next_one_is_today_s_or_one_to_come():
    assert next_local(date(2026, 6, 3)) == date(2026, 6, 3)
    assert next_local(date(2026, 6, 4)) == date(2030, 6, 12)
