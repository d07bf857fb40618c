"""How dialogs go, counted by day, form, version and step: rows of numbers, nobody's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from storage.models import dialog_counts
from storage.quick import Quick
from storage.unit import Unit
from storage.upsert import insert_into

_c = dialog_counts.c


def _adding(dialect: str) -> sa.Executable:
    made = insert_into(dialect, dialog_counts)
    return made.on_conflict_do_update(
        index_elements=[_c.day, _c.form, _c.version, _c.what, _c.step],
        set_={"n": _c.n + made.excluded.n},
    )


_add = Quick(_adding)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many dialogs of a form did something, over the days that were asked for."""

    form: str
    what: str
    step: str
    n: int


def add(unit: Unit, day: date, counted: Iterable[tuple[str, int, str, str]]) -> None:
    """Count dialogs that did something: (form, version, what, step) each, as often as it is there.

    In one order whoever counts, so that two transactions never wait for each other.
    """
    for form, version, what, step in sorted(counted):
        values = {"form": form, "version": version, "what": what, "step": step}
        _add.later(unit.conn, {"day": day, "n": 1, **values})


def between(unit: Unit, since: date, until: date) -> tuple[Counted, ...]:
    """Sum up the days from one to another, both in."""
    rows = unit.conn.execute(
        sa.select(_c.form, _c.what, _c.step, sa.func.sum(_c.n))
        .where(_c.day.between(since, until))
        .group_by(_c.form, _c.what, _c.step)
        .order_by(_c.form, _c.what, _c.step)
    )
    return tuple(Counted(form, what, step, int(n)) for form, what, step, n in rows)
