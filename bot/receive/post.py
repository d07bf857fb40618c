"""What became of a turn is written: dialog, answer, outbox rows born leased, numbers to press."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.dialogs.engine import MENU
from bot.dialogs.replies import (
    Cards,
    Elsewhere,
    Option,
    Phrase,
    Receipt,
    Reply,
    Say,
    Sheet,
    dump,
    dump_all,
)
from bot.dialogs.state import State
from bot.dialogs.tally import tally
from bot.receive.received import Born, Received
from bot.receive.scrub import private, scrub_all
from bot.receive.walk import dumped
from bot.services import handover
from knowledge.calendar import seoul_day
from storage.errors import Again
from storage.repositories import dialog_counts, dialogs, inbox, outbox, peers, turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.receive.walk import Walk
    from storage.unit import Key

ANSWER, RECEIPT, PRIVATE, DELETE = "answer", "receipt", "private", "delete"
"""Kinds of rows that answer what somebody just did; they leave at any hour."""


def write(walk: Walk, key: Key) -> Received:
    """Write the turn; give what is to be shown and sent."""
    _mint(walk)
    replies = () if walk.silent else number(walk, tuple(walk.replies))
    _keep_dialog(walk)
    push = walk.limits.push
    if not push:
        # A report without a name leaves nothing behind but the hash of its request (S1).
        kept = dump_all(scrub_all(replies)) if walk.kept else b""
        if kept:
            inbox.answer(walk.unit, key, walk.peer.sid, kept)
    drafts = _drafts(walk, replies) if push else []
    lease = outbox.LEASE if push else None
    born = outbox.put(walk.unit, walk.peer.id, drafts, walk.now, lease=lease, turn=walk.turn)
    if walk.lang != walk.peer.lang or walk.peer.state != "open":
        peers.touch(walk.unit, walk.peer.id, walk.now, lang=walk.lang)
    for work in walk.last:
        walk.blobs += work()
    _count(walk)
    rows = tuple(
        _row(walk, one, draft, index, replies)
        for index, (one, draft) in enumerate(zip(born, drafts, strict=True))
        if one.token is not None
    )
    return Received(() if push else replies, walk.lang, walk.peer.id, walk.turn, rows)


def _keep_dialog(walk: Walk) -> None:
    """Save, or end, the dialog; whoever was faster makes this turn begin again."""
    if walk.state is None:
        if walk.dialog is not None and not dialogs.delete(walk.unit, walk.peer.id):
            raise Again
        return
    if walk.state is walk.was:
        return
    read = walk.dialog.version if walk.dialog is not None else 0
    dialogs.save(walk.unit, walk.peer, walk.state.form, dumped(walk.state), walk.now, read=read)


def _count(walk: Walk) -> None:
    """Count what became of a dialog; last, because others wait for the same few rows."""
    counted = tally(walk.came, walk.state, walk.parts.book.forms, finished=walk.finished)
    if counted:
        dialog_counts.add(walk.unit, seoul_day(walk.now), counted)


def _drafts(walk: Walk, replies: Sequence[Reply]) -> list[outbox.Draft]:
    """Make the rows: what is said, then what is deleted."""
    drafts = [
        outbox.Draft(1 if isinstance(reply, Receipt) else 0, _kind(reply), dump(reply), walk.now)
        for reply in replies
    ]
    gone = list(walk.delete)
    if walk.forget and walk.dialog is not None:
        # The dialog may have been begun a moment after the row of its first answer.
        since = walk.dialog.started_at - timedelta(seconds=5)
        gone += turns.messages(walk.unit, walk.peer.id, (PRIVATE,), since)
    return drafts + [outbox.Draft(0, DELETE, message.encode(), walk.now) for message in gone]


def _kind(reply: Reply) -> str:
    if isinstance(reply, Receipt):
        return RECEIPT
    if isinstance(reply, Sheet):
        return ANSWER  # it was given to be kept: it stays when the dialog is over
    forget = isinstance(reply, Say) and reply.forget
    return PRIVATE if forget or private(reply) else ANSWER


def _row(
    walk: Walk, born: outbox.Born, draft: outbox.Draft, index: int, replies: Sequence[Reply]
) -> Born:
    assert born.token is not None
    said = index < len(replies)
    return Born(
        born.id, born.token, born.rank, walk.inbound.channel, walk.inbound.account,
        walk.inbound.address, walk.lang, walk.peer.id,
        replies[index] if said else None,
        None if said else draft.payload.decode(),
        walk.began,
    )  # fmt: skip


def _mint(walk: Walk) -> None:
    """Put the one-time link into what leads to the agency's page, and the two digits beside it."""
    made: list[Reply] = []
    for reply in walk.replies:
        if isinstance(reply, Elsewhere) and reply.url is None:
            link = handover.dialog_link(walk.parts.svc, walk.unit, walk.peer.id)
            digits = {"nn": link.nn}
            words = reply.text
            if isinstance(words, Phrase) and "nn" in walk.parts.svc.texts.holes(words.key):
                words = Phrase(words.key, {**words.params, **digits})
            else:
                made.append(Say(Phrase("elsewhere.number", digits)))
            made.append(replace(reply, text=words, url=link.url))
        else:
            made.append(reply)
    walk.replies = made


