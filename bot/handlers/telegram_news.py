"""An issue of the news to very many chats of Telegram: laid out and written down once.

Each chat is one request, and of its bytes only the number of the chat is its own. PTB makes
objects of every message and its form anew, which is most of the time that a send takes; errors
are its own as ever (`AioRequest.call`).
"""

import hashlib
import io
import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, TypeAlias

import aiohttp
from telegram import Bot
from telegram.error import BadRequest

from bot.channel import Carried, Delivery, Parcel
from bot.dialogs.replies import News, dump
from bot.handlers.telegram_delivery import Arrived, Sender, Step, entities, markup, says
from bot.handlers.telegram_render import Message, Speak, render
from bot.handlers.telegram_request import AioRequest

KEPT: Final = 8
"""Replies that are kept laid out: a language each of the few that are on their way."""

REFUSED: Final = ("wrong file identifier", "wrong remote file identifier", "wrong file_id")
"""What the vendor says of the id of a picture that it does not know (any more)."""

Ids: TypeAlias = tuple[str | None, ...]


@dataclass(slots=True)
class _Laid:
    """A reply laid out. `reply` is held so that no other can take its identity.

    `bodies` are what is sent but for the chat, by the place of a message and the ids of its
    pictures; `better` are ids in place of those that were missing or refused.
    """

    reply: News
    messages: tuple[Message, ...]
    bodies: dict[tuple[int, Ids], bytes] = field(default_factory=dict)
    better: dict[tuple[int, str | None], str] = field(default_factory=dict)
    name: bytes = b""


class Issues:
    """Sends issues. `speak` binds a language; `sender` remembers what of several has arrived."""

    def __init__(self, bot: Bot, sender: Sender, speak: Callable[[str], Speak]) -> None:
        self._bot = bot
        self._sender = sender
        self._speak = speak
        self._kept: OrderedDict[tuple[int, str, bool], _Laid] = OrderedDict()

    async def deliver(self, parcel: Parcel, reply: News) -> Delivery:
        """Send an issue; raises `ValueError` where it cannot be laid out, or lacks a picture.

        `uploaded` of what was delivered holds the ids of all its pictures in order.
        """
        laid = self._laid(parcel, reply)
        carried = parcel.carried
        steps: list[Step] = []
        for place, message in enumerate(laid.messages):
            if message.pictures and carried is not None and shows(parcel):
                steps.append(partial(self._pictures, laid=laid, place=place, carried=carried))
            elif message.part.text:
                steps.append(partial(self._words, laid=laid, place=place, plain=parcel.plain))
        return await self._sender.walk(parcel.address, steps, partial(_name, laid, parcel))

    def _laid(self, parcel: Parcel, reply: News) -> _Laid:
        key = (id(reply), parcel.lang, parcel.again)
        laid = self._kept.get(key)
        if laid is None:
            messages = render(reply, self._speak(parcel.lang), again=parcel.again)
            laid = self._kept[key] = _Laid(reply, messages)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return laid

    async def _words(self, chat: int, *, laid: _Laid, place: int, plain: bool) -> Arrived:
        body = laid.bodies.get((place, (str(plain),)))
        if body is None:
            message = laid.messages[place]
            body = laid.bodies[place, (str(plain),)] = _body(_text(message, plain=plain))
        said = await self._call("sendMessage", _addressed(chat, body))
        return Arrived(str(said["message_id"]))

    async def _pictures(self, chat: int, *, laid: _Laid, place: int, carried: Carried) -> Arrived:
        """Send by the vendor's ids; what it has none of, or refuses, is uploaded."""
        message = laid.messages[place]
        ids = tuple(_id(laid, carried, picture) for picture in message.pictures)
        if None not in ids:
            try:
                return await self._known(chat, laid, place, ids)
            except BadRequest as error:
                if not (carried.pictures and says(error, REFUSED)):
                    raise
                ids = (None,) * len(ids)
        arrived = await self._upload(chat, message, ids, carried)
        for picture, name in zip(message.pictures, arrived.uploaded, strict=True):
            laid.better[picture, _given(carried, picture)] = name
        return arrived

    async def _known(self, chat: int, laid: _Laid, place: int, ids: Ids) -> Arrived:
        message = laid.messages[place]
        body = laid.bodies.get((place, ids))
        if body is None:
            body = laid.bodies[place, ids] = _body(_media(message, ids))
        said = await self._call(_method(message), _addressed(chat, body))
        return Arrived(_numbers(said), tuple(map(str, ids)))

    async def _upload(self, chat: int, message: Message, ids: Ids, carried: Carried) -> Arrived:
        form = aiohttp.FormData()
        form.add_field("chat_id", str(chat))
        names: list[str] = []
        for picture, known in zip(message.pictures, ids, strict=True):
            field_ = f"p{picture}" if message.pictures[1:] else "photo"
            names.append(known or f"attach://{field_}")
            if known is None:
                # As a stream: aiohttp warns of large plain bytes.
                stream = io.BytesIO(_bytes(carried, picture))
                form.add_field(field_, stream, filename="picture.png", content_type="image/png")
        for name, value in _media(message, names).items():
            if value != "attach://photo":
                form.add_field(name, value if isinstance(value, str) else json.dumps(value))
        said = await self._call(_method(message), form)
        shown = said if isinstance(said, list) else [said]
        return Arrived(_numbers(said), tuple(_largest(one["photo"]) for one in shown))

    async def _call(self, method: str, body: bytes | aiohttp.FormData) -> Any:
        request = self._bot.request
        assert isinstance(request, AioRequest)
        return await request.call(f"{self._bot.base_url}/{method}", body)


