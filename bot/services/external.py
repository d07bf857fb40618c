"""The office's other system (새올, 국민신문고): its number of a filing, and its due date.

Where the site says so (`due_authority`), the date noted here is the one that counts.
"""

from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from bot.dialogs.replies import Phrase
from bot.errors import Refused
from bot.services import cards, clocks, codes, notices, rights, said, sight
from bot.services.base import ANONYMOUS, CLOCK, Actor, Desk
from bot.services.rights import Right
from bot.services.sight import Filing, several, visible_filings
from knowledge.korean import clean_line, fold
from storage import journal, models
from storage.repositories import external_numbers, filings
from storage.repositories.external_numbers import External
from storage.unit import Unit

__all__ = ["External", "find", "follow", "of", "put", "stray"]

LONGEST = 60
_d, _x = models.deadlines.c, models.external_numbers.c


def put(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    number: str,
    *,
    external_no: str,
    due: date | None,
    why: str = "",
) -> None:
    """Note the number of a filing in the other system, and the due date that it names.

    Where that date counts the reporter is told of a new day, with `why` in the office's words.
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
    follow(svc, unit, filing, why.strip())
    cards.changed(svc, unit, None, filing.id, actor=actor)


def follow(svc: Desk, unit: Unit, filing: Filing, why: str = "") -> None:
    """Write the date that counts where everybody reads it; tell the reporter of another day.

    A day that has passed is not announced: that it is late is told as always.
    """
    rules = svc.procedures.version(filing.procedure, filing.procedure_version)
    main = clocks.running(unit, filing.id).get(rules.filing.deadline)
    if main is None or not main.open():
        return
    at = clocks.counting(svc, unit, filing, main.due_at)
    if at == filing.due_at:
        return
    lines = clocks.derivation_text(clocks.lines(filing), main.due_at, at)
    filings.change(unit, filing.id, filing.version, due_at=at, derivation=lines)
    old, new = (said.day(one) for one in (filing.due_at, at))
    if old == new or at is None or at < svc.now():
        return
    ours = clocks.theirs(svc, unit, filing) is None
    params = {
        **said.base(svc, unit, filing, svc.now()),
        "old_due": old,
        "new_due": new,
        "why": Phrase("notice.due_why", {"why": why}) if why else "",
    }
    key = "notice.due_ours" if ours else "notice.due_theirs"
    notices.tell(svc, unit, sight.get(unit, filing.id), notices.Message(key, params))


def stray(svc: Desk, most: int) -> sa.Select[Any]:
    """Select the filings whose date is not the one that counts: the setting has changed since."""
    mains = frozenset((one.id, one.version, one.filing.deadline) for one in svc.procedures.every())
    return _stray(mains, most, theirs=svc.site.due_authority == clocks.THEIRS)


@lru_cache(maxsize=8)
def _stray(mains: frozenset[tuple[str, int, str]], most: int, *, theirs: bool) -> sa.Select[Any]:
    """Build the question once: building it takes longer than asking it."""
    known = visible_filings(CLOCK)
    c = known.selected_columns
    counts: sa.ColumnElement[Any] = _d.due_at
    if theirs:
        counts = sa.func.coalesce(_x.due_at, _d.due_at)
    of_main = (
        sa.and_(c.procedure == id_, c.procedure_version == version, _d.name == name)
        for id_, version, name in mains
    )
    running = sa.and_(_d.filing_id == c.id, _d.done_at.is_(None), sa.or_(*of_main))
    known = known.join(_x.filing_id.table, _x.filing_id == c.id).join(_d.id.table, running)
    astray = c.due_at.is_distinct_from(counts)
    return known.where(c.closed_at.is_(None), c.mode != ANONYMOUS, astray).limit(most)


def of(unit: Unit, filing: Filing) -> External | None:
    """Give what was noted of a filing that the reader may see."""
    return external_numbers.of(unit, filing)


def find(unit: Unit, actor: Actor, spoken: str) -> Filing:
    """Find a filing by our number as it is said, or by exactly the other system's.

    Raises `Refused` filing.unknown for none, for one that is not for this actor's eyes, and for
    several that bear the number.
    """
    try:
        return sight.find(unit, actor, codes.read_number(spoken) or spoken)
    except Refused:
        ids = external_numbers.find(unit, spoken) if fold(spoken) else []
    seen = visible_filings(actor)
    here = several(unit, seen.where(seen.selected_columns.id.in_(ids)))
    if len(here) != 1:
        raise Refused("filing.unknown")
    return here[0]
