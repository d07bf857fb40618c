"""What the pages do, on the real store: each method one transaction, each fault by its name."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from bot import log
from bot.dialogs.events import Attached
from bot.dialogs.replies import Called, Phrase, Reply, Say
from bot.documents.letters import Letter
from bot.errors import Overloaded, Refused
from bot.handlers.chat.book import Book
from bot.handlers.chat.parts import ACCOUNT, CHANNEL, Case, Deed, Waiting
from bot.handlers.chat.readers import Readers
from bot.services import (
    attachments,
    filings,
    handover,
    letters,
    moves,
    newer,
    notices,
    peers,
    publishing,
    refiling,
    sight,
    status,
)
from bot.services.base import CLOCK, Actor, Desk, citizen
from bot.services.publishing import Published
from bot.services.said import called
from knowledge.procedures import NotKnown
from knowledge.release import RELEASE
from storage import receipts
from storage.errors import Busy, Repeated
from storage.receipts import Receipt
from storage.repositories import peers as addresses
from storage.repositories import pulls
from storage.repositories.pulls import Pulled
from storage.store import Store
from storage.unit import Unit

T = TypeVar("T")
_log = log.get(__name__)


class StoreBacking:
    """The pages' backing on a store and the services."""

    def __init__(self, store: Store, svc: Desk) -> None:
        self._store = store
        self._svc = svc
        self.book = Book(store, svc)
        self.readers = Readers(store, svc)

    def find(self, address: str) -> int | None:
        def look(unit: Unit) -> int | None:
            peer = addresses.find(unit, CHANNEL, ACCOUNT, address)
            return None if peer is None else peer.id

        return self._read(look)

    def seen(self, peer_id: int) -> int:
        return self._read(lambda unit: pulls.arrived(unit, peer_id))

    def waiting(self, after: Mapping[int, int]) -> Sequence[Waiting]:
        def look(unit: Unit) -> list[Waiting]:
            return [
                one
                for peer_id in pulls.news(unit, after)
                for one in self._news(unit, pulls.pull(unit, peer_id, after[peer_id]))
            ]

        return self._read(look)

    def _news(self, unit: Unit, rows: Iterable[Pulled]) -> Iterator[Waiting]:
        """Give what can be shown of one conversation, in order.

        At what a later release wrote it stops: what has been passed would not come again (S23).
        A row that nobody can read holds up neither its conversation nor any other (S10).
        """
        for row in rows:
            reply = newer.readable(self._svc.texts, row.payload)
            if row.release > RELEASE and (reply is None or newer.depends(row.valid_rule)):
                return
            if reply is None:
                _log.error("row_unreadable", row=row.id)
            elif notices.still_valid(unit, row.filing_id, row.valid_rule):
                yield Waiting(row.peer_id, row.seq, row.lang, reply)

    def mark_seen(self, peer_id: int, upto: int) -> None:
        self._do(lambda unit: pulls.pulled(unit, peer_id, upto))

    def mine(self, peer_id: int) -> Mapping[str, Any]:
        return self._read(lambda unit: peers.my_data(unit, peer_id))

    def published(self) -> Published | None:
        try:
            return self._store.stale(lambda unit: publishing.published(self._svc, unit))
        except Busy as busy:
            raise Overloaded from busy

    def keep(self, address: str, name: str, data: bytes) -> Attached:
        def work(unit: Unit) -> Attached:
            peer = addresses.find(unit, CHANNEL, ACCOUNT, address)
            if peer is None:
                raise Refused("file.unknown")
            return attachments.put(self._svc, unit, unit.blobs, peer.id, name, data)

        return self._once(work)

    def keep_for(self, filing_id: int, name: str, data: bytes) -> Attached:  # noqa: ARG002
        # The move that brings it ties it to the filing; without a name no peer may be noted (S1).
        return self._once(
            lambda unit: attachments.put(self._svc, unit, unit.blobs, None, name, data)
        )

    def offered(self, secret: str) -> tuple[str, str] | None:
        found = self._read(lambda unit: handover.offered(self._svc, unit, secret))
        return None if found is None else (found.kind, found.channel)

    def move_dialog(
        self,
        secret: str,
        digits: str,
        address: str,
        lang: str,
        *,
        tell_number: bool,
        over: bool = False,
    ) -> None:
        def work(unit: Unit) -> None:
            peer = peers.meet(self._svc, unit, CHANNEL, ACCOUNT, address, lang)
            handover.redeem_dialog(
                self._svc, unit, secret, digits, peer.id, tell_number=tell_number, over=over
            )

        try:
            self._once(work)
        except Refused as refused:
            if refused.key == "link.number":
                # Counted by itself: the refusal took its own transaction back.
                self._once(lambda unit: handover.count_wrong(unit, secret))
            raise

    def show_code(self, secret: str) -> tuple[str, Called, str]:
        def work(unit: Unit) -> tuple[str, Called, str]:
            filing_id = handover.redeem_code(self._svc, unit, secret)
            filing = sight.get(unit, filing_id, CLOCK)
            return filing.number, called(filing), filings.new_code(self._svc, unit, filing_id)

        return self._once(work)

    def typed_back(self, number: str, code: str) -> bool:
        return self._once(lambda unit: filings.typed_back(self._svc, unit, number, code))

    def by_code(self, number: str, code: str, network: str) -> tuple[int, str]:
        try:
            found = status.by_code(self._svc, self._store, number, code, network)
        except (Busy, NotKnown) as busy:
            raise Overloaded from busy
        return found.filing_id, found.number

    def lost(self, receipt: str, number: str) -> Receipt | None:
        return self._read(lambda unit: refiling.lost(self._svc, unit, receipt, number))

    def receipt_keys(self) -> Mapping[str, str]:
        return receipts.public_keys(self._store.ring)

    def case(self, filing_id: int, number: str) -> Case:
        actor = _holder(filing_id)

        def look(unit: Unit) -> Case:
            return Case(
                status.by_number(self._svc, unit, actor, number),
                moves.available(self._svc, unit, actor, number),
                replace(
                    moves.context(self._svc, unit),
                    filed=moves.told(self._svc, unit, sight.find(unit, actor, number)),
                ),
            )

        return self._read(look)

    def letter(self, filing_id: int, number: str, seq: int) -> Letter:
        return self._read(
            lambda unit: letters.of_notice(self._svc, unit, _holder(filing_id), number, seq)
        )

    def perform(self, filing_id: int, number: str, deed: Deed) -> tuple[Reply, ...]:
        def work(unit: Unit) -> tuple[Reply, ...]:
            done = moves.perform_once(
                self._svc,
                unit,
                _holder(filing_id),
                number,
                deed.version,
                deed.action,
                deed.answers,
            )
            return (Say(Phrase("talk.repeated")),) if done is None else done.replies

        try:
            return self._do(work, f"case:{filing_id}:{deed.command}")
        except Repeated:
            return ()

    def seal(self, purpose: str, value: str) -> str:
        return self._store.ring.mac(f"page.{purpose}", value.encode()).hex()

    def sealed(self, purpose: str, value: str, mark: str) -> bool:
        try:
            made = bytes.fromhex(mark)
        except ValueError:
            return False
        return self._store.ring.mac_holds(f"page.{purpose}", made, value.encode())

    def _read(self, look: Callable[[Unit], T]) -> T:
        try:
            return self._store.read(look)
        except (Busy, NotKnown) as busy:
            raise Overloaded from busy

    def _once(self, work: Callable[[Unit], T]) -> T:
        """Do what has one effect although the answer to its COMMIT was lost (S21)."""
        return self._do(work, f"web:{self._svc.random(16).hex()}")

    def _do(self, work: Callable[[Unit], T], command: str | None = None) -> T:
        try:
            return self._store.transact(work, command)
        except (Busy, NotKnown) as busy:
            raise Overloaded from busy


def _holder(filing_id: int) -> Actor:
    """Make the actor of somebody who has shown the code of this one filing."""
    return citizen(None, filing_id)
