"""What officials file for their unit: handed up to the head, revised, and watched until it ends.

Which procedures these are the files say (`[filing] by = ["official"]`); nothing here names one.
What was filed is never changed: a revision is a filing of its own that goes on from the one
before, and the declaration of the head is made on a page of his own (`moves`, `approver`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from bot.dialogs.form import Context
from bot.errors import Refused
from bot.services import accesses, filings, listing, moves, notices, officials, rights, sight
from bot.services.base import Actor, Desk
from bot.services.filings import Filed, Prefs
from bot.services.listing import Row
from bot.services.lookups import Lists
from bot.services.officials import Official
from bot.services.rights import Right
from bot.services.sight import Filing
from bot.services.whose import Author
from storage.repositories import filings as rows
from storage.repositories import units
from storage.unit import Unit

REVISE, WITHDRAW = "revise", "withdraw"
UP = "notice.desk.application_up"
MOST = 200
"""So many of one's own are listed: what somebody files for his unit in some years."""


@dataclass(frozen=True, slots=True)
class Line:
    """One application in a list: its row, what it is about, who wrote it, whose move it is."""

    row: Row
    title: str
    author: str
    waits: bool  # for this official


@dataclass(frozen=True, slots=True)
class Origin:
    """From whom it comes: unit, writer, head; `citizen`: somebody outside asks it of the unit."""

    unit: str
    author: str
    approver: str
    citizen: bool
    after: str  # the number of the filing that it goes on from, "" without one, or of another's
    next: str  # of the one that goes on from it


def head_of(unit: Unit, unit_id: int | None) -> Official | None:
    """Give the head of a unit, or of the nearest one above it that has one."""
    heads = {who.unit_id: who for who in reversed(officials.with_role(unit, "unit_head"))}
    seen: set[int] = set()
    while unit_id is not None and unit_id not in seen:
        if unit_id in heads:
            return heads[unit_id]
        seen.add(unit_id)
        place = units.get(unit, unit_id)
        unit_id = place.parent_id if place is not None else None
    return None


def in_whose_name(unit: Unit, actor: Actor) -> tuple[int, Official]:
    """Give the unit that applies, and its head. Raises `Refused` application.no_unit, .no_head."""
    if actor.unit_id is None:
        raise Refused("application.no_unit")
    head = head_of(unit, actor.unit_id)
    if head is None:
        raise Refused("application.no_head")
    return actor.unit_id, head


def context(svc: Desk, unit: Unit) -> Context:
    """Give what a form may look up while an official fills it in."""
    return Context(
        now=svc.now(),
        texts=svc.texts,
        lookups=Lists.load(unit, svc.now()),
        site=svc.site.words(),
    )


def apply(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    procedure: str,
    answers: BaseModel,
    after: str = "",
    channel: str = "desk",
) -> Filed:
    """File it in the name of the head and put it before him.

    `after` is the number of what it goes on from: one's own, which it takes the place of while
    that one may still be revised, or what a citizen asks of the unit. Raises `Refused`
    access.not_allowed, application.no_unit, application.no_head, filing.unknown.
    """
    if not rights.may(actor, Right.APPLY) or procedure not in {
        one.id for one in svc.offered("official")
    }:
        raise Refused("access.not_allowed")
    unit_id, head = in_whose_name(unit, actor)
    before = _before(unit, actor, after, lock=True) if after else None
    author = Author(actor.user_id, unit_id, head.id, before.id if before else None)
    prefs = Prefs(channel, "desk", "ko", svc.now(), by="dialog", author=author)
    with unit.as_service():
        filed = filings.file(svc, unit, procedure, answers, None, prefs, actor)
        if before is not None and before.procedure == procedure:
            _replace(svc, unit, actor, before)
        notices.tell_officials(svc, unit, sight.get(unit, filed.filing_id), "approver", UP)
    return filed


def known(svc: Desk, unit: Unit, actor: Actor, number: str, procedure: str) -> Mapping[str, Any]:
    """Give the answers of what is to be gone on from, for the form; declarations are made anew.

    Raises `Refused` filing.unknown.
    """
    before = _before(unit, actor, number)
    if before.procedure != procedure:
        return {}
    form = svc.catalogue.form(procedure)
    made = {step.name for step in form.steps if step.input in {"consent", "files"}}
    filed = rows.answers(unit, before)
    return {name: value for name, value in filed.items() if name not in made}


