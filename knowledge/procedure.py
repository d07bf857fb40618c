"""One procedure as values: which states a filing has, who may move it, how long that may take."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import ConfigDict
from pydantic import Field as Alias

from knowledge.clock import Deadline

SAME = "same"  # `to` of a move that leaves the state as it is

Role = Literal[
    "citizen",
    "clock",
    "intake",
    "auditor",
    "audit_head",
    "examiner",
    "unit_member",
    "applicant",
    "approver",
    "admin",
    "inspector",
]
"""`applicant` is the official who filed, `approver` the head in whose name it goes (or a deputy)."""
Reader = Literal[
    "citizen", "handler", "intake", "audit_head", "unit", "inspector", "examiner", "applicant",
    "approver",
]  # fmt: skip
Files = Literal["citizen", "official"]
Reach = Literal["audit", "unit", "own"]
ClockWord = Literal["start", "pause", "resume", "extend", "stop", "none"]
FieldKind = Literal[
    "text", "long", "choice", "many", "day", "place", "phone", "email", "address", "lookup",
    "files", "consent", "notice",
]  # fmt: skip
MOMENTS = ("arrived", "received")  # times of a filing that start a deadline, beside the actions


@dataclass(frozen=True, slots=True)
class When:
    """A condition on an answer of the same move: the field has one of these values."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    field: str
    values: tuple[str, ...]

    def holds(self, answers: Mapping[str, Any]) -> bool:
        return answers.get(self.field) in self.values


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a move; `kind` is the input of a dialog step.

    `options` are the values of a choice, or numbers offered as buttons; `lookup` the list to search, `most` how many signs or
    files, `number` the least and the greatest when the words must be a number. `overlap` marks
    words that are compared with the report before they leave the audit office. `days` keeps a day
    to what has been ("past", today is in) or to what is promised ("future", today is in). `of`
    names an answer of what was filed without which this is not asked. `told` names a notice and
    one of its parameters (`result.named.demands`): where several lines of it were told, these are
    what a `many` chooses from; else it is not asked.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")
    name: str
    kind: FieldKind
    optional: bool = False
    options: tuple[str, ...] = ()
    lookup: str = ""
    most: int | None = None
    number: tuple[int, int] | None = None
    when: When | None = None
    overlap: bool = False
    days: Literal["", "past", "future"] = ""
    of: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """A state of a filing; `words` is the text key of what the public reads."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    name: str
    final: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody who is told, and the text key below `notice.`; services decide by which road.

    Only when the move was made by one of `by` (empty: whoever), and when `when` holds. `once`:
    not again while the handler is the same. `named`: nothing that concerns who gave no name.
    `buttons` are moves that a citizen may answer with; those that the state allows are shown.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")
    to: Reader
    key: str
    by: tuple[Role, ...] = ()
    when: When | None = None
    once: bool = False
    named: bool = False
    buttons: tuple[str, ...] = ()

    def applies(self, roles: Collection[str], answers: Mapping[str, Any]) -> bool:
        return (not self.by or not set(roles).isdisjoint(self.by)) and (
            self.when is None or self.when.holds(answers)
        )


@dataclass(frozen=True, slots=True)
class Branch:
    """The state after a move, where an answer decides; other answers go to the move's `to`."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    field: str
    to: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that may be done: from which states, by whom, and what it does.

    `clock` acts on `on`: a deadline for start, extend and stop, a kind of stop for pause and
    resume; `clock_if` limits it to some answers. `since` and `until` name the fields with the
    days on which a stop begins and ends by itself. `outcome` is the code of the result, or, when `outcome_field` is
    given, that field's answer is. `grave` asks for the desk itself, never a messenger.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")
    action: str
    from_: Annotated[tuple[str, ...], Alias(validation_alias="from")]
    to: str
    by: tuple[Role, ...]
    fields: tuple[Field, ...] = ()
    guard: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    clock: ClockWord = "none"
    on: str = ""
    clock_if: When | None = None
    since: str = ""
    until: str = ""
    branch: Branch | None = None
    notify: tuple[Notice, ...] = ()
    outcome: str = ""
    outcome_field: str = ""
    grave: bool = False
    confirm: bool = False
    source: str = ""

    def target(self, state: str, answers: Mapping[str, Any]) -> str:
        """Give the state after this move."""
        to = self.to
        if self.branch is not None:
            to = self.branch.to.get(str(answers.get(self.branch.field)), to)
        return state if to == SAME else to

    def targets(self, state: str) -> tuple[str, ...]:
        """Give every state that this move may lead to from `state`."""
        names = (self.to, *(self.branch.to.values() if self.branch else ()))
        return tuple(dict.fromkeys(state if name == SAME else name for name in names))

    def turns_clock(self, answers: Mapping[str, Any]) -> bool:
        """Say whether the clock word applies with these answers."""
        return self.clock != "none" and (self.clock_if is None or self.clock_if.holds(answers))

    def outcome_of(self, answers: Mapping[str, Any]) -> str:
        return str(answers[self.outcome_field]) if self.outcome_field else self.outcome

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)


