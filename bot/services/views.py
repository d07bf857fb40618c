"""Reading filings: the queue, one filing, a reporter's status. Every opening is noted first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.errors import Refused
from bot.services import accesses, clocks, codes, notices, officials, sight
from bot.services.base import ANONYMOUS, Actor, Desk
from bot.services.history import Happened, History
from bot.services.sight import visible_filings
from bot.services.status import Status, Told, by_code, by_number, derivation_words, mine
from knowledge.derivation import DerivationLine
from storage import journal, models
from storage.repositories import attachments, filings, guards, outbox, tasks
from storage.repositories.filings import Filing
from storage.unit import Unit

__all__ = [
    "FileView", "FilingView", "Row", "Status", "Task", "Told", "by_code", "by_number",
    "conflict_asked", "declare", "derivation_words", "done", "mine", "queue", "tasks_for", "view",
    "visible_filings",
]  # fmt: skip

DECIDED: Mapping[str, str] = {"desk.shorter": "recount"}
"""Tasks that a look does not end but a decision: the move that takes it."""
READERS = ("intake", "auditor", "audit_head")
LIMIT = 500
_d, _g = models.deadlines.c, models.guards.c
_n, _u = models.units.c, models.users.c


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue: open columns only, no citizen's word."""

    number: str
    procedure: str
    state: str
    mode: str
    unit: str
    assignee: str
    arrived_at: datetime
    due_at: datetime | None
    overdue: bool
    confirmed: bool  # the conflict guard was confirmed by intake
    version: int
    mine: bool
    channel: str
    answered: bool  # the main deadline was met: there is no due date any more


@dataclass(frozen=True, slots=True)
class FileView:
    """An attachment as the reader may have it; the original needs a reason (S25)."""

    ref: str
    name: str  # 첨부1.pdf
    kind: str
    size: int
    status: str
    mime: str


@dataclass(frozen=True, slots=True)
class FilingView:
    """A whole filing, after its opening was noted in the journal.

    Who reported is not in it (`reporter.reveal`). `actors` names the officials of the timeline.
    """

    row: Row
    filing_id: int
    procedure_version: int
    answers: Mapping[str, Any]
    lines: tuple[DerivationLine, ...]
    timeline: tuple[Happened, ...]
    actors: Mapping[str, str]
    files: tuple[FileView, ...]
    deadlines: Mapping[str, clocks.Running]
    guards: tuple[str, ...]
    lang: str
    share: str
    received_at: datetime | None
    first_read_at: datetime | None
    outcome: str
    head: str
    roads: tuple["Road", ...]


@dataclass(frozen=True, slots=True)
class Road:
    """One notice on one road to the reporter, and how far it has come (status of the outbox)."""

    at: datetime
    channel: str
    status: str


@dataclass(frozen=True, slots=True)
class Task:
    """Something a person has to do: a notice that did not arrive, a letter, words to read."""

    id: int
    kind: str
    number: str
    reason: str
    at: datetime


def queue(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    *,
    state: str = "",
    mine: bool = False,
    closed: bool = False,
    nobody: bool = False,
    assignee: int | None = None,
    after: str = "",
    limit: int = LIMIT,
) -> tuple[Row, ...]:
    """Give the filings by due date; those without one follow, by arrival.

    `after` is the number of the last row of the page before: pages go by key, nothing is
    counted. One statement, whatever the length.
    """
    f = visible_filings(actor).subquery("f").c
    ended = f.closed_at.is_not(None)
    asked: list[sa.ColumnElement[bool]] = [ended if closed else ~ended]
    if state:
        asked.append(f.state == state)
    if mine:
        asked.append(f.assignee_id == actor.user_id)
    if assignee is not None:
        asked.append(f.assignee_id == assignee)
    if nobody:
        asked.append(f.assignee_id.is_(None))
    main = {one.filing.deadline for one in svc.procedures.values()}
    joined = _lines(f, main)
    due = sa.case((_d.done_at.is_(None), f.due_at), else_=None)
    if after:
        asked.append(_beyond(unit, joined, f, due, after))
    page = joined.where(*asked).order_by(due.is_(None), due, f.arrived_at, f.id).limit(limit)
    now = svc.now()
    return tuple(_row(actor, one, now) for one in unit.conn.execute(page).mappings())


