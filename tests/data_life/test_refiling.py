"""Who has a receipt files again what a restore has lost, at the first time and number (S13)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.services import filings, refiling, views
from storage import journal, receipts
from storage.crypto import KeyRing, RingKey
from storage.models import filings as rows
from storage.repositories import erasing
from tests.data_life.test_backup import brought_back, made_of, safe, target
from tests.services.conftest import Office, answers, at, nameless

__all__ = ["safe", "target"]


def proof(filed: filings.Filed) -> str:
    return filed.replies[0].proof


def lost(office: Office, text: str, number: str = "") -> receipts.Receipt | None:
    return office.see(lambda u: refiling.lost(office.svc, u, text, number))


def again(office: Office, text: str, form: Any = None, **prefs: Any) -> filings.Filed:
    receipt = lost(office, text)
    peer = office.peer()
    given = filings.Prefs("web", "web", "ko", receipt.at, own_page=True, again=receipt, **prefs)
    form = form or answers()
    return office.do(lambda u: filings.file(office.svc, u, "passive_report", form, peer, given))


@pytest.fixture
def after(archive, safe, target):
    """Somebody files after the backup, with and without a name; then the backup is put back."""
    made = made_of(archive, safe)
    named, hidden = archive.file(), archive.file(nameless(), address="b")
    assert lost(archive, proof(named)) is None  # it is here
    archive.clock.set(at("2026-12-28 10:00"))
    store, _ = brought_back(made, target, archive, ledger=None)
    yield replace(archive, store=store), named, hidden
    store.close()


def test_what_a_restore_lost_is_filed_again_at_its_first_time_and_number(after):
    office, named, _ = after
    first = lost(office, proof(named))
    filed = again(office, proof(named))
    filing = office.filing(filed.number)
    assert filed.number == named.number
    assert filing.arrived_at == first.at
    assert filing.received_at == first.at
    assert filed.due_at == named.due_at
    assert filed.code != named.code
    said = " ".join(office.say(reply.text) for reply in filed.replies)
    assert "11월 23일(월) 오전 10시 12분에 낸 것으로 적었어요".replace("에 낸", ")에 낸") in said
    assert "이미 지났어요" in said
    noted = office.see(lambda u: journal.history(u, filing.sid))
    [event] = [one for one in noted if one.kind == "refiled"]
    assert event.detail["number"] == named.number
    assert len(event.detail["signature"]) == 64
    assert event.at == office.clock()
    assert office.see(lambda u: journal.verify(u, filing.sid)) == []


def test_it_is_overdue_at_once_where_its_time_has_passed(after):
    office, named, _ = after
    filed = again(office, proof(named))
    seen = office.see(
        lambda u: views.by_number(office.svc, u, office.reporter(filed), filed.number)
    )
    assert seen.overdue
    assert any(run.startswith("overdue:") for run in office.tick())


def test_without_a_name_the_hour_is_all_that_is_known(after):
    office, _, hidden = after
    filed = again(office, proof(hidden), nameless())
    filing = office.filing(filed.number)
    assert (filed.number, filing.mode) == (hidden.number, "anonymous")
    assert filing.arrived_at.minute == 0
    assert filing.peer_id is None
    noted = office.see(lambda u: journal.history(u, filing.sid))
    assert {one.at.minute for one in noted} == {0}


def test_a_receipt_is_used_once_and_only_for_its_own_number(after):
    office, named, hidden = after
    assert lost(office, proof(named), hidden.number) is None
    assert lost(office, proof(named), "아무 번호") is None
    assert lost(office, proof(named), named.number.lower()) is not None
    again(office, proof(named))
    assert lost(office, proof(named)) is None
    assert lost(office, proof(hidden)) is not None


@pytest.mark.parametrize("which", [1, 2], ids=["with a name", "without"])
def test_whose_number_another_report_has_got_since_files_again_under_a_new_one(after, which):
    office, old = after[0], after[which]
    other = office.file(answers(what="다른 사람의 다른 일이에요."), address="c")
    row = sa.update(rows).where(rows.c.id == other.filing_id)
    office.do(lambda u: u.conn.execute(row.values(number=old.number)))
    first = lost(office, proof(old))
    assert first is not None
    filed = again(office, proof(old), answers() if which == 1 else nameless())
    assert filed.number != old.number
    assert office.filing(filed.number).arrived_at == first.at
    said = " ".join(office.say(reply.text) for reply in filed.replies)
    assert f"전에 받으신 접수번호 {old.number}" in said
    assert f"새 접수번호는 {filed.number}" in said
    assert lost(office, proof(old)) is None
    assert office.filing(old.number).id == other.filing_id


def test_a_receipt_stays_used_when_what_was_filed_with_it_is_destroyed(after):
    office, named, _ = after
    filing = office.filing(again(office, proof(named)).number)
    office.do(lambda u: erasing.erase(u, filing.id, filing.sid, office.clock(), "clock"))
    assert lost(office, proof(named)) is None


def test_nobody_else_makes_a_receipt_nor_one_of_tomorrow(after):
    office, named, _ = after
    text = proof(named)
    head = receipts.read(text).head
    other = KeyRing([RingKey("other", bytes(32))])
    own = office.store.ring
    tomorrow = office.clock() + timedelta(days=1)
    for forged in (
        text.replace(named.number, "2026-2222-22"),
        receipts.sign(other, named.number, office.clock(), "passive_report", head),
        receipts.sign(own, named.number, tomorrow, "passive_report", head),
        receipts.sign(own, named.number, office.clock(), "passive_report", head, notice=True),
    ):
        assert lost(office, forged) is None
