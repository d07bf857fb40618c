"""Budgets (security S34): everything gets a number; what is above waits, and its files later."""

from collections.abc import Callable

import pytest

from bot.errors import Refused
from bot.services import attachments, crowd
from bot.services.history import History
from tests.counter.pages.test_writing import picture
from tests.services.conftest import WHAT, Office, answers, at

OTHER = "어린이집 입소 신청을 두 달째 처리해 주지 않아서 아이를 맡기지 못하고 있습니다."


def waiting(office: Office, login: str = "kim") -> list[int]:
    found = office.see(lambda u: crowd.waiting(u, office.people[login]))
    return [len(group.numbers) for group in found]


@pytest.fixture
def flooded(build: Callable[..., Office]) -> Office:
    office = build(budget_filings=10)
    for n in range(10):
        office.file(address=f"x{n}")
    return office


def test_what_is_above_the_budget_has_a_number_and_a_due_date_and_waits_with_its_like(
    flooded: Office,
):
    first = flooded.file(address="a")
    flooded.file(answers(what=OTHER), address="b")
    flooded.file(answers(what=f"{WHAT} 빨리요."), address="c")
    assert first.due_at == at("2026-12-01 23:59:59")
    assert waiting(flooded) == [2, 1]
    assert waiting(flooded, "lee") == []


def test_a_unit_that_is_complained_of_sees_nothing_of_a_flood(flooded: Office):
    flooded.file(answers(unit={"value": "minwon", "label": "민원실"}), address="a")
    assert waiting(flooded) == []  # kim serves in 민원실


def test_reports_are_let_in_once_and_only_by_who_hands_out(flooded: Office):
    number = flooded.file(address="a").number

    def let_in(login: str) -> int:
        actor = flooded.people[login]
        return flooded.do(lambda u: crowd.let_in(flooded.svc, u, actor, [number]))

    with pytest.raises(Refused, match=r"access\.not_allowed"):
        let_in("park")
    assert let_in("kim") == 1
    assert let_in("kim") == 0
    assert waiting(flooded) == []
    filing = flooded.filing(number)
    kinds = [one.kind for one in flooded.see(lambda u: History(u, filing.sid).all)]
    assert kinds.count("let_in") == 1


def test_files_above_the_budget_are_taken_once_there_is_a_number(build: Callable[..., Office]):
    office = build(budget_megabytes=10)
    peer = office.peer()
    office.do(lambda u: crowd.room(u, "bytes:web", 10 * 1024, count=10 * 1024))

    def put() -> None:
        blobs = office.store.blobs
        office.do(lambda u: attachments.put(office.svc, u, blobs, peer, "a.png", picture()))

    with pytest.raises(Refused, match=r"file\.crowded"):
        put()
    office.file()
    put()
