"""Officials in Slack under the desk's own role: the second wall stands there too (security S7)."""

import pytest

from storage.acting import SERVICE
from tests.fakes.slack import fake_slack
from tests.office.conftest import guarded, link, with_messenger
from tests.services.conftest import answers
from tests.slack.town import by_requests, founded
from tests.walls.test_roles import asked_by, desk_first, offices

__all__ = ["desk_first", "offices"]


@pytest.fixture
async def fake():
    async with fake_slack() as made:
        yield made


async def test_a_handler_is_chosen_by_the_desks_role_and_the_barred_see_nothing(offices, fake):
    public, desk = (with_messenger(offices[name]) for name in ("public", "desk"))
    number = public.file(answers()).number
    with asked_by(SERVICE):
        link(desk, "kim", "yoon")
        guarded(desk, number, "road")
    async with by_requests(founded(desk, fake)) as town:
        kim = town.person("kim", linked=False)
        await kim.commands("/civic", number)
        assert number in kim.last.words
        await kim.presses("담당 정하기")
        found = await kim.searches("담당", "박감")
        await kim.types("담당", found[0])
        await kim.submits()
        await town.settled()
        assert "담당을 정했습니다" in kim.view.words
        assert kim.home is not None
        yoon = town.person("yoon", linked=False)
        await yoon.commands("/civic", number)
        await yoon.opens_home()
        await town.settled()
        assert "소극행정" not in yoon.last.words
        assert number not in str(yoon.home.blocks)
        assert yoon.troubles == []
