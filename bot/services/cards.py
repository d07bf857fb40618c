"""A filing as a card at the officials' messenger: open columns only, kept up to date by editing.

A card has no word of a report at any level, and who reported is never in it. The audit office's
room has one for each filing whose guard 접수 has confirmed, while nobody of the office is kept
from it; an official has one of whatever he was told of. Rows hold the number alone: the card
itself is made when it is sent.
"""

from datetime import timedelta

import sqlalchemy as sa

from bot.dialogs import replies
from bot.dialogs.replies import Card, Cards, Option, Phrase, Say, Words
from bot.errors import Refused
from bot.services import listing, officials, rights, rooms, said, sight
from bot.services.barred import bars_one_of
from bot.services.base import ANONYMOUS, CLOCK, Actor, Desk, Office, hour
from bot.services.listing import Row
from bot.services.rights import Right
from bot.services.roads import BESIDE, OFFICIAL
from bot.services.sight import Filing
from storage import models
from storage.repositories import guards, official_links, outbox, posted
from storage.unit import Unit

CARD, THREAD, DELETE = "card", "thread", "delete"
INSIDE = frozenset({OFFICIAL, CARD, THREAD})
"""Kinds of rows about a filing that are no road to the reporter."""

NUMBERS = ("receive", "assign", "reassign", "remind", "snooze")
FULL = ("receive", "assign", "reassign", "note", "read", "remind", "snooze")
MOVES = frozenset({"receive", "assign", "reassign", "note"})
OFFICE = frozenset({"intake", "auditor", "audit_head"})
"""Whose buttons a card in the room has: a press is judged by who presses."""

HUSHED = frozenset({"recuse", "pressure"})
"""Moves that a thread does not name: who steps back says why to nobody (S8)."""

HOUR = timedelta(hours=1)
_u, _r, _n = models.users.c, models.user_roles.c, models.units.c


def may(office: Office) -> tuple[str, ...]:
    """Name what can be done at the messenger; everything else is the desk's (security S29)."""
    return FULL if office.words else NUMBERS


def link(svc: Desk, number: str) -> Option:
    """Give the way to a filing's page at the desk."""
    return Option(Phrase("office.open"), url=f"{svc.desk_url}/filings/{number}")


def say(svc: Desk, row: Row, options: tuple[Option, ...], head: Words | None = None) -> Cards:
    """Say what a card shows: the queue's open columns, under its name or what has happened."""
    title = svc.title(row.procedure)
    facts: dict[str, Words] = {
        "state": svc.state(row.procedure, row.state),
        "due": due(row),
        "assignee": row.assignee or Phrase("office.card.nobody"),
    }
    if head is None:
        head = Phrase("office.card.head", {"procedure": title, "number": row.number})
    else:
        facts = {"number": row.number, "procedure": title, **facts}
    cards = tuple(Card(Phrase(f"office.card.{name}"), value) for name, value in facts.items())
    return Cards(head, cards, options)


def board(svc: Desk, unit: Unit, actor: Actor, number: str) -> Cards:
    """Show a filing to who asks for it, with what he may do. Raises `Refused` filing.unknown."""
    filing = sight.find(unit, actor, number)
    row = _row(svc, unit, actor, number)
    if row is None:
        raise Refused("filing.unknown")
    return say(svc, row, options(svc, unit, filing, actor))


def fresh(
    svc: Desk, unit: Unit, number: str, peer_id: int, head: Words | None = None
) -> Cards | None:
    """Make the card as it is now for this reader; None: it is not, or no longer, for him."""
    try:
        filing = sight.find(unit, CLOCK, number)
    except Refused:
        return None
    reader = _reader(svc, unit, filing, peer_id)
    row = _row(svc, unit, reader, number) if reader is not None else None
    if reader is None or row is None:
        return None
    actor = None if reader is CLOCK else reader
    return say(svc, row, options(svc, unit, filing, actor), head)


