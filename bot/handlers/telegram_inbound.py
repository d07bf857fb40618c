"""What an update of Telegram says, as our own values. Pure: parsed, not yet believed."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from telegram import Bot, CallbackQuery, ChatMemberUpdated, Contact, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType, MessageEntityType

from bot.channel import Gone, Inbound, Source
from bot.dialogs.events import Answer, Attach, Attached, Command, Event, Located, Press

CHANNEL: Final = "telegram"
COMMANDS: Final = ("start", "report", "my", "help", "stop")
"""What the menu of the messenger offers; another word after a slash is what somebody wrote."""

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
    """Makes values of updates. `now` is our clock; `ref` names a file in our own storage."""

    bot: Bot
    account: str
    now: Callable[[], datetime]
    ref: Callable[[], str]

    def parse(self, data: Mapping[str, Any]) -> Parsed:
        """Read one update; raises `Unreadable`."""
        try:
            update = Update.de_json(dict(data), self.bot)
            return self._parsed(update, body_of(data))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            # `from None`: the cause quotes what it choked on.
            raise Unreadable("update") from None

    def _parsed(self, update: Update, body: bytes) -> Parsed:
        number = str(update.update_id)
        if update.callback_query is not None:
            return self._press(update.callback_query, number, body)
        if update.my_chat_member is not None:
            return self._member(update.my_chat_member, number)
        message = update.message or update.edited_message
        if message is None or message.from_user is None:
            return Parsed()
        if message.chat.type != ChatType.PRIVATE:
            return Parsed(leave=message.chat.id)
        edited = update.edited_message is not None
        event, sources = self._event(message, edited=edited)
        if event is None:
            return Parsed()
        return Parsed(
            Inbound(
                channel=CHANNEL,
                account=self.account,
                address=str(message.chat.id),
                update_id=number,
                body=body,
                event=event,
                at=self.now(),
                lang=_lang(message.from_user),
                message=str(message.message_id),
                sources=sources,
                edited=edited,
                name=sound(message.from_user.full_name),
                album=message.media_group_id,
            )
        )

    def _press(self, query: CallbackQuery, number: str, body: bytes) -> Parsed:
        chat = query.message.chat if query.message else None
        if chat is None or chat.type != ChatType.PRIVATE:
            return Parsed(query=query.id)
        inbound = Inbound(
            channel=CHANNEL,
            account=self.account,
            address=str(query.from_user.id),  # who pressed, whatever the message says
            update_id=number,
            body=body,
            event=pressed(query.data or ""),
            at=self.now(),
            lang=_lang(query.from_user),
            name=sound(query.from_user.full_name),
        )
        return Parsed(inbound, query=query.id)

    def _member(self, change: ChatMemberUpdated, number: str) -> Parsed:
        status = change.new_chat_member.status
        if change.chat.type != ChatType.PRIVATE:
            return Parsed(leave=None if status in _AWAY else change.chat.id)
        address = str(change.chat.id)
        gone = status in _AWAY
        return Parsed(Gone(CHANNEL, self.account, address, number, gone, self.now()))

    def _event(self, message: Message, *, edited: bool) -> tuple[Event | None, tuple[Source, ...]]:
        text = sound(message.text or message.caption or "")
        if edited:
            # A live location sends an edit each few seconds; only words are looked at again.
            return (Answer(text) if text else None), ()
        if message.text is not None and message.effective_attachment is None:
            return (_command(message, text) or Answer(text)), ()
        if message.location is not None:
            return Located(message.location.latitude, message.location.longitude), ()
        if message.contact is not None:
            own = _own_number(message.contact, message.from_user)
            return own or unreadable(self.ref()), ()
        return self._files(message, text)

    def _files(self, message: Message, text: str) -> tuple[Event | None, tuple[Source, ...]]:
        if message.effective_attachment is None:
            return None, ()  # somebody pinned a message, changed a timer: nothing was said
        found = _file(message, self.ref())
        if found is None:
            return unreadable(self.ref()), ()
        attached, locator = found
        # Nobody looks at a sticker: there is nothing to fetch.
        sources = () if attached.kind == "sticker" else (Source(attached.ref, locator),)
        return Attach((attached,), text), sources


def body_of(update: Mapping[str, Any]) -> bytes:
    """Give the bytes by which a repeat is known: the same by webhook and by polling."""
    return json.dumps(update, sort_keys=True, separators=(",", ":")).encode()


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


def _command(message: Message, text: str) -> Command | None:
    first = message.entities[0] if message.entities else None
    if first is None or first.type != MessageEntityType.BOT_COMMAND or first.offset != 0:
        return None
    word, _, rest = text.partition(" ")
    name = word.removeprefix("/").partition("@")[0].lower()
    return Command(name, rest.strip()) if name in COMMANDS else None


def _own_number(contact: Contact, sender: User | None) -> Answer | None:
    """Take a telephone number only from the one whose it is (security S27)."""
    if sender is None or contact.user_id != sender.id:
        return None
    digits = re.sub(r"\D", "", contact.phone_number)
    return Answer(f"0{digits[2:]}" if digits.startswith("82") else f"+{digits}")


def _file(message: Message, ref: str) -> tuple[Attached, str] | None:
    """Give the one file of a message and the name by which the vendor has it."""
    if message.photo:
        photo = max(message.photo, key=lambda size: size.width * size.height)
        size = photo.file_size or 0
        return Attached(ref, "photo", size=size, mime="image/jpeg"), photo.file_id
    if message.sticker is not None:
        return Attached(
            ref, "sticker", size=message.sticker.file_size or 0
        ), message.sticker.file_id
    voice = message.voice or message.audio
    if voice is not None:
        return _attached(ref, "voice", voice), voice.file_id
    video = message.video or message.video_note or message.animation
    if video is not None:
        return _attached(ref, "video", video), video.file_id
    if message.document is not None:
        return _attached(ref, "document", message.document), message.document.file_id
    return None


def _attached(ref: str, kind: Any, file: Any) -> Attached:
    name = sound(getattr(file, "file_name", None) or "")
    mime = sound(getattr(file, "mime_type", None) or "")
    return Attached(ref, kind, name=name[:255], size=file.file_size or 0, mime=mime[:100])


def _lang(user: User) -> str | None:
    """Give the language of the person's app, without its region."""
    return user.language_code.partition("-")[0].lower() if user.language_code else None
