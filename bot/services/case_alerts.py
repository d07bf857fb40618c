"""New cases told once a day at most, in one message to whoever one of them is for.

Their words were each seen by two persons before they were published, so that the clock may let an
alert go (decision 0025). Cases of the agency itself are its results: they rest while publicity
does, and once the quarter's count is used up; what has rested for long is left to the next issue.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial

from bot.dialogs.replies import Phrase
from bot.services import agency_dates, broadcast_approvals, broadcast_checks, month_issue
from bot.services import broadcast_drafts as drafts
from bot.services.base import Desk
from knowledge import issue_choice
from knowledge.calendar import SEOUL, WorkCalendar, seoul_day
from knowledge.cases import Case
from knowledge.newsletter import Issue, Item, Segment
from knowledge.subjects import REGIONS, field_of
from storage.repositories import audience, broadcasts, cases
from storage.unit import Unit

Act = Callable[[Unit], None]
KIND = "alert"
FRESH = timedelta(days=14)
"""A case that was published longer ago is no news."""
MOST = 10
EARLIER = 40
"""So many alerts are looked through for what was told: more than there are in `FRESH`."""


def due(svc: Desk, calendar: WorkCalendar) -> Iterator[tuple[str, None, Act]]:
    """Say whether today's look is due: once a day, whether there is anything new or not."""
    rules, today = svc.site.newsletter, seoul_day(svc.now())
    if not rules.alerts or svc.now() < _at(today, rules.alert_hour):
        return
    if svc.now() >= _at(today, broadcast_checks.CLOSES):
        return  # tomorrow: nobody is written to at night
    if rules.alert_days == "office" and not calendar.is_working(today):
        return
    yield f"alert:{today}", None, partial(make, svc)


def make(svc: Desk, unit: Unit) -> None:
    """Make the day's alert and let it go; nothing where nothing is new, or nobody is there."""
    new = _new(svc, unit)
    rest = _resting(svc, unit)
    told, items = _fitting(svc, [one for one in new if not (rest and ours(svc, one))])
    segment = Segment(KIND, any_of=_about(told))
    if not told or not audience.anybody(unit, segment):
        return
    nature = "results" if any(ours(svc, one) for one in told) else "guide"
    number = drafts.free_number(unit, f"{seoul_day(svc.now())}", KIND)
    made = drafts.put(
        svc, unit, None, KIND, number, _issue(svc, items), segment,
        nature=nature, send_at=svc.now(),
    )  # fmt: skip
    if not broadcast_approvals.by_clock(svc, unit, made):
        broadcasts.mark(unit, made, {"state": broadcasts.CANCELLED, "ended_at": svc.now()})


def ours(svc: Desk, case: Case) -> bool:
    """Tell whether a case is of the agency itself: its own work is what it must not praise."""
    mine = "".join(svc.site.agency.split())
    return "".join(case.agency.split()).startswith(mine)


def _new(svc: Desk, unit: Unit) -> Sequence[Case]:
    """Give what was published lately and stood in no alert, the oldest first."""
    since = svc.now() - FRESH
    days = {ref: at for ref, at in cases.days(unit).items() if at > since}
    if not days:
        return []
    states = (broadcasts.APPROVED, *broadcasts.OUT)
    before = broadcasts.listed(unit, states, (KIND,), most=EARLIER)
    told = {item.ref for one in before for item in one.issue.items}
    held, standing = cases.held(unit), svc.site.knowledge.permission
    found = svc.library.present(unit, [ref for ref in days if ref not in told])
    fits = [one for one in found.values() if issue_choice.unfit(one, held, standing) is None]
    return sorted(fits, key=lambda one: (days[one.ref], one.ref))


def _fitting(svc: Desk, new: Sequence[Case]) -> tuple[list[Case], tuple[Item, ...]]:
    """Take what fits into one message; the rest is for tomorrow.

    One whose words cannot be sent stops no other.
    """
    told: list[Case] = []
    items: tuple[Item, ...] = ()
    for one in new:
        more = (*items, month_issue.case_item(svc, one))
        fits = not any(broadcast_checks.words(_issue(svc, more)))
        if fits and len(told) < MOST:
            told.append(one)
            items = more
    return told, items


def _issue(svc: Desk, items: tuple[Item, ...]) -> Issue:
    words = Phrase("newsletter.alert", {"n": len(items), "title": items[0].title})
    said = svc.texts.render(words, "ko", svc.site.words())
    return Issue(issue_choice.shortened(said, broadcast_checks.TITLE), "", items)


def _resting(svc: Desk, unit: Unit) -> bool:
    """Tell whether the agency's own results rest today."""
    today, most = seoul_day(svc.now()), svc.site.newsletter.results_per_quarter
    if agency_dates.held_back(svc, unit, today) is not None:
        return True
    return bool(most) and broadcast_checks.results(unit, today, 0) >= most


def _about(told: Sequence[Case]) -> tuple[tuple[str, str], ...]:
    """Give fields with regions; what is of the whole country, or of no place, is for all."""
    pairs = {
        (field_of(one.field), one.region if one.region in REGIONS[1:] else "") for one in told
    }
    return tuple(sorted(pairs))


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), SEOUL)
