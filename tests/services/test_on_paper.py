"""A notice as a letter to print."""

import pytest

from bot.documents.letters import Letter, pdf
from bot.errors import Refused
from bot.services import letters, notices, status
from bot.services.base import citizen
from bot.services.filings import Filed
from storage import journal, receipts
from storage.journal import Head
from tests.services.conftest import Office, answers, at


def test_the_newest_notice_is_a_letter_with_name_and_handler(office: Office):
    filed = office.investigating()
    me = office.reporter(filed)
    letter = office.see(lambda u: letters.of_notice(office.svc, u, me, filed.number))
    assert letter.to == "홍길동 님"
    assert letter.address == "가온시 중앙로 12"
    assert letter.date == "2026. 11. 23."
    assert letter.labels[3] == "보낸 날"
    assert any("담당: 감사담당관 박감사" in line for line in letter.paragraphs)
    assert pdf(letter).startswith(b"%PDF-")


def test_a_notice_carries_the_head_of_its_own_chain_whatever_comes_after(office: Office):
    filed = office.investigating()
    me = office.reporter(filed)

    def letter(seq: int | None = None) -> Letter:
        return office.see(lambda u: letters.of_notice(office.svc, u, me, filed.number, seq))

    seq = office.see(lambda u: status.by_number(office.svc, u, me, filed.number)).told[-1].seq
    before = letter()
    office.act("park", filed.number, "note", text="더 봅니다.")
    assert letter(seq) == before
    shown = {one.seq: one.head for one in told(office, filed)}
    assert shown[seq] == before.head
    signed = receipts.genuine(office.store.ring, before.proof)
    assert (signed.notice, signed.head.seq, signed.head.short) == (True, seq, before.head)
    sid = office.filing(filed.number).sid
    for head in (signed.head, Head.parse(before.head)):
        assert office.see(lambda u, h=head: journal.verify(u, sid, h)) == []
    other = before.head.translate(str.maketrans("0123456789", "1234567890")).partition(":")[2]
    forged = Head.parse(f"{seq}:{other}")
    faults = office.see(lambda u: journal.verify(u, sid, forged))
    assert [one.what for one in faults] == ["receipt"]


def told(office: Office, filed: Filed) -> tuple[status.Told, ...]:
    me = office.reporter(filed)
    return office.see(lambda u: status.by_number(office.svc, u, me, filed.number)).told


def test_a_letter_by_mail_ends_with_the_head_and_a_bubble_has_none(office: Office):
    filed = office.file(channel="telegram", address="7")
    say = notices.Message(
        "notice.message.office", {"number": filed.number, "text": "더 여쭐 것이 있어요."}
    )
    office.do(lambda u: notices.tell(office.svc, u, office.filing(filed.number), say))
    heads = [one.head for one in told(office, filed)]
    (mailed,) = [office.say(one.text) for one in office.sent("mail")][-1:]
    assert f"기록 확인값 {heads[-1]}" in mailed
    chats = [office.say(one.text) for one in office.sent("telegram")]
    assert chats
    assert not [one for one in chats if "기록 확인값" in one]


def test_an_answer_has_its_document_number_above(office: Office):
    filed = office.investigating()
    result = {
        "judgement": "upheld", "checked": "c", "why": "w", "demands": "d", "action_state": "none",
        "action": "a", "remedy": "r", "approved_on": "2026-11-23", "approver": "x",
        "doc_no": "감사담당관-7",
    }  # fmt: skip
    draft = {k: v for k, v in result.items() if k not in {"approved_on", "approver", "doc_no"}}
    office.act("park", filed.number, "to_approval", **draft)
    office.clock.set(at("2026-11-25 10:00"))
    office.act("park", filed.number, "result", **result)
    me = office.reporter(filed)
    letter = office.see(lambda u: letters.of_notice(office.svc, u, me, filed.number))
    assert letter.doc_no == "감사담당관-7"
    # the day of the paper that was approved, not of the sending: both papers say the same
    assert (letter.labels[3], letter.date) == ("시행일", "2026. 11. 23.")
    assert "시행 2026. 11. 23." in letter.paragraphs[0]


def test_a_letter_in_english_names_the_agency_in_english(office: Office):
    filed = office.file(answers(name="Jane Doe"), lang="en")
    kim = office.people["kim"]
    letter = office.see(lambda u: letters.of_notice(office.svc, u, kim, filed.number))
    assert (letter.agency, letter.labels[0], letter.labels[3]) == ("Gaon City", "To", "Sent")
    assert letter.date == "Mon 23 Nov 2026"


def test_nobody_else_prints_it(office: Office):
    filed = office.investigating()
    for who in (citizen(office.peer("web", "x")), office.people["lee"]):
        with pytest.raises(Refused):
            office.see(lambda u, w=who: letters.of_notice(office.svc, u, w, filed.number))
    me = office.reporter(filed)
    with pytest.raises(Refused):
        office.see(lambda u: letters.of_notice(office.svc, u, me, filed.number, 9999))
