"""The chain of stand-ins: what nobody of the office may handle, and what nobody at all may (S8)."""

from dataclasses import replace

import pytest

from bot.errors import Refused
from bot.services import chains, moves, officials, reporter, rights, views
from bot.services.base import Actor
from bot.services.rights import Right
from storage.repositories import peers, users
from tests.guards.test_confirming import confirm, known_by, knows
from tests.services.conftest import Office, answers, at, nameless

ABOUT_AUDIT = {"value": "audit", "label": "감사담당관", "note": "self"}
ABOUT_INTAKE = {"value": "minwon", "label": "민원실"}


@pytest.fixture(autouse=True)
def only_the_audit_office(request: pytest.FixtureRequest) -> None:
    """Let no auditor serve outside the audit office: he could take its reports."""
    if "office" in request.fixturenames:
        retire(request.getfixturevalue("office"))


def retire(office: Office) -> None:
    yoon = office.people.pop("yoon").user_id or 0
    office.do(lambda u: users.revoke(u, yoon, "auditor"))


def add(office: Office, login: str, unit_code: str, *roles: str) -> Actor:
    """Add somebody to the city and sit him down."""

    def work(unit) -> Actor:
        place = officials.unit_by_code(unit, unit_code)
        made = users.add(
            unit, login, f"{login}님", office.clock(), unit_id=place["id"], phone="031-1",
            email=f"{login}@gaon.example",
        )  # fmt: skip
        for role in roles:
            users.grant(unit, made, role, office.clock())
        return officials.actor(officials.official(unit, made))

    office.people[login] = office.do(work)
    return office.people[login]


def chain(office: Office, code: str, *logins: str, by: str = "han") -> None:
    ids = [office.people[one].user_id or 0 for one in logins]
    office.do(lambda u: chains.put(office.svc, u, office.people[by], code, ids))


def sit(office: Office, login: str) -> Actor:
    """Give somebody as the desk sees him today."""
    user_id = office.people[login].user_id or 0

    def look(unit) -> Actor:
        return officials.at_desk(office.svc, unit, officials.official(unit, user_id))

    return office.see(look)


@pytest.fixture
def vice(office: Office) -> Actor:
    add(office, "vice", "city", "chief")
    chain(office, "audit", "vice")
    return sit(office, "vice")


def test_a_report_on_the_audit_office_falls_to_who_stands_in_for_it(office: Office, vice: Actor):
    filed = office.file(answers(unit=ABOUT_AUDIT))
    assert known_by(office, filed.number) == {"kim"}  # 접수 first
    confirm(office, filed.number, "audit")
    assert known_by(office, filed.number) == {"kim", "oh", "vice"}
    assert office.filing(filed.number).stand_in_id == vice.user_id
    assert any(row.channel == "mail" for row in office.rows("mail"))
    office.do(lambda u: views.declare(office.svc, u, vice, filed.number, conflict=False))
    given = {"handler": str(vice.user_id)}
    office.do(lambda u: moves.perform(office.svc, u, vice, filed.number, None, "assign", given))
    office.act(vice, filed.number, "start")
    assert "vice님" in office.words(filed, "notice.started")
    view = office.do(lambda u: views.view(office.svc, u, vice, filed.number))
    assert view.acts
    assert view.answers["what"]
    who = office.do(
        lambda u: reporter.reveal(office.svc, u, vice, filed.number, "답변을 보내려고")
    )
    assert who["name"] == "홍길동"


def test_who_stands_in_has_that_one_report_and_no_other(office: Office, vice: Actor):
    filed = office.investigating()
    assert rights.may(vice, Right.OPEN)  # the page; what is on it is asked of each report
    assert knows(office, vice, filed.number)  # as 책임관 he knows that there is one
    for work in (
        lambda u: views.view(office.svc, u, vice, filed.number),
        lambda u: reporter.reveal(office.svc, u, vice, filed.number, "궁금해서 봅니다"),
        lambda u: moves.perform(office.svc, u, vice, filed.number, None, "note", {"text": "x"}),
    ):
        with pytest.raises(Refused):
            office.do(work)


def test_an_empty_chain_ends_with_the_inspector_and_the_reporter_is_told(office: Office):
    inspector = add(office, "watch", "city", "inspector")
    filed = office.file(answers(unit=ABOUT_AUDIT))
    due = office.filing(filed.number).due_at
    confirm(office, filed.number, "audit")
    after = office.filing(filed.number)
    assert after.restricted_at is not None
    assert after.due_at == due  # the clock runs on
    assert known_by(office, filed.number) == {"watch"}
    words = office.words(filed, "notice.restricted")
    assert "국민권익위원회" in words
    assert "부시장" in words  # self_route
    assert "12월 1일" in words
    assert office.words(filed, "notice.restricted", "en")
    view = office.do(lambda u: views.view(office.svc, u, inspector, filed.number))
    assert (view.answers, view.acts, view.opens) == ({}, False, False)
    assert office.tasks("watch") == ["desk.restricted"]
    for who in ("han", "choi", "park", "kim", "seo"):
        assert office.tasks(who) == []


def test_nothing_of_a_restricted_report_goes_to_who_is_kept_out(office: Office):
    add(office, "watch", "city", "inspector")
    filed = office.file(answers(unit=ABOUT_AUDIT))
    confirm(office, filed.number, "audit")
    before = len(office.rows("mail"))
    office.goes("2026-12-02 09:10")  # the due date has passed
    assert "notice.overdue.late" in office.told(filed)
    assert "부시장" in office.words(filed, "notice.overdue.late")
    assert "최과장" not in office.words(filed, "notice.overdue.late")
    kept_out = {f"{who}@gaon.example" for who in ("park", "lim", "choi", "han", "seo")}
    sent = [row for row in office.rows("mail")[before:] if row.kind == "official"]
    assert sent
    assert not kept_out & set(addresses(office))
    office.act(office.reporter(filed), filed.number, "message", text="어떻게 되고 있나요?")
    assert not kept_out & set(addresses(office))


