"""The clock against cases that were computed by hand."""

import json
import time as machine
import tomllib
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from knowledge.calendar import SEOUL, DayChange, OfficeHours, WorkCalendar
from knowledge.clock import (
    Deadline,
    Due,
    Extendable,
    Extension,
    Pause,
    due,
    extension_problem,
    receipt,
    recompute,
)
from knowledge.derivation import DerivationLine, Run, compact, dump, load

DATA = Path(__file__).parents[1] / "data"
TABLE = tomllib.loads((DATA / "clock_cases.toml").read_text(encoding="utf-8"))
CASES = TABLE["case"]
RULES = {
    name: TypeAdapter(Deadline).validate_python({**rule, "name": name})
    for name, rule in TABLE["rules"].items()
}
ANSWER = RULES["answer"]
CALENDAR = WorkCalendar()


def kst(text):
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=SEOUL)


def computed(case) -> Due:
    calendar = WorkCalendar(
        [DayChange(date.fromisoformat(day), *rest) for day, *rest in case.get("changes", ())],
        office(case["hours"]) if "hours" in case else None,
    )
    stops = [
        Pause(kind, kst(start), kst(end[0]) if end else None)
        for kind, start, *end in case.get("stops", ())
    ]
    extensions = [
        Extension(amount, kst(case["at"]), consent)
        for amount, consent in case.get("extensions", ())
    ]
    return due(RULES[case["rule"]], kst(case["at"]), calendar, stops, extensions)


def office(marks) -> OfficeHours:
    opens, closes, *lunch = (time.fromisoformat(mark) for mark in marks)
    return OfficeHours(opens, closes, tuple(lunch) or None)


def wanted(case) -> datetime | None:
    if not case["due"]:
        return None
    at = kst(case["due"])
    return at if "T" in case["due"] else at.replace(hour=23, minute=59, second=59)


def short(run: Run) -> str:
    """Write a run of a derivation in the signs of the table."""
    first, last = run.first, run.last
    days = str(first.day.day) + (f"~{last.day.day}" if last is not first else "")
    if first.start is not None and first.end is not None:
        hours = f"{first.start:%H:%M}-{first.end:%H:%M}"
        return f"{days}p{hours}" if run.kind == "pause" else f"{days}@{hours}={last.n}"
    if run.kind in {"day", "calendar"}:
        return f"{days}={last.n}"
    return days + {"first_out": "f", "rolled": "r"}.get(run.kind, run.kind[0])


