"""Seven times what is sustainable, with a slow database, and then an ordinary day again (S20).

Real `serve` processes on a PostgreSQL behind a road that takes its time (`bot.bench.lag`), a
`work` process that sends a newsletter all the while, citizens in open loop who come again when they
are told to. All of it shares the cores of this machine with the citizens: so the rates are small,
and what is looked at is how it bends, not how much it carries.
"""

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bot.app import build
from bot.bench import citizens, fleet, readers, scale
from bot.bench.citizens import REPORT, Crowd, share
from bot.bench.fleet import Fleet, Process, Server
from bot.bench.lag import Lag, lag
from bot.bench.loopback import Vendors, vendors
from bot.bench.peak_town import Size, Town, watch
from bot.bench.peak_verdict import SOON, judged
from bot.settings import read_settings

ACCOUNT = "77"
FIRST = 1_000_000


def measure(size: Size, say: Callable[[str], None] = lambda _line: None) -> dict[str, Any]:
    """Measure it all; `within` says whether every promise was kept."""
    begun = os.getloadavg()[0]
    with ExitStack() as stack:
        server = stack.enter_context(fleet.postgres(scale.POSTGRES))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        made = stack.enter_context(fleet.fleet(server, folder))
        road = stack.enter_context(lag(server.socket))
        there = stack.enter_context(vendors())
        _issued(made, there, readers_of(size))
        serving = [
            made.start("public", f"serve{n}", through=road.port) for n in range(size.processes)
        ]
        working = made.start("work", "work0", through=road.port, **_telegram(there))
        found = asyncio.run(_live(size, server, serving, working, road, say))
        found["version"] = server.version
    found["load"] = [round(begun, 2), round(os.getloadavg()[0], 2)]
    return found


def readers_of(size: Size) -> int:
    """Give so many readers that a newsletter is never through before it is over."""
    seconds = size.press + size.steady + size.minutes * 60 + size.calm + 60
    return int(seconds * 20)


def _telegram(there: Vendors) -> dict[str, str]:
    return {
        "TELEGRAM_TOKEN": f"{ACCOUNT}:{'peak' * 9}",
        "TELEGRAM_WEBHOOK_SECRET": "peak-0123456789-abcdefghij-klmnop",
        "TELEGRAM_API_URL": there.api,
    }


def _issued(made: Fleet, there: Vendors, many: int) -> None:
    """Let people have asked for news, and an issue for them be due."""
    url = made.server.url(fleet.PARTS["work"][0])
    settings = read_settings({**made.environment, **_telegram(there), "DATABASE_URL": url})
    app = build(settings, parts=("work",))
    try:
        addresses = [str(FIRST + n) for n in range(many)]
        for _ in readers.subscribe(app, "telegram", ACCOUNT, addresses):
            pass
        readers.issue(app)
    finally:
        asyncio.run(app.hang_up())
        app.close()


async def _live(
    size: Size,
    server: Server,
    serving: Sequence[Process],
    working: Process,
    road: Lag,
    say: Callable[[str], None],
) -> dict[str, Any]:
    async with citizens.session() as http:
        crowd = Crowd(http, [one.url for one in serving])
        chance = random.Random(size.seed)
        town = Town(size, server, serving, working, road, crowd, chance)
        looking = asyncio.create_task(watch(town))
        carried = await _pressed(town)
        rate = await _sustainable(town, carried)
        say(f"carried {carried:.1f} turns/s, sustainable {rate:.1f}")
        if server.statements:
            await asyncio.to_thread(server.ask, "SELECT pg_stat_statements_reset()")
        await _peak(town, rate * size.times)
        await _calm(town, rate / 2)
        looking.cancel()
        return await asyncio.to_thread(judged, town, carried, rate)


async def _pressed(town: Town) -> float:
    """Find what is carried when everybody speaks as soon as he was answered: turns a second."""
    begun = town.mark("press")
    until = begun + town.size.press
    crowd = town.crowd

    async def one() -> None:
        while (now := time.monotonic()) < until:
            await crowd.one().talk(now, lambda: 0.0, until=until)

    await asyncio.gather(*(one() for _ in range(town.size.at_once)))
    warm = begun + town.size.press / 3
    done = [call for call in crowd.calls if call.status == 200 and warm <= call.done < until]
    return len(done) / (until - warm)


async def _sustainable(town: Town, carried: float) -> float:
    """Find what is borne for a while: nobody is told to come later, and answers come soon."""
    rate = carried
    for part in (0.8, 0.65, 0.5, 0.35):
        rate = carried * part
        begun = town.mark("steady")
        until = begun + town.size.steady
        await town.crowd.come(town.begins(rate / len(REPORT), until), town.think, until=until)
        await town.crowd.gone()
        calls = [one for one in town.between("steady") if one.due > begun + town.size.steady / 3]
        late = share([call.seconds for call in calls], 0.95)
        if late < SOON and all(call.status == 200 for call in calls):
            break
    return rate


async def _peak(town: Town, rate: float) -> None:
    town.road.late(town.size.lag)
    begun = town.mark("peak")
    until = begun + town.size.minutes * 60
    begins = town.begins(rate / len(REPORT), until)
    await town.crowd.come(begins, town.think, begins_by=until, gives_up=town.size.gives_up)
    await asyncio.sleep(until - time.monotonic())
    town.road.late(0.0)


async def _calm(town: Town, rate: float) -> None:
    until = town.mark("calm") + town.size.calm
    await town.crowd.come(town.begins(rate / len(REPORT), until), town.think, gives_up=100)
    town.mark("end")
    await town.crowd.gone()
