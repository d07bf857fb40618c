"""Slack as one piece for the process: the way in, by requests or by sockets, and its life.

On the desk's part only: citizens are never here. A request is looked at by its signature before a
byte of it is parsed, because slack-bolt parses first (an unsigned non-JSON body ended in a 500).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.signature import Clock, SignatureVerifier
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot import log
from bot.handlers.ladder import Load
from bot.handlers.living import beating
from bot.handlers.slack.acts import Acts
from bot.handlers.slack.asking import Asker, Place
from bot.handlers.slack.channel import SlackChannel
from bot.handlers.slack.client import Client
from bot.handlers.slack.events import Events
from bot.handlers.slack.home import Homes
from bot.handlers.slack.inbound import Inbound
from bot.handlers.slack.looks import Looks
from bot.handlers.slack.sockets import HOW_MANY, Socket, unheard
from bot.handlers.slack.work import Work
from bot.locale import PREVAILING
from bot.services import Desk
from storage.repositories.heartbeats import SOCKET
from storage.store import Store

_log = log.get(__name__)

PATH: Final = "/slack/events"
MOST: Final = 1024 * 1024
"""Bytes of one request: a view holds 250 kB (docs.slack.dev, views.open), and each sign of Korean
in it is nine bytes of a form."""


@dataclass(frozen=True, slots=True)
class _Now(Clock):
    """The library's clock, by ours."""

    tell: Callable[[], datetime]

    def now(self) -> float:
        return self.tell().timestamp()


@dataclass(slots=True)
class SlackEdge:
    """What `app` puts into the process: `routes` for signed requests, `run` for its life.

    With `signed` requests are sent to us; with `sockets`, whose client holds the app-level token,
    we fetch them.
    """

    app: AsyncApp
    work: Work
    looks: Looks
    signed: SignatureVerifier | None = None
    sockets: Client | None = None
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    heard: Callable[[], Awaitable[None]] = unheard
    most: int = MOST

    def routes(self, base: str = "") -> list[BaseRoute]:
        """Give the route of signed requests below the desk's own path; none for sockets."""
        if self.signed is None:
            return []
        return [Route(f"{base}{PATH}", self._take, methods=["POST"], name="slack_events")]

    async def run(self, stop: asyncio.Event) -> None:
        """Listen, and look after accounts and the room, until `stop`."""
        going = [asyncio.ensure_future(self.looks.run(stop))]
        if self.sockets is not None:
            going += [
                asyncio.ensure_future(
                    Socket(self.app, self.sockets, self.pause, self.heard).run(stop)
                )
                for _ in range(HOW_MANY)
            ]
        await asyncio.gather(*going)

    async def close(self) -> None:
        """Finish what was begun; the channel's connections are its own to close."""
        await self.work.settle()
        if self.sockets is not None:
            await self.sockets.close()

    async def _take(self, request: Request) -> Response:
        body = await _read(request, self.most)
        if body is None:
            return Response(status_code=413)
        if not self._genuine(body, request.headers):
            return Response(status_code=401)
        try:
            asked = to_async_bolt_request(request, body)
        except Exception as error:  # noqa: BLE001 - signed, and yet nothing that can be read
            _log.warning("slack_request_unreadable", kind=type(error).__name__)
            return Response(status_code=400)
        return to_starlette_response(await self.app.async_dispatch(asked))

    def _genuine(self, body: bytes, headers: Mapping[str, str]) -> bool:
        assert self.signed is not None
        try:
            return self.signed.is_valid_request(body, dict(headers))
        except (TypeError, ValueError, OverflowError):  # no number, no text
            return False


async def _read(request: Request, most: int) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)


def connect(
    channel: SlackChannel,
    store: Store,
    svc: Desk,
    load: Load,
    *,
    signing_secret: str | None = None,
    app_token: str | None = None,
    dated: Callable[[str | None], None] = lambda _date: None,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    patience: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> SlackEdge:
    """Put the pieces together: `signing_secret` for requests, `app_token` for sockets.

    `pause` is the rest between two tries, `patience` what an answer may take.
    """
    client, room = channel.client, svc.office.room
    place, work = Place(svc.office.account), Work(store, svc)
    looks = Looks(client, place, room, work, pause)

    speak = channel.speak(PREVAILING)
    homes = Homes(work, client, speak)

    async def opened(user: str, seen: str) -> None:
        await homes.publish(Asker(place.account, user), seen)

    acts = Acts(work, client, place, looks, homes, speak, load, patience)
    events = Events(place, room, work, looks, opened)
    return SlackEdge(
        Inbound(client, acts, events, load).application(),
        work,
        looks,
        SignatureVerifier(signing_secret, _Now(svc.now)) if signing_secret else None,
        Client(app_token, client.base_url, dated=dated) if app_token else None,
        pause,
        beating(store, SOCKET),
    )
