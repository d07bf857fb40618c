"""What the clock does at the officials' messenger: the morning, what was put off, what failed."""

from collections.abc import Callable, Iterator
from functools import partial

from bot.dialogs.replies import Phrase
from bot.services import (
    cards,
    deliveries,
    digests,
    direct,
    house,
    notices,
    officials,
    saying,
    sight,
)
from bot.services.base import ANONYMOUS, CLOCK, Desk
from knowledge.calendar import seoul_day
from storage import journal
from storage.repositories import official_links, snoozes
from storage.unit import Unit

Act = Callable[[Unit], None]
AT_ONCE = 200
LEVEL = "office_level"


def due(svc: Desk, unit: Unit) -> Iterator[tuple[str, int | None, Act]]:
    """Say what is due: its key of repetition, the filing, the work of one transaction."""
    yield from _mornings(svc, unit)
    for user_id, filing_id, until in snoozes.over(unit, svc.now(), limit=AT_ONCE):
        key = f"snooze:{user_id}:{filing_id}:{until.isoformat()}"
        yield key, filing_id, partial(_remember, svc, user_id, filing_id)


def hourly(svc: Desk, unit: Unit) -> None:
    """Note how much the messenger may be told, and look at the room's cards again."""
    _note_level(svc, unit)
    cards.recheck(svc, unit)
    deliveries.turned_off(svc, unit)


def _note_level(svc: Desk, unit: Unit) -> None:
    """Keep the agency's decision, with its reason, in the journal of the house."""
    reason = svc.site.slack_reason if svc.office.words else ""
    detail = {"level": svc.office.level, "reason": reason}
    before = journal.last(unit, house.HOUSE, LEVEL)
    known = before.detail if before is not None else {"level": "off", "reason": ""}
    if detail != known:
        house.note(svc, unit, CLOCK, LEVEL, detail)


def letter(svc: Desk, row_id: int, unit: Unit) -> None:
    """Mail what the messenger could not take: it is no task for a person."""
    for row in deliveries.before(svc, unit, [row_id]):
        deliveries.by_mail(svc, unit, row)


def _mornings(svc: Desk, unit: Unit) -> Iterator[tuple[str, int | None, Act]]:
    """Give the morning's messages that have not gone: while the office is open."""
    if not svc.calendar(unit).is_open(svc.now()):
        return
    day = seoul_day(svc.now())
    for one in official_links.listed(unit) if svc.office.on else ():
        key = f"digest:{one.user_id}:{day}"
        yield key, None, partial(digests.put_morning, svc, one.user_id)
    if svc.site.morning_mail:
        yield f"mornings:{day}", None, partial(digests.mail_mornings, svc)


def _remember(svc: Desk, user_id: int, filing_id: int, unit: Unit) -> None:
    """Tell an official of what he had put off."""
    snoozes.told(unit, user_id, filing_id, svc.now())
    filing, who = sight.get(unit, filing_id), officials.official(unit, user_id)
    if filing.closed_at is not None or who is None or not notices.knows(svc, unit, filing, who):
        return
    about = direct.About(filing_id, filing.mode != ANONYMOUS, reminder=True)
    words = saying.officially(svc, unit, filing, Phrase("notice.desk.put_off"))
    direct.tell(svc, unit, [who], words, about)
