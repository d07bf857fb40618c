"""The whole of it: the strict vendor, the real client, our route, receiver, database and worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from telegram import Bot

from bot.handlers.door import Door
from bot.handlers.telegram import LIMITS, TelegramChannel, make_fetcher
from bot.handlers.telegram_edge import TelegramEdge, connect
from bot.handlers.telegram_request import AioRequest
from bot.settings import read_site
from bot.worker import Worker
from bot.worker.ledger import breaker
from storage.repositories import leases
from storage.store import Store
from tests import shipped
from tests.fakes.city import SITE, City, Clock
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_people import Person, Shown
from tests.telegram.roads import served

SECRET = "s3cret-S3CRET_0123456789-abcdefgh"


@dataclass
class Life:
    """One person with a telephone, and everything behind it."""

    fake: FakeTelegram
    city: City
    edge: TelegramEdge
    worker: Worker
    person: Person
    heard: list[Shown] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return self.city.store

    # ---- what the person does, and then everything that follows

    async def says(self, text: str, **more: Any) -> list[Shown]:
        self.person.says(text, **more)
        return await self.settle()

    async def presses(self, label: str) -> list[Shown]:
        full = next(
            (key["text"] for shown in reversed(self.person.heard) for row in shown.keys
             for key in row if label in key["text"]),
            label,
        )  # fmt: skip
        self.person.presses(full)
        return await self.settle()

    async def settle(self) -> list[Shown]:
        """Deliver what waits, let the worker finish; gives what was newly said."""
        before = {shown.id for shown in self.person.heard}
        await self.fake.push()
        await self.edge.intake.settle()
        await self.worker.settled()
        self.heard = [shown for shown in self.person.heard if shown.id not in before]
        return self.heard

    async def later(self, **span: float) -> list[Shown]:
        """Let time pass on every clock and let the worker look for what is due."""
        before = {shown.id for shown in self.person.heard}
        self.city.clock.goes(**span)
        await self.worker.round()
        await self.worker.settled()
        self.heard = [shown for shown in self.person.heard if shown.id not in before]
        return self.heard

    def mends(self) -> None:
        """Let the time be over for which a broken channel is left alone (the database's clock)."""
        self.store.transact(
            lambda unit: leases.take(unit, breaker("telegram"), "broken", -1), None
        )

    @property
    def text(self) -> str:
        """Give what was said last."""
        return "\n".join(shown.text for shown in self.heard)

    @property
    def labels(self) -> list[str]:
        return [label for shown in self.heard for label in shown.labels]

    def link(self, label: str) -> str:
        shown, key = self.person.button(label)
        assert shown
        return str(key["url"])

    # ---- roads that many tests go

    async def agrees(self) -> None:
        """Go through the second door."""
        await self.says("/start")
        await self.presses("텔레그램에서 쓰기")
        await self.presses("만 14세 이상이고 동의해요")

    async def tells(self) -> None:
        """Answer everything up to the question about the name."""
        await self.agrees()
        await self.says("/report")
        await self.presses("네, 답을 들었는데")
        await self.presses("없어요")
        await self.says("10월부터 중앙시장 앞 길이 파여서 세 번 전화했는데 그대로예요.")
        await self.presses("다 썼어요")
        await self.says("길을 고치고 왜 미뤘는지 알고 싶어요.")
        await self.presses("맞아요" if "맞아요" in self.labels else "모르겠어요")
        await self.presses("없어요")

    async def names(self) -> None:
        """Give the name here, up to the summary."""
        await self.presses("이름을 밝히고")
        await self.presses("여기서 적기")
        await self.says("홍길동")
        await self.says("가온시 중앙로 12")
        await self.presses("우편(종이)")
        await self.presses("먼저 저에게")


@asynccontextmanager
async def living(
    fake: FakeTelegram, store: Store, folder: Path, *, answer: float = 10.0
) -> AsyncIterator[Life]:
    """Put it all together; `answer` is how long the client waits for the vendor, in seconds."""
    texts, site = shipped.texts(), read_site(SITE)
    city = City(store, Clock(), site, texts)
    request = AioRequest(answer=answer)
    bot = Bot(fake.token, f"{fake.url}/bot", f"{fake.url}/file/bot", request, request)
    channel = TelegramChannel(bot, texts, site.words(), fetcher=make_fetcher(fake.url))
    assert channel.limits == LIMITS
    # A fast machine says more than thirty things in a second; the rate has tests of its own.
    channel.limits = replace(LIMITS, per_second=1000.0, per_chat=1000.0)
    worker = Worker(store, city.svc, {"telegram": channel}, settle_after=0)
    edge = connect(
        channel,
        Door(city.receiver, parallel=store.parallel),
        worker.flush,
        texts,
        site.words(),
        public_url="https://talk.gaon.example",
        secret=SECRET,
        now=city.clock,
    )
    async with served(Starlette(routes=list(edge.routes()))) as url:
        fake.webhook = {"url": f"{url}/telegram/webhook", "secret_token": SECRET}
        fake.flood.overall = 10_000
        yield Life(fake, city, edge, worker, fake.person())
        await edge.intake.settle()
        await worker.settled()
        await channel.close()
        await asyncio.sleep(0)
