"""What an official is told of a filing, made when it leaves: what is so then (security S14).

A row of the outbox keeps what happened and why; state, date and how far off it is are read again
at sending, and what has become moot by then is not sent at all.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from bot.dialogs.replies import Param, Phrase, Say, Words
from bot.errors import Refused
from bot.services import clocks, pace, said, sight
from bot.services.base import CLOCK, Desk
from bot.services.sight import Filing
from knowledge.calendar import SEOUL, seoul_day
from storage.repositories import sent_keys
from storage.unit import Unit

BODY = "official.body"
LATE = timedelta(hours=1)
"""What is told more than this after it ought to have been says so (security S15)."""

Why = Literal["before", "over", "idle"]


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why somebody is reminded: a deadline and its day, or since when nothing was done.

    `at` is when it ought to be told (aware).
    """

    why: Why
    name: str
    day: date
    at: datetime

    def dump(self) -> dict[str, Param]:
        return {"of": f"{self.why}:{self.name}:{self.day}", "at": self.at.isoformat()}

    def told_at(self, at: datetime) -> "Occasion":
        """Give the same, to be told at another time."""
        return replace(self, at=at)

    @classmethod
    def load(cls, params: object) -> "Occasion | None":
        """Read it from the parameters of a body; None where nobody is reminded."""
        assert hasattr(params, "get")
        of, at = params.get("of"), params.get("at")
        if not of or not at:
            return None
        why, name, day = str(of).split(":")
        return cls(why, name, date.fromisoformat(day), datetime.fromisoformat(str(at)))  # type: ignore[arg-type]


def officially(
    svc: Desk,
    unit: Unit,
    filing: Filing,
    what: Param,
    occasion: Occasion | None = None,
    *,
    way: str = "",
) -> Say:
    """Say to an official what is with a filing: number, kind, state, due date, the way there."""
    words: dict[str, Param] = {
        "what": what,
        "number": filing.number,
        "procedure": svc.title(filing.procedure),
        "state": svc.state(filing.procedure, filing.state),
        "due": until(svc, _due(svc, unit, filing, occasion)),
        "desk_url": way or f"{svc.desk_url}/filings/{filing.number}",
        "late": "",
    }
    if occasion is not None:
        words |= occasion.dump()
        words["late"] = Phrase("official.late") if svc.now() - occasion.at > LATE else ""
    return Say(Phrase(BODY, words))


def fresh(svc: Desk, unit: Unit, reply: Say) -> Say | None:
    """Say it as it is now; None: it is so no more. What is about no filing stays as it is."""
    text = reply.text
    if not isinstance(text, Phrase) or text.key != BODY:
        return reply
    try:
        filing = sight.find(unit, CLOCK, str(text.params["number"]))
    except Refused:
        return None
    occasion = Occasion.load(text.params)
    if occasion is not None and not _still(svc, unit, filing, occasion):
        return None
    way = str(text.params["desk_url"])
    return officially(svc, unit, filing, text.params["what"], occasion, way=way)


def marked(reply: Say, what: Words) -> Words:
    """Give what happened, with a mark where it is told late."""
    text = reply.text
    late = isinstance(text, Phrase) and text.params.get("late")
    return Phrase("official.late_mark", {"what": what}) if late else what


def until(svc: Desk, at: datetime | None) -> Words:
    """Say until when, and how far off that is today."""
    if at is None:
        return Phrase("official.none")
    left = (seoul_day(at) - seoul_day(svc.now())).days
    if at < svc.now():
        key = "official.over"
    else:
        key = {0: "official.today", 1: "official.tomorrow"}.get(left, "official.day")
    return Phrase(key, {"day": said.day(at), "n": left})


def missed(svc: Desk, unit: Unit, at: datetime) -> bool:
    """Tell whether the clock stood still when something was to be told, and an hour after it.

    By the hours of upkeep, which leave a key each; a clock that was never there missed nothing.
    """
    if svc.now() - at <= LATE:
        return False
    ran = sent_keys.has(unit, hour_key(at + LATE))
    return not ran and sent_keys.any_between(unit, "upkeep:", hour_key(at))


def hour_key(at: datetime) -> str:
    """Name the hour's upkeep; as text, later ones come later."""
    return f"upkeep:{at.astimezone(SEOUL):%Y-%m-%dT%H}"


def _due(svc: Desk, unit: Unit, filing: Filing, occasion: Occasion | None) -> datetime | None:
    """Give the date that a body names: of what is reminded of, else of the filing while it runs."""
    if filing.closed_at is not None and occasion is None:
        return None
    main = _main(svc, filing)
    running = clocks.running(unit, filing.id)
    if occasion is not None and occasion.why != "idle" and occasion.name != main:
        side = running.get(occasion.name)
        return side.due_at if side is not None else None
    standing = running.get(main)
    return None if standing is not None and not standing.open() else filing.due_at


def _still(svc: Desk, unit: Unit, filing: Filing, occasion: Occasion) -> bool:
    """Tell whether a reminder is still true: the same date, not met, on the same side of it."""
    if occasion.why == "idle":
        return filing.closed_at is None and pace.since(unit, filing) == occasion.day
    rules = svc.procedures.version(filing.procedure, filing.procedure_version)
    rule = rules.deadlines.get(occasion.name)
    if filing.closed_at is not None and (rule is None or not rule.outlives):
        return False
    standing = clocks.running(unit, filing.id).get(occasion.name)
    if standing is None or not standing.open():
        return False
    due = filing.due_at if occasion.name == _main(svc, filing) else standing.due_at
    if due is None or seoul_day(due) != occasion.day:
        return False
    return (due < svc.now()) is (occasion.why == "over")


def _main(svc: Desk, filing: Filing) -> str:
    return svc.procedures.version(filing.procedure, filing.procedure_version).filing.deadline
