"""Who let a broadcast go follows it in one message that is edited, and reads the result at its end."""

from typing import Any

import pytest

from bot.services import broadcast_runs, broadcast_telling
from tests.newsletters.conftest import WHEN, Press, at
from tests.office.conftest import at_messenger, link, with_messenger

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def going(press: Press) -> int:
    """This month's issue on its way to one reader; `min` asked for it, `chae` let it go."""
    with_messenger(press.office)
    press.case(days=3)
    one = press.draft(None)
    press.ready(one)
    press.decide(press.ask(one), "chae")
    press.office.clock.set(at(WHEN))
    link(press.office, "min")
    press.do(lambda u: broadcast_runs.begin(press.svc, u, one))
    while press.do(lambda u: broadcast_runs.fan_out(press.svc, u, one)):
        pass
    return one


def tell(press: Press) -> int:
    return press.do(lambda u: broadcast_telling.tell(press.svc, u))


def over(press: Press, one: int) -> None:
    press.do(lambda u: u.conn.exec_driver_sql("update sendings set status = 2"))
    press.do(lambda u: broadcast_runs.count(press.svc, u, one, "telegram", {(2, ""): 1}))
    assert press.one(one).state == "done"


async def test_one_message_is_edited_and_ends_with_the_result(press: Press, going: int):
    messenger = at_messenger(press.office)
    assert tell(press) == 1
    (first,) = [one for one in await messenger.round() if _far(one)]
    assert first.replaces is None
    assert first.reply.text.params["far"].key == "newsletter.progress_early"
    assert tell(press) == 0  # nothing new
    press.office.clock.advance(seconds=5)
    over(press, going)
    assert tell(press) == 1  # the chief has no messenger, and gets a letter; the edit is too soon
    press.office.clock.advance(seconds=11)
    assert tell(press) == 1
    (last,) = [one for one in await messenger.round() if _far(one)]
    assert last.replaces == "1"
    assert last.reply.text.params["far"].key == "newsletter.result"
    letters = [one.text.key for one in press.office.sent("mail")]
    assert letters.count("official.newsletter_over") == 1


async def test_who_takes_no_messenger_reads_the_end_once(press: Press, going: int):
    over(press, going)
    before = len(press.office.sent("mail"))
    tell(press)
    tell(press)
    assert len(press.office.sent("mail")) == before + 1


def _far(parcel: Any) -> bool:
    return getattr(getattr(parcel.reply, "text", None), "key", "") == "newsletter.far"
