"""A notice as a letter to print."""

import pytest

from bot.documents.letters import pdf
from bot.errors import Refused
from bot.services import letters
from bot.services.base import citizen
from tests.services.conftest import Office, answers, at


def test_the_newest_notice_is_a_letter_with_name_handler_and_the_journal_s_head(office: Office):
    filed = office.investigating()
    me = office.reporter(filed)
    letter = office.see(lambda u: letters.of_notice(office.svc, u, me, filed.number))
    assert letter.to == "홍길동 님"
    assert letter.address == "가온시 중앙로 12"
    assert letter.date == "2026. 11. 23."
    assert letter.labels[3] == "보낸 날"
    assert any("담당: 감사담당관 박감사" in line for line in letter.paragraphs)
    assert len(letter.head.partition(":")[2]) == 64
    assert pdf(letter).startswith(b"%PDF-")


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
