"""What the desk asks of a database, on both: lists, own views, other numbers, register, search."""

from dataclasses import replace
from datetime import date
from functools import partial

import pytest
import sqlalchemy as sa

from bot.errors import Refused
from bot.services import (
    approvals,
    bulk,
    external,
    listing,
    printing,
    register,
    saved,
    templates,
    views,
)
from bot.services.bulk import Chosen
from bot.services.listing import Wanted
from bot.services.register import COLUMNS, Period
from bot.services.search import Searches
from storage import models
from storage.repositories import erasing, external_numbers
from tests.services.conftest import Office, answers, at, nameless


def pages(office: Office, wanted: Wanted, limit: int = 2) -> list[str]:
    kim, seen = office.people["kim"], []
    while page := office.see(
        partial(
            listing.rows,
            office.svc,
            actor=kim,
            wanted=wanted,
            after=seen[-1] if seen else "",
            limit=limit,
        )
    ):
        seen += [row.number for row in page]
    return seen


def test_a_list_is_walked_in_every_order_and_counted(office: Office):
    filed = [office.file(address=str(n)).number for n in range(3)]
    filed += [office.file(nameless(), address=f"n{n}").number for n in range(2)]
    kim = office.people["kim"]
    for order in listing.ORDERS:
        wanted = Wanted(order=order)
        whole = office.see(partial(listing.rows, office.svc, actor=kim, wanted=wanted))
        assert pages(office, wanted) == [row.number for row in whole]
        assert sorted(pages(office, replace(wanted, number="26"))) == sorted(filed)
    assert sorted(pages(office, Wanted())) == sorted(filed)
    assert office.see(lambda u: listing.count(office.svc, u, kim, Wanted())) == 5
    narrow = Wanted(
        state="received", unit="road", due="week", since="2026-11-01", until="2026-11-30",
        channel="web", mode="named", number=filed[0][5:8], assignee="none",
    )  # fmt: skip
    office.clock.set(at("2026-11-24 10:00"))
    assert filed[0] in pages(office, narrow)
    assert pages(office, Wanted(due="overdue")) == []
    assert pages(office, Wanted(assignee="1", kind="neglect")) == []
    assert len(pages(office, Wanted(due="none"))) == 2


def test_what_has_ended_begins_with_the_newest_unless_said_otherwise(office: Office):
    filed = [office.file(address=str(n)).number for n in range(3)]
    c = models.filings.c
    for number in filed[:2]:
        ended = sa.update(models.filings).where(c.number == number)
        office.do(lambda u, ended=ended: u.conn.execute(ended.values(closed_at=c.arrived_at)))
    read = lambda **said: Wanted.read(office.svc, lambda name: said.get(name, ""))  # noqa: E731
    assert pages(office, read(show="closed"), limit=1) == [filed[1], filed[0]]
    assert pages(office, read(show="closed", order="oldest"), limit=1) == filed[:2]
    assert read(show="closed").query() == "show=closed"
    assert read(show="closed", order="due").query() == "show=closed&order=due"
    assert read(show="open").order == "due"


def test_a_part_of_a_number_finds_nothing_that_is_kept_from_who_asks(office: Office):
    number = office.investigating().number  # about the unit of yoon

    def found(who: str) -> tuple[list[str], int]:
        actor, wanted = office.people[who], Wanted(number=number[5:8])
        rows = office.see(lambda u: listing.rows(office.svc, u, actor, wanted))
        return [row.number for row in rows], office.see(
            lambda u: listing.count(office.svc, u, actor, wanted)
        )

    assert found("choi") == ([number], 1)
    assert found("yoon") == ([], 0)


def test_an_own_view_takes_the_place_of_one_of_its_name(office: Office):
    kim = office.people["kim"]
    for due in ("today", "week"):
        office.do(lambda u, due=due: saved.keep(office.svc, u, kim, "급함", Wanted(due=due)))
    (view,) = office.see(lambda u: saved.listed(office.svc, u, kim))
    assert view.wanted == Wanted(due="week")
    with pytest.raises(Refused, match=r"saved\.unknown"):
        office.do(lambda u: saved.drop(u, office.people["park"], view.id))
    office.do(lambda u: saved.drop(u, kim, view.id))
    assert office.see(lambda u: saved.listed(office.svc, u, kim)) == ()


def test_a_number_of_another_system_is_found_indexed_anew_and_erased(office: Office):
    filed = [office.investigating(address=n).number for n in "12"]
    park = office.people["park"]

    def note(number: str, text: str) -> None:
        office.do(lambda u: external.put(office.svc, u, park, number, external_no=text, due=None))

    note(filed[0], "1AA-2611-0123456")
    note(filed[0], "1AA-2611-0999999")  # another in its place
    find = lambda said: office.see(lambda u: external.find(u, park, said)).number  # noqa: E731
    assert find("1aa 2611 0999999") == filed[0]
    with pytest.raises(Refused, match=r"filing\.unknown"):
        find("1AA-2611-0123456")
    note(filed[1], "1AA-2611-0999999")  # one number of two reports is nobody's
    with pytest.raises(Refused, match=r"filing\.unknown"):
        find("1AA-2611-0999999")
    c = models.external_numbers.c
    office.do(lambda u: u.conn.execute(sa.update(models.external_numbers).values(ix_key_id="old")))
    assert office.do(external_numbers.reindex) == 2
    assert office.do(external_numbers.reindex) == 0
    filing = office.filing(filed[1])
    office.do(lambda u: erasing.erase(u, filing.id, filing.sid, office.clock(), "clock"))
    assert find("1AA-2611-0999999") == filed[0]
    left = sa.select(c.filing_id)
    assert office.see(lambda u: list(u.conn.scalars(left))) == [office.filing(filed[0]).id]


