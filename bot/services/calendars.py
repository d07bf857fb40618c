"""The calendar that counts: the agency's days of `site.toml`, and those of the desk."""

from collections.abc import Callable
from functools import lru_cache

from bot.settings import Site
from knowledge.calendar import DayChange, OfficeHours, WorkCalendar
from storage.repositories import days_off
from storage.unit import Unit


def reader(site: Site) -> Callable[[Unit], WorkCalendar]:
    """Give the reader of the calendar: the agency's days of `site.toml` and of the desk."""
    hours = OfficeHours(*site.office_hours, site.lunch)
    fixed = tuple(DayChange(day, "") for day in site.agency_holidays)

    @lru_cache(maxsize=4)
    def made(own: tuple[DayChange, ...]) -> WorkCalendar:
        return WorkCalendar((*fixed, *own), hours)

    return lambda unit: made(tuple(DayChange(row.day, row.name) for row in days_off.listed(unit)))
