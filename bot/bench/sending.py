"""One process that sends a broadcast, as `jeokgeuk work` does, and says what that cost it.

`python -m bot.bench.sending --folder … --api http://127.0.0.1:… --mail smtp://127.0.0.1:…`
writes its figures to its output when nothing is left to send, or after so many seconds. What is
not the same as in service: the rates of the channels, which are given.
"""

import argparse
import asyncio
import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot import log
from bot.app import WHOLE, App, build
from bot.bench import ours, watching
from bot.bench.peers import common
from bot.channel import Channel
from bot.settings import Settings, read_settings
from storage.repositories import broadcasts
from storage.unit import Unit

LOOK = 0.2
"""Seconds between looks whether all is sent."""

ENDED = frozenset({"done", "paused", "cancelled"})
CITIZEN = 500_000
"""Chats of people who talk meanwhile; readers' numbers are higher."""


@dataclass(frozen=True, slots=True)
class Given:
    """`shift` moves the clock by so many hours, because at night nothing is sent."""

    folder: Path
    api: str = ours.NOWHERE
    mail: str = ""
    database: str = ""
    shift: int = 0
    telegram: float = 1e6
    smtp: float = 1e6
    broadcast: int = 1
    seconds: float = 600.0
    talk: float = 0.0  # turns of citizens in a second
    first: int = 0  # of the citizens who talk to this process
    whole: bool = False
    serve: bool = False  # only answers: takes what is said, claims nothing


FLAGS = ("whole", "serve")


def read() -> Given:
    """Read what is asked for from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    for name, kind in (
        ("api", str), ("mail", str), ("database", str), ("shift", int), ("telegram", float),
        ("smtp", float), ("broadcast", int), ("seconds", float), ("talk", float),
        ("first", int),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=kind, default=argparse.SUPPRESS)
    for name in FLAGS:
        parser.add_argument(f"--{name}", action="store_true")
    return Given(**vars(parser.parse_args()))


def words(given: Given) -> list[str]:
    """Say the same on a command line."""
    said = [f"--{name}" for name in FLAGS if getattr(given, name)]
    for name in Given.__dataclass_fields__:
        value = getattr(given, name)
        if name not in FLAGS and value != "":
            said += [f"--{name}", str(value)]
    return said


def daytime() -> int:
    """Say by how many hours the clock must move so that it is day in Seoul for hours to come."""
    return (10 - (datetime.now(UTC).hour + 9)) % 24


def opened(given: Given) -> App:
    """Open the installation of the folder with these addresses and rates."""
    made = settings(given)
    shift = timedelta(hours=given.shift)
    return build(
        made,
        parts=("hooks",) if given.serve else WHOLE if given.whole else ("work",),
        now=lambda: datetime.now(UTC) + shift,
        wire=limited({"telegram": given.telegram, "mail": given.smtp}),
    )


def settings(given: Given) -> Settings:
    """Make the settings of the folder, or take those that it has."""
    if not (given.folder / "keys").exists():
        ours.settings(given.folder)
    environment = {
        **ours.environment(given.folder),
        "TELEGRAM_API_URL": given.api,
        "MAIL_FROM": "news@gaon.example",
        **({"SMTP_URL": given.mail} if given.mail else {}),
    }
    made = read_settings(environment)
    if not given.database:
        return made
    return made.model_copy(update={"database_url": SecretStr(given.database)})


def limited(rates: Mapping[str, float]) -> Callable[[Channel], Channel]:
    """Give channels other rates than the vendors allow."""

    def over(channel: Channel) -> Channel:
        if channel.name in rates:
            rate = rates[channel.name]
            domain = rate if channel.limits.per_domain else 0.0
            channel.limits = replace(channel.limits, per_second=rate, per_domain=domain)
        return channel

    return over


async def run(app: App, given: Given) -> dict[str, Any]:
    """Send until nothing is left or the time is over; gives what it took."""
    stop = asyncio.Event()
    base = common.rss()
    begun, cpu = time.monotonic(), time.process_time()
    working = asyncio.create_task(app.worker.run(stop))
    talking = asyncio.create_task(_talk(app, given, stop))
    state = ""
    while time.monotonic() < begun + given.seconds and state not in ENDED:
        await asyncio.sleep(LOOK)
        state = await asyncio.to_thread(app.store.read, lambda unit: _state(unit, given.broadcast))
    stop.set()
    await working
    taken = await talking
    cpu = time.process_time() - cpu
    return {
        "state": state,
        "begun": begun,
        "seconds": time.monotonic() - begun,
        "cpu_s": cpu,
        "base_mb": base,
        "peak_mb": peak(),
        "own_mb": watching.memory(os.getpid())[1],
        "taken": taken,
        **await asyncio.to_thread(app.store.read, lambda unit: _counted(unit, given.broadcast)),
    }


async def serve(app: App, given: Given) -> None:
    """Answer what is said, as `jeokgeuk serve` does; who sends the rest is elsewhere."""
    await _talk(app, given, asyncio.Event())
    assert app.telegram is not None
    await app.telegram.intake.settle()
    await app.worker.settled()


def _state(unit: Unit, broadcast_id: int) -> str:
    found = broadcasts.get(unit, broadcast_id)
    return found.state if found is not None else ""


def _counted(unit: Unit, broadcast_id: int) -> dict[str, float]:
    lines = broadcasts.lines(unit, broadcast_id)
    return {
        name: sum(getattr(line, name) for line in lines)
        for name in ("total", "sent", "gone", "dead", "unknown", "left")
    }


def peak() -> float:
    """Give the most memory of this process so far in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


async def _talk(app: App, given: Given, stop: asyncio.Event) -> list[float]:
    """Let citizens begin a report, one after the other; gives when each did."""
    begun, taken = time.monotonic(), []
    if not given.talk or app.telegram is None:
        return []
    for number in range(int(given.talk * given.seconds)):
        wait = begun + number / given.talk - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        if stop.is_set():
            break
        update = common.update(CITIZEN + given.first + number, number + 1, "/report")
        taken.append(time.monotonic())
        await app.telegram.intake.take(update)
    return taken


async def main() -> None:
    given = read()
    logging.disable()
    log.set_up((), level="error")
    app = opened(given)
    try:
        if given.serve:
            await serve(app, given)
        else:
            print(json.dumps(await run(app, given)), flush=True)
        await app.hang_up()
    finally:
        app.close()


if __name__ == "__main__":
    asyncio.run(main())
