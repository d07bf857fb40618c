"""The office's other system (새올, 국민신문고): its number of a filing, and its due date."""

from datetime import date

from bot.errors import Refused
from bot.services import cards, clocks, codes, rights, sight
from bot.services.base import Actor, Desk
from bot.services.rights import Right
from bot.services.sight import Filing, several, visible_filings
from knowledge.korean import clean_line, fold
from storage import journal
from storage.repositories import external_numbers
from storage.repositories.external_numbers import External
from storage.unit import Unit

__all__ = ["External", "find", "of", "put"]

LONGEST = 60


def put(
    svc: Desk, unit: Unit, actor: Actor, number: str, *, external_no: str, due: date | None
) -> None:
    """Note the number of a filing in the other system, and the due date that it names.

    The journal keeps that it was noted and the date, never the number: it may lead to a person.
    Raises `Refused` filing.unknown, external.number, external.long (with `most`).
    """
    filing = sight.find(unit, actor, number, lock=True)
    if not rights.may(sight.acting(actor, filing), Right.ACT):
        raise Refused("filing.unknown")
    plain = clean_line(external_no)
    if not fold(plain):
        raise Refused("external.number")
    if len(plain) > LONGEST:
        raise Refused("external.long", most=LONGEST)
    external_numbers.put(
        unit,
        filing,
        system=svc.site.other_system,
        number=plain,
        due_at=clocks.end_of(due) if due else None,
        by=actor.user_id,
        now=svc.now(),
    )
    detail = {"due": due.isoformat()} if due else {}
    journal.append(unit, filing.sid, svc.now(), actor.mark, "external_no", detail)
    cards.changed(svc, unit, None, filing.id, actor=actor)


def of(unit: Unit, filing: Filing) -> External | None:
    """Give what was noted of a filing that the reader may see."""
    return external_numbers.of(unit, filing)


def find(unit: Unit, actor: Actor, said: str) -> Filing:
    """Find a filing by our number as it is said, or by exactly the other system's.

    Raises `Refused` filing.unknown for none, for one that is not for this actor's eyes, and for
    several that bear the number.
    """
    try:
        return sight.find(unit, actor, codes.read_number(said) or said)
    except Refused:
        ids = external_numbers.find(unit, said) if fold(said) else []
    seen = visible_filings(actor)
    here = several(unit, seen.where(seen.selected_columns.id.in_(ids)))
    if len(here) != 1:
        raise Refused("filing.unknown")
    return here[0]
