"""Changing the road: what was written for one form waits, sealed with the one that is open.

A peer has one dialog. The others lie inside its state, so they are sealed, moved to the agency's
page, swept and erased with it, and come back as they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.board import Offer
from bot.dialogs.fields import Files, LongText, Place, Text
from bot.dialogs.form import Reject, hide_numbers
from bot.dialogs.play import Play, next_open
from bot.dialogs.replies import Phrase
from bot.dialogs.scene import Scene, elsewhere
from bot.dialogs.state import BESIDE, MENU, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.dialogs.events import Json
    from bot.dialogs.form import AnyForm, Context, Step
    from bot.dialogs.replies import Param
    from bot.dialogs.state import Turn

_NOT_KEPT = (
    "turn", "offered", "parked", "hold", "held", "editing", "misses", "error", "tail", "tail_in",
)  # fmt: skip


def switch(to: AnyForm, state: State, ctx: Context, turn: int, subject: str = "") -> Turn:
    """Open another form; what is open waits, and what waited for this one comes back.

    What means the same in both is brought along (`Form.carries`), shown, and can be changed.
    `turn` is the last one this peer used.
    """
    parked = dict(state.parked)
    opened = State(to.id, to.version, turn, subject=subject, started=ctx.now.isoformat())
    if _written(state):
        parked.pop(state.key, None)
        parked[state.key] = kept(state)
    left = state.form if _written(state) and state.key != opened.key else ""
    waited = parked.pop(opened.key, None)
    if isinstance(waited, dict):
        opened = _restored(waited, turn, to)
    play = Play(to, opened, ctx)
    play.state.parked = parked
    brought = _carry(play)
    read = _prefill(play)
    play.go_on()
    _understood(play, read)
    if left:
        back = Offer(Phrase("dialog.switch_back"), "command", f"switch {state.key}", "info")
        known = ctx.texts.has(f"{left}.title")
        name = Phrase(f"{left}.title" if known else "dialog.what_was_open")
        play.say(Phrase("dialog.parked", {"name": name}), back)
    if isinstance(waited, dict):
        play.say(Phrase("dialog.resumed"))
    elif brought:
        play.say(Phrase("dialog.carried"))
    return play.turn()


def unpark(state: State, form: AnyForm, ctx: Context, turn: int, gone: frozenset[str]) -> State:
    """Give the dialog that waited last as the open one, which `form` is that of.

    `gone` are files that went with what was filed: they are no longer there to be filed again.
    Raises IndexError when nothing waits.
    """
    parked = dict(state.parked)
    waited = parked.pop(list(parked)[-1])
    assert isinstance(waited, dict)
    back = _restored(waited, turn, form)
    back.answers = _without(back.answers, gone)
    back.parked = {
        key: {**one, "answers": _without(_dict(one.get("answers")), gone)}
        for key, one in parked.items()
        if isinstance(one, dict)
    }
    if back.at is not None:
        back.at = next_open(Scene(form, back, ctx))
    return back


def latest(state: State | None) -> State | None:
    """Give the dialog that waited last, to find its form by; None when nothing waits."""
    waited = list(state.parked.values())[-1] if state is not None and state.parked else None
    return State.from_json({**waited, "turn": 0}) if isinstance(waited, dict) else None


def begin(play: Play) -> None:
    """Put in what the context knows beforehand, and stand at the first open question."""
    read = _prefill(play)
    play.go_on()
    _understood(play, read)


def _prefill(play: Play) -> list[Step]:
    """Put in what is known beforehand; give the steps whose answers were read from a story."""
    state, read = play.state, []
    for name, raw in play.ctx.prefill.items():
        step, value = play.form.step(name), hide_numbers(raw, play.ctx.today)
        if step is None or value is None or name in state.answers or name in state.drafts:
            continue
        fill(play, step, value)
        if isinstance(step, LongText):
            play.remark(str(value))
        else:
            read.append(step)
    return read


def _understood(play: Play, read: Sequence[Step]) -> None:
    """Say what was read from somebody's first words; each comes again where it can be changed."""
    items: list[Param] = []
    for step in read:
        if not elsewhere(
            play.scene(), step
        ):  # who may not be asked it here is not shown it either
            value = play.state.drafts.get(step.name, play.state.answers.get(step.name))
            base = play.form.base(step)
            one = {"label": Phrase(f"{base}.label"), "value": step.show(base, value)}
            items.append(Phrase("dialog.understood_one", one))
    if items:
        play.say(Phrase("dialog.understood", {"items": items}))


