"""The small city with its officials in Slack: the fake vendor, our edge, one database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette

from bot.handlers.ladder import Load
from bot.handlers.slack.channel import SlackChannel
from bot.handlers.slack.client import Client
from bot.handlers.slack.transport import PATH, SlackEdge, connect
from bot.services import linking
from storage.repositories import heartbeats
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_people import Person, Room
from tests.fakes.slack_roads import Answer, Sent
from tests.office.conftest import ACCOUNT, ROOM, address, link
from tests.services.conftest import Office
from tests.telegram.roads import served


@dataclass
class Town:
    office: Office
    fake: FakeSlack
    edge: SlackEdge
    load: Load
    channel: SlackChannel

    async def close(self) -> None:
        await self.edge.close()
        await self.channel.close()

    def person(self, login: str, *, linked: bool = True, **flags: Any) -> Person:
        """Give an official his account at Slack, tied to his account here."""
        made = self.fake.person(address(login), login, **flags)
        if linked:
            link(self.office, login)
        return made

    def room(self, *people: Person) -> Room:
        return self.fake.room(ROOM, "감사실", *people)

    def linked(self, login: str) -> bool:
        found = self.office.see(
            lambda u: linking.user_of(self.office.svc, u, ACCOUNT, address(login))
        )
        return found is not None

    @property
    def clean(self) -> bool:
        return heartbeats.ROOM in self.office.see(heartbeats.ages)

    def code(self, login: str) -> str:
        """Give the code that an official is shown at the desk."""
        who, svc = self.office.people[login], self.office.svc
        made: str = self.office.do(lambda u: linking.offer(svc, u, who))
        return made

    def heard(self) -> list[Sent]:
        """Keep what Slack sends to us, to send it once more."""
        kept: list[Sent] = []
        deliver = self.fake.deliver

        async def noted(sent: Sent) -> Answer:
            kept.append(sent)
            return await deliver(sent)

        self.fake.deliver = noted  # type: ignore[method-assign]
        return kept

    async def settled(self) -> None:
        """Let everything end that was begun for somebody who was answered already."""
        await self.edge.work.settle()


async def never(_seconds: float) -> None:
    await asyncio.Event().wait()


async def at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


def founded(office: Office, fake: FakeSlack, *, socket: bool = False, **more: Any) -> Town:
    fake.start = lambda: office.clock().timestamp()
    load = more.pop("load", None) or Load(48)
    keys: dict[str, Any] = (
        {"app_token": fake.app_token} if socket else {"signing_secret": fake.signing_secret}
    )
    channel = SlackChannel(Client(fake.token, fake.api_url), office.texts, {})
    edge = connect(
        channel,
        office.store,
        office.svc,
        load,
        **keys,
        **{"pause": at_once, "patience": never, **more},
    )
    return Town(office, fake, edge, load, channel)


@asynccontextmanager
async def by_requests(town: Town) -> AsyncIterator[Town]:
    """Let Slack send its requests to us."""
    async with served(Starlette(routes=[*town.edge.routes()])) as url:
        town.fake.signed(f"{url}{PATH}")
        try:
            yield town
        finally:
            await town.close()


@asynccontextmanager
async def by_sockets(town: Town) -> AsyncIterator[Town]:
    """Let us fetch them."""
    stop = asyncio.Event()
    running = asyncio.ensure_future(town.edge.run(stop))
    try:
        await town.fake.sockets.until(2)
        yield town
    finally:
        stop.set()
        await running
        await town.close()


Found = Callable[..., Town]
