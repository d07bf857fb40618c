"""What must hold for a procedure before it may run; each fault as the key and the reason.

Reasons are Korean: whoever reads them runs an agency's service.
"""

import re
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeAlias, get_args

from knowledge import utterances
from knowledge.clock import Deadline
from knowledge.procedure import FILED, MOMENTS, SAME, Field, Move, Procedure, Reader, When

Fault: TypeAlias = tuple[tuple[str | int, ...], str]
READERS = get_args(Reader)
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
LEAST = "1 이상이어야 합니다"
UNKNOWN = {
    "guard": "모르는 조건입니다: {}",
    "effects": "모르는 효과입니다: {}",
    "state": "모르는 상태입니다: {}",
    "deadline": "모르는 기한입니다: {}",
    "action": "모르는 일입니다: {}",
    "intents": "모르는 뜻입니다: {}",
}


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
                    yield (*here, kind, at), UNKNOWN[kind].format(name)
        if not move.by:
            yield (*here, "by"), "이 일을 할 사람이 없습니다"
        for at, field in enumerate(move.fields):
            for key, reason in (*_field(move, at, field), *_lines(procedure, field)):
                yield (*here, "fields", at, *key), reason
        for key, reason in (*_answers(move), *_clock(procedure, move), *_buttons(procedure, move)):
            yield (*here, *key), reason
    yield from _papers(procedure)
    yield from _replies(procedure)
    yield from _stops(procedure)
    yield from _graph(procedure)


def _names(procedure: Procedure) -> Iterator[Fault]:
    if procedure.version < 1:
        yield ("version",), LEAST
    for table, names in (
        ("states", procedure.states),
        ("deadlines", procedure.deadlines),
        ("moves", procedure.moves),
        ("papers", procedure.papers),
    ):
        for name in names:
            if not NAME.match(name) or name in {SAME, "open", "all", *MOMENTS} - _states_of(table):
                yield (
                    (table, name),
                    "쓸 수 없는 이름입니다(로마자 소문자, 숫자, 밑줄. 이 꼴이 쓰는 낱말은 뺍니다)",
                )


def _states_of(table: str) -> set[str]:
    return {"received"} if table == "states" else set()  # a state may be called like the moment


def _filing(procedure: Procedure) -> Iterator[Fault]:
    filing = procedure.filing
    if filing.state not in procedure.states:
        yield ("filing", "state"), UNKNOWN["state"].format(filing.state)
    for value, name in filing.branch.to.items() if filing.branch else ():
        if name not in procedure.states:
            yield ("filing", "branch", "to", value), UNKNOWN["state"].format(name)
    if filing.deadline and filing.deadline not in procedure.deadlines:
        yield ("filing", "deadline"), UNKNOWN["deadline"].format(filing.deadline)
    if not filing.commands:
        yield ("filing", "commands"), "이 절차를 여는 명령이 없습니다"
    for number, intent in enumerate(filing.intents):
        if intent not in utterances.utterances():
            yield ("filing", "intents", number), UNKNOWN["intents"].format(intent)
    if not filing.by:
        yield ("filing", "by"), "이 절차를 시작할 사람이 없습니다"


def _papers(procedure: Procedure) -> Iterator[Fault]:
    """Check that a paper is made of something that happens."""
    for paper in procedure.papers.values():
        here = ("papers", paper.name)
        if paper.of not in (FILED, *procedure.moves):
            yield (*here, "of"), UNKNOWN["action"].format(paper.of)
        for at, action in enumerate(paper.along):
            if action not in procedure.moves:
                yield (*here, "along", at), UNKNOWN["action"].format(action)
    if procedure.papers and procedure.filing.reach != "unit":
        yield ("papers",), '문서는 부서가 낸 것(reach = "unit")에만 있습니다. 가리지 않고 나갑니다'


def _replies(procedure: Procedure) -> Iterator[Fault]:
    """Check that similar replies can be found, shown and taken back."""
    replies = procedure.replies
    if replies is None:
        return
    if replies.paper not in procedure.papers:
        yield ("replies", "paper"), f"모르는 문서입니다: {replies.paper}"
    if not replies.by:
        yield ("replies", "by"), "무엇으로 견줄지 적어야 합니다"
    for key, action in (("show", replies.show), ("hide", replies.hide)):
        if action not in procedure.moves:
            yield ("replies", key), UNKNOWN["action"].format(action)


