"""What is said once only; the memory lives as long as the filing (security S14)."""

import sqlalchemy as sa

from storage.columns import db_later, db_now, read_once
from storage.models import sent_keys
from storage.unit import Unit
from storage.upsert import NewRow

_c = sent_keys.c
_new = NewRow(sent_keys, at=db_now())
_stored = sa.select(_c.key).where(_c.key == sa.bindparam("asked"))
_old = (
    sa.select(_c.key)
    .where(
        _c.filing_id.is_(None), _c.at < read_once(db_later(sa.bindparam("since", type_=sa.Float)))
    )
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_sweep = sa.delete(sent_keys).where(_c.key.in_(_old))


def first(unit: Unit, key: str, filing_id: int | None = None) -> bool:
    """Take a key; False: it was taken before, say nothing."""
    return _new(unit.conn, {"key": key, "filing_id": filing_id})


def has(unit: Unit, key: str) -> bool:
    return unit.conn.execute(_stored, {"asked": key}).first() is not None


def any_between(unit: Unit, first: str, last: str) -> bool:
    """Tell whether there is a key from `first` on and before `last`."""
    some = sa.select(_c.key).where(_c.key >= first, _c.key < last).limit(1)
    return unit.conn.execute(some).first() is not None


def sweep(unit: Unit, days: int, limit: int = 1000) -> int:
    """Forget keys that belong to no filing (hours of upkeep, floods) after so many days."""
    return unit.conn.execute(_sweep, {"since": -days * 86400.0, "most": limit}).rowcount
