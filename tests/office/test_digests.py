"""Several notices as one message, and the morning's message: read, not counted away."""

from datetime import date, timedelta
from typing import Any

import pytest

from bot.channel import Later, Never, Unknown
from bot.dialogs.replies import Cards, Say
from bot.services import accounts, digests, house, linking, officials
from storage import journal
from storage.repositories import deputies
from tests.office.conftest import (
    CHANNEL,
    Messenger,
    address,
    clean,
    guarded,
    link,
    with_messenger,
)
from tests.office.test_acts import told
from tests.office.test_linking import id_of, mails
from tests.services.conftest import Office, answers, at

ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
pytestmark = ONCE
DAY = date(2026, 12, 1)
BUILD = {"value": "build", "label": "건축과"}


def assigned(office: Office, count: int, handler: str = "park") -> list[str]:
    """Give somebody so many reports at once."""
    found = []
    for n in range(count):
        number = office.file(answers(unit=BUILD), address=f"p{n}").number
        guarded(office, number, "build")
        office.act("kim", number, "assign", handler=handler)
        found.append(number)
    return found


def whole(office: Office, *logins: str) -> None:
    for login in logins:
        office.do(lambda u, who=login: linking.whole(office.svc, u, id_of(office, who)))


async def test_the_fourth_notice_in_ten_minutes_begins_a_digest(
    office: Office, messenger: Messenger
):
    link(office, "park")
    numbers = assigned(office, 6)
    found = await messenger.round(10)
    assert len(found) == 3
    kinds = [row.kind for row in office.rows(CHANNEL)]
    assert kinds == ["official"] * 3 + ["digest"]
    assert office.rows(CHANNEL)[-1].due_at == office.clock() + timedelta(minutes=10)
    office.clock.set(office.clock() + timedelta(minutes=10, seconds=1))
    (digest,) = await messenger.round()
    text = told(office, digest.reply)
    assert "알림 3건" in text
    assert [number in text for number in numbers] == [False] * 3 + [True] * 3
    assert "맡을 신고가 정해졌습니다" in text
    more = assigned(office, 1)
    (card,) = await messenger.round()  # the ten minutes are over: alone again
    assert isinstance(card.reply, Cards)
    assert more[0] in told(office, card.reply)


async def test_a_digest_says_what_is_so_when_it_leaves(office: Office, messenger: Messenger):
    link(office, "park")
    numbers = assigned(office, 5)
    await messenger.round(10)
    office.act("choi", numbers[3], "reassign", handler="lim")
    office.clock.set(office.clock() + timedelta(minutes=11))
    found = [one for one in await messenger.round() if isinstance(one.reply, Cards)]
    text = told(office, found[0].reply)
    assert numbers[3] not in text
    assert numbers[4] in text


async def test_a_digest_of_nothing_is_not_sent(office: Office, messenger: Messenger):
    link(office, "park")
    numbers = assigned(office, 4)
    await messenger.round(10)
    office.act("choi", numbers[3], "reassign", handler="lim")
    office.clock.set(office.clock() + timedelta(minutes=11))
    await messenger.round()
    assert [row.problem for row in office.rows(CHANNEL) if row.kind == "digest"] == ["stale"]


async def test_each_notice_of_a_digest_that_cannot_arrive_goes_by_mail(
    office: Office, messenger: Messenger
):
    link(office, "park")
    assigned(office, 6)
    await messenger.round(10)
    office.clock.set(office.clock() + timedelta(minutes=11))
    messenger.script(Never("bad_channel"))
    await messenger.round()
    assert mails(office, "park").count("official.body") == 3


async def test_a_digest_that_waits_goes_by_mail_when_the_link_ends(
    office: Office, messenger: Messenger
):
    link(office, "park")
    assigned(office, 5)
    await messenger.round(10)
    office.do(
        lambda u: linking.unlink(office.svc, u, id_of(office, "park"), office.people["park"])
    )
    assert mails(office, "park").count("official.body") == 2


async def test_the_morning_tells_what_is_late_and_what_ends_today(
    office: Office, messenger: Messenger
):
    link(office, "park", "lim", "choi")
    number = office.investigating().number  # due on the first of December
    await messenger.round(10)
    office.clock.set(at("2026-12-01 08:59"))
    whole(office, "park", "lim", "choi")
    assert not [key for key in office.tick() if key.startswith("digest:")]
    office.clock.set(at("2026-12-01 09:00"))
    keys = [key for key in office.tick() if key.startswith("digest:")]
    assert len(keys) == 3
    found = [one for one in await messenger.round(10) if morning(office, one)]
    (mine,) = found  # who has nothing to do today is not disturbed
    assert mine.address == address("park")
    assert "오늘까지인 신고" in told(office, mine.reply)
    assert number in told(office, mine.reply)
    office.clock.set(at("2026-12-01 09:30"))
    assert not [key for key in office.tick() if key.startswith("digest:")]
    office.clock.set(at("2026-12-02 09:00"))
    whole(office, "park")
    office.tick()
    late = [one for one in await messenger.round(10) if morning(office, one)]
    assert "기한이 지난 신고" in told(office, late[0].reply)