def test_the_register_is_read_in_pieces_and_has_every_line_once(office: Office, monkeypatch):
    monkeypatch.setattr(register, "PIECE", 2)
    made = [office.investigating(address=str(n)).number for n in range(3)]
    made += [office.file(nameless(), address=f"n{n}").number for n in range(2)]
    office.act("park", made[0], "extend", days="3", reason="조사가 남았습니다", done="현장을 봄")
    period = Period(date(2026, 11, 1), date(2026, 11, 30))
    choi = office.people["choi"]
    lines = list(register.rows(office.svc, office.store, choi, period))
    named = [dict(zip(COLUMNS, line, strict=True)) for line in lines]
    assert [line["place"] for line in named] == [str(n + 1) for n in range(len(named))]
    numbers = [line["number"] for line in named]
    assert set(made[:3]) <= set(numbers) <= set(made)
    assert len(numbers) == len(set(numbers))
    first = next(line for line in named if line["number"] == made[0])
    assert (first["extended"], first["office"], first["handler"]) == ("1", "감사담당관", "박감사")
    office.clock.set(at("2026-12-30 10:00"))
    late = next(register.rows(office.svc, office.store, choi, period))
    assert late[COLUMNS.index("late")] == "넘김"
    nothing = Period(date(2026, 1, 1), date(2026, 1, 31))
    assert list(register.rows(office.svc, office.store, choi, nothing)) == []


def test_words_for_answers_are_kept_filled_and_ended(office: Office):
    park, number = office.people["park"], office.investigating().number
    made = office.do(
        lambda u: templates.add(
            office.svc,
            u,
            park,
            procedure="passive_report",
            field="why",
            name="까닭",
            body="{제도} {담당자} {오늘}",
            own=True,
        )
    )
    filing = office.filing(number)
    filled = office.see(lambda u: templates.fill(office.svc, u, park, filing, made))
    assert filled == "소극행정 신고 박감사 11월 23일(월)"
    office.do(lambda u: templates.end(office.svc, u, park, made))
    with pytest.raises(Refused, match=r"template\.unknown"):
        office.do(lambda u: templates.end(office.svc, u, park, made))


def test_reports_are_searched_and_handed_over_one_by_one(office: Office):
    made = [
        office.investigating(answers(what=f"가로등 {n}번이 꺼졌어요"), address=str(n)).number
        for n in range(3)
    ]
    searches = Searches(lambda _seconds, _work: None)
    choi, kim = office.people["choi"], office.people["kim"]
    found = searches.find(office.svc, office.store, choi, "가로등")
    assert {hit.row.number for hit in found.hits} == set(made)
    chosen = [Chosen(number, office.filing(number).version) for number in made]
    chosen[1] = Chosen(made[1], 1)
    who = str(office.people["lim"].user_id)
    results = bulk.assign(office.svc, office.store, kim, "a" * 32, chosen, who)
    assert [one.problem is None for one in results] == [True, False, True]
    again = bulk.assign(office.svc, office.store, kim, "a" * 32, chosen, who)
    assert [one.before for one in again] == [True, False, True]
    lim = office.people["lim"]
    mine = searches.find(office.svc, office.store, lim, "가로등")
    assert {hit.row.number for hit in mine.hits} == {made[0], made[2]}


def test_a_copy_with_the_reporter_is_used_up_by_who_asked(office: Office):
    number = office.investigating().number
    park, choi = office.people["park"], office.people["choi"]
    for login, staff in (("park", "1"), ("choi", "2")):
        changed = sa.update(models.users).where(models.users.c.login == login)
        office.do(lambda u, c=changed, s=staff: u.conn.execute(c.values(staff_no=s)))
    with pytest.raises(Refused, match=r"conflict\.ask"):
        office.do(lambda u: printing.ask(office.svc, u, park, number, "법원의 명령"))
    office.do(lambda u: views.declare(office.svc, u, park, number, conflict=False))
    made = office.do(lambda u: printing.ask(office.svc, u, park, number, "법원의 명령"))
    office.do(lambda u: approvals.decide(office.svc, u, choi, made, yes=True, reason="보았습니다"))
    view, who = office.do(lambda u: printing.opened(office.svc, u, park, number))
    assert (view.row.number, who["name"]) == (number, "홍길동")
    with pytest.raises(Refused, match="not_granted"):
        office.do(lambda u: printing.opened(office.svc, u, park, number))
