"""The process as it is started: settings in, a report on Telegram out, by both roads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.app import App, build
from bot.settings import read_settings
from storage.crypto import new_key_text
from tests import shipped
from tests.fakes.telegram import FakeTelegram
from tests.telegram.roads import served

SECRET = "s3cret-S3CRET_0123456789-abcdefgh"


def app_for(fake: FakeTelegram, folder: Path, mode: str) -> App:
    settings = read_settings(
        {
            "JEOKGEUK_KIND": "rehearsal",
            "JEOKGEUK_DATA": str(folder),
            "JEOKGEUK_SITE": "bot/rehearsal/site.toml",
            "JEOKGEUK_PUBLIC_URL": "http://127.0.0.1:8080",
            "JEOKGEUK_KEYS": new_key_text(),
            "TELEGRAM_TOKEN": fake.token,
            "TELEGRAM_API_URL": fake.url,
            "TELEGRAM_MODE": mode,
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
        }
    )
    shipped.new_file(folder)
    return build(settings, synchronous="NORMAL", least=0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shipped.new_file(tmp_path)
    return tmp_path


@asynccontextmanager
async def alive(app: App) -> AsyncIterator[str]:
    """Run the application with its lifespan, as `serve` does."""
    async with served(app.asgi({"public", "hooks"}), lifespan="on") as url:
        yield url
    app.close()


@pytest.mark.parametrize("mode", ["webhook", "poll"])
async def test_a_started_process_hears_and_answers(
    fake: FakeTelegram, folder: Path, mode: str
) -> None:
    person = fake.person()
    async with alive(app_for(fake, folder, mode)) as url:
        await fake.until(lambda: "" in fake.commands)
        if mode == "webhook":
            assert fake.webhook["url"] == "http://127.0.0.1:8080/telegram/webhook"
            fake.webhook["url"] = f"{url}/telegram/webhook"
        person.says("/start")
        if mode == "webhook":
            await fake.push()
        await fake.until(lambda: len(person.heard) == 1)
        assert person.last.labels[1] == "텔레그램에서 쓰기"
        person.presses("텔레그램에서 쓰기")
        if mode == "webhook":
            await fake.push()
        await fake.until(lambda: len(person.heard) == 2)
        assert "외국 서버 보관 동의" in person.last.text
