"""When the heads of local governments are elected: the day that follows from the law itself."""

from __future__ import annotations

from datetime import date, timedelta

FIRST, EVERY = 2022, 4
"""Local elections are held in the same years everywhere since 1995, terms of four years
(지방자치법 제108조); 2022 is one of them."""
_WEDNESDAY = 2
_HOLIDAY = (6, 6)
"""현충일: the one public holiday that lies near."""


def local_election(year: int) -> date | None:
    """Give the day of the local elections in a year; None in a year without them.

    공직선거법 제34조: the first Wednesday from the 30th day before the terms end (30 June). Where
    that day, the one before or the one after is a public holiday, the Wednesday after it.
    """
    if (year - FIRST) % EVERY:
        return None
    from_ = date(year, 6, 30) - timedelta(days=30)
    day = from_ + timedelta(days=(_WEDNESDAY - from_.weekday()) % 7)
    near = (day + timedelta(days=step) for step in (-1, 0, 1))
    if any((one.month, one.day) == _HOLIDAY for one in near):
        day += timedelta(days=7)
    return day


def next_local(today: date) -> date:
    """Give the next local election, today's in."""
    found = (local_election(today.year + ahead) for ahead in range(EVERY + 1))
    return next(day for day in found if day is not None and day >= today)
