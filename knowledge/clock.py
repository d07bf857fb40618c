"""The petition clock: due dates by 민원처리법 제19조 and the Civil Code, with their derivation.

Pure: same arguments, same answer, whatever the machine's zone or the time of day.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal

from knowledge.calendar import DAY, SEOUL, WorkCalendar, local
from knowledge.derivation import DerivationLine

__all__ = [
    "Deadline",
    "DerivationLine",
    "Due",
    "Extendable",
    "Extension",
    "ExtensionProblem",
    "Pause",
    "Receipt",
    "Recomputed",
    "WorkCalendar",
    "due",
    "extension_problem",
    "receipt",
    "recompute",
]

Count = Literal["work_hours", "work_days", "calendar_days", "months"]
ExtensionProblem = Literal["too_many", "too_short", "too_long", "needs_consent"]

WORK_DAY = timedelta(hours=8)  # 민원처리법 제19조제1항: one day is eight working hours
BY_HOURS = 5  # 민원처리법 제19조제1항: up to five days are counted in hours
END_OF_DAY = time(23, 59, 59)  # 민법 제159조: a period ends with the end of its last day
RECEIVE_WITHIN_HOURS = 8  # 민원처리법 시행령 제6조제7항
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Extendable:
    """One extension that a deadline allows; `most` None = the original length."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - read from TOML, strictly
    most: int | None = None
    consent: bool = False


@dataclass(frozen=True, slots=True)
class Tell:
    """Whom a deadline is told, and the text key below `notice.desk.` (a citizen: `notice.`)."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - read from TOML, strictly
    to: str
    key: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """A period: how long, how counted, what starts, stops and ends it.

    `starts` is a moment of the filing ("arrived", "received") or an action; `ends` are actions.
    `pauses` are the kinds of stop that this deadline heeds, others pass by. `remind_before` is in
    working days. `first_day`: whether the first day counts; None = as the count says (work_days
    and months by 민원처리법 제19조: yes; calendar_days by 민법 제157조: no).
    `amount_field` names the field of the starting move that gives the amount, `day_field` the one
    that gives the day itself in place of the count (no day given: it does not start). A final
    state ends it, unless it `outlives` the filing. `setting` names the agency's own number for the
    amount; an amount of 0 is no period at all until the agency has set one. `before` is told on
    the days of `remind_before` (0 is the day itself) and `over` once it has passed; `then` is the
    move that the clock makes by itself when it is over. `told`: the reporter is given its date, too,
    and hears of it when the calendar changes it. `confirm`: an agency has yet to confirm it.
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - read from TOML, strictly
    name: str
    amount: int
    count: Count
    starts: str = "received"
    ends: tuple[str, ...] = ()
    pauses: tuple[str, ...] = ()
    extendable: tuple[Extendable, ...] = ()
    remind_before: tuple[int, ...] = ()
    repeats: bool = False
    first_day: bool | None = None
    amount_field: str = ""
    day_field: str = ""
    setting: str = ""
    before: Tell | None = None
    over: Tell | None = None
    then: str = ""
    outlives: bool = False
    told: bool = False
    confirm: bool = False
    source: str = ""

    @property
    def by_hours(self) -> bool:
        """Say whether it is counted in working hours (민원처리법 제19조제1항)."""
        return self.count == "work_hours" or (
            self.count == "work_days" and self.amount <= BY_HOURS
        )

    @property
    def counts_first_day(self) -> bool:
        return self.count != "calendar_days" if self.first_day is None else self.first_day


@dataclass(frozen=True, slots=True)
class Pause:
    """A stop of the clock; `end` None while it lasts, or a day in the future when it is known."""

    kind: str
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """A period made longer by `amount`, in the unit of its deadline."""

    amount: int
    at: datetime
    consent: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """When it is due (None while a stop is open), why, and by which calendar."""

    at: datetime | None
    lines: tuple[DerivationLine, ...]
    calendar: str

    @property
    def day(self) -> date | None:
        """The day in Asia/Seoul."""
        return None if self.at is None else local(self.at).date()


