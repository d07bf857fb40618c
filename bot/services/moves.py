"""Moves: what may be done to a filing now, and doing it. One road for officials, citizens, clock."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from bot.dialogs.form import Context, Errors, Form
from bot.dialogs.replies import Phrase, Reply, Say, Words
from bot.errors import Refused
from bot.services import cards, clocks, hands, notices, relay, sight, wishes
from bot.services.base import ANONYMOUS, Actor, Desk, stamp
from bot.services.effects import EFFECTS
from bot.services.guards import GUARDS, Confirm
from bot.services.history import History
from bot.services.lookups import Lists
from bot.services.prefill import prefill
from bot.services.work import Work
from knowledge.procedures import Move, Procedure
from storage import journal
from storage.errors import BodyConflict, Stale
from storage.repositories import fact_requests, filings, inbox, outbox
from storage.repositories.filings import Filing
from storage.unit import Key, Unit

__all__ = [
    "BadFields", "Confirm", "MoveForm", "Performed", "available", "perform", "perform_once",
    "read_arg",
]  # fmt: skip

AFTER: list[Callable[[Work, Filing], None]] = []
"""What else is looked at after every move; who imports `moves` puts himself in here."""
JUST_NOW = timedelta(hours=1)
"""So long the same words again are somebody who went back; later they are said once more."""


@dataclass(frozen=True, slots=True)
class MoveForm:
    """A move that procedure, role and state allow; `blocked` says why it cannot be made yet."""

    action: str
    label: Words
    form: Form[Any] | None
    prefill: Mapping[str, Any] = field(default_factory=dict)
    blocked: tuple[Words, ...] = ()
    grave: bool = False


@dataclass(frozen=True, slots=True)
class Performed:
    """What a move did. `replies` answer the citizen who made it (they are not in the outbox)."""

    number: str
    version: int
    state: str
    due_at: datetime | None
    after: Filing
    replies: tuple[Reply, ...] = ()


class BadFields(Refused):
    """The form of the move was not filled in rightly; `errors` by field."""

    def __init__(self, errors: Mapping[str, Words]) -> None:
        super().__init__("move.fields")
        self.errors = errors


def read_arg(arg: str) -> tuple[str, str, dict[str, str]]:
    """Read the argument of a `move` button: `<action> <number> [field=value …]`.

    Raises `Refused` move.not_now for anything else.
    """
    action, _, rest = arg.partition(" ")
    number, *pairs = rest.split() or [""]
    presets = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    if not action.isidentifier() or not number or len(presets) != len(pairs):
        raise Refused("move.not_now")
    return action, number, presets


def available(svc: Desk, unit: Unit, actor: Actor, number: str) -> tuple[MoveForm, ...]:
    """Give the moves that this actor may make now, in the procedure's order.

    Raises `Refused` filing.unknown.
    """
    filing = sight.find(unit, actor, number)
    if relay.away(filing):
        return tuple(_mirrored(svc, unit, actor, filing))
    return tuple(_forms(svc, unit, sight.acting(actor, filing), filing))


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
    filing = sight.find(unit, actor, number, lock=True)
    return carry_out(svc, unit, actor, filing, version, action, answers, confirmed=confirmed)


def perform_once(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    number: str,
    version: int,
    action: str,
    answers: Mapping[str, Any],
    *,
    confirmed: bool = False,
) -> Performed | None:
    """Make a move that a page sent; None where these very words were the last move, just now.

    Our pages are never stored (S2): whoever goes back gets the form anew, with a new id and the
    newest version, so the id tells a press that came twice and not a person who came back. Other
    words, and the same after anything else was done, are a move of their own. Raises as
    `perform`.
    """
    filing = sight.find(unit, actor, number, lock=True)
    if version == filing.version and _said_before(svc, unit, actor, filing, action, answers):
        return None
    return carry_out(svc, unit, actor, filing, version, action, answers, confirmed=confirmed)


def _said_before(
    svc: Desk, unit: Unit, actor: Actor, filing: Filing, action: str, answers: Mapping[str, Any]
) -> bool:
    """Tell whether the last move was this one by the same actor, in the same words.

    By the mark it left: what a reporter said is not read again by the part that took it (S7).
    """
    rules = procedure_of(svc, filing)
    move = rules.moves.get(action)
    last = History(unit, filing.sid).last(*rules.moves)
    if move is None or last is None or (last.kind, last.actor) != (action, mark(actor, filing)):
        return False
    if stamp(filing.mode, svc.now(), actor) - last.at > JUST_NOW:
        return False
    words = _words(move, _values(svc, unit, filing, move, answers))
    try:
        return inbox.repeated(unit, _last_move(filing.id, filing.version), words)
    except BodyConflict:
        return False


def _words(move: Move, values: Mapping[str, Any]) -> bytes:
    """Give what a move says, b"" for one that is not told in words.

    Lengthening a date twice by three days is six days.
    """
    told = any(field.kind == "long" and field.name in values for field in move.fields)
    return json.dumps(values, sort_keys=True, default=str).encode() if told else b""


def _last_move(filing_id: int, version: int) -> Key:
    return Key("said", 0, f"{filing_id}:{version}")


def carry_out(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    filing: Filing,
    version: int | None,
    action: str,
    answers: Mapping[str, Any] | BaseModel,
    *,
    confirmed: bool = False,
    quiet: bool = False,
    late: bool = False,
    about: int | None = None,
) -> Performed:
    """Make a move on a filing that is locked; see `perform`.

    `quiet` does not tell the citizen, `late` says that it comes late; `about` is the request that a unit answers.
    """
    if relay.away(filing) and actor.kind == "citizen":
        return _hand_over(svc, unit, actor, filing, action, answers)
    _fresh(filing, version)
    with unit.as_service():
        actor = sight.acting(actor, filing)
        procedure = procedure_of(svc, filing)
        move = _move(procedure, filing, actor, action)
        values = _values(svc, unit, filing, move, answers)
        words = _words(move, values)
        work = Work(svc, unit, actor, filing, procedure, move, values, svc.now(), confirmed)
        work.about, work.late = about, late
        for name in move.guard:
            GUARDS[name](work)
        state = move.target(filing.state, values)
        for name in move.effects:
            EFFECTS[name](work)
        clocks.turn(work)
        clocks.begin(work, action, work.now)
        clocks.end(work, state)
        rule = procedure.deadlines.get(action)
        if rule is not None and rule.repeats:
            clocks.again(work, action)
        after = _write(work, state)
        for notice in move.notify:
            if notice.applies(actor.roles, values) and not (quiet and notice.to == "citizen"):
                notices.of_move(work, notice, after)
        if work.resettle:
            hands.settle(svc, unit, filing.id)
            after = sight.get(unit, filing.id)
        if words:
            inbox.mark(unit, _last_move(filing.id, after.version), words)
        cards.changed(svc, unit, filing, filing.id, action, actor)
        for look in AFTER:
            look(work, after)
        return Performed(
            filing.number, after.version, after.state, after.due_at, after, tuple(work.replies)
        )


def _mirrored(svc: Desk, unit: Unit, actor: Actor, filing: Filing) -> Iterator[MoveForm]:
    """Give what the inside says may be done, without what is on its way there.

    Before it has said anything it is what our own rules allow of what was just filed.
    """
    said, sent = relay.mirror(unit, filing), relay.on_its_way(unit, filing)
    if said is None:
        yield from (one for one in _forms(svc, unit, actor, filing) if one.action not in sent)
        return
    procedure = procedure_of(svc, filing)
    for action, why in said["moves"].items():
        if action in procedure.moves and action not in sent:
            form = svc.catalogue.move_form(procedure.id, procedure.version, action)
            blocked = tuple(Phrase(key) for key in why)
            grave = procedure.moves[action].grave
            yield MoveForm(action, Phrase(f"move.{action}.name"), form, {}, blocked, grave)


def _hand_over(
    svc: Desk,
    unit: Unit,
    actor: Actor,
    filing: Filing,
    action: str,
    answers: Mapping[str, Any] | BaseModel,
) -> Performed:
    """Let the inside make a move, as of now; what comes of it is told as it comes back."""
    open_ = next(
        (one for one in _mirrored(svc, unit, actor, filing) if one.action == action), None
    )
    if open_ is None:
        raise Refused("move.not_now")
    if open_.blocked:
        why = open_.blocked[0]
        raise Refused(why.key if isinstance(why, Phrase) else "move.not_now")
    move = procedure_of(svc, filing).moves[action]
    values = _values(svc, unit, filing, move, answers)
    relay.hand_over(svc, unit, filing, action, values, actor.peer_id)
    said = Say(Phrase("notice.relay_passed", {"what": open_.label}))
    return Performed(filing.number, filing.version, filing.state, filing.due_at, filing, (said,))


def _fresh(filing: Filing, version: int | None) -> None:
    if version is not None and version != filing.version:
        raise Refused("move.stale")


def procedure_of(svc: Desk, filing: Filing) -> Procedure:
    """Give the rules that the filing was made under; old filings keep theirs."""
    return svc.procedures.version(filing.procedure, filing.procedure_version)


def context(svc: Desk, unit: Unit, filing: Filing | None = None) -> Context:
    """Give what the form of a move may look up; of a filing, also who stands in for the office."""
    stand_in = filing.stand_in_id if filing is not None else None
    lists = Lists.load(unit, svc.now(), stand_in)
    filed = _asked_of(svc, unit, filing) if filing is not None else {}
    site = svc.site.words()
    return Context(now=svc.now(), texts=svc.texts, lookups=lists, site=site, filed=filed)


def _asked_of(svc: Desk, unit: Unit, filing: Filing) -> dict[str, Any]:
    """Give those answers of a filing that fields of its moves hang on."""
    every = procedure_of(svc, filing).moves.values()
    names = {field.of for move in every for field in move.fields if field.of}
    known = filings.answers(unit, filing) if names else {}
    return {**{name: known.get(name) for name in names}, **told(svc, unit, filing)}


def told(svc: Desk, unit: Unit, filing: Filing) -> dict[str, Any]:
    """Give the lines told of a filing that fields of its moves are chosen from."""
    every = procedure_of(svc, filing).moves.values()
    names = {field.told for move in every for field in move.fields if field.told}
    history = History(unit, filing.sid)
    return {name: wishes.lines(history, filing, name) for name in names}


def _forms(svc: Desk, unit: Unit, actor: Actor, filing: Filing) -> Iterator[MoveForm]:
    procedure = procedure_of(svc, filing)
    history = History(unit, filing.sid)
    for move in procedure.moves_for(filing.state, actor.roles):
        work = Work(svc, unit, actor, filing, procedure, move, {}, svc.now())
        work.history = history
        blocked = []
        for name in move.guard:
            try:
                GUARDS[name](work)
            except Refused as refused:
                blocked.append(Phrase(refused.key))
        yield MoveForm(
            move.action,
            Phrase(f"move.{move.action}.name"),
            svc.catalogue.move_form(procedure.id, procedure.version, move.action),
            prefill(work),
            tuple(blocked),
            move.grave,
        )


def _move(procedure: Procedure, filing: Filing, actor: Actor, action: str) -> Move:
    move = procedure.moves.get(action)
    if move is None or filing.state not in move.from_ or actor.roles.isdisjoint(move.by):
        raise Refused("move.not_now")
    return move


def _values(
    svc: Desk, unit: Unit, filing: Filing, move: Move, answers: Mapping[str, Any] | BaseModel
) -> dict[str, Any]:
    """Check the fields and give them as JSON values."""
    form = svc.catalogue.move_form(filing.procedure, filing.procedure_version, move.action)
    if form is None:
        return {}
    checked: Any = answers
    if not isinstance(answers, BaseModel):
        checked = form.validate(answers, context(svc, unit, filing))
        if isinstance(checked, Errors):
            raise BadFields(dict(checked.by))
    values: dict[str, Any] = checked.model_dump(mode="json")
    return {name: value for name, value in values.items() if value is not None}


def _write(work: Work, state: str) -> Filing:
    """Write the row and the journal; the version moves, so nobody moves over it."""
    final = work.procedure.states[state].final
    ends = final or work.move.outcome_field
    outcome = work.move.outcome_of(work.answers) if ends else ""
    changes = dict(work.changes)
    if state != work.filing.state:
        changes["state"] = state
    if outcome:
        changes["outcome"] = outcome
        if work.filing.result_at is None:
            changes["result_at"] = stamp(work.filing.mode, work.now)
    if final and work.filing.closed_at is None:
        changes["closed_at"] = work.now
        outbox.drop(work.unit, work.filing.id, rank=notices.REMINDER)
        fact_requests.close_all(work.unit, work.filing.id)
    try:
        filings.change(work.unit, work.filing.id, work.filing.version, **changes)
    except Stale as stale:
        raise Refused("move.stale") from stale
    detail = {**work.answers, **work.detail}
    if state != work.filing.state:
        detail["state"] = state
    who = mark(work.actor, work.filing)
    at = stamp(work.filing.mode, work.now, work.actor)
    plain = json.loads(json.dumps(detail, default=str))
    journal.append(work.unit, work.filing.sid, at, who, work.move.action, plain)
    after = filings.get(work.unit, work.filing.id)
    assert after is not None
    return after


def mark(actor: Actor, filing: Filing) -> str:
    """Name the actor in the journal of a filing: `anonymous` where nobody may be named (S1)."""
    hidden = actor.kind == "citizen" and filing.mode == ANONYMOUS
    return ANONYMOUS if hidden else actor.mark
