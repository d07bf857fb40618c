"""What runs at a tick: every deadline that has passed, or will soon where somebody is told before."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from bot.services.base import CLOCK, Desk
from bot.services.sight import visible_filings
from storage import models
from storage.unit import Unit

Rows = Sequence[sa.Row[Any]]
Terms = Mapping[str, Rows]
"""What runs, by the name of the deadline."""

AHEAD = timedelta(days=14)  # the furthest `remind_before`, weekends and holidays within
_d = models.deadlines.c


def running(svc: Desk, unit: Unit) -> Terms:
    """Read what runs and has passed, or will soon where somebody is told before; oldest first.

    All of it: what was told of already would hide the others behind a limit. A main deadline has
    the date that counts, whose it may be.
    """
    every = [(one, rule) for one in svc.procedures.every() for rule in one.deadlines.values()]
    mains = frozenset((one.id, one.filing.deadline) for one in svc.procedures.every())
    names = {rule.name for _, rule in every if rule.then or rule.over or rule.before}
    ahead = frozenset(rule.name for _, rule in every if rule.before)
    found: dict[str, list[sa.Row[Any]]] = {}
    times = {"now": svc.now(), "ahead": svc.now() + AHEAD}
    for asked in _selections(mains, frozenset(names | {main for _, main in mains}), ahead):
        for row in unit.conn.execute(asked, times):
            if not svc.procedures.knows(row.procedure, row.procedure_version):
                continue  # a later release's clock: it does what is due (S23)
            found.setdefault(row.name, []).append(row)
    return found


@lru_cache(maxsize=8)
def _selections(
    mains: frozenset[tuple[str, str]], names: frozenset[str], ahead: frozenset[str]
) -> tuple[sa.Select[Any], ...]:
    """Build the two questions once: building them takes longer than asking."""
    made = []
    for of_main in (True, False):
        known = visible_filings(CLOCK)
        c = known.selected_columns
        at = c.due_at if of_main else _d.due_at
        main = sa.or_(*(sa.and_(c.procedure == id_, _d.name == name) for id_, name in mains))
        passed = at < sa.bindparam("now", type_=at.type)
        soon = sa.and_(_d.name.in_(ahead), at < sa.bindparam("ahead", type_=at.type))
        asked = [_d.done_at.is_(None), _d.name.in_(names), sa.or_(passed, soon)]
        asked += [main, c.closed_at.is_(None)] if of_main else [~main]
        known = known.join(_d.filing_id.table, _d.filing_id == c.id).where(*asked)
        what = (c.id.label("filing_id"), at.label("due_at"), _d.name, c.state, c.procedure)
        made.append(known.order_by(at).with_only_columns(*what, c.procedure_version))
    return tuple(made)