def _deadline(procedure: Procedure, deadline: Deadline) -> Iterator[Fault]:
    here = ("deadlines", deadline.name)
    if deadline.amount < (0 if deadline.setting else 1):
        yield (*here, "amount"), LEAST
    if deadline.starts not in (*MOMENTS, *procedure.moves):
        yield (*here, "starts"), f"모르는 때나 일입니다: {deadline.starts}"
    for at, action in enumerate(deadline.ends):
        if action not in procedure.moves:
            yield (*here, "ends", at), UNKNOWN["action"].format(action)
    for at, days in enumerate(deadline.remind_before):
        if days < 0:
            yield (*here, "remind_before", at), "0 이상이어야 합니다(0은 그날)"
    for at, extension in enumerate(deadline.extendable):
        if extension.most is not None and extension.most < 1:
            yield (*here, "extendable", at, "most"), LEAST
    yield from _given(procedure, deadline)
    yield from _told(procedure, deadline)


def _told(procedure: Procedure, deadline: Deadline) -> Iterator[Fault]:
    """Check whom it is told, and what the clock does when it is over."""
    here = ("deadlines", deadline.name)
    for key, tell in (("before", deadline.before), ("over", deadline.over)):
        if tell is not None and tell.to not in READERS:
            yield (*here, key, "to"), f"모르는 받는 사람입니다: {tell.to}"
    if deadline.remind_before and deadline.before is None:
        yield (*here, "before"), "remind_before가 있으면 누구에게 무엇을 알리는지 적어야 합니다"
    move = procedure.moves.get(deadline.then)
    if deadline.then and (move is None or "clock" not in move.by):
        yield (*here, "then"), f"시계가 하는 일이 아닙니다: {deadline.then}"


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
            yield path, f"{deadline.starts}에 이 값을 주는 칸이 없습니다: {name}"


def _states(procedure: Procedure, move: Move) -> Iterator[Fault]:
    here = ("moves", move.action)
    if not move.from_:
        yield (*here, "from"), "어느 상태에서 하는 일인지 적어야 합니다"
    for at, name in enumerate(move.from_):
        if name not in procedure.states:
            yield (*here, "from", at), UNKNOWN["state"].format(name)
    if move.to not in (*procedure.states, SAME):
        yield (*here, "to"), UNKNOWN["state"].format(move.to)
    for value, name in move.branch.to.items() if move.branch else ():
        if name not in (*procedure.states, SAME):
            yield (*here, "branch", "to", value), UNKNOWN["state"].format(name)


def _field(move: Move, at: int, field: Field) -> Iterator[Fault]:
    earlier = move.fields[:at]
    if not NAME.match(field.name) or any(one.name == field.name for one in earlier):
        yield ("name",), f"쓸 수 없거나 이미 있는 이름입니다: {field.name}"
    chosen = field.kind in {"choice", "many"}
    given = bool(field.options or field.told)
    if chosen != given and not (field.options and field.number):
        yield (
            ("options",),
            "고르는 칸에는 options가 있고 다른 칸에는 없어야 합니다(수를 적는 칸은 됩니다)",
        )
    if (field.kind == "lookup") != bool(field.lookup):
        yield ("lookup",), "찾는 칸에만 찾을 목록을 적습니다"
    if field.number is not None and (
        field.kind != "text" or not 0 <= field.number[0] <= field.number[1]
    ):
        yield ("number",), "글 칸의 가장 작은 수와 가장 큰 수여야 합니다"
    if field.days and field.kind != "day":
        yield ("days",), "날을 적는 칸에만 씁니다"
    if field.most is not None and field.most < 1:
        yield ("most",), LEAST
    if field.when is not None and (reason := _when(earlier, field.when)):
        yield ("when",), reason


