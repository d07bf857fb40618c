"""Whom a guard keeps out, as one SQL expression over the history of units and postings (S8).

A guard names a unit and the day since when it is about. Kept out is who served there on that day
or later: in the unit, in those under it, in what took its work over, in what had its work before
(on that day), at the head of what stands over it, or as the deputy (대직) of one of these. The
agency itself, a unit without a parent, keeps out nobody but its own: by law the report is made to
its head (지방공무원 적극행정 운영규정 제17조의3), and naming it must not lock everybody out; nor
does a whole that the audit office or 접수 belongs to.

Nothing is stored of it: a unit that is renamed and a person who moves are right at the next read.
"""

from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CTE, ColumnElement, Select

from storage import acting, models
from storage.repositories.guards import PRESENT
from storage.unit import Unit

_p, _d, _n = models.postings.c, models.deputies.c, models.units.c
_s, _u, _r, _g = models.unit_successors.c, models.users.c, models.user_roles.c, models.guards.c

EVER = sa.literal(date(9999, 12, 31), sa.Date)
HEADS = ("unit_head", "audit_head")
APART = ("audit", "intake")
"""Kinds of units that do not go with the whole they belong to."""

Who = int | None | Select[Any]


def bars(filing: ColumnElement[Any], who: int | None) -> ColumnElement[bool]:
    """Tell in SQL that a filing is guarded against one account."""
    return _stands(filing, _g.user_id == who, _reach_of(who))


def bars_one_of(
    filing: ColumnElement[Any], user: ColumnElement[Any], among: Select[Any]
) -> ColumnElement[bool]:
    """Tell the same of an account that is a column; `among` selects all that may stand there."""
    reach = _reach(among)
    return _stands(filing, _g.user_id == user, reach, reach.c.user_id == user)


def behind_the_wall(unit: Unit, who: int) -> acting.Acting:
    """Tell the second wall, where there is one, all that the guard asks about an account."""
    if unit.dialect != "postgresql":
        return acting.Acting(who)
    c = _reach_of(who).c
    rows = unit.conn.execute(sa.select(c.unit_id, c.last_day, c.before).distinct())
    return acting.Acting(who, acting.reach_of((row[0], row[1], row[2]) for row in rows))


def reasons(filing_id: int) -> Select[Any]:
    """Select who is kept out of a filing, by which unit and why; a person may come twice."""
    reach = _reach(sa.select(_u.id))
    c = reach.c
    by_unit = (
        sa.select(c.user_id, _g.unit_id, c.why)
        .join(_g.filing_id.table, sa.and_(c.unit_id == _g.unit_id, *_since(reach)))
        .where(_g.filing_id == filing_id, ~_g.proposed)
    )
    by_name = sa.select(_g.user_id, _g.unit_id, _g.reason.label("why")).where(
        _g.filing_id == filing_id, _g.user_id.is_not(None), ~_g.proposed
    )
    return sa.union(by_unit, by_name)  # type: ignore[return-value]


def _stands(
    filing: ColumnElement[Any],
    named: ColumnElement[bool],
    reach: CTE,
    *same: ColumnElement[bool],
) -> ColumnElement[bool]:
    there = sa.select(reach.c.unit_id).where(reach.c.unit_id == _g.unit_id, *_since(reach), *same)
    standing = sa.select(_g.id).where(
        _g.filing_id == filing, ~_g.proposed, sa.or_(named, there.exists())
    )
    return standing.exists()


def _since(reach: CTE) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    day = sa.func.coalesce(_g.since, sa.literal(PRESENT, sa.Date))
    return reach.c.last_day >= day, reach.c.before > day


@lru_cache(maxsize=1024)
def _reach_of(who: int | None) -> CTE:
    """Build the walk of one account once: building it takes as long as running it."""
    return _reach(who)


