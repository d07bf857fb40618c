"""People at the door: addresses, languages, the three doors and what was agreed to (wording.md §1)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from bot.dialogs.state import MENU
from bot.services import rooms, sight, subscriptions
from bot.services.base import Desk, citizen
from storage import journal, models
from storage.repositories import (
    attachments,
    calls,
    consents,
    dialogs,
    filings,
    inbox,
    outbox,
    peers,
    questions,
)
from storage.repositories.peers import Peer
from storage.unit import Unit

WRITTEN = ("form", "started", "answers", "drafts", "parked")
"""What of an open dialog its writer wrote, and of those that wait beside it."""
TRANSFER = "transfer"  # 개인정보 보호법 제28조의8: what a messenger keeps abroad

FORGOTTEN, UNLINKED, DRAFT, CONSENT = "peer", "unlink", "draft", "consent:"
"""What the erasure ledger calls these acts, for the day of a restore (security S13)."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many peers went, and the blobs to delete once this is committed."""

    count: int
    blobs: tuple[str, ...]


def meet(svc: Desk, unit: Unit, channel: str, account: str, address: str, lang: str) -> Peer:
    """Find a peer or make one; before any consent it is the hidden address and a language only."""
    return peers.ensure(unit, channel, account, address, lang, svc.now())


def speak(svc: Desk, unit: Unit, peer_id: int, lang: str) -> None:
    """Change the language of a peer."""
    peers.touch(unit, peer_id, svc.now(), lang=lang)


def agree(svc: Desk, unit: Unit, peer_id: int, kind: str, version: str, lang: str = "ko") -> None:
    """Record a consent (`transfer`, `sensitive`): which text, when; the peer is the channel."""
    consents.give(unit, peer_id, kind, version, lang, svc.now())


def withdraw(svc: Desk, unit: Unit, peer_id: int, kind: str) -> bool:
    """Take a consent back; False when there was none. The draft can go on at the page."""
    done = consents.withdraw(unit, peer_id, kind, svc.now())
    if done:
        peer = peers.lock(unit, peer_id)
        unit.note_gone(f"{CONSENT}{kind}", peer.sid, svc.now())
        if kind == TRANSFER:
            peers.clear_name(unit, peer_id)
        if kind in {TRANSFER, subscriptions.NEWS}:  # news at a messenger flows abroad too
            subscriptions.stop_peer(svc, unit, peer_id)
    return done


def withdraw_all(svc: Desk, unit: Unit, peer_id: int) -> int:
    """Take every consent back and forget the display name; gives how many there were."""
    standing = [row.kind for row in consents.of(unit, peer_id) if row.withdrawn_at is None]
    done = sum(withdraw(svc, unit, peer_id, kind) for kind in standing)
    peers.clear_name(unit, peer_id)
    return done


def may_write_here(unit: Unit, peer: Peer) -> bool:
    """Tell whether a report may be written here: the agency's own page, or the second door."""
    return peer.channel == "web" or consents.has(unit, peer.id, TRANSFER)


def away(svc: Desk, unit: Unit, peer_id: int, *, gone: bool) -> None:
    """Note that the person blocked the bot or came back; what waits for him is dropped."""
    peers.set_state(unit, peer_id, "gone" if gone else "open")
    if gone:
        subscriptions.stop_peer(svc, unit, peer_id, "gone")
        outbox.drop_peer(unit, peer_id, "gone")
    else:
        peers.touch(unit, peer_id, svc.now())


def forget_unused(svc: Desk, unit: Unit, limit: int = 200) -> Forgotten:
    """Forget peers that never went on, or were cut off, within the site's hours (§1.2)."""
    before = svc.now() - timedelta(hours=svc.site.unused_peer_hours)
    times = {"before": before, "room": rooms.peer(svc, unit) or 0, "most": limit}
    ids = list(unit.conn.scalars(_unused(), times))
    blobs: list[str] = []
    for peer_id in ids:
        blobs += forget(unit, peer_id, peers.get(unit, peer_id).sid, svc.now())
    return Forgotten(len(ids), tuple(blobs))


@cache
def _unused() -> sa.Select[Any]:
    """Build the question once: building it takes longer than asking it."""
    p = models.peers.c
    used = [
        sa.select(table.c.peer_id).where(table.c.peer_id == p.id, *more).exists()
        for table, more in (
            (models.dialogs, ()),
            (models.filings, ()),
            (models.consents, (models.consents.c.withdrawn_at.is_(None),)),
            (models.outbox, (models.outbox.c.status.in_(["pending", "sending"]),)),
            (models.calls, (models.calls.c.state == "waiting",)),
            (models.question_askers, ()),
            (models.subscriptions, (models.subscriptions.c.state != "off",)),
        )
    ]
    # An official's account, and the office's room, are no citizens: nobody comes back there.
    used += [
        sa.select(table.c.peer_id).where(table.c.peer_id == p.id).exists()
        for table in (models.official_links, models.posted)
    ]
    before = sa.bindparam("before", type_=p.seen_at.type)
    kept = sa.and_(p.channel == "mail", p.account != subscriptions.NEWS)
    idle = (p.seen_at < before, ~kept, p.id != sa.bindparam("room"), *(~one for one in used))
    return sa.select(p.id).where(*idle).limit(sa.bindparam("most", type_=sa.Integer))


