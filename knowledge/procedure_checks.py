"""What must hold for a procedure before it may run; each fault as the key and the reason."""

import re
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeAlias

from knowledge.clock import Deadline
from knowledge.procedure import MOMENTS, SAME, Field, Move, Procedure, When

Fault: TypeAlias = tuple[tuple[str | int, ...], str]
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


def faults(
    procedure: Procedure, guards: Collection[str], effects: Collection[str]
) -> Iterator[Fault]:
    """Give every fault; what is checked later relies on what was checked before."""
    yield from _names(procedure)
    yield from _filing(procedure)
    for deadline in procedure.deadlines.values():
        yield from _deadline(procedure, deadline)
    for move in procedure.moves.values():
        here = ("moves", move.action)
        yield from _states(procedure, move)
        for kind, names, known in (
            ("guard", move.guard, guards),
            ("effects", move.effects, effects),
        ):
            for at, name in enumerate(names):
                if name not in known:
                    yield (*here, kind, at), f"unknown {kind.rstrip('s')} {name!r}"
        if not move.by:
            yield (*here, "by"), "nobody may make this move"
        for at, field in enumerate(move.fields):
            for key, reason in _field(move, at, field):
                yield (*here, "fields", at, *key), reason
        for key, reason in (*_answers(move), *_clock(procedure, move)):
            yield (*here, *key), reason
    yield from _stops(procedure)
    yield from _graph(procedure)


def _names(procedure: Procedure) -> Iterator[Fault]:
    if procedure.version < 1:
        yield ("version",), "versions begin with 1"
    for table, names in (
        ("states", procedure.states),
        ("deadlines", procedure.deadlines),
        ("moves", procedure.moves),
    ):
        for name in names:
            if not NAME.match(name) or name in {SAME, "open", "all", *MOMENTS} - _states_of(table):
                yield (table, name), "not a name: small letters, digits, _; no word of the format"


def _states_of(table: str) -> set[str]:
    return {"received"} if table == "states" else set()  # a state may be called like the moment


def _filing(procedure: Procedure) -> Iterator[Fault]:
    filing = procedure.filing
    if filing.state not in procedure.states:
        yield ("filing", "state"), f"unknown state {filing.state!r}"
    if filing.deadline not in procedure.deadlines:
        yield ("filing", "deadline"), f"unknown deadline {filing.deadline!r}"
    if not filing.commands:
        yield ("filing", "commands"), "nothing opens this procedure"


def _deadline(procedure: Procedure, deadline: Deadline) -> Iterator[Fault]:
    here = ("deadlines", deadline.name)
    if deadline.amount < 1:
        yield (*here, "amount"), "at least 1"
    if deadline.starts not in (*MOMENTS, *procedure.moves):
        yield (*here, "starts"), f"unknown moment or action {deadline.starts!r}"
    for at, action in enumerate(deadline.ends):
        if action not in procedure.moves:
            yield (*here, "ends", at), f"unknown action {action!r}"
    for at, days in enumerate(deadline.remind_before):
        if days < 1:
            yield (*here, "remind_before", at), "at least 1 working day"
    for at, extension in enumerate(deadline.extendable):
        if extension.most is not None and extension.most < 1:
            yield (*here, "extendable", at, "most"), "at least 1"
    yield from _given(procedure, deadline)


def _given(procedure: Procedure, deadline: Deadline) -> Iterator[Fault]:
    """Check that the starting move has the fields that give the amount or the day."""
    wanted: tuple[tuple[str, str, Callable[[Field], bool]], ...] = (
        ("amount_field", deadline.amount_field, lambda field: field.number is not None),
        ("day_field", deadline.day_field, lambda field: field.kind == "day"),
    )
    for key, name, fits in wanted:
        move = procedure.moves.get(deadline.starts)
        field = move.field(name) if move is not None else None
        if name and (field is None or not fits(field)):
            path = ("deadlines", deadline.name, key)
            yield path, f"{deadline.starts!r} has no such field {name!r} of the right kind"


def _states(procedure: Procedure, move: Move) -> Iterator[Fault]:
    here = ("moves", move.action)
    if not move.from_:
        yield (*here, "from"), "from no state"
    for at, name in enumerate(move.from_):
        if name not in procedure.states:
            yield (*here, "from", at), f"unknown state {name!r}"
    if move.to not in (*procedure.states, SAME):
        yield (*here, "to"), f"unknown state {move.to!r}"
    for value, name in move.branch.to.items() if move.branch else ():
        if name not in (*procedure.states, SAME):
            yield (*here, "branch", "to", value), f"unknown state {name!r}"


