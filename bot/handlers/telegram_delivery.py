"""Sending to Telegram, and what its answer means for a row of the outbox (security S10, S12).

Only the vendor's own JSON is a verdict on a row or a person. Everything else is a fault of the
channel (`Later` with `fault`: nobody is blamed) or no verdict at all (`Unknown`).
"""

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias

from telegram import (
    Bot,
    InlineKeyboardMarkup,
    InputFile,
    MessageEntity,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, TelegramError
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.channel import Delivered, Delivery, Later, Moved, Never, Unknown
from bot.handlers.telegram_render import File, Message
from bot.handlers.telegram_request import NotSent, NotVendor, NoVerdict, TooMany
from bot.handlers.telegram_text import Mark

GONE: Final = (
    "bot was blocked by the user",
    "user is deactivated",
    "bot can't initiate conversation with a user",
)
"""403s that are about the person (tdlib/telegram-bot-api, Client.cpp); others are about us."""

NOBODY: Final = ("chat not found", "peer_id_invalid", "user not found")
NOTHING_TO_DO: Final = (
    "message is not modified",
    "message to delete not found",
    "message identifier is not specified",
)
TOO_OLD: Final = ("message can't be deleted",)  # for everyone: 48 h (Bot API, deleteMessage)
KEPT: Final = 1000


def verdict(error: TelegramError) -> Delivery:
    """Tell what an error means for the row. Descriptions are read, never kept."""
    if isinstance(error, ChatMigrated):
        return Moved(str(error.new_chat_id))
    if isinstance(error, Forbidden):
        gone = says(error, GONE)
        return Never("gone" if gone else "forbidden", peer_gone=gone)
    if isinstance(error, BadRequest):
        return _refused(error)
    return _not_now(error)


def _not_now(error: TelegramError) -> Later | Unknown:
    match error:
        case TooMany():
            return Later(float(error.seconds), counts=False)
        case NotSent():
            return Later(10.0, counts=False, fault="network")
        case NotVendor():
            return Later(30.0, counts=False, fault=f"http_{error.code}")
        case NetworkError() if not isinstance(error, NoVerdict):
            return Later(10.0)  # the vendor's own 5xx: a row that always draws it has an end
    return Unknown()


def _refused(error: BadRequest) -> Delivery:
    if says(error, NOTHING_TO_DO):
        return Delivered()
    if says(error, NOBODY):
        return Never("gone", peer_gone=True)
    return Never("too_old" if says(error, TOO_OLD) else "bad_request")


def says(error: TelegramError, known: Sequence[str]) -> bool:
    said = error.message.lower()
    return any(words in said for words in known)


@dataclass(frozen=True, slots=True)
class Arrived:
    """What one request brought: ids of messages, and of pictures that the vendor has now."""

    ids: str
    uploaded: tuple[str, ...] = ()


Step: TypeAlias = Callable[[int], Awaitable[Arrived]]
"""One request of several, to a chat."""


@dataclass(slots=True)
class Sender:
    """Sends the messages of one reply, in their order.

    A reply may take several messages, and a flood limit may come between two of them. What has
    arrived is remembered until the reply is through, so that the next try goes on behind it. The
    memory is this process's: after its death a long reply may begin anew (docs: at least once).
    """

    bot: Bot
    picture: Callable[[str], bytes]
    _begun: OrderedDict[bytes, list[Arrived]] = field(default_factory=OrderedDict)

    async def send(
        self, address: str, messages: Sequence[Message], *, plain: bool, name: Callable[[], bytes]
    ) -> Delivery:
        """Send all of them; `name` tells this reply from others to the same address."""
        steps = [partial(self._one, message=message, plain=plain) for message in messages]
        return await self.walk(address, steps, name)

    async def walk(
        self, address: str, steps: Sequence[Step], name: Callable[[], bytes]
    ) -> Delivery:
        """Take the steps of one reply, and give one verdict.

        A reply of one step needs no name: it has arrived or it has not.
        """
        chat = int(address)
        if len(steps) == 1:
            try:
                return _delivered([await steps[0](chat)])
            except TelegramError as error:
                return verdict(error)
        key = hashlib.sha256(address.encode() + b"\0" + name()).digest()
        done = self._begun.setdefault(key, [])
        self._begun.move_to_end(key)
        while len(self._begun) > KEPT:
            self._begun.popitem(last=False)
        for step in steps[len(done) :]:
            try:
                done.append(await step(chat))
            except TelegramError as error:
                found = verdict(error)
                if isinstance(found, Moved) or (isinstance(found, Never) and found.peer_gone):
                    self._begun.pop(key, None)
                return found
        self._begun.pop(key, None)
        return _delivered(done)

    async def delete(self, address: str, ids: str) -> Delivery:
        """Take messages away: ours, or one that a person sent with an identity number in it."""
        numbers = [int(number) for number in ids.split(",") if number]
        try:
            if len(numbers) == 1:
                await self.bot.delete_message(int(address), numbers[0])
            else:
                await self.bot.delete_messages(int(address), numbers)
        except TelegramError as error:
            return verdict(error)
        return Delivered()

    async def _one(self, chat: int, *, message: Message, plain: bool) -> Arrived:
        if message.file is not None and not plain:
            return Arrived(await self._file(chat, message, message.file))
        if message.picture is None or plain:
            return Arrived(await self._words(chat, message, plain=plain))
        sent = await self.bot.send_photo(
            chat,
            await asyncio.to_thread(self.picture, message.picture),
            caption=message.part.text or None,
            caption_entities=[_entity(mark) for mark in message.part.marks] or None,
            reply_markup=InlineKeyboardMarkup.de_json(markup(message), self.bot)
            if message.keys
            else None,
        )
        return Arrived(str(sent.message_id))

    async def _file(self, chat: int, message: Message, file: File) -> str:
        # The mark at the beginning tells old editors that this is UTF-8.
        data = InputFile(file.text.encode("utf-8-sig"), filename=file.name)
        sent = await self.bot.send_document(
            chat, data, caption=message.part.text, disable_content_type_detection=True
        )
        return str(sent.message_id)

    async def _words(self, chat: int, message: Message, *, plain: bool) -> str:
        """Send words past `Bot.send_message`, which takes half of a turn to make objects of them.

        Errors are PTB's as ever: they are made by `BaseRequest.post`.
        """
        values = {
            "chat_id": str(chat),
            "text": message.part.text,
            "link_preview_options": '{"is_disabled": true}',
        }
        if message.part.marks and not plain:
            values["entities"] = json.dumps(entities(message.part.marks))
        if message.keys or message.place is not None:
            values["reply_markup"] = json.dumps(markup(message))
        data = RequestData([RequestParameter(name, value, None) for name, value in values.items()])
        sent = await self.bot.request.post(f"{self.bot.base_url}/sendMessage", data)
        return str(sent["message_id"])  # type: ignore[call-overload,index,unused-ignore]


def _delivered(done: Sequence[Arrived]) -> Delivered:
    ids = ",".join(one.ids for one in done if one.ids)
    return Delivered(ids, tuple(name for one in done for name in one.uploaded))


def entities(marks: Iterable[Mark]) -> list[dict[str, object]]:
    """Give the marks of a text, as the Bot API takes them."""
    return [
        {"type": mark.kind, "offset": mark.offset, "length": mark.length}
        | ({"url": mark.url} if mark.url else {})
        for mark in marks
    ]


def _entity(mark: Mark) -> MessageEntity:
    return MessageEntity(type=mark.kind, offset=mark.offset, length=mark.length)


def markup(message: Message) -> dict[str, object]:
    """Give the keys under a message, as the Bot API takes them."""
    if message.place is not None:
        # Only a button of the typing field can ask for a place; the other answers stand there as
        # words, which the dialog takes like a press.
        place: list[dict[str, object]] = [{"text": message.place, "request_location": True}]
        rows = [place, *([{"text": key.label} for key in row] for row in message.keys)]
        return {"keyboard": rows, "resize_keyboard": True, "one_time_keyboard": True}
    return {
        "inline_keyboard": [
            [
                {
                    "text": key.label,
                    **({"url": key.url} if key.url else {"callback_data": key.data}),
                }
                for key in row
            ]
            for row in message.keys
        ]
    }