def my_data(unit: Unit, peer_id: int) -> Mapping[str, Any]:
    """Give everything kept about this peer, as plain values to show or to save as a file.

    Of a filing only that it is there, and whether with a name: its words and the identity are
    opened on the desk's side alone (security S7), which answers a request to see them.
    """
    peer = peers.get(unit, peer_id)
    opened = dialogs.get(unit, peer)
    mine = sight.several(unit, sight.visible_filings(citizen(peer_id)))
    return {
        "channel": peer.channel,
        "name": peers.name(unit, peer),
        "lang": peer.lang,
        "since": peer.created_at.isoformat(),
        "consents": [
            {
                "kind": row.kind,
                "text": row.text_version,
                "given": row.given_at.isoformat(),
                "withdrawn": row.withdrawn_at.isoformat() if row.withdrawn_at else None,
            }
            for row in consents.of(unit, peer_id)
        ],
        "questions": questions.asks(unit, peer_id),
        "news": subscriptions.plain(subscriptions.of_peer(unit, peer_id)),
        "draft": _written(json.loads(opened.state)) if opened else None,
        "filings": [
            {
                "number": one.number,
                "procedure": one.procedure,
                "state": one.state,
                "arrived": one.arrived_at.isoformat(),
                "identity": "kept" if one.mode == "named" else "none",
            }
            for one in mine
        ],
    }


def _written(state: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Give what was written and not filed; not what the service keeps beside it for itself.

    Beside it stand the last answer, a code among it, and half of a number that was masked.
    """
    if state.get("form") == MENU:
        return None
    return {name: state[name] for name in WRITTEN if name in state}


def erase_draft(svc: Desk, unit: Unit, peer_id: int) -> tuple[str, ...] | None:
    """Erase what was not filed yet; None when there was nothing, else the blobs to delete."""
    blobs = drop_draft(unit, peer_id)
    if blobs is not None:
        unit.note_gone(DRAFT, peers.get(unit, peer_id).sid, svc.now())
    return blobs


def drop_draft(unit: Unit, peer_id: int) -> tuple[str, ...] | None:
    """Do what `erase_draft` does, for an act that the erasure ledger knows by another name."""
    blobs: list[str] = []
    for file in attachments.of_peer(unit, peer_id):
        blobs += attachments.remove(unit, file)
    inbox.drop_answers(unit, peer_id)
    if not dialogs.delete(unit, peer_id) and not blobs:
        return None
    return tuple(blobs)


def unlink(svc: Desk, unit: Unit, peer_id: int) -> tuple[str, ...]:
    """Cut a messenger off: draft, consents, name and the thread to its filings go at once.

    The filings stay as public records; what comes next goes by the road that the reporter chose
    beside it, or becomes a task. The hidden address itself is forgotten with the next sweep,
    when the last answer has left. Gives the blobs to delete.
    """
    peer = peers.lock(unit, peer_id)
    unit.note_gone(UNLINKED, peer.sid, svc.now())
    return cut(svc, unit, peer_id, svc.now())


def cut(svc: Desk, unit: Unit, peer_id: int, before: datetime) -> tuple[str, ...]:
    """Do what `unlink` says to all that this peer had `before`."""
    blobs = drop_draft(unit, peer_id) or ()
    subscriptions.stop_peer(svc, unit, peer_id, "gone", before)
    for row in consents.of(unit, peer_id):
        if row.given_at <= before:
            consents.withdraw(unit, peer_id, row.kind, svc.now())
    peers.clear_name(unit, peer_id)
    mine = sight.visible_filings(citizen(peer_id))
    earlier = mine.where(mine.selected_columns.arrived_at <= before)
    for filing in sight.several(unit, earlier):
        filings.change(unit, filing.id, filing.version, peer_id=None)
        journal.append(unit, filing.sid, svc.now(), "citizen", "unlinked", {})
    outbox.drop_peer(unit, peer_id, "unlinked", least_rank=1)
    calls.forget_peer(unit, peer_id, svc.now())
    questions.forget_peer(unit, peer_id, before)
    peers.set_state(unit, peer_id, "gone")
    return tuple(blobs)


def forget(unit: Unit, peer_id: int, sid: bytes, now: datetime) -> list[str]:
    """Take a peer away with all that is its own; gives the blobs to delete after the commit."""
    unit.note_gone(FORGOTTEN, sid, now)
    calls.forget_peer(unit, peer_id, now)
    blobs = list(drop_draft(unit, peer_id) or ())
    for table in (
        models.outbox,
        models.consents,
        models.tickets,
        models.attachments,
        models.inbox,
        models.question_askers,
        models.subscriptions,
    ):
        unit.conn.execute(sa.delete(table).where(table.c.peer_id == peer_id))
    unit.conn.execute(sa.delete(models.peers).where(models.peers.c.id == peer_id))
    unit.keys.destroy(sid)
    return blobs
