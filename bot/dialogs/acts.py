"""What a press does. It is resolved by what this turn offered, never by what a client sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.fields import LongText
from bot.dialogs.form import Reject
from bot.dialogs.play import last_question
from bot.dialogs.replies import Phrase, Say, load_all
from bot.dialogs.scene import before, group_of
from bot.dialogs.state import Later, Turn
from bot.dialogs.taking import take_fields, take_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.dialogs.events import Json
    from bot.dialogs.form import Step
    from bot.dialogs.play import Play
    from bot.dialogs.state import State


def act(play: Play, origin: State, name: str, value: Json) -> Turn:
    """Do what an offer says; commands leave `origin` as it was."""
    if name == "command":
        command, _, arg = str(value).partition(" ")
        return play.leave(origin, command, arg)
    if name == "new":
        return play.leave(origin, "new", _held(play, "command"))
    if name == "drop":
        return play.cancel()
    if name == "confirm":
        return play.finish()
    if name == "later":
        play.state.hold = ""
        return later(play)
    _ACTS[name](play, value)
    return play.turn()


def later(play: Play) -> Turn:
    """Keep the draft for another day; its buttons end here."""
    play.state.turn += 1
    play.state.offered = []
    said = Say(Phrase("dialog.saved"))
    return Turn(play.state, (said,), Later(), play.state.turn, play.masked, play.halves)


def _answer(play: Play, value: Json) -> None:
    step = play.step()
    if step is not None:
        play.accept(step, value)


def skip(play: Play, value: Json = None) -> None:  # noqa: ARG001
    """Leave an optional question open for good."""
    _answer(play, None)


def done(play: Play, value: Json = None) -> None:
    """End a question that collects."""
    step = play.step()
    if step is None:
        return
    if play.ctx.pages and step.group:  # pressed without what is on the page
        take_fields(play, group_of(play.scene(), step.group), {})
        return
    try:
        value = step.parse(_collected(play, step), play.ctx)
    except Reject as why:
        play.reject(step, why)
    else:
        play.accept(step, value)


def _collected(play: Play, step: Step) -> Json:
    """Give what was collected; raises `Reject` if that is nothing."""
    draft = play.state.drafts.get(step.name)
    raw = draft if draft is not None else play.state.answers.get(step.name)
    kept = draft if isinstance(draft, dict) else {}
    if isinstance(step, LongText):
        raw = kept.get("text") or raw
        if not isinstance(raw, str) or not raw:
            raise Reject("voice" if kept.get("voice") else "empty")
    if raw in (None, []):
        raise Reject("required")
    return raw


def _toggle(play: Play, value: Json) -> None:
    """Mark or unmark one of many."""
    name = str(play.state.at)
    draft = play.state.drafts.get(name)
    have = draft if isinstance(draft, list) else play.state.answers.get(name)
    marked = list(have) if isinstance(have, list) else []
    rest = [item for item in marked if item != value]
    play.state.drafts[name] = rest if value in marked else [*marked, value]
    play.calm()


def _open(play: Play, value: Json) -> None:  # noqa: ARG001
    play.state.drafts[str(play.state.at)] = {"open": True}
    play.calm()


def _retry(play: Play, value: Json) -> None:  # noqa: ARG001
    play.state.drafts[str(play.state.at)] = {"text": "", "by": "retry"}
    play.calm()


def _show(play: Play, value: Json) -> None:
    play.say(Phrase(str(value)))


def back(play: Play, value: Json = None) -> None:  # noqa: ARG001
    """Go to the question before; while one answer is changed, to the summary."""
    if play.state.hold:
        stay(play)
    elif play.state.editing:
        play.go_on()
    else:
        scene = play.scene()
        step = scene.step()
        name = last_question(scene) if step is None else before(scene, step)
        play.stand_at(name or play.state.at)


def cancel(play: Play, value: Json = None) -> None:  # noqa: ARG001
    """Ask before anything is deleted."""
    play.state.hold, play.state.held = "cancel", None


def stay(play: Play, value: Json = None) -> None:  # noqa: ARG001
    """Go on where the dialog was."""
    play.state.hold, play.state.held = "", None


def _edit(play: Play, value: Json) -> None:
    if value is None:
        play.state.hold = "edit"
        return
    play.state.editing = True
    play.stand_at(str(value))


def _here(play: Play, value: Json) -> None:
    play.state.seen.append(str(value))


def aside(play: Play, value: Json = None) -> None:  # noqa: ARG001
    """Answer the question that was held, then ask again."""
    play.says.extend(load_all(_held(play, "aside").encode()))
    stay(play)


def _as_is(play: Play, value: Json) -> None:  # noqa: ARG001
    text = _held(play, "text")
    stay(play)
    take_text(play, text)


def _unmask(play: Play, value: Json) -> None:
    """Let the person type once more what was hidden wrongly, where it belongs."""
    play.state.seen.append("unmask")
    play.stand_at(str(value) if value else play.state.at)
    play.say(Phrase("masked.type_again"))


def _held(play: Play, name: str) -> str:
    held = play.state.held
    return str(held.get(name, "")) if isinstance(held, dict) else ""


_ACTS: dict[str, Callable[[Play, Json], None]] = {
    "answer": _answer, "skip": skip, "done": done, "toggle": _toggle, "open": _open,
    "retry": _retry, "show": _show, "back": back, "cancel": cancel, "stay": stay,
    "edit": _edit, "here": _here, "aside": aside, "as_is": _as_is, "unmask": _unmask,
}  # fmt: skip

KNOWN = frozenset(_ACTS) | {"command", "new", "drop", "confirm", "later"}
