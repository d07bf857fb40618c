"""What goes wrong between a citizen and us, end to end: nothing doubled, lost or leaked."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from storage.models import filings, outbox, peers
from storage.store import Store
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_rules import Bad, Drop, Hang, Page
from tests.telegram.life import Life, living


@pytest.fixture
async def life(fake: FakeTelegram, store: Store, tmp_path: Path) -> AsyncIterator[Life]:
    async with living(fake, store, tmp_path) as made:
        yield made


def rows(life: Life, table: sa.Table) -> list[Any]:
    return life.store.read(lambda unit: list(unit.conn.execute(sa.select(table))))


def texts(life: Life) -> list[str]:
    return [shown.text for shown in life.person.heard]


async def test_a_forged_press_changes_nothing_and_is_answered_kindly(life: Life) -> None:
    await life.tells()
    shown = life.person.last
    for data in ("d:1:0", "d:999999999:0", "d:0:0", "nonsense", "d:11:999"):
        life.person.forges(shown.id, data)
        await life.settle()
        assert life.heard, data
        assert "이름을 밝히고 답변을 받으시겠어요?" in life.text, data
    live = next(key["callback_data"] for row in life.person.last.keys for key in row)
    turn = re.match(r"d:(\d+):", live)
    assert turn
    life.person.forges(shown.id, f"d:{turn[1]}:99")
    await life.settle()
    assert "이름을 밝히고 답변을 받으시겠어요?" in life.text
    assert rows(life, filings) == []


async def test_another_persons_number_opens_nothing(life: Life) -> None:
    await life.tells()
    await life.names()
    await life.presses("안내를 보았고 이대로 내기")
    number = rows(life, filings)[0].number
    thief = life.fake.person(6001)
    owner, life.person = life.person, thief
    await life.agrees()
    for command in (
        f"status:{number}", f"derivation:{number}", f"paper:{number}", f"new_code:{number}",
        f"remedy:{number}", f"move:withdraw {number}", f"move:withdraw {number} sure=yes",
    ):  # fmt: skip
        thief.forges(1, f"c:{command}")
        await life.settle()
        assert life.heard, command
        assert "길이 파여서" not in life.text
        assert "접수했어요" not in life.text
        assert "거두셨어요" not in life.text
    await life.says(f"/my {number}")
    assert "길이 파여서" not in life.text
    assert rows(life, filings)[0].state == "received"
    assert owner.last.text != thief.last.text


async def test_a_replayed_update_is_answered_once_and_files_once(life: Life) -> None:
    await life.tells()
    await life.names()
    shown, key = life.person.button("안내를 보았고 이대로 내기")
    update = life.person.forges(shown.id, key["callback_data"])
    await life.settle()
    said = len(life.person.heard)
    for _ in range(3):
        life.fake.again(update)
        await life.settle()
    assert len(rows(life, filings)) == 1
    assert len(life.person.heard) == said
    assert all(status == 200 for _, status in life.fake.attempts)


async def test_two_presses_at_once_file_once(life: Life) -> None:
    await life.tells()
    await life.names()
    shown, key = life.person.button("안내를 보았고 이대로 내기")
    updates = [life.person.forges(shown.id, key["callback_data"]) for _ in range(4)]
    for queue in life.fake._queues.values():
        queue.clear()
    async with aiohttp.ClientSession() as session:
        done = await asyncio.gather(*(life.fake.post(session, update) for update in updates))
    assert {status for _, status in life.fake.attempts} <= {200, 503}
    for update, taken in zip(updates, done, strict=True):
        if not taken:  # too many at once for one peer: the vendor sends it again
            life.fake.again(update)
    await life.settle()
    assert len(rows(life, filings)) == 1
    assert sum("신고를 접수했어요." in text for text in texts(life)) == 1


async def test_a_message_and_a_press_at_once_are_both_answered(life: Life) -> None:
    await life.tells()
    shown, key = life.person.button("이름을 밝히고 답 받기")
    life.person.says("이름을 밝히고 답 받기")
    life.person.forges(shown.id, key["callback_data"])
    await life.settle()
    assert all(status == 200 for _, status in life.fake.attempts)
    assert life.heard


async def test_a_flood_limit_delays_and_neither_doubles_nor_loses(life: Life) -> None:
    await life.agrees()
    life.fake.fail("sendMessage", *[Bad(429, "x", retry_after=1)] * 3)
    await life.says("/report")
    assert life.heard == []
    for _ in range(5):
        await life.later(seconds=5)
    asked = [text for text in texts(life) if "같은 일로 전에 알리신 적이" in text]
    assert len(asked) == 1
    assert sum("소극행정 신고라고 해요" in text for text in texts(life)) == 1


async def test_a_page_of_a_proxy_marks_nobody_gone_and_the_words_come_later(life: Life) -> None:
    await life.agrees()
    life.fake.fail("sendMessage", Page(403), Page(404))
    await life.says("/report")
    (peer,) = rows(life, peers)
    assert peer.state == "open"
    assert {row.status for row in rows(life, outbox)} <= {"sent", "pending"}
    for _ in range(6):
        life.mends()
        await life.later(minutes=5)
    assert sum("같은 일로 전에 알리신 적이" in text for text in texts(life)) == 1
    assert {row.status for row in rows(life, outbox)} == {"sent"}


async def test_a_dropped_connection_sends_again_after_a_while_and_says_so(life: Life) -> None:
    await life.agrees()
    life.fake.fail("sendMessage", Drop(accepted=True))
    await life.says("/stop")
    assert len(life.heard) == 1  # accepted; we do not know
    await life.later(minutes=1)
    assert life.heard == []
    await life.later(minutes=5)
    assert life.text.startswith("(다시 보냄)")
    await life.later(minutes=30)
    assert life.heard == []


async def test_a_slow_vendor_is_not_asked_twice_at_once(
    fake: FakeTelegram, store: Store, tmp_path: Path
) -> None:
    async with living(fake, store, tmp_path, answer=0.2) as life:
        await life.agrees()
        fake.fail("sendMessage", Hang())
        await life.says("/stop")
        assert len(life.heard) == 1
        await life.later(minutes=1)
        assert life.heard == []
        await life.later(minutes=5)
        assert life.text.startswith("(다시 보냄)")


async def test_who_blocks_us_is_not_written_to_and_who_comes_back_is_heard(life: Life) -> None:
    await life.agrees()
    life.person.blocks()
    await life.settle()
    (peer,) = rows(life, peers)
    assert peer.state != "open"
    life.person.unblocks()
    await life.says("/report")
    assert "같은 일로 전에 알리신 적이" in life.text
    (peer,) = rows(life, peers)
    assert peer.state == "open"


async def test_every_update_is_told_from_the_next_by_its_number_not_by_its_words(
    life: Life,
) -> None:
    await life.says("/start")
    await life.says("/start")
    assert sum("외국 회사의 서비스" in text for text in texts(life)) == 2
