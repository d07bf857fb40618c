"""Moves: what may be done to a filing now, and doing it. One road for officials, citizens, clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from bot.dialogs.form import Form
from bot.dialogs.replies import Reply, Words
from bot.errors import Refused
from bot.services.base import Actor, Desk
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class MoveForm:
    """A move that procedure, role and state allow; `blocked` says why it cannot be sent yet."""

    action: str
    label: Words
    form: Form[Any] | None
    prefill: Mapping[str, Any] = field(default_factory=dict)
    blocked: tuple[Words, ...] = ()
    grave: bool = False


@dataclass(frozen=True, slots=True)
class Performed:
    """What a move did. `replies` answer whoever made it (a citizen's chat shows them at once)."""

    number: str
    version: int
    state: str
    due_at: datetime | None
    replies: tuple[Reply, ...] = ()


class BadFields(Refused):
    """The form of the move was not filled in rightly; `errors` by field."""

    def __init__(self, errors: Mapping[str, Words]) -> None:
        super().__init__("move.fields")
        self.errors = errors


class Confirm(Refused):
    """Something must be seen and confirmed first (words quoted from the report)."""

    def __init__(self, key: str, marked: tuple[str, ...]) -> None:
        super().__init__(key)
        self.marked = marked


def available(svc: Desk, unit: Unit, actor: Actor, number: str) -> tuple[MoveForm, ...]:
    """Give the moves that this actor may make now, in the procedure's order."""
    raise NotImplementedError


def perform(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    number: str,
    version: int | None,
    action: str,
    answers: Mapping[str, Any] | BaseModel,
    *,
    confirmed: bool = False,
) -> Performed:
    """Make a move; `version` None takes the filing as it is (the clock, a citizen's button).

    Raises `Refused` filing.unknown, move.stale, move.not_now, guard.<name>; `BadFields`;
    `Confirm` (call again with `confirmed`).
    """
    raise NotImplementedError
