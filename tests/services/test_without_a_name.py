"""A report without a name leaves no thread back to whoever wrote it (security S1)."""

from datetime import timedelta

import sqlalchemy as sa

from bot.dialogs.replies import Phrase
from bot.services import filings, listing, status, views
from bot.services.base import CLOCK, citizen
from bot.services.listing import Wanted
from storage import journal, models
from storage.repositories import filings as repository
from tests.services.conftest import Office, at, keys_of, nameless

FINDING = {"judgement": "for_reference", "summary": "점검 때 참고하겠습니다."}


def every_value(office: Office) -> list[object]:
    """Give every value of every table but those of the peer itself."""
    mine = {"peers", "people", "keys", "outbox", "inbox", "consents", "dialogs", "key_checks"}

    def look(unit):
        return [
            value
            for table in models.metadata.sorted_tables
            if table.name not in mine
            for row in unit.conn.execute(sa.select(table))
            for value in row
        ]

    return office.see(look)


def test_no_row_names_the_peer_or_the_minute(office: Office):
    office.clock.set(at("2026-11-23 10:47"))
    filed = office.file(nameless(), channel="telegram", address="4711")
    filing = office.filing(filed.number)
    assert filing.peer_id is None
    assert filed.anonymous
    assert filed.due_at is None
    assert filing.arrived_at == at("2026-11-23 10:00")
    assert office.see(lambda u: repository.identity(u, filing)) == {}
    exact = at("2026-11-23 10:47")
    for row in office.see(lambda u: journal.history(u, filing.sid)):
        assert row.at.minute == 0
        assert row.actor in {"anonymous", "service", "clock"}
    for name in ("filings", "deadlines", "tasks", "guards", "attachments"):
        table = models.metadata.tables[name]
        for row in office.see(lambda u, t=table: list(u.conn.execute(sa.select(t)))):
            assert exact not in row


def test_the_reporter_s_words_and_name_stand_in_no_open_column(office: Office):
    office.file(address="hong")
    for value in every_value(office):
        assert "홍길동" not in str(value)
        assert "중앙시장" not in str(value)
        assert "hong@example.com" not in str(value)


def test_the_receipt_promises_no_answer_and_shows_the_code_only_on_our_page(office: Office):
    filed = office.file(nameless())
    assert keys_of(filed.replies) == ["receipt.anonymous"]
    assert filed.replies[0].code == filed.code
    assert filed.replies[0].due_on is None
    there = office.file(nameless(), channel="telegram", address="4711")
    assert there.code is None
    assert there.replies[0].code is None
    links = [option.url for option in there.replies[0].options if option.url]
    assert links
    assert links[0].startswith("https://talk.gaon.example/k#")


def test_nothing_is_sent_unless_it_was_asked_for(office: Office):
    filed = office.file(nameless(), channel="telegram", address="4711")
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    office.act("park", filed.number, "message", text="어느 쪽 길인가요?")
    assert office.rows("telegram") == []
    assert "notice.message.office_anonymous" in office.told(filed)


def test_a_tied_messenger_hears_that_there_is_news_later_and_no_more(office: Office):
    filed = office.file(nameless(), channel="telegram", address="4711", link=True)
    assert office.filing(filed.number).peer_id is None
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    office.act("park", filed.number, "message", text="어느 쪽 길인가요?")
    (row,) = office.rows("telegram")
    (said,) = office.sent("telegram")
    assert said.text == Phrase("notice.news")
    assert row.filing_id is None
    wait = row.due_at - office.clock()
    assert timedelta(minutes=10) <= wait <= timedelta(minutes=120)


def test_news_at_night_waits_for_the_morning(office: Office):
    filed = office.file(nameless(), channel="telegram", address="4711", link=True)
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    office.clock.set(at("2026-11-23 20:55"))
    office.act("park", filed.number, "message", text="어느 쪽 길인가요?")
    (row,) = office.rows("telegram")
    assert row.due_at == at("2026-11-24 08:00")


def test_two_way_talk_goes_by_number_and_code(office: Office):
    filed = office.file(nameless())
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    office.act("park", filed.number, "message", text="어느 쪽 길인가요?")
    seen = status.by_code(office.svc, office.store, filed.number, filed.code, "net")
    assert office.say(seen.notices[0]).endswith("어느 쪽 길인가요?")
    assert "message" in seen.actions
    me = citizen(None, seen.filing_id)
    office.act(me, filed.number, "message", text="정문 앞이에요")
    assert "desk.message" in office.tasks("park")
    assert office.can(me, filed.number) <= {"message", "pressure", "withdraw"}


def test_the_office_leaves_a_note_and_closes(office: Office):
    filed = office.file(nameless())
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    assert office.refused("park", filed.number, "to_approval") == "move.not_now"
    office.act("park", filed.number, "start")
    office.act("park", filed.number, "conclude", **FINDING)
    said = office.words(filed, "notice.result.anonymous")
    assert "점검 때 참고하겠습니다." in said
    assert "법에 따른 답변 통지는 아니에요" in said
    assert office.filing(filed.number).state == "closed"


def test_the_code_is_typed_back_once(office: Office):
    filed = office.file(nameless())

    def typed(code: str) -> bool:
        return office.do(lambda u: filings.typed_back(office.svc, u, filed.number, code))

    assert not typed("0000-0000-0000-0000")
    assert typed(filed.code.lower().replace("-", " "))
    filing = office.filing(filed.number)
    kinds = [one.kind for one in office.see(lambda u: journal.history(u, filing.sid))]
    assert kinds.count("code_kept") == 1


def test_no_due_date_is_counted_and_none_is_missed(office: Office):
    filed = office.file(nameless())
    office.goes("2027-02-01 10:00")
    assert "notice.overdue.late" not in office.told(filed)
    assert "notice.interim" not in office.told(filed)
    row = office.see(lambda u: listing.rows(office.svc, u, office.people["kim"], Wanted()))
    assert row
    assert office.see(lambda u: views.by_number(office.svc, u, CLOCK, filed.number)).due_at is None
