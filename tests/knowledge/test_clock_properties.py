"""The clock against slow and obvious counters, which share neither code nor method with it."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from knowledge.calendar import SEOUL, DayChange, WorkCalendar
from knowledge.clock import Deadline, Extendable, Extension, Pause, due

DATA = Path(__file__).parents[1] / "data"
HOLIDAYS = {
    date.fromisoformat(row["date"])
    for row in json.loads((DATA / "holidays_kr.json").read_text(encoding="utf-8"))["days"]
}
DAY, TICK = timedelta(days=1), timedelta(minutes=5)
KINDS = ("supplement", "onsite", "transfer", "ignored")
PAUSES = KINDS[:3]
ALL = (Extendable(), Extendable(consent=True))


def moments(first: date, last: date):
    """Give moments in Seoul on the ticks of the slow clock."""
    ticks = int((last - first) / TICK)
    begin = datetime(first.year, first.month, first.day, tzinfo=SEOUL)
    return st.integers(0, ticks).map(lambda n: begin + n * TICK)


RECEIVED = moments(date(2024, 1, 2), date(2030, 6, 1))


@st.composite
def worlds(draw, longest=timedelta(days=16)):
    """Draw when it came, when the clock stood, and which days the agency added."""
    received = draw(RECEIVED)
    stops = []
    for _ in range(draw(st.integers(0, 4))):
        start = received + draw(st.integers(-300, 6000)) * TICK
        length = draw(st.integers(0, int(longest / TICK)))
        stops.append(Pause(draw(st.sampled_from(KINDS)), start, start + length * TICK))
    added = draw(st.sets(st.integers(0, 40), max_size=3))
    return received, stops, {received.date() + n * DAY for n in added}


def calendar_with(days: set[date]) -> WorkCalendar:
    return WorkCalendar([DayChange(day, "쉬는 날") for day in days])


def is_off(day: date, added: set[date]) -> bool:
    return day.strftime("%a") in {"Sat", "Sun"} or day in HOLIDAYS or day in added


def office(at: datetime, added: set[date]) -> bool:
    return not is_off(at.date(), added) and at.hour in {9, 10, 11, 12, 13, 14, 15, 16, 17}


def opened(at: datetime, added: set[date]) -> datetime:
    while not office(at, added):
        at += TICK
    return at


def stopped_days(stops) -> set[date]:
    """Collect every day on which the clock stood at some tick."""
    days = set()
    for stop in stops:
        if stop.kind == "ignored":
            continue
        at = stop.start
        while at < stop.end:
            days.add(at.date())
            at += TICK
        days |= {stop.start.date(), stop.end.date()}
    return days


def slow_days(received, amount, stops, added) -> date:
    """List the days that count, then take the last one."""
    first = opened(received, added).date()
    out = stopped_days(stops)
    days = [first + n * DAY for n in range(400)]
    return [day for day in days if not is_off(day, added) and day not in out][amount - 1]


def slow_hours(received, minutes, stops, added) -> datetime:
    """Let the clock tick until it has ticked enough."""
    at, left = received, minutes
    standing = [stop for stop in stops if stop.kind != "ignored"]
    while left:
        works = office(at, added) and at.hour != 12
        if works and not any(stop.start <= at < stop.end for stop in standing):
            left -= 5
        at += TICK
    return at


def slow_calendar(received, amount, added) -> date:
    """Tear off one leaf a day (민법 제157조), then go to a working day (제161조)."""
    day = received.date()
    for _ in range(amount):
        day += DAY
    while is_off(day, added):
        day += DAY
    return day


def slow_months(received, months, added) -> date:
    """Walk day by day until the month has changed often enough and the day is there or past."""
    first = opened(received, added).date()
    day, changes = first, 0
    while changes < months or (changes == months and day.day < first.day):
        changes += (day + DAY).month != day.month
        day += DAY
    day -= DAY
    while is_off(day, added):
        day += DAY
    return day


@given(worlds(), st.integers(6, 21), st.lists(st.integers(1, 7), max_size=2))
def test_days_are_counted_as_one_counts_on_a_wall_calendar(world, amount, more):
    received, stops, added = world
    rule = Deadline("x", amount, "work_days", pauses=PAUSES, extendable=ALL)
    given_ = [Extension(min(n, amount), received, consent=True) for n in more]
    answer = due(rule, received, calendar_with(added), stops, given_)
    whole = amount + sum(one.amount for one in given_)
    assert answer.day == slow_days(received, whole, stops, added)
    numbers = [line.n for line in answer.lines if line.kind == "day"]
    assert numbers == list(range(1, whole + 1))


@given(worlds(longest=timedelta(days=3)), st.integers(1, 12))
def test_hours_are_counted_as_a_stopwatch_does(world, hours):
    received, stops, added = world
    rule = Deadline("x", hours, "work_hours", pauses=PAUSES)
    answer = due(rule, received, calendar_with(added), stops)
    assert answer.at == slow_hours(received, hours * 60, stops, added)
    worked = sum(
        (line.end - line.start for line in answer.lines if line.kind == "work"), timedelta()
    )
    assert worked == timedelta(hours=hours)


@given(worlds(longest=timedelta(days=3)), st.integers(1, 5))
def test_up_to_five_days_are_eight_hours_each(world, days):
    received, stops, added = world
    rule = Deadline("x", days, "work_days", pauses=PAUSES)
    answer = due(rule, received, calendar_with(added), stops)
    assert answer.at == slow_hours(received, days * 480, stops, added)


@given(worlds(), st.integers(1, 90))
def test_calendar_days_follow_the_civil_code(world, amount):
    received, _, added = world
    answer = due(Deadline("x", amount, "calendar_days"), received, calendar_with(added))
    assert answer.day == slow_calendar(received, amount, added)


@given(worlds(), st.integers(1, 14))
def test_months_follow_the_civil_code(world, amount):
    received, _, added = world
    answer = due(Deadline("x", amount, "months"), received, calendar_with(added))
    assert answer.day == slow_months(received, amount, added)


RULES = st.sampled_from(
    [
        Deadline("answer", 7, "work_days", pauses=PAUSES),
        Deadline("at_once", 3, "work_hours", pauses=PAUSES),
        Deadline("five", 5, "work_days", pauses=PAUSES),
        Deadline("month", 1, "months", pauses=PAUSES),
        Deadline("calendar", 14, "calendar_days", pauses=PAUSES),
    ]
)


@given(RULES, worlds(), st.randoms())
def test_neither_order_nor_repetition_of_stops_matters(rule, world, random):
    received, stops, added = world
    calendar = calendar_with(added)
    mixed = [*stops, *stops]
    random.shuffle(mixed)
    assert due(rule, received, calendar, mixed).at == due(rule, received, calendar, stops).at


@given(RULES, worlds(), st.integers(0, 40))
def test_a_further_day_off_never_makes_it_earlier(rule, world, later):
    received, stops, added = world
    more = added | {received.date() + later * DAY}
    before = due(rule, received, calendar_with(added), stops).at
    assert due(rule, received, calendar_with(more), stops).at >= before


@given(RULES, worlds())
def test_a_further_stop_never_makes_it_earlier(rule, world):
    received, stops, added = world
    answers = [due(rule, received, calendar_with(added), stops[:n]).at for n in range(5)]
    assert answers == sorted(answers)


@given(RULES, worlds(), st.data())
def test_a_stop_told_in_two_pieces_is_the_same_stop(rule, world, data):
    received, stops, added = world
    pieces = []
    for stop in stops:
        cut = stop.start + data.draw(st.integers(0, int((stop.end - stop.start) / TICK))) * TICK
        pieces += [Pause(stop.kind, stop.start, cut), Pause(stop.kind, cut, stop.end)]
    calendar = calendar_with(added)
    assert due(rule, received, calendar, pieces).at == due(rule, received, calendar, stops).at


COUNTED = RULES.filter(lambda rule: rule.count.startswith("work"))


@given(COUNTED, worlds(), st.integers(0, 6000))
def test_an_open_stop_takes_the_date_away_unless_it_comes_too_late(rule, world, ticks):
    received, stops, added = world
    opening = received + ticks * TICK
    calendar = calendar_with(added)
    without = due(rule, received, calendar, stops)
    answer = due(rule, received, calendar, [*stops, Pause("onsite", opening)])
    assert answer.at == (None if opening < without.at else without.at)
    assert answer.lines[-1].kind == ("waiting" if answer.at is None else "due")
