"""A procedure that nobody's code knows, on every rendering: one form, one file, its words."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.conversations.world import (
    NUMBER,
    Client,
    Heard,
    TelegramClient,
    WebClient,
    World,
    world,
)
from tests.desk.conftest import Seat, make
from tests.procedures import own
from tests.services.conftest import Office

IDEA = "현장 확인을 두 부서가 따로 하지 말고 한 번에 하면 좋겠어요."
PERSON = {"name": "홍길동", "phone": "010-1234-5678"}
ALIEN = re.compile(r"신고|\{|소극행정")
"""What nobody reads who has filed no report: the name of another procedure, a hole."""


@asynccontextmanager
async def opened(tmp_path: Path) -> AsyncIterator[World]:
    site = own.lay(tmp_path)
    async with world(tmp_path, more={"JEOKGEUK_OVERLAY": str(site)}) as made:
        yield made


def text(heard: list[Heard]) -> str:
    return "\n".join(one.text for one in heard)


async def files(client: Client, *, pages: bool) -> tuple[str, str]:
    """Write a whole proposal from the first screen; gives its number and all that was said."""
    said = []

    async def step(what: Awaitable[list[Heard]]) -> list[Heard]:
        heard = await what
        said.append(text(heard))
        return heard

    heard = await client.say("/start")
    if isinstance(client, TelegramClient):
        heard = await client.press("텔레그램에서 쓰기", heard)
        heard = await client.press("만 14세 이상이고", heard)
    heard = await step(client.press("더 나은 방법을", heard))
    heard = await step(client.say(IDEA))
    heard = await step(client.press("다 썼어요", heard))
    heard = await step(client.press("인허가", heard))
    heard = await step(client.press("건너뛰기", heard))
    if pages:
        heard = await step(client.page(PERSON, heard))
    else:
        if isinstance(client, TelegramClient):
            heard = await step(client.press("여기서 적기", heard))
        heard = await step(client.say(PERSON["name"]))
        heard = await step(client.say(PERSON["phone"]))
    assert "이렇게 제안할까요?" in text(heard)
    heard = await step(client.press("제안하기", heard))
    found = NUMBER.search(text(heard))
    assert found is not None, text(heard)
    return found[0], "\n".join(said)


def decided(seat: Callable[[str], Seat], number: str, verdict: str) -> None:
    """Take a proposal to its end at the desk."""
    han, seo = seat("han"), seat("seo")
    page = han.open(number)
    for words in ("적극행정 제안", IDEA, "인허가", "분야"):
        assert words in page.text
    assert "미분류" not in page.text
    assert han.move(number, "assign", handler="서도현").status_code == 303
    seo.open(number)
    done = seo.move(number, "decide", verdict=verdict, reason="두 부서가 함께 나가기로 했습니다.")
    assert done.status_code == 303


def at_desk(made: World) -> tuple[Office, Callable[[str], Seat]]:
    app = made.app
    office = Office(app.store, made.clock, app.svc, app.svc.texts, dict(made.people))
    desk = make(office, book=app.book)
    return office, desk.seat


CLIENTS: dict[str, tuple[Callable[[World], Client], bool]] = {
    "telegram": (TelegramClient, False),
    "web": (partial(WebClient, pages=True), True),
    "api": (partial(WebClient, pages=False), False),
}


@pytest.mark.parametrize("rendering", CLIENTS)
async def test_it_lives_from_the_first_screen_to_the_decision(
    tmp_path: Path, rendering: str
) -> None:
    client, pages = CLIENTS[rendering]
    async with opened(tmp_path) as made:
        await _life(made, client(made), pages=pages)


async def _life(made: World, client: Client, *, pages: bool) -> None:
    number, said = await files(client, pages=pages)
    assert not ALIEN.search(said), said
    heard = await client.say("/my")
    assert not ALIEN.search(text(heard)), text(heard)
    _, seat = at_desk(made)
    decided(seat, number, "adopted")
    await made.deliver()
    news = text(await client.news())
    assert "제안을 받아들이기로 했어요." in news
    assert "두 부서가 함께" in news
    assert not ALIEN.search(news), news
    heard = await client.say("/my")
    assert "제안을 받아들였어요." in text(heard)
    assert not ALIEN.search(text(heard)), text(heard)
