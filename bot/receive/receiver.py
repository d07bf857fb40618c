"""An update comes in: think without a lock, decide in one transaction, answer."""

from __future__ import annotations

import time
from contextvars import copy_context
from typing import TYPE_CHECKING, NamedTuple

from bot import log
from bot.channel import Inbound
from bot.dialogs.events import Command
from bot.dialogs.replies import Phrase, Say, load_all
from bot.errors import Conflict, Overloaded, Refused
from bot.receive import post
from bot.receive.parts import ASKS, FLOWN, Ponder, Thought, read
from bot.receive.received import Received
from bot.receive.taking import refuse, take
from bot.receive.walk import Walk
from bot.services import crowd
from bot.services import peers as people
from knowledge.procedures import NotKnown
from storage.errors import BodyConflict, Busy, Stale
from storage.jobs import Job
from storage.repositories import inbox, peers, rates, turns
from storage.unit import Key

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from contextvars import Context

    from bot.channel import Gone
    from bot.dialogs.replies import Reply
    from bot.receive.parts import Parts
    from storage.repositories.inbox import Seen
    from storage.repositories.turns import Look
    from storage.store import Store
    from storage.unit import Unit

    Steps = Generator[Job, None, Received]

_log = log.get(__name__)

CONSENTS = (FLOWN, ASKS)
PROVED = 10
"""How many times as many newcomers may come who let their machine work for it (S34)."""

WRONG = (LookupError, ValueError, TypeError, AttributeError, AssertionError)
"""What a state may raise that a later release has written in a way of its own."""

TRIES = 5
"""Times one update is begun: it may be thought about twice, and somebody may be faster twice."""


class Entering(NamedTuple):
    """An update that comes in, in whose context, since when (our own monotonic clock).

    `begun` hears, in the thread that does it, that it waits no longer: its transaction has begun.
    """

    inbound: Inbound
    context: Context
    since: float
    begun: Callable[[], object] = lambda: None


