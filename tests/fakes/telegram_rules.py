"""What the Bot API refuses, in its own words: limits, markup, floods, commands.

The numbers are `telegram.constants`, the sentences those of tdlib/telegram-bot-api's `Client.cpp`.
Where the real one is lenient in ways nobody documented, this one refuses.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = {
    "bold", "italic", "underline", "strikethrough", "code", "pre", "blockquote",
    "expandable_blockquote", "text_link", "url", "mention",
}  # fmt: skip


class Bad(Exception):  # noqa: N818 - the vendor's word
    """The vendor's refusal."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def json(self) -> dict[str, Any]:
        said = {"ok": False, "error_code": self.code, "description": self.description}
        return said | ({"parameters": self.parameters} if self.parameters else {})


@dataclass(frozen=True)
class Page:
    """Somebody else's answer: a proxy, a firewall, a captive portal. Nothing is accepted."""

    status: int
    body: str = "<html><body>blocked</body></html>"


@dataclass(frozen=True)
class Hang:
    """Accepted; the answer never comes (until the fake stops)."""


@dataclass(frozen=True)
class Drop:
    """The connection breaks: after the message was accepted, or before."""

    accepted: bool = True


@dataclass(frozen=True)
class Cut:
    """Accepted; the answer breaks off in the middle."""


Fault = Page | Hang | Drop | Cut | Bad


@dataclass
class Call:
    method: str
    params: dict[str, str]
    files: dict[str, bytes] = field(default_factory=dict)


def bad_request(description: str) -> Bad:
    return Bad(400, f"Bad Request: {description}")


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def loaded(params: Mapping[str, str], name: str) -> Any:
    """Read a parameter that is JSON."""
    if not params.get(name):
        return None
    try:
        return json.loads(params[name])
    except ValueError:
        raise bad_request(f"can't parse {name} JSON object") from None


def check_text(text: str, most: int, what: str) -> None:
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise bad_request("strings must be encoded in UTF-8")
    if not text.strip(" \n\t\r\u200b\u200e\u200f\u202e\x00"):
        raise bad_request("message text is empty")
    if units(text) > most:
        raise bad_request(f"{what} is too long")


def check_photo(data: bytes) -> None:
    if len(data) > 10 * 2**20:
        raise bad_request("file is too big for a photo")
    if not data.startswith((b"\x89PNG", b"\xff\xd8")):
        raise bad_request("IMAGE_PROCESS_FAILED")


def check_album(params: Mapping[str, str]) -> list[dict[str, Any]]:
    media = loaded(params, "media")
    if not isinstance(media, list) or not 2 <= len(media) <= 10:
        raise bad_request("group send failed: 2 to 10 media are needed")
    if "reply_markup" in params:
        raise bad_request("a group of media carries no buttons")
    for one in media:
        if one.keys() - {"type", "media", "caption", "caption_entities"} or one["type"] != "photo":
            raise bad_request("unsupported media of a group")
    return media


def check_entities(text: str, entities: Any) -> None:
    if entities is None:
        return
    if not isinstance(entities, list) or len(entities) > 100:
        raise bad_request("can't parse entities")
    data = text.encode("utf-16-le")
    for entity in entities:
        start, length = entity["offset"], entity["length"]
        if entity["type"] not in KINDS or length <= 0 or start < 0:
            raise bad_request("can't parse entities: unsupported entity")
        if (start + length) * 2 > len(data):
            raise bad_request("can't parse entities: entity is out of the text")
        data[start * 2 : (start + length) * 2].decode("utf-16-le")  # cuts no sign in half
        if ("url" in entity) != (entity["type"] == "text_link"):
            raise bad_request("can't parse entities: a link needs its URL")


def check_markup(markup: Any) -> None:
    if markup is None:
        return
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        _rows(markup["inline_keyboard"], _inline)
    elif "keyboard" in markup:
        _rows(markup["keyboard"], _reply)
    elif not markup.get("remove_keyboard") and not markup.get("force_reply"):
        raise bad_request("unsupported reply markup")


def _rows(rows: list[list[dict[str, Any]]], check: Callable[[dict[str, Any]], None]) -> None:
    if sum(map(len, rows)) > 100 or any(not 0 < len(row) <= 8 for row in rows):
        raise bad_request("reply markup is too long")
    for row in rows:
        for button in row:
            if not button.get("text", "").strip():
                raise bad_request("text buttons are required to have a text")
            check(button)


def _inline(button: dict[str, Any]) -> None:
    if len(button.keys() - {"text", "style", "icon_custom_emoji_id"}) != 1:
        raise bad_request("can't parse inline keyboard button: one kind is allowed")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= 64:
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not re.match(r"(https?://[^/\s:]+\.[^/\s:]+|tg://.)", url):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _reply(button: dict[str, Any]) -> None:
    if button.keys() - {"text", "request_location", "request_contact", "style"}:
        raise bad_request("can't parse keyboard button")


def check_commands(params: Mapping[str, str]) -> list[dict[str, str]]:
    commands = loaded(params, "commands")
    if not isinstance(commands, list) or len(commands) > 100:
        raise bad_request("can't parse commands")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return commands


@dataclass
class Flood:
    """One a second for a chat after a short burst, thirty a second over all.

    `clock` is the vendor's own time in seconds; a person's own pace moves it (people.py).
    """

    burst: int = 4
    overall: int = 30
    clock: float = 0.0
    refused: int = 0
    _chats: dict[int, float] = field(default_factory=dict)
    _all: float = 0.0

    def take(self, chat: int) -> None:
        """Let one message through, or say how many seconds to wait."""
        due = max(self._chats.get(chat, 0.0), self.clock - self.burst + 1)
        every = max(self._all, self.clock - 1.0)
        wait = max(due - self.clock, every - self.clock)
        if wait > 0:
            self.refused += 1
            seconds = max(1, int(wait + 0.999))
            raise Bad(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        self._chats[chat] = due + 1.0
        self._all = every + 1.0 / self.overall
