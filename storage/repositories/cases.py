"""Cases of the agency's own, and shipped ones that it changed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from knowledge.cases import NAMES, Case
from storage.models import cases
from storage.repositories import versions
from storage.unit import Unit

VERSION = "cases"

MANY = 100_000
"""So far cases are counted."""
"""Moves with every change of what is published."""
_c = cases.c
_columns = [_c[name] for name in NAMES]


def to_row(case: Case) -> dict[str, Any]:
    """Give the columns of a case."""
    values = {name: getattr(case, name) for name in NAMES}
    values["keywords"] = "\n".join(case.keywords)
    return values


def to_case(row: sa.Row[Any]) -> Case:
    """Read a case from a row that has its columns."""
    values = {name: getattr(row, name) for name in NAMES}
    values["keywords"] = tuple(word for word in values["keywords"].split("\n") if word)
    return Case(**values)


def add(unit: Unit, made: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; each has the columns of `to_row` and origin, made_at, changed_at and so on."""
    if made:
        unit.conn.execute(sa.insert(cases), list(made))


def get(unit: Unit, ref: str) -> sa.Row[Any] | None:
    """Read the whole row of a case, whatever its status."""
    return unit.conn.execute(sa.select(cases).where(_c.ref == ref)).one_or_none()


def rows(unit: Unit, refs: Collection[str]) -> dict[str, sa.Row[Any]]:
    """Read the whole rows of these refs."""
    found = unit.conn.execute(sa.select(cases).where(_c.ref.in_(refs)))
    return {row.ref: row for row in found}


def page(
    unit: Unit, only: Mapping[str, Any], words: str = "", *, skip: int = 0, most: int = 50
) -> list[sa.Row[Any]]:
    """Read whole rows, the last changed first: `only` are columns with what stands in them."""
    found = (
        sa.select(cases).where(*_fits(only, words)).order_by(_c.changed_at.desc(), _c.id.desc())
    )
    return list(unit.conn.execute(found.offset(skip).limit(most)))


def count(unit: Unit, only: Mapping[str, Any], words: str = "") -> int:
    """Count what `page` goes through, up to `MANY`."""
    some = sa.select(_c.id).where(*_fits(only, words)).limit(MANY).subquery()
    return int(unit.conn.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


def places(unit: Unit) -> list[sa.Row[Any]]:
    """List every region, field and year that stand together somewhere."""
    return list(unit.conn.execute(sa.select(_c.region, _c.field, _c.year).distinct()))


def titled(unit: Unit, title: str) -> list[str]:
    """Name the cases of just this title, whatever their status."""
    return list(unit.conn.scalars(sa.select(_c.ref).where(_c.title == title)))


def _fits(only: Mapping[str, Any], words: str) -> Iterator[sa.ColumnElement[bool]]:
    for name, value in only.items():
        yield _c[name] == value
    if words:
        looked = (_c.ref, _c.title, _c.agency, _c.keywords)
        yield sa.or_(*(one.icontains(words, autoescape=True) for one in looked))


def change(unit: Unit, ref: str, version: int, values: Mapping[str, Any], now: datetime) -> bool:
    """Change a row as it was at `version`; False: somebody changed it meanwhile."""
    still = sa.update(cases).where(_c.ref == ref, _c.version == version)
    done = still.values(version=version + 1, changed_at=now, **values)
    return unit.conn.execute(done).rowcount == 1


def touched(unit: Unit) -> None:
    """Tell every process, with this commit, to read what is published anew."""
    versions.move(unit, VERSION)


def own_refs(unit: Unit) -> frozenset[str]:
    """Name every case that has a row, published or not."""
    return frozenset(unit.conn.scalars(sa.select(_c.ref)))


def published(unit: Unit, chunk: int = 1000) -> Iterator[Case]:
    """Read what is published, row by row."""
    found = sa.select(*_columns).where(_c.status == "published").order_by(_c.id)
    for row in unit.conn.execute(found.execution_options(yield_per=chunk)):
        yield to_case(row)


def days(unit: Unit) -> dict[str, datetime]:
    """Tell when each published case was let out here; those that came so from elsewhere are not."""
    out = sa.select(_c.ref, _c.published_at).where(
        _c.status == "published", _c.published_at.is_not(None)
    )
    return {row.ref: row.published_at for row in unit.conn.execute(out)}


def held(unit: Unit) -> frozenset[str]:
    """Name the cases that the audit office keeps out of what is sent."""
    return frozenset(unit.conn.scalars(sa.select(_c.ref).where(_c.held)))


def every(unit: Unit, chunk: int = 1000) -> Iterator[Case]:
    """Read all rows, whatever their status."""
    found = sa.select(*_columns).order_by(_c.id)
    for row in unit.conn.execute(found.execution_options(yield_per=chunk)):
        yield to_case(row)


def of_refs(unit: Unit, refs: Collection[str]) -> dict[str, Case]:
    """Read the rows of these refs, whatever their status; on the public part the published."""
    found = sa.select(*_columns).where(_c.ref.in_(refs))
    return {row.ref: to_case(row) for row in unit.conn.execute(found)}
