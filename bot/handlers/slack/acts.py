"""What officials do in Slack: commands, buttons, modals. Every one of them is a service's.

Nothing that a payload says is believed: the account behind it is looked up and judged anew in the
transaction that acts (`linking.actor`), and Slack's id of the request makes it happen once.
"""

import asyncio
import json
import re
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from slack_sdk.errors import SlackClientError

from bot import log
from bot.dialogs.replies import Cards, Option, Phrase, Reply, Say, Words
from bot.errors import Overloaded, Refused
from bot.handlers.ladder import Load
from bot.handlers.slack import modals
from bot.handlers.slack.asking import Asker, Json, Place
from bot.handlers.slack.blocks import Block, Speak
from bot.handlers.slack.client import Client
from bot.handlers.slack.home import Homes
from bot.handlers.slack.looks import Looks, Unsaid, why_not
from bot.handlers.slack.turn import Expired, Turn
from bot.handlers.slack.work import Work, named
from bot.services import linking, moves, office, office_answers, office_apply, office_cases
from bot.services.base import Actor
from bot.services.office import Asked
from knowledge.procedures import NotKnown
from storage.errors import BodyConflict, Busy
from storage.unit import Unit

_log = log.get(__name__)
T = TypeVar("T")

LATE: Final = 2.5
"""Seconds after which somebody is told that it takes longer; Slack waits for three."""

OPEN_FIRST: Final = 1.2
"""Seconds after which a modal is opened before it is known what stands in it."""

ACT: Final = re.compile(r"([a-z_]{1,20}) (\S{1,40})(?: (\d{1,9}))?")
COMMAND_SIGNS: Final = 1000


