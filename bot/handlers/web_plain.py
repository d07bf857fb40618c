"""The conversation as plain forms: the same road for whoever has no script, or wants none."""

import re
from asyncio import to_thread
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from bot.handlers.chat.calls import Call
from bot.handlers.chat.files import Sent, read_form
from bot.handlers.chat.parts import WebParts
from bot.handlers.chat.problems import Trouble
from bot.handlers.chat.scenery import Page, Scenery
from bot.handlers.chat.shape import shape_all
from bot.handlers.chat.talk import Conversation, Conversations
from bot.handlers.chat.uploads import Uploads
from bot.receive import Received

_PRESS = re.compile(r"(\d{1,10}):(\d{1,3})")
ONE, MANY = "f-", "m-"
"""How fields of a page are called: those with one value, those with several."""


def pages(
    parts: WebParts, scenery: Scenery, talks: Conversations
) -> list[tuple[str, Page, list[str]]]:
    """Give the page."""
    plain = _Plain(parts, scenery, talks)
    return [("/plain", plain.show, ["GET"]), ("/plain", plain.act, ["POST"])]


class _Plain:
    def __init__(self, parts: WebParts, scenery: Scenery, talks: Conversations) -> None:
        self._parts = parts
        self._scenery = scenery
        self._talks = talks
        self._uploads = Uploads(parts, talks)
        self._common = {
            "page": "plain",
            "note": "",
            "kept": None,
            "one": ONE,
            "many": MANY,
            "file_mb": parts.limits.file_bytes // 2**20,
        }

    async def show(self, request: Request) -> Response:
        """Show what stands open; nothing changes."""
        conversation = await self._known(request)
        if conversation is None:
            return self._draw(request, {"replies": []})
        received = await self._talks.show(conversation, self._scenery.lang(request))
        return self._answer(request, conversation, received)

    async def act(self, request: Request) -> Response:
        """Take one form: a press, a command, a page, or words and files."""
        sent = await read_form(request, self._parts.limits)
        if sent.get("kept"):
            return await self._kept(request, sent)
        known = await self._known(request)
        if known is None and sent.get("command") == "resume":
            return self._draw(request, {"replies": [], "note": "nothing"})
        if known is None and not (sent.get("command") or sent.get("text").strip()):
            return self._draw(request, {"replies": [], "note": "lost"})
        if known is not None:
            self._talks.rates.check(known.address, self._parts.limits.turns)
        conversation = known or self._talks.start(request)
        lang = self._scenery.lang(request)
        if sent.files and known is not None:
            files = Sent((*sent.pairs, ("lang", lang), ("pages", "true")), sent.files)
            received, _ = await self._uploads.turn(files, conversation)
        else:
            received = await self._turn(conversation, _call(sent, lang))
        return self._answer(request, conversation, received)

    async def _turn(self, conversation: Conversation, call: Call) -> Received:
        if call.command == "resume":
            return await self._talks.show(conversation, call.lang)
        return await self._talks.turn(
            conversation, call.id, call.body(), call.event(), call.lang, pages=True
        )

    async def _known(self, request: Request) -> Conversation | None:
        try:
            return await self._talks.open(request)
        except Trouble as trouble:
            if trouble.code != "unknown":
                raise
            return None

    async def _kept(self, request: Request, sent: Sent) -> Response:
        """Compare a code that was typed back with the one that stands on the page."""
        right = await to_thread(self._parts.back.typed_back, sent.get("kept"), sent.get("typed"))
        return self._draw(
            request,
            {
                "replies": [],
                "kept": {"number": sent.get("kept"), "code": sent.get("code"), "right": right},
            },
        )

    def _answer(
        self, request: Request, conversation: Conversation, received: Received
    ) -> Response:
        say = self._parts.say(self._scenery.lang(request))
        replies = shape_all(received.replies, say)
        note = "nothing" if request.method == "POST" and not replies else ""
        answer = self._draw(request, {"replies": replies, "note": note})
        self._talks.remember(answer, conversation)
        return answer

    def _draw(self, request: Request, values: dict[str, Any]) -> Response:
        return self._scenery.draw(
            request,
            "plain",
            {**self._common, **values},
        )


def _call(sent: Sent, lang: str) -> Call:
    """Read a form as a call of the API; raises `Trouble` malformed."""
    said: dict[str, Any] = {"id": sent.get("id"), "lang": lang, "pages": True}
    press = _PRESS.fullmatch(sent.get("press"))
    if press:
        said["press"] = {"turn": int(press[1]), "index": int(press[2])}
    elif sent.get("command"):
        said["command"] = sent.get("command")
    elif sent.get("submit").isdecimal():
        said["submit"] = {"turn": int(sent.get("submit")), "answers": _answers(sent)}
    else:
        said["text"] = sent.get("text")
    try:
        return Call.model_validate(said)
    except ValidationError as wrong:
        raise Trouble("malformed") from wrong


def _answers(sent: Sent) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for name, value in sent.pairs:
        if name.startswith(MANY):
            answers.setdefault(name.removeprefix(MANY), []).append(value)
        elif name.startswith(ONE) and value.strip():
            answers[name.removeprefix(ONE)] = value
    return answers
