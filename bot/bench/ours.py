"""The product as `bench turns` measures it: parsed update → commit → rendered reply, no network.

Run as a process of its own, like its peers: `python -m bot.bench.ours --folder … --turns …`.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from telegram import Bot
from telegram.request import BaseRequest, RequestData

import bot
from bot.app import App, build
from bot.bench.peers import common
from bot.channel import Channel
from bot.handlers.telegram import TelegramChannel, make_fetcher
from bot.locale import Texts
from bot.receive import Born
from bot.services import peers as people
from bot.settings import Settings, read_settings
from storage import crypto
from storage.unit import Unit

ACCOUNT = "1"
TOKEN = f"{ACCOUNT}:rehearsal-bench"
NOWHERE = "http://127.0.0.1:9"
PRIOR_NO, DONE, WISH = "10월에 전화 두 번", "다 썼어요", "고쳐 주시고 왜 늦었는지 알고 싶어요"
PRELUDE = (
    "/report",
    "네, 답을 들었는데 그대로예요",
    PRIOR_NO,
    "보도블록이 깨졌는데 세 달째 그대로예요",
    DONE,
    WISH,
)
WORDS = ("뒤로", WISH, *("뒤로",) * 2, DONE, *("뒤로",) * 3, PRIOR_NO)
"""Answers and steps back: each is one durable step of the dialog with one question as its reply,
as the peers' turns are. Throwing a draft away would also take its messages out of the chat."""


class Stub(BaseRequest):
    """Serialises the call and parses an answer, without a network."""

    @property
    def read_timeout(self) -> float:
        return 5.0

    async def initialize(self) -> None: ...
    async def shutdown(self) -> None: ...

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        chat = int((request_data.json_parameters if request_data else {}).get("chat_id", 1))
        return 200, common.answer(1, chat)


def environment(folder: Path) -> dict[str, str]:
    """Give the environment of a rehearsal in `folder`, with a messenger that leads nowhere."""
    return {
        "JEOKGEUK_KIND": "rehearsal",
        "JEOKGEUK_DATA": str(folder / "data"),
        "JEOKGEUK_SITE": str(Path(bot.__file__).parent / "rehearsal" / "site.toml"),
        "JEOKGEUK_KEY_FILE": str(folder / "keys"),
        "JEOKGEUK_PUBLIC_URL": "http://127.0.0.1:8080",
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_URL": NOWHERE,
        "TELEGRAM_MODE": "poll",
    }


def settings(folder: Path) -> Settings:
    """Make the settings of a rehearsal in `folder`, and its key."""
    crypto.add_key(folder / "keys")
    return read_settings(environment(folder))


def crowded(made: Settings) -> Settings:
    """Let any number come within one hour: it is not the budgets that are looked at."""
    much = dict.fromkeys(("budget_newcomers", "budget_drafts", "budget_filings"), 1_000_000)
    return made.model_copy(update={"site": made.site.model_copy(update=much)})


def stubbed(made: Settings, channel: Channel) -> Channel:
    """Put the stub under the messenger's channel; the others stay as they are."""
    if not isinstance(channel, TelegramChannel):
        return channel
    bot = Bot(TOKEN, f"{NOWHERE}/bot", f"{NOWHERE}/file/bot", Stub(), Stub())
    site = made.site.words()
    stub = TelegramChannel(bot, Texts.load(), site, fetcher=make_fetcher(NOWHERE))
    # The vendor's 30 a second would be what is measured; the peers have no limiter either.
    stub.limits = replace(stub.limits, per_second=1e6, per_chat=1e6)
    return stub


def agreed(app: App, persons: range) -> None:
    """Let these people have gone through the second door: what is measured is the form."""

    def work(unit: Unit, some: range) -> None:
        for person in some:
            peer = people.meet(app.svc, unit, "telegram", ACCOUNT, str(person), "ko")
            people.agree(app.svc, unit, peer.id, people.TRANSFER, "bench")

    for first in range(0, len(persons), 200):  # a large transaction would be what fills the memory
        app.store.transact(partial(work, some=persons[first : first + 200]), None)


async def main() -> None:
    p = common.plan()
    logging.disable()
    made = settings(p.folder)
    app = build(made, wire=partial(stubbed, made), synchronous=p.durability)
    assert app.telegram is not None
    intake = app.telegram.intake
    agreed(app, range(1000, 1000 + p.people))
    agreed(app, range(10_000_000, 10_000_000 + p.opened))

    sent: dict[str, asyncio.Event] = {}
    flush = intake.flush

    async def flushed(rows: Sequence[Born]) -> None:
        await flush(rows)
        sent.pop(rows[0].address).set()

    intake.flush = flushed

    async def turn(person: int, number: int, words: str) -> None:
        """Take one update and wait until its own answer was given to the (missing) network."""
        mine = sent[str(person)] = asyncio.Event()
        await intake.take(common.update(person, number, words))
        await mine.wait()

    common.report(await common.measure(turn, p, words=WORDS, prelude=PRELUDE))
    await app.worker.settled()
    app.close()


if __name__ == "__main__":
    asyncio.run(main())
