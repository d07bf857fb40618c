"""Which cases came from elsewhere, and under which number they were kept there."""

from datetime import datetime

import sqlalchemy as sa

from storage.models import filings, imports
from storage.unit import Unit

_c = imports.c
PURPOSE = "import"


def known(unit: Unit, external: str) -> int | None:
    """Give the filing that an old number became, under any key of the ring."""
    indexes = unit.keys.ring.blind_indexes(PURPOSE, external)
    found = sa.select(_c.filing_id).where(_c.ix.in_(indexes))
    return unit.conn.execute(found).scalar()


def add(unit: Unit, filing_id: int, sid: bytes, external: str, file: str, now: datetime) -> None:
    """Note where a filing came from; `file` is the digest of the file in hex."""
    ring = unit.keys.ring
    row = {
        "filing_id": filing_id,
        "ix": ring.blind_index(PURPOSE, external),
        "key_id": ring.first.hex(),
        "external": unit.keys.seal("imports.external", sid, external.encode()),
        "file": file,
        "at": now,
    }
    unit.conn.execute(sa.insert(imports).values(row))


def external(unit: Unit, filing_id: int) -> str:
    """Open the old number of a filing; "" for one that was filed here."""
    found = sa.select(_c.external, filings.c.sid).join(filings, filings.c.id == _c.filing_id)
    row = unit.conn.execute(found.where(_c.filing_id == filing_id)).one_or_none()
    if row is None or row.external is None:
        return ""
    return unit.keys.open("imports.external", row.sid, row.external).decode()


def reindex(unit: Unit, limit: int) -> int:
    """Make the indexes anew under the first key."""
    ring = unit.keys.ring
    old = sa.select(_c.filing_id).where(_c.key_id != ring.first.hex(), _c.external.is_not(None))
    rows = list(unit.conn.scalars(old.limit(limit)))
    for filing_id in rows:
        fresh = ring.blind_index(PURPOSE, external(unit, filing_id))
        mine = sa.update(imports).where(_c.filing_id == filing_id)
        unit.conn.execute(mine.values(ix=fresh, key_id=ring.first.hex()))
    return len(rows)
