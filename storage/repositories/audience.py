"""Whom a broadcast is for: one question, asked for the count beforehand and for the fan-out."""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa

from knowledge import subjects
from knowledge.newsletter import Segment
from storage.models import peers, sendings, subscriptions
from storage.repositories.subscriptions import ON
from storage.unit import Unit

_s, _p, _d = subscriptions.c, peers.c, sendings.c
GOT = (2, 5)
"""What a sending became when its reader has, or may have, read it: sent, unknown."""

PIECE = 100_000
"""Subscriptions that one statement looks at while they are counted."""

WHO: sa.ColumnElement[int] = sa.func.coalesce(_p.person_id, -_p.id)
"""One recipient: the person, or the peer of whom nobody knows whose it is."""

JOINED = subscriptions.join(peers, _p.id == _s.peer_id)


def fits(segment: Segment) -> list[sa.ColumnElement[bool]]:
    """Give what must be so of a subscription and its peer (`JOINED`).

    Nobody gets anything who has stopped: a correction neither.
    """
    wanted: list[sa.ColumnElement[bool]] = [_s.state == ON, _p.state == "open"]
    if segment.got is not None:
        got = sa.select(_d.subscription_id).where(
            _d.broadcast_id == segment.got, _d.status.in_(GOT)
        )
        wanted.append(_s.id.in_(got))
    else:
        wanted.append(_has(_s.kinds, subjects.bits((segment.kind,), subjects.KINDS)))
    wanted += _about(segment.fields, segment.regions)
    if segment.any_of:
        pairs = (_about((field,), (region,) if region else ()) for field, region in segment.any_of)
        wanted.append(sa.or_(*(sa.and_(*pair) for pair in pairs)))
    if segment.channels:
        wanted.append(_p.channel.in_(segment.channels))
    if segment.langs:
        wanted.append(_s.lang.in_(segment.langs))
    return wanted


def counted(unit: Unit, segment: Segment) -> dict[str, int]:
    """Count the recipients on each channel: a person once on each.

    A piece of the subscriptions at a time, as the fan-out takes them: however many there are, no
    statement grows with them. Two addresses of a person in two pieces count twice.
    """
    found: Counter[str] = Counter()
    for piece in pieces(unit):
        some = (
            sa.select(_p.channel, sa.func.count(sa.distinct(WHO)))
            .select_from(JOINED)
            .where(piece, *fits(segment))
            .group_by(_p.channel)
        )
        found.update({row[0]: row[1] for row in unit.conn.execute(some)})
    return dict(sorted(found.items()))


def anybody(unit: Unit, segment: Segment) -> bool:
    """Tell whether there is a recipient at all."""
    one = sa.select(_s.id).select_from(JOINED).where(*fits(segment)).limit(1)
    return unit.conn.execute(one).first() is not None


def pieces(unit: Unit) -> Iterator[sa.ColumnElement[bool]]:
    """Give what makes a piece of all subscriptions, piece by piece."""
    last = unit.conn.execute(sa.select(sa.func.max(_s.id))).scalar() or 0
    for first in range(0, last, PIECE):
        yield sa.and_(_s.id > first, _s.id <= first + PIECE)


def _about(fields: Collection[str], regions: Collection[str]) -> Iterator[sa.ColumnElement[bool]]:
    for column, names, known in (
        (_s.fields, fields, subjects.FIELDS),
        (_s.regions, regions, subjects.REGIONS),
    ):
        if names:
            yield sa.or_(column == 0, _has(column, subjects.bits(names, known)))


def _has(column: Any, bits: int) -> sa.ColumnElement[bool]:
    there: sa.ColumnElement[bool] = column.bitwise_and(bits) != 0
    return there
