"""The dialog engine: pure, no clock, no I/O. State and event in, state and replies out.

A turn works on a copy of the state. Every accepted event raises the turn by one; a press of
another turn is refused kindly and changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.acts import KNOWN, act, stay
from bot.dialogs.attaching import take_files
from bot.dialogs.board import Board, Offer
from bot.dialogs.commands import command_of
from bot.dialogs.events import Answer, Attach, Command, Located, Press, Submit
from bot.dialogs.fields import LongText, Place
from bot.dialogs.form import Reject, wanted
from bot.dialogs.parking import begin, kept, latest, switch, unpark
from bot.dialogs.play import Play, next_open
from bot.dialogs.replies import Option, Phrase, Say
from bot.dialogs.scene import Scene, elsewhere, group_of
from bot.dialogs.state import MENU, Cancelled, Done, Later, Leave, Outcome, State, Turn
from bot.dialogs.taking import hide, keep_words, take_field, take_fields
from bot.dialogs.typed import commanded, typed
from bot.dialogs.view import draw
from knowledge.korean import ordinal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.dialogs.events import Event
    from bot.dialogs.form import AnyForm, Context
    from bot.dialogs.replies import Words

__all__ = [
    "MENU",
    "Cancelled",
    "Done",
    "Later",
    "Leave",
    "Outcome",
    "State",
    "Turn",
    "advance",
    "collide",
    "kept",
    "latest",
    "menu",
    "press_menu",
    "resume",
    "start",
    "switch",
    "unpark",
]


def start(form: AnyForm, ctx: Context, turn: int, subject: str = "") -> Turn:
    """Open a form. `turn` is the last one this peer used; the first question bears `turn` + 1."""
    state = State(form.id, form.version, turn, subject=subject, started=ctx.now.isoformat())
    play = Play(form, state, ctx)
    begin(play)
    return play.turn()


def advance(form: AnyForm, state: State, event: Event, ctx: Context) -> Turn:
    """Take one event. An accepted one raises the turn by one; a stale one changes nothing."""
    play = _play(form, state, ctx)
    if isinstance(event, Press):
        return _press(play, state, event)
    if isinstance(event, Answer):
        return typed(play, state, event.text)
    if isinstance(event, Command):
        return commanded(play, state, event)
    if isinstance(event, Attach):
        return _attach(play, state, event)
    if isinstance(event, Located):
        return _locate(play, event)
    return _submit(play, state, event)


def _play(form: AnyForm, state: State, ctx: Context) -> Play:
    """Set up a turn; a state of an older form stands at a question that still exists."""
    play = Play(form, state.copy(), ctx)
    if state.version != form.version:
        play.state.version = form.version
        play.state.answers = {k: v for k, v in state.answers.items() if form.step(k)}
    step = form.step(state.at) if state.at is not None else None
    if state.at is not None and (step is None or not wanted(step, ctx)):
        play.state.at = next_open(play.scene())
    return play


def _press(play: Play, origin: State, event: Press) -> Turn:
    if event.turn != origin.turn or not 0 <= event.index < len(origin.offered):
        return _stale(play, origin)
    name, value = origin.offered[event.index]
    if name not in KNOWN:
        return _stale(play, origin)
    return act(play, origin, str(name), value)


def _stale(play: Play, origin: State) -> Turn:
    """Refuse a button of another turn and show the question at hand, with the same numbers."""
    scene = Scene(play.form, origin, play.ctx)
    said = Say(Phrase("dialog.stale"))
    if play.state == origin:
        view = draw(scene)
        if scene.board.json() == origin.offered[: len(scene.board.offers)]:
            return Turn(origin, (said, view), None, origin.turn)
    play.says.append(said)
    return play.turn()


def _attach(play: Play, origin: State, event: Attach) -> Turn:
    """Take files to where files are kept; an album is one event."""
    stay(play)
    scene = play.scene()
    step = scene.step()
    if step is not None and elsewhere(scene, step) and play.ctx.personal == "no":
        play.say(Phrase("error.no_files"))
        return play.turn()
    before = len(play.state.answers)
    had = dict(play.state.answers)
    for problem in take_files(play.form, play.state.answers, event.files, play.ctx):
        play.say(problem)
    took = had != play.state.answers or before != len(play.state.answers)
    if event.text and step is not None and not step.closed:
        return typed(play, origin, event.text)
    if event.text:
        keep_words(play, hide(play, event.text))
    if isinstance(step, LongText):
        _begun(play, step, voice=took and any(file.kind == "voice" for file in event.files))
    elif took and (step is None or step.input != "files"):
        play.say(Phrase("dialog.attached"))
    return play.turn()


def _begun(play: Play, step: LongText, *, voice: bool) -> None:
    """Note that something came for a story; a voice alone cannot be read."""
    draft = play.state.drafts.get(step.name)
    kept = draft if isinstance(draft, dict) else {"text": ""}
    play.state.drafts[step.name] = {**kept, "by": "typed", "voice": voice or kept.get("voice")}
    if voice:
        play.say(play.form.reject(step, Reject("voice"), play.ctx.texts))


def _locate(play: Play, event: Located) -> Turn:
    """Take a place on the map to the step that asks for one, now or later."""
    stay(play)
    visible = play.scene().visible
    place = next((step for step in visible if isinstance(step, Place)), None)
    if place is None:
        play.say(Phrase("error.no_place"))
    elif play.state.at == place.name:
        play.accept(place, {"text": "", "lat": event.lat, "lon": event.lon})
    else:
        play.state.answers[place.name] = {"text": "", "lat": event.lat, "lon": event.lon}
        play.say(Phrase("dialog.located"))
    return play.turn()


def _submit(play: Play, origin: State, event: Submit) -> Turn:
    """Take the fields of a page, or the one field that is asked."""
    if event.turn != origin.turn:
        return _stale(play, origin)
    stay(play)
    scene = play.scene()
    step = scene.step()
    if step is None:
        play.say(Phrase("error.press"))
    elif not elsewhere(scene, step):
        if play.ctx.pages and step.group:
            take_fields(play, group_of(scene, step.group), event.answers)
        else:
            take_field(play, step, event.answers)
    return play.turn()


def resume(form: AnyForm, state: State, ctx: Context) -> Turn:
    """Ask again where the person left off, perhaps days later, perhaps elsewhere."""
    play = _play(form, state, ctx)
    stay(play)
    play.calm()
    play.enter()
    play.say(Phrase("dialog.resumed"))
    return play.turn()


def collide(form: AnyForm, state: State, ctx: Context, command: str) -> Turn:
    """Ask [이어서 쓰기] [새로 쓰기] because `command` would start a form over an open one.

    새로 쓰기 comes back as Leave("new", command).
    """
    play = _play(form, state, ctx)
    play.state.hold, play.state.held = "draft", {"command": command}
    return play.turn()


def menu(text: Words, options: Sequence[tuple[Words, str, str]], turn: int) -> Turn:
    """Offer commands outside a form: (label, command, arg). `turn` is the last one used."""
    board = Board()
    shown: tuple[Option, ...] = board.put_all(
        Offer(label, "command", f"{command} {arg}".strip()) for label, command, arg in options
    )
    state = State(MENU, 1, turn + 1, offered=board.json())
    return Turn(state, (Say(text, shown, turn + 1),), None, turn + 1)


def press_menu(state: State, event: Event, ctx: Context) -> Turn:
    """Take an event while a menu is open: Leave(command, arg), or no outcome and no reply.

    Without an outcome the receiver goes on: words are searched for an intent or an answer.
    """
    if isinstance(event, Command):
        return Turn(state, (), Leave(event.name, event.arg), state.turn)
    index = -1
    if isinstance(event, Press):
        index = event.index if event.turn == state.turn else -1
        if not 0 <= index < len(state.offered):
            home = Option(Phrase("dialog.home"), command="start")
            return Turn(state, (Say(Phrase("dialog.stale_menu"), (home,)),), None, state.turn)
    if isinstance(event, Answer):
        command = command_of(event.text, ctx.opens)
        if command is not None:
            return Turn(state, (), Leave(command.name, command.arg), state.turn)
        index = (ordinal(event.text) or 0) - 1
    if not 0 <= index < len(state.offered):
        return Turn(state, (), None, state.turn)
    name, _, arg = str(state.offered[index][1]).partition(" ")
    return Turn(state, (), Leave(name, arg), state.turn)
