"""Files of a citizen: kept first, then told to the dialog in one turn."""

from asyncio import to_thread
from collections import OrderedDict
from dataclasses import replace

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from bot.dialogs.events import Attach, Attached
from bot.dialogs.replies import Ask, Page, Phrase, Reply, Say
from bot.errors import Refused
from bot.handlers.chat.calls import Id
from bot.handlers.chat.files import Sent, read
from bot.handlers.chat.parts import WebParts
from bot.handlers.chat.problems import Trouble
from bot.handlers.chat.talk import Conversation, Conversations
from bot.receive import Received

_id: TypeAdapter[str] = TypeAdapter(Id)
REMEMBERED = 500
"""Uploads whose answer may have been lost on the way: a repeat finds its files kept already."""


class Uploads:
    """Takes multipart calls; one per process."""

    def __init__(self, parts: WebParts, talks: Conversations) -> None:
        self._parts = parts
        self._talks = talks
        self._busy = 0
        self._kept: OrderedDict[tuple[str, str, bytes], tuple[Attached, ...]] = OrderedDict()

    async def take(self, request: Request, conversation: Conversation) -> tuple[Received, str]:
        """Take one call: the turn it made, and its language. Raises `Trouble`.

        A file of a wrong kind or size is told in the answer; the others are kept all the same.
        """
        self._talks.rates.check(conversation.address, self._parts.limits.turns)
        if self._busy >= self._parts.limits.uploads:
            raise Trouble("overloaded", retry_after=10)
        self._busy += 1
        try:
            sent = await read(request, self._parts.limits)
            return await self.turn(sent, conversation)
        finally:
            self._busy -= 1

    async def turn(self, sent: Sent, conversation: Conversation) -> tuple[Received, str]:
        """Keep the files of a form that was read, and take the turn they make."""
        try:
            call = _id.validate_python(sent.get("id", ""))
        except ValidationError as wrong:
            raise Trouble("malformed") from wrong
        if not sent.files:
            raise Trouble("malformed")
        lang = sent.get("lang", "ko")
        if lang not in self._parts.texts.languages:
            raise Trouble("malformed")
        kept, refused = await self._keep(sent, conversation, call)
        if kept:
            event = Attach(kept, sent.get("text", ""))
            received = await self._talks.turn(
                conversation,
                call,
                sent.digest(),
                event,
                lang,
                pages=sent.get("pages") == "true",
            )
        else:
            received = await self._talks.show(conversation, lang)
        if refused is not None:
            phrase = Phrase(refused.key, dict(refused.params))
            received = replace(received, replies=with_error(received.replies, phrase))
        return received, lang

    async def _keep(
        self, sent: Sent, conversation: Conversation, call: str
    ) -> tuple[tuple[Attached, ...], Refused | None]:
        mark = (conversation.address, call, sent.digest())
        if mark in self._kept:
            return self._kept[mark], None
        kept: list[Attached] = []
        refused: Refused | None = None
        for file in sent.files:
            try:
                kept.append(
                    await to_thread(
                        self._parts.back.keep, conversation.address, file.name, file.data
                    )
                )
            except Refused as found:
                refused = found
        if kept:
            self._kept[mark] = tuple(kept)
            if len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        return tuple(kept), refused


def with_error(replies: tuple[Reply, ...], error: Phrase) -> tuple[Reply, ...]:
    """Say what was wrong beside the question that is open, or by itself where none is."""
    for index in range(len(replies) - 1, -1, -1):
        reply = replies[index]
        if isinstance(reply, Ask | Page):
            told = replace(reply, error=error)
            return (*replies[:index], told, *replies[index + 1 :])
    return (Say(error), *replies)
