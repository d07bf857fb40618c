"""Reminders of officials: in office hours, once, true when they leave, late ones say so (S14)."""

from typing import Any

import pytest

from bot.channel import Limits
from bot.dialogs.replies import Phrase
from bot.services import deputies, direct, officials, saying, sight
from bot.services.base import CLOCK
from bot.worker import Worker
from storage import models
from tests.fakes.channel import FakeChannel
from tests.services.conftest import Office, nameless

ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
pytestmark = ONCE
FAST = Limits(text=4000, file_bytes=0, per_second=1000, per_chat=1000)


class Post:
    """The mail as it leaves: what each official reads."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.channel = FakeChannel(name="mail", limits=FAST)
        self.worker = Worker(
            office.store, office.svc, {"mail": self.channel}, settle_after=0.0, idle=0.01
        )

    async def goes(self, text: str, to: str = "park") -> list[str]:
        """Move the clock, tick, send; gives what arrived for somebody."""
        self.office.goes(text)
        return await self.arrives(to)

    async def arrives(self, to: str = "park") -> list[str]:
        seen = len(self.channel.sent)
        for _ in range(20):
            if not await self.worker.round():
                break
        new = self.channel.sent[seen:]
        return [self.words(one.reply) for one in new if one.address == f"{to}@gaon.example"]

    def words(self, reply: Any) -> str:
        cards = [
            f"{self.office.say(c.title)} {self.office.say(c.text)}"
            for c in getattr(reply, "cards", ())
        ]
        return "\n".join([self.office.say(reply.text), *cards])


@pytest.fixture
def office(build: Any) -> Office:
    return build(morning_mail=False, idle_days=0)


@pytest.fixture
def post(office: Office) -> Post:
    return Post(office)


async def test_the_three_days_are_told_in_office_hours_with_what_is_left(
    office: Office, post: Post
):
    office.investigating()  # due on Tuesday the first of December
    await post.arrives()
    assert await post.goes("2026-11-26 08:59") == []
    (three,) = await post.goes("2026-11-26 09:00")
    assert "답변 기한이 다가옵니다" in three
    assert "12월 1일(화)까지(5일 남음)" in three
    assert await post.goes("2026-11-26 09:30") == []
    (one,) = await post.goes("2026-11-30 09:00")
    assert "까지(내일)" in one
    assert await post.goes("2026-12-01 08:00") == []
    (today,) = await post.goes("2026-12-01 09:00")
    assert "까지(오늘)" in today
    assert "늦게" not in three + one + today


async def test_a_reminder_that_was_slept_through_comes_late_once_and_says_so(
    office: Office, post: Post
):
    office.investigating()
    await post.goes("2026-11-25 17:00")
    (late,) = await post.goes("2026-11-27 11:00")  # off since the evening of the 25th
    assert "늦게 알려 드립니다" in late
    assert "(4일 남음)" in late
    assert await post.goes("2026-11-27 12:00") == []


async def test_a_clock_that_is_new_says_nothing_of_the_time_before_it(office: Office, post: Post):
    office.investigating()
    found = await post.goes("2026-11-27 11:00")
    assert "답변 기한이 다가옵니다" in found[-1]
    assert "늦게" not in found[-1]


async def test_what_lies_at_a_broken_post_says_so_when_it_leaves(office: Office, post: Post):
    office.investigating()
    await post.arrives()
    office.goes("2026-11-26 09:00")
    office.goes("2026-11-26 13:00")
    (late,) = await post.arrives()
    assert "늦게 알려 드립니다" in late


async def test_a_reminder_that_has_become_untrue_does_not_leave(office: Office, post: Post):
    filed = office.investigating()
    await post.arrives()
    office.goes("2026-11-26 09:00")
    office.act("park", filed.number, "extend", days="7", reason="r", done="d")
    assert await post.arrives() == []
    assert "stale" in [row.problem for row in office.rows("mail")]


async def test_a_reminder_of_tomorrow_does_not_leave_once_the_day_is_over(
    office: Office, post: Post
):
    office.investigating()
    await post.arrives()
    office.goes("2026-11-30 09:00")
    found = await post.goes("2026-12-02 08:00")  # the post was away for two days
    assert not any("다가옵니다" in words for words in found)


async def test_who_left_gets_no_letter_about_a_report(office: Office, post: Post):
    office.investigating()
    await post.arrives()
    office.goes("2026-11-26 09:00")
    c = models.users.c
    gone = models.users.update().where(c.login == "park").values(active=False)
    office.do(lambda u: u.conn.execute(gone))
    assert await post.arrives() == []


async def test_the_deputy_hears_of_it_as_well(office: Office, post: Post):
    office.investigating()
    await post.arrives("lim")
    office.goes("2026-11-25 10:00")
    ids = [office.people[who].user_id or 0 for who in ("park", "lim")]
    first = office.clock().date()
    last = first.replace(day=27)
    office.do(lambda u: deputies.put(office.svc, u, office.people["park"], *ids, first, last))
    (told,) = await post.goes("2026-11-26 09:00", "lim")
    assert "답변 기한이 다가옵니다" in told


async def test_many_at_once_are_three_letters_and_one_of_the_rest(office: Office, post: Post):
    for n in range(6):
        office.investigating(address=f"p{n}")
    office.clock.set(office.clock().replace(hour=12))
    while await post.arrives():
        pass
    await post.goes("2026-11-23 17:00")
    alone = await post.goes("2026-11-26 09:00")
    assert len(alone) == 3
    (rest,) = await post.goes("2026-11-26 09:11")
    assert "알림 3건" in rest
    assert rest.count("답변 기한이 다가옵니다") == 3
    assert rest.count("(5일 남음)") == 3


async def test_danger_never_waits_for_others(office: Office, post: Post):
    for n in range(5):
        office.investigating(address=f"p{n}")
    number = office.investigating(address="last").number

    def danger(u: Any) -> None:
        filing = sight.find(u, CLOCK, number)
        words = saying.officially(office.svc, u, filing, Phrase("notice.desk.danger"))
        who = officials.official(u, office.people["park"].user_id or 0)
        assert who is not None
        direct.tell(office.svc, u, [who], words)

    office.do(danger)
    assert [row.kind for row in office.rows("mail")][-1] == "official"


async def test_of_a_report_without_a_name_nothing_untrue_is_told_either(
    office: Office, post: Post
):
    filed = office.investigating(nameless())
    office.act("park", filed.number, "ask_supplement", items="사진", why="곳을 알려고", days="5")
    await post.arrives()
    await post.goes("2026-11-30 17:00")
    office.goes("2026-12-01 00:01")  # the night: it waits for the morning
    office.act("park", filed.number, "go_on", why="지금 자료로 보겠습니다")
    assert await post.goes("2026-12-01 09:00") == []


def test_the_desk_has_one_task_for_three_reminders_and_none_once_it_is_answered(office: Office):
    filed = office.investigating()
    for day in ("2026-11-26", "2026-11-30", "2026-12-01"):
        office.goes(f"{day} 09:30")
    assert office.tasks("park").count("desk.answer_due") == 1
    office.act(office.reporter(filed), filed.number, "withdraw")
    assert "desk.answer_due" not in office.tasks("park")


def test_a_citizen_is_reminded_of_papers_before_their_time_is_over(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "ask_supplement", items="사진", why="곳을 알려고", days="7")
    seen = {}
    for day in ("2026-11-25", "2026-11-26", "2026-11-27"):
        office.goes(f"{day} 10:00")
        seen[day] = "notice.supplement.soon" in office.told(filed)
    assert seen == {"2026-11-25": False, "2026-11-26": True, "2026-11-27": True}
    assert "11월 30일(월)까지" in office.words(filed, "notice.supplement.soon")
    assert office.told(filed).count("notice.supplement.soon") == 1


def test_who_was_asked_for_papers_just_now_is_not_reminded(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "ask_supplement", items="사진", why="곳을 알려고", days="1")
    office.goes("2026-11-23 11:00")
    office.goes("2026-11-24 10:00")
    assert "notice.supplement.soon" not in office.told(filed)


def test_the_examiner_hears_that_a_report_is_late(office: Office):
    filed = office.investigating()
    office.goes("2026-12-02 09:00")
    urged = [one for one in office.sent("mail") if f"{filed.number}/urge" in office.say(one.text)]
    assert len(urged) == 1


def test_an_apology_that_was_slept_through_says_that_it_is_late(office: Office):
    filed = office.investigating()
    office.goes("2026-12-01 17:00")
    office.goes("2026-12-02 15:00")
    said = [office.say(one.text) for one in office.sent("mail")]
    late = [words for words in said if "늦게 알려 드려요" in words]
    assert len(late) == 1
    assert filed.number in late[0]


def watchful(build: Any) -> tuple[Office, Post]:
    office = build(morning_mail=False)
    return office, Post(office)


async def test_a_report_on_which_nobody_works_is_told_to_the_handler_then_to_the_head(build: Any):
    office, post = watchful(build)
    office.file()
    number = office.investigating(address="b").number
    await post.arrives()
    assert not any("기록이 없습니다" in one for one in await post.goes("2026-11-27 17:00"))
    first = [one for one in await post.goes("2026-11-30 09:00") if "기록이 없습니다" in one]
    assert ["11월 23일(월) 뒤로" in one and number in one for one in first] == [True]
    office.goes("2026-12-01 09:00")
    assert not any("기록이 없습니다" in one for one in await post.arrives())
    await post.arrives("choi")
    head = [one for one in await post.goes("2026-12-07 09:00", "choi") if number in one]
    assert sum("기록이 없습니다" in one for one in head) == 1
    for day in ("08", "14", "31"):
        later = await post.goes(f"2026-12-{day} 09:00", "choi")
        assert not any("기록이 없습니다" in one and number in one for one in later)


async def test_work_on_a_report_and_waiting_for_others_are_not_idle(build: Any):
    office, post = watchful(build)
    worked = office.investigating()
    waits = office.investigating(address="b")
    office.act("park", waits.number, "ask_supplement", items="사진", why="곳을", days="30")
    office.goes("2026-11-27 10:00")
    office.act("park", worked.number, "note", text="현장에 전화했습니다")
    await post.arrives()
    assert not any("기록이 없습니다" in one for one in await post.goes("2026-12-03 09:00"))
    told = [one for one in await post.goes("2026-12-04 09:00") if "기록이 없습니다" in one]
    assert [worked.number in one for one in told] == [True]


async def test_what_was_worked_on_before_the_morning_is_not_told_as_idle(build: Any):
    office, post = watchful(build)
    number = office.investigating().number
    await post.arrives()
    office.goes("2026-11-30 09:00")
    office.act("park", number, "note", text="현장에 전화했습니다")
    assert not any("기록이 없습니다" in one for one in await post.arrives())


def test_an_agency_may_do_without_being_told_of_what_is_idle(build: Any):
    office = build(idle_days=0)
    office.investigating()
    assert not [key for key in office.goes("2026-12-30 10:00") if key.startswith("idle:")]
