"""What an agency has to see to: asked once of who can, in office hours, until it is done."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.errors import Refused
from bot.services import agency_dates, confirming, queue_checks
from bot.settings_site import Election
from storage.repositories import tasks
from tests.services.conftest import Office
from tests.services.test_reminders import Post

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def office(build: Any) -> Office:
    made: Office = build(morning_mail=False, idle_days=0)
    made.goes("2026-10-30 17:00")  # the clock has been there for some time
    return made


@pytest.fixture
def post(office: Office) -> Post:
    return Post(office)


def add(office: Office, day: str, **changes: Any) -> int:
    given: dict[str, Any] = {
        "kind": "selection", "title": "상반기 우수공무원 선발", "repeats": "", "ahead": (7, 1, 0),
        "role": "audit_head", **changes,
    }  # fmt: skip
    choi = office.people["choi"]
    made: int = office.do(
        lambda u: agency_dates.add(office.svc, u, choi, day=date.fromisoformat(day), **given)
    )
    return made


async def duty(post: Post, text: str, to: str, words: str) -> list[str]:
    return [one for one in await post.goes(text, to) if words in one]


async def test_the_queue_is_to_be_checked_from_the_first_working_day(office: Office, post: Post):
    office.investigating()
    assert await duty(post, "2026-11-01 10:00", "choi", "점검") == []  # a Sunday
    assert await duty(post, "2026-11-02 08:59", "choi", "점검") == []
    (asked,) = await duty(post, "2026-11-02 09:00", "choi", "처리상황 점검")
    assert "2026년 11월 처리상황 점검이 기다립니다" in asked
    assert "/queue-checks/2026-11" in asked
    assert "늦게" not in asked
    assert "queue_check" in office.tasks("choi")
    assert await duty(post, "2026-11-03 09:00", "choi", "처리상황 점검") == []
    (again,) = await duty(post, "2026-11-24 09:00", "oh", "처리상황 점검")
    assert again
    choi, svc = office.people["choi"], office.svc
    office.do(lambda u: queue_checks.close(svc, u, choi, "2026-11", "한 건도 늦지 않았습니다"))
    assert "queue_check" not in office.tasks("choi")
    (check,) = office.see(lambda u: queue_checks.listed(u, choi))
    assert (check.figures["open"], check.by) == (1, "최과장")
    with pytest.raises(Refused) as again_done:
        office.do(lambda u: queue_checks.close(svc, u, choi, "2026-11", "다시 한 번 봅니다"))
    assert again_done.value.key == "queue_check.done"


async def test_a_check_that_was_made_is_not_asked_for_again(office: Office, post: Post):
    office.file()
    await post.goes("2026-11-02 09:00", "choi")
    choi = office.people["choi"]
    office.do(lambda u: queue_checks.close(office.svc, u, choi, "2026-11", "모두 기한 안입니다"))
    assert await duty(post, "2026-11-24 09:00", "choi", "처리상황 점검") == []


async def test_off_on_the_first_it_is_asked_for_late_once_and_says_so(office: Office, post: Post):
    office.file()
    (late,) = await duty(post, "2026-11-03 14:00", "choi", "처리상황 점검")
    assert "늦게 알려 드립니다" in late
    assert await duty(post, "2026-11-04 09:00", "choi", "처리상황 점검") == []


def test_without_an_open_report_there_is_nothing_to_check(office: Office):
    office.goes("2026-11-02 09:00")
    assert "queue_check" not in office.tasks("choi")


def test_a_service_that_is_new_is_asked_for_nothing_of_before(build: Any):
    office = build()
    office.file()
    assert not [key for key in office.goes("2026-11-23 11:00") if key.startswith("duty:")]
    assert [key for key in office.goes("2026-12-01 09:00") if key.startswith("duty:")]


async def test_next_year_s_days_off_are_asked_for_from_november_until_looked_over(
    office: Office, post: Post
):
    (asked,) = await duty(post, "2026-11-02 09:00", "han", "쉬는 날")
    assert "2027년의 쉬는 날을 아직 아무도 살펴보지 않았습니다" in asked
    assert "/admin/days" in asked
    assert await duty(post, "2026-11-03 09:00", "han", "쉬는 날") == []
    assert len(await duty(post, "2026-12-01 09:00", "han", "쉬는 날")) == 1
    han = office.people["han"]
    office.do(lambda u: confirming.look_over(office.svc, u, han, 2027))
    assert "holidays" not in office.tasks("han")
    assert await duty(post, "2027-01-04 09:00", "han", "쉬는 날") == []
    assert len(await duty(post, "2027-11-01 09:00", "han", "2028년의 쉬는 날")) == 1


def test_only_this_year_and_the_next_are_looked_over_and_only_by_who_may(office: Office):
    for who, year, why in (("han", 2031, "day.year"), ("choi", 2027, "access.not_allowed")):
        with pytest.raises(Refused) as caught:
            office.do(
                lambda u, w=who, y=year: confirming.look_over(office.svc, u, office.people[w], y)
            )
        assert caught.value.key == why


async def test_values_that_nobody_confirmed_are_asked_for_each_month(office: Office, post: Post):
    waits = office.see(lambda u: confirming.waiting(office.svc, u))
    (asked,) = await duty(post, "2026-11-02 09:00", "choi", "확인할 값")
    assert f"{len(waits)}개" in asked
    choi = office.people["choi"]
    for one in waits[1:]:
        office.do(
            lambda u, v=one: confirming.confirm(office.svc, u, choi, v.name, v.mark, "법무 검토")
        )
    (left,) = await duty(post, "2026-12-01 09:00", "choi", "확인할 값")
    assert "1개" in left
    one = waits[0]
    office.do(lambda u: confirming.confirm(office.svc, u, choi, one.name, one.mark, ""))
    assert "values" not in office.tasks("choi")
    assert await duty(post, "2027-01-04 09:00", "choi", "확인할 값") == []


def test_a_confirmed_value_names_who_and_when_and_waits_anew_once_it_is_another(build: Any):
    office = build()
    choi, svc = office.people["choi"], office.svc
    name = "passive_report.deadlines.answer"

    def value(office: Office) -> confirming.Value:
        every = office.see(lambda u: confirming.values(office.svc, u))
        found: confirming.Value = next(one for one in every if one.name == name)
        return found

    mark = value(office).mark
    office.do(lambda u: confirming.confirm(svc, u, choi, name, mark, "조례 제3조"))
    known = value(office)
    assert (known.who, known.at, known.basis) == ("최과장", office.clock(), "조례 제3조")
    assert known.confirmed
    report = svc.site.passive_report.model_copy(update={"days": 10})
    office.svc = replace(svc, site=svc.site.model_copy(update={"passive_report": report}))
    changed = value(office)
    assert changed.changed
    assert not changed.confirmed
    for who, given, why in (
        (choi, (name, mark), "confirming.changed"),
        (choi, ("nothing", mark), "confirming.unknown"),
        (office.people["park"], (name, changed.mark), "access.not_allowed"),
    ):
        with pytest.raises(Refused) as caught:
            office.do(lambda u, w=who, g=given: confirming.confirm(office.svc, u, w, *g, ""))
        assert caught.value.key == why


async def test_a_date_of_the_agency_is_told_some_days_ahead_on_working_days(
    office: Office, post: Post
):
    add(office, "2026-11-16")  # a Monday
    assert await duty(post, "2026-11-06 09:00", "choi", "선발") == []
    (week,) = await duty(post, "2026-11-09 09:00", "choi", "선발")
    assert "우수공무원 선발: 상반기 우수공무원 선발 11월 16일(월)까지 7일 남았습니다" in week
    (eve,) = await duty(post, "2026-11-13 09:00", "choi", "선발")  # the 15th is a Sunday
    assert "3일 남았습니다" in eve
    (same,) = await duty(post, "2026-11-16 09:00", "choi", "선발")
    assert "오늘(11월 16일(월))입니다" in same
    assert await duty(post, "2026-11-17 09:00", "choi", "선발") == []


async def test_a_date_that_was_slept_through_is_told_of_once_the_nearest_and_late(
    office: Office, post: Post
):
    add(office, "2026-11-20")
    (told,) = await duty(post, "2026-11-19 15:00", "choi", "선발")
    assert "내일" in told
    assert "늦게 알려 드립니다" in told


async def test_an_ended_date_is_told_of_no_more_even_if_it_waits_in_line(
    office: Office, post: Post
):
    made = add(office, "2026-11-16")
    office.goes("2026-11-09 09:00")
    choi = office.people["choi"]
    office.do(lambda u: agency_dates.end(office.svc, u, choi, made))
    assert not [one for one in await post.arrives("choi") if "선발" in one]
    assert await duty(post, "2026-11-16 09:00", "choi", "선발") == []
    with pytest.raises(Refused):
        office.do(lambda u: agency_dates.end(office.svc, u, choi, made))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"day": "2026-10-29"}, "agency_date.past"),
        ({"title": " "}, "agency_date.title"),
        ({"ahead": ()}, "agency_date.ahead"),
        ({"ahead": (1, 2, 3, 4, 5, 6)}, "agency_date.ahead"),
        ({"ahead": (181,)}, "agency_date.ahead"),
        ({"kind": "party"}, "agency_date.choice"),
        ({"role": "mayor"}, "agency_date.choice"),
    ],
)
def test_a_date_that_makes_no_sense_is_refused(office: Office, changes: dict[str, Any], why: str):
    given = {"day": "2026-11-16", **changes}
    with pytest.raises(Refused) as caught:
        add(office, **given)
    assert caught.value.key == why


def test_an_election_holds_publicity_back_wherever_it_was_written(build: Any):
    hold = Election(days=(date(2027, 6, 2),), before=60)
    office = build(election_hold=hold)
    add(office, "2027-04-07", kind="election", title="보궐선거")
    see = office.see
    svc = office.svc

    def held(day: str) -> date | None:
        found: date | None = see(lambda u: agency_dates.held_back(svc, u, date.fromisoformat(day)))
        return found

    assert held("2027-02-05") is None
    assert held("2027-02-06") == date(2027, 4, 7)
    assert held("2027-04-07") == date(2027, 4, 7)
    assert held("2027-04-08") == date(2027, 6, 2)
    assert held("2027-06-03") is None


def test_the_same_task_stands_once_on_the_desk(office: Office):
    office.do(lambda u: tasks.ensure(u, "values", office.clock(), reason="audit_head"))
    office.do(lambda u: tasks.ensure(u, "values", office.clock(), reason="audit_head"))
    assert office.tasks("choi").count("values") == 1
