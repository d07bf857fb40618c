"""How long something took: the count of the clock read backwards."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.calendar import SEOUL, DayChange, WorkCalendar
from knowledge.clock import Deadline, Pause, due
from knowledge.elapsed import Elapsed, Span

CALENDAR = WorkCalendar([DayChange(date(2026, 12, 11), "개청기념일")])
DAYS = Elapsed(CALENDAR, date(2026, 1, 1), date(2027, 12, 31))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("start", "end", "law", "calendar"),
    [
        ("11-23 10:00", "11-23 17:00", 1, 0),  # the first day counts
        ("11-23 10:00", "12-01 09:00", 7, 8),
        ("11-23 19:00", "11-24 09:00", 1, 1),  # after hours: from the next day
        ("11-21 10:00", "11-23 09:00", 1, 2),  # on a Saturday
        ("12-10 10:00", "12-14 09:00", 2, 4),  # the agency's own day off between
        ("11-23 19:00", "11-23 20:00", 0, 0),  # read at once, at night
    ],
)
def test_days_are_counted_in_both_ways(start, end, law, calendar):
    assert DAYS.span(at(start), at(end)) == Span(law, calendar)


def test_days_that_stops_touch_are_left_out_once():
    stops = [
        (at("11-24 10:00"), at("11-26 10:00")),
        (at("11-26 09:00"), at("11-27 10:00")),
        (at("11-20 09:00"), at("11-20 10:00")),
    ]
    assert DAYS.span(at("11-23 10:00"), at("12-01 09:00"), stops) == Span(3, 8)


def test_a_stop_that_goes_on_leaves_out_the_rest():
    assert DAYS.span(at("11-23 10:00"), at("12-01 09:00"), [(at("11-24 10:00"), None)]).law == 1


@given(
    st.integers(0, 500 * 24),
    st.integers(6, 40),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9)), max_size=3),
)
def test_whoever_answers_on_the_last_day_has_taken_all_of_them(hours, amount, stops):
    rule = Deadline("answer", amount, "work_days", pauses=("x",))
    came = at("01-02 00:30") + timedelta(hours=hours)
    pauses = [
        Pause("x", came + timedelta(days=first), came + timedelta(days=first + length))
        for first, length in stops
    ]
    ends = due(rule, CALENDAR.opening(came), CALENDAR, pauses).at
    assert ends is not None
    spans = [(one.start, one.end) for one in pauses]
    assert DAYS.span(CALENDAR.opening(came), ends, spans).law == amount
