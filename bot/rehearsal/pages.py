"""One page: the citizen's chat, the desk and what was sent; the clock's and the fault's buttons."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.app import App
from bot.dialogs.replies import Phrase
from bot.rehearsal import replay
from bot.rehearsal.letters import FRAME, Letters
from bot.rehearsal.line import Line
from bot.rehearsal.town import PASSWORD, MovedClock, city
from knowledge.calendar import local
from knowledge.korean import moment_text

HERE = Path(__file__).parent / "page"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Rehearsal:
    """The page and its calls."""

    def __init__(self, app: App, clock: MovedClock, line: Line) -> None:
        self._app = app
        self._clock = clock
        self._line = line
        self._moving = asyncio.Lock()
        env = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined
        )
        self._page = env.get_template("index.html")
        self._list, self._one = (
            env.get_template(f"{name}.html") for name in ("letters", "letter")
        )
        self._letters = Letters(app.settings.data / "mail")

    def routes(self) -> list[Route]:
        return [
            Route("/rehearsal", self.page),
            Route("/rehearsal/state", self.state),
            Route("/rehearsal/clock", self.move, methods=["POST"]),
            Route("/rehearsal/fault", self.fault, methods=["POST"]),
            Route("/rehearsal/letters", self.letters),
            Route("/rehearsal/letters/{name:str}", self.letter),
            Route("/rehearsal/letters/{name:str}/page", self.frame),
            Route("/rehearsal/pictures/{name:str}.png", self.picture),
            Route("/rehearsal/{name:str}", self.file),
        ]

    async def page(self, _request: Request) -> Response:
        """Show the page."""
        units = {unit["code"]: unit["name"] for unit in city()["units"]}
        users = [
            {
                "login": user["login"],
                "name": user["name"],
                "unit": units[user["unit"]],
                "roles": ", ".join(self._say(f"desk.role.{role}") for role in user["roles"]),
            }
            for user in city()["users"]
        ]
        return HTMLResponse(self._page.render(t=self._say, users=users, password=PASSWORD))

    async def file(self, request: Request) -> Response:
        """Give the page's own style and script."""
        name = request.path_params["name"]
        if name not in {"page.css", "page.js"}:
            return Response(status_code=404)
        return FileResponse(HERE / name)

    async def letters(self, _request: Request) -> Response:
        """List the letters that lie in the folder, the newest first."""
        found = await asyncio.to_thread(self._letters.listed)
        return HTMLResponse(self._list.render(t=self._say, letters=found))

    async def letter(self, request: Request) -> Response:
        """Show one letter: its page in a frame, its words, what stands at its head."""
        found = await asyncio.to_thread(self._letters.opened, request.path_params["name"])
        if found is None:
            return Response(status_code=404)
        return HTMLResponse(self._one.render(t=self._say, letter=found))

    async def frame(self, request: Request) -> Response:
        """Give the page of a letter, for a frame that runs nothing."""
        found = await asyncio.to_thread(self._letters.opened, request.path_params["name"])
        if found is None or not found.html:
            return Response(status_code=404)
        return HTMLResponse(found.html, headers={"Content-Security-Policy": FRAME})

    async def picture(self, request: Request) -> Response:
        """Give a picture that went over the line a little while ago."""
        png = self._line.pictures.get(request.path_params["name"])
        if png is None:
            return Response(status_code=404)
        return Response(png, media_type="image/png")

    async def state(self, _request: Request) -> Response:
        """Say what time it is and what was sent."""
        return JSONResponse(await asyncio.to_thread(self._state))

    async def move(self, request: Request) -> Response:
        """Move the clock forward; every hour in between is lived through."""
        asked = await _json(request)
        async with self._moving:
            calendar = self._app.store.read(self._app.svc.calendar)
            end = replay.target(str(asked.get("move", "")), self._clock(), calendar)
            if end is None:
                return Response(status_code=422)
            await replay.replay(self._app, self._clock, end)
        return await self.state(request)

    async def fault(self, request: Request) -> Response:
        """Cut the lines out, or mend them."""
        asked = await _json(request)
        self._line.broken = bool(asked.get("broken"))
        return await self.state(request)

    def _state(self) -> Mapping[str, Any]:
        return {
            "now": moment_text(local(self._clock())),
            "fault": self._line.broken,
            "sent": [
                {
                    "at": moment_text(local(one.at)),
                    "to": f"{one.channel} {one.to}",
                    "text": one.text,
                    "letter": one.letter,
                    "pictures": [f"/rehearsal/pictures/{name}.png" for name in one.pictures],
                }
                for one in reversed(self._line.sent)
            ],
        }

    def _say(self, key: str) -> str:
        site = self._app.settings.site.words()
        said: str = self._app.svc.texts.render(Phrase(key), "ko", site)
        return said


async def _json(request: Request) -> Mapping[str, Any]:
    """Read a small JSON object; anything else counts as an empty one."""
    body = await request.body()
    try:
        given = json.loads(body[:1000])
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def beside(app: ASGIApp, rehearsal: Rehearsal) -> ASGIApp:
    """Put the rehearsal's page beside the service itself, which does not know of it."""
    pages = Starlette(routes=rehearsal.routes())

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and (path == "/rehearsal" or path.startswith("/rehearsal/")):
            await pages(scope, receive, _with_headers(send))
        else:
            await app(scope, receive, send)

    return choose


def _with_headers(send: Send) -> Send:
    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            own = {name for name, _ in message["headers"]}
            extra = [(k.lower().encode(), v.encode()) for k, v in HEADERS.items()]
            added = [(name, value) for name, value in extra if name not in own]
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return sending
