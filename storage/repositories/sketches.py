"""What reports are like: 64 keyed numbers of each, sealed to it (security S28)."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from knowledge import sketch
from knowledge.sketch import Sketch
from storage.models import filings, sketches
from storage.quick import Quick
from storage.unit import Unit
from storage.upsert import insert_into

_c = sketches.c
PURPOSE = "minhash"


def _putting(dialect: str) -> sa.Executable:
    made = insert_into(dialect, sketches)
    # Not `excluded`: that asks for the right to read, which the public part has not got.
    again: dict[str, Any] = {
        "key_id": sa.bindparam("again_key"),
        "sketch": sa.bindparam("again_sketch"),
    }
    return made.on_conflict_do_update(index_elements=[_c.filing_id], set_=again)


_put = Quick(_putting)


def text_of(answers: Mapping[str, Any]) -> str:
    """Give the words by which two reports are compared."""
    return "\n".join(str(answers.get(name) or "") for name in ("what", "wish"))


def put(unit: Unit, filing_id: int, sid: bytes, answers: Mapping[str, Any]) -> None:
    """Write what a report is like, under the first key of the ring."""
    ring = unit.keys.ring
    made = sketch.sketch(text_of(answers), ring.derive(PURPOSE))
    sealed = unit.keys.seal("sketches.sketch", sid, sketch.dump(made))
    row = {"filing_id": filing_id, "key_id": ring.first.hex(), "sketch": sealed}
    again_values = {"again_key": row["key_id"], "again_sketch": sealed}
    _put.later(unit.conn, {**row, **again_values})


def of(unit: Unit, filing_ids: Iterable[int]) -> dict[int, Sketch]:
    """Open what filings are like; only those under the first key can be compared."""
    ids, first = list(filing_ids), unit.keys.ring.first.hex()
    found = (
        sa.select(_c.filing_id, _c.sketch, filings.c.sid)
        .join(filings, filings.c.id == _c.filing_id)
        .where(_c.filing_id.in_(ids), _c.key_id == first, _c.sketch.is_not(None))
    )
    rows = {row.filing_id: row for row in unit.conn.execute(found)}
    return {
        one: sketch.load(unit.keys.open("sketches.sketch", rows[one].sid, rows[one].sketch))
        for one in ids
        if one in rows
    }


def stale(unit: Unit, limit: int) -> list[int]:
    """List the filings whose numbers were made under an older key."""
    old = sa.select(_c.filing_id).where(_c.key_id != unit.keys.ring.first.hex())
    return list(unit.conn.scalars(old.limit(limit)))
