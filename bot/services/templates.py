"""Words for answers: kept per procedure, field and unit, with holes that a filing fills.

The holes are a closed set of open columns: nothing that the reporter wrote, nothing of who he is.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.errors import Refused
from bot.services import house, officials
from bot.services.base import Actor, Desk
from bot.services.sight import Filing
from knowledge.calendar import seoul_day
from knowledge.korean import clean_line, clean_text, day_text
from storage.repositories import templates
from storage.unit import Unit

LONGEST_NAME, LONGEST = 60, 4000
HOLE = re.compile(r"\{([^{}\n]{0,20})\}")


@dataclass(frozen=True, slots=True)
class Template:
    id: int
    procedure: str
    field: str
    name: str
    body: str
    unit_id: int | None
    unit: str
    by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class _Case:
    svc: Desk
    unit: Unit
    filing: Filing


def _day(at: datetime | None) -> str:
    return day_text(seoul_day(at)) if at is not None else ""


def _handler(case: _Case) -> officials.Handler:
    found = officials.handler(case.svc, case.unit, case.filing)
    return found or officials.Handler("", "", "")


HOLES: Mapping[str, Callable[[_Case], str]] = {
    "접수번호": lambda case: case.filing.number,
    "접수일": lambda case: _day(case.filing.received_at or case.filing.arrived_at),
    "기한": lambda case: _day(case.filing.due_at),
    "오늘": lambda case: _day(case.svc.now()),
    "말씀하신 부서": lambda case: officials.unit_named(case.unit, case.filing.unit_id),
    "담당부서": lambda case: _handler(case).unit,
    "담당자": lambda case: _handler(case).name,
    "담당전화": lambda case: _handler(case).phone,
    "기관": lambda case: case.svc.site.agency,
    "감사부서": lambda case: case.svc.site.audit_unit,
    "제도": lambda case: case.svc.title(case.filing.procedure),
}


def fields(svc: Desk, procedure: str) -> tuple[str, ...]:
    """Name the fields of a procedure that take a longer text from an official."""
    rules = svc.procedures[procedure]
    found = [
        field.name
        for move in rules.moves.values()
        if set(move.by) - {"citizen", "clock", "unit_member"}
        for field in move.fields
        if field.kind == "long" and not field.overlap
    ]
    return tuple(dict.fromkeys(found))


def listed(unit: Unit, actor: Actor) -> tuple[Template, ...]:
    """Give what is in use and for this official: everybody's, and his unit's."""
    people = {who.id: who.name for who in officials.everybody(unit)}
    return tuple(
        Template(
            row.id,
            row.procedure,
            row.field,
            row.name,
            row.body,
            row.unit_id,
            officials.unit_named(unit, row.unit_id),
            people.get(row.by_user_id, ""),
            row.created_at,
        )
        for row in templates.in_use(unit)
        if row.unit_id in {None, actor.unit_id}
    )


def fitting(unit: Unit, actor: Actor, filing: Filing) -> Mapping[str, tuple[Template, ...]]:
    """Give what fits a filing, by field."""
    found: dict[str, tuple[Template, ...]] = {}
    for one in listed(unit, actor):
        if one.procedure == filing.procedure:
            found[one.field] = (*found.get(one.field, ()), one)
    return found


def add(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    *,
    procedure: str,
    field: str,
    name: str,
    body: str,
    own: bool,
) -> int:
    """Keep words for a field; `own`: for the maker's unit alone.

    Raises `Refused` template.field, template.name, template.body, template.hole (with `hole`),
    template.taken (the name is in use there).
    """
    if procedure not in svc.procedures or field not in fields(svc, procedure):
        raise Refused("template.field")
    plain, text = clean_line(name)[:LONGEST_NAME], clean_text(body)
    if not plain:
        raise Refused("template.name")
    if not text or len(text) > LONGEST:
        raise Refused("template.body", most=LONGEST)
    for hole in HOLE.findall(text):
        if hole not in HOLES:
            raise Refused("template.hole", hole=hole)
    where = (procedure, field, plain)
    if any((one.procedure, one.field, one.name) == where for one in listed(unit, actor)):
        raise Refused("template.taken")
    made = templates.add(
        unit,
        svc.now(),
        procedure=procedure,
        field=field,
        name=plain,
        body=text,
        unit_id=actor.unit_id if own else None,
        by_user_id=actor.user_id,
    )
    house.note(svc, unit, actor, "template_added", {"template": made})
    return made


def end(svc: Desk, unit: Unit, actor: Actor, template_id: int) -> None:
    """End one; it stays readable in the table. Raises `Refused` template.unknown."""
    mine = {one.id for one in listed(unit, actor)}
    if template_id not in mine or not templates.end(unit, template_id, svc.now()):
        raise Refused("template.unknown")
    house.note(svc, unit, actor, "template_ended", {"template": template_id})


def fill(svc: Desk, unit: Unit, actor: Actor, filing: Filing, template_id: int) -> str:
    """Give the words with their holes filled; a hole with nothing to fill it stays to be seen.

    Raises `Refused` template.unknown.
    """
    found = next((one for one in listed(unit, actor) if one.id == template_id), None)
    if found is None or found.procedure != filing.procedure:
        raise Refused("template.unknown")
    case = _Case(svc, unit, filing)
    return HOLE.sub(lambda hole: HOLES[hole[1]](case) or hole[0], found.body)


def unfilled(text: str) -> tuple[str, ...]:
    """Name the holes that still stand in a text."""
    return tuple(hole for hole in HOLE.findall(text) if hole in HOLES)
