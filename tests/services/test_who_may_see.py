"""Need to know, and the guard that leaks nothing (security S8)."""

import contextlib

import pytest

from bot.errors import Refused
from bot.services import facts, moves, sight, views
from bot.services.base import Actor, citizen
from tests.services.conftest import WHAT, Office, answers


def numbers(office: Office, who: str) -> list[str]:
    return [row.number for row in office.see(lambda u: views.visible(u, office.people[who]))]


def sees(office: Office, who: str | Actor, number: str) -> bool:
    actor = office.people[who] if isinstance(who, str) else who
    with contextlib.suppress(Refused):
        office.see(lambda u: sight.find(u, actor, number))
        return True
    return False


def test_until_intake_confirms_nobody_else_sees_it(office: Office):
    filed = office.file()
    assert [who for who in office.people if sees(office, who, filed.number)] == ["kim"]


def test_an_auditor_sees_what_is_his_the_head_everything_confirmed(office: Office):
    filed = office.file()
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    seen = {who for who in office.people if sees(office, who, filed.number)}
    assert seen == {"kim", "park", "choi", "seo", "oh"}


def test_the_unit_complained_of_sees_nothing_whatever_its_people_are(office: Office):
    filed = office.investigating()
    for who in ("lee", "yoon"):
        assert not sees(office, who, filed.number)
        assert office.refused(who, filed.number, "note", text="x") == "filing.unknown"


def test_somebody_of_the_unit_cannot_become_the_handler(office: Office):
    filed = office.file()
    assert office.refused("kim", filed.number, "assign", handler="yoon", unit="road") == (
        "guard.conflict"
    )


def test_the_bureau_above_is_guarded_too_and_the_audit_office_is_not(office: Office):
    filed = office.file(answers(unit={"value": "infra", "label": "건설교통국"}))
    office.act("kim", filed.number, "assign", handler="park", unit="infra")
    assert not sees(office, "yoon", filed.number)
    whole = office.file(answers(unit={"value": "city", "label": "가온시"}))
    office.act("kim", whole.number, "assign", handler="park", unit="city")
    assert sees(office, "park", whole.number)


def test_a_report_about_the_audit_office_is_hidden_from_all_of_it(office: Office):
    filed = office.file(answers(unit={"value": "audit", "label": "감사담당관", "note": "self"}))
    assert {who for who in office.people if sees(office, who, filed.number)} == {"kim"}
    assert office.tasks("han") == []  # an administrator of that office learns nothing either


def test_an_interest_that_is_declared_closes_the_report_at_once(office: Office):
    filed = office.investigating()

    def opened(unit):
        return views.view(office.svc, unit, office.people["park"], filed.number)

    with pytest.raises(Refused) as asked:
        office.do(opened)
    assert asked.value.key == "conflict.ask"
    who = office.people["park"]
    office.do(lambda u: views.declare(office.svc, u, who, filed.number, conflict=True))
    assert not sees(office, "park", filed.number)
    assert office.filing(filed.number).assignee_id is None
    assert "desk.recused" in office.tasks("choi")


def test_the_journal_knows_of_an_opening_before_the_reader_does(office: Office):
    filed = office.investigating()
    who = office.people["park"]
    office.do(lambda u: views.declare(office.svc, u, who, filed.number, conflict=False))
    seen = office.do(lambda u: views.view(office.svc, u, who, filed.number))
    assert seen.timeline[-1].kind == "viewed"
    assert office.filing(filed.number).first_read_at == office.clock()
    assert seen.answers["what"] == WHAT


def test_a_stranger_s_report_does_not_exist(office: Office):
    filed = office.file()
    stranger = citizen(office.peer("web", "b"))
    assert not sees(office, stranger, filed.number)
    assert not sees(office, citizen(None), filed.number)
    assert office.refused(stranger, filed.number, "withdraw") == "filing.unknown"


def test_a_unit_reads_the_question_and_nothing_else(office: Office):
    filed = office.investigating()
    office.act(
        "park", filed.number, "fact_request", unit="road", matter="간선도로 보수 지연",
        questions="1. 보수 계획이 있습니까?", due="2026-11-27",
    )  # fmt: skip
    lee = office.people["lee"]
    (asked,) = office.see(lambda u: facts.listed(u, lee))
    assert asked.content["matter"] == "간선도로 보수 지연"
    assert filed.number not in str(asked)
    assert "홍길동" not in str(asked)
    assert office.see(lambda u: facts.listed(u, office.people["jung"])) == ()
    office.do(lambda u: facts.reply(office.svc, u, lee, asked.id, {"text": "다음 달에 합니다"}))
    assert "desk.fact_reply" in office.tasks("park")
    with pytest.raises(Refused):
        office.do(lambda u: facts.reply(office.svc, u, lee, asked.id, {"text": "또"}))
    for row in office.sent("mail"):
        said = office.say(row.text)
        assert "홍길동" not in said
        assert "중앙시장" not in said


def test_words_of_the_report_in_a_letter_are_marked_and_confirmed(office: Office):
    filed = office.investigating()
    fields = {
        "unit": "road",
        "matter": "중앙시장 앞 길이 파여서 구청에 세 번 전화가 왔습니다.",
        "questions": "보수 계획",
        "due": "2026-11-27",
    }
    with pytest.raises(moves.Confirm) as caught:
        office.act("park", filed.number, "fact_request", **fields)
    assert "중앙시장 앞 길이 파여서 구청에 세 번" in caught.value.marked[0]
    office.act("park", filed.number, "fact_request", True, **fields)
    named = {**fields, "matter": "홍길동 씨가 알린 도로"}
    assert office.refused("park", filed.number, "fact_request", **named) == "guard.names"


def test_a_danger_reaches_the_unit_without_who_said_so(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "danger", unit="road", place="정문 앞", matter="길 파임")
    (told,) = office.see(lambda u: facts.listed(u, office.people["lee"]))
    assert (told.kind, told.content["matter"]) == ("danger", "길 파임")
    assert any("위험" in office.say(reply.text) for reply in office.sent("mail"))