@dataclass(frozen=True, slots=True)
class Filing:
    """How a filing begins: its form, the commands that open it, first state, main deadline.

    `by` is who may file. `reach` is whose it is: of the audit office ("audit"); of a unit first,
    and of the audit office once it was handed in ("unit"); of the person alone, whom nobody at the
    office sees ("own"). `needs` names a setting of the site without which it is not offered, and
    `only` the answer without which nothing is kept once the form is done. `menu` is its place among
    what the first screen offers (the least first); 0: it is not offered there. The first of
    `commands` is what a menu sends. `branch` gives the first state where an answer decides it.
    `keeps` are the answers that are kept (empty: all of them). Without a `deadline` nobody waits
    for an answer of the office. `intents` are what people want who need it (knowledge.intents).
    `cases` is the answer by whose words published cases are offered once the form is done; "" none.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")
    form: str
    commands: tuple[str, ...]
    state: str
    deadline: str = ""
    by: tuple[Files, ...] = ("citizen",)
    reach: Reach = "audit"
    needs: str = ""
    only: When | None = None
    menu: int = 0
    branch: Branch | None = None
    keeps: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    cases: str = ""

    @property
    def command(self) -> str:
        return self.commands[0]

    def first(self, answers: Mapping[str, Any]) -> str:
        """Give the state in which a filing with these answers begins."""
        if self.branch is None:
            return self.state
        return self.branch.to.get(str(answers.get(self.branch.field)), self.state)

    def firsts(self) -> tuple[str, ...]:
        """Give every state in which a filing may begin."""
        return (self.state, *(self.branch.to.values() if self.branch else ()))

    def kept(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Give those answers that are kept."""
        if not self.keeps:
            return dict(answers)
        return {name: value for name, value in answers.items() if name in self.keeps}


FILED = "filed"  # `of` of a paper that is made of what was filed


@dataclass(frozen=True, slots=True)
class Paper:
    """An official letter that a filing becomes: of what was filed, or of the last `of` move.

    It goes in the name of the head of the unit it comes from (`approver`) to the audit office, or
    the other way (`audit_head`). `along` are moves whose fields stand in it too, each time.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")
    name: str
    of: str
    sender: Literal["approver", "audit_head"]
    along: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replies:
    """Replies that others may learn from: those of one paper, compared by answers that were filed.

    The audit office alone sees them until the move `show`; `hide` takes that back.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")
    paper: str
    by: tuple[str, ...]
    show: str
    hide: str


@dataclass(frozen=True, slots=True)
class Procedure:
    """A whole procedure, checked; moves stand in the order of the file."""

    id: str
    version: int
    title: str
    source: str
    effective_from: date
    filing: Filing
    states: Mapping[str, State]
    deadlines: Mapping[str, Deadline]
    moves: Mapping[str, Move]
    papers: Mapping[str, Paper] = field(default_factory=dict)
    replies: Replies | None = None

    @property
    def main(self) -> Deadline:
        """The deadline that a citizen is told; raises KeyError where there is none."""
        return self.deadlines[self.filing.deadline]

    def moves_for(self, state: str, roles: Collection[str]) -> tuple[Move, ...]:
        """Give the moves that these roles may make in a state; guards are asked elsewhere."""
        return tuple(
            move
            for move in self.moves.values()
            if state in move.from_ and not set(roles).isdisjoint(move.by)
        )

    def started_by(self, what: str) -> tuple[Deadline, ...]:
        """Give the deadlines that begin with an action, or with "arrived" or "received"."""
        return tuple(one for one in self.deadlines.values() if one.starts == what)

    def ended_by(self, action: str) -> tuple[Deadline, ...]:
        return tuple(one for one in self.deadlines.values() if action in one.ends)

    def unconfirmed(self) -> tuple[str, ...]:
        """Give the keys that an agency has yet to confirm."""
        return (
            *(f"deadlines.{one.name}" for one in self.deadlines.values() if one.confirm),
            *(f"moves.{one.action}" for one in self.moves.values() if one.confirm),
        )

    def text_keys(self) -> tuple[str, ...]:
        """Give the text keys that must exist: states, kinds of stop, notices, dates that are told."""
        notices = (
            f"notice.{notice.key}" for move in self.moves.values() for notice in move.notify
        )
        stops = (f"pause.{kind}" for one in self.deadlines.values() for kind in one.pauses)
        desk = (
            f"notice.{tell.key}" if tell.to == "citizen" else f"notice.desk.{tell.key}"
            for one in self.deadlines.values()
            for tell in (one.before, one.over)
            if tell is not None
        )
        words = (one.words for one in self.states.values())
        told = (f"deadline.{one.name}" for one in self.deadlines.values() if one.told)
        papers = (
            f"desk.papers.{self.id}.{name}.{part}"
            for name in self.papers
            for part in ("name", "title", "body")
        )
        pressed = (
            f"button.{name}"
            for move in self.moves.values()
            for notice in move.notify
            for name in notice.buttons
        )
        return tuple(dict.fromkeys((*words, *stops, *notices, *desk, *told, *papers, *pressed)))