def _lines(f: Any, main: set[str]) -> sa.Select[Any]:
    waiting = sa.select(_g.id).where(_g.filing_id == f.id, _g.confirmed_at.is_(None)).exists()
    return (
        sa.select(
            *f,
            _n.name.label("unit"),
            _u.name.label("assignee"),
            _d.done_at.label("answered_at"),
            (~waiting).label("confirmed"),
        )
        .select_from(f.id.table)
        .outerjoin(models.units, _n.id == f.unit_id)
        .outerjoin(models.users, _u.id == f.assignee_id)
        .outerjoin(models.deadlines, sa.and_(_d.filing_id == f.id, _d.name.in_(main)))
    )


def _beyond(
    unit: Unit, joined: sa.Select[Any], f: Any, due: sa.Case[Any], after: str
) -> sa.ColumnElement[bool]:
    """Give what comes after a row in the order of the queue; everything, if it is gone."""
    last = unit.conn.execute(joined.where(f.number == after)).mappings().one_or_none()
    if last is None:
        return sa.true()
    later = sa.or_(
        f.arrived_at > last["arrived_at"],
        sa.and_(f.arrived_at == last["arrived_at"], f.id > last["id"]),
    )
    if last["due_at"] is None or last["answered_at"] is not None:
        return sa.and_(due.is_(None), later)
    return sa.or_(due.is_(None), due > last["due_at"], sa.and_(due == last["due_at"], later))


def _row(actor: Actor, one: Mapping[Any, Any], now: datetime) -> Row:
    due = one["due_at"] if one["answered_at"] is None else None
    return Row(
        one["number"],
        one["procedure"],
        one["state"],
        one["mode"],
        one["unit"] or "",
        one["assignee"] or "",
        one["arrived_at"],
        due,
        due is not None and due < now,
        one["confirmed"],
        one["version"],
        one["assignee_id"] is not None and one["assignee_id"] == actor.user_id,
        one["channel"],
        one["answered_at"] is not None,
    )


def row_of(svc: Desk, unit: Unit, actor: Actor, number: str) -> Row:
    """Give the line of one filing. Raises `Refused` filing.unknown."""
    f = visible_filings(actor).subquery("f").c
    main = {one.filing.deadline for one in svc.procedures.values()}
    found = unit.conn.execute(_lines(f, main).where(f.number == number)).mappings().one_or_none()
    if found is None:
        raise Refused("filing.unknown")
    return _row(actor, found, svc.now())


def tasks_for(unit: Unit, actor: Actor) -> tuple[Task, ...]:
    """Give what waits for this official's hand, the oldest first."""
    waiting = tasks.open_(unit, limit=1000)
    seen = visible_filings(actor)
    about = seen.selected_columns.id.in_({one.filing_id for one in waiting if one.filing_id})
    known = {one.id: one for one in sight.several(unit, seen.where(about))}
    found = []
    for task in waiting:
        filing = known.get(task.filing_id or 0)
        if task.filing_id is None:
            if actor.may("admin"):
                found.append(Task(task.id, task.kind, "", task.reason, task.created_at))
        elif filing is not None and _for(actor, filing, task.reason):
            number = filing.number
            found.append(Task(task.id, task.kind, number, task.reason, task.created_at))
    return tuple(found)


def done(svc: Desk, unit: Unit, actor: Actor, task_id: int) -> None:
    """Tick a task off. Raises `Refused` filing.unknown for one that is not this official's.

    One that wants a decision is not ticked off: see `DECIDED`.
    """
    mine = {task.id for task in tasks_for(unit, actor) if task.kind not in DECIDED}
    if task_id not in mine:
        raise Refused("filing.unknown")
    tasks.done(unit, task_id, actor.user_id, svc.now())


def conflict_asked(unit: Unit, actor: Actor, number: str) -> bool:
    """Tell whether this official has said yet that there is no conflict of interest."""
    filing = sight.find(unit, actor, number)
    return _declared(History(unit, filing.sid), actor)


def declare(svc: Desk, unit: Unit, actor: Actor, number: str, *, conflict: bool) -> None:
    """Answer `conflict.ask`: with a conflict the filing is closed to this official at once."""
    filing = sight.find(unit, actor, number, lock=True)
    kind = "conflict" if conflict else "no_conflict"
    journal.append(unit, filing.sid, svc.now(), actor.mark, kind, {})
    if not conflict:
        return
    guards.add(unit, filing.id, user_id=actor.user_id, confirmed_at=svc.now())
    if filing.assignee_id == actor.user_id:
        filings.change(unit, filing.id, filing.version, assignee_id=None)
    notices.tell_officials(svc, unit, filing, "audit_head", "notice.desk.recused")


