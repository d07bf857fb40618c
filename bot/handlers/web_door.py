"""One-time links: a dialog goes on here (`/c`), a code is shown once (`/k`). Security S2, S24.

The secret stands behind the `#`: no log, referrer or preview robot has it. A GET shows a page
that is the same for everybody; looking has no effects; only the button redeems.
"""

from asyncio import to_thread
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.dialogs.replies import Phrase
from bot.errors import Refused
from bot.handlers.chat.feed import Feed
from bot.handlers.chat.guard import read_body
from bot.handlers.chat.parts import WebParts
from bot.handlers.chat.problems import Trouble
from bot.handlers.chat.scenery import Page, Scenery
from bot.handlers.chat.shape import Say
from bot.handlers.chat.talk import Conversations

Secret = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{20,64}$")]
SMALL = 2048
CHANNELS = ("telegram", "web", "mail")
NO = {"link.number": "wrong", "link.draft": "draft"}


class Knock(BaseModel):
    """What the script of the page sends; `digits` only for a dialog.

    `over`: the draft of this browser may give way.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    secret: Secret
    digits: Annotated[str, Field(max_length=20)] = ""
    tell: bool = False
    over: bool = False
    lang: Annotated[str, Field(max_length=5)] = "ko"


class Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    number: Annotated[str, Field(max_length=80)]
    code: Annotated[str, Field(max_length=80)]


def pages(
    parts: WebParts, scenery: Scenery, talks: Conversations, feed: Feed
) -> list[tuple[str, Page, list[str]]]:
    """Give the pages of one-time links."""
    doors = _Doors(parts, scenery, talks, feed)
    return [
        ("/c", doors.page("dialog"), ["GET"]),
        ("/k", doors.page("code"), ["GET"]),
        ("/c/look", doors.look, ["POST"]),
        ("/c", doors.move, ["POST"]),
        ("/k", doors.code, ["POST"]),
        ("/kept", doors.kept, ["POST"]),
    ]


class _Doors:
    def __init__(
        self, parts: WebParts, scenery: Scenery, talks: Conversations, feed: Feed
    ) -> None:
        self._parts = parts
        self._scenery = scenery
        self._talks = talks
        self._feed = feed

    def page(self, kind: str) -> Page:
        """Show the page before the button: nothing is looked at, nothing is used up."""

        async def show(request: Request) -> Response:
            words = self._scenery.words(request)
            return self._scenery.draw(request, "door", {"kind": kind, "words": words})

        return show

    async def look(self, request: Request) -> Response:
        """Tell the page whether the link still holds, and which messenger it came from."""
        knock = await self._knock(request)
        found = await to_thread(self._parts.back.offered, knock.secret)
        if found is None:
            return self._no(request, "gone")
        kind, channel = found
        named = Phrase(f"web.handover.channel_{channel if channel in CHANNELS else 'web'}")
        return JSONResponse({"kind": kind, "channel": self._say(request)(named)})

    async def move(self, request: Request) -> Response:
        """Move the dialog into this browser's conversation, or into a new one."""
        knock = await self._knock(request)
        conversation = None
        try:
            conversation = await self._talks.open(request)
        except Trouble as trouble:
            if trouble.code != "unknown":
                raise
        fresh = conversation or self._talks.fresh()
        lang = knock.lang if knock.lang in self._parts.texts.languages else "ko"
        try:
            await to_thread(
                lambda: self._parts.back.move_dialog(
                    knock.secret,
                    knock.digits,
                    fresh.address,
                    lang,
                    tell_number=knock.tell,
                    over=knock.over,
                )
            )
        except Refused as refused:
            return self._no(request, NO.get(refused.key, "gone"))
        if conversation is not None and conversation.peer_id is not None:
            self._feed.drop(conversation.peer_id)
        answer = JSONResponse({"go": "/"})
        self._talks.remember(answer, fresh)
        return answer

    async def code(self, request: Request) -> Response:
        """Show a code, once; the one before dies."""
        knock = await self._knock(request)
        try:
            number, called, code = await to_thread(self._parts.back.show_code, knock.secret)
        except Refused:
            return self._no(request, "gone")
        label = self._say(request)(Phrase(f"number.{called}"))
        return JSONResponse({"number": number, "label": label, "code": code})

    async def kept(self, request: Request) -> Response:
        """Note that somebody without a name typed the code back."""
        body = await read_body(request.scope, request.receive, SMALL)
        try:
            kept = Kept.model_validate_json(body or b"")
        except ValidationError as wrong:
            raise Trouble("malformed") from wrong
        self._talks.rates.check("kept:" + self._talks.network(request), self._parts.limits.looks)
        right = await to_thread(self._parts.back.typed_back, kept.number, kept.code)
        return JSONResponse({"right": right})

    async def _knock(self, request: Request) -> Knock:
        self._talks.rates.check("link:" + self._talks.network(request), self._parts.limits.looks)
        body = await read_body(request.scope, request.receive, SMALL)
        try:
            return Knock.model_validate_json(body or b"")
        except ValidationError as wrong:
            raise Trouble("malformed") from wrong

    def _no(self, request: Request, why: str) -> Response:
        return JSONResponse(
            {"code": why, "detail": self._say(request)(Phrase(f"web.handover.{why}"))}, 422
        )

    def _say(self, request: Request) -> Say:
        return self._parts.say(self._scenery.lang(request))
