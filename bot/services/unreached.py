"""통지 불능: what no channel could deliver, or has not for hours, is a task for a person (S10).

A notice that arrives after all takes its task away again: nobody need be called for it.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from bot.services import notices, office_due, sight
from bot.services.base import Desk
from storage.repositories import outbox, tasks, unreached
from storage.unit import Unit

TASK, DEAD, WAITS = "undelivered", "channel", "waits"
Act = Callable[[Unit], None]


def due(svc: Desk, unit: Unit) -> Iterator[tuple[str, int | None, Act]]:
    """Say what is due: its key of repetition, the filing, the work of one transaction."""
    for row in outbox.failed(unit):
        if row.rank > notices.REMINDER or row.status == "unknown":
            continue
        key = f"undelivered:{row.id}"
        if row.channel == svc.office.channel:
            yield key, row.filing_id, partial(office_due.letter, svc, row.id)
        else:
            yield key, row.filing_id, partial(_add, svc, row.id, row.filing_id, DEAD)
    before = svc.now() - timedelta(hours=svc.site.unreached_hours)
    for row_id, filing_id in unreached.stuck(unit, notices.LEGAL, before):
        # The same key: what was listed because it waited is not listed again when it is given up.
        yield f"undelivered:{row_id}", filing_id, partial(_add, svc, row_id, filing_id, WAITS)
    for row_id, task_id in unreached.over(unit, tasks.about_rows(unit, TASK, WAITS)):
        yield f"reached:{row_id}", None, partial(_end, svc, task_id)


def _add(svc: Desk, row_id: int, filing_id: int | None, reason: str, unit: Unit) -> None:
    if filing_id is not None and sight.get(unit, filing_id).reach == sight.OWN:
        return  # nobody at the office learns of it
    tasks.add(unit, TASK, svc.now(), filing_id=filing_id, outbox_id=row_id, reason=reason)


def _end(svc: Desk, task_id: int, unit: Unit) -> None:
    tasks.done(unit, task_id, None, svc.now())
