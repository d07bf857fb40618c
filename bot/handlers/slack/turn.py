"""One request of a person: the three seconds in which Slack wants a word, and where words go.

An answer appears where the person is: under the command, to him alone beside the message he
pressed, in the modal he sent. Where that place is gone it comes as a message to him (design §6).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from slack_sdk.errors import SlackApiError, SlackClientError

from bot import log
from bot.dialogs.replies import Cards, Phrase, Reply, Say
from bot.handlers.slack import modals
from bot.handlers.slack.asking import Asker, Json
from bot.handlers.slack.blocks import Block, Speak
from bot.handlers.slack.client import Client
from bot.handlers.slack.render import render
from bot.handlers.slack.verdicts import error_of

_log = log.get(__name__)

ANSWERS: Final = 4
"""Of the five uses of a `response_url` (docs.slack.dev, handling-user-interaction)."""

TOO_LATE: Final = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})


class Expired(Exception):  # noqa: N818 - says what is known
    """The three seconds in which a view can be opened are over."""


@dataclass(slots=True)
class Turn:
    """`ack` answers the request itself; `acked`: it has been answered."""

    body: Json
    ack: Any
    asker: Asker
    client: Client
    speak: Speak
    later: Callable[[Awaitable[None]], None]
    acked: bool = False
    _speaking: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def trigger(self) -> str:
        return str(self.body.get("trigger_id") or "")

    @property
    def number(self) -> str:
        """Give Slack's id of what was done: of a modal its own, however often it is sent.

        Raises `Expired` where there is none: it could not be told from what was done before.
        """
        named = str(self.view.get("id") or "") if self.sent else self.trigger
        if not named:
            raise Expired
        return named

    @property
    def view(self) -> Json:
        """Give the view that was pressed in or sent; empty for a message."""
        return self.body.get("view") or {}

    @property
    def in_modal(self) -> bool:
        return self.view.get("type") == "modal"

    @property
    def sent(self) -> bool:
        return self.body.get("type") == "view_submission"

    @property
    def commanded(self) -> bool:
        return "command" in self.body

    async def well(self, **answer: Any) -> bool:
        """Answer the request; False: that was done before."""
        if self.acked:
            return False
        self.acked = True
        await self.ack(answer or "")
        return True

    async def wait_for_it(self) -> None:
        """Say that it takes longer."""
        working = Phrase("slack.working")
        if self.sent:
            await self.well(response_action="update", view=modals.waiting(working, self.speak))
        else:
            await self.tell(Say(working))

    async def tell(self, reply: Reply) -> None:
        """Show an answer where the person is; a request is answered before anything is sent."""
        assert isinstance(reply, Say | Cards), reply
        if self.sent:
            await self.show(modals.done(reply, self.speak))
            return
        messages = [_message(one.text, one.blocks) for one in render(reply, self.speak)]
        if self.commanded and await self.well(**messages[0]):
            del messages[0]
        await self.well()
        if messages:
            self.later(self._sent(reply, messages))

    async def show(self, view: Block) -> None:
        """Change the modal that was sent."""
        if await self.well(response_action="update", view=view):
            return
        try:
            await self.client.views_update(view_id=str(self.view.get("id")), view=dict(view))
        except SlackClientError as error:  # he closed it: there is nothing to change
            _log.info("slack_view_gone", kind=_kind(error))
            text = str(view["title"]["text"])
            self.later(self._alone([{"text": text, "blocks": view["blocks"]}]))

    async def open(self, view: Block) -> str:
        """Open a modal, over the one that was pressed in; gives its id. Raises `Expired`."""
        opens = self.client.views_push if self.in_modal else self.client.views_open
        try:
            made = await opens(trigger_id=self.trigger, view=dict(view))
        except SlackApiError as error:
            if error_of(error) in TOO_LATE:
                raise Expired from None
            raise
        return str((made.get("view") or {}).get("id") or "")

    async def _sent(self, reply: Say | Cards, messages: list[dict[str, Any]]) -> None:
        async with self._speaking:
            try:
                await self._say(reply, messages)
            except SlackClientError as error:
                _log.info("slack_answer_lost", kind=_kind(error))

    async def _say(self, reply: Say | Cards, messages: list[dict[str, Any]]) -> None:
        url = str(self.body.get("response_url") or "")
        if url:
            try:
                for said in messages[:ANSWERS]:
                    await self.client.respond(url, said)
            except SlackClientError as error:
                _log.info("slack_answer_not_taken", kind=_kind(error))
            else:
                return
        elif self.trigger:
            try:
                await self.open(modals.words(Phrase("slack.answer"), reply, self.speak))
            except (Expired, SlackClientError):
                _log.info("slack_answer_not_shown")
            else:
                return
        await self._direct(messages)

    async def _alone(self, messages: list[dict[str, Any]]) -> None:
        try:
            await self._direct(messages)
        except SlackClientError as error:
            _log.info("slack_answer_lost", kind=_kind(error))

    async def _direct(self, messages: list[dict[str, Any]]) -> None:
        """Say it to the person alone, as the last way that there is."""
        for said in messages:
            await self.client.chat_postMessage(
                channel=self.asker.user,
                text=said["text"],
                blocks=list(said["blocks"]),
                unfurl_links=False,
                unfurl_media=False,
            )


def _message(text: str, blocks: tuple[Block, ...]) -> dict[str, Any]:
    return {
        "text": text,
        "blocks": [dict(block) for block in blocks],
        "response_type": "ephemeral",
        "replace_original": False,
    }


def _kind(error: SlackClientError) -> str:
    return error_of(error) if isinstance(error, SlackApiError) else type(error).__name__
