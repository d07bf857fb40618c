"""The small friendly word to a colleague, and putting a filing off for oneself.

Neither is a move: no clock, no state and nobody outside the office hears of it.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from bot.dialogs.form import Context, Errors
from bot.dialogs.put_off import FORM, PutOff
from bot.dialogs.replies import Phrase
from bot.errors import Refused
from bot.services import direct, moves, notices, officials, rights, said, saying, sight
from bot.services.base import ANONYMOUS, Actor, Desk, stamp
from bot.services.rights import Right
from bot.services.sight import Filing
from knowledge.calendar import SEOUL, seoul_day
from storage import journal
from storage.repositories import sent_keys, snoozes
from storage.unit import Unit

NUDGED = "nudged"
NINE = time(9)
DAYS: Mapping[str, int] = {"tomorrow": 1, "three": 3, "week": 5}
"""Working days from today."""


def remind(svc: Desk, unit: Unit, actor: Actor, number: str) -> str:
    """Ask whoever handles a filing to have a look; gives the name. Once a day of each sender.

    Raises `Refused` filing.unknown, office.closed, office.nobody, office.oneself, office.again.
    """
    filing = _open(unit, actor, number)
    if filing.assignee_id is None:
        raise Refused("office.nobody")
    if filing.assignee_id in actor.hands:
        raise Refused("office.oneself")
    day = seoul_day(svc.now())
    if not sent_keys.first(unit, f"nudge:{filing.id}:{actor.user_id}:{day}", filing.id):
        raise Refused("office.again")
    who = officials.present(svc, unit, filing, filing.assignee_id)
    if who is None or not notices.knows(svc, unit, filing, who):
        raise Refused("office.nobody")
    at = stamp(filing.mode, svc.now(), actor)
    journal.append(unit, filing.sid, at, actor.mark, NUDGED, {"handler": who.id})
    about = direct.About(filing.id, filing.mode != ANONYMOUS, reminder=True)
    what = Phrase("notice.desk.nudged", {"name": actor.name})
    direct.tell(svc, unit, [who], saying.officially(svc, unit, filing, what), about)
    return who.name


def put_off(
    svc: Desk, unit: Unit, actor: Actor, number: str, answers: Mapping[str, Any]
) -> datetime:
    """Let reminders of a filing rest for this official; gives until when.

    Never past the morning of its due date, and one morning at most once that has come. Raises
    `Refused` filing.unknown, office.closed; `moves.BadFields`.
    """
    filing = _open(unit, actor, number)
    assert actor.user_id is not None
    found = FORM.validate(answers, context(svc))
    if isinstance(found, Errors):
        raise moves.BadFields(dict(found.by))
    today = seoul_day(svc.now())
    calendar = svc.calendar(unit)
    day = found.day or calendar.shift(today, DAYS.get(found.until, 1))
    last = max(seoul_day(filing.due_at), calendar.shift(today, 1)) if filing.due_at else None
    until = _morning(day)
    if until <= svc.now():
        raise _wrong(found, Phrase("put_off.day.error.past"))
    if last is not None and day > last:
        words = Phrase("put_off.until.error.due", {"day": said.day(_morning(last))})
        raise _wrong(found, words)
    snoozes.put(unit, actor.user_id, filing.id, until)
    return until


def asleep(svc: Desk, unit: Unit, actor: Actor, number: str) -> datetime | None:
    """Tell until when this official has put a filing off; None: he has not. Raises as `put_off`."""
    filing = _open(unit, actor, number)
    assert actor.user_id is not None
    until = snoozes.until(unit, actor.user_id, filing.id)
    return until if until is not None and until > svc.now() else None


def context(svc: Desk) -> Context:
    """Give what the form of putting off needs."""
    return Context(now=svc.now(), texts=svc.texts, site=svc.site.words())


def _open(unit: Unit, actor: Actor, number: str) -> Filing:
    filing = sight.find(unit, actor, number)
    if not rights.may(sight.acting(actor, filing), Right.QUEUE):
        raise Refused("filing.unknown")
    if filing.closed_at is not None:
        raise Refused("office.closed")
    return filing


def _morning(day: date) -> datetime:
    return datetime.combine(day, NINE, SEOUL)


def _wrong(found: PutOff, words: Phrase) -> moves.BadFields:
    return moves.BadFields({"day" if found.day is not None else "until": words})
