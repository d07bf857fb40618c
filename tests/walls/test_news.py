"""What the public part reads of the news, as its own role: what is out, and what rests."""

from datetime import date

from bot.locale import Texts
from bot.services import news_archive
from bot.services.base import Desk
from bot.services.library import Library
from bot.settings import read_site
from knowledge.newsletter import Issue, Item, Segment
from storage.models import broadcast_lines
from storage.repositories import agency_dates, broadcasts
from tests.fakes.clock import FrozenClock
from tests.services.conftest import SITE, at, calendar


def test_the_public_role_shows_what_is_out_and_holds_back_what_rests(part, texts: Texts):
    desk, public = part("desk"), part("public")
    clock = FrozenClock(at("2026-11-23 10:00"))
    svc = Desk(
        texts, {}, None, read_site(SITE), calendar, clock, bytes, "https://a.example",
        "https://a.example/desk", library=Library(public),
    )  # fmt: skip

    def work(unit) -> None:
        made = {}
        for number, nature, state in (
            ("a", "guide", "done"), ("b", "results", "done"), ("c", "guide", "approved"),
            ("d", "guide", "cancelled"), ("e", "guide", "cancelled"),
        ):  # fmt: skip
            made[number] = broadcasts.add(
                unit, number=number, kind="news", issue=Issue(number, items=(Item("text", "t"),)),
                segment=Segment("news"), author_id=None, now=clock(), nature=nature,
            )  # fmt: skip
            broadcasts.mark(unit, made[number], {"state": state, "begun_at": clock()})
        reached = broadcast_lines.insert().values(broadcast_id=made["e"], channel="mail", sent=1)
        unit.conn.execute(reached.values(total=2))

    def election(unit) -> None:
        agency_dates.add(
            unit, kind="election", title="보궐", day=date(2027, 4, 7), repeats="", ahead="30",
            role="chief", user_id=None, now=clock(),
        )  # fmt: skip

    def listed() -> list[str]:
        found = public.read(lambda unit: news_archive.listed(svc, unit, 0, 9))
        return sorted(one.number for one in found)

    desk.transact(work, None)
    assert listed() == ["a", "b", "e"]
    desk.transact(election, None)
    assert listed() == ["a", "e"]
    page = public.read(lambda unit: news_archive.page(svc, unit, "b"))
    assert page is not None
    assert page.held == date(2027, 4, 7)
