"""독촉장: what an examiner sees of a report before pressing for it (민원처리법 시행령 제28조).

It is the line of the queue and what was sent before; the move `urge` does the rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.dialogs.replies import Phrase, Words
from bot.documents.official import Draft, Point, Table
from bot.errors import Refused
from bot.services import accesses, listing, moves, officials, rights, sight
from bot.services.base import Actor, Desk
from bot.services.history import Happened, History
from bot.services.listing import Row
from bot.services.papers import head_of
from bot.services.rights import Right
from bot.services.sight import Filing
from knowledge.calendar import seoul_day
from storage.unit import Unit

URGE = "urge"
_WORDS = "desk.urge.letter"


@dataclass(frozen=True, slots=True)
class Sheet:
    """`before` are the 독촉장 of this report, the newest first; `blocked` why none may go now."""

    row: Row
    before: tuple[Happened, ...]
    blocked: tuple[Words, ...]
    open: bool  # in a state in which one presses at all


def sheet(svc: Desk, unit: Unit, actor: Actor, number: str) -> Sheet:
    """Give what there is to see. Raises `Refused` filing.unknown, also for who may not press."""
    if not rights.may(actor, Right.URGE):
        raise Refused("filing.unknown")
    filing = sight.find(unit, actor, number)
    found = moves.available(svc, unit, actor, number)
    move = next((one for one in found if one.action == URGE), None)
    sent = [one for one in History(unit, filing.sid).all if one.kind == URGE]
    return Sheet(
        listing.row_of(svc, unit, actor, number),
        tuple(reversed(sent)),
        move.blocked if move is not None else (),
        move is not None,
    )


def letter(svc: Desk, unit: Unit, actor: Actor, number: str) -> Draft:
    """Give the 독촉장 as a letter: as it was last sent, else of today; no word of the reporter.

    Raises `Refused` filing.unknown, also where there is nothing to press for.
    """
    found = sheet(svc, unit, actor, number)
    if not found.open and not found.before:
        raise Refused("filing.unknown")
    filing = sight.find(unit, actor, number)
    accesses.note(svc, unit, actor, "exported", filing)
    at = found.before[0].at if found.before else svc.now()
    handler = officials.handler(svc, unit, filing)
    me = officials.official(unit, actor.user_id or 0)
    due = filing.due_at
    late = due is not None and due < at

    def say(part: str, **params: str) -> str:
        return _say(svc, part, **params)

    return Draft(
        agency=svc.site.agency,
        to=say(
            "to",
            place=head_of(handler.unit if handler else svc.site.audit_unit),
            name=found.row.assignee,
        ),
        title=say("title", number=number),
        points=[Point(say("late" if late else "near")), Point(say("reason"))],
        tables=[Table(list(_facts(svc, filing, found, at)))],
        sender=say("sender"),
        signed=f"{me.unit} {me.name} {me.phone}".strip() if me else "",
        issued=seoul_day(at).isoformat(),
    )


def _facts(svc: Desk, filing: Filing, found: Sheet, at: datetime) -> Iterator[tuple[str, str]]:
    """Give what an examiner may know of it: number, days, who handles it."""
    received = seoul_day(filing.received_at or filing.arrived_at)
    yield _say(svc, "number"), filing.number
    yield _say(svc, "procedure"), svc.title(filing.procedure)
    yield _say(svc, "received"), _say(svc, "day", day=received.isoformat())
    if filing.due_at is not None:
        due = seoul_day(filing.due_at)
        past = (seoul_day(at) - due).days
        words = {"day": due.isoformat()} | ({"n": str(past)} if past > 0 else {})
        yield _say(svc, "due"), _say(svc, "past" if past > 0 else "day", **words)
    if found.row.assignee:  # and not the unit that it is about: the paper goes many ways (S8)
        yield _say(svc, "handler"), found.row.assignee
    days = [_say(svc, "day", day=seoul_day(one.at).isoformat()) for one in found.before[1:]]
    if days:
        yield _say(svc, "before"), ", ".join(days)


def _say(svc: Desk, part: str, **params: str) -> str:
    return svc.texts.render(Phrase(f"{_WORDS}.{part}", params), "ko", svc.site.words())
