"""By which roads words reach a reporter, and when."""

from dataclasses import replace

import pytest

from bot.dialogs.replies import Phrase
from bot.services import filings, handover, notices, peers, said
from bot.services.base import citizen
from storage.repositories import outbox
from tests.services.conftest import Office, answers, at


def test_a_named_reporter_hears_on_the_page_and_by_mail(office: Office):
    filed = office.investigating()
    assert [row.channel for row in office.rows("web")] == ["web"]
    citizens = [row for row in office.rows("mail") if row.kind == "notice"]
    assert [row.rank for row in citizens] == [1, 1]  # the receipt and 'started'
    assert "notice.started" in office.told(filed)


def test_at_night_a_mail_waits_and_the_page_does_not(office: Office):
    filed = office.file()
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    office.clock.set(at("2026-11-23 21:30"))
    office.act("park", filed.number, "start")
    mail = [row for row in office.rows("mail") if row.kind == "notice"][-1]
    assert mail.due_at == at("2026-11-24 08:00")
    assert office.rows("web")[-1].due_at == office.clock()


def test_a_messenger_is_not_woken_at_night(office: Office):
    filed = office.file(channel="telegram", address="4711")
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    office.clock.set(at("2026-11-24 07:10"))
    office.act("park", filed.number, "start")
    assert office.rows("telegram")[-1].due_at == at("2026-11-24 08:00")


def test_who_wants_letters_or_calls_becomes_a_task_for_a_person(office: Office):
    by_post = {"reply_by": "post", "email": None}
    first = office.investigating(answers(**by_post))
    assert office.tasks("park").count("letter") == 1  # 'started', and not the receipt
    office.act(office.reporter(first), first.number, "message", text="언제 되나요?")
    assert office.tasks("park").count("letter") == 1
    filed = office.investigating(answers(reply_by="phone", email=None, phone="010-1234-5678"))
    assert "call" in office.tasks("park")
    office.do(lambda u: filings.on_paper(office.svc, u, office.reporter(filed), filed.number))
    assert office.tasks("park").count("letter") >= 2


def test_what_reaches_nobody_is_on_the_desk(office: Office):
    filed = office.file(answers(reply_by="phone", email=None, phone="010-1234-5678"))
    assert filed
    lost = office.file(answers(reply_by=None, email=None), channel="telegram", address="9")
    peer = office.filing(lost.number).peer_id
    office.do(lambda u: peers.away(office.svc, u, peer, gone=True))
    office.act("kim", lost.number, "assign", handler="park", unit="road")
    office.act("park", lost.number, "start")
    assert "undelivered" in office.tasks("park")


def test_a_row_that_no_channel_could_deliver_becomes_a_task_once(office: Office):
    office.investigating(channel="telegram", address="9")

    def fail(unit):
        (row,) = office.rows("telegram")
        unit.conn.execute(
            outbox.outbox.update()
            .where(outbox.outbox.c.id == row.id)
            .values(status="dead", problem="gone")
        )

    office.do(fail)
    office.tick()
    office.tick()
    assert office.tasks("park").count("undelivered") == 1


def test_the_same_key_is_said_once(office: Office):
    filed = office.investigating()
    message = notices.Message("notice.news", {}, once="x")
    first = office.do(lambda u: notices.say(office.svc, u, filed.filing_id, message))
    again = office.do(lambda u: notices.say(office.svc, u, filed.filing_id, message))
    assert (first is None, again is None) == (False, True)


def test_a_waiting_row_is_checked_before_it_leaves(office: Office):
    filed = office.investigating()
    office.act("park", filed.number, "ask_supplement", items="사진", why="곳", days="7")
    rule = office.rows("web")[-1].valid_rule
    assert rule == "state:supplement"

    def holds() -> bool:
        return office.see(lambda u: notices.still_valid(u, filed.filing_id, rule))

    assert holds()
    office.act(office.reporter(filed), filed.number, "supplement_reply", text="여기요")
    assert not holds()
    assert office.see(lambda u: notices.still_valid(u, None, ""))
    assert office.see(lambda u: notices.still_valid(u, filed.filing_id, "open"))
    assert office.see(lambda u: notices.still_valid(u, filed.filing_id, "due:2026-12-02"))


def test_officials_read_a_number_and_a_link_and_no_word_of_the_report(office: Office):
    filed = office.file()
    words = [office.say(reply.text) for reply in office.sent("mail")]
    mail = next(text for text in words if "새 신고" in text)
    assert filed.number in mail
    assert f"https://desk.gaon.example/filings/{filed.number}" in mail
    for secret in ("홍길동", "중앙시장", "도로과", "hong@"):
        assert secret not in mail


def test_danger_is_answered_at_once_and_put_before_the_office(office: Office):
    words = "길이 무너져서 지금 위험해요. 사람이 다쳤어요."
    filed = office.file(answers(what=words))
    assert [getattr(reply.text, "key", "") for reply in filed.replies][1:] == ["safety.now"]
    assert "desk.danger" in office.tasks("kim")


def test_the_origin_hears_the_number_only_if_it_was_asked_for(office: Office):
    for told in (True, False):
        there = office.peer("telegram", f"t{told}")
        page = office.peer("web", f"w{told}")
        link = office.do(lambda u, p=there: handover.dialog_link(office.svc, u, p))
        secret = link.url.partition("#")[2]
        office.do(
            lambda u, s=secret, n=link.nn, p=page, t=told: handover.redeem_dialog(
                office.svc, u, s, n, p, tell_number=t
            )
        )
        before = len(office.rows("telegram"))
        filed = office.file(address=f"w{told}")
        office.act("kim", filed.number, "assign", handler="park", unit="road")
        office.act("park", filed.number, "start")
        new = office.sent("telegram")[before:]
        called = {"number_name": Phrase("number.received"), "number": filed.number}
        wanted = [Phrase("receipt.moved", called)] if told else []
        assert [reply.text for reply in new] == wanted
        assert office.see(lambda u, p=there: filings.sight.several(
            u, filings.sight.visible_filings(citizen(p))
        )) == ()  # fmt: skip


@pytest.mark.parametrize("key", ["receipt.named", "receipt.off_hours"])
def test_a_receipt_without_a_date_says_so_in_a_whole_sentence(office: Office, key: str):
    filing = office.filing(office.file().number)
    known = {
        "procedure": "제안",
        "number": filing.number,
        "received": "",
        "opens": "",
        "counted": "",
    }
    dated = Phrase(key, known | said.expected(filing))
    assert "답변 예정 12월 1일(화)까지 (" in office.say(dated)
    bare = Phrase(key, known | said.expected(replace(filing, due_at=None)))
    assert "\n답변 예정일은 정해지면 알려 드릴게요. (" in office.say(bare)
    assert "까지" not in office.say(bare)
    assert "once it is set" in office.say(bare, "en")
