"""Who asked for news, what about, and whether the letter that asks back was answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.models import subscriptions
from storage.unit import Unit
from storage.upsert import Upsert

_c = subscriptions.c
ASKED, ON, OFF = "asked", "on", "off"


@dataclass(frozen=True, slots=True)
class Subscription:
    """`kinds`, `fields`, `regions` are sums of bits (`knowledge.subjects`); 0 fields: all."""

    id: int
    sid: bytes
    peer_id: int
    kinds: int
    fields: int
    regions: int
    lang: str
    state: str
    text_version: str
    asked_at: datetime
    on_at: datetime | None
    renewed_at: datetime | None
    renew_asked_at: datetime | None
    renew_reminded_at: datetime | None
    ended_at: datetime | None
    why: str
    soft: int
    soft_at: datetime | None


_columns = tuple(_c[name] for name in Subscription.__dataclass_fields__)
_put = Upsert(
    subscriptions,
    lambda made: made.on_conflict_do_update(
        index_elements=[_c.peer_id],
        set_={
            name: made.excluded[name]
            for name in (
                "kinds", "fields", "regions", "lang", "state", "text_version", "asked_at",
                "on_at", "renewed_at", "renew_asked_at", "renew_reminded_at", "ended_at", "why", "soft",
                "soft_at",
            )
        },
    ).returning(_c.id),
)  # fmt: skip


def get(unit: Unit, subscription_id: int) -> Subscription | None:
    return _one(unit, _c.id == subscription_id)


def of_peer(unit: Unit, peer_id: int) -> Subscription | None:
    return _one(unit, _c.peer_id == peer_id)


def put(
    unit: Unit,
    peer_id: int,
    *,
    kinds: int,
    fields: int,
    regions: int,
    lang: str,
    state: str,
    text_version: str,
    now: datetime,
) -> int:
    """Keep what somebody asks for now, in place of what was before; gives the subscription."""
    row = {
        "sid": unit.sid(),
        "peer_id": peer_id,
        "kinds": kinds,
        "fields": fields,
        "regions": regions,
        "lang": lang,
        "state": state,
        "text_version": text_version,
        "asked_at": now,
        "on_at": now if state == ON else None,
        "renewed_at": now if state == ON else None,
        "renew_asked_at": None,
        "renew_reminded_at": None,
        "ended_at": None,
        "why": "",
        "soft": 0,
        "soft_at": None,
    }
    return int(_put(unit.conn, row).scalar_one())


def change(unit: Unit, subscription_id: int, values: Mapping[str, Any]) -> None:
    """Write columns of a subscription."""
    unit.conn.execute(
        sa.update(subscriptions).where(_c.id == subscription_id).values(dict(values))
    )


def soft(unit: Unit, subscription_id: int, now: datetime, since: datetime) -> int:
    """Count one more letter that could not be delivered for now; gives how many it were.

    They are counted from the first one on that is later than `since`. 0: it has ended.
    """
    recent = _c.soft_at > since
    counted = (
        sa.update(subscriptions)
        .where(_c.id == subscription_id, _c.state != OFF)
        .values(
            soft=sa.case((recent, _c.soft + 1), else_=1),
            soft_at=sa.case((recent, _c.soft_at), else_=sa.literal(now, _c.soft_at.type)),
        )
        .returning(_c.soft)
    )
    return int(unit.conn.execute(counted).scalar_one_or_none() or 0)


def end(unit: Unit, subscription_id: int, why: str, now: datetime) -> bool:
    """End a subscription; False: it had ended already."""
    still = sa.update(subscriptions).where(_c.id == subscription_id, _c.state != OFF)
    done = still.values(state=OFF, ended_at=now, why=why)
    return unit.conn.execute(done).rowcount == 1


def none(unit: Unit) -> bool:
    """Tell whether nobody ever asked for news."""
    return unit.conn.execute(sa.select(_c.id).limit(1)).first() is None


def unconfirmed(unit: Unit, before: datetime, limit: int) -> list[Subscription]:
    """List what was asked for before and has not been confirmed."""
    return _some(unit, sa.and_(_c.state == ASKED, _c.asked_at < before), limit)


def agreed(unit: Unit, before: datetime, limit: int) -> list[Subscription]:
    """List what was last agreed to before, and was not asked about again."""
    old = sa.and_(_c.state == ON, _c.renewed_at < before, _c.renew_asked_at.is_(None))
    return _some(unit, old, limit)


def silent(unit: Unit, before: datetime, limit: int) -> list[Subscription]:
    """List who was asked before whether he wants to go on, and was not reminded."""
    asked = sa.and_(_c.state == ON, _c.renew_asked_at < before, _c.renew_reminded_at.is_(None))
    return _some(unit, asked, limit)


def over(unit: Unit, asked: datetime, reminded: datetime, limit: int) -> list[Subscription]:
    """List who was asked and reminded before these times, and never answered."""
    both = sa.and_(_c.renew_asked_at < asked, _c.renew_reminded_at < reminded)
    return _some(unit, sa.and_(_c.state == ON, both), limit)


def _some(unit: Unit, which: sa.ColumnElement[bool], limit: int) -> list[Subscription]:
    found = sa.select(*_columns).where(which).order_by(_c.id).limit(limit)
    return [Subscription(**row) for row in unit.conn.execute(found).mappings()]


def _one(unit: Unit, which: sa.ColumnElement[bool]) -> Subscription | None:
    row = unit.conn.execute(sa.select(*_columns).where(which)).mappings().one_or_none()
    return None if row is None else Subscription(**row)
