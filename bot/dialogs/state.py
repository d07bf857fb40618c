"""Where a dialog stands, as JSON values, and what one turn brings."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeAlias

from knowledge.release import RELEASE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from bot.dialogs.events import Json
    from bot.dialogs.replies import Reply

MENU = "menu"
"""The form id of a state that is only a list of commands."""

BESIDE = ":"
"""How a draft is called that is no answer: what is kept beside the form."""


@dataclass(slots=True)
class State:
    """One open dialog. Everything is JSON; the engine never changes the one it was given.

    `at` is the step now, None at the summary. `answers` holds parsed values (None = skipped),
    `drafts` what was begun or prefilled but not yet answered, `offered` what can be pressed at
    `turn` as [what it does, value]. `hold` names a question beside the form (cancel, aside, …)
    and `held` what it is about. `seen` are notices and remarks that were made once. `tail` may
    be the first half of an identity number; `tail_in` is the messenger's id of the message that
    it ended, noted by the receiver. `parked` are dialogs that wait while this one is open, the
    latest last, by `key`. `release` is the latest one that wrote here, `rest` what only a later
    one knows of: it is kept as it came (security S23).
    """

    form: str
    version: int
    turn: int
    at: str | None = None
    answers: dict[str, Json] = field(default_factory=dict)
    offered: list[list[Json]] = field(default_factory=list)
    misses: int = 0
    subject: str = ""
    started: str = ""
    drafts: dict[str, Json] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    hold: str = ""
    held: Json = None
    editing: bool = False
    error: str = ""
    tail: str = ""
    tail_in: str = ""
    parked: dict[str, Json] = field(default_factory=dict)
    release: int = RELEASE
    rest: dict[str, Json] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Name the dialog among those that wait: its form, and what that is about."""
        return f"{self.form} {self.subject}".strip()

    def to_json(self) -> dict[str, Json]:
        """Give the state as a JSON object; what is empty is left out."""
        known = {
            name: value for name in _NAMES if (value := getattr(self, name)) or name in _ALWAYS
        }
        return {**self.rest, **known}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> State:
        """Read a state back; what this release does not know of is kept beside it."""
        known = {key: value for key, value in data.items() if key in _NAMES}
        known["release"] = max(known.get("release", 0), RELEASE)
        return cls(**known, rest={key: data[key] for key in data if key not in _NAMES})

    def copy(self) -> State:
        """Give a state whose lists and answers can be changed."""
        return State(
            self.form, self.version, self.turn, self.at, dict(self.answers), self.offered,
            self.misses, self.subject, self.started, dict(self.drafts), list(self.seen),
            self.hold, self.held, self.editing, self.error, self.tail, self.tail_in,
            dict(self.parked), self.release, self.rest,
        )  # fmt: skip


_NAMES = tuple(f.name for f in fields(State) if f.name != "rest")
_ALWAYS = ("form", "version", "turn", "release")


@dataclass(frozen=True, slots=True)
class Done:
    """The form is complete and confirmed."""

    answers: BaseModel
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The person had the draft deleted."""


@dataclass(frozen=True, slots=True)
class Later:
    """The person goes on another day; the state is kept."""


@dataclass(frozen=True, slots=True)
class Leave:
    """A command that is not the form's own; the state, if any, is kept as it was."""

    command: str
    arg: str = ""


Outcome: TypeAlias = Done | Cancelled | Later | Leave


@dataclass(frozen=True, slots=True)
class Turn:
    """What one event brought.

    `turn` is the last turn number used, also when the dialog is over: the next dialog of this
    peer starts from it, so that no button of this one is ever accepted. `masked` are the
    identity numbers that were hidden, as they are shown; the channel deletes the message, and
    with `halves` the one before it, where the number began.
    """

    state: State | None
    replies: tuple[Reply, ...]
    outcome: Outcome | None = None
    turn: int = 0
    masked: tuple[str, ...] = ()
    halves: bool = False
