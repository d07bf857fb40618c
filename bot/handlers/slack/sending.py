"""Sending to Slack: posts, edits, threads, pictures; one verdict for each reply.

An edit may be done twice and a post may not (security S12). So where Slack was last heard to fail,
it is first asked whether it is there at all: through an hour without answers a message is written
once at most, nobody is blamed, and nothing comes twice that could have been kept back.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.channel import Delivered, Delivery, Later, Never, Unknown
from bot.handlers.slack.blocks import short
from bot.handlers.slack.client import Client, NoVerdict, TooMany
from bot.handlers.slack.render import Message
from bot.handlers.slack.verdicts import (
    GONE,
    NO_MESSAGE,
    NO_THREAD,
    PERHAPS,
    Unanswered,
    error_of,
    probed,
    verdict,
)

KEPT: Final = 1000
PICTURE: Final = "picture.png"
"""The name of every file of ours: what it shows is told by its words."""

TITLE: Final = 100
ALT: Final = 1000  # of `alt_txt` (docs.slack.dev, files.getUploadURLExternal)


@dataclass(slots=True)
class Sender:
    """Sends the messages of one reply, in their order.

    A reply may take several messages, and a limit may come between two of them: what has arrived
    is remembered until the reply is through, so that the next try goes on behind it. That memory,
    how long Slack asked us to wait, and whether it was away are this process's; `clock` is
    monotonic.
    """

    client: Client
    picture: Callable[[str], bytes]
    clock: Callable[[], float]
    _begun: OrderedDict[bytes, list[str]] = field(default_factory=OrderedDict)
    _held: dict[str, float] = field(default_factory=dict)
    _doubtful: bool = False

    async def send(
        self,
        address: str,
        messages: Sequence[Message],
        *,
        old: Sequence[str] = (),
        thread: str | None = None,
        name: Callable[[], bytes] = bytes,
    ) -> Delivery:
        """Send all of them; `old` are the messages to edit instead, one for one.

        `name` tells this reply from others to the same address, where it has several messages.
        """
        away = await self._away()
        if away is not None:
            return away
        key = hashlib.sha256(address.encode() + b"\0" + name()).digest() if messages[1:] else b""
        done = self._remembered(key) if key else []
        try:
            for index, message in list(enumerate(messages))[len(done) :]:
                if index < len(old) and message.picture is None:
                    done.append(await self._edit(address, old[index], message))
                else:
                    done.append(await self._post(address, message, thread))
            for left in old[len(messages) :]:
                await self._remove(left)
        except SlackClientError as error:
            return self._judged(verdict(error), key)
        self._begun.pop(key, None)
        return Delivered(",".join(filter(None, done)) or None)

    async def delete(self, ids: Sequence[str]) -> Delivery:
        """Take messages away; what is gone already is done."""
        away = await self._away()
        if away is not None:
            return away
        try:
            for one in ids:
                await self._remove(one)
        except SlackApiError as error:
            if error_of(error) in NO_MESSAGE:
                return Never("too_old")
            return self._judged(verdict(error))
        except SlackClientError as error:
            return self._judged(verdict(error))
        return Delivered()

    def _judged(self, found: Delivery, key: bytes = b"") -> Delivery:
        if isinstance(found, Never) and found.peer_gone:
            self._begun.pop(key, None)
        if isinstance(found, Unknown) or (isinstance(found, Later) and found.fault is not None):
            self._doubtful = True
        return found

    def _remembered(self, key: bytes) -> list[str]:
        done = self._begun.setdefault(key, [])
        self._begun.move_to_end(key)
        while len(self._begun) > KEPT:
            self._begun.popitem(last=False)
        return done

    async def _away(self) -> Delivery | None:
        """Ask whether Slack is there and knows us, if it last was not; None when it is well."""
        if not self._doubtful:
            return None
        try:
            await self.client.auth_test()
        except SlackClientError as error:
            return probed(error)
        self._doubtful = False
        return None

    async def _call(self, key: str, ask: Callable[..., Awaitable[Any]], **params: Any) -> Any:
        """Ask, unless Slack told us to wait with just that (rates are per method, or per room)."""
        now = self.clock()
        if self._held.get(key, now) > now:
            raise TooMany(self._held[key] - now)
        self._held.pop(key, None)
        try:
            return await ask(**params)
        except TooMany as error:
            self._held[key] = now + error.seconds
            raise

    async def _edit(self, address: str, old: str, message: Message) -> str:
        """Edit a message; post it anew where it is gone."""
        room, ts = place(old)
        try:
            await self._call(
                "update",
                self.client.chat_update,
                channel=room,
                ts=ts,
                text=message.text,
                blocks=list(message.blocks),  # an empty list takes the old ones away
            )
        except NoVerdict:
            raise Unanswered from None
        except SlackApiError as error:
            if error_of(error) in PERHAPS:
                raise Unanswered from None
            if error_of(error) not in NO_MESSAGE:
                raise
            return await self._post(address, message, None)
        return old

    async def _post(self, address: str, message: Message, thread: str | None) -> str:
        room, ts = place(thread) if thread else (address, None)
        try:
            if message.picture is not None:
                return await self._upload(room, message, message.picture, ts)
            return await self._shown(room, message, ts)
        except SlackApiError as error:
            if ts is None or error_of(error) not in NO_THREAD:
                raise
        return await self._post(address, message, None)

    async def _shown(self, room: str, message: Message, ts: str | None) -> str:
        """Say it; without its pictures where Slack could not fetch one of them from our pages."""
        try:
            return await self._say(room, message, ts)
        except SlackApiError as error:
            # "downloading image failed": a page that Slack cannot reach, or one of its bad minutes
            # (slackapi/python-slack-sdk #1782).
            if message.bare in ((), message.blocks) or error_of(error) != "invalid_blocks":
                raise
        return await self._say(room, replace(message, blocks=message.bare), ts)

    async def _say(self, room: str, message: Message, ts: str | None) -> str:
        params: dict[str, Any] = {"blocks": list(message.blocks)} if message.blocks else {}
        if not message.blocks:
            params["mrkdwn"] = False  # `text` is what is shown: nothing of it is markup
        said = await self._call(
            f"post:{room}",
            self.client.chat_postMessage,
            channel=room,
            text=message.text,
            thread_ts=ts,
            unfurl_links=False,
            unfurl_media=False,
            **params,
        )
        return f"{said['channel']}:{said['ts']}"

    async def _upload(self, room: str, message: Message, picture: str, ts: str | None) -> str:
        """Show a picture; where the app may send none, say its words."""
        data = await asyncio.to_thread(self.picture, picture)
        try:
            if room[0] in "UW":  # a file is put into a room, and a person is none
                opened = await self._call("open", self.client.conversations_open, users=room)
                room = str(opened["channel"]["id"])
            await self._call(
                f"post:{room}",
                self.client.files_upload_v2,
                channel=room,
                file=data,
                filename=PICTURE,
                title=short(message.words, TITLE),
                alt_txt=message.words[:ALT],
                initial_comment=message.text,
                thread_ts=ts,
            )
        except SlackApiError as error:
            if error_of(error) != "missing_scope":
                raise
            return await self._say(room, message, ts)
        return ""  # the message that shows it is made later, and never edited

    async def _remove(self, old: str) -> None:
        """Delete a message; gone already is gone, with its room as well."""
        room, ts = place(old)
        try:
            await self._call("delete", self.client.chat_delete, channel=room, ts=ts)
        except NoVerdict:
            raise Unanswered from None
        except SlackApiError as error:
            if error_of(error) in PERHAPS:
                raise Unanswered from None
            if error_of(error) not in {"message_not_found", *GONE}:
                raise


def place(message_id: str) -> tuple[str, str]:
    """Give room and time stamp of a message; raises `ValueError` for anything else."""
    room, colon, ts = message_id.partition(":")
    if not (room and colon and ts):
        raise ValueError("no message of Slack's")
    return room, ts
