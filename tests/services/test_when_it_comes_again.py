"""When a date of the agency comes again."""

from datetime import date

import pytest

from bot.services.agency_dates import AgencyDate


@pytest.mark.parametrize(
    ("day", "repeats", "today", "comes"),
    [
        ("2026-11-16", "", "2026-11-16", "2026-11-16"),
        ("2026-11-16", "", "2026-11-17", None),
        ("2026-01-31", "monthly", "2026-02-01", "2026-02-28"),
        ("2026-01-31", "monthly", "2026-03-01", "2026-03-31"),
        ("2026-01-31", "quarterly", "2026-02-01", "2026-04-30"),
        ("2024-02-29", "yearly", "2026-03-01", "2027-02-28"),
        ("2024-02-29", "yearly", "2027-03-01", "2028-02-29"),
        ("2027-03-02", "yearly", "2026-11-20", "2027-03-02"),
    ],
)
def test_a_date_comes_again_on_its_day_or_the_last_of_a_shorter_month(
    day: str, repeats: str, today: str, comes: str | None
):
    one = AgencyDate(1, "plan", "계획", date.fromisoformat(day), repeats, (1,), "chief")
    found = one.next(date.fromisoformat(today))
    assert found == (date.fromisoformat(comes) if comes else None)
