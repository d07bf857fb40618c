"""A report that a restore has lost is filed anew in the conversation (S13)."""

import pytest

from bot.dialogs.replies import Elsewhere, Receipt
from storage import receipts
from storage.journal import Head
from tests.fakes.city import MONDAY, City, Somebody

NUMBER = "2026-7K3M-Q9"


@pytest.fixture
def line(city: City) -> str:
    city.clock.goes(days=2)
    head = Head(3, bytes(32))
    return receipts.sign(city.store.ring, NUMBER, MONDAY, "passive_report", head)


def receipt(person: Somebody) -> Receipt:
    return next(reply for reply in person.seen if isinstance(reply, Receipt))


def filled(person: Somebody) -> None:
    """Answer a form that is open already, as `report` does once it has opened it."""
    person.report(begin=False)
    person.press("안내를 보았고")


def test_a_lost_report_keeps_its_number_and_its_time(web: Somebody, line: str) -> None:
    web.commands("refile", line)
    filled(web)
    assert receipt(web).number == NUMBER
    assert receipt(web).due_on == "2026-12-01"
    assert receipts.read(receipt(web).proof or "").at == MONDAY


def test_a_receipt_that_somebody_else_used_meanwhile_loses_nothing(
    city: City, web: Somebody, line: str
) -> None:
    other = city.person("web", "other")
    for person in (web, other):
        person.commands("refile", line)
    filled(other)
    filled(web)
    assert receipt(other).number == NUMBER
    assert receipt(web).number != NUMBER
    assert receipt(web).due_on == "2026-12-03"


def test_what_is_no_receipt_is_told_so(web: Somebody, line: str) -> None:
    web.commands("refile", line.replace(NUMBER, "2026-2222-22"))
    assert "다시 낼 수 없어요" in web.text


def test_a_draft_is_not_replaced_unasked(web: Somebody, line: str) -> None:
    web.commands("report")
    web.commands("refile", line)
    assert "전에 쓰던 것" in web.text
    web.press("새로 쓰기")
    filled(web)
    assert receipt(web).number == NUMBER


def test_on_a_messenger_it_leads_to_our_own_page(agreed: Somebody, line: str) -> None:
    agreed.commands("refile", line)
    assert any(isinstance(reply, Elsewhere) for reply in agreed.seen)


def test_robots_that_open_drafts_meet_the_budget_here_too(
    city: City, web: Somebody, line: str
) -> None:
    city.settles(budget_drafts=8)
    for name in range(3):
        city.person("web", f"robot{name}").commands("report")
    web.commands("refile", line)
    assert "조금 뒤에 다시" in web.text