def shows(parcel: Parcel) -> bool:
    """Tell whether pictures are at hand, and wanted."""
    carried = parcel.carried
    return not parcel.plain and bool(carried and (carried.pictures or carried.uploaded))


def arriving(messages: Sequence[Message], parcel: Parcel) -> tuple[Message, ...]:
    """Give the messages that are sent: without pictures at hand, their words alone."""
    if shows(parcel):
        return tuple(messages)
    kept = (one for one in messages if one.part.text or not one.pictures)
    return tuple(replace(one, pictures=()) for one in kept)


def _method(message: Message) -> str:
    return "sendPhoto" if len(message.pictures) == 1 else "sendMediaGroup"


def _media(message: Message, names: Sequence[str | None]) -> dict[str, Any]:
    if len(names) > 1:
        return {"media": [{"type": "photo", "media": name} for name in names]}
    said: dict[str, Any] = {"photo": names[0]}
    if message.part.text:
        said |= {"caption": message.part.text, "caption_entities": entities(message.part.marks)}
    return said | _under(message)


def _text(message: Message, *, plain: bool) -> dict[str, Any]:
    said: dict[str, Any] = {
        "text": message.part.text,
        "link_preview_options": {"is_disabled": True},
    }
    if message.part.marks and not plain:
        said["entities"] = entities(message.part.marks)
    return said | _under(message)


def _under(message: Message) -> dict[str, Any]:
    return {"reply_markup": markup(message)} if message.keys else {}


def _body(said: dict[str, Any]) -> bytes:
    """Write all but the chat, which stands first; in UTF-8, a third of what a form takes."""
    return json.dumps(said, ensure_ascii=False).encode()[1:]


def _addressed(chat: int, body: bytes) -> bytes:
    return b'{"chat_id":%d,%b' % (chat, body)


def _name(laid: _Laid, parcel: Parcel) -> bytes:
    if not laid.name:
        laid.name = hashlib.sha256(parcel.lang.encode() + dump(laid.reply)).digest()
    return laid.name


def _given(carried: Carried, picture: int) -> str | None:
    return carried.uploaded[picture] if picture < len(carried.uploaded) else None


def _id(laid: _Laid, carried: Carried, picture: int) -> str | None:
    given = _given(carried, picture)
    return laid.better.get((picture, given), given)


def _bytes(carried: Carried, picture: int) -> bytes:
    if picture >= len(carried.pictures):
        raise ValueError("an issue lacks a picture")
    return carried.pictures[picture]


def _numbers(said: Any) -> str:
    shown = said if isinstance(said, list) else [said]
    return ",".join(str(one["message_id"]) for one in shown)


def _largest(sizes: Sequence[dict[str, Any]]) -> str:
    """Give the id of the picture in its largest size (core.telegram.org/bots/api#photosize)."""
    return str(max(sizes, key=lambda one: one["width"] * one["height"])["file_id"])
