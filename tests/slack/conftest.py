"""The fake Slack and our client to it."""

from collections.abc import AsyncIterator, Iterator, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.handlers.slack.client import Client
from tests.fakes.slack import FakeSlack, fake_slack


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What we logged, instead of a page on the terminal."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with fake_slack() as made:
        yield made


@pytest.fixture
async def client(fake: FakeSlack) -> AsyncIterator[Client]:
    made = Client(fake.token, fake.api_url)
    yield made
    await made.close()