def counted(answer: Due) -> str:
    return " ".join(
        short(run) for run in compact(answer.lines) if run.kind not in {"due", "extension"}
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_case_computed_by_hand_comes_out(case):
    answer = computed(case)
    assert answer.at == wanted(case), case["why"]
    assert counted(answer) == case["lines"], case["why"]
    assert (answer.lines[-1] == DerivationLine("due", answer.day)) == (answer.at is not None)


def test_there_are_enough_cases_and_each_says_why():
    assert len(CASES) >= 60
    assert all(case["why"] for case in CASES)
    assert max(Counter(case["name"] for case in CASES).values()) == 1


WEEKDAYS = "월화수목금토일"
STOPS = {"supplement": "보완 기간 뺌(나간 날·돌아온 날 포함)"}


def told(answer: Due) -> str:
    """Say a derivation as wording.md §3.2 does; the service has its own renderer and languages."""
    words, month, last = [], None, max(line.n for line in answer.lines)
    for run in compact(answer.lines):
        day, until = run.first.day, run.last.day
        number = f"{day:%d}" if month == day.month else f"{day:%m-%d}"
        month = until.month
        if run.kind == "day":
            ends = "일째" if run.last.n in {1, last} else ""
            words.append(f"{number}({WEEKDAYS[day.weekday()]}) {run.last.n}{ends}")
        elif run.kind == "pause":
            words.append(f"{number}~{until:%d} {STOPS[run.last.name]}")
        elif run.kind == "off":
            words.append(f"{number}·{until:%d} 토·일 뺌")
    return f"{' · '.join(words)} → {answer.day.month}월 {answer.day.day}일까지"


def test_the_derivation_carries_all_that_the_receipt_says():
    assert told(computed(CASES[0])) == (
        "11-23(월) 1일째 · 24(화) 2 · 25(수) 3 · 26(목) 4 · 27(금) 5 · 28·29 토·일 뺌 · "
        "30(월) 6 · 12-01(화) 7일째 → 12월 1일까지"
    )


def test_the_derivation_with_a_supplement_carries_all_that_the_citizen_is_told():
    case = next(case for case in CASES if case["name"] == "wording.md의 본보기: 보완 25~27일")
    assert told(computed(case)) == (
        "11-23(월) 1일째 · 24(화) 2 · 25~27 보완 기간 뺌(나간 날·돌아온 날 포함) · "
        "28·29 토·일 뺌 · 30(월) 3 · 12-01(화) 4 · 02(수) 5 · 03(목) 6 · 04(금) 7일째 "
        "→ 12월 4일까지"
    )


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Seoul", "Pacific/Kiritimati"])
def machine_zone(request, monkeypatch):
    monkeypatch.setenv("TZ", request.param)
    machine.tzset()
    yield request.param
    monkeypatch.undo()
    machine.tzset()


def test_the_zone_of_the_machine_changes_nothing(machine_zone):
    assert [computed(case).at for case in CASES] == [wanted(case) for case in CASES]


def test_the_zone_of_the_moment_changes_nothing():
    at = kst("2026-11-23T23:59")
    answers = {due(ANSWER, at.astimezone(zone), CALENDAR) for zone in (UTC, SEOUL)}
    assert len(answers) == 1


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a time zone"):
        due(ANSWER, datetime(2026, 11, 23, 10), CALENDAR)  # noqa: DTZ001


def test_a_stop_that_ends_before_it_starts_is_refused():
    stop = Pause("supplement", kst("2026-11-25T10:00"), kst("2026-11-25T09:00"))
    with pytest.raises(ValueError, match="ends before it starts: supplement"):
        due(ANSWER, kst("2026-11-23T10:00"), CALENDAR, [stop])


def test_a_period_of_nothing_is_refused():
    with pytest.raises(ValueError, match="answer: a period of 0"):
        due(replace(ANSWER, amount=0), kst("2026-11-23T10:00"), CALENDAR)


AT = kst("2026-12-01T10:00")


@pytest.mark.parametrize(
    ("earlier", "new", "problem"),
    [
        ([], Extension(7, AT), None),
        ([], Extension(8, AT), "too_long"),
        ([], Extension(0, AT), "too_short"),
        ([Extension(3, AT)], Extension(7, AT), "needs_consent"),
        ([Extension(3, AT)], Extension(7, AT, consent=True), None),
        ([Extension(3, AT)], Extension(8, AT, consent=True), "too_long"),
        ([Extension(3, AT), Extension(3, AT)], Extension(1, AT, consent=True), "too_many"),
    ],
)
def test_the_law_bounds_extensions(earlier, new, problem):
    assert extension_problem(ANSWER, earlier, new) == problem


def test_an_extension_may_have_a_length_of_its_own():
    onsite = RULES["onsite"]
    assert onsite.extendable == (Extendable(most=7),)
    assert extension_problem(onsite, [], Extension(8, AT)) == "too_long"


def test_an_extension_beyond_the_law_is_refused():
    with pytest.raises(ValueError, match="answer: extension 2: needs_consent"):
        due(ANSWER, kst("2026-11-23T10:00"), CALENDAR, (), [Extension(7, AT), Extension(7, AT)])


def test_an_extension_is_a_line_of_the_derivation():
    answer = due(ANSWER, kst("2026-11-23T10:00"), CALENDAR, (), [Extension(3, AT)])
    assert answer.lines[-2:] == (
        DerivationLine("extension", date(2026, 12, 1), 3),
        DerivationLine("due", date(2026, 12, 4)),
    )


@pytest.mark.parametrize(
    ("arrived", "received", "latest"),
    [
        ("2026-11-23T10:12", "2026-11-23T10:12", "2026-11-24T10:12"),
        ("2026-11-23T12:30", "2026-11-23T12:30", "2026-11-24T12:00"),  # lunch is not closed
        ("2026-11-23T08:00", "2026-11-23T09:00", "2026-11-23T18:00"),
        ("2026-11-23T18:00", "2026-11-24T09:00", "2026-11-24T18:00"),
        ("2026-11-21T11:00", "2026-11-23T09:00", "2026-11-23T18:00"),
        ("2026-02-15T11:00", "2026-02-19T09:00", "2026-02-19T18:00"),
    ],
)
def test_arrival_and_receipt_are_two_times(arrived, received, latest):
    both = receipt(kst(arrived), CALENDAR)
    assert (both.arrived, both.received) == (kst(arrived), kst(received))
    assert both.off_hours == (arrived != received)
    assert both.latest == kst(latest)


def test_a_day_off_that_comes_later_makes_the_period_longer_and_keeps_the_promise():
    received = kst("2026-11-23T10:12")
    before = due(ANSWER, received, CALENDAR)
    calendar = WorkCalendar([DayChange(date(2026, 11, 27), "임시공휴일")])
    again = recompute(before.at, due(ANSWER, received, calendar))
    assert (again.change, again.needs_person) == ("longer", False)
    assert again.promised == before.at
    assert again.due.day == date(2026, 12, 2)
    assert (before.calendar, again.due.calendar) == (CALENDAR.version, calendar.version)


def test_only_a_person_may_make_a_period_shorter():
    received = kst("2026-04-29T11:00")
    before = due(ANSWER, received, CALENDAR)
    calendar = WorkCalendar([DayChange(date(2026, 5, 1), "노동절", off=False)])
    again = recompute(before.at, due(ANSWER, received, calendar))
    assert (again.change, again.needs_person) == ("shorter", True)
    assert again.promised == before.at


@pytest.mark.parametrize("promised", [None, kst("2026-12-01T23:59:59")])
def test_the_same_date_and_no_date_are_no_change(promised):
    fresh = due(ANSWER, kst("2026-11-23T10:12"), CALENDAR)
    assert recompute(promised, fresh).change == "same"


def test_an_open_stop_leaves_nothing_to_compare():
    stop = Pause("supplement", kst("2026-11-25T10:00"))
    fresh = due(ANSWER, kst("2026-11-23T10:12"), CALENDAR, [stop])
    assert fresh.day is None
    assert recompute(kst("2026-12-01T23:59:59"), fresh).change == "same"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_derivation_survives_json(case):
    lines = computed(case).lines
    assert load(json.loads(json.dumps(dump(lines)))) == lines


def test_a_deadline_says_how_it_is_counted():
    assert [rule.name for rule in RULES.values() if rule.by_hours] == [
        "five", "one", "at_once", "receive",
    ]  # fmt: skip
    assert not RULES["supplement"].counts_first_day
    assert replace(RULES["supplement"], first_day=True).counts_first_day
