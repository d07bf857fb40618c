"""One rate over five processes: three answer citizens, two send what waits and a broadcast (S18).

All are processes of their own on one PostgreSQL; more is said than the rate lets out. The vendor
notes when it took what, by the machine's own clock.
"""

import contextlib
import signal
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from bot.app import App
from bot.bench import sending
from bot.bench.loopback import ROOT, Vendors
from bot.bench.reckoning import over_rate
from bot.bench.sending import Given
from bot.worker import chats
from storage import models

RATE = 30.0
SERVE, WORK = 3, 2
OFFERED = 1.3
"""Of the rate: so much is said that it never lies idle."""
READER = 1_000_000
STEADY = 15.0
"""Seconds at the beginning that are not looked at: the processes start one after the other."""
LOOK = 1.0
LONGEST = 1500.0

Process = subprocess.Popen[bytes]


def measure(
    given: Given, at: Vendors, replies: int, step: Callable[[int], None]
) -> dict[str, Any]:
    """Let everybody talk and everything be sent; gives how much of the rate was used."""
    each = replies // SERVE
    talk = RATE * OFFERED / SERVE
    with contextlib.ExitStack() as stack:
        for _ in range(WORK):
            stack.enter_context(_process(replace(given, seconds=LONGEST)))
        talking = [
            stack.enter_context(
                _process(
                    replace(
                        given, serve=True, first=n * each, talk=talk, seconds=(each + 0.5) / talk
                    )
                )
            )
            for n in range(SERVE)
        ]
        app = sending.opened(given)
        try:
            _wait(app, at, talking, step)
        finally:
            app.close()
        found = at.ledger()
    return judged(found, each * SERVE)


@contextlib.contextmanager
def _process(given: Given) -> Generator[Process]:
    command = [sys.executable, "-m", "bot.bench.sending", *sending.words(given)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as made:
        try:
            yield made
        finally:
            made.send_signal(signal.SIGTERM)


def _wait(app: App, at: Vendors, talking: list[Process], step: Callable[[int], None]) -> None:
    """Wait until all has been said and no answer waits."""
    o = models.outbox.c
    waits = sa.select(o.id).where(o.status.in_(["pending", "sending"])).limit(1)
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        time.sleep(LOOK)
        step(at.asked())
        said = all(one.poll() is not None for one in talking)
        if said and app.store.read(lambda unit: unit.conn.execute(waits).first()) is None:
            return


def judged(ledger: Mapping[str, Any], people: int) -> dict[str, Any]:
    """Say how much of the rate was used while answers waited, and whether ever more was."""
    times, whom = ledger["times"], ledger["chats"]
    answers = [n for n, chat in enumerate(whom) if chat < READER]
    begun, ended = times[answers[0]] + STEADY, times[answers[-1]]
    used = bisect_left(times, ended) - bisect_left(times, begun)
    by_chat: dict[int, list[float]] = {}
    for chat, moment in zip(whom, times, strict=True):
        by_chat.setdefault(chat, []).append(moment)
    share = used / (RATE * (ended - begun))
    over, one = over_rate(times, RATE), max(over_rate(mine, 1.0) for mine in by_chat.values())
    answered = len({whom[n] for n in answers})
    bound = chats.ANSWERS + chats.FREE * SERVE
    return {
        "processes": f"{SERVE} + {WORK}",
        "answers": len(answers),
        "people": people,
        "people_answered": answered,
        "news_meanwhile": sum(chat >= READER for chat in whom[answers[0] : answers[-1]]),
        "seconds": round(ended - begun),
        "share": round(share, 4),
        "most_over_rate": round(over, 1),
        "burst": RATE,
        "most_over_one_chat": round(one, 1),
        "within": share >= 0.95 and over <= RATE + 1 and one <= bound and answered == people,
    }