def addresses(office: Office) -> list[str]:
    """Give to whom mail of officials goes."""
    ids = {row.peer_id for row in office.rows("mail") if row.kind == "official"}
    found: list[str] = office.see(lambda u: [peers.get(u, one).address for one in sorted(ids)])
    return found


def test_who_is_named_later_takes_a_restricted_report_over(office: Office):
    add(office, "watch", "city", "inspector")
    add(office, "vice", "city", "chief")
    filed = office.file(answers(unit=ABOUT_AUDIT))
    confirm(office, filed.number, "audit")
    chain(office, "audit", "vice")
    after = office.filing(filed.number)
    assert after.restricted_at is None
    assert after.stand_in_id == office.people["vice"].user_id
    kinds = [one.kind for one in office.do(
        lambda u: views.view(office.svc, u, office.people["watch"], filed.number)
    ).timeline]  # fmt: skip
    assert kinds.index("restricted") < kinds.index("unrestricted")


def test_the_next_in_the_chain_is_the_first_who_is_not_kept_out(office: Office):
    add(office, "one", "city", "chief")
    add(office, "two", "city", "chief")
    chain(office, "audit", "one", "two")
    filed = office.file(answers(unit=ABOUT_AUDIT))
    confirm(office, filed.number, "audit", people=("one",))
    assert office.filing(filed.number).stand_in_id == office.people["two"].user_id
    two = sit(office, "two")
    office.do(lambda u: views.declare(office.svc, u, two, filed.number, conflict=True))
    assert office.filing(filed.number).restricted_at is not None
    assert not knows(office, "two", filed.number)


def test_a_report_about_intake_is_confirmed_by_somebody_else(office: Office):
    filed = office.file(answers(unit=ABOUT_INTAKE))
    assert known_by(office, filed.number) == {"choi"}
    choi = sit(office, "choi")
    office.do(lambda u: views.declare(office.svc, u, choi, filed.number, conflict=False))
    assert confirm(office, filed.number, "minwon", who="choi")
    after = office.filing(filed.number)
    assert after.stand_in_id is None
    office.act("choi", filed.number, "assign", handler="park")
    assert known_by(office, filed.number) == {"park", "choi", "seo"}


def test_a_wrong_choice_of_the_audit_office_is_put_right_by_intake(office: Office, vice: Actor):
    filed = office.file(answers(unit=ABOUT_AUDIT))
    confirm(office, filed.number, "road")
    assert office.filing(filed.number).stand_in_id is None
    office.act("kim", filed.number, "assign", handler="park")
    assert known_by(office, filed.number) == {"kim", "park", "choi", "seo", "oh", "vice"}
    assert not rights.may(replace(vice, stands_in=False), Right.OPEN)


def test_a_report_without_a_name_is_told_so_too(office: Office):
    add(office, "watch", "city", "inspector")
    filed = office.file(nameless(unit=ABOUT_AUDIT))
    confirm(office, filed.number, "audit")
    assert "notice.restricted_anonymous" in office.told(filed)
    assert office.words(filed, "notice.restricted_anonymous", "en")


def test_what_nobody_here_may_see_is_received_by_the_clock(build):
    office = build(receive="person")
    retire(office)
    add(office, "watch", "city", "inspector")
    filed = office.file(answers(unit=ABOUT_AUDIT))
    confirm(office, filed.number, "audit")
    office.tick()
    assert office.filing(filed.number).state == "received"


def test_an_office_without_anybody_yet_restricts_nothing(office: Office):
    for login in ("kim", "park", "lim", "choi"):
        user_id = office.people[login].user_id or 0
        office.do(lambda u, user_id=user_id: users.set_active(u, user_id, active=False))
    filed = office.file(answers(unit=ABOUT_AUDIT))
    assert office.filing(filed.number).restricted_at is None


def test_who_left_hands_a_report_on_within_the_hour(office: Office, vice: Actor):
    filed = office.file(answers(unit=ABOUT_AUDIT))
    confirm(office, filed.number, "audit")
    add(office, "watch", "city", "inspector")
    office.do(lambda u: users.set_active(u, vice.user_id or 0, active=False))
    office.goes("2026-11-23 11:30")
    assert office.filing(filed.number).restricted_at is not None
    office.goes("2026-11-23 11:40")  # and nothing more in that hour
    assert office.told(filed).count("notice.restricted") == 1


def test_a_chain_is_written_by_who_may_and_holds_who_fits(office: Office):
    add(office, "boss", "road", "unit_head")
    for by, code, logins, key in (
        ("boss", "audit", ("jung",), "filing.unknown"),
        ("park", "audit", ("jung",), "filing.unknown"),
        ("boss", "road", ("lee",), "chain.member"),
        ("boss", "road", ("han",), "chain.apart"),
        ("boss", "road", ("seo",), "chain.apart"),
        ("boss", "road", ("jung", "jung"), "chain.twice"),
        ("boss", "road", ("jung",) * 11, "chain.long"),
    ):
        with pytest.raises(Refused) as caught:
            chain(office, code, *logins, by=by)
        assert caught.value.key == key
    with pytest.raises(Refused) as caught:
        office.do(lambda u: chains.put(office.svc, u, office.people["boss"], "road", [999]))
    assert caught.value.key == "chain.unknown"
    chain(office, "road", "jung", by="boss")
    assert office.see(chains.without) == ("감사담당관", "민원실")
    chain(office, "audit", "jung", by="choi")
    assert office.see(chains.without) == ("민원실",)
    office.clock.set(at("2026-11-23 12:00"))