@dataclass(frozen=True, slots=True)
class Receipt:
    """도달 and 접수: when it arrived, from when it counts, until when an office must receive it."""

    arrived: datetime
    received: datetime
    latest: datetime

    @property
    def off_hours(self) -> bool:
        return self.received != self.arrived


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A due date computed anew: `promised` was told and is kept first, `due` is the law's."""

    promised: datetime | None
    due: Due
    change: Literal["same", "longer", "shorter"]

    @property
    def needs_person(self) -> bool:
        """Only a person may shorten a period (security S33)."""
        return self.change == "shorter"


def due(
    rule: Deadline,
    received: datetime,
    calendar: WorkCalendar,
    pauses: Sequence[Pause] = (),
    extensions: Sequence[Extension] = (),
) -> Due:
    """Compute when a period ends.

    Days end at 23:59:59 in Asia/Seoul, hours at the moment. Raises `ValueError` for an amount
    below 1, a moment without a zone, a stop that ends before it starts, an extension that the
    rule does not allow.
    """
    if rule.amount < 1:
        raise ValueError(f"{rule.name}: a period of {rule.amount}")
    for at, extension in enumerate(extensions):
        problem = extension_problem(rule, extensions[:at], extension)
        if problem is not None:
            raise ValueError(f"{rule.name}: extension {at + 1}: {problem}")
    start = local(received)
    stops = [_checked(pause) for pause in pauses if pause.kind in rule.pauses]
    amount = rule.amount + sum(extension.amount for extension in extensions)
    walk = _by_hours if rule.by_hours else _by_days
    at_, lines = walk(rule, amount, start, calendar, stops)
    added = [DerivationLine("extension", local(one.at).date(), one.amount) for one in extensions]
    last = [DerivationLine("due", at_.date())] if at_ is not None else []
    return Due(at_, (*lines, *added, *last), calendar.version)


def extension_problem(
    rule: Deadline, earlier: Sequence[Extension], new: Extension
) -> ExtensionProblem | None:
    """Say why a further extension is not allowed (민원처리법 시행령 제21조), or None."""
    if len(earlier) >= len(rule.extendable):
        return "too_many"
    allowed = rule.extendable[len(earlier)]
    if new.amount < 1:
        return "too_short"
    if new.amount > (allowed.most or rule.amount):
        return "too_long"
    if allowed.consent and not new.consent:
        return "needs_consent"
    return None


def receipt(arrived: datetime, calendar: WorkCalendar) -> Receipt:
    """Give both times of a filing: it is received on arrival while the office is open.

    Outside office hours it is received when the office opens next; `latest` is the end of the
    eight working hours that 민원처리법 시행령 제6조제7항 gives an office that receives by hand.
    """
    rule = Deadline("receive", RECEIVE_WITHIN_HOURS, "work_hours", starts="arrived")
    latest = due(rule, arrived, calendar).at
    assert latest is not None  # nothing stops it
    return Receipt(local(arrived), calendar.opening(arrived), latest)


def recompute(promised: datetime | None, fresh: Due) -> Recomputed:
    """Compare the date that a citizen was told with what today's calendar and stops give.

    While a stop is open, or before any date was told, there is nothing to compare: "same".
    """
    if promised is None or fresh.at is None or promised == fresh.at:
        return Recomputed(promised, fresh, "same")
    return Recomputed(promised, fresh, "longer" if fresh.at > promised else "shorter")


def _checked(pause: Pause) -> Pause:
    start = local(pause.start)
    end = None if pause.end is None else local(pause.end)
    if end is not None and end < start:
        raise ValueError(f"a stop that ends before it starts: {pause.kind}")
    return replace(pause, start=start, end=end)


