"""Opening night: builds the service over the line, fills the city once, puts the page beside it."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp

from bot.app import App, build
from bot.rehearsal.line import Line
from bot.rehearsal.pages import Rehearsal, beside
from bot.rehearsal.seed import fill
from bot.rehearsal.town import PASSWORD, MovedClock, city, settings_for
from bot.settings import Settings

__all__ = ["PASSWORD", "Stage", "city", "open_stage", "settings_for"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A rehearsal, ready to be served."""

    app: App
    asgi: ASGIApp
    clock: MovedClock
    line: Line


def open_stage(
    settings: Settings,
    *,
    progress: Callable[[str], None] = lambda _: None,
    clock: MovedClock | None = None,
) -> Stage:
    """Build the rehearsal; a fresh folder gets its city and filings in every state."""
    clock = clock or MovedClock()
    line = Line(clock)
    if not any(settings.data.iterdir()):
        _fill_aside(settings, clock, line, progress)
    app = build(settings, now=clock, wire=line.over)
    clock.restore(app.store)
    return Stage(app, beside(app.asgi(), Rehearsal(app, clock, line)), clock, line)


def _fill_aside(
    settings: Settings, clock: MovedClock, line: Line, progress: Callable[[str], None]
) -> None:
    """Fill a folder beside the one that was asked for: whatever is interrupted begins anew.

    By an application of its own, because a worker belongs to the event loop it first ran in.
    """
    aside = settings.data.with_name(f"{settings.data.name}.filling")
    shutil.rmtree(aside, ignore_errors=True)
    app = build(settings.model_copy(update={"jeokgeuk_data": aside}), now=clock, wire=line.over)
    try:
        asyncio.run(fill(app, clock, progress))
    finally:
        app.close()
    aside.rename(settings.data)
