"""The way back: a matter that goes on takes back the case that was made of it, at once.

What leads out of the end, words of the reporter after it, the same matter filed again, and the
destruction of the record: a draft is dropped, a case withdrawn, in the same transaction. The
public part may not read drafts (security S7): it leaves an errand, which `work` carries.
"""

from bot.dialogs.replies import Phrase
from bot.services import cases, moves, repeats, sight
from bot.services.base import ANONYMOUS, CLOCK, Desk, stamp
from bot.services.sight import Filing
from bot.services.work import Work
from knowledge import sketch
from knowledge.korean import fold
from storage import journal
from storage.repositories import case_drafts, errands, filings, sketches, tasks
from storage.unit import Unit

ERRAND = "case"
TASK, ASKED, HEAD = "case_taken_back", "case_asked", "audit_head"


def moved(work: Work, after: Filing) -> None:
    """Look after a move whether the matter goes on, or came again."""
    unit, filing = work.unit, work.filing
    if filing.reach != sight.AUDIT or not (_goes_on(work, after) or work.move.clock == "start"):
        return
    if unit.keys.may_open("filings.identity"):
        look(work.svc, unit, after)
    else:
        at = stamp(filing.mode, work.now)
        errands.put(unit, filing.id, ERRAND, 0, at, rank=0, by_hand=False)


def look(svc: Desk, unit: Unit, filing: Filing) -> None:
    """Take back what came of this filing, and of those that it takes up again."""
    if not case_drafts.any_live(unit):
        return
    _back(svc, unit, filing)
    for one in _before(unit, filing):
        _back(svc, unit, one)


def gone(svc: Desk, unit: Unit, filing_id: int) -> None:
    """Take back what came of a filing that is about to be destroyed, with it."""
    if _end(svc, unit, filing_id):
        tasks.ensure(unit, TASK, svc.now(), reason=HEAD)


def _back(svc: Desk, unit: Unit, filing: Filing) -> None:
    """Take back what came of a filing; the head of the office is to look."""
    if not _end(svc, unit, filing.id):
        return
    tasks.moot(unit, filing.id, (ASKED,), svc.now())
    if not tasks.waits(unit, filing.id, TASK, HEAD):
        tasks.add(unit, TASK, svc.now(), filing_id=filing.id, reason=HEAD)
    at = stamp(filing.mode, svc.now())
    journal.append(unit, filing.sid, at, CLOCK.mark, "case_taken_back", {})


def _end(svc: Desk, unit: Unit, filing_id: int) -> bool:
    row = case_drafts.live(unit, filing_id, lock=True)
    if row is None:
        return False
    if row.state != case_drafts.RELEASED:
        return case_drafts.close(unit, row, case_drafts.DROPPED, svc.now())
    why = svc.texts.render(Phrase("case_draft.taken_back"), "ko", svc.site.words())
    cases.take_back(svc, unit, CLOCK, case_drafts.case_ref(unit, row.case_id), why)
    return case_drafts.close(unit, row, case_drafts.TAKEN_BACK, svc.now())


def _goes_on(work: Work, after: Filing) -> bool:
    """Tell whether a closed matter is open again, or its reporter has said something since."""
    states = work.procedure.states
    if not states[work.filing.state].final:
        return False
    wrote = any(
        field.kind == "long" and str(work.answers.get(field.name) or "").strip()
        for field in work.move.fields
    )
    return not states[after.state].final or (work.actor.kind == "citizen" and wrote)


def _before(unit: Unit, filing: Filing) -> tuple[Filing, ...]:
    """Give what this filing takes up again: named in it, or alike and of the same person."""
    told = fold(str(filings.answers(unit, filing).get("prior_no") or ""))
    same = repeats.before(unit, filing, CLOCK) if filing.mode != ANONYMOUS else ()
    drawn = sketches.of(unit, [filing.id, *(one.id for one in same)])
    own = drawn.get(filing.id, ())
    alike = [one for one in same if sketch.likeness(own, drawn.get(one.id, ())) >= sketch.ALIKE]
    found = {one.id: one for one in alike}
    found |= {one.id: one for one in (_named(unit, told) if told else ())}
    return tuple(one for key, one in found.items() if key != filing.id)


def _named(unit: Unit, told: str) -> tuple[Filing, ...]:
    """Give the filings with a draft whose number stands in some words, spaces and dashes apart."""
    every = sight.visible_filings(CLOCK)
    c = every.selected_columns
    with_one = sight.several(unit, every.where(c.id.in_(case_drafts.of_live())))
    return tuple(one for one in with_one if fold(one.number) in told)


moves.AFTER.append(moved)
