"""When somebody of the office last worked on a filing, and whose turn it is now."""

from collections.abc import Collection, Mapping
from datetime import date

from bot.services.base import Desk
from bot.services.sight import Filing
from knowledge.calendar import seoul_day
from storage import journal
from storage.repositories import terms
from storage.unit import Unit

LOOKS = frozenset(
    {
        "call_opened", "caller_found", "exported", "file_opened", "guard_opened",
        "identity_opened", "no_conflict", "nudged", "printed", "printed_unredacted",
        "unredacted_asked", "urge", "viewed",
    }
)  # fmt: skip
"""Events of officials that are no work on a filing: who has looked, or pressed for it."""


def since(unit: Unit, filing: Filing) -> date:
    """Give the day on which the office last did something, or got it."""
    return days(unit, [filing])[filing.id]


def days(unit: Unit, filings: Collection[Filing]) -> Mapping[int, date]:
    """Give the same of several filings, in one look into the journal."""
    last = journal.last_by_officials(unit, [one.sid for one in filings], LOOKS)
    return {
        one.id: seoul_day(last.get(one.sid) or one.handed_at or one.received_at or one.arrived_at)
        for one in filings
    }


def waits_for_others(svc: Desk, unit: Unit, filing: Filing) -> bool:
    """Tell whether the next step is not the office's: the clock stands, or runs for others.

    So while a stop is open, after the main deadline was met, and as long as something that a
    move began has its own time: papers asked for, an inspection, an action promised, the end.
    """
    if any(row.ended_at is None for row in terms.stops_of(unit, filing.id)):
        return True
    rules = svc.procedures.version(filing.procedure, filing.procedure_version)
    for row in terms.deadlines_of(unit, filing.id):
        rule = rules.deadlines.get(row.name)
        if rule is None:
            continue
        if rule.name == rules.filing.deadline:
            if row.done_at is not None:
                return True
            continue
        runs = row.done_at is None and row.due_at is not None and row.due_at > svc.now()
        if runs and rule.starts in rules.moves and not rule.repeats:
            return True
    return False
