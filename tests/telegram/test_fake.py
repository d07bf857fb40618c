"""The fake vendor is as strict about pictures as the real one."""

from collections.abc import Sequence
from typing import Any

import pytest
from telegram import Bot, InputMediaPhoto
from telegram.error import BadRequest

from tests.fakes.telegram import FakeTelegram

PNG = b"\x89PNG"


@pytest.fixture(autouse=True)
def somebody(fake: FakeTelegram) -> None:
    fake.flood.burst, fake.flood.clock = 20, 1000.0
    fake.person().says("/start")


@pytest.mark.parametrize(
    ("photo", "caption", "said"),
    [
        (PNG + bytes(10 * 2**20), "", "too big"),
        (b"%PDF", "", "IMAGE_PROCESS_FAILED"),
        ("id999", "", "wrong file identifier"),
        (PNG, "가" * 1025, "caption is too long"),
    ],
)
async def test_a_photo_that_is_none_is_refused(
    bot: Bot, photo: Any, caption: str, said: str
) -> None:
    with pytest.raises(BadRequest, match=f"(?i){said}"):
        await bot.send_photo(5001, photo, caption=caption)


@pytest.mark.parametrize(
    ("media", "said"),
    [
        ([InputMediaPhoto(PNG)], "2 to 10"),
        ([InputMediaPhoto(PNG)] * 11, "2 to 10"),
        ([InputMediaPhoto(PNG), InputMediaPhoto("id999")], "wrong file identifier"),
    ],
)
async def test_an_album_has_two_to_ten_photos(
    bot: Bot, media: Sequence[InputMediaPhoto], said: str
) -> None:
    with pytest.raises(BadRequest, match=f"(?i){said}"):
        await bot.send_media_group(5001, media)


async def test_an_album_gives_the_ids_of_its_photos_in_all_sizes(bot: Bot) -> None:
    first, second = await bot.send_media_group(5001, [InputMediaPhoto(PNG), InputMediaPhoto(PNG)])
    assert first.photo[-1].file_id != second.photo[-1].file_id
    assert [size.width for size in first.photo] == [90, 320, 1080]
    await bot.send_photo(5001, first.photo[-1].file_id)