def readable(svc: Desk, unit: Unit, number: str, peer_id: int) -> Row | None:
    """Give the line of a filing for this reader; None where it is not for him."""
    try:
        reader = _reader(svc, unit, sight.find(unit, CLOCK, number), peer_id)
    except Refused:
        return None
    return _row(svc, unit, reader, number) if reader is not None else None


def options(svc: Desk, unit: Unit, filing: Filing, actor: Actor | None) -> tuple[Option, ...]:
    """Give what can be pressed; None is the room, where anybody of the office may press."""
    roles = OFFICE if actor is None else sight.acting(actor, filing).roles
    rules = svc.procedures.version(filing.procedure, filing.procedure_version)
    open_ = {move.action for move in rules.moves_for(filing.state, roles)} & MOVES
    if not confirmed(unit, filing.id):
        open_ -= {"assign", "reassign"}
    if "reassign" in open_ and filing.assignee_id is None:
        open_ -= {"reassign"} if "assign" in open_ else set()
    if filing.closed_at is None:
        open_ |= {"snooze"}
        mine = actor is not None and actor.user_id == filing.assignee_id
        open_ |= {"remind"} if filing.assignee_id is not None and not mine else set()
    reads = actor is None or rights.may(sight.acting(actor, filing), Right.CONTENT)
    open_ |= {"read"} if reads else set()
    made = [button(what, filing) for what in may(svc.office) if what in open_]
    return (*made, link(svc, filing.number))


def button(what: str, filing: Filing) -> Option:
    """Give the button of an act on the filing as it stands."""
    arg = f"{what} {filing.number} {filing.version}"
    return Option(Phrase(f"office.act.{what}"), command="act", arg=arg)


def confirmed(unit: Unit, filing_id: int) -> bool:
    """Tell whether 접수 has confirmed whom the guard keeps out."""
    return all(one.confirmed_at is not None for one in guards.of(unit, filing_id))


def in_room(svc: Desk, unit: Unit, filing: Filing) -> bool:
    """Tell whether the office's room may know of a filing (security S8).

    Not before its guard is confirmed, not while it is restricted or somebody of the office is
    kept from it, and only while the room was found clean.
    """
    if filing.restricted_at is not None or not rooms.clean(svc, unit):
        return False
    if filing.reach != sight.AUDIT and filing.handed_at is None:
        return False  # nobody of the office may know of it
    if not confirmed(unit, filing.id):
        return False
    staff = _staff()
    shut = staff.where(bars_one_of(sa.literal(filing.id), _u.id, staff))
    return unit.conn.execute(shut.limit(1)).first() is None


def changed(
    svc: Desk, unit: Unit, before: Filing | None, filing_id: int, action: str = "",
    actor: Actor = CLOCK,
) -> None:  # fmt: skip
    """Bring the cards of a filing up to date, and note under them what has happened.

    Each reader has at most one card waiting: it is made fresh when it leaves. Where the reporter
    without a name was here, it leaves at the full hour and says nothing of him (S1).
    """
    if svc.office.on:
        with unit.as_service():
            _changed(svc, unit, before, sight.get(unit, filing_id), action, actor)


def _changed(
    svc: Desk, unit: Unit, before: Filing | None, filing: Filing, action: str, actor: Actor
) -> None:
    people = posted.peers_of(unit, filing.id)
    room = rooms.peer(svc, unit)
    if room is not None and room not in people and in_room(svc, unit, filing):
        people.append(room)
    hidden = filing.mode == ANONYMOUS
    secret = hidden and actor.kind != "official"
    tied = None if hidden else filing.id
    now = svc.now()
    leaves = hour(now) + HOUR if secret else now
    line = None if secret or before is None else _line(unit, before, filing, action, actor)
    for peer_id in people:
        drafts = []
        if not waits(unit, peer_id, filing):
            drafts.append(outbox.Draft(BESIDE, CARD, filing.number.encode(), leaves, tied))
        if line is not None:
            drafts.append(outbox.Draft(BESIDE, THREAD, replies.dump(line), leaves, tied))
        outbox.put(unit, peer_id, drafts, now)


