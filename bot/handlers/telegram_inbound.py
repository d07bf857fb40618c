"""What an update of Telegram says, as our own values. Pure: parsed, not yet believed.

The few fields that count are read from the JSON itself: making objects of all that the vendor sends
took a sixth of a turn.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from telegram import Bot, Update
from telegram.constants import ChatMemberStatus, ChatType, MessageAttachmentType, MessageEntityType

from bot.channel import Gone, Inbound, Source
from bot.dialogs.events import Answer, Attach, Attached, Command, Event, Located, Press

CHANNEL: Final = "telegram"
COMMANDS: Final = ("start", "my", "cases", "news", "help", "stop")
"""What the menu of the messenger offers beside the procedures; another word after a slash is what
somebody wrote."""

ALLOWED: Final = (
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CALLBACK_QUERY,
    Update.MY_CHAT_MEMBER,
)
_PRESS: Final = re.compile(r"d:(\d{1,9}):(\d{1,3})")
_COMMAND: Final = re.compile(r"c:([a-z0-9_.]{1,40}):(.{0,64})", re.DOTALL)
_NEVER: Final = Press(0, 0)  # turns begin at 1: data that we never wrote is an old button
_AWAY: Final = frozenset({ChatMemberStatus.BANNED, ChatMemberStatus.LEFT})
_ATTACHED: Final = frozenset(str(kind) for kind in MessageAttachmentType)

Json = Mapping[str, Any]


class Unreadable(ValueError):  # noqa: N818 - says what is known
    """The update is not of a shape that the Bot API documents."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one update asks of us; all None for what concerns nobody (a service message)."""

    event: Inbound | Gone | None = None
    query: str | None = None  # a press that waits for its answer
    leave: int | None = None  # a chat that is not private


@dataclass(frozen=True, slots=True)
class Parser:
    """Makes values of updates.

    `now` is our clock; `ref` names a file in our own storage; `commands` are the menu's.
    """

    bot: Bot
    account: str
    now: Callable[[], datetime]
    ref: Callable[[], str]
    commands: frozenset[str] = frozenset(COMMANDS)

    def parse(self, data: Mapping[str, Any]) -> Parsed:
        """Read one update; raises `Unreadable`."""
        try:
            return self._parsed(data, body_of(data))
        except (
            KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError,
        ):  # fmt: skip
            # `from None`: the cause quotes what it choked on.
            raise Unreadable("update") from None

    def _parsed(self, update: Json, body: bytes) -> Parsed:
        number = str(_number(update["update_id"]))
        if query := update.get("callback_query"):
            return self._press(query, number, body)
        if change := update.get("my_chat_member"):
            return self._member(change, number)
        if message := update.get("message"):
            return self._message(message, number, body, edited=False)
        if message := update.get("edited_message"):
            return self._message(message, number, body, edited=True)
        return Parsed()

    def _message(self, message: Json, number: str, body: bytes, *, edited: bool) -> Parsed:
        chat, sender = message["chat"], message.get("from")
        if chat["type"] != ChatType.PRIVATE:
            return Parsed(leave=_number(chat["id"]))
        if not sender:
            return Parsed()
        event, sources = self._event(message, edited=edited)
        if event is None:
            return Parsed()
        return Parsed(
            Inbound(
                channel=CHANNEL,
                account=self.account,
                address=str(_number(chat["id"])),
                update_id=number,
                body=body,
                event=event,
                at=self.now(),
                lang=_lang(sender),
                message=str(_number(message["message_id"])),
                sources=sources,
                edited=edited,
                name=_name(sender),
                album=message.get("media_group_id"),
            )
        )

    def _press(self, query: Json, number: str, body: bytes) -> Parsed:
        sender, chat = query["from"], (query.get("message") or {}).get("chat")
        if chat is None or chat["type"] != ChatType.PRIVATE:
            return Parsed(query=query["id"])
        inbound = Inbound(
            channel=CHANNEL,
            account=self.account,
            address=str(_number(sender["id"])),  # who pressed, whatever the message says
            update_id=number,
            body=body,
            event=pressed(query.get("data") or ""),
            at=self.now(),
            lang=_lang(sender),
            name=_name(sender),
        )
        return Parsed(inbound, query=query["id"])

    def _member(self, change: Json, number: str) -> Parsed:
        chat, status = change["chat"], change["new_chat_member"]["status"]
        if chat["type"] != ChatType.PRIVATE:
            return Parsed(leave=None if status in _AWAY else _number(chat["id"]))
        address, gone = str(_number(chat["id"])), status in _AWAY
        return Parsed(Gone(CHANNEL, self.account, address, number, gone, self.now()))

    def _event(self, message: Json, *, edited: bool) -> tuple[Event | None, tuple[Source, ...]]:
        text = sound(message.get("text") or message.get("caption") or "")
        if edited:
            # A live location sends an edit each few seconds; only words are looked at again.
            return (Answer(text) if text else None), ()
        attached = not _ATTACHED.isdisjoint(message)
        if message.get("text") is not None and not attached:
            return (self._command(message, text) or Answer(text)), ()
        if place := message.get("location"):
            return Located(float(place["latitude"]), float(place["longitude"])), ()
        if contact := message.get("contact"):
            own = _own_number(contact, message["from"])
            return own or unreadable(self.ref()), ()
        return self._files(message, text) if attached else (None, ())

    def _command(self, message: Json, text: str) -> Command | None:
        first = next(iter(message.get("entities") or ()), None)
        if first is None or first["type"] != MessageEntityType.BOT_COMMAND or first["offset"] != 0:
            return None
        word, _, rest = text.partition(" ")
        name = word.removeprefix("/").partition("@")[0].lower()
        return Command(name, rest.strip()) if name in self.commands else None

    def _files(self, message: Json, text: str) -> tuple[Event | None, tuple[Source, ...]]:
        found = _file(message, self.ref())
        if found is None:
            return unreadable(self.ref()), ()
        attached, locator = found
        # Nobody looks at a sticker: there is nothing to fetch.
        sources = () if attached.kind == "sticker" else (Source(attached.ref, locator),)
        return Attach((attached,), text), sources


