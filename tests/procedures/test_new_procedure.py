"""A procedure that nobody's code knows, on every rendering: one form, one file, its words."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bot import app
from bot.services import base
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
from tests.desk.forms import Page
from tests.fakes.slack import fake_slack
from tests.office.conftest import ACCOUNT, ROOM
from tests.procedures import own
from tests.services.conftest import Office
from tests.slack.town import by_requests, founded

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


async def proposes(made: World) -> str:
    """Let somebody propose something on the agency's page; gives its number."""
    number, _ = await files(WebClient(made, pages=True), pages=True)
    return number


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


async def test_the_desk_writes_finds_lists_and_counts_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as made:
        number = await proposes(made)
        _, seat = at_desk(made)
        han, yoon = seat("han"), seat("yoon")
        here = han.get("/filings?show=all&procedure=suggestion").text
        assert number in here
        assert "접수" in here
        assert number not in han.get("/filings?show=all&procedure=passive_report").text
        written = _written(han)
        assert NUMBER.search(written) is not None, written
        han.open(number)
        found = Page(han.send("/search", han.get("/search").form("/search"), words=IDEA[:12]).text)
        assert number in found.text
        counted = yoon.get("/statistics?procedure=suggestion")
        assert "적극행정 제안" in counted.text


def _written(seat: Seat) -> str:
    """Write a proposal down for somebody who came, by the whole form on one page."""
    path = "/write?procedure=suggestion"
    page = seat.get(path)
    for words in ("어떻게 바꾸면 좋을까요?", "적극행정 제안", "인허가"):
        assert words in page.text
    answer = seat.send(path, page.form(), **{
        "road": "counter", "signed": "box", "read.intro": "yes", "idea": IDEA,
        "area": "welfare", **PERSON,
    })  # fmt: skip
    assert answer.status_code == 200, Page(answer.text).text[:600]
    return Page(answer.text).text


async def test_a_page_without_a_script_offers_and_files_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as made:
        page = (await made.http.get("/plain")).text
        assert "더 나은 방법을 제안해요" in page
        assert 'value="suggestion"' in page


async def test_officials_work_on_it_in_slack(tmp_path: Path) -> None:
    async with opened(tmp_path) as made, fake_slack() as fake:
        number = await proposes(made)
        office, _ = at_desk(made)
        there = base.Office("slack", ACCOUNT, ROOM, "full")
        office.svc = replace(office.svc, office=there)
        async with by_requests(founded(office, fake)) as town:
            han = town.person("han")
            await han.commands("/civic", number)
            for words in (number, "적극행정 제안", "접수"):
                assert words in han.last.words
            await han.presses("담당 정하기")
            found = await han.searches("담당", "서도")
            await han.types("담당", found[0])
            await han.submits()
            await town.settled()
            assert office.filing(number).assignee_id == office.people["seo"].user_id
            await han.commands("/civic", number)
            assert "살핌" in han.last.words
            assert han.troubles == []


async def test_of_two_who_decide_at_once_one_wins_and_the_other_sees_what_changed(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as made:
        number = await proposes(made)
        office, seat = at_desk(made)
        office.act("han", number, "assign", handler="seo")
        first, second = seat("seo"), seat("seo")
        path = f"/filings/{number}/moves/decide"
        first.open(number)
        forms = [one.get(path).form() for one in (first, second)]
        looked = [
            Page(one.send(path, form, "look", verdict=verdict, reason="살펴보았습니다.").text)
            for one, form, verdict in zip(
                (first, second), forms, ("adopted", "declined"), strict=True
            )
        ]
        assert first.send(path, looked[0].form(), "send").status_code == 303
        late = second.send(path, looked[1].form(), "send")
        assert late.status_code == 409
        assert office.filing(number).state == "adopted"
        assert "마지막 처리: 제안 결정(서도현). 지금 상태: 받아들임." in Page(late.text).text
        never = second.post(
            f"/filings/{number}/moves/assign", {**forms[1].fields, "version": ["9"]}
        )
        assert "지금 상태: 받아들임" in Page(never.text).text


async def test_what_was_filed_keeps_its_version_when_a_new_one_is_laid_beside_it(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as made:
        number = await proposes(made)
        office, _ = at_desk(made)
        before = office.filing(number)
        folder = tmp_path / "site"
        file = folder / "procedures" / "suggestion.toml"
        (folder / "procedures" / "suggestion@1.toml").write_text(
            file.read_text(encoding="utf-8"), encoding="utf-8"
        )
        own.change(folder, "version = 1", "version = 2")
        own.change(folder, "amount = 30", "amount = 3")
        own.change(folder, 'by = ["auditor"]\nfields', 'by = ["audit_head"]\nfields')
        app._words.cache_clear()
        texts, book = app._words(folder)
        office.svc = replace(office.svc, texts=texts, catalogue=book, procedures=book.procedures)
        assert book.procedures["suggestion"].version == 2
        office.act("han", number, "assign", handler="seo")
        assert "decide" in office.can("seo", number)
        assert office.filing(number).due_at == before.due_at
        office.act("seo", number, "decide", verdict="declined", reason="지금은 어렵습니다.")
        assert office.filing(number).state == "declined"
        assert office.filing(number).procedure_version == 1
