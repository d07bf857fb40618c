"""The clock makes each draft once, makes up what it slept through, and tells the editors."""

from datetime import date

import pytest

from bot.services import broadcast_months
from storage.repositories import broadcasts, sent_keys
from tests.newsletters.conftest import Press, at

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def numbers(press: Press) -> list[str]:
    found = press.office.see(lambda u: broadcasts.listed(u, kinds=("news",)))
    return [one.number for one in reversed(found)]


def due(press: Press, text: str) -> list[str]:
    """Do what this area has due at a time."""
    press.office.clock.set(at(text))
    done = []
    for key, _, act in press.office.see(lambda u: list(broadcast_months.due(press.svc, u))):
        press.do(lambda u, key=key, act=act: sent_keys.first(u, key) and act(u))
        done.append(key)
    return done


@pytest.fixture
def awake(press: Press) -> Press:
    press.do(lambda u: sent_keys.first(u, "upkeep:2026-10-01T09"))
    return press


def test_a_month_s_draft_is_made_once_on_its_day_and_the_editors_hear(awake: Press):
    assert due(awake, "2026-11-20 08:59") == ["newsletter:2026-10"]
    assert due(awake, "2026-11-20 09:00") == ["newsletter:2026-11"]
    assert due(awake, "2026-11-20 09:01") == []
    assert numbers(awake) == ["2026-10", "2026-11"]
    first, second = (
        awake.office.see(lambda u, n=n: broadcasts.of_number(u, n)) for n in ("2026-10", "2026-11")
    )
    assert first.send_at is None  # its day is over: somebody has to say when
    assert (second.author_id, second.send_at) == (None, at("2026-11-25 10:00"))
    letters = [one for one in awake.office.sent("mail") if one.text.key == "official.newsletter"]
    assert len(letters) == 4  # two editors, two drafts
    assert awake.office.say(letters[-1].text).startswith(
        "가온시 월간 적극행정 2026년 11월호 초안을"
    )
    assert "/newsletters/2026-11" in awake.office.say(letters[-1].text)


def test_after_a_long_sleep_the_last_one_is_made_up_and_no_other(awake: Press):
    assert due(awake, "2027-03-02 10:00") == ["newsletter:2027-02"]
    assert numbers(awake) == ["2027-02"]


def test_a_service_that_was_not_there_makes_up_nothing(press: Press):
    assert due(press, "2026-11-23 10:00") == []
    press.do(lambda u: sent_keys.first(u, "upkeep:2026-11-23T10"))
    assert due(press, "2026-11-24 10:00") == []
    assert due(press, "2026-12-20 09:00") == ["newsletter:2026-12"]


def test_an_editor_who_was_first_is_not_overtaken(awake: Press):
    awake.office.clock.set(at("2026-11-02 09:00"))
    awake.draft(title="내가 만든 것")
    due(awake, "2026-11-20 09:00")
    assert [one for one in numbers(awake) if one.startswith("2026-11")] == ["2026-11"]


def test_the_reminders_of_the_worker_make_it(awake: Press):
    awake.office.clock.set(at("2026-11-20 09:30"))
    assert "newsletter:2026-11" in awake.office.tick()
    assert "newsletter:2026-11" not in awake.office.tick()


@pytest.mark.parametrize(
    ("rhythm", "day", "number", "on"),
    [
        ("monthly", date(2026, 1, 5), "2025-12", date(2025, 12, 20)),
        ("monthly", date(2026, 1, 20), "2026-01", date(2026, 1, 20)),
        ("quarterly", date(2026, 11, 23), "2026-q3", date(2026, 9, 20)),
        ("quarterly", date(2026, 12, 31), "2026-q4", date(2026, 12, 20)),
        ("quarterly", date(2026, 2, 1), "2025-q4", date(2025, 12, 20)),
    ],
)
def test_periods_follow_the_rhythm(staffed, site, rhythm, day, number, on):
    press = staffed(newsletter=site.newsletter.model_copy(update={"rhythm": rhythm}))
    found = broadcast_months.last_period(press.svc, day)
    assert (found.number, found.day) == (number, on)


def test_a_quarter_has_a_name_of_its_own(staffed, site):
    press = staffed(newsletter=site.newsletter.model_copy(update={"rhythm": "quarterly"}))
    press.do(lambda u: sent_keys.first(u, "upkeep:2026-10-01T09"))
    due(press, "2026-12-20 09:00")
    one = press.office.see(lambda u: broadcasts.of_number(u, "2026-q4"))
    assert one.title == "가온시 적극행정 소식 2026년 4분기호"


def test_where_the_clock_makes_none_none_is_due(staffed, site):
    off = staffed(newsletter=site.newsletter.model_copy(update={"rhythm": "off"}))
    off.do(lambda u: sent_keys.first(u, "upkeep:2026-10-01T09"))
    assert due(off, "2026-12-21 09:00") == []


def test_a_proposed_day_is_one_that_is_worked_and_may_lie_in_the_next_month(staffed, site):
    late = site.newsletter.model_copy(update={"draft_day": 28, "send_day": 5})
    press = staffed(newsletter=late)
    press.office.clock.set(at("2026-11-28 09:00"))
    period = broadcast_months.last_period(press.svc, date(2026, 11, 28))
    calendar = press.office.see(press.svc.calendar)
    # 5 December 2026 is a Saturday.
    assert broadcast_months.proposed(press.svc, calendar, period) == at("2026-12-07 10:00")
