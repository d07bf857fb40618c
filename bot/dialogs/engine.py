"""The dialog engine: pure, no clock, no I/O. State and event in, state and replies out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.dialogs.state import MENU, Cancelled, Done, Later, Leave, Outcome, State, Turn

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
    "menu",
    "press_menu",
    "resume",
    "start",
]


def start(form: AnyForm, ctx: Context, turn: int, subject: str = "") -> Turn:
    """Open a form. `turn` is the last one this peer used; the first question bears `turn` + 1."""
    raise NotImplementedError


def advance(form: AnyForm, state: State, event: Event, ctx: Context) -> Turn:
    """Take one event. An accepted one raises the turn by one; a stale one changes nothing."""
    raise NotImplementedError


def resume(form: AnyForm, state: State, ctx: Context) -> Turn:
    """Ask again where the person left off, perhaps days later, perhaps elsewhere."""
    raise NotImplementedError


def collide(form: AnyForm, state: State, ctx: Context, command: str) -> Turn:
    """Ask [이어서 쓰기] [새로 쓰기] because `command` would start a form over an open one.

    새로 쓰기 comes back as Leave("new", command).
    """
    raise NotImplementedError


def menu(text: Words, options: Sequence[tuple[Words, str, str]], turn: int) -> Turn:
    """Offer commands outside a form: (label, command, arg). `turn` is the last one used."""
    raise NotImplementedError


def press_menu(state: State, event: Event, ctx: Context) -> Turn:
    """Take an event while a menu is open: Leave(command, arg), or None for the receiver."""
    raise NotImplementedError
