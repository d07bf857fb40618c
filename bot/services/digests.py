"""Several notices as one message, and the morning's: numbers, states and dates, made when sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from bot.dialogs import replies
from bot.dialogs.replies import Card, Cards, Option, Param, Phrase, Reply, Say, Words
from bot.services import approvals, cards, clocks, direct, listing, officials, rights, saying
from bot.services.base import CLOCK, Actor, Desk
from bot.services.listing import Row, Wanted
from bot.services.officials import Official
from bot.services.rights import Right
from bot.services.roads import BESIDE, MAIL, MAIL_DESK
from bot.services.sight import visible_filings
from knowledge.calendar import seoul_day
from storage.repositories import official_links, outbox, peers
from storage.unit import Unit

Readable = Callable[[str], Row | None]

MORNING = "morning"
MOST = 20
LATE = timedelta(hours=3)
"""A morning's message that comes later is not one."""


def fresh(svc: Desk, unit: Unit, payload: bytes, readable: Readable) -> Cards | None:
    """Make the message of several notices; what is so no more, or not for this reader, is not in it.

    `readable` gives the line of a filing as its reader may have it.
    """
    lines: list[Card] = []
    for reply in replies.load_all(payload):
        lines += _line(svc, unit, reply, readable)
    if not lines:
        return None
    shown, rest = lines[:MOST], max(0, len(lines) - MOST)
    text = Phrase("office.digest.text", {"n": len(lines)})
    return Cards(text, tuple(shown), _more(svc, rest))


@dataclass(frozen=True, slots=True)
class Lies:
    """What lies there this morning, whoever may know of it: whose it is, and what is nobody's."""

    of: frozenset[int]  # who has something that is late or ends today
    new: bool
    asked: bool  # something waits for a decision

    def __bool__(self) -> bool:
        return bool(self.of) or self.new or self.asked


def lies(svc: Desk, unit: Unit) -> Lies:
    """Look once what a morning's message can be about: most mornings that is next to nothing."""
    last = clocks.end_of(seoul_day(svc.now()))
    found = set(unit.conn.scalars(_lying(), {"last": last}))
    return Lies(frozenset(found - {None}), None in found, approvals.any_open(unit))


@cache
def _lying() -> sa.Select[Any]:
    """Build the question once: building it takes longer than asking it."""
    known = visible_filings(CLOCK)
    c = known.selected_columns
    due = c.due_at <= sa.bindparam("last", type_=c.due_at.type)
    asked = known.where(c.closed_at.is_(None), sa.or_(c.assignee_id.is_(None), due))
    return asked.with_only_columns(c.assignee_id).distinct()


def morning(svc: Desk, unit: Unit, who: Official, there: Lies | None = None) -> Cards | None:
    """Make the morning's message: what is late, what ends today, what waits for a decision."""
    there = there or lies(svc, unit)
    if not who.active or not there:
        return None
    actor = officials.at_desk(svc, unit, who)
    found: list[Card] = []
    for due in ("overdue", "today") if actor.hands & there.of else ():
        rows = listing.rows(svc, unit, actor, Wanted(show="mine", due=due), limit=MOST)
        found += [Card(Phrase(f"office.digest.{due}"), words(svc, row)) for row in rows]
    if there.new and rights.may(actor, Right.ASSIGN):
        new = listing.count(svc, unit, actor, Wanted(show="new"))
        found += [_count("new", new)] if new else []
    waits = deciding(svc, unit, actor) if there.asked else 0
    if waits:
        found.append(_count("approvals", waits))
    if not found:
        return None
    return Cards(
        Phrase("office.digest.morning"), tuple(found[:MOST]), _more(svc, len(found) - MOST)
    )


def words(svc: Desk, row: Row, due: Param | None = None) -> Words:
    """Say a filing in one line; `due` is another date of it than the one that counts."""
    title, state = svc.title(row.procedure), svc.state(row.procedure, row.state)
    known: dict[str, Param] = {
        "number": row.number,
        "procedure": title,
        "state": state,
        "due": cards.due(row) if due is None else due,
    }
    return Phrase("office.row", known)


def deciding(svc: Desk, unit: Unit, actor: Actor) -> int:
    """Count what waits for this official's decision."""
    return len(waiting(svc, unit, actor))


def waiting(svc: Desk, unit: Unit, actor: Actor) -> tuple[approvals.Approval, ...]:
    """List what this official may decide now."""
    open_ = (one for one in approvals.open_(svc, unit, actor) if one.state == "open")
    return tuple(one for one in open_ if approvals.may_decide(svc, unit, actor, one) is None)


def put_morning(svc: Desk, user_id: int, unit: Unit) -> None:
    """Let it leave; whether there is anything to say is seen when it does."""
    peer_id = direct.messenger(svc, unit, user_id)
    if peer_id is not None:
        _put(svc, unit, peer_id)


def mail_mornings(svc: Desk, unit: Unit) -> None:
    """Mail the morning's message to who has no messenger and something to do."""
    there = lies(svc, unit)
    if not there:
        return
    linked = {one.user_id for one in official_links.listed(unit)} if svc.office.on else set()
    for who in officials.everybody(unit):
        if who.email and who.id not in linked and morning(svc, unit, who, there) is not None:
            address = peers.ensure(unit, MAIL, MAIL_DESK, who.email, "ko", svc.now())
            _put(svc, unit, address.id)


def _put(svc: Desk, unit: Unit, peer_id: int) -> None:
    now = svc.now()
    draft = outbox.Draft(BESIDE, MORNING, replies.dump_all(()), now, expires_at=now + LATE)
    outbox.put(unit, peer_id, [draft], now)


def _count(what: str, n: int) -> Card:
    return Card(Phrase(f"office.digest.{what}"), Phrase("office.digest.count", {"n": n}))


def _line(svc: Desk, unit: Unit, reply: Reply, readable: Readable) -> list[Card]:
    """Give one notice as a line: what it is, and the filing as it is now."""
    assert isinstance(reply, Say)
    told = saying.fresh(svc, unit, reply)
    if told is None:
        return []
    assert isinstance(told.text, Phrase)
    what = direct.hushed(svc, told.text.params.get("what"))
    title = what if isinstance(what, str | Phrase) else Phrase("office.digest.other")
    number = told.text.params.get("number")
    if number is None:
        return [Card(title, "")]
    row = readable(str(number))
    due = told.text.params["due"] if "of" in told.text.params else None
    return [] if row is None else [Card(saying.marked(told, title), words(svc, row, due))]


def _more(svc: Desk, rest: int) -> tuple[Option, ...]:
    label = Phrase("office.digest.more", {"n": rest}) if rest > 0 else Phrase("office.open")
    return (Option(label, url=f"{svc.desk_url}/filings?show=mine"),)
