"""Working days and office hours: the public holidays of Korea, and what one agency adds to them.

Every moment is aware; every date is a date in Asia/Seoul.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from holidays import holiday_base

SEOUL = ZoneInfo("Asia/Seoul")
DAY = timedelta(days=1)

HOLIDAYS_VERSION = version("holidays")

OffKind = Literal["saturday", "sunday", "holiday", "own"]


def local(moment: datetime) -> datetime:
    """Give the same moment in Asia/Seoul; a moment without a zone raises `ValueError`."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(SEOUL)


def seoul_day(moment: datetime) -> date:
    """Give the day that a moment falls on in Asia/Seoul ("today" of the whole service)."""
    return local(moment).date()


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Opening hours of the counter (민원처리법 시행령 제8조의3제1항), the same on every working day.

    Lunch is not worked: 09–18 without 12–13 gives the 8 working hours of a day (민원처리법 제19조).
    """

    opens: time = time(9)
    closes: time = time(18)
    lunch: tuple[time, time] | None = (time(12), time(13))

    def __post_init__(self) -> None:
        marks = [self.opens, *(self.lunch or ()), self.closes]
        if any(a >= b for a, b in pairwise(marks)):
            raise ValueError("office hours: opens < lunch < closes")

    def spans(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Give the working time of a working day, as half-open intervals."""
        opens = datetime.combine(day, self.opens, SEOUL)
        closes = datetime.combine(day, self.closes, SEOUL)
        if self.lunch is None:
            return ((opens, closes),)
        start, end = (datetime.combine(day, at, SEOUL) for at in self.lunch)
        return ((opens, start), (end, closes))


@dataclass(frozen=True, slots=True)
class DayChange:
    """An agency's own day: `off=True` adds a day off, `off=False` takes a public holiday away.

    A Saturday or Sunday stays a day off even when its holiday is taken away (민원처리법 제19조).
    """

    day: date
    name: str
    off: bool = True


@dataclass(frozen=True, slots=True)
class Off:
    """Why a day is not a working day; `name` is the holiday's own name, empty on a weekend."""

    kind: OffKind
    name: str = ""


@cache
def public_holidays(year: int) -> Mapping[date, str]:
    """Give the public holidays of a year by the `holidays` package, substitutes included."""
    return dict(_korea()(years=year, language="ko"))


@cache
def _korea() -> Any:
    """Load Korea alone: its package loads 250 countries with it, 8 MB and a fifth of a second."""
    file = Path(holiday_base.__file__).parent / "countries" / "south_korea.py"
    spec = spec_from_file_location("holidays_of_korea", file)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(module := module_from_spec(spec))
    return module.SouthKorea


class WorkCalendar:
    """Which days and hours are worked.

    `version` names the content: package version, own days and hours. Two calendars with the same
    version give the same dates, so a stored due date names the calendar it was computed with.
    """

    __slots__ = ("_changes", "hours", "version")

    def __init__(
        self, changes: Iterable[DayChange] = (), hours: OfficeHours | None = None
    ) -> None:
        self.hours = hours or OfficeHours()
        self._changes = {change.day: change for change in changes}
        own = sorted(f"{one.day}|{one.off}|{one.name}" for one in self._changes.values())
        content = "\n".join([f"{self.hours}", *own])
        self.version = f"{HOLIDAYS_VERSION}-{sha256(content.encode()).hexdigest()[:12]}"

    def off(self, day: date) -> Off | None:
        """Say why a day is not worked; None on a working day."""
        change = self._changes.get(day)
        if change is not None and change.off:
            return Off("own", change.name)
        if change is None and (name := public_holidays(day.year).get(day)) is not None:
            return Off("holiday", name)
        if day.weekday() < 5:
            return None
        return Off("saturday" if day.weekday() == 5 else "sunday")

    def is_working(self, day: date) -> bool:
        return self.off(day) is None

    def shift(self, day: date, count: int) -> date:
        """Give the `count`-th working day after `day`, or before it when `count` is negative.

        0 gives the day itself, or the next working day when it is off.
        """
        step = DAY if count >= 0 else -DAY
        if count == 0:
            while not self.is_working(day):
                day += step
        for _ in range(abs(count)):
            day += step
            while not self.is_working(day):
                day += step
        return day

    def is_open(self, moment: datetime) -> bool:
        """Say whether the office is open; lunch belongs to the office day."""
        at = local(moment)
        return self.is_working(at.date()) and self.hours.opens <= at.time() < self.hours.closes

    def opening(self, moment: datetime) -> datetime:
        """Give the moment itself while the office is open, else when it opens next."""
        if self.is_open(moment):
            return local(moment)
        at = local(moment)
        day = at.date() if at.time() < self.hours.opens else at.date() + DAY
        return datetime.combine(self.shift(day, 0), self.hours.opens, SEOUL)
