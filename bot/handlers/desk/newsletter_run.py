"""A broadcast on its way: how far it is as it goes on, and a hand on it at any moment."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute

from bot.errors import Overloaded
from bot.handlers.desk import stepup
from bot.handlers.desk.doing import once
from bot.handlers.desk.newsletter_pages import address, far_html, seek
from bot.handlers.desk.pages import Pages
from bot.handlers.desk.parts import DeskParts
from bot.handlers.desk.reception import Reception
from bot.handlers.desk.visit import Missing, Visit, see
from bot.services import access, broadcast_progress, broadcast_runs, rights
from bot.services.rights import Right
from storage.repositories.broadcasts import PAUSED, SENDING
from storage.unit import Unit

EVERY = 2.0
"""Seconds between two looks."""
LOOKS = 300
"""Looks of one connection; the browser comes again by itself."""
MOST = 20
"""Connections that one process holds."""
GRAVE = frozenset({"cancel", "revive"})
"""What cannot be taken back asks for the second factor."""


def routes(parts: DeskParts, pages: Pages, reception: Reception) -> list[BaseRoute]:
    desk = _Running(parts, pages)
    both = (Right.NEWSLETTERS, Right.NEWSLETTERS_APPROVE)
    return [
        reception.page("/newsletters/{issue}/run", desk.run, Right.NEWSLETTERS),
        reception.page("/newsletters/{issue}/progress", desk.progress, *both),
    ]


class _Running:
    def __init__(self, parts: DeskParts, pages: Pages) -> None:
        self._parts = parts
        self._pages = pages
        self._open = 0

    def run(self, visit: Visit) -> Response:
        """Pause it, let it go on, end it, send once more where nobody knows."""
        one = self._parts.store.read(lambda unit: seek(unit, visit))
        step, here = visit.sent.get("step"), address(self._parts.base, one.number)
        if not visit.post:
            return see(here)
        work = self._work(visit, one.id, step)
        if work is None:
            raise Missing
        if step in GRAVE:
            stepup.require(visit)
        once(visit, f"newsletter_{step}", [one.id], work)
        return see(here)

    def progress(self, visit: Visit) -> Response:
        """Tell how far it is, again and again (SSE), as long as the session lives."""
        self._parts.store.read(lambda unit: seek(unit, visit))
        if visit.post:
            raise Missing
        if self._open >= MOST:
            raise Overloaded
        return StreamingResponse(
            self._stream(visit),
            media_type="text/event-stream",
            headers={"x-accel-buffering": "no"},
        )

    async def _stream(self, visit: Visit) -> AsyncIterator[str]:
        self._open += 1
        try:
            for _ in range(LOOKS):
                told = await asyncio.to_thread(self._parts.store.read, self._looker(visit))
                if told is None:
                    return
                yield f"event: far\ndata: {json.dumps(told, ensure_ascii=False)}\n\n"
                if told["state"] not in {SENDING, PAUSED}:
                    return
                await asyncio.sleep(EVERY)
        finally:
            self._open -= 1

    def _looker(self, visit: Visit) -> Callable[[Unit], dict[str, Any] | None]:
        """Give what reads one step: the session is asked for again each time."""
        svc = self._parts.svc

        def look(unit: Unit) -> dict[str, Any] | None:
            actor = access.session(svc, unit, visit.token, visit.network)
            able = actor is not None and rights.may(
                actor, Right.NEWSLETTERS, Right.NEWSLETTERS_APPROVE
            )
            if not able:
                return None
            try:
                one = seek(unit, visit)
            except Missing:
                return None
            far = broadcast_progress.progress(svc, unit, one)
            return {"state": one.state, "html": str(far_html(self._pages, visit, far))}

        return look

    def _work(self, visit: Visit, one: int, step: str) -> Callable[[Unit], Any] | None:
        """Give what a button does; None: there is none of that name."""
        svc, actor = self._parts.svc, visit.actor
        done: dict[str, Callable[[Unit], Any]] = {
            "pause": lambda u: broadcast_runs.pause(svc, u, actor, one),
            "resume": lambda u: broadcast_runs.resume(svc, u, actor, one),
            "cancel": lambda u: broadcast_runs.cancel(svc, u, actor, one),
            "revive": lambda u: broadcast_runs.revive(svc, u, actor, one),
        }
        return done.get(step)
