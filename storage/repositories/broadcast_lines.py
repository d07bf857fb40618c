"""How far a broadcast is on each channel, as the counters say; nothing counts sendings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import broadcast_failures, broadcast_lines
from storage.unit import Unit
from storage.upsert import Upsert

CANARY, OPEN = "canary", "open"
ENDS = ("sent", "gone", "dead", "unknown")

_l, _f = broadcast_lines.c, broadcast_failures.c


@dataclass(frozen=True, slots=True)
class Count:
    """A line with what the judgement of its course rests on.

    `window_n` verdicts are in the window that is looked at, `window_bad` of them refusals;
    `gone_ok`: a person has seen that many are gone. `speed` is sendings a second, of late.
    """

    channel: str
    total: int
    sent: int
    gone: int
    dead: int
    unknown: int
    revived: int
    phase: str
    window_n: int
    window_bad: int
    gone_ok: bool
    speed: float
    begun_at: datetime | None
    last_at: datetime | None

    @property
    def ended(self) -> int:
        return self.sent + self.gone + self.dead + self.unknown

    @property
    def left(self) -> int:
        return self.total - self.ended


_columns = [_l[name] for name in Count.__dataclass_fields__]
_all = sa.select(*_columns).where(_l.broadcast_id == sa.bindparam("of")).order_by(_l.channel)
_one = _all.where(_l.channel == sa.bindparam("on"))
_locked = _one.with_for_update()
_fail = Upsert(
    broadcast_failures,
    lambda made: made.on_conflict_do_update(
        index_elements=[_f.broadcast_id, _f.channel, _f.code], set_={"n": _f.n + made.excluded.n}
    ),
)


def counts(unit: Unit, broadcast_id: int) -> tuple[Count, ...]:
    """Read them all, by channel."""
    return tuple(Count(*row) for row in unit.conn.execute(_all, {"of": broadcast_id}))


def count(unit: Unit, broadcast_id: int, channel: str, *, lock: bool = False) -> Count | None:
    found = _locked if lock else _one
    row = unit.conn.execute(found, {"of": broadcast_id, "on": channel}).one_or_none()
    return None if row is None else Count(*row)


def write(unit: Unit, broadcast_id: int, channel: str, values: Mapping[str, Any]) -> None:
    """Write columns of a line."""
    mine = sa.update(broadcast_lines).where(_l.broadcast_id == broadcast_id, _l.channel == channel)
    unit.conn.execute(mine.values(dict(values)))


def failed(unit: Unit, broadcast_id: int, channel: str, codes: Mapping[str, int]) -> None:
    """Add to how many ended without getting it, by the code that says why."""
    for code, n in codes.items():
        row = {"broadcast_id": broadcast_id, "channel": channel, "code": code, "n": n}
        _fail(unit.conn, row)
