"""What Slack refuses in messages and views, what it reads as markup, and how often it may be asked.

Numbers and names are those of docs.slack.dev (reference/methods, reference/views). Where the real
one is lenient in ways nobody documented, this one refuses.
"""

import json
import re
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.slack_blocks import check_blocks, check_keys, check_length, check_text
from tests.fakes.slack_errors import JSON, Bad, invalid


def check_message(params: JSON) -> None:
    """A message (reference/methods/chat.postMessage)."""
    text, blocks = params.get("text", ""), params.get("blocks") or []
    if not text and not blocks:
        raise Bad("no_text")
    if not isinstance(text, str) or len(text) > 4000:
        raise Bad("msg_too_long")  # the real one shortens at 40,000; it asks for 4,000
    if not text:
        raise invalid("this house never leaves out what a notification says")
    check_blocks(blocks, 50)
    if len(json.dumps(blocks, ensure_ascii=False)) > 13_200:
        raise Bad("msg_blocks_too_long")  # bolt-js issues 2509 and 2867
    if params.get("unfurl_links") is not False or params.get("unfurl_media") is not False:
        raise invalid("this house shows no previews of addresses")
    if params.keys() & {"attachments", "parse", "link_names", "markdown_text", "as_user"}:
        raise invalid("this house never asks for it")


def check_view(view: Any) -> None:
    """A modal or a Home tab (reference/views)."""
    home = isinstance(view, dict) and view.get("type") == "home"
    if not isinstance(view, dict) or view.get("type") not in {"modal", "home"}:
        raise Bad("invalid_arguments")
    if len(json.dumps(view, ensure_ascii=False).encode()) > 250_000:
        raise Bad("view_too_large")
    known = {"type", "blocks", "private_metadata", "callback_id", "external_id"}
    modal = {"title", "submit", "close", "clear_on_close", "notify_on_close", "submit_disabled"}
    check_keys(view, known if home else known | modal)
    check_blocks(view.get("blocks"), 100, inputs=not home)
    check_length(view.get("private_metadata", ""), 3000, 0)
    check_length(view.get("callback_id", ""), 255, 0)
    check_length(view.get("external_id", ""), 255, 0)
    for name in () if home else ("title", "submit", "close"):
        if name in view or name == "title":
            check_text(view.get(name), 24, only_plain=True)
    if any(block["type"] == "input" for block in view["blocks"]) and "submit" not in view:
        raise invalid("a submit button is required when there are input blocks")


# ---- what is read as markup


CALLS = re.compile(r"<[!@#][^>]*>")
LINKS = re.compile(r"<(https?://[^|>]+)(?:\|[^>]*)?>")


def read_as_markup(value: Any) -> Iterator[str]:
    """Give the texts that Slack parses: mrkdwn, and the `text` of a message."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value["text"]
        for one in value.values():
            yield from read_as_markup(one)
    elif isinstance(value, list):
        for one in value:
            yield from read_as_markup(one)


def said(value: Any) -> list[str]:
    """Give every word that a person can read in blocks, unescaped, in order."""
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            return [_unescaped(value["text"]) if value["type"] == "mrkdwn" else value["text"]]
        return [word for key, one in value.items() if key != "action_id" for word in said(one)]
    if isinstance(value, list):
        return [word for one in value for word in said(one)]
    return []


def _unescaped(text: str) -> str:
    text = LINKS.sub(lambda found: found[0].strip("<>").rpartition("|")[2], text)
    text = re.sub(r"\*([^*]+)\*", r"\1", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


# ---- rates


TIERS = {
    "chat.update": 50, "chat.delete": 50, "chat.postEphemeral": 100, "views.open": 100,
    "views.push": 100, "views.update": 100, "views.publish": 100, "users.info": 100,
    "conversations.open": 50, "conversations.info": 50, "conversations.members": 100,
    "files.getUploadURLExternal": 100, "files.completeUploadExternal": 100,
}  # fmt: skip
"""Calls in a minute (docs.slack.dev/apis/web-api/rate-limits)."""


@dataclass
class Rates:
    """One message a second for a room after a short burst, and the tiers of the other methods."""

    burst: int = 5
    on: bool = True
    refused: int = 0
    _rooms: dict[str, float] = field(default_factory=dict)
    _calls: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def post(self, room: str, now: float) -> None:
        due = max(self._rooms.get(room, float("-inf")), now - self.burst + 1)
        if due > now and self.on:
            self._refuse(due - now)
        self._rooms[room] = due + 1.0

    def call(self, method: str, now: float) -> None:
        most, calls = TIERS.get(method), self._calls[method]
        while calls and calls[0] <= now - 60.0:
            calls.popleft()
        if most is not None and len(calls) >= most and self.on:
            self._refuse(calls[0] + 60.0 - now)
        calls.append(now)

    def _refuse(self, wait: float) -> None:
        self.refused += 1
        raise Bad("ratelimited", 429, str(max(1, int(wait + 0.999))))
