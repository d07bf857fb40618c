"""The route that Telegram calls.

2xx only after the commit: until then the update is the vendor's to keep, and it comes again. PTB
checks no secret without its own web server, so we do, before a byte of the body is read.
"""

import json
from hmac import compare_digest
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import log
from bot.errors import Overloaded
from bot.handlers.telegram_intake import Intake

_log = log.get(__name__)

PATH: Final = "/telegram/webhook"
HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
MOST: Final = 1024 * 1024
"""Bytes of one update; the largest ones with a thousand entities are a tenth of it."""


def webhook(intake: Intake, secret: str, path: str = PATH) -> Route:
    """Give the route; `secret` is what `setWebhook` was told."""
    expected = secret.encode()

    async def hook(request: Request) -> Response:
        given = request.headers.get(HEADER, "").encode("utf-8", "replace")
        if not compare_digest(given, expected):
            return Response(status_code=403)
        body = await _read(request)
        if body is None:
            return Response(status_code=413)
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):  # a hundred thousand brackets are no update
            data = None
        if not isinstance(data, dict):
            return Response(status_code=400)
        try:
            await intake.take(data)
        except Overloaded as busy:
            # The vendor obeys Retry-After up to an hour (WebhookActor.cpp).
            return Response(status_code=503, headers={"Retry-After": str(busy.retry_after)})
        except Exception as error:  # noqa: BLE001 - whatever it is, the update must come again
            _log.error("telegram_update_failed", exc_info=error)
            return Response(status_code=500)
        return Response(status_code=200)

    return Route(path, hook, methods=["POST"], name="telegram_webhook")


async def _read(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST:
            return None
    return bytes(body)