def morning(office: Office, parcel: Any) -> bool:
    return "오늘 챙길 일" in told(office, parcel.reply)


async def test_no_morning_is_told_of_on_a_day_off_or_to_who_rests(
    office: Office, messenger: Messenger
):
    link(office, "park")
    office.investigating()
    await messenger.round()
    office.clock.set(at("2026-11-28 09:30"))  # a Saturday
    whole(office, "park")
    assert not [key for key in office.tick() if key.startswith("digest:")]
    office.clock.set(at("2026-12-01 09:30"))  # nobody has looked at the account since
    office.tick()
    assert [row for row in office.rows(CHANNEL) if row.kind == "morning"] == []


async def test_a_morning_that_is_over_is_not_told_of(office: Office, messenger: Messenger):
    link(office, "park")
    office.investigating()
    await messenger.round()
    office.clock.set(at("2026-12-01 09:00"))
    whole(office, "park")
    office.tick()
    messenger.script(Later(4 * 3600.0))
    await messenger.round(10)
    office.clock.set(at("2026-12-01 14:00"))
    await messenger.round()
    assert [row.status for row in office.rows(CHANNEL) if row.kind == "morning"] == ["dropped"]


async def test_what_waits_for_a_decision_stands_in_the_morning(
    office: Office, messenger: Messenger
):
    link(office, "choi")
    lee = id_of(office, "lee")
    office.do(
        lambda u: accounts.ask_reset(
            office.svc, u, office.people["han"], lee, "휴대전화를 잃어버리셨습니다"
        )
    )
    (asked,) = await messenger.round()
    assert "두 사람이 정하는 일" in told(office, asked.reply)
    assert asked.reply.options[0].url is not None
    office.clock.set(at("2026-11-24 09:00"))
    whole(office, "choi")
    office.tick()
    found = [one for one in await messenger.round(10) if morning(office, one)]
    assert "내가 정할 일: 1건" in told(office, found[0].reply)
    assert "담당을 기다리는 신고" not in told(office, found[0].reply)
    guarded(office, office.file(answers(unit=BUILD)).number, "build")
    office.clock.set(at("2026-11-25 09:00"))
    whole(office, "choi")
    office.tick()
    found = [one for one in await messenger.round(10) if morning(office, one)]
    assert "담당을 기다리는 신고: 1건" in told(office, found[0].reply)


@pytest.mark.parametrize("who", ["park", "lim"])
def test_the_morning_of_who_stands_in_for_somebody_tells_his(office: Office, who: str):
    number = office.investigating().number
    office.clock.set(at("2026-12-01 09:00"))
    park, lim, day, now = id_of(office, "park"), id_of(office, "lim"), DAY, office.clock()
    reader = office.see(lambda u: officials.official(u, id_of(office, who)))
    office.do(lambda u: deputies.add(u, park, lim, day, day, None, now))
    made: Any = office.see(lambda u: digests.morning(office.svc, u, reader))
    assert number in told(office, made)


def test_a_morning_without_anything_to_do_is_one_question_for_all(office: Office):
    office.investigating()
    idle = office.see(lambda u: digests.lies(office.svc, u))
    assert not idle  # it is given out, and its day has not come
    office.clock.set(at("2026-12-01 09:00"))
    assert office.see(lambda u: digests.lies(office.svc, u)).of == {id_of(office, "park")}
    office.file(answers(unit=BUILD), address="b")
    assert office.see(lambda u: digests.lies(office.svc, u)).new


def test_the_agency_s_decision_is_kept_with_its_reason(build: Any):
    office = build(slack="full", slack_reason="당직실에 화면이 없습니다")

    def levels() -> list[Any]:
        told = office.see(lambda u: journal.history(u, house.HOUSE))
        return [one.detail for one in told if one.kind == "office_level"]

    office.goes("2026-11-23 11:00")
    assert levels() == []  # without a messenger nothing was decided
    with_messenger(office, "full")
    office.goes("2026-11-23 12:00")
    office.goes("2026-11-23 13:00")
    assert levels() == [{"level": "full", "reason": "당직실에 화면이 없습니다"}]
    with_messenger(office, "numbers")
    office.goes("2026-11-23 14:00")
    assert levels()[1:] == [{"level": "numbers", "reason": ""}]


async def test_a_line_waits_for_a_card_of_which_nobody_knows_whether_it_arrived(
    office: Office, messenger: Messenger
):
    clean(office)
    number = office.file(answers(unit=BUILD)).number
    guarded(office, number, "build")
    messenger.script(Unknown())
    await messenger.round()
    office.act("kim", number, "assign", handler="park")
    assert await messenger.round() == []
    office.clock.set(office.clock() + timedelta(minutes=6))
    found = await messenger.round(10)
    assert [isinstance(one.reply, Cards) for one in found] == [True, False]
    assert isinstance(found[1].reply, Say)
    assert found[1].thread == "2"
    assert [row.status for row in office.rows(CHANNEL)] == ["sent", "sent"]
