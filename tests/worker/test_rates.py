"""How fast, when, and when not at all."""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.bench import starving
from bot.channel import Delivery, Later, Limits, Parcel
from bot.worker import chats, shares, worker
from bot.worker.chats import Chats
from bot.worker.ledger import breaker
from storage import models
from storage.repositories import heartbeats, leases, rates
from storage.store import Store
from storage.unit import Unit
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
    line = scripted(Later(30.0, counts=False, fault="network"))
    for n in range(2):
        line.put(f"p{n}")
    await line.worker.round()
    assert line.worker.ledger.ill == {"telegram"}
    before = len(line.channel.sent)
    for n in range(3):
        line.put(f"q{n}")
    mend(line)
    line.city.clock.goes(minutes=1)
    await line.worker.round()
    assert len(line.channel.sent) == before + 1
    await line.run(2)
    assert line.worker.ledger.ill == set()


async def test_what_fails_at_one_moment_is_one_outage(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixteen in flight were sixteen faults, and a hiccup silenced the channel for minutes."""
    line = scripted()
    told: list[str] = []
    monkeypatch.setattr(line.worker.ledger, "fault", lambda channel, _code: told.append(channel))
    everybody = asyncio.Barrier(6)

    async def fails(_parcel: Parcel) -> Delivery:
        await everybody.wait()
        return Later(30.0, counts=False, fault="network")

    line.channel.deliver = fails  # type: ignore[assignment,method-assign]
    for n in range(3):
        line.put(f"p{n}")
    flushed = [line.worker.flush([line.born(f"q{n}")]) for n in range(3)]
    await asyncio.gather(line.worker.round(), *flushed)
    assert told == ["telegram"]
    assert line.statuses == ["pending"] * 6
    assert all(row["claims"] == 0 for row in line.rows())


async def test_what_had_not_begun_when_a_channel_failed_is_given_back(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "AT_ONCE", 1)
    line = scripted(Later(30.0, counts=False, fault="network"))
    for n in range(5):
        line.put(f"p{n}")
    await line.worker.round()
    assert len(line.channel.sent) == 1
    assert line.statuses == ["pending"] * 5


async def test_another_process_tries_a_channel_that_was_away_with_one_message(
    scripted: Scripted,
) -> None:
    line = scripted(Later(30.0, counts=False, fault="network"))
    for n in range(4):
        line.put(f"p{n}")
    await line.worker.round()
    mend(line)
    line.city.clock.goes(minutes=1)
    other, before = line.another(), len(line.channel.sent)
    await other.flush([line.born("q")])
    assert len(line.channel.sent) == before
    await other.round()
    assert len(line.channel.sent) == before + 1
    await other.round()
    assert line.statuses == ["sent"] * 5


async def test_a_fast_typist_is_not_flooded_by_the_answers(scripted: Scripted) -> None:
    one = Limits(text=4096, file_bytes=1000, per_second=1000, per_chat=0.001)
    line = scripted(limits=one)
    while "pending" not in line.statuses:
        await line.worker.flush([line.born("a")])
        await line.worker.settled()
    assert len(line.channel.sent) == chats.FREE + chats.ANSWERS
    await line.worker.flush([line.born("b")])
    assert line.channel.sent[-1].address == "b"


def test_who_heard_nothing_for_a_while_is_written_to_without_asking() -> None:
    now = 0.0
    known = Chats(lambda: now)
    assert [known.free("telegram", 1, 1.0) for _ in range(3)] == [True, True, False]
    assert known.free("telegram", 2, 1.0)
    now += chats.BURST
    assert known.free("telegram", 1, 1.0)


def test_of_chats_the_last_few_thousand_are_remembered() -> None:
    known = Chats(lambda: 0.0)
    for n in range(chats.MANY + 5):
        known.free("telegram", n, 1.0)
    assert len(known._heard) == chats.MANY


SIZE = starving.Size(accounts=500, talk=50.0, receipts=20, notices=20, readers=100, seconds=12.0)


async def test_no_flood_of_talk_starves_receipts_notices_or_news(tmp_path: Path) -> None:
    """Receipts and notices that waited for a turn of the rate got none as long as people talked."""
    town = starving.town(tmp_path, SIZE)
    try:
        found = await starving.starve(town, SIZE)
    finally:
        town.app.close()
    assert found["within"], found


async def test_no_flood_of_notices_starves_the_answers(tmp_path: Path) -> None:
    size = replace(SIZE, notices=500, talk=30.0, receipts=0, seconds=8.0)
    town = starving.town(tmp_path, size)
    try:
        found = await starving.starve(town, size)
    finally:
        town.app.close()
    assert found["answers"] >= 0.25 * found["sent"], found
    assert found["kept"]["rate"], found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_where_turns_are_few_they_are_dealt_out_by_the_shares(line: Line) -> None:
    dealer, got = shares.Dealer(), Counter[int]()
    wanted = dict.fromkeys(shares.PARTS, 100)

    def work(unit: Unit) -> None:
        for _ in range(100):
            mine, _wait = dealer.some(unit, "slack", 4.0, wanted)
            got.update(mine)
            rates.push(unit, "slack", every=0.25, count=-sum(mine.values()))

    line.store.transact(work, None)
    whole = sum(got.values())
    assert {rank: round(got[rank] / whole, 2) for rank in shares.PARTS} == dict(shares.PARTS)


@pytest.mark.parametrize("per_second", [0.001, 4, 9, 10, 30, 1000])
def test_all_parts_together_hold_one_burst(per_second: float) -> None:
    parts = sum(shares.own(per_second, rank) for rank in shares.PARTS)
    assert shares.for_all(per_second) >= 1
    assert parts + shares.for_all(per_second) == shares.burst(per_second)


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


def test_who_takes_of_several_parts_at_once_never_waits_in_a_circle(store: Store) -> None:
    """One took of a rank's part and then of the whole, another the other way round."""
    wants = ({1: 1, 5: 1, 0: 1}, {0: 1}, {1: 1, 0: 1}, {0: 2})

    def take(wanted: dict[int, int]) -> None:
        dealer = shares.Dealer()
        for _ in range(60):
            store.transact(lambda unit: dealer.some(unit, "telegram", 1e6, wanted), None, tries=1)

    with ThreadPoolExecutor(len(wants)) as pool:
        list(pool.map(take, wants))
