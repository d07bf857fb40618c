"""How fast, when, and when not at all."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bot.channel import Later, Limits
from bot.worker.ledger import breaker
from storage import models
from storage.repositories import heartbeats, leases
from tests.worker.conftest import FAST, Line

Scripted = Callable[..., Line]
SLOW = Limits(text=4096, file_bytes=1000, per_second=0.001, per_chat=1000)


async def test_a_channels_rate_holds_over_all_workers(scripted: Scripted) -> None:
    line = scripted(limits=SLOW)
    for n in range(10):
        line.put(f"p{n}")
    other = line.another()
    await line.worker.round()
    await other.round()
    assert len(line.channel.sent) == 1
    assert line.statuses.count("pending") == 9
    assert all(row["claims"] == 0 for row in line.rows() if row["status"] == "pending")


async def test_rows_that_are_born_leased_share_the_rate(scripted: Scripted) -> None:
    line = scripted(limits=SLOW)
    rows = [line.born(f"p{n}") for n in range(8)]
    await line.worker.flush(rows)
    await line.worker.settled()
    assert len(line.channel.sent) == 1
    assert line.statuses.count("pending") == 7


@pytest.mark.parametrize("per_second", [30, 1000])
async def test_tokens_that_were_grabbed_ahead_grow_old(
    scripted: Scripted, per_second: int
) -> None:
    line = scripted(limits=Limits(4096, 1000, per_second, per_chat=100))
    await line.worker.flush([line.born("a")])
    assert line.worker._tokens["telegram"][1] == 4
    line.ticks.at += 2
    await line.worker.flush([line.born("b")])
    assert line.worker._tokens["telegram"][1] == 4


async def test_who_uses_all_that_was_grabbed_gets_a_little_more_the_next_time(
    scripted: Scripted,
) -> None:
    """What is grabbed and not used is lost to everybody: a fifth of 1,000 a second was."""
    line = scripted(limits=Limits(4096, 1000, 1000, per_chat=100))
    await line.worker.flush([line.born(f"p{n}") for n in range(6)])
    assert line.worker._tokens["telegram"][1] == 6
    line.ticks.at += 2
    await line.worker.flush([line.born("q")])
    assert line.worker._tokens["telegram"][1] == 4


async def test_one_chat_is_not_flooded(scripted: Scripted) -> None:
    one = Limits(text=4096, file_bytes=1000, per_second=1000, per_chat=0.001)
    line = scripted(limits=one)
    for _ in range(8):
        line.put("a")
    line.put("b")
    for _ in range(9):
        await line.run()
    to = [parcel.address for parcel in line.channel.sent]
    assert to.count("a") == 5
    assert to.count("b") == 1


async def test_a_channel_with_a_fault_is_left_alone_by_everybody(scripted: Scripted) -> None:
    """Probe P5: a proxy's 403 in HTML blames no row and marks nobody gone."""
    line = scripted(Later(30.0, counts=False, fault="http_403"))
    line.put("a")
    await line.run()
    (row,) = line.rows()
    assert (row["status"], row["claims"]) == ("pending", 0)
    line.put("b")
    line.city.clock.goes(minutes=1)
    await line.another().round()
    assert len(line.channel.sent) == 1
    assert await line.worker._room("telegram") is False
    mend(line)
    await line.run(4)
    assert line.statuses == ["sent", "sent"]


async def test_since_when_a_channel_is_away_is_known_until_it_answers(scripted: Scripted) -> None:
    fault = Later(30.0, counts=False, fault="smtp_connect")
    line = scripted(fault, fault)

    def away() -> set[str]:
        return {name for name in line.store.read(heartbeats.ages) if name.startswith("away.")}

    line.put("a")
    await line.run()
    began = line.store.read(lambda unit: unit.conn.execute(sa.select(models.heartbeats)).all())
    assert away() == {"away.telegram"}
    mend(line)
    line.city.clock.goes(minutes=1)
    await line.run()  # a second fault is the same one
    assert line.store.read(lambda u: u.conn.execute(sa.select(models.heartbeats)).all()) == began
    mend(line, fence=2)
    line.city.clock.goes(minutes=1)
    await line.another().round()  # whichever process hears the answer
    assert line.statuses == ["sent"]
    assert away() == set()


def mend(line: Line, fence: int = 1) -> None:
    """Let the time of the breaker be over."""
    line.store.transact(lambda unit: leases.give_back(unit, breaker("telegram"), fence), None)


async def test_after_a_fault_one_row_is_tried_before_the_crowd(scripted: Scripted) -> None:
    fault = Later(30.0, counts=False, fault="network")
    line = scripted(fault, fault)
    for n in range(2):
        line.put(f"p{n}")
    await line.worker.round()
    assert line.worker.ledger.faults["telegram"] == 2
    before = len(line.channel.sent)
    for n in range(3):
        line.put(f"q{n}")
    mend(line)
    line.city.clock.goes(minutes=1)
    await line.worker.round()
    assert len(line.channel.sent) == before + 1
    await line.run(2)
    assert line.worker.ledger.faults == {}


async def test_a_notice_waits_for_the_morning_and_an_answer_does_not(line: Line) -> None:
    line.city.clock.goes(hours=12)  # 22:12 in Seoul
    line.put("a", kind="notice")
    line.put("b", kind="answer")
    line.put("c", kind="receipt")
    await line.run()
    assert line.statuses == ["pending", "sent", "sent"]
    line.city.clock.goes(hours=10)
    await line.run()
    assert line.statuses == ["sent", "sent", "sent"]


async def test_what_is_not_true_any_more_is_not_sent(line: Line) -> None:
    from tests.fakes.city import Somebody  # noqa: PLC0415

    person: Somebody = line.city.person("web")
    person.report()
    person.press("안내를 보았고")
    line.put("a", filing_id=1, valid_rule="state:supplement")
    line.put("b", filing_id=1, valid_rule="open")
    await line.run()
    assert [row["status"] for row in line.rows() if row["valid_rule"]] == ["dropped", "sent"]


async def test_while_the_store_is_on_hold_nothing_leaves(line: Line) -> None:
    line.store.hold = "generation"
    line.put("a")
    await line.worker.flush([line.born("b")])
    await line.worker.settled()
    await line.run()
    assert line.channel.sent == []
    assert line.worker.tick() == 0
    line.store.hold = ""
    await line.run()
    assert len(line.channel.sent) == 2


async def test_rows_for_the_page_are_never_claimed(line: Line) -> None:
    line.put("a", channel="web")
    await line.run()
    assert line.channel.sent == []
    assert FAST.push


async def test_a_legal_notice_that_passes_an_earlier_one_says_so(scripted: Scripted) -> None:
    line = scripted(Later(7200.0))
    line.put("a", kind="answer")
    await line.run()
    line.city.clock.goes(minutes=11)
    line.put("a", kind="answer")
    await line.run()
    texts = line.city.texts
    said = [texts.render(p.reply.text, "ko", line.city.site.words()) for p in line.channel.sent]
    assert "앞선 메시지가" not in said[0]
    assert "앞선 메시지가" in said[1]