def fill(play: Play, step: Step, value: Json) -> None:
    """Put in what is known beforehand: shown at its question, or in the summary if not asked."""
    state = play.state
    if isinstance(step, LongText):
        state.drafts[step.name] = {"text": str(value), "by": "prefill"}
    elif step.ask == "if_unknown" or isinstance(step, Files):
        state.answers[step.name] = value
    else:
        state.drafts[step.name] = value


def _written(state: State) -> bool:
    written = any(not name.startswith(BESIDE) for name in state.drafts)
    return state.form != MENU and bool(state.answers or written)


def kept(state: State) -> dict[str, Json]:
    """Give a dialog as it waits: what was written, without what can be pressed."""
    return {name: value for name, value in state.to_json().items() if name not in _NOT_KEPT}


def _restored(waited: dict[str, Json], turn: int, form: AnyForm) -> State:
    """Give a dialog that waited; what a newer form no longer asks is let go."""
    state = State.from_json({**waited, "turn": turn}).copy()
    if state.version != form.version:
        state.version = form.version
        state.answers = {name: kept for name, kept in state.answers.items() if form.step(name)}
    return state


def _dict(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _without(answers: dict[str, Json], gone: frozenset[str]) -> dict[str, Json]:
    """Leave out files that are gone; a question that has none left is open again."""
    kept: dict[str, Json] = {}
    for name, value in answers.items():
        if not (isinstance(value, list) and any(_ref(one) in gone for one in value)):
            kept[name] = value
        elif rest := [one for one in value if _ref(one) not in gone]:
            kept[name] = rest
    return kept


def _ref(value: Json) -> str:
    return str(value.get("ref")) if isinstance(value, dict) else ""


def _carry(play: Play) -> bool:
    """Bring along what was answered elsewhere; True if anything was."""
    state, brought = play.state, False
    for step in play.form.steps:
        sources = play.form.carries.get(step.name, ())
        value = next(_found(sources, state.parked), None)
        have = state.answers.get(step.name, state.drafts.get(step.name))
        if value is None or (have is None and step.name in state.answers):
            continue  # nothing to bring, or it was left open here on purpose
        if not _given(have):
            taken = _parsed(step, value, play.ctx)
        elif isinstance(step, LongText) and _words(have) in _words(value) != _words(have):
            taken = _words(value)  # the same story has grown meanwhile
            state.answers.pop(step.name, None)
        else:
            taken = None
        if taken is not None:
            fill(play, step, taken)
            brought = True
    return brought


def _found(sources: tuple[str, ...], parked: dict[str, Json]) -> Iterator[Json]:
    """Give what was answered or begun under the names of `sources`."""
    for source in sources:
        form, _, name = source.partition(".")
        for key, waited in reversed(parked.items()):
            entry = _dict(waited)
            if key.partition(" ")[0] != form:
                continue
            for part in ("answers", "drafts"):
                value = _dict(entry.get(part)).get(name)
                if _given(value):
                    yield value


def _given(value: Json) -> bool:
    """Tell an answer from none: words, a place on the map, files."""
    on_map = isinstance(value, dict) and value.get("lat") is not None
    return isinstance(value, list) or on_map or bool(_words(value))


def _words(value: Json) -> str:
    """Give the words of an answer: a line, a story, a place, the name of what was looked up."""
    if isinstance(value, dict):
        return str(value.get("text") or value.get("label") or "")
    return value if isinstance(value, str) else ""


def _parsed(step: Step, value: Json, ctx: Context) -> Json:
    """Give an answer as this step keeps it; None where it does not fit."""
    if isinstance(step, Text | LongText):
        value = _words(value)[: step.most]
    elif isinstance(step, Place) and isinstance(value, dict) and value.get("lat") is None:
        value = _words(value)
    elif isinstance(step, Files) and isinstance(value, list):
        value = value[: step.most]
    try:
        return step.parse(value, ctx)
    except Reject:
        return None