@dataclass(frozen=True, slots=True)
class Acts:
    """Does what people ask for. `load` is that of the desk (security S20)."""

    work: Work
    client: Client
    place: Place
    looks: Looks
    homes: Homes
    speak: Speak
    load: Load
    patience: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def command(self, ack: Any, body: Json) -> None:
        """Answer `/civic …`, in whatever language and by whatever alias."""
        text = unicodedata.normalize("NFC", str(body.get("text") or ""))[:COMMAND_SIGNS]
        await self._visit(ack, body, lambda turn: self._command(turn, text.strip()))

    async def press(self, ack: Any, body: Json) -> None:
        """Do what a button says, or draw a modal anew whose field was changed."""
        await self._visit(ack, body, self._press)

    async def submit(self, ack: Any, body: Json) -> None:
        """Do what a modal says that was sent."""
        await self._visit(ack, body, self._submit)

    async def suggest(self, ack: Any, body: Json) -> None:
        """Give what fits the words that are being typed into a list; nothing where it fails."""
        found: list[Block] = []
        asker, meta = self.place.asker(body), modals.about(body.get("view") or {})
        if asker is not None and meta is not None and not self.load.at("running"):
            try:
                with self.load.visit():
                    found = await self.work.look(lambda unit: self._found(unit, asker, meta, body))
            except (Refused, Busy, NotKnown):
                _log.info("slack_nothing_suggested")
        await ack(options=found)

    # ---- one visit

    async def _visit(self, ack: Any, body: Json, doing: Callable[[Turn], Awaitable[None]]) -> None:
        """Do it, and be it late or wrong: whoever asked is told in words, in time."""
        asker = self.place.asker(body)
        user = asker or Asker(self.place.account, "")
        turn = Turn(body, ack, user, self.client, self.speak, self.work.later)
        if asker is None:
            _log.warning("slack_stranger")
            await self._refuse(turn, Refused("office.other_account"))
            return
        if self.load.refuses("running"):
            await self._refuse(turn, Refused("slack.busy"))
            return
        going = asyncio.ensure_future(self._safely(turn, doing))
        if await self._soon(going, LATE):
            going.result()
            return
        await turn.wait_for_it()
        self.work.later(going)

    async def _safely(self, turn: Turn, doing: Callable[[Turn], Awaitable[None]]) -> None:
        try:
            with self.load.visit():
                await doing(turn)
                await turn.well()
        except Refused as refused:
            await self._refuse(turn, refused)
        except (Busy, Overloaded, NotKnown):
            await self._refuse(turn, Refused("slack.busy"))
        except Expired:
            await self._refuse(turn, Refused("slack.expired"))
        except SlackClientError as error:
            _log.warning("slack_call_failed", kind=type(error).__name__)
            await self._refuse(turn, Refused("slack.away"))
        except Exception as error:  # noqa: BLE001 - a bug of ours: a number here, the place there
            number = self.work.svc.random(4).hex()
            _log.error("slack_broken", number=number, exc_info=error)
            await self._refuse(turn, Refused("slack.failed", number=number))

    async def _soon(self, going: asyncio.Future[Any], seconds: float) -> bool:
        """Wait so long for something; it goes on either way."""
        waiting = asyncio.ensure_future(self.patience(seconds))
        await asyncio.wait((going, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        return going.done()

    async def _refuse(self, turn: Turn, refused: Refused) -> None:
        """Say why not. What was typed into a modal stays there, with the reason beside it."""
        why, url = Phrase(refused.key, refused.params), str(refused.params.get("url") or "")
        if turn.sent and not turn.acked and not url:
            wrong = modals.errors({"": why}, turn.view, self.speak)
            if wrong:
                await turn.well(response_action="errors", errors=wrong)
                return
        if turn.sent:
            await turn.show(modals.refused(why, self.speak, url))
            return
        options = (Option(Phrase("slack.open_desk"), url=url),) if url else ()
        await turn.tell(Say(why, options))

    # ---- commands

    async def _command(self, turn: Turn, text: str) -> None:
        svc, asker = self.work.svc, turn.asker
        fresh = await self._met(asker)
        if opens := office_apply.meant(svc, text):
            await self._act(turn, office_apply.APPLY, opens, None)
            return
        if asked := office_cases.wanted(svc, text):
            sought = await asyncio.to_thread(office_cases.seek, svc, asked[0])
            reply: Reply = await self.work.look(
                lambda unit: office_cases.answer(
                    svc, unit, asker.account, asker.user, asked, sought
                )
            )
            await turn.tell(reply)
            return
        if told := await asyncio.to_thread(office_answers.seek, svc, text):
            reply = await self.work.look(
                lambda unit: office_answers.answer(svc, unit, asker.account, asker.user, told)
            )
            await turn.tell(reply)
            return
        reply = await self.work.do(
            lambda unit: office.command(svc, unit, asker.account, asker.user, text),
            named(asker, turn.number),
            text.encode(),
            again=_done_before,
        )
        assert isinstance(reply, Say | Cards), reply
        await turn.tell(reply)
        if fresh:
            self.work.later(self.homes.publish(asker))

    async def _met(self, asker: Asker) -> bool:
        """Look at an account that nobody here knows, before it may be tied to anybody (S29)."""
        svc = self.work.svc
        known = await self.work.look(
            lambda unit: linking.user_of(svc, unit, asker.account, asker.user)
        )
        if known is not None:
            return False
        try:
            why = await why_not(self.looks.client, self.looks.place, asker.user)
        except Unsaid:
            raise Refused("office.unchecked") from None
        if why is not None:
            _log.warning("slack_not_whole", why=why)
            raise Refused(f"office.why.{why}")
        return True

    # ---- buttons

    async def _press(self, turn: Turn) -> None:
        action: Json = next(iter(turn.body.get("actions") or ()), {})
        name, value = str(action.get("action_id") or ""), str(action.get("value") or "")
        kind, _, rest = name.partition(":")
        if kind == "say":
            await self._command(turn, f"{rest} {value}".strip())
        elif kind == "act" and (said := ACT.fullmatch(value)):
            version = int(said[3]) if said[3] else None
            await self._act(turn, said[1], said[2], version)
        elif kind == "f":
            await self._redraw(turn)

    async def _act(self, turn: Turn, what: str, number: str, version: int | None) -> None:
        if what == "read":
            await self._read(turn, number)
            return
        asking = asyncio.ensure_future(self._asked(turn.asker, what, number))
        if not await self._soon(asking, OPEN_FIRST):
            await self._open_first(turn, asking)
            return
        try:
            asked = asking.result()
        except Refused as no:
            if no.key != "move.not_now":
                raise
            asked = None  # a card that somebody has overtaken: the act itself says so
        if asked is not None:
            await turn.open(modals.opening(asked, self.speak))
            return
        svc = self.work.svc
        reply = await self.work.do(
            lambda unit: office.do(
                svc, unit, self._actor(unit, turn.asker), what, number, version, {}
            ),
            named(turn.asker, turn.number),
            f"{what} {number} {version}".encode(),
            again=_done_before,
        )
        await self._did(turn, reply)

    async def _open_first(self, turn: Turn, asking: asyncio.Future[Asked | None]) -> None:
        """Open a modal while its trigger is good, and fill it when we know what it asks."""
        opened = await turn.open(modals.waiting(Phrase("slack.working"), self.speak))
        await turn.well()
        try:
            asked = await asking
            # What asks nothing is not done behind a modal: he presses once more, it is quick.
            view = (
                modals.refused(Phrase("slack.busy"), self.speak)
                if asked is None
                else modals.opening(asked, self.speak)
            )
        except Refused as no:
            why, url = Phrase(no.key, no.params), str(no.params.get("url") or "")
            view = modals.refused(why, self.speak, url)
        except (Busy, NotKnown):
            view = modals.refused(Phrase("slack.busy"), self.speak)
        await self.client.views_update(view_id=opened, view=dict(view))

    async def _read(self, turn: Turn, number: str) -> None:
        """Show the words of a report: that somebody opened it is in the journal before."""
        svc = self.work.svc
        reply = await self.work.do(
            lambda unit: office.words(svc, unit, self._actor(unit, turn.asker), number),
            None,  # each opening is one of its own
        )
        await turn.open(modals.words(number, reply, self.speak))

    async def _redraw(self, turn: Turn) -> None:
        view, meta = turn.view, modals.about(turn.view)
        if meta is None:
            return
        asked = await self._asked(turn.asker, meta.what, meta.number)
        await turn.well()
        if asked is not None:
            kept = asked if meta.version is None else replace(asked, version=meta.version)
            drawn = modals.redrawn(kept, view, self.speak)
            self.work.later(self._redrawn(view, drawn))

    async def _redrawn(self, view: Json, drawn: Block) -> None:
        try:
            await self.client.views_update(
                view_id=str(view.get("id")), hash=str(view.get("hash") or ""), view=dict(drawn)
            )
        except SlackClientError as error:  # closed, or changed once more meanwhile
            _log.info("slack_not_redrawn", kind=type(error).__name__)

    # ---- modals

    async def _submit(self, turn: Turn) -> None:
        svc, view, meta = self.work.svc, turn.view, modals.about(turn.view)
        if meta is None:
            return
        raw = modals.read(view)
        body = json.dumps([meta.what, meta.number, meta.version, raw], sort_keys=True)
        try:
            reply = await self.work.do(
                lambda unit: office.do(
                    svc, unit, self._actor(unit, turn.asker),
                    meta.what, meta.number, meta.version, raw,
                ),
                named(turn.asker, turn.number),
                body.encode(),
                again=_done_before,
            )  # fmt: skip
        except moves.BadFields as wrong:
            await self._wrong(turn, meta, wrong)
        except BodyConflict:
            await turn.show(modals.refused(Phrase("slack.already"), self.speak))
        except Refused as refused:
            if refused.key != "move.stale" or not await self._anew(
                turn, meta, Phrase("slack.moved")
            ):
                raise
        else:
            await self._did(turn, reply)

    async def _wrong(self, turn: Turn, meta: modals.Meta, wrong: moves.BadFields) -> None:
        """Show what is wrong at its field; too late for that, above the form as it was sent."""
        told = modals.errors(wrong.errors, turn.view, self.speak)
        if told and await turn.well(response_action="errors", errors=told):
            return
        if not await self._anew(turn, meta, next(iter(wrong.errors.values()))):
            raise wrong

    async def _anew(self, turn: Turn, meta: modals.Meta, why: Words) -> bool:
        """Give the form as it stands now, with what was typed in it."""
        asked = await self._asked(turn.asker, meta.what, meta.number)
        if asked is None:
            return False
        told = replace(asked, text=why)
        await turn.show(modals.opening(told, self.speak, modals.read(turn.view)))
        return True

    async def _did(self, turn: Turn, reply: Say | Cards) -> None:
        await turn.tell(reply)
        self.work.later(self.homes.publish(turn.asker))

    # ---- inside a transaction

    async def _asked(self, asker: Asker, what: str, number: str) -> Asked | None:
        svc = self.work.svc
        return await self.work.look(
            lambda unit: office.form(svc, unit, self._actor(unit, asker), what, number)
        )

    def _found(self, unit: Unit, asker: Asker, meta: modals.Meta, body: Json) -> list[Block]:
        svc, actor = self.work.svc, self._actor(unit, asker)
        asked = office.form(svc, unit, actor, meta.what, meta.number)
        name = modals.listed(asked, str(body.get("block_id") or "")) if asked else ""
        if not name:
            return []
        return modals.suggestions(
            office.find(svc, unit, actor, name, str(body.get("value") or ""))
        )

    def _actor(self, unit: Unit, asker: Asker) -> Actor:
        return linking.actor(self.work.svc, unit, asker.account, asker.user)


def _done_before(_unit: Unit) -> Say:
    return Say(Phrase("slack.done_before"))
