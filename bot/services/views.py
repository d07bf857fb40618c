"""Reading filings: one filing, a reporter's status, what waits. Every opening is noted first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.documents import kinds
from bot.errors import Refused
from bot.services import (
    accesses,
    cards,
    clocks,
    codes,
    hands,
    notices,
    officials,
    relay,
    rights,
    sight,
)
from bot.services.base import ANONYMOUS, ROLES, Actor, Desk
from bot.services.history import Happened, History
from bot.services.listing import Row, row_of
from bot.services.rights import Right
from bot.services.sight import visible_filings
from bot.services.status import Status, Told, by_code, by_number, derivation_words, mine
from knowledge.derivation import DerivationLine
from knowledge.procedures import Procedure
from storage import journal
from storage.repositories import attachments, filings, guards, outbox, tasks
from storage.repositories.filings import Filing
from storage.unit import Unit

__all__ = [
    "FileView",
    "FilingView",
    "Row",
    "Status",
    "Task",
    "Told",
    "answered",
    "by_code",
    "by_number",
    "conflict_asked",
    "declare",
    "derivation_words",
    "done",
    "mine",
    "row_of",
    "tasks_for",
    "unasked",
    "view",
    "visible_filings",
]  # fmt: skip

DECIDED: Mapping[str, str] = {"desk.shorter": "recount"}
"""Tasks that a look does not end but a decision: the move that takes it."""
ELSEWHERE = frozenset({"queue_check", "holidays", "values"})
"""Tasks that end where they are done, on a page of their own."""
READERS = ("intake", "auditor", "audit_head")
FILED = frozenset({"filed", "handed", "told"})
"""What is no move and yet for whoever filed to read."""


@dataclass(frozen=True, slots=True)
class FileView:
    """An attachment as the reader may have it; the original needs a reason (S25)."""

    ref: str
    name: str  # 첨부1.pdf
    kind: str
    size: int
    status: str
    mime: str

    @property
    def picture(self) -> bool:
        """Tell whether its clean copy can be looked at beside the words."""
        return self.status == "clean" and kinds.copy_mime(self.mime).startswith("image/")

    @property
    def words_only(self) -> bool:
        """Tell whether its clean copy has the text alone."""
        return self.status == "clean" and self.mime in kinds.WORDS_ONLY


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
    acts: bool  # this reader may work on it, and reads its words
    opens: bool  # and may ask to see who reported
    guards_it: bool  # and confirms who may not see it


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
            if actor.may(task.reason if task.reason in ROLES else "admin"):
                found.append(Task(task.id, task.kind, "", task.reason, task.created_at))
        elif filing is not None and _for(sight.acting(actor, filing), filing, task.reason):
            number = filing.number
            found.append(Task(task.id, task.kind, number, task.reason, task.created_at))
    return tuple(found)


def done(svc: Desk, unit: Unit, actor: Actor, task_id: int) -> None:
    """Tick a task off. Raises `Refused` filing.unknown for one that is not this official's.

    One that wants a decision is not ticked off: see `DECIDED`.
    """
    mine = {task.id for task in tasks_for(unit, actor) if task.kind not in {*DECIDED, *ELSEWHERE}}
    if task_id not in mine:
        raise Refused("filing.unknown")
    tasks.done(unit, task_id, actor.user_id, svc.now())


def conflict_asked(unit: Unit, actor: Actor, number: str) -> bool:
    """Tell whether this official has said yet that there is no conflict of interest."""
    return answered(unit, actor, sight.find(unit, actor, number))


def answered(unit: Unit, actor: Actor, filing: Filing) -> bool:
    """Tell the same of a filing that is at hand."""
    return _declared(History(unit, filing.sid), actor)


def unasked(unit: Unit, actor: Actor, number: str) -> str:
    """Give the number of a report whose reader still has to say how he stands to it, else "".

    Whoever may not know of it is asked nothing either.
    """
    try:
        filing = sight.find(unit, actor, number)
    except Refused:
        return ""
    return filing.number if _to_ask(unit, actor, filing) else ""


def declare(svc: Desk, unit: Unit, actor: Actor, number: str, *, conflict: bool) -> None:
    """Answer `conflict.ask`: with a conflict the filing is closed to this official at once.

    Why is told to nobody but the head of the audit office.
    """
    filing = sight.find(unit, actor, number, lock=True)
    kind = "conflict" if conflict else "no_conflict"
    detail = {"only": "audit_head"} if conflict else {}
    journal.append(unit, filing.sid, svc.now(), actor.mark, kind, detail)
    if not conflict:
        return
    with unit.as_service():  # the guard that is set here hides the filing from its own author
        guards.add(unit, filing.id, user_id=actor.user_id, confirmed_at=svc.now(), reason="self")
        if filing.assignee_id == actor.user_id:
            filings.change(unit, filing.id, filing.version, assignee_id=None)
        notices.tell_officials(svc, unit, filing, "audit_head", "notice.desk.recused")
        hands.settle(svc, unit, filing.id)
        cards.changed(svc, unit, None, filing.id, actor=actor)


def _to_ask(unit: Unit, actor: Actor, filing: Filing) -> bool:
    """Tell whether `conflict.ask` comes first: of whoever reads the words (wording.md §13)."""
    reads = sight.acting(actor, filing).may(*READERS)
    return reads and not _declared(History(unit, filing.sid), actor)


def view(svc: Desk, unit: Unit, actor: Actor, number: str) -> FilingView:
    """Open a filing; the journal knows before the reader does, in the same commit.

    Raises `Refused` filing.unknown, conflict.ask (before the first opening; see `declare`).
    """
    filing = sight.find(unit, actor, number, lock=True)
    reader = sight.acting(actor, filing)
    if not rights.may(reader, Right.OPEN):
        raise Refused("filing.unknown")
    if _to_ask(unit, actor, filing):
        raise Refused("conflict.ask")
    journal.append(unit, filing.sid, svc.now(), actor.mark, "viewed", {})
    accesses.note(svc, unit, actor, "opened", filing)
    if reader.may(*READERS):
        filings.first_read(unit, filing.id, svc.now())
        _seen(svc, unit, reader, filing)
    return _whole(svc, unit, actor, reader, filing)


def _whole(svc: Desk, unit: Unit, actor: Actor, reader: Actor, filing: Filing) -> FilingView:
    people = {who.id: who for who in officials.everybody(unit)}
    events = readable(svc, unit, reader, filing)
    marks = {f"user:{who.id}": f"{who.unit} {who.name}".strip() for who in people.values()}
    firm = [one.unit_id for one in guards.of(unit, filing.id) if not one.proposed]
    covered = [officials.unit_named(unit, one) for one in firm]
    return FilingView(
        row_of(svc, unit, actor, filing.number),
        filing.id,
        filing.procedure_version,
        filings.answers(unit, filing) if rights.may(reader, Right.CONTENT) else {},
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
        rights.may(reader, Right.ACT),
        rights.may(reader, Right.IDENTITY),
        rights.may(reader, Right.ASSIGN),
    )


def _roads(unit: Unit, filing: Filing) -> tuple[Road, ...]:
    """Tell how the notices went; a report without a name is read by number and code only."""
    crossed = relay.crossed(unit, filing)
    over = (Road(crossed[1], relay.ROAD, crossed[0]),) if crossed is not None else ()
    if filing.mode == ANONYMOUS:
        return over
    sent = tuple(
        Road(row.created_at, row.channel, row.status)
        for row in outbox.of_filing(unit, filing.id)
        if row.kind not in cards.INSIDE
    )
    return (*sent, *over)


def files_of(unit: Unit, filing: Filing) -> tuple[FileView, ...]:
    """List the attachments under names that tell nothing."""
    return tuple(
        FileView(
            file.ref,
            f"첨부{place}{kinds.ENDINGS.get(file.mime, '')}",
            file.kind,
            file.size,
            file.status,
            file.mime,
        )
        for place, file in enumerate(attachments.of_filing(unit, filing.id), 1)
    )


def find_by_phone(unit: Unit, actor: Actor, number: str) -> Filing:
    """Find a filing by the number that somebody says over the telephone."""
    return sight.find(unit, actor, codes.read_number(number) or number)


def _for(actor: Actor, filing: Filing, reason: str) -> bool:
    """Tell whether a task is this official's: named by role, or the handler's own."""
    if reason in {"intake", "audit_head", "inspector"}:
        return actor.may(reason)
    if reason == "handler" and filing.reach != sight.AUDIT and filing.handed_at is None:
        return filing.assignee_id in actor.hands
    if reason == "handler":
        mine = filing.assignee_id in actor.hands
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


def readable(svc: Desk, unit: Unit, reader: Actor, filing: Filing) -> tuple[Happened, ...]:
    """Give what of a filing's journal this reader, as he stands to it, may read."""
    rules = svc.procedures.version(filing.procedure, filing.procedure_version)
    known = History(unit, filing.sid).all
    return tuple(one for one in known if _may_read(reader, one) and _theirs(rules, reader, one))


def _theirs(rules: Procedure, reader: Actor, event: Happened) -> bool:
    """Keep what the audit office notes for itself from those who only filed."""
    if reader.may(*READERS, "inspector"):
        return True
    move = rules.moves.get(event.kind)
    if move is None:
        return event.kind in FILED
    told = {notice.to for notice in move.notify}
    return bool(told & {*rights.IN_ONE, "unit"}) or not rights.IN_ONE.isdisjoint(move.by)


def _may_read(actor: Actor, event: Happened) -> bool:
    """Keep from the handler what is for the head alone, and whose mark a survey was."""
    if event.detail.get("only") == "audit_head":
        return actor.may("audit_head")
    if event.detail.get("only") == "guard":
        return actor.may("audit_head", "intake", "inspector")
    return event.detail.get("hidden") != "handler" or actor.may("audit_head", "inspector")