def _by_days(
    rule: Deadline, amount: int, received: datetime, calendar: WorkCalendar, stops: list[Pause]
) -> tuple[datetime | None, list[DerivationLine]]:
    """Count whole days; a day that any stop touches does not count (security S33)."""
    lines: list[DerivationLine] = []
    day, need = _first_day(rule, amount, received, calendar, lines)
    working = rule.count == "work_days"
    counted = 0
    while True:
        here = [
            s for s in stops if s.start.date() <= day and (s.end is None or day <= s.end.date())
        ]
        if any(stop.end is None for stop in here):
            return None, [*lines, DerivationLine("waiting", day, name=_kinds(here))]
        off = calendar.off(day) if working else None
        if here:
            lines.append(DerivationLine("pause", day, name=_kinds(here)))
        elif off is not None:
            lines.append(DerivationLine("off", day, name=off.name))
        else:
            counted += 1
            lines.append(DerivationLine("day" if working else "calendar", day, counted))
        if counted == need:
            break
        day += DAY
    # 민법 제161조: a period by the Civil Code that ends on a day off ends on the next working day
    while (off := calendar.off(day)) is not None:
        lines.append(DerivationLine("rolled", day, name=off.name))
        day += DAY
    return datetime.combine(day, END_OF_DAY, SEOUL), lines


def _first_day(
    rule: Deadline,
    amount: int,
    received: datetime,
    calendar: WorkCalendar,
    lines: list[DerivationLine],
) -> tuple[date, int]:
    """Give the day to look at first, and how many days have to count."""
    day = received.date()
    if not rule.counts_first_day:
        lines.append(DerivationLine("first_out", day))
        day += DAY
    elif rule.count != "calendar_days":  # 처리기간: it begins when the office is open
        opening = calendar.opening(received).date()
        if opening != day:
            lines.append(DerivationLine("late", day))
            day = opening if rule.count == "months" else day + DAY
    if rule.count == "months":
        return day, (_month_end(day, amount) - day).days + 1
    return day, amount


def _month_end(first: date, months: int) -> date:
    """Give the last day of a period of months that begins with `first` (민법 제160조)."""
    index = first.month - 1 + months
    year, month = first.year + index // 12, index % 12 + 1
    last = monthrange(year, month)[1]
    if first.day > last:  # 제3항: no such day in the last month
        return date(year, month, last)
    return date(year, month, first.day) - DAY


def _by_hours(
    rule: Deadline, amount: int, received: datetime, calendar: WorkCalendar, stops: list[Pause]
) -> tuple[datetime | None, list[DerivationLine]]:
    """Count working time from the moment of receipt; stops are intervals of it."""
    lines: list[DerivationLine] = []
    left = amount * (HOUR if rule.count == "work_hours" else WORK_DAY)
    whole = left
    day = received.date()
    if calendar.opening(received).date() != day:
        lines.append(DerivationLine("late", day))
        day += DAY
    while True:
        off = calendar.off(day)
        if off is not None:
            lines.append(DerivationLine("off", day, name=off.name))
        for start, end, here in _pieces(day, received, calendar, stops) if off is None else ():
            if any(stop.end is None for stop in here):
                return None, [*lines, DerivationLine("waiting", day, 0, _kinds(here), start)]
            if here:
                lines.append(DerivationLine("pause", day, 0, _kinds(here), start, end))
                continue
            until = min(end, start + left)
            left -= until - start
            lines.append(DerivationLine("work", day, (whole - left) // MINUTE, "", start, until))
            if not left:
                return until, lines
        day += DAY


def _pieces(
    day: date, received: datetime, calendar: WorkCalendar, stops: list[Pause]
) -> Iterator[tuple[datetime, datetime, list[Pause]]]:
    """Cut the working time of a day, after receipt, where stops begin and end."""
    for opens, closes in calendar.hours.spans(day):
        marks = {max(opens, received), closes}
        marks.update(at for s in stops for at in (s.start, s.end) if at is not None)
        cuts = sorted(at for at in marks if max(opens, received) <= at <= closes)
        for start, end in pairwise(cuts):
            yield (
                start,
                end,
                [s for s in stops if s.start <= start and (s.end is None or end <= s.end)],
            )


def _kinds(stops: list[Pause]) -> str:
    return ",".join(dict.fromkeys(stop.kind for stop in stops))
