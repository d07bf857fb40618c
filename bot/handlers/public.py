"""The public part as one application: pages, API, static files, under the same headers."""

from collections.abc import Awaitable, Callable

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount

from bot.handlers import api, web
from bot.handlers.chat.feed import Feed
from bot.handlers.chat.parts import WebParts
from bot.handlers.chat.problems import Trouble
from bot.handlers.chat.scenery import Scenery
from bot.handlers.chat.talk import Conversations
from bot.handlers.pages import SecureHeaders, static

log = structlog.get_logger()

Handler = Callable[[Request, Exception], Awaitable[Response]]


def routes(parts: WebParts, feed: Feed) -> list[BaseRoute]:
    """Give everything public. The caller closes `feed` when the process goes down."""
    talks = Conversations(parts)
    return [
        Mount("/api", api.application(parts, talks, feed)),
        static(),
        *web.routes(parts, talks, feed),
    ]


def feed(parts: WebParts) -> Feed:
    """Make the feed of a process."""
    limits = parts.limits
    return Feed(parts.back, most=limits.listeners, per_conversation=limits.per_conversation)


def middleware(parts: WebParts) -> list[Middleware]:
    """Give what stands around every public answer."""
    return [Middleware(SecureHeaders, framed=parts.framed, https=parts.secure)]


def errors(parts: WebParts) -> dict[int | type[Exception], Handler]:
    """Give the pages for what is not there and for a bug of ours."""
    scenery = Scenery(parts)

    async def http(request: Request, found: Exception) -> Response:
        assert isinstance(found, HTTPException)
        codes = {404: "missing", 405: "method"}
        return scenery.trouble(request, Trouble(codes.get(found.status_code, "malformed")))

    async def broken(request: Request, found: Exception) -> Response:
        log.error("page.broken", kind=type(found).__name__)
        return scenery.trouble(request, Trouble("broken"))

    return {HTTPException: http, Exception: broken}


def application(parts: WebParts) -> Starlette:
    """Make the application of the public part alone."""
    return Starlette(
        routes=routes(parts, feed(parts)),
        middleware=middleware(parts),
        exception_handlers=errors(parts),
    )
