"""How many days something took: working days as the law counts them, and days of the calendar.

Pure, and made for thousands of rows: the days of a calendar are looked at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from knowledge.calendar import DAY, WorkCalendar, local

Stop = tuple[datetime, datetime | None]
"""From when to when a period did not run; None: it still does not."""


@dataclass(frozen=True, slots=True)
class Span:
    """One length in both counts.

    `law`: working days, the first one counted, Saturdays, Sundays, holidays and every day that a
    stop touches left out (민원처리법 제19조제2항; 시행령 제20조). `calendar`: days that have gone
    by, 0 on the same day, whatever stood still meanwhile.
    """

    law: int
    calendar: int


class Elapsed:
    """Counts between days of one calendar, from `first` to `last`."""

    def __init__(self, calendar: WorkCalendar, first: date, last: date) -> None:
        self._closes = calendar.hours.closes
        self._start = first.toordinal()
        self._sums = [0]
        day = first
        while day <= last:
            self._sums.append(self._sums[-1] + calendar.is_working(day))
            day += DAY

    def span(self, start: datetime, end: datetime, stops: Sequence[Stop] = ()) -> Span:
        """Count from a moment to another; what came in after hours begins with the next day.

        Raises IndexError for days outside of what was looked at.
        """
        came, done = local(start), local(end).date()
        first = came.date()
        gone = (done - first).days
        if came.time() >= self._closes:
            first += DAY
        law = self._working(first, done)
        if stops:
            law -= sum(self._working(*one) for one in _united(stops, first, done))
        return Span(max(0, law), max(0, gone))

    def _working(self, first: date, last: date) -> int:
        """Count the working days of some days, both in."""
        if last < first:
            return 0
        start = self._start
        return self._sums[last.toordinal() - start + 1] - self._sums[first.toordinal() - start]


def _united(stops: Iterable[Stop], first: date, last: date) -> list[tuple[date, date]]:
    """Give the days that stops touch between two days, none of them twice."""
    found: list[tuple[date, date]] = []
    touched = sorted(
        (max(first, local(since).date()), min(last, local(until).date() if until else last))
        for since, until in stops
    )
    for since, until in touched:
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(until, found[-1][1]))
        else:
            found.append((since, until))
    return found
