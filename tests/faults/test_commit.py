"""The answer to COMMIT is lost on its way: the citizen gets the answer, once."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from bot.dialogs.replies import Receipt
from bot.errors import Overloaded
from bot.settings import read_site
from storage import models
from storage.store import Store
from tests import shipped
from tests.fakes.city import SITE, City, Clock, Somebody


class Line:
    """Commits, and loses the answer as often as it is told to."""

    def __init__(self) -> None:
        self.lose: Iterator[bool] = iter(())

    def __call__(self, transaction: sa.Transaction) -> None:
        transaction.commit()
        if next(self.lose, False):
            raise sa.exc.OperationalError("COMMIT", {}, Exception(), connection_invalidated=True)


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def person(opened: Callable[..., Store], line: Line) -> Somebody:
    store = opened(commit=line)
    return City(store, Clock(), read_site(SITE), shipped.texts()).person("web")


def count(person: Somebody, table: Any) -> int:
    found = sa.select(sa.func.count()).select_from(table)
    return person.city.store.read(lambda unit: unit.conn.execute(found).scalar_one())


def test_a_turn_whose_answer_was_lost_is_answered_as_if_nothing_had_happened(
    person: Somebody, line: Line
) -> None:
    person.commands("report")
    line.lose = iter([True])
    person.press("답을 들었는데")
    assert "접수번호가 있으면" in person.text


def test_a_filing_whose_answer_was_lost_is_filed_once_and_shows_its_code(
    person: Somebody, line: Line
) -> None:
    person.report()
    line.lose = iter([True])
    received = person.press("안내를 보았고")
    (receipt,) = [reply for reply in received.replies if isinstance(reply, Receipt)]
    assert receipt.code
    assert count(person, models.filings) == 1


def test_when_every_answer_is_lost_the_citizen_comes_again_and_is_filed_once(
    person: Somebody, line: Line
) -> None:
    person.report()
    confirm = person.inbound(person.event_of("안내를 보았고"))
    line.lose = iter([True] * 3)
    try:
        person.send(confirm)
    except Overloaded:
        person.send(confirm)
    assert count(person, models.filings) == 1
