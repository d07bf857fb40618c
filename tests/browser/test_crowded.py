"""Too many newcomers: the page's script does the work that is asked, and its person goes on."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.services import crowd
from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

BUDGET = 8


@pytest.fixture
def full(served: Served) -> Iterator[Served]:
    """Let the hour of newcomers be spent."""
    receiver = served.app.receiver
    parts = receiver.parts
    site = parts.svc.site.model_copy(update={"budget_newcomers": BUDGET})
    receiver.parts = replace(parts, svc=replace(parts.svc, site=site))
    spend = lambda unit: crowd.over(unit, "new:web", BUDGET, burst=BUDGET // 4)  # noqa: E731
    while not served.app.store.transact(spend, None):
        pass
    yield served
    receiver.parts = parts


def test_a_newcomer_above_the_budget_works_a_moment_and_files_on(visit, full: Served):
    somebody = visit(phone=True, quiet=True)  # the browser notes the 503, which is no mistake
    turns: list[tuple[int, bool]] = []

    def note(answer) -> None:
        if answer.request.method == "POST" and "/api/chat" in answer.url:
            turns.append((answer.status, "x-proof" in answer.request.headers))

    somebody.page.on("response", note)
    number, code = somebody.file()
    assert turns[:2] == [(503, False), (200, True)]
    assert all(turn == (200, False) for turn in turns[2:])
    assert number
    assert len(code) == 19