def _field(move: Move, at: int, field: Field) -> Iterator[Fault]:
    earlier = move.fields[:at]
    if not NAME.match(field.name) or any(one.name == field.name for one in earlier):
        yield ("name",), f"not a name, or there already: {field.name!r}"
    chosen = field.kind in {"choice", "many"}
    if chosen != bool(field.options) and not (field.options and field.number):
        yield ("options",), "a choice has options or a number, nothing else has"
    if (field.kind == "lookup") != bool(field.lookup):
        yield ("lookup",), "a lookup names its list, nothing else does"
    if field.number is not None and (
        field.kind != "text" or not 0 <= field.number[0] <= field.number[1]
    ):
        yield ("number",), "the least and the greatest number of a text"
    if field.days and field.kind != "day":
        yield ("days",), "only a day lies in the past or in the future"
    if field.most is not None and field.most < 1:
        yield ("most",), "at least 1"
    if field.when is not None and (reason := _when(earlier, field.when)):
        yield ("when",), reason


def _when(fields: tuple[Field, ...], when: When) -> str:
    """Say what is wrong with a condition, given the fields that it may look at."""
    field = next((one for one in fields if one.name == when.field), None)
    if field is None or field.kind != "choice":
        return f"no choice {when.field!r} before it"
    strange = [value for value in when.values if value not in field.options]
    if strange or not when.values:
        return f"not an option of {when.field!r}: {', '.join(strange) or 'nothing'}"
    return ""


def _answers(move: Move) -> Iterator[Fault]:
    """Check everything that looks at an answer of the move."""
    if move.clock_if is not None and (reason := _when(move.fields, move.clock_if)):
        yield ("clock_if",), reason
    if move.branch is not None and (
        reason := _when(move.fields, When(move.branch.field, tuple(move.branch.to)))
    ):
        yield ("branch",), reason
    for at, notice in enumerate(move.notify):
        if notice.when is not None and (reason := _when(move.fields, notice.when)):
            yield ("notify", at, "when"), reason
    if move.outcome_field:
        field = move.field(move.outcome_field)
        if field is None or field.kind != "choice" or field.optional:
            yield ("outcome_field",), f"no choice {move.outcome_field!r} that must be made"
    for key, name in (("since", move.since), ("until", move.until)):
        field = move.field(name) if name else None
        if name and (field is None or field.kind != "day" or move.clock != "pause"):
            yield (key,), f"no field {name!r} with a day, or the move is no pause"


def _clock(procedure: Procedure, move: Move) -> Iterator[Fault]:
    if move.clock == "none":
        if move.on or move.clock_if:
            yield ("on",), "the move has no clock word"
    elif move.clock in {"pause", "resume"}:
        if not any(move.on in one.pauses for one in procedure.deadlines.values()):
            yield ("on",), f"no deadline stops for {move.on!r}"
    elif move.on not in procedure.deadlines:
        yield ("on",), f"unknown deadline {move.on!r}"
    elif move.clock == "extend" and not procedure.deadlines[move.on].extendable:
        yield ("on",), f"{move.on!r} cannot be extended"


def _stops(procedure: Procedure) -> Iterator[Fault]:
    """Every kind of stop that a deadline heeds begins somewhere and ends somewhere."""
    for word in ("pause", "resume"):
        used = {move.on for move in procedure.moves.values() if move.clock == word}
        for deadline in procedure.deadlines.values():
            for at, kind in enumerate(deadline.pauses):
                if kind not in used:
                    yield ("deadlines", deadline.name, "pauses", at), f"no move to {word} {kind!r}"


def _graph(procedure: Procedure) -> Iterator[Fault]:
    ahead: dict[str, set[str]] = {name: set() for name in procedure.states}
    behind: dict[str, set[str]] = {name: set() for name in procedure.states}
    for move in procedure.moves.values():
        for name in move.from_:
            for target in move.targets(name):
                if target == name:
                    continue
                if procedure.states[name].final:
                    yield ("moves", move.action, "from"), f"leaves the final state {name!r}"
                ahead[name].add(target)
                behind[target].add(name)
    reached = _walk([procedure.filing.state], ahead)
    finals = [name for name, state in procedure.states.items() if state.final]
    ending = _walk(finals, behind)
    for name in procedure.states:
        if name not in reached:
            yield ("states", name), "no move leads here"
        if name not in ending:
            yield ("states", name), "no move leads from here to a final state"


def _walk(starts: Collection[str], edges: Mapping[str, Collection[str]]) -> set[str]:
    seen = set(starts)
    queue = deque(starts)
    while queue:
        for name in edges[queue.popleft()]:
            if name not in seen:
                seen.add(name)
                queue.append(name)
    return seen
