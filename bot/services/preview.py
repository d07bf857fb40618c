"""What a move would do and say: the move itself is made, and the caller takes it back.

So nothing that is shown before sending can differ from what is sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.dialogs.replies import Say
from bot.services import moves, notices, sight
from bot.services.base import Actor, Desk
from storage import journal
from storage.models import outbox, tasks
from storage.unit import Unit

_o, _t = outbox.c, tasks.c


@dataclass(frozen=True, slots=True)
class Preview:
    """`told` is what the reporter reads, word by word; `roads` are the channels that carry it.

    `by_hand` are tasks for a person: a letter to post, a call to make, nobody to reach.
    """

    told: tuple[Say, ...]
    roads: tuple[str, ...]
    by_hand: tuple[str, ...]
    state: str
    due_at: datetime | None
    lang: str


def preview(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    number: str,
    version: int,
    action: str,
    answers: Mapping[str, Any],
    *,
    confirmed: bool = False,
) -> Preview:
    """Make the move and tell what came of it. Only for a transaction that is taken back.

    Raises what `moves.perform` raises.
    """
    filing = sight.find(unit, actor, number, lock=True)
    head = journal.head(unit, filing.sid)
    rows, items = _newest(unit, _o.id), _newest(unit, _t.id)
    done = moves.carry_out(svc, unit, actor, filing, version, action, answers, confirmed=confirmed)
    before = head.seq if head else 0
    said = tuple(reply for seq, _, reply in notices.told(svc, unit, filing) if seq > before)
    sent = sa.select(_o.channel).where(_o.filing_id == filing.id, _o.id > rows)
    # The mail of officials is not the reporter's road; it says nothing of the report.
    citizens = unit.conn.scalars(sent.where(_o.kind != "official").order_by(_o.id))
    made = sa.select(_t.kind).where(_t.filing_id == filing.id, _t.id > items)
    hands = unit.conn.scalars(made.where(_t.kind.in_(("letter", "call", "undelivered"))))
    return Preview(
        said,
        tuple(dict.fromkeys(citizens)),
        tuple(dict.fromkeys(hands)),
        done.state,
        done.due_at,
        filing.lang,
    )


def _newest(unit: Unit, column: sa.Column[Any]) -> int:
    found = unit.conn.execute(sa.select(sa.func.max(column))).scalar_one_or_none()
    return int(found or 0)