class Receiver:
    """Decides about citizens' updates. Synchronous: `bot.handlers.door` calls it in threads.

    `waited(seconds)` hears how long each turn waited from the door to its transaction (S20).
    """

    def __init__(
        self,
        parts: Parts,
        store: Store,
        *,
        waited: Callable[[float], None] = lambda _seconds: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.parts = parts
        self._store = store
        self._waited = waited
        self._clock = clock

    def receive(self, inbound: Inbound) -> Received:
        """Answer one update, in one transaction, once.

        Raises `Conflict` when the id came before with another body, `Overloaded` when the
        database is away or too many come at once, anything else as the bug it is: then nothing
        was stored, and a messenger that sends again may.
        """
        (answer,) = self.receive_all([Entering(inbound, copy_context(), self._clock())])
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def receive_all(self, entering: Sequence[Entering]) -> list[Received | BaseException]:
        """Answer updates as `receive` does, with one commit for all that can share one.

        Each is thought about and logged in its own context; what one raises is its own answer.
        """
        turns = [(one.context, self._steps(one)) for one in entering]
        answers: dict[int, Received | BaseException] = {}
        while len(answers) < len(turns):
            jobs: list[Job] = []
            for at, (context, steps) in enumerate(turns):
                if at in answers:
                    continue
                try:
                    jobs.append(context.run(next, steps))
                except StopIteration as end:
                    answers[at] = end.value
                except BaseException as error:  # noqa: BLE001 - told to whoever waits for it
                    answers[at] = error
            if jobs:
                self._store.transact_all(jobs)
        return [answers[at] for at in range(len(turns))]

    def _steps(self, entering: Entering) -> Steps:
        """Take one update through; gives each work that it needs and goes on when it is done."""
        try:
            self.parts.refresh()
        except Busy as busy:
            raise Overloaded from busy
        inbound = entering.inbound
        inbound, thought = read(inbound, self.parts, self._lang(inbound, None))
        entering = entering._replace(inbound=inbound)
        refusal: Refused | None = None
        for _ in range(TRIES):
            try:
                return (yield from self._once(entering, thought, refusal))
            except Ponder as asks:
                self._ponder(thought, asks, self._lang(inbound, None))
            except Stale:
                continue
            except Refused as refused:
                if isinstance(refused, Conflict) or refusal is not None:
                    raise
                refusal = refused
        raise Overloaded

    def _ponder(self, thought: Thought, asks: Ponder, lang: str) -> None:
        """Think, while no transaction is open."""
        if asks.look is None:
            thought.ponder(self.parts, lang)
            return
        try:
            thought.seek(asks.look)
        except Busy as busy:
            raise Overloaded from busy

    def _once(self, entering: Entering, thought: Thought, refusal: Refused | None) -> Steps:
        asked = self._clock()
        blobs: list[str] = []

        def work(unit: Unit) -> Received:
            entering.begun()
            self._waited(self._clock() - entering.since)
            return self._turn(unit, entering.inbound, thought, refusal, blobs, asked)

        job = Job(work, context=entering.context)
        yield job
        try:
            if job.error is not None:
                raise job.error
        except BodyConflict as conflict:
            raise Conflict("talk.repeated") from conflict
        except Busy as busy:
            raise Overloaded from busy
        for name in blobs:
            self._store.blobs.delete(name)
        received: Received = job.result
        return received

    def _turn(
        self,
        unit: Unit,
        inbound: Inbound,
        thought: Thought,
        refusal: Refused | None,
        blobs: list[str],
        began: float,
    ) -> Received:
        look = self._look(unit, inbound)
        key = Key(f"{inbound.channel}:{inbound.account}", look.peer.id, inbound.update_id)
        seen = inbox.claim(unit, key, inbound.body, look.peer.sid)
        if seen is not None:
            return self._repeat(unit, inbound, look, seen)
        walk = Walk(self.parts, unit, inbound, thought, *look, self._lang(inbound, look), began)
        try:
            if refusal is not None:
                refuse(walk, refusal)
            else:
                take(walk)
        except WRONG as error:
            if walk.later or isinstance(error, NotKnown):
                raise Overloaded from error  # a process of that release can go on with it (S23)
            raise
        blobs[:] = walk.blobs
        received = post.write(walk, key)
        blobs[:] = walk.blobs
        return received

    def _look(self, unit: Unit, inbound: Inbound) -> Look:
        """Read the peer with all that the turn needs; make it where it is new."""
        address = (inbound.channel, inbound.account, inbound.address)
        look = turns.look(unit, *address, CONSENTS, lock=True)
        if look is not None:
            return look
        self._newcomer(unit, inbound)
        peer = peers.ensure(unit, *address, self._lang(inbound, None), inbound.at)
        return turns.Look(peer, None, frozenset())

    def _newcomer(self, unit: Unit, inbound: Inbound) -> None:
        """Ask whoever comes above the hour's budget for a proof of work, or to come later."""
        whole = self.parts.svc.site.budget_newcomers
        name, budget = crowd.part(f"new:{inbound.channel}", whole, inbound.address)
        wait = crowd.room(unit, name, budget, burst=budget // 4)
        if wait and inbound.proved and self._first(unit, inbound.proved):
            more = whole * PROVED
            wait = crowd.room(unit, f"proved:{inbound.channel}", more, burst=more // 4)
        if wait:
            raise Overloaded(max(5, min(60, round(wait))), crowd=not inbound.proved)

    @staticmethod
    def _first(unit: Unit, proof: str) -> bool:
        """Let one piece of work open one conversation."""
        return not rates.take(unit, f"proof:{proof}", every=1200.0)

    def _repeat(self, unit: Unit, inbound: Inbound, look: Look, seen: Seen) -> Received:
        """Give a repeated update what it got: the stored copy, or what stands open since then.

        The copy lacks everybody's words (S3); while nothing has moved since, the question itself
        is shown instead of its copy.
        """
        peer = look.peer
        lang = self._lang(inbound, look)
        if self.parts.limits[inbound.channel].push:
            return Received((), lang, peer.id, peer.turn, repeated=True)
        walk = Walk(self.parts, unit, inbound, Thought(), *look, lang)
        if seen.answer is None:
            said: tuple[Reply, ...] = (Say(Phrase("talk.filed_already")),)
            return Received(said, lang, peer.id, peer.turn, repeated=True)
        try:
            stored = load_all(seen.answer)
        except ValueError as error:  # a later release gave it (S23)
            raise Overloaded from error
        now = {reply.turn: reply for reply in walk.standing() if hasattr(reply, "turn")}
        replies = tuple(
            now.get(getattr(reply, "turn", None), reply)
            if reply.kind in {"ask", "page", "summary", "sheet"}
            else reply
            for reply in stored
        )
        return Received(replies, lang, peer.id, peer.turn, repeated=True)

    def show(
        self,
        channel: str,
        account: str,
        address: str,
        lang: str | None,
        *,
        pages: bool = True,
    ) -> Received:
        """Give what stands open now, changing nothing: a page that is loaded again."""
        at = self.parts.svc.now()
        nothing = Command("show")
        inbound = Inbound(channel, account, address, "", b"", nothing, at, lang, pages=pages)

        def work(unit: Unit) -> Received:
            look = turns.look(unit, channel, account, address, CONSENTS, lock=False)
            if look is None:
                return Received((), self._lang(inbound, None), 0, 0)
            spoken = self._lang(inbound, look)
            walk = Walk(self.parts, unit, inbound, Thought(), *look, spoken)
            return Received(walk.resumed(), spoken, look.peer.id, look.peer.turn)

        try:
            return self._store.read(work)
        except Busy as busy:
            raise Overloaded from busy

    def gone(self, gone: Gone) -> None:
        """Note that a person left the channel, or came back."""

        def work(unit: Unit) -> None:
            peer = peers.find(unit, gone.channel, gone.account, gone.address)
            if peer is not None:
                people.away(self.parts.svc, unit, peer.id, gone=gone.gone)

        command = f"gone:{gone.channel}:{gone.account}:{gone.update_id}"
        try:
            self._store.transact(work, command, again=lambda _unit: None)
        except Busy as busy:
            raise Overloaded from busy

    def _lang(self, inbound: Inbound, look: Look | None) -> str:
        """Choose the language: on our page what the page shows, else what the person chose."""
        known = self.parts.svc.texts.languages
        if look is not None and (self.parts.limits[inbound.channel].push or not inbound.lang):
            return look.peer.lang
        if inbound.lang is None or inbound.lang in known:
            return inbound.lang or "ko"
        return "en"  # whose language we do not speak reads English sooner than Korean
