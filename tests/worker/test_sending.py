"""One row on its way: lease, time-out, second tries, new addresses."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.channel import Later, Moved, Never, Parcel, Unknown
from bot.dialogs.replies import Phrase, Picture
from bot.worker import sending
from storage.repositories.outbox import LEASE
from tests.fakes.channel import FakeChannel, Hang
from tests.worker.conftest import FAST, HELLO, Line

Scripted = Callable[..., Line]


async def test_a_row_that_was_born_leased_is_sent_at_once(line: Line) -> None:
    await line.worker.flush([line.born()])
    await line.worker.settled()
    (row,) = line.rows()
    assert row["status"] == "sent"
    assert row["payload"] is None
    assert row["message_id"] == "1"
    assert line.channel.sent[0].address == "a"
    assert not line.channel.sent[0].again


async def test_a_row_that_nobody_sent_is_claimed_and_sent(line: Line) -> None:
    line.put()
    await line.run()
    assert line.statuses == ["sent"]


async def test_a_message_is_deleted_by_a_row_of_its_own(line: Line) -> None:
    line.put(kind="delete", payload=b"55")
    await line.run()
    assert [parcel.delete for parcel in line.channel.sent] == ["55"]


async def test_rows_of_one_person_leave_in_their_order(line: Line) -> None:
    for kind in ("answer", "receipt", "answer"):
        line.put(kind=kind, rank=0)
    await line.run(3)
    assert line.statuses == ["sent"] * 3


async def test_a_lease_that_is_old_is_renewed_before_the_send(line: Line) -> None:
    row = line.born()
    line.ticks.at += 11
    flushing = line.worker.flush([row])
    await flushing
    await line.worker.settled()
    assert line.statuses == ["sent"]


async def test_a_lease_that_went_to_somebody_else_is_not_sent_under(line: Line) -> None:
    """Probe P3: slow sends and a lease shorter than the batch doubled every row."""
    rows = [line.born(f"p{n}") for n in range(5)]
    line.leases_end()
    other = line.another()
    await other.round()
    real = line.channel.deliver

    async def slow(parcel: Parcel) -> object:
        line.ticks.at += 40
        return await real(parcel)

    line.channel.deliver = slow  # type: ignore[assignment,method-assign]
    line.ticks.at += 11
    await line.worker.flush(rows)
    await line.worker.settled()
    addresses = [parcel.address for parcel in line.channel.sent]
    assert sorted(addresses) == [f"p{n}" for n in range(5)]
    assert line.statuses == ["sent"] * 5


async def test_a_vendor_that_never_answers_is_given_up_after_the_hard_limit(
    scripted: Scripted,
) -> None:
    line = scripted(Hang(), limits=replace(FAST, seconds=0.01))
    line.put()
    await line.run()
    (row,) = line.rows()
    assert (row["status"], row["problem"]) == ("pending", "again")


def test_every_limit_fits_into_the_lease() -> None:
    assert sending.FRESH + sending.LONGEST < LEASE
    slow = FakeChannel(limits=replace(FAST, seconds=3600.0))
    words = sending.Row(1, b"", 0, "telegram", 1, "a", "ko", HELLO, 0.0)
    assert words.timeout(FakeChannel()) == 15.0
    assert words.timeout(slow) == sending.LONGEST
    assert replace(words, reply=Picture("m", Phrase("x"))).timeout(slow) == sending.LONGEST


async def test_without_a_verdict_it_goes_again_after_five_minutes_and_says_so(
    scripted: Scripted,
) -> None:
    line = scripted(Unknown())
    line.put()
    await line.run(2)
    assert len(line.channel.sent) == 1
    line.city.clock.goes(minutes=5)
    await line.run()
    assert [parcel.again for parcel in line.channel.sent] == [False, True]
    assert line.statuses == ["sent"]


async def test_a_broadcast_without_a_verdict_is_counted_and_not_sent_again(
    scripted: Scripted,
) -> None:
    line = scripted(Unknown())
    line.put(rank=9)
    await line.run()
    line.city.clock.goes(hours=1)
    await line.run()
    assert len(line.channel.sent) == 1
    assert line.statuses == ["unknown"]


async def test_what_may_have_arrived_stays_marked_while_the_vendor_is_away(
    scripted: Scripted,
) -> None:
    line = scripted(Unknown(), Later(1.0, counts=False))
    line.put()
    for _ in range(3):
        await line.run()
        line.city.clock.goes(minutes=6)
    assert [parcel.again for parcel in line.channel.sent] == [False, True, True]


async def test_a_row_whose_sender_died_is_sent_again_and_says_so(line: Line) -> None:
    line.put(lease=90.0)
    await line.run()
    assert line.channel.sent == []
    line.leases_end()
    await line.run()
    assert [parcel.again for parcel in line.channel.sent] == [True]


async def test_a_refused_layout_goes_once_more_as_plain_words(scripted: Scripted) -> None:
    line = scripted(Never("bad_request"))
    line.put()
    await line.run()
    assert [parcel.plain for parcel in line.channel.sent] == [False, True]
    assert line.statuses == ["sent"]


async def test_plain_words_that_are_refused_too_are_dead(scripted: Scripted) -> None:
    line = scripted(Never("bad_request"), Never("bad_request"))
    line.put()
    await line.run()
    assert line.statuses == ["dead"]


@pytest.mark.parametrize("draft", [{"rank": 9}, {"kind": "delete", "payload": b"7"}])
async def test_neither_a_broadcast_nor_a_deletion_is_tried_as_plain_words(
    scripted: Scripted, draft: dict[str, object]
) -> None:
    line = scripted(Never("bad_request"))
    line.put(**draft)
    await line.run()
    assert len(line.channel.sent) == 1
    assert line.statuses == ["dead"]


async def test_a_chat_that_moved_is_written_to_at_its_new_address(scripted: Scripted) -> None:
    line = scripted(Moved("new"))
    line.put("old")
    await line.run()
    assert [parcel.address for parcel in line.channel.sent] == ["old", "new"]
    line.put("new")
    await line.run()
    rows = line.rows()
    assert [row["status"] for row in rows] == ["sent", "sent"]
    assert rows[0]["peer_id"] == rows[1]["peer_id"]


async def test_a_chat_that_moved_is_left_to_whoever_has_the_lease_by_then(
    scripted: Scripted,
) -> None:
    line = scripted(Moved("new"))
    born = line.born("old")
    real = line.channel.deliver

    async def slow(parcel: Parcel) -> object:
        line.leases_end()
        return await real(parcel)

    line.channel.deliver = slow  # type: ignore[assignment,method-assign]
    await line.worker.flush([born])
    await line.worker.settled()
    assert [parcel.address for parcel in line.channel.sent] == ["old"]
    assert line.statuses == ["sending"]


async def test_a_chat_that_moves_twice_in_one_send_is_given_up(scripted: Scripted) -> None:
    line = scripted(Moved("new"), Moved("newer"))
    line.put()
    await line.run()
    (row,) = line.rows()
    assert (row["status"], row["problem"]) == ("dead", "moved_twice")


async def test_a_person_who_blocked_the_bot_is_gone_and_nobody_else(scripted: Scripted) -> None:
    line = scripted(Never("gone", peer_gone=True))
    line.put("a")
    line.put("a", rank=9)
    line.put("b", due_at=line.city.clock().replace(second=30))
    await line.run()
    line.city.clock.goes(minutes=1)
    await line.run()
    by_peer = {(row["peer_id"], row["rank"]): row["status"] for row in line.rows()}
    assert by_peer == {(1, 1): "dead", (1, 9): "dropped", (2, 1): "sent"}


async def test_a_bug_of_ours_is_that_rows_trouble_only(scripted: Scripted) -> None:
    line = scripted(ZeroDivisionError())
    line.put("a")
    line.put("b", due_at=line.city.clock())
    await line.run()
    assert sorted(line.statuses) == ["pending", "sent"]
    (row,) = [row for row in line.rows() if row["status"] == "pending"]
    assert row["problem"] == "render"


async def test_a_row_that_cannot_be_read_is_tried_and_then_put_aside(line: Line) -> None:
    line.put("a", payload=b"{}")
    line.put("b")
    for _ in range(8):
        await line.run()
        line.city.clock.goes(minutes=2)
    assert sorted(line.statuses) == ["quarantined", "sent"]


async def test_a_row_that_kills_its_sender_is_put_aside(line: Line) -> None:
    line.put("a")
    for _ in range(7):
        line.worker.ledger.claim()
        line.leases_end()
    assert line.statuses == ["quarantined"]


async def test_flushing_never_raises(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> int:
        raise ConnectionError

    monkeypatch.setattr(line.worker.ledger, "room", away)
    await line.worker.flush([line.born()])
    assert line.statuses == ["sending"]


async def test_a_row_of_a_channel_that_is_not_here_is_given_back(line: Line) -> None:
    row = line.born()
    other = line.another()
    other._channels = {}
    await other.flush([row])
    await other.settled()
    (given,) = line.rows()
    assert (given["status"], given["claims"]) == ("pending", 0)


async def test_two_workers_send_each_row_once(line: Line) -> None:
    for n in range(20):
        line.put(f"p{n}")
    other = line.another()
    await asyncio.gather(*(w.round() for w in (line.worker, other) for _ in range(3)))
    addresses = [parcel.address for parcel in line.channel.sent]
    assert len(addresses) == len(set(addresses)) == 20
