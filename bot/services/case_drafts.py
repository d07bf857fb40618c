"""A closed filing made into a case by the audit office: two persons, and nobody to be told from it.

One writes general words beside what the reporter wrote; another one, who changed nothing, lets
them out (security S9), into the cases as reviewed. From the case no way leads to the filing. The
way back is `bot.services.case_returns`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from bot.dialogs.replies import Phrase
from bot.errors import Refused
from bot.services import (
    accesses,
    approvals,
    case_checks,
    cases,
    guarding,
    repeats,
    rights,
    sight,
    views,
)
from bot.services.base import ANONYMOUS, Actor, Desk
from bot.services.case_checks import NAMES, TEXTS, Fault, Words
from bot.services.rights import Right
from bot.services.sight import Filing
from knowledge.calendar import seoul_day
from knowledge.cases import Case
from knowledge.generalise import General, generalise
from knowledge.korean import clean_line, clean_text
from storage import journal
from storage.repositories import case_drafts, filings, holds, tasks
from storage.repositories import cases as cases_repository
from storage.unit import Unit

SHORT, LONG = 100, 2000  # signs
LINES = ("title", "field", "keywords")
KINDS = ("active", "passive")
NEW = -1
"""The version of a draft that nobody has begun."""
TASK = "case_asked"
STATES = ("open", "asked", "released", "dropped", "taken_back")
"""How a draft stands, as `storage.repositories.case_drafts` writes it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the page shows. `closed` says why no case can be made of this filing.

    `said` are the reporter's words by the name of their step, made general; `no_release` why this
    official may not let it out. `ref` and `status` are of the case that came of it.
    """

    number: str
    procedure: str
    closed: Refused | None
    said: tuple[tuple[str, General], ...]
    outcome: str
    state: str  # of the draft, "" without one
    version: int
    words: Words
    faults: tuple[Fault, ...]
    mine: bool  # this official has written in it
    no_release: Refused | None
    ref: str = ""
    status: str = ""


def sheet(svc: Desk, unit: Unit, actor: Actor, number: str) -> Sheet:
    """Open the draft of a filing, or the place for one; the opening is noted first.

    Raises `Refused` filing.unknown, conflict.ask.
    """
    filing = _ours(unit, actor, number)
    closed = _closed(svc, unit, filing)
    if closed is not None:
        row = case_drafts.last(unit, filing.id)
        state = row.state if row is not None else ""
        blank = Words()
        return Sheet(
            number,
            filing.procedure,
            closed,
            (),
            filing.outcome,
            state,
            NEW,
            blank,
            (),
            False,
            closed,
        )
    views.view(svc, unit, actor, number)
    row = case_drafts.live(unit, filing.id)
    if row is None:
        last = case_drafts.last(unit, filing.id)
        state = last.state if last is not None else ""
        words, no, mine = Words(), None, False
        faults: tuple[Fault, ...] = ()
    else:
        state, content = row.state, case_drafts.content(unit, row)
        words = _words(content)
        faults = case_checks.faults(svc, unit, actor, filing, words)
        no = _second(svc, unit, actor, row, content)
        mine = actor.user_id in content["by"]
    ref = case_drafts.case_ref(unit, row.case_id) if row is not None else ""
    case = cases_repository.get(unit, ref) if ref else None
    return Sheet(
        number,
        filing.procedure,
        None,
        _said(unit, filing),
        filing.outcome,
        state,
        NEW if row is None else row.version,
        words,
        faults,
        mine,
        no,
        ref,
        case.status if case is not None else "",
    )


def save(
    svc: Desk, unit: Unit, actor: Actor, number: str, version: int, typed: Mapping[str, str]
) -> None:
    """Keep a draft as it is written; open again, whoever was asked to let it out.

    Raises `Refused` as `sheet`, what keeps a filing from becoming a case, case_draft.stale, .long.
    """
    filing, row = _at(svc, unit, actor, number, version)
    if row is not None and row.state == case_drafts.RELEASED:
        raise Refused("case_draft.state")
    words = read(typed)
    assert actor.user_id is not None
    if row is None:
        content = {**asdict(words), "by": [actor.user_id]}
        case_drafts.add(unit, filing.id, content, actor.user_id, svc.now())
    else:
        by = {*case_drafts.content(unit, row)["by"], actor.user_id}
        content = {**asdict(words), "by": sorted(by)}
        if not case_drafts.write(unit, row, content, actor.user_id, svc.now()):
            raise Refused("case_draft.stale")
        tasks.moot(unit, filing.id, (TASK,), svc.now())
    _note(svc, unit, actor, filing, "case_drafted")


def ask(svc: Desk, unit: Unit, actor: Actor, number: str, version: int) -> None:
    """Ask a second person to let it out. Raises `Refused` as `save`, case_draft.faults, .state."""
    filing, row = _in(svc, unit, actor, number, version, case_drafts.OPEN)
    _clean(svc, unit, actor, filing, row)
    if not case_drafts.move(unit, row, case_drafts.ASKED, svc.now()):
        raise Refused("case_draft.stale")
    by = case_drafts.content(unit, row)["by"]
    free = filing.assignee_id is not None and filing.assignee_id not in by
    reason = "handler" if free else "audit_head"
    tasks.add(unit, TASK, svc.now(), filing_id=filing.id, reason=reason)
    _note(svc, unit, actor, filing, "case_asked")


def release(svc: Desk, unit: Unit, actor: Actor, number: str, version: int) -> str:
    """Let a draft out as a second person, looked at anew; gives the ref of the case, reviewed.

    Raises `Refused` as `ask`, and approval.… where this official is no second person.
    """
    filing, row = _in(svc, unit, actor, number, version, case_drafts.ASKED)
    content = case_drafts.content(unit, row)
    no = _second(svc, unit, actor, row, content)
    if no is not None:
        raise no
    words = _clean(svc, unit, actor, filing, row)
    assert actor.user_id is not None
    ref = cases.let_in(
        svc,
        unit,
        _case(svc, unit, filing, words),
        author_id=row.author_id,
        reviewer_id=actor.user_id,
    )
    made = cases_repository.get(unit, ref)
    assert made is not None
    out = {"reviewer_id": actor.user_id, "case_id": made.id}
    if not case_drafts.move(unit, row, case_drafts.RELEASED, svc.now(), **out):
        raise Refused("case_draft.stale")
    tasks.moot(unit, filing.id, (TASK,), svc.now())
    _note(svc, unit, actor, filing, "case_released")
    return ref


def send_back(svc: Desk, unit: Unit, actor: Actor, number: str, version: int) -> None:
    """Give a draft back to whoever wrote it. Raises `Refused` as `ask`."""
    filing, row = _in(svc, unit, actor, number, version, case_drafts.ASKED)
    if not case_drafts.move(unit, row, case_drafts.OPEN, svc.now()):
        raise Refused("case_draft.stale")
    tasks.moot(unit, filing.id, (TASK,), svc.now())
    _note(svc, unit, actor, filing, "case_sent_back")


def drop(svc: Desk, unit: Unit, actor: Actor, number: str, version: int) -> None:
    """Give a draft up; its words are gone. Raises `Refused` as `ask`."""
    filing, row = _in(svc, unit, actor, number, version, case_drafts.OPEN, case_drafts.ASKED)
    if not case_drafts.close(unit, row, case_drafts.DROPPED, svc.now()):
        raise Refused("case_draft.stale")
    tasks.moot(unit, filing.id, (TASK,), svc.now())
    _note(svc, unit, actor, filing, "case_dropped")


def renew(svc: Desk, unit: Unit, actor: Actor, number: str, version: int) -> None:
    """Withdraw the case that came of a filing and open its words again. Raises `Refused` as `ask`."""
    filing, row = _in(svc, unit, actor, number, version, case_drafts.RELEASED)
    why = svc.texts.render(Phrase("case_draft.renewed"), "ko", svc.site.words())
    cases.take_back(svc, unit, actor, case_drafts.case_ref(unit, row.case_id), why)
    if not case_drafts.move(unit, row, case_drafts.OPEN, svc.now(), case_id=None):
        raise Refused("case_draft.stale")
    _note(svc, unit, actor, filing, "case_drafted")


def read(typed: Mapping[str, str]) -> Words:
    """Read what was typed, by the names of `Words`. Raises `Refused` case_draft.long."""
    values: dict[str, Any] = {}
    for name in TEXTS:
        line = name in LINES
        values[name] = (clean_line if line else clean_text)(typed.get(name, ""))
        most = SHORT if line else LONG
        if len(values[name]) > most:
            raise Refused("case_draft.long", most=most)
    kind = typed.get("kind", "")
    values["kind"] = kind if kind in KINDS else KINDS[0]
    values |= {name: typed.get(name) == "yes" for name in ("year", "unit", "told")}
    return Words(**values)


def _ours(unit: Unit, actor: Actor, number: str, *, lock: bool = False) -> Filing:
    filing = sight.find(unit, actor, number, lock=lock)
    if not rights.may(sight.acting(actor, filing), Right.CASE_DRAFTS):
        raise Refused("filing.unknown")
    return filing


def _closed(svc: Desk, unit: Unit, filing: Filing) -> Refused | None:
    """Tell why no case can be made of a filing; None: one can."""
    rules = svc.procedures.version(filing.procedure, filing.procedure_version)
    final = filing.state in rules.states and rules.states[filing.state].final
    why = {
        "reach": filing.reach != sight.AUDIT,
        "open": not final or filing.closed_at is None,
        "outcome": filing.outcome in repeats.NOT_ANSWERED,
        "nameless": filing.mode == ANONYMOUS and not svc.site.knowledge.nameless,
        "held": holds.held(unit, filing.id),
        "guarded": not guarding.stands(unit, filing.id) or filing.restricted_at is not None,
    }
    return next((Refused(f"case_draft.no.{name}") for name, is_so in why.items() if is_so), None)


def _at(
    svc: Desk, unit: Unit, actor: Actor, number: str, version: int
) -> tuple[Filing, sa.Row[Any] | None]:
    """Read a filing and its draft for a change, as it stood at `version`."""
    filing = _ours(unit, actor, number, lock=True)
    if not views.answered(unit, actor, filing):
        raise Refused("conflict.ask")
    closed = _closed(svc, unit, filing)
    if closed is not None:
        raise closed
    row = case_drafts.live(unit, filing.id, lock=True)
    if (NEW if row is None else row.version) != version:
        raise Refused("case_draft.stale")
    return filing, row


def _in(
    svc: Desk, unit: Unit, actor: Actor, number: str, version: int, *states: str
) -> tuple[Filing, sa.Row[Any]]:
    filing, row = _at(svc, unit, actor, number, version)
    if row is None or row.state not in states:
        raise Refused("case_draft.state")
    return filing, row


def _clean(svc: Desk, unit: Unit, actor: Actor, filing: Filing, row: sa.Row[Any]) -> Words:
    words = _words(case_drafts.content(unit, row))
    if case_checks.faults(svc, unit, actor, filing, words):
        raise Refused("case_draft.faults")
    return words


def _second(
    svc: Desk, unit: Unit, actor: Actor, row: sa.Row[Any], content: Mapping[str, Any]
) -> Refused | None:
    """Tell why this official is no second person; None: he has changed nothing of it."""
    wrote = {*content["by"], row.author_id}
    return approvals.another(svc, unit, actor, wrote, wrote)


def _words(content: Mapping[str, Any]) -> Words:
    return Words(**{name: content[name] for name in NAMES if name in content})


def _said(unit: Unit, filing: Filing) -> tuple[tuple[str, General], ...]:
    """Give what the reporter wrote, made general: what he filed, and what he added."""
    names = case_checks.known(unit, filing)
    filed = filings.answers(unit, filing)
    parts = [(name, str(filed.get(name) or "")) for name in ("what", "when_where", "wish")]
    parts.append(("later", case_checks.added(unit, filing)))
    return tuple((name, generalise(text, names)) for name, text in parts if text)


def _case(svc: Desk, unit: Unit, filing: Filing, words: Words) -> Case:
    site = svc.site
    unit_name = case_checks.unit_name(unit, filing) if words.unit else ""
    whole = words.problem and words.action and words.effect
    return Case(
        ref="",
        title=words.title,
        kind="passive" if words.kind == "passive" else "active",
        agency=site.agency,
        unit=unit_name,
        year=seoul_day(filing.arrived_at).year if words.year else None,
        field=words.field,
        problem=words.problem,
        action=words.action,
        effect=words.effect,
        keywords=tuple(part.strip() for part in words.keywords.split(",") if part.strip()),
        source=f"{site.agency} {site.audit_unit}",
        permission=site.knowledge.permission,
        detail="full" if whole else "partial",
    )


def _note(svc: Desk, unit: Unit, actor: Actor, filing: Filing, kind: str) -> None:
    journal.append(unit, filing.sid, svc.now(), actor.mark, kind, {})
    accesses.note(svc, unit, actor, "case_draft", filing)
