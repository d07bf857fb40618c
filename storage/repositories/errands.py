"""What the public part leaves to `work`, because it cannot open who reported (security S7)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.models import errands
from storage.unit import Unit

_c = errands.c


@dataclass(frozen=True, slots=True)
class Errand:
    """`event` of the filing is to be carried on.

    `kind`: told (nothing reached him yet), beside
    (something did), news (without a name), case (a matter goes on of which there may be one).
    """

    id: int
    filing_id: int
    kind: str
    event: int
    rank: int
    by_hand: bool
    expires_at: datetime | None
    valid_rule: str


_columns = tuple(_c[name] for name in Errand.__dataclass_fields__)


def put(
    unit: Unit,
    filing_id: int,
    kind: str,
    event: int,
    at: datetime,
    *,
    rank: int,
    by_hand: bool = True,
    expires_at: datetime | None = None,
    valid_rule: str = "",
) -> None:
    """Leave an errand; `at` is the hour only for a filing without a name (security S1)."""
    row = {
        "filing_id": filing_id, "kind": kind, "event": event, "at": at, "rank": rank,
        "by_hand": by_hand, "expires_at": expires_at, "valid_rule": valid_rule,
    }  # fmt: skip
    unit.conn.execute(sa.insert(errands).values(row))


def waiting(unit: Unit, kinds: Collection[str], limit: int = 200) -> list[Errand]:
    """List what is to be carried of these kinds, the oldest first."""
    found = sa.select(*_columns).where(_c.kind.in_(kinds)).order_by(_c.id).limit(limit)
    return [Errand(**row) for row in unit.conn.execute(found).mappings()]


def take(unit: Unit, errand_id: int) -> bool:
    """Take an errand away to carry it; False: somebody else did."""
    return unit.conn.execute(sa.delete(errands).where(_c.id == errand_id)).rowcount == 1
