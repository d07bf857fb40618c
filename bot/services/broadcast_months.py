"""The clock makes the draft of a month or a quarter, once, and tells the editors that it is there.

What was slept through is made up once: the last draft that is missing, not each of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from bot.dialogs.replies import Phrase, Say
from bot.services import broadcast_drafts, direct, officials, saying
from bot.services.base import Desk
from knowledge.calendar import SEOUL, WorkCalendar, seoul_day
from storage.repositories import broadcasts, sent_keys
from storage.unit import Unit

Act = Callable[[Unit], None]
MORNING = time(9)
EDITOR = "editor"
WAY = "/newsletters/{}"
"""Where a broadcast is made at the desk, by its number."""


@dataclass(frozen=True, slots=True)
class Period:
    """One issue's time: the number it gets, and the day on which its draft is made."""

    number: str
    day: date

    @property
    def at(self) -> datetime:
        return datetime.combine(self.day, MORNING, SEOUL)


def due(svc: Desk, unit: Unit) -> Iterator[tuple[str, None, Act]]:
    """Say what is due; of the time before this service was there nothing is."""
    night = timedelta(hours=MORNING.hour)
    period = last_period(svc, seoul_day(svc.now() - night))  # its morning has come
    if period is None:
        return
    key = f"newsletter:{period.number}"
    there = sent_keys.any_between(unit, "upkeep:", saying.hour_key(period.at))
    if there and not sent_keys.has(unit, key):
        yield key, None, partial(_make, svc, period)


def last_period(svc: Desk, today: date) -> Period | None:
    """Give the period whose draft was to be made last; None where the clock makes none."""
    rules = svc.site.newsletter
    if rules.rhythm == "off":
        return None
    month = today.replace(day=rules.draft_day)
    if month > today:
        month = (today.replace(day=1) - timedelta(days=1)).replace(day=rules.draft_day)
    if rules.rhythm == "monthly":
        return Period(f"{month:%Y-%m}", month)
    while month.month % 3:  # the last month of a quarter has its draft
        month = (month.replace(day=1) - timedelta(days=1)).replace(day=rules.draft_day)
    return Period(f"{month.year}-q{month.month // 3}", month)


def proposed(svc: Desk, calendar: WorkCalendar, period: Period) -> datetime | None:
    """Give when it would leave: on a day on which the office works; None once that is over."""
    rules = svc.site.newsletter
    day = period.day.replace(day=rules.send_day)
    if day < period.day:  # drafted late in a month, sent early in the next
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=rules.send_day)
    day = day if calendar.is_working(day) else calendar.shift(day, 1)
    at = datetime.combine(day, time(rules.send_hour), SEOUL)
    return at if at > svc.now() else None


def _make(svc: Desk, period: Period, unit: Unit) -> None:
    if broadcasts.of_number(unit, period.number) is not None:
        return  # an editor was first
    title = svc.texts.render(_title(period), "ko", svc.site.words())
    send_at = proposed(svc, svc.calendar(unit), period)
    broadcast_drafts.draft(
        svc, unit, None, "news", title=title, number=period.number, send_at=send_at
    )
    slept = saying.missed(svc, unit, period.at)
    words = {
        "what": Phrase("newsletter.drafted", {"title": title}),
        "late": Phrase("official.late") if slept else "",
        "desk_url": svc.desk_url + WAY.format(period.number),
    }
    people = officials.with_role(unit, EDITOR)
    direct.tell(svc, unit, people, Say(Phrase("official.newsletter", words)))


def _title(period: Period) -> Phrase:
    year, _, rest = period.number.partition("-")
    if rest.startswith("q"):
        return Phrase("newsletter.title_quarter", {"year": year, "quarter": rest[1:]})
    return Phrase("newsletter.title", {"month": period.number})