def taken(svc: Desk, unit: Unit, filing_id: int) -> int:
    """Take the messages of a filing that is destroyed away from the messenger; gives how many."""
    now, found = svc.now(), posted.peers_of(unit, filing_id)
    for peer_id in found:
        message = posted.of(unit, filing_id, peer_id) or ""
        outbox.put(unit, peer_id, [outbox.Draft(BESIDE, DELETE, message.encode(), now)], now)
    return len(found)


def recheck(svc: Desk, unit: Unit) -> int:
    """Look at the cards in the room again: people move, and a guard follows them (S8)."""
    room = rooms.peer(svc, unit) if svc.office.on else None
    found = posted.of_peer(unit, room) if room is not None else []
    for filing_id in found:
        filing = sight.get(unit, filing_id)
        if not in_room(svc, unit, filing):
            changed(svc, unit, None, filing_id)
    return len(found)


def readable_by(svc: Desk, unit: Unit, number: str, who: officials.Official) -> Row | None:
    """Give the line of a filing for an official; None where it is not for him."""
    try:
        reader = _official(svc, unit, sight.find(unit, CLOCK, number), who)
    except Refused:
        return None
    return _row(svc, unit, reader, number) if reader is not None else None


def _reader(svc: Desk, unit: Unit, filing: Filing, peer_id: int) -> Actor | None:
    """Give who reads at a peer: CLOCK for the room, None for nobody who may."""
    if peer_id == rooms.peer(svc, unit):
        return CLOCK if in_room(svc, unit, filing) else None
    known = official_links.of_peer(unit, peer_id)
    who = officials.official(unit, known.user_id) if known is not None else None
    return _official(svc, unit, filing, who) if who is not None else None


def _official(svc: Desk, unit: Unit, filing: Filing, who: officials.Official) -> Actor | None:
    actor = officials.at_desk(svc, unit, who)
    may = who.active and rights.may(sight.acting(actor, filing), Right.QUEUE)
    return actor if may else None


def _row(svc: Desk, unit: Unit, reader: Actor, number: str) -> Row | None:
    return listing.rows_of(svc, unit, reader, [number]).get(number)


def _staff() -> sa.Select[tuple[int]]:
    """Select who is of the audit office: by place or by role."""
    has = sa.select(_r.user_id).where(_r.role.in_(("auditor", "audit_head")))
    there = sa.select(_n.id).where(_n.kind == "audit")
    return sa.select(_u.id).where(_u.active, sa.or_(_u.id.in_(has), _u.unit_id.in_(there)))


def _line(unit: Unit, before: Filing, after: Filing, action: str, actor: Actor) -> Say | None:
    """Say what has happened, if a card shows it; who did it by an official's name alone."""
    shown = ("state", "assignee_id", "due_at", "closed_at")
    if all(getattr(before, name) == getattr(after, name) for name in shown):
        return None
    named = action and action not in HUSHED
    what = Phrase(f"move.{action}.name") if named else Phrase("office.line.changed")
    who: Words = Phrase(f"office.line.{actor.kind}")
    if actor.kind == "official" and named:
        found = officials.official(unit, actor.user_id or 0)
        who = found.name if found is not None else who
    return Say(Phrase("office.line.text", {"what": what, "who": who, "number": after.number}))


def waits(unit: Unit, peer_id: int, filing: Filing) -> bool:
    """Tell whether a message waits that will show the filing as it is when it leaves."""
    has = posted.of(unit, filing.id, peer_id) is not None
    for row in outbox.waiting_of(unit, peer_id):
        if row.kind == OFFICIAL and not has and row.filing_id == filing.id:
            return True
        if row.kind == CARD and row.filing_id in {filing.id, None}:
            payload = outbox.read_payload(unit, row.id)
            if payload == filing.number.encode():
                return True
    return False


def due(row: Row) -> Words:
    """Say until when."""
    if row.due_at is None:
        return Phrase("office.card.no_due")
    key = "office.card.late" if row.overdue else "office.card.until"
    return Phrase(key, {"day": said.day(row.due_at)})
