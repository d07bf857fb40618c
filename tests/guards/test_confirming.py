"""접수 looks at who may not see a report: proposals, ticks, names that nobody knows (S8)."""

from dataclasses import replace
from datetime import date

import pytest

from bot.errors import Refused
from bot.services import guarding, officials, sight, views
from bot.services.base import Actor
from storage.repositories import guards, postings, units
from tests.services.conftest import Office, answers, at

NAMED = "도로과 이도로 주무관이 세 번이나 미뤘고 건축과 김철수 팀장도 모른다고 했어요."


def knows(office: Office, who: str | Actor, number: str) -> bool:
    actor = office.people[who] if isinstance(who, str) else who
    try:
        office.see(lambda u: sight.find(u, actor, number))
    except Refused:
        return False
    return True


def known_by(office: Office, number: str) -> set[str]:
    return {who for who in office.people if knows(office, who, number)}


def sheet(office: Office, number: str, who: str = "kim") -> guarding.Sheet:
    actor = office.people[who]
    office.do(lambda u: views.declare(office.svc, u, actor, number, conflict=False))
    return office.do(lambda u: guarding.sheet(office.svc, u, actor, number))


def confirm(
    office: Office, number: str, *units: str, who: str = "kim", people: tuple[str, ...] = (),
    since: str = "2026-11-23", unknown: bool = False,
) -> bool:  # fmt: skip
    actor = office.people[who]
    ids = [office.people[one].user_id or 0 for one in people]
    return office.do(
        lambda u: guarding.confirm(
            office.svc, u, actor, number, office.filing(number).version, units=units,
            people=ids, since=date.fromisoformat(since), unknown=unknown,
        )
    )  # fmt: skip


def unit_id(office: Office, code: str) -> int:
    row = office.see(lambda u: units.by_code(u, code))
    assert row is not None
    return row.id


def test_what_the_words_name_is_proposed_and_keeps_nobody_out(office: Office):
    filed = office.file(answers(what=NAMED, unit=None))
    page = sheet(office, filed.number)
    assert {one.label for one in page.units} == {"도로과", "건축과"}
    assert {one.label for one in page.people} == {"이도로 (도로과)"}
    assert page.names == ("김철수 팀장",)
    assert not any(one.ticked for one in (*page.units, *page.people))
    assert page.unknown
    assert page.covered == ()
    assert known_by(office, filed.number) == {"kim"}


def test_a_typing_error_in_the_name_of_a_unit_still_finds_it(office: Office):
    filed = office.file(answers(what="건츅과 직원이 서류를 받아 주지 않았어요.", unit=None))
    assert [one.label for one in sheet(office, filed.number).units] == ["건축과"]


def test_the_unit_that_was_chosen_is_kept_out_at_once_and_ticked(office: Office):
    filed = office.file()
    page = sheet(office, filed.number)
    assert [(one.value, one.ticked) for one in page.units] == [("road", True)]
    assert {one.name for one in page.covered} == {"이도로", "윤도로"}
    assert {one.why for one in page.covered} == {"served"}
    assert page.since == date(2026, 10, 1)  # "10월부터"


def test_nothing_is_handed_out_before_somebody_has_looked(office: Office):
    filed = office.file(answers(what=NAMED))
    given = {"handler": "park", "unit": "road"}
    assert office.refused("kim", filed.number, "assign", **given) == "guard.unconfirmed"
    assert confirm(office, filed.number, "road", people=("lee",))
    office.act("kim", filed.number, "assign", handler="park")
    assert known_by(office, filed.number) == {"kim", "park", "choi", "seo", "oh"}


def test_a_report_about_no_known_unit_is_looked_at_too(office: Office):
    filed = office.file(answers(unit=None, what="버스가 오지 않아요."))
    assert office.refused("kim", filed.number, "assign", handler="park") == "guard.unconfirmed"
    confirm(office, filed.number)
    office.act("kim", filed.number, "assign", handler="park")


def test_a_name_that_nobody_knows_holds_a_report_at_intake(office: Office):
    filed = office.file(answers(what=NAMED, unit=None))
    confirm(office, filed.number, "road", unknown=True)
    assert known_by(office, filed.number) == {"kim"}
    assert office.refused("kim", filed.number, "assign", handler="park") == "guard.unconfirmed"
    assert sheet(office, filed.number).unknown
    confirm(office, filed.number, "road", people=("jung",))
    office.act("kim", filed.number, "assign", handler="park")


