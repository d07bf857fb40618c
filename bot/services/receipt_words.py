"""What a receipt says: when it arrived, what comes next, how the days are counted (wording.md §3.2)."""

from typing import Any

from bot.dialogs.replies import Phrase
from bot.services import clocks, moves, said, sight
from bot.services.base import ANONYMOUS, CLOCK, Desk
from bot.services.work import Work
from knowledge import clock
from knowledge.calendar import seoul_day
from storage.repositories.filings import Filing
from storage.unit import Unit


def words(svc: Desk, unit: Unit, filing: Filing) -> tuple[str, dict[str, Any]]:
    """Give the key of the receipt's text and what stands in it."""
    params = said.base(svc, unit, filing, svc.now())
    if filing.reach == sight.OWN:
        return "receipt.own", params
    if filing.mode == ANONYMOUS:
        talks = svc.site.anonymous_talk
        return ("receipt.anonymous" if talks else "receipt.anonymous_silent"), params
    got = clock.receipt(filing.arrived_at, svc.calendar(unit))
    params |= said.expected(filing) | {
        "received": (filing.received_at or got.received).isoformat(),
        "opens": seoul_day(got.received).isoformat(),
        "latest": got.latest.isoformat(),
    }
    if filing.received_at is not None:
        counted = _counted(svc, unit, filing) if filing.due_at is not None else ""
        return "receipt.named", params | {"counted": counted}
    return ("receipt.off_hours" if svc.site.receive == "auto" else "receipt.person"), params


def _counted(svc: Desk, unit: Unit, filing: Filing) -> Phrase:
    """Say how the period is counted: up to five days in working hours (민원처리법 제19조)."""
    rule = clocks.main_rule(_work(svc, unit, filing))
    if rule.count in {"calendar_days", "months"}:
        return Phrase("receipt.counted_calendar")
    hours = {"n": rule.amount * (clock.WORK_DAY // clock.HOUR)}
    return Phrase("receipt.counted_hours", hours) if rule.by_hours else Phrase("receipt.counted")


def _work(svc: Desk, unit: Unit, filing: Filing) -> Work:
    rules = moves.procedure_of(svc, filing)
    return Work(svc, unit, CLOCK, filing, rules, rules.moves["receive"], {}, svc.now())
