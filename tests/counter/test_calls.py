"""Calls: who may open a number, what becomes of it, and what the record keeps."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.dialogs.call_back import CallBack
from bot.errors import Refused
from bot.services import calls
from bot.services.history import History
from bot.services.upkeep import upkeep
from storage import models
from storage.repositories import calls as rows
from storage.repositories import erasing
from tests.services.conftest import Office, at

WANTED = CallBack(phone="010-1234-5678", wish="any", about="언제 답이 오나요")


def ask(office: Office, wanted: CallBack = WANTED, number: str = "", peer: int = 0) -> object:
    peer = peer or office.peer()
    return office.do(lambda u: calls.ask(office.svc, u, peer, "ko", wanted, number))


def waiting(office: Office, login: str) -> list[calls.Wanted]:
    return list(office.see(lambda u: calls.waiting(u, office.people[login])))


def opened(office: Office, login: str, call_id: int = 1) -> calls.Opened:
    return office.do(lambda u: calls.open_(office.svc, u, office.people[login], call_id))


@pytest.mark.parametrize(
    ("now", "wish", "due"),
    [
        ("2026-11-23 10:12", "any", "2026-11-23 15:12"),
        ("2026-11-23 17:00", "any", "2026-11-24 12:00"),
        ("2026-11-28 12:00", "any", "2026-11-30 14:00"),
        ("2026-11-23 10:12", "morning", "2026-11-23 12:00"),
        ("2026-11-23 11:30", "morning", "2026-11-24 12:00"),
        ("2026-11-27 17:30", "afternoon", "2026-11-30 18:00"),
    ],
)
def test_a_call_is_promised_for_office_hours(office: Office, now: str, wish: str, due: str):
    office.clock.set(at(now))
    assert ask(office, CallBack(phone="010-1234-5678", wish=wish)) == at(due)


def test_intake_sees_every_call_and_an_auditor_those_about_his_reports(office: Office):
    filed = office.investigating()
    other = office.peer(address="b")
    ask(office, number=filed.number)
    ask(office, peer=other)
    assert [one.number for one in waiting(office, "kim")] == [filed.number, ""]
    assert [one.number for one in waiting(office, "park")] == [filed.number]
    assert waiting(office, "lim") == []
    for login, call_id in (("lim", 1), ("park", 2), ("lee", 2), ("kim", 99)):
        with pytest.raises(Refused, match=r"desk\.calls\.unknown"):
            opened(office, login, call_id)


def test_a_number_is_read_after_it_was_noted_who_reads_it(office: Office):
    filed = office.investigating()
    ask(office, number=filed.number)
    assert opened(office, "park").phone == "010-1234-5678"
    filing = office.filing(filed.number)
    kinds = [one.kind for one in office.see(lambda u: History(u, filing.sid).all)]
    assert "call_opened" in kinds
    noted = sa.select(models.accesses.c.what)
    assert "call_opened" in office.see(lambda u: list(u.conn.scalars(noted)))


def test_a_call_that_was_made_is_in_the_record_and_its_number_dies(office: Office):
    filed = office.investigating()
    ask(office, number=filed.number)
    park = office.people["park"]
    with pytest.raises(Refused, match=r"desk\.calls\.empty"):
        office.do(lambda u: calls.done(office.svc, u, park, 1, "  "))
    office.do(lambda u: calls.done(office.svc, u, park, 1, "답변 예정일을 다시 알려 드림"))
    filing = office.filing(filed.number)
    last = office.see(lambda u: History(u, filing.sid).last("call_noted"))
    assert last.detail == {
        "with": "reporter", "way": "out", "text": "답변 예정일을 다시 알려 드림",
    }  # fmt: skip
    assert waiting(office, "kim") == []
    office.clock.set(at("2026-11-23 10:12") + timedelta(days=8))
    office.do(lambda u: upkeep(office.svc, u))
    row = office.see(lambda u: u.conn.execute(sa.select(models.calls)).one())
    assert (row.phone, row.about) == (None, None)
    assert row.erased_at is not None


def test_who_does_not_answer_twice_is_told_so(office: Office):
    ask(office)
    kim = office.people["kim"]
    assert not office.do(lambda u: calls.missed(office.svc, u, kim, 1))
    assert waiting(office, "kim")[0].tries == 1
    assert office.do(lambda u: calls.missed(office.svc, u, kim, 1))
    assert waiting(office, "kim") == []
    said = [office.say(reply.text) for reply in office.sent("web")]
    assert any("두 번 드렸는데" in words for words in said)


def test_a_call_dies_with_its_report_and_with_whoever_asked(office: Office):
    filed = office.investigating()
    ask(office, number=filed.number)
    other = office.peer(address="b")
    ask(office, peer=other)
    filing = office.filing(filed.number)
    office.do(lambda u: erasing.erase(u, filing.id, filing.sid, office.clock(), "clock"))
    office.do(lambda u: rows.forget_peer(u, other, office.clock()))
    assert waiting(office, "kim") == []
    left = office.see(lambda u: u.conn.execute(sa.select(models.calls)).all())
    assert [(row.id, row.phone, row.peer_id) for row in left] == [(2, None, None)]


def test_a_line_about_a_call_is_kept_with_the_report(office: Office):
    filed = office.investigating()
    given = {"with": "unit", "way": "in", "text": "자료를 내일 낸다고 함"}
    actor = office.people["park"]
    office.do(lambda u: calls.note(office.svc, u, actor, filed.number, given))
    for bad, key in (
        ({**given, "text": " "}, "desk.calls.empty"),
        ({**given, "text": "가" * 301}, "desk.calls.long"),
        ({**given, "with": "boss"}, "desk.calls.empty"),
    ):
        with pytest.raises(Refused) as refused:
            office.do(lambda u, bad=bad: calls.note(office.svc, u, actor, filed.number, bad))
        assert refused.value.key == key
    with pytest.raises(Refused, match=r"filing\.unknown"):
        office.do(lambda u: calls.note(office.svc, u, office.people["lim"], filed.number, given))
    assert "call_noted" not in office.told(filed)
