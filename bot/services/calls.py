"""Calls: what somebody asked for and what was said, noted in one line (wording.md §11, §13).

The number is sealed under a key of its own and dies some days after the call (site
`call_keep_days`); who opened it stands in the access log. Nothing of a call is sent to anybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from bot.dialogs.call_back import CallBack
from bot.dialogs.replies import Option, Phrase, Say
from bot.errors import Refused
from bot.services import accesses, house, notices, relay, rights, roads, sight
from bot.services.base import Actor, Desk, citizen, stamp
from bot.services.rights import Right, Scope
from bot.services.sight import visible_filings
from knowledge import clock
from knowledge.calendar import SEOUL, WorkCalendar, local
from knowledge.clock import Deadline
from storage import journal
from storage.repositories import calls, rates
from storage.repositories.calls import Call
from storage.repositories.filings import Filing
from storage.unit import Unit

With = Literal["reporter", "unit", "other"]
WITH: tuple[With, ...] = ("reporter", "unit", "other")
WAYS = ("in", "out")
TRIES = 2
"""Calls that nobody answered, before the person is told and may ask again."""
LONGEST = 300
A_DAY, MOST = 86_400.0, 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call that waits, as the desk lists it: no number, no word of it."""

    id: int
    number: str  # of the filing it is about, "" without one
    wish: str
    lang: str
    tries: int
    asked_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """A call with its number, once somebody who calls has opened it."""

    wanted: Wanted
    phone: str
    about: str


def ask(
    svc: Desk, unit: Unit, peer_id: int, lang: str, wanted: CallBack, number: str = ""
) -> datetime:
    """Keep what somebody asked for; gives until when he may expect it (in office hours).

    One call waits for a peer: asking again changes the number and the time, not its turn.
    Raises `Refused` call_back.often, filing.unknown.
    """
    filing = sight.find(unit, citizen(peer_id), number) if number else None
    if filing is not None and filing.reach == sight.OWN:
        filing = None  # what somebody keeps for himself is named to nobody
    if rates.take(unit, f"call:{peer_id}", every=A_DAY / MOST, burst=MOST):
        raise Refused("call_back.often")
    now = svc.now()
    for old in calls.of_peer(unit, peer_id):
        calls.settle(unit, old, "replaced", now, None)
    due = due_at(svc, svc.calendar(unit), wanted.wish, now)
    if svc.relay == relay.OUTSIDE:
        relay.call(
            unit, filing, _crossing(wanted, lang, filing.number if filing else "", now, due), now
        )
        return due
    calls.add(
        unit,
        phone=wanted.phone,
        about=wanted.about or "",
        wish=wanted.wish,
        lang=lang,
        now=now,
        due_at=due,
        peer_id=peer_id,
        filing_id=filing.id if filing is not None else None,
    )
    return due


def _crossing(
    wanted: CallBack, lang: str, number: str, now: datetime, due: datetime
) -> dict[str, str]:
    """Give a request as it goes to the network where people call; nothing of it stays here."""
    return {
        "phone": wanted.phone, "about": wanted.about or "", "wish": wanted.wish, "lang": lang,
        "number": number, "at": now.isoformat(), "due": due.isoformat(),
    }  # fmt: skip


def due_at(svc: Desk, calendar: WorkCalendar, wish: str, now: datetime) -> datetime:
    """Give until when a call is due: so many working hours, or the end of the half-day wished."""
    rule = Deadline("call", svc.site.call_hours, "work_hours")
    due = clock.due(rule, calendar.opening(now), calendar).at
    assert due is not None  # nothing stops it
    if wish == "any":
        return due
    lunch = calendar.hours.lunch
    noon = lunch[0] if lunch is not None else time(12)
    end = noon if wish == "morning" else calendar.hours.closes
    day = calendar.shift(local(now).date(), 0)
    while _at(day, end) < now + timedelta(hours=1):
        day = calendar.shift(day, 1)
    return _at(day, end)


def waiting(unit: Unit, actor: Actor) -> tuple[Wanted, ...]:
    """Give the calls that this official may make: those about no report by who sees them all."""
    found = calls.waiting(unit)
    seen = visible_filings(actor)
    about = seen.selected_columns.id.in_({one.filing_id for one in found if one.filing_id})
    known = {one.id: one.number for one in sight.several(unit, seen.where(about))}
    return tuple(
        _wanted(one, known.get(one.filing_id or 0, ""))
        for one in found
        if (one.filing_id in known if one.filing_id else _any(actor))
    )


