"""An official's day through an emulator that others wrote: our idea of Slack, checked."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from bot.channel import Delivered, Parcel
from bot.dialogs.replies import Picture
from bot.services import linking
from storage.repositories import heartbeats
from tests.office.conftest import (
    ACCOUNT,
    address,
    build,
    catalog,
    clock,
    guarded,
    site,
    texts,
    with_messenger,
)
from tests.office.test_cards import BUILD
from tests.services.conftest import WHAT, Office, answers
from tests.slack.emulator import PICTURE, Json, LocalSlack, There, emulator, there

__all__ = ["build", "catalog", "clock", "site", "texts"]
pytestmark = pytest.mark.emulator


@pytest.fixture(scope="module")
def slack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSlack]:
    with emulator(tmp_path_factory.mktemp("local-slack")) as made:
        yield made


@pytest.fixture
def office(build: Callable[..., Office]) -> Office:
    return with_messenger(build(receive="person"))


def said(message: Json) -> str:
    return str(message.get("blocks") or message["text"])


def fields(view: Json) -> list[str]:
    return [block["block_id"] for block in view["blocks"] if block["type"] == "input"]


def chosen(value: str, kind: str = "radio_buttons") -> Json:
    return {"type": kind, "selected_option": {"value": value}}


def day(value: str) -> Json:
    return {"type": "datepicker", "selected_date": value}


async def links(at: There, login: str) -> None:
    svc, who = at.office.svc, at.office.people[login]
    code = at.office.do(lambda u: linking.offer(svc, u, who))
    await at.commands(login, "/civic", f"연결 {code}")
    assert at.office.see(lambda u: linking.user_of(svc, u, ACCOUNT, address(login)))
    assert who.name in said((await at.told(login))[-1])


async def puts_off(at: There, card: Json, number: str) -> None:
    """Put a filing off, at first to a day that has passed."""
    await at.presses("kim", "나중에 보기", card)
    assert number in str((await at.view())["blocks"])
    assert fields(await at.view()) == ["until"]
    if at.mode == "events":
        await at.changes("kim", until=chosen("day"))
        assert fields(await at.view()) == ["until", "day"]
    yesterday = (at.office.clock() - timedelta(days=1)).date().isoformat()
    wrong = await at.submits("kim", until=chosen("day"), day=day(yesterday))
    assert list(wrong) == (["day"] if at.mode == "events" else ["until"])
    assert await at.submits("kim", until=chosen("week")) == {}
    assert f"{number} 신고의 알림을" in str((await at.view())["blocks"])


async def assigns(at: There, card: Json, number: str) -> None:
    """Give a filing to somebody, at first to nobody."""
    await at.presses("kim", "담당 정하기", card)
    assert list(await at.submits("kim")) == ["handler"]
    park = at.office.people["park"].user_id
    assert await at.submits("kim", handler=chosen(str(park), "external_select")) == {}
    assert at.office.filing(number).assignee_id == park
    await at.settle()


async def shows_a_picture(at: There) -> None:
    """Send a picture and get the very same back from there."""
    sent = await at.channel.deliver(Parcel(at.room, Picture("blob1", "막대그래프"), "ko"))
    assert isinstance(sent, Delivered)
    shown = (await at.shown())[-1]
    assert shown["text"] == "막대그래프"
    (file,) = shown["files"]
    assert file["alt_txt"] == "막대그래프"
    assert await at.channel.fetch(file["url_private"], 1000) == PICTURE


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("mode", ["socket", "events"])
async def test_an_official_s_day_goes_through_somebody_elses_slack(
    slack: LocalSlack, office: Office, mode: str
) -> None:
    async with there(slack, mode, office) as at:
        await at.edge.looks.once()
        assert heartbeats.ROOM in office.see(heartbeats.ages)
        for login in ("kim", "park"):
            await links(at, login)

        number = office.file(answers(unit=BUILD)).number
        await at.commands("kim", "/민원", "대기")
        assert number in said((await at.told("kim"))[-1])
        await at.commands("kim", "/civic", number)
        await at.presses("kim", "접수하기", (await at.told("kim"))[-1])
        assert office.filing(number).state == "received"

        guarded(office, number, "build")
        await at.settle()
        (card,) = await at.shown()
        await puts_off(at, card, number)
        await assigns(at, card, number)

        (edited,) = [one for one in await at.shown() if one["ts"] == card["ts"]]
        assert edited["edited"]
        assert "박감사" in said(edited)
        (event,) = [one for one in await at.shown() if one.get("thread_ts") == card["ts"]]
        assert "담당 정하기" in event["text"]
        direct = (await at.told("park"))[-1]
        assert direct["channel"] != at.room
        assert number in said(direct)

        assert number in str((await at.opens_home("park"))["blocks"])
        await shows_a_picture(at)
        log = await at.log()
        assert number in str(log)
        assert WHAT not in str(log)
        assert [one for one in log if one["direction"] == "internal"] == []  # nothing refused