def test_only_two_named_persons_at_intake_see_what_is_not_confirmed(build):
    office = build(guard_intake=("kim",))
    filed = office.file()
    other = Actor("official", 99, "다른접수", unit_id(office, "minwon"), frozenset({"intake"}))
    present = office.see(
        lambda u: officials.first(office.svc, u, "kim"),
    )
    assert present
    assert not office.see(lambda u: officials.first(office.svc, u, "lee"))
    assert not knows(office, replace(other, first=False), filed.number)
    confirm(office, filed.number, "road")
    assert knows(office, replace(other, first=False), filed.number)


def test_named_accounts_that_are_gone_keep_nothing_from_intake(build):
    office = build(guard_intake=("nobody",))
    assert office.see(lambda u: officials.first(office.svc, u, "kim"))


def test_who_confirms_a_guard_against_himself_sees_it_no_more(office: Office):
    filed = office.file()
    assert not confirm(office, filed.number, "road", people=("kim",))
    assert "kim" not in known_by(office, filed.number)


def test_who_came_or_left_after_it_happened_is_kept_out(office: Office):
    road = unit_id(office, "road")
    jung, park = (office.people[one].user_id or 0 for one in ("jung", "park"))

    def move(unit):
        postings.begin(unit, park, road, date(2024, 1, 1))
        postings.end(unit, park, date(2026, 10, 2))  # left when it had begun
        postings.begin(unit, jung, road, date(2026, 12, 1))  # comes when it was filed

    office.do(move)
    filed = office.file()
    confirm(office, filed.number, "road", since="2026-10-01")
    given = {"handler": "park", "unit": "road"}
    assert office.refused("kim", filed.number, "assign", **given) == "guard.conflict"
    whys = {one.name: one.why for one in sheet(office, filed.number).covered}
    assert {"박감사", "정건축"} <= set(whys)
    confirm(office, filed.number, "road", since="2026-10-03")
    office.act("kim", filed.number, "assign", handler="park")


def test_a_handler_who_moves_to_the_unit_lets_the_report_go(office: Office):
    filed = office.investigating()
    road, park = unit_id(office, "road"), office.people["park"].user_id or 0
    office.do(lambda u: postings.move(u, park, road, date(2026, 11, 23)))
    assert not knows(office, "park", filed.number)
    office.clock.set(at("2026-11-23 11:10"))
    office.tick()
    assert office.filing(filed.number).assignee_id is None
    assert "desk.unassigned" in office.tasks("choi")
    assert office.tasks("park") == []


def test_what_is_wrong_with_a_guard_is_said(office: Office):
    filed = office.file()
    for key, given in {
        "guarding.unit": {"units": ["nowhere"], "people": []},
        "guarding.person": {"units": [], "people": [987]},
        "guarding.many": {"units": ["road"] * 31, "people": []},
    }.items():
        with pytest.raises(Refused) as caught:
            office.do(lambda u, given=given: guarding.confirm(
                office.svc, u, office.people["kim"], filed.number,
                office.filing(filed.number).version, since=date(2026, 1, 1), unknown=False, **given
            ))  # fmt: skip
        assert caught.value.key == key
    with pytest.raises(Refused) as caught:
        confirm(office, filed.number, "road", since="2026-11-24")
    assert caught.value.key == "guarding.since"
    with pytest.raises(Refused) as caught:
        office.do(lambda u: guarding.confirm(
            office.svc, u, office.people["kim"], filed.number, 99, units=[], people=[],
            since=date(2026, 1, 1), unknown=False,
        ))  # fmt: skip
    assert caught.value.key == "move.stale"


def test_who_stepped_back_stays_out_whatever_is_ticked(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "recuse", why="사촌이 그 부서에 있습니다")
    confirm(office, filed.number, "road")
    given = {"handler": "park", "unit": "road"}
    assert office.refused("kim", filed.number, "reassign", **given) == "guard.conflict"
    rows = office.see(lambda u: guards.of(u, filed.filing_id))
    assert {row.reason for row in rows} == {"self", "complained"}


def test_why_somebody_stepped_back_is_the_heads_alone(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "recuse", why="사촌이 그 부서에 있습니다")
    office.act("kim", filed.number, "reassign", handler="lim", unit="road")
    for who, told in (("choi", True), ("lim", False), ("kim", False)):
        actor = office.people[who]
        office.do(
            lambda u, actor=actor: views.declare(
                office.svc, u, actor, filed.number, conflict=False
            )
        )
        view = office.do(lambda u, actor=actor: views.view(office.svc, u, actor, filed.number))
        assert ("사촌" in str(view.timeline)) is told
        assert any(one.kind in {"recuse", "conflict"} for one in view.timeline) is told
