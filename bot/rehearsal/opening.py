"""Opening night: builds the service over the line, fills the city once, puts the page beside it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp

from bot.app import App, build
from bot.rehearsal.line import Line
from bot.rehearsal.pages import Rehearsal, beside
from bot.rehearsal.seed import fill
from bot.rehearsal.town import PASSWORD, MovedClock, settings_for
from bot.settings import Settings

__all__ = ["PASSWORD", "Stage", "open_stage", "settings_for"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A rehearsal, ready to be served."""

    app: App
    asgi: ASGIApp
    clock: MovedClock
    line: Line


def open_stage(settings: Settings, *, progress: Callable[[str], None] = lambda _: None) -> Stage:
    """Build the rehearsal; a fresh folder gets its city and filings in every state."""
    clock = MovedClock()
    line = Line(clock)
    # Filled by an application of its own: a worker belongs to the event loop it first ran in.
    app = build(settings, now=clock, wire=line.over)
    try:
        clock.restore(app.store)
        asyncio.run(fill(app, clock, progress))
    finally:
        app.close()
    app = build(settings, now=clock, wire=line.over)
    return Stage(app, beside(app.asgi(), Rehearsal(app, clock, line)), clock, line)