def open_(svc: Desk, unit: Unit, actor: Actor, call_id: int) -> Opened:
    """Open the number; who did is written down first. Raises `Refused` desk.calls.unknown."""
    call, filing = _mine(unit, actor, call_id)
    if filing is not None:
        at = stamp(filing.mode, svc.now(), actor)
        journal.append(unit, filing.sid, at, actor.mark, "call_opened", {})
    else:
        house.note(svc, unit, actor, "call_opened", {"call": call.id})
    accesses.note(svc, unit, actor, "call_opened", filing, sid=call.sid)
    phone, about = calls.words(unit, call)
    return Opened(_wanted(call, filing.number if filing else ""), phone, about)


def done(svc: Desk, unit: Unit, actor: Actor, call_id: int, words: str) -> None:
    """Note that they have spoken. Raises `Refused` desk.calls.unknown, desk.calls.empty."""
    call, filing = _mine(unit, actor, call_id)
    if not words.strip():
        raise Refused("desk.calls.empty")
    calls.settle(unit, call, "done", svc.now(), actor.user_id)
    if filing is not None:
        _write(svc, unit, actor, filing, "reporter", "out", words)
    else:
        house.note(svc, unit, actor, "call_done", {"call": call.id})


def missed(svc: Desk, unit: Unit, actor: Actor, call_id: int) -> bool:
    """Note that nobody answered; the second time the person is told and it ends (True).

    Raises `Refused` desk.calls.unknown.
    """
    call, filing = _mine(unit, actor, call_id)
    again = due_at(svc, svc.calendar(unit), call.wish, svc.now())
    tries = calls.tried(unit, call, again)
    if filing is not None:
        at = stamp(filing.mode, svc.now(), actor)
        journal.append(unit, filing.sid, at, actor.mark, "call_missed", {"tries": tries})
    if tries < TRIES:
        return False
    calls.settle(unit, call, "missed", svc.now(), actor.user_id)
    if call.peer_id is not None:
        once_more = Option(Phrase("button.call_back"), command="call_back")
        words = Say(Phrase("notice.call_missed"), (once_more,))
        roads.to_peer(svc, unit, call.peer_id, roads.Parcel(words, notices.REMINDER, None))
    return True


def note(svc: Desk, unit: Unit, actor: Actor, number: str, given: Mapping[str, str]) -> None:
    """Write a call into the report's record (전화 기록): with whom, which way, one line.

    Raises `Refused` filing.unknown, access.not_allowed, desk.calls.empty, desk.calls.long.
    """
    filing = sight.find(unit, actor, number)
    if not rights.may(actor, Right.WRITE_IN):
        raise Refused("access.not_allowed")
    if given.get("with") not in WITH or given.get("way") not in WAYS:
        raise Refused("desk.calls.empty")
    _write(svc, unit, actor, filing, str(given["with"]), str(given["way"]), given.get("text", ""))


def _write(
    svc: Desk, unit: Unit, actor: Actor, filing: Filing, with_: str, way: str, words: str
) -> None:
    text = " ".join(words.split())
    if not text:
        raise Refused("desk.calls.empty")
    if len(text) > LONGEST:
        raise Refused("desk.calls.long", most=LONGEST)
    detail = {"with": with_, "way": way, "text": text}
    at = stamp(filing.mode, svc.now(), actor)
    journal.append(unit, filing.sid, at, actor.mark, "call_noted", detail)


def _mine(unit: Unit, actor: Actor, call_id: int) -> tuple[Call, Filing | None]:
    """Find a waiting call of this official's; absent, ended and not his look the same."""
    call = calls.lock(unit, call_id)
    if call is None or call.state != "waiting" or not rights.may(actor, Right.WRITE_IN):
        raise Refused("desk.calls.unknown")
    if call.filing_id is None:
        if not _any(actor):
            raise Refused("desk.calls.unknown")
        return call, None
    try:
        return call, sight.get(unit, call.filing_id, actor)
    except Refused:
        raise Refused("desk.calls.unknown") from None


def _any(actor: Actor) -> bool:
    return rights.scope(actor, Right.WRITE_IN) in {Scope.CONFIRMED, Scope.ALL}


def _wanted(one: Call, number: str) -> Wanted:
    return Wanted(one.id, number, one.wish, one.lang, one.tries, one.created_at, one.due_at)


def _at(day: date, end: time) -> datetime:
    return datetime.combine(day, end, SEOUL)
