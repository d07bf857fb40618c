"""[전화 부탁하기] in a chat: a small form that gives a draft back as it was.

A peer has one dialog. The draft that stands open waits inside the small form's own state, so it
is sealed, moved to the agency's page and swept with it, and comes back when the form ends.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from bot.dialogs import engine
from bot.dialogs.call_back import FORM, CallBack
from bot.dialogs.engine import State
from bot.dialogs.events import Command, Press
from bot.receive.doors import HOME
from bot.services import calls

if TYPE_CHECKING:
    from bot.dialogs.engine import Done
    from bot.receive.walk import Choice, Walk

CALL_BACK: Choice = ("button.call_back", "call_back", "")
OUT = frozenset({"stop", "later", "new"})
STAYS = frozenset({"continue", "help", "human", "lang", "cases", "case", "found", "like"})
"""Commands that do not end the small form."""
WAITS = "waits"
"""Where the draft lies meanwhile, among what was begun in the small form."""


def begin(walk: Walk, arg: str = "") -> None:
    """Ask for the number and the time; `arg` is one's own filing that it is about."""
    state = walk.state
    opened = walk.form()
    turn = engine.start(FORM, walk.context(), walk.turn, arg.strip())
    if turn.state is not None and state is not None and opened is not None:
        turn.state.drafts[WAITS] = state.to_json()
    walk.take(turn)


def wants_out(walk: Walk, state: State) -> bool:
    """Tell whether the person leaves the small form: nothing is lost, so nothing is asked."""
    if state.form != FORM.id:
        return False
    event = walk.inbound.event
    if isinstance(event, Press):
        return (
            event.turn == state.turn
            and 0 <= event.index < len(state.offered)
            and state.offered[event.index][0] == "cancel"
        )
    command = event if isinstance(event, Command) else walk.thought.command
    return command is not None and command.name in OUT


def leave(walk: Walk) -> None:
    """End the small form without a call."""
    state = walk.state
    assert state is not None
    walk.turn += 1
    walk.say("call_back.left", *(() if state.drafts.get(WAITS) else (HOME,)))
    put_back(walk, state)
    _go_on(walk)


def finish(walk: Walk, state: State, done: Done) -> None:
    """Keep the request, say until when the call comes, and go on with what was open."""
    put_back(walk, state)
    wanted = cast("CallBack", done.answers)
    due = calls.ask(walk.parts.svc, walk.unit, walk.peer.id, walk.lang, wanted, done.subject)
    walk.forget = walk.state is None
    walk.say("call_back.done", *(() if walk.state else (HOME,)), due=due.isoformat())
    _go_on(walk)


def give_way(walk: Walk, name: str) -> None:
    """Let another command take the place of the small form; the draft comes back under it."""
    state = walk.state
    if state is not None and state.form == FORM.id and name not in STAYS:
        put_back(walk, state)


def put_back(walk: Walk, state: State) -> None:
    """Put the draft that waited where it was; none of its old buttons can be pressed."""
    kept = state.drafts.get(WAITS)
    walk.end()
    if isinstance(kept, dict):
        walk.state = replace(State.from_json(kept), turn=walk.turn, offered=[])


def _go_on(walk: Walk) -> None:
    form, state = walk.form(), walk.state
    if form is not None and state is not None:
        walk.take(engine.resume(form, state, walk.context()))