def listed(svc: Desk, unit: Unit, actor: Actor) -> tuple[Line, ...]:
    """Give what this official filed, what waits for his approval, and what is asked of his unit.

    What waits for him stands first, then the newest.
    """
    seen = sight.visible_filings(actor)
    c = seen.selected_columns
    of_units = seen.where(c.reach == sight.UNIT).order_by(c.id.desc()).limit(MOST)
    mine = []
    for filing in sight.several(unit, of_units):
        reader = sight.acting(actor, filing)
        if reader.may(*rights.HERE):
            mine.append((filing, reader))
    known_rows = listing.rows_of(svc, unit, actor, [filing.number for filing, _ in mine])
    found = [
        Line(
            known_rows[filing.number],
            title(svc, unit, filing),
            _name(unit, filing.author_id),
            _waits(svc, filing, reader),
        )
        for filing, reader in mine
    ]
    return tuple(sorted(found, key=lambda line: not line.waits))


def title(svc: Desk, unit: Unit, filing: Filing) -> str:
    """Give what it is about: the first thing that was written in words."""
    form = svc.catalogue.form(filing.procedure)
    first = next((step.name for step in form.steps if step.input == "text"), "")
    return str(rows.answers(unit, filing).get(first) or "").partition("\n")[0]


def origin(unit: Unit, actor: Actor, filing: Filing) -> Origin | None:
    """Give from whom a filing comes; None where it is the audit office's own from the start."""
    if filing.reach != sight.UNIT:
        return None
    before = _seen(unit, actor, filing.after_id)
    after = sight.goes_on(unit, filing.id)
    return Origin(
        officials.unit_named(unit, filing.from_unit_id),
        _name(unit, filing.author_id),
        _name(unit, filing.approver_id),
        filing.author_id is None,
        before.number if before else "",
        after,
    )


def asker(svc: Desk, unit: Unit, actor: Actor, filing: Filing) -> Mapping[str, Any]:
    """Give who asks something of this official's unit: his name came along, as the form said.

    That it was opened is noted first; empty for what an official filed.
    """
    if filing.author_id is not None or not sight.acting(actor, filing).may("asked", "approver"):
        return {}
    accesses.note(svc, unit, actor, "identity", filing)
    return rows.identity(unit, filing)


def apart(unit: Unit, actor: Actor, number: str) -> bool:
    """Tell whether somebody reads a filing as whose it is, and not as the audit office.

    Raises `Refused` filing.unknown.
    """
    filing = sight.find(unit, actor, number)
    reader = sight.acting(actor, filing)
    return filing.reach == sight.UNIT and not reader.may(*sight.STAND_IN, "inspector")


def _before(unit: Unit, actor: Actor, number: str, *, lock: bool = False) -> Filing:
    filing = sight.find(unit, actor, number, lock=lock)
    reader = sight.acting(actor, filing)
    if not reader.may("applicant", "asked"):
        raise Refused("filing.unknown")
    return filing


def _replace(svc: Desk, unit: Unit, actor: Actor, before: Filing) -> None:
    """Let the one before end, where it still may; what has ended stays as it is."""
    move = moves.procedure_of(svc, before).moves.get(REVISE)
    if move is not None and before.state in move.from_:
        moves.carry_out(svc, unit, actor, before, None, REVISE, {})


def _seen(unit: Unit, actor: Actor, filing_id: int | None) -> Filing | None:
    try:
        return sight.get(unit, filing_id, actor) if filing_id is not None else None
    except Refused:
        return None


def _waits(svc: Desk, filing: Filing, reader: Actor) -> bool:
    """Tell whether the next step is this reader's: the first in the file that leads further."""
    rules = moves.procedure_of(svc, filing)
    onward = (
        move
        for move in rules.moves.values()
        if filing.state in move.from_ and filing.state not in move.targets(filing.state)
    )
    theirs = reader.roles & {*rights.IN_ONE, "unit_member"}
    first = next(onward, None)
    return first is not None and first.action != WITHDRAW and not theirs.isdisjoint(first.by)


def _name(unit: Unit, user_id: int | None) -> str:
    who = officials.official(unit, user_id) if user_id is not None else None
    return who.name if who is not None else ""