# Numbers to press


def number(walk: Walk, replies: tuple[Reply, ...]) -> tuple[Reply, ...]:
    """Give everything that is a command a number of this turn, so that a press is enough.

    A form that is open keeps its own numbers and gets these behind them; otherwise they are a
    menu. A messenger's buttons carry the command itself and never grow old.
    """
    wanted = [option for reply in replies for option in _commands(reply)]
    if not wanted:
        return replies
    if not walk.kept:
        # A menu would keep the number of a report without a name beside its writer (S1).
        return tuple(_without(reply) for reply in replies)
    form = walk.state is not None and walk.state.form != MENU
    if walk.limits.push and form:
        return replies
    told = {"words": walk.words, "album": walk.inbound.album, **walk.beside}
    kept: dict[str, Any] = {name: value for name, value in told.items() if value}
    waiting = walk.state.parked if walk.state is not None else {}
    state = State(MENU, 1, walk.turn + 1, drafts=kept, parked=waiting)
    if form and walk.state is not None:
        state = walk.state.copy()
    first = len(state.offered)
    acts: list[Any] = [["command", f"{one.command} {one.arg}".strip()] for one in wanted]
    state.offered = [*state.offered, *acts]
    walk.state, walk.turn = state, max(walk.turn, state.turn)
    if walk.limits.push:
        return replies
    numbers = iter(range(first, first + len(wanted)))
    done = tuple(_numbered(reply, state.turn, numbers) for reply in replies)
    if not form:
        state.held = dump_all(done).decode()
    return done


def _without(reply: Reply) -> Reply:
    """Leave out what is a command; links stay."""
    if not _commands(reply):
        return reply
    changes: dict[str, Any] = {
        "options": tuple(one for one in getattr(reply, "options", ()) if not one.command)
    }
    return replace(reply, **changes)


def _commands(reply: Reply) -> list[Option]:
    options = list(getattr(reply, "options", ()))
    if isinstance(reply, Cards):
        options = [one for card in reply.cards for one in card.options] + options
    return [one for one in options if one.command and one.index is None and not one.url]


def _numbered(reply: Reply, turn: int, numbers: Any) -> Reply:
    if not _commands(reply):
        return reply

    def give(options: tuple[Option, ...]) -> tuple[Option, ...]:
        return tuple(
            replace(one, index=next(numbers))
            if one.command and one.index is None and not one.url
            else one
            for one in options
        )

    changes: dict[str, Any] = {"turn": turn}
    if isinstance(reply, Cards):
        changes["cards"] = tuple(replace(card, options=give(card.options)) for card in reply.cards)
    changes["options"] = give(getattr(reply, "options", ()))
    return replace(reply, **changes)
