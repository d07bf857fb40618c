"""One move in the making: what it is about, what it changes, what it will say."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from bot.dialogs.replies import Param, Reply
from bot.services.base import Actor, Desk
from bot.services.history import History
from knowledge.calendar import WorkCalendar
from knowledge.procedures import Move, Procedure
from storage.repositories import filings
from storage.repositories.filings import Filing
from storage.unit import Unit


@dataclass
class Work:
    """Guards read it, effects write it, `moves.perform` carries it out.

    `answers` are the fields of the move as JSON values. `changes` are columns of the filing,
    `detail` is what the journal keeps, `said` the parameters of the notices.
    """

    svc: Desk
    unit: Unit
    actor: Actor
    filing: Filing
    procedure: Procedure
    move: Move
    answers: dict[str, Any]
    now: datetime
    confirmed: bool = False
    changes: dict[str, Any] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)
    said: dict[str, Param] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    told_unit: int | None = None
    resettle: bool = False  # the guard has changed: who handles it is to be found anew (S8)
    told: dict[str, set[int]] = field(default_factory=dict)  # officials, by what they were told
    late: bool = False  # the clock slept when it was to be told
    about: int | None = None  # the one request that is answered, where several are open

    @cached_property
    def history(self) -> History:
        return History(self.unit, self.filing.sid)

    @cached_property
    def calendar(self) -> WorkCalendar:
        return self.svc.calendar(self.unit)

    @cached_property
    def filed(self) -> dict[str, Any]:
        return filings.answers(self.unit, self.filing)

    @cached_property
    def who(self) -> dict[str, Any]:
        return filings.identity(self.unit, self.filing)

    @property
    def anonymous(self) -> bool:
        return self.filing.mode == "anonymous"

    def now_is(self, column: str) -> Any:
        """Give a column of the filing as it will be."""
        return self.changes.get(column, getattr(self.filing, column))

    def picked(self, name: str) -> str:
        """Give the value of a lookup field."""
        value = self.answers.get(name)
        return str(value.get("value") or "") if isinstance(value, dict) else str(value or "")
