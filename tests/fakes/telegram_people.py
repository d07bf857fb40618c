"""The people on the other side of the fake Bot API: what they do becomes updates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fakes.telegram import FakeTelegram

START = 1_795_000_000  # the vendor's clock begins somewhere in 2026
PACE = 5.0
"""Seconds that a person takes for one thing; the flood limits see them."""


@dataclass
class Shown:
    """A message as it stands in a chat now."""

    id: int
    text: str
    mine: bool = False
    keys: list[list[dict[str, Any]]] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)
    keyboard: list[list[dict[str, Any]]] = field(default_factory=list)
    photo: bytes | None = None
    file: bytes | None = None

    @property
    def labels(self) -> list[str]:
        return [key["text"] for row in self.keys for key in row]


class Person:
    """Somebody with an account, in a private chat with the bot."""

    def __init__(
        self, fake: FakeTelegram, account: int, *, name: str = "길동", lang: str | None = "ko"
    ) -> None:
        self.fake = fake
        self.id = account
        self.user: dict[str, Any] = {"id": account, "is_bot": False, "first_name": name}
        if lang:
            self.user["language_code"] = lang
        self.chat = {"id": account, "type": "private", "first_name": name}
        self.messages: dict[int, Shown] = {}
        self.blocked = False
        self.deactivated = False
        self.started = False
        self.toasts: list[str] = []

    # ---- what they see

    @property
    def heard(self) -> list[Shown]:
        """Give what the bot said and what was not deleted, in order."""
        return [shown for _, shown in sorted(self.messages.items()) if not shown.mine]

    @property
    def last(self) -> Shown:
        return self.heard[-1]

    def button(self, label: str) -> tuple[Shown, dict[str, Any]]:
        """Find a button by its label, on the newest message that has it."""
        for shown in reversed(self.heard):
            for row in shown.keys:
                for key in row:
                    if key["text"] == label:
                        return shown, key
        raise AssertionError(f"no button {label!r}; last: {self.last.labels}")

    # ---- what they do: each gives the update that was queued

    def says(self, text: str, **more: Any) -> dict[str, Any]:
        entities = {}
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            command = {"type": "bot_command", "offset": 0, "length": length}
            entities = {"entities": [command]}
        return self.message({"text": text} | entities | more)

    def message(self, content: dict[str, Any]) -> dict[str, Any]:
        """Send any kind of message; `content` as the Bot API has it."""
        self.fake.flood.clock += PACE
        self.started = True
        self.blocked = False
        number = self.fake.next_message()
        text = content.get("text", content.get("caption", ""))
        self.messages[number] = Shown(number, text, mine=True)
        said = {
            "message_id": number,
            "date": START + int(self.fake.flood.clock),
            "chat": self.chat,
            "from": self.user,
        }
        return self.fake.queue(self.id, "message", said | content)

    def presses(self, label: str) -> dict[str, Any]:
        shown, key = self.button(label)
        assert "callback_data" in key, f"{label!r} is a link to {key.get('url')}"
        return self.forges(shown.id, key["callback_data"])

    def forges(self, message: int, data: str) -> dict[str, Any]:
        """Press with any data: what a patched client can send."""
        self.fake.flood.clock += PACE
        query = self.fake.next_query(self.id)
        return self.fake.queue(
            # Presses have a queue of their own (Client.cpp: user_id + (3 << 33)).
            self.id + (3 << 33),
            "callback_query",
            {
                "id": query,
                "from": self.user,
                "chat_instance": str(self.id),
                "data": data,
                "message": {"message_id": message, "date": START, "chat": self.chat, "text": "…"},
            },
        )

    def sends_photo(self, data: bytes, *, album: str = "", caption: str = "") -> dict[str, Any]:
        sizes = [self.file(data[:9], width=90, height=60), self.file(data, width=1280, height=960)]
        extra = {"media_group_id": album} if album else {}
        return self.message({"photo": sizes} | extra | ({"caption": caption} if caption else {}))

    def sends_document(self, data: bytes, name: str, mime: str) -> dict[str, Any]:
        return self.message({"document": self.file(data, file_name=name, mime_type=mime)})

    def sends_voice(self, data: bytes) -> dict[str, Any]:
        return self.message({"voice": self.file(data, duration=3, mime_type="audio/ogg")})

    def sends_sticker(self) -> dict[str, Any]:
        kind = {"width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self.message({"sticker": self.file(b"RIFF", type="regular", **kind)})

    def sends_location(self, lat: float, lon: float) -> dict[str, Any]:
        return self.message({"location": {"latitude": lat, "longitude": lon}})

    def sends_contact(self, phone: str, user_id: int | None) -> dict[str, Any]:
        owner = {"user_id": user_id} if user_id is not None else {}
        return self.message({"contact": {"phone_number": phone, "first_name": "x"} | owner})

    def edits(self, message: int, text: str) -> dict[str, Any]:
        self.messages[message].text = text
        said = {
            "message_id": message,
            "date": START,
            "edit_date": START + 1,
            "chat": self.chat,
            "from": self.user,
            "text": text,
        }
        return self.fake.queue(self.id, "edited_message", said)

    def blocks(self) -> dict[str, Any]:
        self.blocked = True
        return self._member("member", "kicked")

    def unblocks(self) -> dict[str, Any]:
        self.blocked = False
        return self._member("kicked", "member")

    def _member(self, old: str, new: str) -> dict[str, Any]:
        def state(status: str) -> dict[str, Any]:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"user": self.fake.me, "status": status} | until

        return self.fake.queue(
            self.id,
            "my_chat_member",
            {
                "chat": self.chat,
                "from": self.user,
                "date": START,
                "old_chat_member": state(old),
                "new_chat_member": state(new),
            },
        )

    def file(self, data: bytes, **more: Any) -> dict[str, Any]:
        """Put a file at the vendor's; give how a message names it."""
        number = self.fake.keep(data)
        named = {"file_id": f"id{number}", "file_unique_id": f"u{number}", "file_size": len(data)}
        return named | more


class Group(Person):
    """A group that somebody added the bot to."""

    def __init__(self, fake: FakeTelegram, number: int, kind: str = "group") -> None:
        super().__init__(fake, number)
        self.chat = {"id": number, "type": kind, "title": "모임"}
        self.user = {"id": 77, "is_bot": False, "first_name": "x"}
        self.left = False

    def adds_the_bot(self) -> dict[str, Any]:
        return self._member("left", "member")
