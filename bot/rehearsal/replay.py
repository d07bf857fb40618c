"""Moving the clock: every hour in between is lived through, tick by tick."""

import asyncio
import uuid
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from bot.app import App
from bot.rehearsal.town import MovedClock
from knowledge.calendar import WorkCalendar, local

HOUR = timedelta(hours=1)
STEPS = {"1h": HOUR, "1d": timedelta(days=1), "7d": timedelta(days=7)}
OPENS = time(9, 1)


def target(move: str, now: datetime, calendar: WorkCalendar) -> datetime | None:
    """Say where a move leads; None for one that does not exist."""
    if move in STEPS:
        return now + STEPS[move]
    if move == "workday":
        day = calendar.shift(local(now).date(), 1)
        return datetime.combine(day, OPENS, tzinfo=local(now).tzinfo)
    return None


def hours(start: datetime, end: datetime) -> Iterator[datetime]:
    """Give every full hour after `start` and before `end`, and `end` itself."""
    at = start.replace(minute=0, second=0, microsecond=0) + HOUR
    while at < end:
        yield at
        at += HOUR
    yield end


async def live(app: App) -> int:
    """Do what is due now and send what it brought; gives how many things the clock did."""
    done = await asyncio.to_thread(app.worker.tick)
    while await app.worker.round():
        pass
    while await app.worker.broadcaster.round():  # its hour is over in a moment: late, it waits
        pass
    return done


async def replay(app: App, clock: MovedClock, end: datetime) -> int:
    """Live through the time until `end`; gives how many things the clock did."""
    done = 0
    for at in hours(clock(), end):
        await asyncio.to_thread(clock.move_to, at, app.store, f"rehearsal:{uuid.uuid4()}")
        done += await live(app)
    return done
