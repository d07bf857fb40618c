"""What the clock does for people: postings that begin, approvals whose day has come."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import sqlalchemy as sa

from bot.services import approvals, endings, house
from bot.services.base import Desk
from bot.services.kinds import KINDS
from knowledge.calendar import seoul_day
from storage.models import postings, users
from storage.repositories import approvals as asked
from storage.repositories import postings as serving
from storage.repositories import right_changes
from storage.repositories import users as accounts
from storage.unit import Unit

_u, _p = users.c, postings.c

Work = Callable[[Unit], None]


def due(svc: Desk, unit: Unit) -> Iterator[tuple[str, Work]]:
    """Say what is due now, as a key of repetition and the work of one transaction."""
    for one in asked.due(unit, svc.now()):
        if one.kind not in KINDS:  # newer code asked for it, and will carry it out (S23)
            continue
        yield f"approval:{one.id}", lambda inside, what=one.id: _approved(svc, inside, what)  # type: ignore[misc]
    for user_id, unit_id in _strayed(svc, unit):
        key = f"posted:{user_id}:{unit_id}:{seoul_day(svc.now())}"
        yield key, lambda inside, who=user_id, to=unit_id: _posted(svc, inside, who, to)  # type: ignore[misc]


def sweep(svc: Desk, unit: Unit) -> int:
    """Forget changes of rights after the years that they must be kept."""
    kept = timedelta(days=366 * svc.site.rights_log_years)
    return right_changes.sweep(unit, svc.now() - kept)


def _approved(svc: Desk, unit: Unit, approval_id: int) -> None:
    approvals.carry_out(svc, unit, approval_id)


def _strayed(svc: Desk, unit: Unit) -> list[tuple[int, int]]:
    """Find whose unit is not the one of today's posting: one began or a unit ended."""
    today = serving.on(seoul_day(svc.now()))
    found = (
        sa.select(_u.id, _p.unit_id)
        .join(postings, sa.and_(_p.user_id == _u.id, today))
        .where(_u.active, sa.or_(_u.unit_id.is_(None), _u.unit_id != _p.unit_id))
        .order_by(_u.id)
    )
    return [(row.id, row.unit_id) for row in unit.conn.execute(found)]


def _posted(svc: Desk, unit: Unit, user_id: int, unit_id: int) -> None:
    accounts.change(unit, user_id, unit_id=unit_id)
    right_changes.add(unit, user_id, "moved", svc.now())
    endings.ended(svc, unit, user_id, "moved")
    house.note(svc, unit, None, "user_moved", {"user": user_id, "unit": unit_id})