_BODY = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def body_of(update: Mapping[str, Any]) -> bytes:
    """Give the bytes by which a repeat is known: the same by webhook and by polling."""
    return _BODY.encode(update).encode()


def pressed(data: str) -> Press | Command:
    """Read the data of a button; what is not of ours is taken for an old one."""
    if found := _PRESS.fullmatch(data):
        return Press(int(found[1]), int(found[2]))
    if found := _COMMAND.fullmatch(data):
        return Command(found[1], sound(found[2]))
    return _NEVER


def unreadable(ref: str) -> Attach:
    """Stand for something that nobody here can read: a poll, a die, somebody else's number."""
    return Attach((Attached(ref, "document"),))


def sound(text: str) -> str:
    """Replace halves of surrogate pairs and NULs: JSON can carry them, no database keeps them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")


def _number(value: object) -> int:
    # Numbers of the Bot API have at most 52 bits (core.telegram.org/bots/api#chat).
    if type(value) is not int or abs(value) >= 2**53:
        raise TypeError("not a number")
    return value


def _name(user: Json) -> str:
    return sound(" ".join(filter(None, (user["first_name"], user.get("last_name")))))


def _own_number(contact: Json, sender: Json) -> Answer | None:
    """Take a telephone number only from the one whose it is (security S27)."""
    if contact.get("user_id") != sender["id"]:
        return None
    digits = re.sub(r"\D", "", contact["phone_number"])
    return Answer(f"0{digits[2:]}" if digits.startswith("82") else f"+{digits}")


_KINDS: Final[tuple[tuple[str, Any], ...]] = (
    ("sticker", "sticker"),
    ("voice", "voice"),
    ("audio", "voice"),
    ("video", "video"),
    ("video_note", "video"),
    ("animation", "video"),  # before the document that it also is
    ("document", "document"),
)


def _file(message: Json, ref: str) -> tuple[Attached, str] | None:
    """Give the one file of a message and the name by which the vendor has it."""
    if sizes := message.get("photo"):
        photo = max(sizes, key=lambda size: size["width"] * size["height"])
        return Attached(ref, "photo", size=_size(photo), mime="image/jpeg"), photo["file_id"]
    for key, kind in _KINDS:
        if file := message.get(key):
            name, mime = sound(file.get("file_name") or ""), sound(file.get("mime_type") or "")
            attached = Attached(ref, kind, name=name[:255], size=_size(file), mime=mime[:100])
            return attached, file["file_id"]
    return None


def _size(file: Json) -> int:
    return _number(file.get("file_size") or 0)


def _lang(user: Json) -> str | None:
    """Give the language of the person's app, without its region."""
    code = user.get("language_code")
    return str(code).partition("-")[0].lower() if code else None
