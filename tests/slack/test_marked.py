"""One word in everything that anybody writes about a report: where at Slack it comes out."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.handlers.slack.channel import LIMITS
from bot.services import attachments, facts, views
from bot.worker import Worker
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_people import Person, Room
from tests.fakes.slack_roads import Answer, Sent
from tests.guards.test_leaks import PNG
from tests.office.conftest import (
    build,
    catalog,
    clean,
    clock,
    guarded,
    site,
    texts,
    with_messenger,
)
from tests.services.conftest import Office, answers
from tests.slack.town import Town, by_requests, founded

__all__ = ["build", "catalog", "clock", "site", "texts"]
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
MARK = "꾸꾸"
MARKS = (MARK, "kuku")
STAFF = ("kim", "park", "choi", "lim", "lee")
FORM = {
    "what": f"11월부터 {MARK} 앞 길이 파여서 세 번 전화했는데 그대로예요.",
    "wish": f"{MARK}을 고쳐 주세요.", "prior_no": f"{MARK} 전화", "name": f"{MARK}씨",
    "address": f"가온시 {MARK}로 12", "email": "kuku@example.com",
}  # fmt: skip
ASKED = {
    "unit": "road", "matter": f"{MARK} 보수", "questions": f"1. {MARK}?",
    "materials": f"{MARK} 대장", "due": "2026-11-27",
}  # fmt: skip


async def life(town: Town, level: str) -> tuple[list[Any], Room, dict[str, Person]]:
    """Let a report be filed, worked on and looked at by everybody; gives all our answers."""
    office, fake = town.office, town.fake
    town.channel.limits = replace(LIMITS, per_second=1000.0, per_chat=1000.0)
    fake.rates.on = False
    people = {login: town.person(login) for login in STAFF}
    room = town.room(*(people[login] for login in ("kim", "park", "choi", "lim")))
    clean(office)
    said: list[Any] = []
    deliver = fake.deliver

    async def noted(sent: Sent) -> Answer:
        answer = await deliver(sent)
        said.append(answer.body)
        return answer

    fake.deliver = noted  # type: ignore[method-assign]
    worker = Worker(office.store, office.svc, {"slack": town.channel}, settle_after=0.0)

    async def arrives() -> None:
        await town.settled()
        while await worker.round():
            pass

    unit = {"value": "build", "label": "건축과"}
    filed = office.file(answers(**FORM, unit=unit, proof=(attached(office),)))
    number, me = filed.number, office.reporter(filed)
    guarded(office, number, "build")
    await arrives()
    kim, park = people["kim"], people["park"]
    await kim.presses("담당 정하기", room.shown[0])
    await kim.types("담당", (await kim.searches("담당", "박감"))[0])
    await kim.submits()
    await arrives()
    office.act("park", number, "start")
    own = office.people["park"]
    office.do(lambda u: views.declare(office.svc, u, own, number, conflict=False))
    office.act("park", number, "note", text=f"{MARK} 메모")
    office.act(me, number, "message", text=f"{MARK} 앞이 또 파였어요.")
    office.act("park", number, "fact_request", **ASKED)
    await arrives()
    lee = office.people["lee"]
    (request,) = office.see(lambda u: facts.listed(u, lee))
    office.do(lambda u: facts.reply(office.svc, u, lee, request.id, {"text": f"{MARK} 답"}))
    asks = {"items": f"{MARK} 사진", "why": f"{MARK}을 확인합니다.", "days": "7"}
    office.act("park", number, "ask_supplement", **asks)
    office.act(me, number, "supplement_reply", text=f"{MARK} 정문입니다.")
    await arrives()
    await looked(town, people, number)
    await arrives()
    await park.commands("/civic", number)
    if level == "full":
        await read_and_noted(park)
        await arrives()
    assert all(one.troubles == [] for one in people.values())
    assert office.filing(number).version > 5
    return said, room, people


async def looked(town: Town, people: dict[str, Person], number: str) -> None:
    """Let everybody ask for all that there is, and press what he has not."""
    for login, person in people.items():
        for text in (number, "대기", "내 일", "지남", f"사례 {number}"):
            await person.commands("/civic", text)
        await person.opens_home()
        for what in ("read", "note", "remind", "snooze") if login != "park" else ():
            action = {"action_id": f"act:{what}", "value": f"{what} {number} 1"}
            trigger = town.fake.trigger(person.id)
            await town.fake.deliver(person.forged(actions=[action], trigger_id=trigger))
        await town.settled()


async def read_and_noted(park: Person) -> None:
    await park.presses("내용 보기")
    assert MARK in park.view.words
    await park.closes()
    await park.presses("메모 남기기")
    await park.types("메모", f"{MARK} 현장")
    await park.submits()


def attached(office: Office) -> dict[str, Any]:
    """Give a picture whose name says something."""
    peer = office.peer()
    put = office.do(
        lambda u: attachments.put(office.svc, u, office.store.blobs, peer, f"{MARK}.png", PNG)
    )
    return {"ref": put.ref, "kind": "photo", "name": put.name, "size": put.size}


def marked(*found: Any) -> list[str]:
    return [mark for mark in MARKS if mark in str(found)]


@pytest.fixture(params=["numbers", "full"])
async def town(
    request: pytest.FixtureRequest, build: Callable[..., Office], fake: FakeSlack
) -> AsyncIterator[Town]:
    async with by_requests(founded(with_messenger(build(), request.param), fake)) as made:
        yield made


async def test_a_word_of_a_report_comes_out_where_it_is_read_and_nowhere_else(
    town: Town, logged: list[Any]
) -> None:
    level = town.office.svc.office.level
    said, room, people = await life(town, level)
    fake = town.fake
    assert room.shown
    assert len(fake.calls) > 40
    kinds = {call.method for call in fake.calls if marked(call.params, call.body)}
    assert kinds == ({"views.open"} if level == "full" else set())
    assert marked(said, logged, fake.files, fake.links, fake.pings) == []
    assert marked([one.words for one in room.shown]) == []
    for person in people.values():
        assert marked([one.words for one in person.sees]) == []
        assert person.home is not None
        assert marked(person.home.words) == []
    others = [one.stack for login, one in people.items() if login != "park"]
    assert marked([view.body for stack in others for view in stack]) == []
