"""The fake vendor and our channel to it."""

from collections.abc import AsyncIterator, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from telegram import Bot

from bot.handlers.telegram import TelegramChannel, make_bot, make_fetcher
from bot.handlers.telegram_request import AioRequest
from tests import shipped
from tests.fakes.telegram import FakeTelegram, fake_telegram


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What we logged, instead of a page on the terminal."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with fake_telegram() as made:
        yield made


@pytest.fixture
async def bot(fake: FakeTelegram) -> AsyncIterator[Bot]:
    made = make_bot(fake.token, fake.url)
    yield made
    for request in made._request:
        await request.shutdown()


@pytest.fixture
def channel(bot: Bot, fake: FakeTelegram, tmp_path: Path) -> TelegramChannel:
    return TelegramChannel(
        bot,
        shipped.texts(),
        {"call": "02-120"},
        fetcher=make_fetcher(fake.url),
        picture={"blob1": b"\x89PNG picture"}.__getitem__,
        files=tmp_path,
    )


@pytest.fixture
async def hasty(fake: FakeTelegram) -> AsyncIterator[TelegramChannel]:
    """A channel that waits a tenth of a second for its answers."""
    request = AioRequest(connect=0.5, answer=0.1)
    bot = Bot(fake.token, f"{fake.url}/bot", f"{fake.url}/file/bot", request, request)
    yield TelegramChannel(bot, shipped.texts(), {}, fetcher=make_fetcher(fake.url))
    await request.shutdown()
