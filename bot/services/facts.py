"""What a unit is asked, all that it ever sees: the auditor's own words (security S8).

No report, no number, no reporter. A request is found by its own id and the unit of who asks; the
report behind it, which is guarded against him, is touched by the service alone.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from bot.dialogs.form import Form
from bot.errors import Refused
from bot.services import accesses, moves, rights, sight
from bot.services.base import CLOCK, Actor, Desk
from bot.services.moves import Performed
from bot.services.rights import Right
from storage import journal
from storage.repositories import fact_requests, unit_successors
from storage.repositories.fact_requests import FactRequest
from storage.unit import Unit

REPLY = "fact_reply"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `kind`: asked = to be answered; referred, danger = to be known.

    `state`: open, answered or closed (taken back); told where there is nothing to answer.
    """

    id: int
    kind: str
    state: str
    unit_id: int
    content: Mapping[str, Any]
    reply: Mapping[str, Any]
    due_at: datetime
    created_at: datetime
    replied_at: datetime | None


def listed(unit: Unit, actor: Actor) -> tuple[Asked, ...]:
    """Give what the actor's unit was asked, open ones first, by due date."""
    if not rights.may(actor, Right.FACTS_SEEN) or actor.unit_id is None:
        return ()
    own = sorted(unit_successors.before(unit, actor.unit_id))
    with unit.as_service():
        found = [_asked(one) for at in own for one in fact_requests.for_unit(unit, at)]
    return tuple(sorted(found, key=lambda one: (one.state != "open", one.due_at, one.id)))


def of_filing(unit: Unit, filing_id: int) -> tuple[Asked, ...]:
    """Give what units were asked about a report, for its own page."""
    return tuple(_asked(one) for one in fact_requests.of(unit, filing_id))


def opened(svc: Desk, unit: Unit, actor: Actor, request_id: int) -> Asked:
    """Open a request; the journal of the report knows. Raises `Refused` filing.unknown."""
    request = _mine(unit, actor, request_id)
    read = {"request": request.id}
    with unit.as_service():
        filing = sight.get(unit, request.filing_id)
        journal.append(unit, filing.sid, svc.now(), actor.mark, "fact_read", read)
        accesses.note(svc, unit, actor, "fact", filing)
    return _asked(request)


def reply_form(svc: Desk, unit: Unit, actor: Actor, request_id: int) -> Form[Any] | None:
    """Give the form of the answer. Raises `Refused` filing.unknown."""
    filing = sight.get(unit, _mine(unit, actor, request_id).filing_id)
    return svc.catalogue.move_form(filing.procedure, filing.procedure_version, REPLY)


def reply(
    svc: Desk, unit: Unit, actor: Actor, request_id: int, answers: Mapping[str, Any] | BaseModel
) -> Performed:
    """Answer a request. Raises `Refused` filing.unknown, guard.fact_asked; `BadFields`."""
    request = _mine(unit, actor, request_id)
    if not rights.may(actor, Right.FACTS):
        raise Refused("filing.unknown")
    if request.state != "open":
        raise Refused("guard.fact_asked")
    filing = sight.get(unit, request.filing_id, CLOCK, lock=True)
    return moves.carry_out(svc, unit, actor, filing, None, REPLY, answers, about=request.id)


def _mine(unit: Unit, actor: Actor, request_id: int) -> FactRequest:
    if not rights.may(actor, Right.FACTS_SEEN) or actor.unit_id is None:
        raise Refused("filing.unknown")
    own = unit_successors.before(unit, actor.unit_id)
    with unit.as_service():
        request = fact_requests.asked_of(unit, request_id, own)
    if request is None:
        raise Refused("filing.unknown")
    return request


def _asked(request: FactRequest) -> Asked:
    content: dict[str, Any] = json.loads(request.asked) if request.asked else {}
    kind = str(content.get("kind") or "asked")
    answer: dict[str, Any] = json.loads(request.reply) if request.reply else {}
    return Asked(
        request.id,
        kind,
        request.state if kind == "asked" else "told",
        request.unit_id,
        content,
        answer,
        request.due_at,
        request.created_at,
        request.replied_at,
    )
