"""The working calendar against a table of days off that stands in the repository."""

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from knowledge.calendar import (
    SEOUL,
    DayChange,
    Off,
    OfficeHours,
    WorkCalendar,
    local,
    public_holidays,
    seoul_day,
)

TABLE = json.loads(
    (Path(__file__).parents[1] / "data" / "holidays_kr.json").read_text(encoding="utf-8")
)
CALENDAR = WorkCalendar()


def kst(text):
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)


def test_the_public_holidays_are_those_of_the_table():
    wanted = {row["date"]: row["name"] for row in TABLE["days"]}
    years = {date.fromisoformat(day).year for day in wanted}
    found = {
        day.isoformat(): name for year in years for day, name in public_holidays(year).items()
    }
    assert (min(years), max(years)) == (2024, 2031)
    assert found == wanted


def test_a_day_says_why_it_is_off():
    assert CALENDAR.off(date(2026, 7, 17)) == Off("holiday", "제헌절")
    assert CALENDAR.off(date(2026, 10, 3)) == Off("holiday", "개천절")  # a Saturday, too
    assert CALENDAR.off(date(2026, 11, 28)) == Off("saturday")
    assert CALENDAR.off(date(2026, 11, 29)) == Off("sunday")
    assert CALENDAR.off(date(2026, 11, 30)) is None


def test_an_agency_adds_days_off_and_takes_holidays_away():
    calendar = WorkCalendar(
        [
            DayChange(date(2026, 11, 30), "개청 기념일"),
            DayChange(date(2026, 5, 1), "노동절", off=False),
        ]
    )
    assert calendar.off(date(2026, 11, 30)) == Off("own", "개청 기념일")
    assert calendar.is_working(date(2026, 5, 1))


def test_a_saturday_stays_off_when_its_holiday_is_taken_away():
    calendar = WorkCalendar([DayChange(date(2026, 10, 3), "개천절", off=False)])
    assert calendar.off(date(2026, 10, 3)) == Off("saturday")


def test_the_version_names_the_content():
    first, second = DayChange(date(2026, 11, 30), "하나"), DayChange(date(2026, 12, 1), "둘")
    versions = {
        WorkCalendar().version,
        WorkCalendar([first]).version,
        WorkCalendar([first, second]).version,
        WorkCalendar(hours=OfficeHours(opens=time(8))).version,
    }
    assert len(versions) == 4
    assert WorkCalendar([second, first]).version == WorkCalendar([first, second]).version
    assert WorkCalendar([first, first]).version == WorkCalendar([first]).version


@pytest.mark.parametrize(
    ("day", "count", "answer"),
    [
        ("2026-11-23", 0, "2026-11-23"),
        ("2026-11-28", 0, "2026-11-30"),
        ("2026-11-27", 1, "2026-11-30"),
        ("2026-11-28", 1, "2026-11-30"),
        ("2026-02-13", 2, "2026-02-20"),
        ("2026-12-01", -1, "2026-11-30"),
        ("2026-12-01", -3, "2026-11-26"),
        ("2026-11-29", -1, "2026-11-27"),
    ],
)
def test_working_days_are_counted_forwards_and_backwards(day, count, answer):
    assert CALENDAR.shift(date.fromisoformat(day), count) == date.fromisoformat(answer)


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-23T08:59", "2026-11-23T09:00"),
        ("2026-11-23T09:00", "2026-11-23T09:00"),
        ("2026-11-23T12:30", "2026-11-23T12:30"),
        ("2026-11-23T17:59", "2026-11-23T17:59"),
        ("2026-11-23T18:00", "2026-11-24T09:00"),
        ("2026-11-27T20:00", "2026-11-30T09:00"),
        ("2026-11-28T08:00", "2026-11-30T09:00"),
        ("2026-02-16T10:00", "2026-02-19T09:00"),
    ],
)
def test_the_office_opens_when_it_opens(moment, opening):
    assert CALENDAR.opening(kst(moment)) == kst(opening)
    assert CALENDAR.is_open(kst(moment)) == (moment == opening)


def test_working_time_leaves_lunch_out():
    day = date(2026, 11, 23)
    spans = OfficeHours().spans(day)
    assert sum((end - start for start, end in spans), timedelta()) == timedelta(hours=8)
    assert OfficeHours(time(9), time(17), None).spans(day) == (
        (kst("2026-11-23T09:00"), kst("2026-11-23T17:00")),
    )


@pytest.mark.parametrize(
    "hours",
    [
        (time(18), time(9), None),
        (time(9), time(18), (time(13), time(12))),
        (time(9), time(18), (time(8), time(9))),
        (time(9), time(18), (time(17), time(18))),
    ],
)
def test_office_hours_that_cannot_be_are_refused(hours):
    with pytest.raises(ValueError, match="opens < lunch < closes"):
        OfficeHours(*hours)


def test_today_is_the_day_in_seoul():
    assert seoul_day(datetime.fromisoformat("2026-11-23T14:59:59+00:00")) == date(2026, 11, 23)
    assert seoul_day(datetime.fromisoformat("2026-11-23T15:00:00+00:00")) == date(2026, 11, 24)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a time zone"):
        local(datetime(2026, 11, 23))  # noqa: DTZ001