def _reach(who: Who) -> CTE:
    """Give every unit for whose sake an account is kept out: until when, and how.

    It walks from where somebody serves to what may be complained of. `before`: only of guards
    that are older than a succession.
    """
    held = _held(who)
    start = _start(held)
    roads = _roads()
    first = sa.select(*start.c).cte(recursive=True)
    c, road = first.c, roads.c
    on = sa.select(
        c.user_id,
        road.to,
        road.then,
        c.last_day,
        sa.case((c.before < road.day, c.before), else_=road.day),
        road.why,
    ).join(roads, sa.and_(road.at == c.unit_id, road.phase == c.phase))
    return first.union(on)


def _start(held: CTE) -> CTE:
    """Begin as a member, as one who was there before a succession, and as a head."""
    c = held.c

    def begin(phase: str) -> Select[Any]:
        return sa.select(
            c.user_id, c.unit_id, sa.literal(phase).label("phase"), c.last_day,
            EVER.label("before"), c.why,
        )  # fmt: skip

    over = sa.select(_n.id).where(_n.parent_id.is_not(None))
    heads = begin("head").where(c.head, c.unit_id.in_(over))
    return sa.union_all(begin("member"), begin("earlier"), heads).cte()


def _held(who: Who) -> CTE:
    """Give where accounts serve or served, also as somebody's deputy."""

    def mine(column: ColumnElement[Any]) -> ColumnElement[bool]:
        return column.in_(who) if isinstance(who, Select) else column == who

    leads = sa.select(_r.role).where(_r.user_id == _u.id, _r.role.in_(HEADS)).exists()
    present = (_u.unit_id, leads.label("head"), EVER.label("last_day"))
    posted = sa.func.coalesce(_p.last_day, EVER).label("last_day")
    stood = sa.select(
        _d.deputy_id, _p.unit_id, _p.head, _shorter().label("last_day"), _why("deputy")
    )
    return sa.union_all(
        sa.select(_u.id.label("user_id"), *present, _why("served")).where(
            mine(_u.id), _u.unit_id.is_not(None)
        ),
        sa.select(_p.user_id, _p.unit_id, _p.head, posted, _why("served")).where(mine(_p.user_id)),
        stood.join(models.postings, _p.user_id == _d.person_id).where(
            mine(_d.deputy_id),
            _p.first_day <= _d.last_day,
            sa.func.coalesce(_p.last_day, EVER) >= _d.first_day,
        ),
        sa.select(_d.deputy_id, _u.unit_id, leads, _d.last_day, _why("deputy"))
        .join(models.users, _u.id == _d.person_id)
        .where(mine(_d.deputy_id), _u.unit_id.is_not(None)),
    ).cte()


def _shorter() -> ColumnElement[date]:
    ended = sa.func.coalesce(_p.last_day, EVER)
    return sa.case((ended < _d.last_day, ended), else_=_d.last_day)


def _roads() -> CTE:
    """Give the steps that may be taken: from a unit in a phase to another unit."""
    up = sa.and_(_n.parent_id.is_not(None), _n.kind.not_in(APART))
    down = _n.parent_id.is_not(None)
    return sa.union_all(
        _step("member", _n.id, _n.parent_id, "member", EVER, "below").where(up),
        _step("earlier", _n.id, _n.parent_id, "earlier", EVER, "below").where(up),
        _step("head", _n.parent_id, _n.id, "head", EVER, "head").where(down),
        _step("member", _s.successor_id, _s.unit_id, "member", EVER, "successor"),
        _step("head", _s.successor_id, _s.unit_id, "member", EVER, "head"),
        _step("earlier", _s.unit_id, _s.successor_id, "earlier", _s.from_day, "before"),
        _step("head", _s.unit_id, _s.successor_id, "earlier", _s.from_day, "before"),
    ).cte()


def _step(
    phase: str,
    at: ColumnElement[Any],
    to: ColumnElement[Any],
    then: str,
    day: ColumnElement[date],
    why: str,
) -> Select[Any]:
    return sa.select(
        sa.literal(phase).label("phase"), at.label("at"), to.label("to"),
        sa.literal(then).label("then"), day.label("day"), _why(why),
    )  # fmt: skip


def _why(word: str) -> ColumnElement[str]:
    return sa.literal(word).label("why")
