"""The people and rooms at the fake Slack: what they see, and what they do to us."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fakes.slack_blocks import elements
from tests.fakes.slack_errors import JSON, Bad
from tests.fakes.slack_roads import Answer, Sent
from tests.fakes.slack_rules import said

if TYPE_CHECKING:
    from tests.fakes.slack import FakeSlack

PACE = 5.0
"""Seconds that a person takes for one thing; rates and triggers see them."""


@dataclass
class Shown:
    """A message as it stands in a room now; `to` is the only one who sees it."""

    room: str
    ts: str
    text: str
    blocks: list[JSON] = field(default_factory=list)
    thread: str | None = None
    to: str | None = None
    edits: int = 0
    file: bytes | None = None

    @property
    def id(self) -> str:
        return f"{self.room}:{self.ts}"

    @property
    def words(self) -> str:
        """Give what a person reads: the blocks where there are some."""
        return "\n".join(said(self.blocks)) if self.blocks else self.text

    @property
    def labels(self) -> list[str]:
        found = elements(self.blocks)
        return [one["text"]["text"] for one in found if one["type"] == "button"]


@dataclass
class View:
    """A modal that is open, or a Home tab, with what was typed into it."""

    id: str
    body: JSON
    hash: str
    root: str
    typed: dict[str, dict[str, JSON]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> list[JSON]:
        return list(self.body["blocks"])

    @property
    def words(self) -> str:
        return "\n".join(said(self.blocks))

    def find(self, label: str) -> tuple[JSON, JSON]:
        """Give the input block with this label and its element."""
        for block in self.blocks:
            if block["type"] == "input" and label in block["label"]["text"]:
                return block, block["element"]
        labels = [b["label"]["text"] for b in self.blocks if b["type"] == "input"]
        raise AssertionError(f"no field {label!r}; there are {labels}")

    def state(self) -> JSON:
        """Give the values of all fields: typed, otherwise as they began."""
        values: dict[str, dict[str, JSON]] = {}
        for block in self.blocks:
            for element in elements([block]):
                if element["type"] == "button":
                    continue
                typed = self.typed.get(block["block_id"], {}).get(element["action_id"])
                value = typed or began(element)
                values.setdefault(block["block_id"], {})[element["action_id"]] = value
        return {"values": values}

    def payload(self, fake: FakeSlack) -> JSON:
        kept = {"private_metadata": "", "callback_id": "", "external_id": "", **self.body}
        return {
            **kept, "id": self.id, "team_id": fake.team, "app_id": fake.app_id, "hash": self.hash,
            "root_view_id": self.root, "previous_view_id": None, "bot_id": "B1",
            "app_installed_team_id": fake.team, "state": self.state(),
        }  # fmt: skip


VALUES = {
    "static_select": ("initial_option", "selected_option"),
    "external_select": ("initial_option", "selected_option"),
    "multi_static_select": ("initial_options", "selected_options"),
    "multi_external_select": ("initial_options", "selected_options"),
    "radio_buttons": ("initial_option", "selected_option"),
    "checkboxes": ("initial_options", "selected_options"),
    "datepicker": ("initial_date", "selected_date"),
    "datetimepicker": ("initial_date_time", "selected_date_time"),
    "timepicker": ("initial_time", "selected_time"),
    "file_input": ("", "files"),
}


def began(element: JSON) -> JSON:
    kind = element["type"]
    first, name = VALUES.get(kind, ("initial_value", "value"))
    empty: Any = [] if name in {"selected_options", "files"} else None
    return {"type": kind, name: element.get(first, empty)}


@dataclass
class Room:
    """A channel, or the conversation of the bot with one person (`im`)."""

    id: str
    name: str
    private: bool = True
    members: list[str] = field(default_factory=list)
    messages: dict[str, Shown] = field(default_factory=dict)
    archived: bool = False
    deleted: bool = False
    shared: bool = False  # with another organisation (Slack Connect)
    im: str | None = None

    def info(self) -> JSON:
        if self.im:
            return {"id": self.id, "is_im": True, "user": self.im, "is_archived": self.archived}
        return {
            "id": self.id, "name": self.name, "is_channel": not self.private, "is_im": False,
            "is_group": self.private, "is_private": self.private, "is_archived": self.archived,
            "is_ext_shared": self.shared, "is_shared": self.shared, "is_org_shared": False,
            "is_pending_ext_shared": False, "is_member": True, "num_members": len(self.members),
        }  # fmt: skip

    @property
    def shown(self) -> list[Shown]:
        """Give what stands here for everybody, in order."""
        return [one for one in self.messages.values() if one.to is None]

    def thread(self, of: Shown) -> list[Shown]:
        return [one for one in self.shown if one.thread == of.ts]


class Person:
    """Somebody with an account at this Slack."""

    def __init__(self, fake: FakeSlack, account: str, name: str, **flags: Any) -> None:
        self.fake = fake
        self.id = account
        self.name = name
        self.flags: JSON = {"deleted": False, "is_bot": False, "is_restricted": False,
                            "is_ultra_restricted": False, "is_stranger": False,
                            "team_id": fake.team} | flags  # fmt: skip
        self.home: View | None = None
        self.stack: list[View] = []
        self.troubles: list[str] = []

    @property
    def profile(self) -> JSON:
        known = {"id": self.id, "name": self.name, "real_name": self.name, "tz": "Asia/Seoul"}
        return known | self.flags | {"profile": {"real_name": self.name}, "is_app_user": False}

    # ---- what they see

    @property
    def direct(self) -> Room:
        """Give the conversation with the bot."""
        return self.fake.direct(self.id)

    @property
    def sees(self) -> list[Shown]:
        """Give every message that this person can read, in the order of their making."""
        rooms = [
            room for room in self.fake.rooms.values()
            if room.im == self.id or (self.id in room.members and not room.deleted)
        ]  # fmt: skip
        found = [one for room in rooms for one in room.messages.values()]
        return sorted(
            (one for one in found if one.to in {None, self.id}), key=lambda one: float(one.ts)
        )

    @property
    def last(self) -> Shown:
        return self.sees[-1]

    @property
    def view(self) -> View:
        """Give the modal on top."""
        assert self.stack, f"no modal is open; troubles: {self.troubles}"
        return self.stack[-1]

    # ---- what they do

    async def commands(self, command: str, text: str = "", room: Room | None = None) -> Answer:
        where = room or self.direct
        payload = {
            "token": "unused", "team_id": self.flags["team_id"], "team_domain": "gaon",
            "channel_id": where.id, "channel_name": where.name, "user_id": self.id,
            "user_name": self.name, "command": command, "text": text,
            "api_app_id": self.fake.app_id, "is_enterprise_install": "false",
            "response_url": self.fake.answer_url(where.id, self.id),
            "trigger_id": self._acts(),
        }  # fmt: skip
        answer = await self.fake.deliver(Sent("slash_commands", payload))
        self._settled(answer)
        if answer.good and answer.body:
            body = {"text": answer.body} if isinstance(answer.body, str) else answer.body
            self.fake.say(where, body, to=self.id)
        return answer

    async def presses(self, label: str, on: Shown | View | None = None) -> Answer:
        """Press the newest button with this label."""
        place = on or self._place(label)
        for block in place.blocks:
            for element in elements([block]):
                if element["type"] == "button" and element["text"]["text"] == label:
                    return await self._act(place, block, element, {"value": element.get("value")})
        raise AssertionError(f"no button {label!r} on {place.words!r}")

    def _place(self, label: str) -> Shown | View:
        places: list[Shown | View] = [*self.stack[-1:]]
        places += [one for one in reversed(self.sees) if label in one.labels]
        places += [self.home] if self.home is not None else []
        for place in places:
            buttons = [one for one in elements(place.blocks) if one["type"] == "button"]
            if any(one["text"]["text"] == label for one in buttons):
                return place
        raise AssertionError(f"no button {label!r}; last: {self.last.labels if self.sees else ''}")

    async def types(self, label: str, value: Any) -> Answer | None:
        """Fill in a field of the modal on top; give our answer where it was told to us."""
        block, element = self.view.find(label)
        kind = element["type"]
        _, name = VALUES.get(kind, ("", "value"))
        chosen = self._chosen(element, value) if name.startswith("selected_option") else value
        state = {"type": kind, name: chosen}
        self.view.typed.setdefault(block["block_id"], {})[element["action_id"]] = state
        if not block.get("dispatch_action"):
            self.fake.clock += PACE
            return None
        return await self._act(self.view, block, element, {name: chosen})

    @staticmethod
    def _chosen(element: JSON, value: Any) -> Any:
        """Find options by their labels; what an external list gave is given whole."""
        groups = element.get("option_groups", ())
        every = element.get("options") or [one for group in groups for one in group["options"]]

        def one(label: Any) -> JSON:
            if isinstance(label, dict):
                return label
            for option in every:
                if label in option["text"]["text"]:
                    return dict(option)
            raise AssertionError(f"no option {label!r}: {[o['text']['text'] for o in every]}")

        return [one(label) for label in value] if isinstance(value, list) else one(value)

    async def searches(self, label: str, words: str) -> list[JSON]:
        """Type into an external select; give the options."""
        block, element = self.view.find(label)
        self.fake.clock += PACE
        payload = self._payload("block_suggestion") | {
            "block_id": block["block_id"], "action_id": element["action_id"], "value": words,
            "container": {"type": "view", "view_id": self.view.id},
            "view": self.view.payload(self.fake),
        }  # fmt: skip
        answer = await self.fake.deliver(Sent("interactive", payload))
        self._settled(answer)
        if not answer.good:
            return []
        found = answer.body.get("options")
        if found is None:
            found = [one for group in answer.body["option_groups"] for one in group["options"]]
        assert len(found) <= 100
        return list(found)

    async def submits(self) -> Answer:
        """Send the modal on top; it closes, changes, or shows what is wrong."""
        view = self.view
        payload = self._payload("view_submission") | {
            "trigger_id": self._acts(), "view": view.payload(self.fake), "response_urls": [],
        }  # fmt: skip
        answer = await self.fake.deliver(Sent("interactive", payload))
        self._settled(answer)
        if answer.good:
            self._after(view, answer.body or {})
        return answer

    def _after(self, view: View, body: JSON) -> None:
        view.errors = {}
        match body.get("response_action"):
            case "errors":
                known = {b["block_id"] for b in view.blocks if b["type"] == "input"}
                assert body["errors"], "errors without any"
                assert body["errors"].keys() <= known, f"{body['errors']} name no field"
                assert all(0 < len(text) <= 2000 for text in body["errors"].values())
                view.errors = dict(body["errors"])
            case "update":
                self.fake.put(view, body["view"])
            case "push":
                self.fake.push(self, body["view"])
            case "clear":
                self.stack.clear()
            case None:
                self.stack.remove(view)
            case other:
                raise AssertionError(f"unknown response_action {other}")

    async def closes(self) -> Answer | None:
        view = self.stack.pop()
        if not view.body.get("notify_on_close"):
            return None
        payload = self._payload("view_closed")
        return await self.fake.deliver(
            Sent("interactive", payload | {"view": view.payload(self.fake), "is_cleared": False})
        )

    async def opens_home(self, tab: str = "home") -> Answer:
        self.fake.clock += PACE
        event = {"type": "app_home_opened", "user": self.id, "channel": self.direct.id, "tab": tab}
        if self.home is not None:
            event["view"] = self.home.payload(self.fake)
        return await self.fake.event(event)

    # ---- how it reaches us

    def _acts(self) -> str:
        self.fake.clock += PACE
        return self.fake.trigger(self.id)

    def _payload(self, kind: str) -> JSON:
        team = {"id": self.flags["team_id"], "domain": "gaon"}
        user = {"id": self.id, "username": self.name, "name": self.name, "team_id": team["id"]}
        return {
            "type": kind, "team": team, "user": user, "api_app_id": self.fake.app_id,
            "token": "unused", "enterprise": None, "is_enterprise_install": False,
        }  # fmt: skip

    async def _act(self, place: Shown | View, block: JSON, element: JSON, value: JSON) -> Answer:
        trigger = self._acts()
        action = {key: element[key] for key in ("type", "action_id", "text") if key in element}
        action |= {"block_id": block.get("block_id", "b1"), "action_ts": self.fake.stamp()}
        action |= {key: one for key, one in value.items() if one is not None}
        payload = self._payload("block_actions") | {"trigger_id": trigger, "actions": [action]}
        if isinstance(place, View):
            payload["view"] = place.payload(self.fake)
            payload["container"] = {"type": "view", "view_id": place.id}
        else:
            room = self.fake.rooms[place.room]
            payload["channel"] = {"id": room.id, "name": room.name}
            payload["response_url"] = self.fake.answer_url(room.id, self.id, place.ts)
            payload["container"] = {
                "type": "message", "message_ts": place.ts, "channel_id": room.id,
                "is_ephemeral": place.to is not None,
            }  # fmt: skip
            payload["message"] = {"ts": place.ts, "text": place.text, "blocks": place.blocks}
            payload["state"] = {"values": {}}
        answer = await self.fake.deliver(Sent("interactive", payload))
        self._settled(answer)
        return answer

    def forged(self, **payload: Any) -> Sent:
        """Make what a changed client could send."""
        return Sent("interactive", self._payload("block_actions") | payload)

    def _settled(self, answer: Answer) -> None:
        """Show what Slack shows where no good answer came in time."""
        if not answer.good:
            self.troubles.append("operation_timeout")


def check_account(account: str) -> None:
    """Refuse what is no id of a person, a room or a conversation."""
    if not re.fullmatch(r"[UWCGD][A-Z0-9]{2,20}", account):
        raise Bad("channel_not_found")