def _lines(procedure: Procedure, field: Field) -> Iterator[Fault]:
    """Check that a notice whose lines are chosen from is told, and says what was asked."""
    key, _, param = field.told.rpartition(".")
    moves = procedure.moves.values()
    says = any(one.key == key and move.field(param) for move in moves for one in move.notify)
    if field.told and (field.kind != "many" or field.options or not says):
        yield ("told",), f"여럿을 고르는 칸에서 알린 글의 칸만 가리킵니다: {field.told}"


def _when(fields: tuple[Field, ...], when: When) -> str:
    """Say what is wrong with a condition, given the fields that it may look at."""
    field = next((one for one in fields if one.name == when.field), None)
    if field is None or field.kind != "choice":
        return f"앞에 그런 고르는 칸이 없습니다: {when.field}"
    strange = [value for value in when.values if value not in field.options]
    if strange or not when.values:
        return f"{when.field}에서 고를 수 없는 값입니다: {', '.join(strange) or '없음'}"
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
            yield ("outcome_field",), f"꼭 고르는 칸이 아닙니다: {move.outcome_field}"
    for key, name in (("since", move.since), ("until", move.until)):
        field = move.field(name) if name else None
        if name and (field is None or field.kind != "day" or move.clock != "pause"):
            yield (key,), f"날을 적는 칸이 아니거나, 기한을 멈추는 일이 아닙니다: {name}"


def _clock(procedure: Procedure, move: Move) -> Iterator[Fault]:
    if move.clock == "none":
        if move.on or move.clock_if:
            yield ("on",), "clock을 적은 일에만 씁니다"
    elif move.clock in {"pause", "resume"}:
        if not any(move.on in one.pauses for one in procedure.deadlines.values()):
            yield ("on",), f"이것으로 멈추는 기한이 없습니다: {move.on}"
    elif move.on not in procedure.deadlines:
        yield ("on",), UNKNOWN["deadline"].format(move.on)
    elif move.clock == "extend" and not procedure.deadlines[move.on].extendable:
        yield ("on",), f"늘릴 수 없는 기한입니다: {move.on}"


def _buttons(procedure: Procedure, move: Move) -> Iterator[Fault]:
    """Check that what a notice offers is something that a citizen may do."""
    for at, notice in enumerate(move.notify):
        for place, name in enumerate(notice.buttons):
            offered = procedure.moves.get(name)
            if offered is None or "citizen" not in offered.by or notice.to != "citizen":
                yield ("notify", at, "buttons", place), f"시민이 하는 일이 아닙니다: {name}"


def _stops(procedure: Procedure) -> Iterator[Fault]:
    """Every kind of stop that a deadline heeds begins somewhere and ends somewhere."""
    for word, done in (("pause", "멈추는"), ("resume", "다시 세는")):
        used = {move.on for move in procedure.moves.values() if move.clock == word}
        for deadline in procedure.deadlines.values():
            for at, kind in enumerate(deadline.pauses):
                if kind not in used:
                    path = ("deadlines", deadline.name, "pauses", at)
                    yield path, f"{done} 일이 없습니다: {kind}"


def _graph(procedure: Procedure) -> Iterator[Fault]:
    ahead: dict[str, set[str]] = {name: set() for name in procedure.states}
    behind: dict[str, set[str]] = {name: set() for name in procedure.states}
    for move in procedure.moves.values():
        for name in move.from_:
            for target in move.targets(name):
                if target == name:
                    continue
                if procedure.states[name].final:
                    yield ("moves", move.action, "from"), f"끝난 상태에서 나갈 수 없습니다: {name}"
                ahead[name].add(target)
                behind[target].add(name)
    reached = _walk(procedure.filing.firsts(), ahead)
    finals = [name for name, state in procedure.states.items() if state.final]
    ending = _walk(finals, behind)
    for name in procedure.states:
        if name not in reached:
            yield ("states", name), "이 상태로 가는 일이 없습니다"
        if name not in ending:
            yield ("states", name), "여기에서 끝나는 상태로 가는 일이 없습니다"


def _walk(starts: Collection[str], edges: Mapping[str, Collection[str]]) -> set[str]:
    seen = set(starts)
    queue = deque(starts)
    while queue:
        for name in edges[queue.popleft()]:
            if name not in seen:
                seen.add(name)
                queue.append(name)
    return seen
