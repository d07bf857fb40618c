"""Reading filings. `visible_filings` is the only door to the table (S8)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select

from bot.dialogs.replies import Words
from bot.services.base import Actor, Desk
from knowledge.derivation import DerivationLine
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue: open columns only, no citizen's word."""

    number: str
    procedure: str
    state: str
    mode: str
    unit: str | None
    assignee: str | None
    arrived_at: datetime
    due_at: datetime | None
    overdue: bool
    confirmed: bool  # the conflict guard was confirmed by intake
    version: int


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the timeline."""

    seq: int
    at: datetime
    actor: str
    kind: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FileView:
    """An attachment as the reader may have it; `original` needs a reason (S25)."""

    sid: str
    name: str  # 첨부1.pdf
    kind: str
    size: int
    status: str
    mime: str


@dataclass(frozen=True, slots=True)
class FilingView:
    """A whole filing, after its opening was noted in the journal."""

    row: Row
    filing_id: int
    answers: Mapping[str, Any]
    identity: Mapping[str, Any] | None
    lines: tuple[DerivationLine, ...]
    timeline: tuple[Happened, ...]
    files: tuple[FileView, ...]
    lang: str
    share: str | None
    first_read_at: datetime | None
    guards: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Status:
    """What a reporter sees of a filing (wording.md §4)."""

    number: str
    state: str
    now: Words
    then: Words | None
    due_at: datetime | None
    overdue: bool
    lines: tuple[DerivationLine, ...]
    first_read_at: datetime | None
    notices: tuple[Words, ...]
    actions: tuple[str, ...]  # moves that the citizen may make now
    version: int
    mode: str


@dataclass(frozen=True, slots=True)
class Task:
    """Something a person has to do: notice not delivered, letter, call, reply to read."""

    kind: str
    number: str | None
    text: Words
    at: datetime
    row_id: int | None = None


def visible_filings(actor: Actor) -> Select[Any]:
    """Select the filings that this actor may know of, with every guard applied in SQL (S8)."""
    raise NotImplementedError


def queue(
    svc: Desk, unit: Unit, actor: Actor, *, state: str = "", mine: bool = False
) -> tuple[Row, ...]:
    """Give the open filings by due date; those without one follow by arrival."""
    raise NotImplementedError


def tasks(svc: Desk, unit: Unit, actor: Actor) -> tuple[Task, ...]:
    """Give what waits for a hand."""
    raise NotImplementedError


def view(svc: Desk, unit: Unit, actor: Actor, number: str) -> FilingView:
    """Open a filing; the journal knows before the reader does. Raises `Refused` filing.unknown."""
    raise NotImplementedError


def by_code(svc: Desk, unit: Unit, number: str, code: str, network: str) -> Status:
    """Open a filing by number and code.

    Raises `Refused` code.wrong (whatever was wrong) or code.slow with `seconds` (S24).
    """
    raise NotImplementedError


def mine(svc: Desk, unit: Unit, peer_id: int) -> tuple[Status, ...]:
    """Give the filings of the person behind a peer, newest first."""
    raise NotImplementedError
