"""대직: who acts for whom from day to day, in whose name, and what stays closed to him."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.errors import Refused
from bot.services import accounts, deputies, filings, notices, officials, said, sight
from bot.services.base import Actor
from storage.repositories import guards, users
from storage.repositories.filings import Filing
from tests.desk.conftest import Desk
from tests.desk.forms import Page
from tests.services.conftest import Office, at

TODAY, LATER = date(2026, 11, 23), date(2026, 11, 25)
ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def put(
    office: Office, by: str, person: str, deputy: str, first: date = TODAY, last: date = LATER
) -> int:
    ids = [office.people[one].user_id or 0 for one in (person, deputy)]
    actor = office.people[by]
    return office.do(lambda u: deputies.put(office.svc, u, actor, *ids, first, last))


def refused(office: Office, *how: Any) -> str:
    with pytest.raises(Refused) as caught:
        put(office, *how)
    return caught.value.key


def now(office: Office, login: str) -> Actor:
    """Give an official as his session is read at this moment."""
    user = office.people[login].user_id or 0

    def look(unit: Any) -> Actor:
        who = officials.official(unit, user)
        assert who is not None
        return deputies.acting(office.svc, unit, who)

    return office.see(look)


def sees(office: Office, login: str, filed: filings.Filed) -> bool:
    actor = now(office, login)
    try:
        office.see(lambda u: sight.find(u, actor, filed.number))
    except Refused:
        return False
    return True


def signed(office: Office, filed: filings.Filed) -> str:
    found = office.see(lambda u: said.signed(office.svc, u, filing(office, filed)))
    return str(found["handler_name"]) if found else ""


def filing(office: Office, filed: filings.Filed) -> Filing:
    return office.filing(filed.number)


def test_a_deputy_has_the_work_for_the_days_and_not_a_day_longer(office: Office):
    filed = office.investigating()
    assert not sees(office, "lim", filed)
    put(office, "park", "park", "lim", TODAY, LATER)
    assert sees(office, "lim", filed)
    office.act(now(office, "lim"), filed.number, "note", text="대직 중 확인했습니다")
    office.clock.set(at("2026-11-25 23:59"))
    assert sees(office, "lim", filed)
    office.clock.set(at("2026-11-26 00:01"))
    assert not sees(office, "lim", filed)
    assert now(office, "lim").stands_for == frozenset()


def test_what_goes_out_carries_the_deputy_s_name_and_reminders_reach_both(office: Office):
    filed = office.investigating()
    assert signed(office, filed) == "박감사"
    put(office, "park", "park", "lim")
    assert signed(office, filed) == "임감사"
    _, told = office.see(
        lambda u: notices.audience(office.svc, u, filing(office, filed), "handler")
    )
    assert {who.login for who in told} == {"park", "lim"}
    office.clock.set(at("2026-11-26 10:00"))
    assert signed(office, filed) == "박감사"


def test_a_guard_keeps_from_the_deputy_what_it_keeps_from_him(office: Office):
    filed = office.investigating()
    put(office, "park", "park", "lim")
    lim = office.people["lim"].user_id
    when = office.clock()
    office.do(lambda u: guards.add(u, filing(office, filed).id, user_id=lim, confirmed_at=when))
    assert not sees(office, "lim", filed)
    assert signed(office, filed) == "박감사"
    _, told = office.see(
        lambda u: notices.audience(office.svc, u, filing(office, filed), "handler")
    )
    assert {who.login for who in told} == {"park"}


def test_the_head_s_deputy_approves_and_lends_nothing_further(office: Office):
    put(office, "choi", "choi", "lim")
    lim = now(office, "lim")
    assert lim.may("audit_head")
    seo = office.people["seo"].user_id or 0
    with pytest.raises(Refused):
        office.do(
            lambda u: deputies.put(
                office.svc, u, lim, office.people["park"].user_id or 0, seo, TODAY, LATER
            )
        )
    office.do(lambda u: users.grant(u, lim.user_id or 0, "inspector", office.clock()))
    assert now(office, "lim").stands_for == frozenset()
    assert not now(office, "lim").may("audit_head")


def test_a_deputyship_ends_when_one_of_the_two_moves(office: Office):
    put(office, "park", "park", "lim")
    lim, han = office.people["lim"].user_id or 0, office.people["han"]
    who = accounts.Particulars("임감사", "road", staff_no="G003")
    office.do(lambda u: accounts.change(office.svc, u, han, lim, who, ["auditor"]))
    assert now(office, "lim").stands_for == frozenset()


@ONCE
def test_who_may_set_a_deputy_and_for_whom(office: Office):
    assert refused(office, "lim", "park", "lim") == "access.not_allowed"
    assert refused(office, "park", "park", "park") == "deputy.self"
    assert refused(office, "park", "park", "han") == "deputy.apart"
    assert refused(office, "park", "park", "kim") == "deputy.unit"
    assert refused(office, "han", "choi", "park") == "deputy.roles"
    assert refused(office, "park", "park", "lim", LATER, TODAY) == "deputy.days"
    assert refused(office, "park", "park", "lim", date(2026, 11, 22), LATER) == "deputy.days"
    assert refused(office, "park", "park", "lim", TODAY, date(2028, 1, 1)) == "deputy.days"
    office.do(lambda u: users.set_active(u, office.people["lim"].user_id or 0, active=False))
    assert refused(office, "park", "park", "lim") == "access.user_unknown"


@ONCE
def test_deputies_do_not_stand_in_a_circle(office: Office):
    put(office, "park", "park", "lim")
    assert refused(office, "han", "park", "yoon") == "deputy.taken"
    assert refused(office, "lim", "lim", "park") == "deputy.away"
    assert refused(office, "lim", "lim", "yoon") == "deputy.circle"
    assert put(office, "lim", "lim", "yoon", date(2026, 12, 1), date(2026, 12, 2))


@ONCE
def test_the_head_of_a_unit_sets_one_for_it_and_others_see_their_own(office: Office):
    made = put(office, "choi", "park", "lim")
    shown = office.see(lambda u: deputies.listed(office.svc, u, office.people["lim"]))
    assert [(one.person.login, one.may_end) for one in shown] == [("park", False)]
    assert office.see(lambda u: deputies.listed(office.svc, u, office.people["kim"])) == ()
    with pytest.raises(Refused):
        office.do(lambda u: deputies.end(office.svc, u, office.people["lim"], made))
    office.do(lambda u: deputies.end(office.svc, u, office.people["park"], made))
    assert now(office, "lim").stands_for == frozenset()
    assert office.see(lambda u: deputies.listed(office.svc, u, office.people["choi"])) == ()


@ONCE
def test_a_deputy_is_set_and_ended_on_the_page(room: Desk, office: Office):
    filed = office.investigating()
    park, lim = room.seat("park"), room.seat("lim")
    form = park.get("/deputies").form("/deputies")
    empty = park.send("/deputies", form, first="언젠가")
    assert empty.status_code == 422
    given = {"first": "2026-11-23", "last": "2026-11-24"}
    answer = park.send("/deputies", form, deputy=str(office.people["lim"].user_id), **given)
    assert answer.status_code == 303
    assert "본인" in lim.get("/deputies").text
    assert filed.number in lim.get("/filings?show=mine").text
    page = park.get("/deputies")
    assert park.send("/deputies", page.form("/end")).status_code == 303
    assert "정해 둔 대직이 없습니다" in park.get("/deputies").text
    assert filed.number not in lim.get("/filings?show=mine").text
    form = park.get("/deputies").form("/deputies")
    self_ = park.send("/deputies", form, deputy=str(office.people["park"].user_id), **given)
    assert self_.status_code == 422
    assert "본인은 본인의 대직자가" in Page(self_.text).text


def test_the_head_reads_what_his_unit_was_asked_and_does_not_answer_for_it(office: Office):
    from bot.services import facts  # noqa: PLC0415

    filed = office.investigating()
    office.act(
        "park", filed.number, "fact_request",
        unit="road", matter="보수 경위", questions="언제 접수했습니까", due="2026-11-26",
    )  # fmt: skip
    head = replace(office.people["lee"], roles=frozenset({"unit_head"}))
    assert [one.id for one in office.see(lambda u: facts.listed(u, head))] == [1]
    assert office.do(lambda u: facts.opened(office.svc, u, head, 1)).state == "open"
    with pytest.raises(Refused):
        office.do(lambda u: facts.reply(office.svc, u, head, 1, {"text": "답합니다"}))
    other = replace(office.people["jung"], roles=frozenset({"unit_head"}))
    assert office.see(lambda u: facts.listed(u, other)) == ()