def view(svc: Desk, unit: Unit, actor: Actor, number: str) -> FilingView:
    """Open a filing; the journal knows before the reader does, in the same commit.

    Raises `Refused` filing.unknown, conflict.ask (before the first opening; see `declare`).
    """
    filing = sight.find(unit, actor, number, lock=True)
    history = History(unit, filing.sid)
    if actor.may(*READERS) and not _declared(history, actor):
        raise Refused("conflict.ask")
    journal.append(unit, filing.sid, svc.now(), actor.mark, "viewed", {})
    accesses.note(svc, unit, actor, "opened", filing)
    if actor.may(*READERS):
        filings.first_read(unit, filing.id, svc.now())
        _seen(svc, unit, actor, filing)
    return _whole(svc, unit, actor, filing)


def _whole(svc: Desk, unit: Unit, actor: Actor, filing: Filing) -> FilingView:
    people = {who.id: who for who in officials.everybody(unit)}
    events = tuple(one for one in History(unit, filing.sid).all if _may_read(actor, one))
    marks = {f"user:{who.id}": f"{who.unit} {who.name}".strip() for who in people.values()}
    own = actor.may(*READERS)
    covered = [officials.unit_named(unit, one.unit_id) for one in guards.of(unit, filing.id)]
    return FilingView(
        row_of(svc, unit, actor, filing.number),
        filing.id,
        filing.procedure_version,
        filings.answers(unit, filing) if own else {},
        clocks.lines(filing),
        events,
        marks,
        files_of(unit, filing),
        clocks.running(unit, filing.id),
        tuple(dict.fromkeys(name for name in covered if name)),
        filing.lang,
        filing.share,
        filing.received_at,
        filing.first_read_at,
        filing.outcome,
        str(journal.head(unit, filing.sid)),
        _roads(unit, filing),
    )


def _roads(unit: Unit, filing: Filing) -> tuple[Road, ...]:
    """Tell how the notices went; a report without a name is read by number and code only."""
    if filing.mode == ANONYMOUS:
        return ()
    return tuple(
        Road(row.created_at, row.channel, row.status)
        for row in outbox.of_filing(unit, filing.id)
        if row.kind != "official"
    )


def files_of(unit: Unit, filing: Filing) -> tuple[FileView, ...]:
    """List the attachments under names that tell nothing."""
    return tuple(
        FileView(
            file.ref, f"첨부{place}{_ending(file)}", file.kind, file.size, file.status, file.mime
        )
        for place, file in enumerate(attachments.of_filing(unit, filing.id), 1)
    )


def find_by_phone(unit: Unit, actor: Actor, number: str) -> Filing:
    """Find a filing by the number that somebody says over the telephone."""
    return sight.find(unit, actor, codes.read_number(number) or number)


def _ending(file: attachments.Attachment) -> str:
    kinds = {
        "image/jpeg": ".jpg",
        "image/png": ".png",
        "application/pdf": ".pdf",
        "application/x-hwp": ".hwp",
        "application/hwp+zip": ".hwpx",
        "audio/ogg": ".ogg",
    }
    return kinds.get(file.mime, "")


def _for(actor: Actor, filing: Filing, reason: str) -> bool:
    """Tell whether a task is this official's: named by role, or the handler's own."""
    if reason in {"intake", "audit_head", "inspector"}:
        return actor.may(reason)
    if reason == "handler":
        mine = filing.assignee_id == actor.user_id
        return mine or (filing.assignee_id is None and actor.may("intake"))
    return actor.may(*READERS)


def _seen(svc: Desk, unit: Unit, actor: Actor, filing: Filing) -> None:
    """Take what was only to be read off the desk of who has now read it."""
    for task in tasks.open_(unit, filing_id=filing.id):
        told = task.kind.startswith("desk.") and task.reason in {"handler", "intake", "audit_head"}
        if told and task.kind not in DECIDED and _for(actor, filing, task.reason):
            tasks.done(unit, task.id, actor.user_id, svc.now())


def _declared(history: History, actor: Actor) -> bool:
    return any(one.actor == actor.mark and one.kind == "no_conflict" for one in history.all)


def _may_read(actor: Actor, event: Happened) -> bool:
    """Keep from the handler what is for the head alone, and whose mark a survey was."""
    if event.detail.get("only") == "audit_head":
        return actor.may("audit_head")
    return event.detail.get("hidden") != "handler" or actor.may("audit_head", "inspector")
